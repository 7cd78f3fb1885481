package cli

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// progress shows on a terminal's standard error that long work goes on: first after a second, then ten times a second. Where standard
// error is no terminal it prints nothing.
type progress struct {
	done chan struct{}
	wg   sync.WaitGroup
}

// progressAfter is how long work may take before it is worth a line.
const progressAfter = time.Second

func startProgress(s *Streams, what string, state func() string) *progress {
	p := &progress{done: make(chan struct{})}
	f, ok := s.Err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	start := time.Now()
	p.wg.Go(func() {
		wait := time.NewTimer(progressAfter)
		defer wait.Stop()
		for {
			select {
			case <-p.done:
				if time.Since(start) > progressAfter {
					fmt.Fprint(f, "\r\x1b[K")
				}
				return
			case <-wait.C:
				fmt.Fprintf(f, "\r\x1b[K%s: %s %s", what, time.Since(start).Round(100*time.Millisecond), state())
				wait.Reset(100 * time.Millisecond)
			}
		}
	})
	return p
}

// stop ends it and clears its line.
func (p *progress) stop() {
	close(p.done)
	p.wg.Wait()
}

// stateText is a line of progress that is written by one goroutine and shown by another.
type stateText struct{ p atomic.Pointer[string] }

// Store sets the text.
func (t *stateText) Store(s string) { t.p.Store(&s) }

// Load answers it.
func (t *stateText) Load() string {
	if s := t.p.Load(); s != nil {
		return *s
	}
	return ""
}
