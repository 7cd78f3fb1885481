package hub

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// Names of the lists that jobs are kept in. Rows of input and results have the job's id in the column of the connection.
const (
	listJob       = "job"
	listJobInput  = "job_input"
	listJobResult = "job_result"
)

// Bounds of jobs.
const (
	JobInputMax    = 64 << 20 // bytes of a job's input: 3,000 hotels with all they have are a tenth of it
	jobPart        = 1 << 20  // bytes of one row of compressed input: well within what one statement of a database takes
	jobsKept       = 200      // jobs whose results are kept; the oldest that has ended goes first
	jobsActive     = 16       // jobs that wait or run: one runs at a time
	jobErrorMax    = 512      // bytes of why a job failed
	jobIDPartWidth = 8        // digits of a part's number, so that ids sort
)

// States of a job.
const (
	JobQueued  = "queued"
	JobRunning = "running"
	JobDone    = "done"
	JobFailed  = "failed" // it could not go on: Error says why. What it had done is done
)

// Job is long work that somebody asked for. It is durable: whichever node writes does it, and goes on with it after a restart.
type Job struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind"` // key of Options.Jobs
	State     string          `json:"state"`
	By        ari.Author      `json:"by"`
	RequestID string          `json:"request_id,omitempty"`
	Created   time.Time       `json:"created"`
	Started   time.Time       `json:"started,omitzero"`
	Finished  time.Time       `json:"finished,omitzero"`
	Bytes     int             `json:"bytes"`              // of its input
	Params    json.RawMessage `json:"params,omitempty"`   // the kind's own
	Progress  json.RawMessage `json:"progress,omitempty"` // likewise
	Error     string          `json:"error,omitempty"`
}

// Active tells whether the job waits or runs.
func (j *Job) Active() bool { return j.State == JobQueued || j.State == JobRunning }

// Worker does the jobs of one kind. Work is called again with the same job after a restart or a change of the writer: it looks at what is
// saved, and goes on from there. It answers nil when the job is done.
type Worker interface {
	Work(ctx context.Context, s Service, run *JobRun) error
}

// StartJob keeps a job and lets it be done: see Service.
func (h *Hub) StartJob(ctx context.Context, j Job, input []byte) (Job, error) {
	if h.opt.Jobs[j.Kind] == nil {
		return j, fmt.Errorf("hub: no worker for jobs of kind %q", j.Kind)
	}
	if len(input) > JobInputMax {
		return j, fmt.Errorf("hub: input of %d bytes, at most %d", len(input), JobInputMax)
	}
	old, err := h.Jobs(ctx)
	if err != nil {
		return j, err
	}
	active := 0
	for i := range old {
		if old[i].Active() {
			active++
		}
	}
	if active >= jobsActive {
		return j, &BusyError{RetryAfter: 10 * time.Second}
	}
	now := h.opt.Clock.Now().UTC()
	j.ID, j.State, j.Created, j.Bytes = h.ids.next("job_", now), JobQueued, now, len(input)
	rows, err := inputRows(&j, input)
	if err != nil {
		return j, err
	}
	row, err := j.row()
	if err != nil {
		return j, err
	}
	rows = append(rows, row)
	if gone := len(old) + 1 - jobsKept; gone > 0 {
		drop, err := h.dropJobs(ctx, old, gone)
		if err != nil {
			return j, err
		}
		rows = append(rows, drop...)
	}
	if err := h.writeRows(ctx, rows); err != nil {
		return j, err
	}
	h.ringJobs()
	return j, nil
}

func (j *Job) row() (store.Row, error) {
	body, err := json.Marshal(j)
	return store.Row{List: listJob, ID: j.ID, At: j.Created, Body: body}, err
}

func partID(job string, n int) string { return fmt.Sprintf("%s.%0*d", job, jobIDPartWidth, n) }

// inputRows cuts a job's compressed input into rows.
func inputRows(j *Job, input []byte) (rows []store.Row, err error) {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err = z.Write(input); err == nil {
		err = z.Close()
	}
	for n := 0; buf.Len() > 0; n++ {
		rows = append(rows, store.Row{List: listJobInput, ID: partID(j.ID, n), Connection: j.ID, At: j.Created, Body: bytes.Clone(buf.Next(jobPart))})
	}
	return rows, err
}

// dropJobs answers deletions of the oldest n jobs that have ended, with what belongs to them. jobs are newest first.
func (h *Hub) dropJobs(ctx context.Context, jobs []Job, n int) (rows []store.Row, err error) {
	for i := len(jobs) - 1; i >= 0 && n > 0; i-- {
		if jobs[i].Active() {
			continue
		}
		n--
		for _, list := range []string{listJobInput, listJobResult} {
			parts, err := h.parts(ctx, list, jobs[i].ID)
			if err != nil {
				return nil, err
			}
			rows = append(rows, gone(parts)...)
		}
		rows = append(rows, store.Row{List: listJob, ID: jobs[i].ID, At: jobs[i].Created})
	}
	return rows, nil
}

// gone answers deletions of rows.
func gone(rows []store.Row) []store.Row {
	for i := range rows {
		rows[i].Body = nil
	}
	return rows
}

// parts answers all rows of a job in a list, in order.
func (h *Hub) parts(ctx context.Context, list, job string) (all []store.Row, err error) {
	for after := ""; ; {
		rows, err := h.st.Rows(ctx, list, "", job, after, listPage)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) < listPage {
			return all, nil
		}
		after = rows[len(rows)-1].ID
	}
}

// Jobs answers the jobs that are kept, newest first: see Service.
func (h *Hub) Jobs(ctx context.Context) (all []Job, err error) {
	for after := ""; ; {
		rows, err := h.st.Rows(ctx, listJob, "", "", after, listPage)
		if err != nil {
			return nil, err
		}
		jobs, err := decodeRows[Job](rows)
		if err != nil {
			return nil, err
		}
		all = append(all, jobs...)
		if len(rows) < listPage {
			slices.Reverse(all)
			return all, nil
		}
		after = rows[len(rows)-1].ID
	}
}

// Job answers a job: see Service.
func (h *Hub) Job(ctx context.Context, id string) (j Job, err error) {
	row, err := h.st.Row(ctx, listJob, id)
	if err != nil {
		return j, err
	}
	return j, json.Unmarshal(row.Body, &j)
}

// JobResults answers blocks of a job's results by their numbers: see Service.
func (h *Hub) JobResults(ctx context.Context, id string, from, limit int) (map[int][]byte, error) {
	after := ""
	if from > 0 {
		after = partID(id, from-1)
	}
	rows, err := h.st.Rows(ctx, listJobResult, "", id, after, min(limit, listPage))
	if err != nil {
		return nil, err
	}
	return blocksOf(id, rows)
}

func blocksOf(id string, rows []store.Row) (map[int][]byte, error) {
	blocks := make(map[int][]byte, len(rows))
	for i := range rows {
		n, err := strconv.Atoi(rows[i].ID[min(len(rows[i].ID), len(id)+1):])
		if err != nil {
			return nil, fmt.Errorf("row %s of list %s: %w", rows[i].ID, rows[i].List, err)
		}
		blocks[n] = rows[i].Body
	}
	return blocks, nil
}

// JobRun is a job in the hands of its worker.
type JobRun struct {
	Job Job
	h   *Hub
}

// Input answers the job's input.
func (r *JobRun) Input(ctx context.Context) ([]byte, error) {
	rows, err := r.h.parts(ctx, listJobInput, r.Job.ID)
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	for i := range rows {
		all.Write(rows[i].Body)
	}
	z, err := gzip.NewReader(&all)
	if err != nil {
		return nil, fmt.Errorf("input of %s: %w", r.Job.ID, err)
	}
	return io.ReadAll(io.LimitReader(z, JobInputMax+1))
}

// Results answers all blocks of results saved so far, by their numbers.
func (r *JobRun) Results(ctx context.Context) (map[int][]byte, error) {
	rows, err := r.h.parts(ctx, listJobResult, r.Job.ID)
	if err != nil {
		return nil, err
	}
	return blocksOf(r.Job.ID, rows)
}

// Save keeps how far the job is, and the blocks of results given, in one transaction.
func (r *JobRun) Save(ctx context.Context, progress any, blocks map[int][]byte) (err error) {
	if r.Job.Progress, err = json.Marshal(progress); err != nil {
		return err
	}
	rows := make([]store.Row, 0, len(blocks)+1)
	for n, body := range blocks {
		rows = append(rows, store.Row{List: listJobResult, ID: partID(r.Job.ID, n), Connection: r.Job.ID, At: r.Job.Created, Body: nonNil(body)})
	}
	slices.SortFunc(rows, func(a, b store.Row) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return r.write(ctx, rows)
}

// write keeps the job's own row, with others.
func (r *JobRun) write(ctx context.Context, rows []store.Row) error {
	row, err := r.Job.row()
	if err != nil {
		return err
	}
	return r.patient(ctx, func() error { return r.h.writeRows(ctx, append(rows, row)) })
}

// patient calls f again as long as the hub is busy: a job waits where a request would be sent away.
func (r *JobRun) patient(ctx context.Context, f func() error) error {
	for {
		var busy *BusyError
		err := f()
		if !errors.As(err, &busy) {
			return err
		}
		t := r.h.opt.Clock.NewTimer(jobBusyWait)
		select {
		case <-t.C():
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}

// jobBusyWait is how long a job waits while queues are full: they drain in less.
const jobBusyWait = 50 * time.Millisecond

// Submit is Service.Submit, patiently: while queues are full it waits.
func (r *JobRun) Submit(ctx context.Context, s func() *Submission) (rc Receipt, err error) {
	err = r.patient(ctx, func() error {
		rc, err = r.h.Submit(ctx, s())
		return err
	})
	return rc, err
}

// end keeps how a job ended, and drops its input.
func (r *JobRun) end(ctx context.Context, failed error) error {
	r.Job.State, r.Job.Finished = JobDone, r.h.opt.Clock.Now().UTC()
	if failed != nil {
		r.Job.State, r.Job.Error = JobFailed, plainText(failed.Error())
		r.Job.Error = r.Job.Error[:min(len(r.Job.Error), jobErrorMax)]
	}
	input, err := r.h.parts(ctx, listJobInput, r.Job.ID)
	if err != nil {
		return err
	}
	return r.write(ctx, gone(input))
}

// ringJobs lets the loop look for jobs.
func (h *Hub) ringJobs() {
	select {
	case h.jobs <- struct{}{}:
	default:
	}
}

// doJobs does jobs, one at a time, while this node writes.
func (l *loop) doJobs() {
	for {
		select {
		case <-l.h.jobs:
		case <-l.ctx.Done():
			return
		}
		for {
			again, err := l.nextJob()
			if err != nil && l.ctx.Err() == nil {
				l.h.opt.Log.Warn("jobs", "error", err)
			}
			if !again {
				break
			}
		}
	}
}

// nextJob does the oldest job that has not ended; it answers whether to look again.
func (l *loop) nextJob() (again bool, err error) {
	if st := l.h.state.Load(); st.role != writer || !st.ready || l.ctx.Err() != nil {
		return false, nil
	}
	jobs, err := l.h.Jobs(l.ctx)
	if err != nil {
		return false, err
	}
	i := len(jobs) - 1
	for i >= 0 && !jobs[i].Active() {
		i--
	}
	if i < 0 {
		return false, nil
	}
	r := &JobRun{Job: jobs[i], h: l.h}
	worker := l.h.opt.Jobs[r.Job.Kind]
	if worker == nil {
		return true, r.end(l.ctx, fmt.Errorf("no worker for jobs of kind %q in this release", r.Job.Kind))
	}
	if r.Job.State == JobQueued {
		r.Job.State, r.Job.Started = JobRunning, l.h.opt.Clock.Now().UTC()
		if err := r.write(l.ctx, nil); err != nil {
			return false, err
		}
	}
	err = l.work(worker, r)
	var other *NotWriterError
	if errors.As(err, &other) || errors.Is(err, ErrClosing) || errors.Is(err, ErrNotReady) || errors.Is(err, context.Canceled) {
		return false, nil // whoever writes next goes on with it
	}
	return true, r.end(l.ctx, err)
}

// work calls the worker. A panic fails the job, not the node.
func (l *loop) work(w Worker, r *JobRun) (err error) {
	defer func() {
		if p := recover(); p != nil {
			l.h.metrics.Panics.Add(1)
			l.h.opt.Log.Error("panic in a job", "job", r.Job.ID, "panic", fmt.Sprint(p))
			err = ErrInternal
		}
	}()
	return w.Work(l.ctx, l.h, r)
}
