package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/ratewire/ratewire/internal/clock"
	"github.com/ratewire/ratewire/store"
)

// Options are what a hub is made of. Store is required; everything else has a default.
type Options struct {
	Store    store.Store
	Clock    clock.Clock        // default: the real one
	Random   io.Reader          // default: crypto/rand; message ids and secret material
	Node     string             // name of this node in the lease; default: random
	Address  string             // where other nodes forward writes to; "" for a single node
	Log      *slog.Logger       // default: discards
	Limits   Limits             // zero fields take DefaultLimits
	Decoders map[string]Decoder // by protocol name: parked items are replayed through them (S25)
	Jobs     map[string]Worker  // by kind of job
}

// Limits bound everything the hub keeps and say how long. Each has a default with its reason in DefaultLimits.
type Limits struct {
	Queue         int // updates that wait, in all (S27)
	QueueProperty int // of one property
	Batch         int // updates of one transaction
	BatchProperty int // of one property in it
	BatchBytes    int // entry bodies and raw messages of one transaction

	Recent      int // outcomes kept in memory beside the store's keys
	FeedItems   int // newest entries kept in memory for readers of the feed
	FeedBytes   int // their size, about
	WantsMax    int // different wants kept (S20, S21)
	WaitingMax  int // replaces that wait for a person
	ParkedItems int // parked with one message

	SourceAhead    time.Duration // a source time further ahead counts as ours (S22)
	KeysKept       time.Duration // S20
	FeedKept       time.Duration // S35
	MessagesKept   time.Duration // S35
	SupersededRow  int           // superseded in a row that ask for a snapshot (S21)
	LeaseTTL       time.Duration
	LeaseRenew     time.Duration
	Poll           time.Duration // a follower's look at the head
	Checkpoint     time.Duration // from a change to its checkpoint, about (S33)
	CheckpointSize int           // bytes of pages of one transaction
	PruneEvery     time.Duration
	AtLeastWait    time.Duration // S50
	StopWait       time.Duration // for the last commits and checkpoints of a graceful stop
}

// DefaultLimits answers the limits of production.
func DefaultLimits() Limits {
	return Limits{
		Queue: 4096, QueueProperty: 256, Batch: 512, BatchProperty: 128, // S27 names them
		BatchBytes: 8 << 20, // a batch of the largest messages still commits within tens of milliseconds

		Recent:    1 << 16, // retries come within seconds: this is a second at full speed, minutes in common use; 10 MB
		FeedItems: 8192, FeedBytes: 32 << 20,
		WantsMax: 10_000, WaitingMax: 10_000, // more than that is an outage, told by alarms
		ParkedItems: 10_000, // records of the largest messages seen

		SourceAhead: 2 * time.Minute, KeysKept: 14 * 24 * time.Hour, FeedKept: 90 * 24 * time.Hour, MessagesKept: 30 * 24 * time.Hour,
		SupersededRow: 20,
		LeaseTTL:      5 * time.Second, LeaseRenew: 1500 * time.Millisecond, // three tries before it runs out
		Poll: 50 * time.Millisecond,
		// A page that changes often is written once in ten seconds; what a start must replay stays below a few seconds' work. A slice is written
		// in about 10 ms: acknowledgements wait no longer for it.
		Checkpoint: 10 * time.Second, CheckpointSize: 256 << 10,
		PruneEvery:  10 * time.Minute,
		AtLeastWait: 2 * time.Second,
		StopWait:    30 * time.Second,
	}
}

// withDefaults fills zero fields in and answers every fault at once.
func (o Options) withDefaults() (Options, error) {
	var errs []error
	if o.Store == nil {
		errs = append(errs, errors.New("store is required"))
	}
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Node == "" {
		b := make([]byte, 8)
		if _, err := io.ReadFull(o.Random, b); err != nil {
			errs = append(errs, fmt.Errorf("random source: %w", err))
		}
		o.Node = fmt.Sprintf("node-%x", b)
	}
	o.Limits.fill(DefaultLimits())
	if o.Limits.BatchProperty > o.Limits.Batch {
		errs = append(errs, errors.New("limits: batch_property is above batch"))
	}
	if o.Limits.LeaseRenew >= o.Limits.LeaseTTL {
		errs = append(errs, errors.New("limits: lease_renew must be below lease_ttl"))
	}
	return o, errors.Join(errs...)
}

// fill takes d's value for each zero field.
func (l *Limits) fill(d Limits) {
	ints := [][2]*int{
		{&l.Queue, &d.Queue}, {&l.QueueProperty, &d.QueueProperty}, {&l.Batch, &d.Batch}, {&l.BatchProperty, &d.BatchProperty},
		{&l.BatchBytes, &d.BatchBytes}, {&l.Recent, &d.Recent}, {&l.FeedItems, &d.FeedItems}, {&l.FeedBytes, &d.FeedBytes},
		{&l.WantsMax, &d.WantsMax}, {&l.WaitingMax, &d.WaitingMax}, {&l.ParkedItems, &d.ParkedItems},
		{&l.SupersededRow, &d.SupersededRow}, {&l.CheckpointSize, &d.CheckpointSize},
	}
	for _, p := range ints {
		if *p[0] == 0 {
			*p[0] = *p[1]
		}
	}
	durations := [][2]*time.Duration{
		{&l.SourceAhead, &d.SourceAhead}, {&l.KeysKept, &d.KeysKept}, {&l.FeedKept, &d.FeedKept}, {&l.MessagesKept, &d.MessagesKept},
		{&l.LeaseTTL, &d.LeaseTTL}, {&l.LeaseRenew, &d.LeaseRenew}, {&l.Poll, &d.Poll}, {&l.Checkpoint, &d.Checkpoint},
		{&l.PruneEvery, &d.PruneEvery}, {&l.AtLeastWait, &d.AtLeastWait}, {&l.StopWait, &d.StopWait},
	}
	for _, p := range durations {
		if *p[0] == 0 {
			*p[0] = *p[1]
		}
	}
}

// storeWait bounds one call of the store: a connection that hangs must not hang the hub.
const storeWait = 30 * time.Second

func storeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), storeWait)
}
