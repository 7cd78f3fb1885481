package httpapi

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/ratewire/ratewire/protocol/canonical"
)

// batchJSON is several updates.
type batchJSON struct {
	Updates []canonical.Update `json:"updates" minItems:"1" maxItems:"1000"`
}

// batchAnswerJSON answers them, in their order.
type batchAnswerJSON struct {
	Results  []lineJSON `json:"results"`
	Position string     `json:"position" doc:"The feed includes every one from here on."`
}

// lineJSON is what became of one update of several.
type lineJSON struct {
	Index   int          `json:"index"`
	Receipt *receiptJSON `json:"receipt,omitempty"`
	Problem *Problem     `json:"problem,omitempty"`
}

// Bounds of batch and stream: updates under way at a time are what fills a group commit and no more than a fair share of the queue (S27).
const (
	batchUpdatesMax = 1000
	batchWidth      = 64
	streamWidth     = 64
	streamLineMax   = bodyMax
)

func (r *request) sendBatch() error {
	key, err := r.idempotencyKey()
	if err != nil {
		return err
	}
	if err := r.api.s.Busy(""); err != nil {
		return err
	}
	if err := r.wantType("application/json"); err != nil {
		return err
	}
	if err := r.charge(0); err != nil {
		return err // still making good what it took: before the body is read
	}
	body, err := r.readBody()
	if err != nil {
		return err
	}
	updates, err := canonical.Members(body, "updates", batchUpdatesMax)
	if err != nil {
		return err
	}
	if err := r.charge(len(updates)); err != nil {
		return err
	}
	outs := make([]*outcome, len(updates))
	r.inOrder(len(outs), func(i int) {
		o := &outcome{r: r, dryRun: r.flag("dry_run"), changes: r.flag("changes")}
		o.guard(func() { o.submit(updates[i], "/updates/"+strconv.Itoa(i), indexedKey(key, i), true) })
		outs[i] = o
	}, func(i int) string { return canonical.PropertyOf(updates[i]) })
	b := []byte(`{"results":[`)
	last := r.api.s.Position()
	for i, o := range outs {
		if o.notWriter != nil {
			return o.notWriter // all of them: none was applied here
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = o.appendLine(b, i)
	}
	b = append(append(append(b, `],"position":"`...), position(last)...), '"', '}', '\n')
	return r.bytes(http.StatusOK, b)
}

// indexedKey answers the identity of one of several updates: the request's key and its index (S19).
func indexedKey(key string, i int) string {
	if key == "" {
		return ""
	}
	return key + "#" + strconv.Itoa(i)
}

// appendLine writes one of several outcomes.
func (o *outcome) appendLine(b []byte, i int) []byte {
	b = strconv.AppendInt(append(b, `{"index":`...), int64(i), 10)
	if o.problem != nil {
		b = append(b, `,"problem":`...)
	} else {
		b = append(b, `,"receipt":`...)
	}
	return append(o.append(b), '}')
}

// inOrder runs f for 0..n-1, several at a time, those of one key one after the other in their order.
func (r *request) inOrder(n int, f func(i int), key func(i int) string) {
	lanes := map[string][]int{}
	var order []string
	for i := range n {
		k := key(i)
		if lanes[k] == nil {
			order = append(order, k)
		}
		lanes[k] = append(lanes[k], i)
	}
	work := make(chan []int)
	var wg sync.WaitGroup
	for range min(batchWidth, len(order)) {
		wg.Go(func() {
			for lane := range work {
				for _, i := range lane {
					f(i)
				}
			}
		})
	}
	for _, k := range order {
		work <- lanes[k]
	}
	close(work)
	wg.Wait()
}

// streamUpdates reads a line, submits it, and writes its line of the answer, with up to streamWidth under way. Lines of one property are
// submitted one after the other.
func (r *request) streamUpdates() error {
	if err := r.wantType(ndjson); err != nil {
		return err
	}
	key, err := r.idempotencyKey()
	if err != nil {
		return err
	}
	if n := r.api.notWriter(); n != nil && !r.who.forwarded {
		return r.api.forwardStream(r, n.Address)
	}
	ctl := http.NewResponseController(r.w)
	_ = ctl.EnableFullDuplex()           // HTTP/1: answer while reading; HTTP/2 does anyway
	_ = ctl.SetReadDeadline(time.Time{}) // the stream lasts as long as its sender wants
	r.w.Header().Set("Content-Type", ndjson)
	r.w.WriteHeader(http.StatusOK)
	s := &stream{r: r, key: key, done: make(chan chan *outcome, streamWidth), busy: map[string]chan struct{}{}}
	var wg sync.WaitGroup
	wg.Go(func() { s.write(ctl) })
	s.read()
	close(s.done)
	wg.Wait()
	return nil
}

// stream is an NDJSON stream under way.
type stream struct {
	r    *request
	key  string
	done chan chan *outcome // one for each line, in order

	mu   sync.Mutex
	busy map[string]chan struct{} // by property: closed when its last line so far is done
}

// read submits every line until the end of the body.
func (s *stream) read() {
	var wg sync.WaitGroup
	defer wg.Wait()
	in := bufio.NewReaderSize(s.r.Body, 64<<10)
	for i := 0; ; {
		line, err := readLine(in)
		if len(bytes.TrimSpace(line)) > 0 && (err == nil || err == io.EOF) {
			out := make(chan *outcome, 1)
			s.done <- out // waits while streamWidth lines are under way
			if s.r.chargeSlowly(1) != nil {
				out <- &outcome{r: s.r, problem: problem("timeout", "")}
				return
			}
			s.start(&wg, i, line, out)
			i++
		}
		switch err {
		case nil:
			continue
		case io.EOF:
		default:
			out := make(chan *outcome, 1)
			out <- &outcome{r: s.r, problem: problemOf(err)}
			s.done <- out
		}
		return
	}
}

// start submits a line after those of the same property before it.
func (s *stream) start(wg *sync.WaitGroup, i int, line []byte, out chan *outcome) {
	property := canonical.PropertyOf(line)
	mine := make(chan struct{})
	s.mu.Lock()
	before := s.busy[property]
	s.busy[property] = mine
	s.mu.Unlock()
	wg.Go(func() {
		defer s.end(property, mine)
		if before != nil {
			<-before
		}
		o := &outcome{r: s.r, dryRun: s.r.flag("dry_run")}
		o.guard(func() { o.submit(line, "", indexedKey(s.key, i), true) })
		out <- o
	})
}

func (s *stream) end(property string, mine chan struct{}) {
	close(mine)
	s.mu.Lock()
	if s.busy[property] == mine {
		delete(s.busy, property)
	}
	s.mu.Unlock()
}

// readLine reads to the end of a line, which is bounded.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > streamLineMax {
			return nil, tooLarge(streamLineMax)
		}
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

// write answers the lines in order.
func (s *stream) write(ctl *http.ResponseController) {
	var b []byte
	i := 0
	for out := range s.done {
		o := <-out
		if o.notWriter != nil {
			o.problem = problemOf(o.notWriter)
		}
		b = append(o.appendLine(b[:0], i), '\n')
		i++
		if _, err := s.r.w.Write(b); err != nil {
			continue // the reader is gone; what is under way is still committed
		}
		if len(s.done) == 0 {
			_ = ctl.Flush()
		}
	}
}
