package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// binary is the real program, built once for all tests of this package.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "ratewire-kill-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "ratewire")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// startMax bounds how long a node may take to be ready, or to notice that it is the writer now; on a busy machine.
const startMax = 60 * time.Second

// process is a running `ratewire serve`.
type process struct {
	t       *testing.T
	args    []string
	address string // host:port
	log     string // file
	cmd     *exec.Cmd
	exited  chan struct{}
}

// serve answers a node that is not started yet: its port stays the same over restarts.
func serve(t *testing.T, store, name string) *process {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	p := &process{t: t, address: address, log: filepath.Join(t.TempDir(), name+".log"),
		args: []string{"serve", "--store", store, "--listen", address, "--node", name, "--address", "http://" + address, "--lease", "2s"}}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			b, _ := os.ReadFile(p.log)
			t.Logf("log of %s:\n%s", name, tail(b, 8000))
		}
	})
	return p
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

// start starts the node. It does not wait until it is ready.
func (p *process) start() {
	p.t.Helper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.Command(binary, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd, exited := p.cmd, make(chan struct{})
	p.exited = exited
	go func() { cmd.Wait(); close(exited) }()
}

// ready waits until the node says it is.
func (p *process) ready() {
	p.t.Helper()
	eventually(p.t, p.address+" is ready", func() bool {
		select {
		case <-p.exited:
			p.t.Fatalf("%s ended before it was ready", p.address)
		default:
		}
		resp, err := http.Get("http://" + p.address + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// kill ends it as a power cut would.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	p.cmd.Process.Signal(syscall.SIGCONT)
	p.cmd.Process.Kill()
	<-p.exited
	p.cmd = nil
}

// signal sends a signal.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// terminate stops it gracefully and answers its exit code.
func (p *process) terminate() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(startMax):
		p.t.Fatal("did not stop on SIGTERM")
	}
	code := p.cmd.ProcessState.ExitCode()
	p.cmd = nil
	return code
}

// eventually asks until the answer is yes, for at most startMax.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	deadline := time.Now().Add(startMax)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain: %s", startMax, what)
		}
		<-tick.C
	}
}

// run runs a command of the program and answers what it printed; it fails the test if the exit code is not 0.
func run(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startMax)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ratewire %s: %v\n%s%s", strings.Join(args, " "), err, out, errs.Bytes())
	}
	return string(out)
}

// fleet is clients that write through any of the nodes and never give up an update before it is acknowledged.
type fleet struct {
	t       *testing.T
	token   string
	nodes   []*process
	client  *http.Client
	acked   sync.Map // reason -> revision answered
	count   atomic.Int64
	repeats atomic.Int64
}

// callMax is when a client gives a node up: one that is paused answers nothing.
const callMax = time.Second

func newFleet(t *testing.T, store string, nodes ...*process) *fleet {
	return &fleet{t: t, token: strings.TrimSpace(run(t, "token", "--store", store)), nodes: nodes,
		client: &http.Client{Timeout: callMax, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
}

// call sends one request to a node and answers status and body; 0 if there was no answer.
func (f *fleet) call(n *process, method, path, body string) (int, []byte) {
	req, err := http.NewRequest(method, "http://"+n.address+path, strings.NewReader(body))
	if err != nil {
		f.t.Error(err)
		return 0, nil
	}
	req.Header.Set("Authorization", "Bearer "+f.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := f.client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, b
}

// must sends a request until it is answered with success.
func (f *fleet) must(method, path, body string) {
	f.t.Helper()
	eventually(f.t, method+" "+path, func() bool {
		for _, n := range f.nodes {
			status, b := f.call(n, method, path, body)
			switch {
			case status >= 200 && status < 300:
				return true
			case status >= 400 && status < 500 && status != http.StatusTooManyRequests:
				f.t.Fatalf("%s %s: %d %s", method, path, status, b)
			}
		}
		return false
	})
}

// Each hotel of the test has one room type, whose count on nights a writer adds to: an adjust that is lost, applied twice or applied to a part of its
// nights shows in the sum.
const (
	nights    = 7
	startWith = 1000
)

// span answers the nights that are written, a month ahead, so that a day that rolls while the test runs does not matter.
func span() (from, to string) {
	d := time.Now().UTC().AddDate(0, 1, 0)
	return d.Format(time.DateOnly), d.AddDate(0, 0, nights-1).Format(time.DateOnly)
}

func (f *fleet) hotel(code string) {
	f.t.Helper()
	f.must("PUT", "/v1/properties/"+code, `{"code":"`+code+`","time_zone":"UTC","currency":"EUR"}`)
	f.must("PUT", "/v1/properties/"+code+"/room-types/R", `{"code":"R"}`)
	from, to := span()
	f.must("POST", "/v1/updates", fmt.Sprintf(`{"property":%q,"reason":"start","items":[{"room_type":"R","from":%q,"to":%q,"set":{"inventory":{"net":%d}}}]}`, code, from, to, startWith))
}

// write sends updates 0, 1, 2 ... of one writer until stop is closed, each until it is acknowledged.
func (f *fleet) write(writer int, property string, stop <-chan struct{}) {
	from, to := span()
	at := writer // the node it talks to, until that one fails
	for n := 0; ; n++ {
		id := fmt.Sprintf("w%d-%d", writer, n)
		body := fmt.Sprintf(`{"property":%q,"id":%q,"reason":%q,"items":[{"room_type":"R","from":%q,"to":%q,"adjust":{"inventory":{"net":1}}}]}`, property, id, id, from, to)
		if !f.acknowledge(id, body, &at) {
			return
		}
		select {
		case <-stop:
			return
		default:
		}
	}
}

// acknowledge sends one update, to the node it talks to and then the next, until it is acknowledged. It answers false when the test has failed.
func (f *fleet) acknowledge(id, body string, at *int) bool {
	deadline := time.Now().Add(startMax)
	for ; time.Now().Before(deadline); *at++ {
		status, b := f.call(f.nodes[*at%len(f.nodes)], "POST", "/v1/updates", body)
		switch {
		case status == http.StatusOK:
			var r struct {
				Revision int64 `json:"revision"`
				Repeat   bool  `json:"repeat"`
			}
			if err := json.Unmarshal(b, &r); err != nil || r.Revision == 0 {
				f.t.Errorf("%s: answer %s (%v)", id, b, err)
				return false
			}
			f.acked.Store(id, r.Revision)
			f.count.Add(1)
			if r.Repeat {
				f.repeats.Add(1)
			}
			return true
		case status == 0, status == http.StatusTooManyRequests, status >= 500:
			time.Sleep(2 * time.Millisecond) // the node is gone or busy: be no storm
		default:
			f.t.Errorf("%s: %d %s", id, status, b)
			return false
		}
	}
	f.t.Errorf("%s: not acknowledged within %s", id, startMax)
	return false
}
