package hub_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/memory"
)

// workerFunc is a worker made of a function.
type workerFunc func(ctx context.Context, s hub.Service, run *hub.JobRun) error

func (f workerFunc) Work(ctx context.Context, s hub.Service, run *hub.JobRun) error {
	return f(ctx, s, run)
}

// ended waits until a job has ended and answers it.
func (r *running) ended(id string) (j hub.Job) {
	r.t.Helper()
	r.until("the job ends", func() bool {
		var err error
		if j, err = r.Job(r.t.Context(), id); err != nil {
			r.t.Fatal(err)
		}
		return !j.Active()
	})
	return j
}

func TestAJobIsDoneOnceWithItsInputAndItsResultsAreKept(t *testing.T) {
	input := bytes.Repeat([]byte("0123456789abcdef"), 300_000) // several rows, compressed or not
	calls := 0
	work := workerFunc(func(ctx context.Context, _ hub.Service, run *hub.JobRun) error {
		calls++
		got, err := run.Input(ctx)
		if err != nil || !bytes.Equal(got, input) {
			t.Errorf("%d bytes of %d, %v", len(got), len(input), err)
		}
		return run.Save(ctx, map[string]int{"done": 3}, map[int][]byte{0: []byte("a"), 2: []byte("c")})
	})
	disk := memory.NewDisk(memory.Options{})
	r := run(t, hub.Options{Store: disk.Open(), Jobs: map[string]hub.Worker{"w": work}})
	j, err := r.StartJob(t.Context(), hub.Job{Kind: "w", By: person}, input)
	if err != nil {
		t.Fatal(err)
	}
	j = r.ended(j.ID)
	if j.State != hub.JobDone || string(j.Progress) != `{"done":3}` || j.Bytes != len(input) || j.By != person || j.Finished.IsZero() {
		t.Errorf("%+v", j)
	}
	blocks, err := r.JobResults(t.Context(), j.ID, 1, 10)
	if err != nil || len(blocks) != 1 || string(blocks[2]) != "c" {
		t.Errorf("%v %v", blocks, err)
	}
	if _, err := r.StartJob(t.Context(), hub.Job{Kind: "x"}, nil); err == nil {
		t.Error("a job of no kind was taken")
	}
	if _, err := r.Job(t.Context(), "job_none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
	r.stop()
	r = run(t, hub.Options{Store: disk.Open(), Jobs: map[string]hub.Worker{"w": work}})
	if again := r.ended(j.ID); again.State != hub.JobDone || calls != 1 {
		t.Errorf("after a restart: %+v, %d calls", again, calls)
	}
}

func TestAWorkerThatFailsOrPanicsFailsItsJobAndTheNextIsDone(t *testing.T) {
	work := workerFunc(func(_ context.Context, _ hub.Service, run *hub.JobRun) error {
		switch string(run.Job.Params) {
		case `"panic"`:
			panic("at the disco")
		case `"fail"`:
			return errors.New("cannot go on")
		}
		return nil
	})
	r := run(t, hub.Options{Store: memory.NewDisk(memory.Options{}).Open(), Jobs: map[string]hub.Worker{"w": work}})
	for _, c := range []struct{ params, state, says string }{{`"panic"`, hub.JobFailed, "internal error"}, {`"fail"`, hub.JobFailed, "cannot go on"}, {`"good"`, hub.JobDone, ""}} {
		j, err := r.StartJob(t.Context(), hub.Job{Kind: "w", Params: []byte(c.params)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if j = r.ended(j.ID); j.State != c.state || j.Error != c.says {
			t.Errorf("%s: %+v", c.params, j)
		}
	}
}

func TestJobsThatWaitAndJobsThatAreKeptAreBounded(t *testing.T) {
	free := make(chan struct{})
	work := workerFunc(func(ctx context.Context, _ hub.Service, run *hub.JobRun) error {
		select {
		case <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
		return run.Save(ctx, nil, map[int][]byte{0: []byte("x")})
	})
	r := run(t, hub.Options{Store: memory.NewDisk(memory.Options{}).Open(), Jobs: map[string]hub.Worker{"w": work}})
	start := func() error {
		_, err := r.StartJob(t.Context(), hub.Job{Kind: "w"}, []byte("x"))
		return err
	}
	n := 0
	for ; start() == nil; n++ {
		if n > 100 {
			t.Fatal("every job was taken")
		}
	}
	var busy *hub.BusyError
	if err := start(); !errors.As(err, &busy) {
		t.Errorf("%v", err)
	}
	close(free)
	for range 250 {
		r.until("there is room", func() bool { return start() == nil })
	}
	jobs, err := r.Jobs(t.Context())
	if err != nil || len(jobs) > 200 {
		t.Errorf("%d jobs are kept, %v", len(jobs), err)
	}
	for i := 1; i < len(jobs); i++ {
		if jobs[i].ID >= jobs[i-1].ID {
			t.Fatal("not newest first")
		}
	}
}
