package hub

import (
	"sync/atomic"
)

// Metrics are the hub's counters and histograms since it was opened. Fields may be read at any time.
type Metrics struct {
	Submitted, Repeats, ReusedIDs, Refused, TooOld, Skewed, Busy, Parked, Panics atomic.Int64

	SenderBusy atomic.Int64 // turned away since one sender had its share of the queue

	Applied, Unchanged, Superseded, Partly, Waiting, OnlyParked atomic.Int64 // messages by verdict

	Commits, Entries, CommitsFenced, CommitsUnknown, CommitsFull, CommitsInvalid, StoreFailures, LeaseFailures atomic.Int64

	KeyLookups, KeysKnown atomic.Int64 // keys that the filter could not rule out; of these, those that were known

	Pages, PageBytes, CheckpointFailures atomic.Int64
	DirtySince                           atomic.Int64 // nanoseconds since 1970 of the oldest change without a checkpoint; 0: there is none

	WantsReread, WantsSnapshot, WantsFullSync atomic.Int64

	BatchUpdates  Histogram // updates of a batch
	CommitSeconds Histogram // of the store's part
	AckSeconds    Histogram // from hand-in to answer
}

func (m *Metrics) verdict(v string) {
	switch v {
	case VerdictApplied:
		m.Applied.Add(1)
	case VerdictUnchanged:
		m.Unchanged.Add(1)
	case VerdictSuperseded:
		m.Superseded.Add(1)
	case VerdictPartly:
		m.Partly.Add(1)
	case VerdictWaiting:
		m.Waiting.Add(1)
	case VerdictParked:
		m.OnlyParked.Add(1)
	case VerdictRefused:
		m.Refused.Add(1)
	}
}

func (m *Metrics) want(kind string) {
	switch kind {
	case WantReread:
		m.WantsReread.Add(1)
	case WantSnapshot:
		m.WantsSnapshot.Add(1)
	case WantFullSync:
		m.WantsFullSync.Add(1)
	}
}

// Histogram counts observations in buckets whose bounds double, from 1e-5 (10 microseconds, where the unit is seconds) on.
type Histogram struct {
	buckets [histogramBuckets]atomic.Int64
	count   atomic.Int64
	sum     atomic.Int64 // in millionths
}

const (
	histogramBuckets = 32
	histogramFirst   = 1e-5
)

// Observe counts a value.
func (h *Histogram) Observe(v float64) {
	i, bound := 0, histogramFirst
	for i < histogramBuckets-1 && v > bound {
		i, bound = i+1, bound*2
	}
	h.buckets[i].Add(1)
	h.count.Add(1)
	h.sum.Add(int64(v * 1e6))
}

// Read answers the count, the sum, and for each upper bound how many values were not above it.
func (h *Histogram) Read() (count int64, sum float64, below map[float64]uint64) {
	below = make(map[float64]uint64, histogramBuckets)
	total, bound := uint64(0), histogramFirst
	for i := range h.buckets {
		total += uint64(h.buckets[i].Load())
		below[bound] = total
		bound *= 2
	}
	return h.count.Load(), float64(h.sum.Load()) / 1e6, below
}
