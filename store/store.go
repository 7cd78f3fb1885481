// Package store is the contract of Ratewire's SQL truth: one transaction per batch of entries with their dedupe keys, object rows and
// message records (S30); a feed without gaps, fenced by its head (S31, S32); checkpoint pages (S33); a lease for the writer. It has no
// opinion on hotels: entries, pages and objects are bytes that package ari makes and reads. storetest is its definition in tests; every
// implementation passes it. The contract asks for nothing that PostgreSQL, SQL Server or SQLite alone can do (no MERGE, no RETURNING, no
// arrays, no notify); docs/decisions/0002-store-contract.md says how each call maps to T-SQL.
//
// Texts (codes, names, ids) are valid UTF-8 without NUL and are compared byte by byte; bodies are any bytes. Where nil deletes (objects, rows)
// or says none (raw copies) an empty one is not nil; a detail or outcome is the same nil or empty. Instants are kept to the microsecond and answered in UTC.
package store

import (
	"context"
	"errors"
	"time"
)

// Errors a caller branches on.
var (
	// ErrFenced: the head is not where the batch started from, the term is another's, or the epoch changed. Nothing was written.
	ErrFenced = errors.New("store: fenced: another writer has committed")
	// ErrUnknown wraps a failure of a commit that may have happened (connection lost while committing). Settle it by reading Head.
	ErrUnknown = errors.New("store: outcome of commit unknown")
	// ErrInvalid: the batch breaks the contract (Batch.Validate), or a revision of it is there already. Nothing was written; the same again
	// fails again.
	ErrInvalid = errors.New("store: invalid batch")
	// ErrFull: no space left. Nothing was written.
	ErrFull = errors.New("store: no space left")
	// ErrNotFound: no such row.
	ErrNotFound = errors.New("store: not found")
	// ErrGone: the row is older than what is kept (410).
	ErrGone = errors.New("store: older than what is kept")
	// ErrLeaseHeld: another node holds the lease.
	ErrLeaseHeld = errors.New("store: lease held by another node")
	// ErrRefused: the database is set up in a way that cannot keep the promises (weaker sync, network share, too new a schema). The text says which.
	ErrRefused = errors.New("store: refused")
)

// Position is a place in the feed: (epoch, number) (S32). Seq counts entries over the whole store from 1, without gaps, in commit order; it
// goes on in a new epoch. Epoch is milliseconds since 1970 of the instant it began, or one above the former if that is more: rising, and
// below 2^53, so that every JSON reader holds it exactly.
type Position struct {
	Epoch uint64 `json:"epoch"`
	Seq   int64  `json:"seq"`
}

// Head is the one row that commits take their range from.
type Head struct {
	Position
	Term     int64 // of the writer: raised by each lease taken
	FirstSeq int64 // oldest entry kept; 1 if none was pruned
}

// KeyHash is a dedupe key: 16 bytes of a hash over (connection, id, property) (S19, S20).
type KeyHash [16]byte

// Key is a dedupe key with the remembered outcome.
type Key struct {
	Day      int32 // bucket: days since 1970-01-01 UTC of receipt; a bucket is dropped whole
	Hash     KeyHash
	Content  KeyHash // hash of the canonical content: same id, other content is a conflict
	Property string
	Revision int64  // the property's revision when it was judged
	Outcome  []byte // the kept answer (has a format number); nil: applied whole at Revision
}

// Entry is one journal row. Body is ari's encoding.
type Entry struct {
	Property  string
	Revision  int64
	Seq       int64 // set by Commit (base+1, base+2 ...); set when read
	At        time.Time
	MessageID string
	StampOnly bool // moves stamps only: readers of the feed skip it
	Body      []byte
}

// Object is a row of a property's catalog or of the hub (property "_hub"): changed in the transaction of its entry (S30).
type Object struct {
	Property string
	Kind     string
	Code     string
	Revision int64
	Body     []byte // nil in a batch: delete
}

// Message is what came in, raw (S25, S50 /v1/messages). Raw is scrubbed of guests and secrets before it gets here (S37).
type Message struct {
	ID         string // sorts by time
	Received   time.Time
	Connection string
	Property   string // "" if unknown
	Protocol   string // "json", "ota" ...
	Kind       string // OTA_HotelAvailNotifRQ, update ...
	Verdict    string // applied, unchanged, superseded, partly, refused, parked, waiting, repeat, failed
	Revision   int64
	Detail     []byte // JSON: items, errors, warnings
	Raw        []byte // may be nil; compressed by the store as it likes
	Source     string // remote address or client id
}

// Row is a row of one of the hub's small work lists: parked items, waiting replaces, wants. Body is the hub's JSON.
type Row struct {
	List       string // "parked" | "waiting" | "want" ...
	ID         string
	Property   string
	Connection string
	At         time.Time
	Body       []byte // nil in a batch: delete
}

// Batch is one transaction.
type Batch struct {
	Base     Position // the head it started from
	Term     int64
	Entries  []Entry
	Keys     []Key
	Objects  []Object
	Messages []Message
	Rows     []Row
}

// Page is a checkpoint of part of a property's picture (S33). Body carries ari's format number and checksum.
type Page struct {
	Property string
	Scope    string // ari.Scope key; "" for the property's head page
	Month    int32
	Revision int64 // committed revision it was copied at
	Body     []byte
}

// Checkpoint says from where a property's replay starts: every page of it is at this revision or above it.
type Checkpoint struct {
	Property string
	Revision int64
	Seq      int64 // a place in the feed at or before revision's successor
}

// WriterLease is the name of the writer's lease: its term is the head's.
const WriterLease = "writer"

// Lease is a named, timed claim of one node; the writer's is named "writer". Time is the database's: act on Left, not on Expires.
type Lease struct {
	Name    string
	Node    string // unique for each start of a process: a second start must not pass for the first
	Address string // where others forward to
	Expires time.Time
	Left    time.Duration // until Expires, by the database's clock when it answered; not above 0 when expired
	Term    int64         // rises with each change of holder
}

// MessageFilter selects messages, newest first.
type MessageFilter struct {
	Connection, Property, Verdict string
	Before                        string // ID; exclusive; "" = newest
	Since                         time.Time
	Limit                         int
}

// Retention says up to when to keep what (S20, S35).
type Retention struct {
	FeedBefore     time.Time // entries older than this go, unless a checkpoint needs them
	MessagesBefore time.Time
	KeysBefore     int32 // day buckets below go
}

// Problem is what Check found.
type Problem struct {
	Property string
	What     string
}

// Store is one database. All methods are safe for concurrent use. Errors other than those above are passing trouble: try again.
type Store interface {
	// Commit writes the batch in one durable transaction, or nothing. The head moves from b.Base by len(b.Entries); b.Term must be the head's.
	// A batch without entries (keys, messages, rows only) checks epoch and term but not Seq. Durable when it returns nil, and only then
	// are the Seqs of b.Entries set. Entries are new, and so are keys (the caller has looked; an engine may refuse one that is there, with
	// ErrInvalid); objects and rows replace what has their name; a message with a known ID
	// replaces it, but keeps its Raw if it brings none.
	// Errors: ErrFenced, ErrUnknown, ErrInvalid, ErrFull.
	Commit(ctx context.Context, b *Batch) error

	Head(ctx context.Context) (Head, error)

	// Feed calls f for entries with Seq > after in order, at most limit, until f answers false. Bodies are valid during the call only.
	// ErrGone if after is below what is kept; f's Entry is valid during the call only, too. f must not call the store.
	Feed(ctx context.Context, after int64, limit int, f func(*Entry) bool) error
	// PropertyFeed is Feed of one property by revision: from > after. ErrGone likewise.
	PropertyFeed(ctx context.Context, property string, after int64, limit int, f func(*Entry) bool) error
	// PropertyFeedBack is the same downwards: revisions < before, newest first.
	PropertyFeedBack(ctx context.Context, property string, before int64, limit int, f func(*Entry) bool) error

	// Keys answers those of the hashes that are known, in no order, filled whole; one known in several buckets is answered for each.
	Keys(ctx context.Context, hashes []KeyHash) ([]Key, error)
	// KeyHashes calls f for every kept key's hash and day, perhaps more than once: the filter is built from it at start.
	KeyHashes(ctx context.Context, f func(day int32, h KeyHash)) error

	// Objects calls f for every object, property by property, or of one property if it is not "".
	Objects(ctx context.Context, property string, f func(*Object) error) error

	// Checkpoints answers every property's.
	Checkpoints(ctx context.Context) ([]Checkpoint, error)
	// Pages calls f for every page of the properties with lo <= property < hi (hi "" = no end), ordered by property; bodies are valid during the call only.
	// It may be called from several goroutines with disjoint ranges.
	Pages(ctx context.Context, lo, hi string, f func(*Page) error) error
	// PutPages writes pages, each only over a lower revision, and then moves the checkpoints, each only upwards, in one transaction. A page with an
	// empty body deletes. A checkpoint moves upwards by revision, at the same revision by place: a property that has not changed need not be
	// replayed from where it last did. What is not lower (or not upwards) is passed over in silence: a later copy is there. Slices should be
	// small (a few hundred pages): on SQLite commits wait meanwhile. Errors: ErrFenced if term is not the head's, ErrFull.
	PutPages(ctx context.Context, term int64, pages []Page, cps []Checkpoint) error

	Messages(ctx context.Context, f MessageFilter) ([]Message, error) // without Raw
	Message(ctx context.Context, id string) (Message, error)          // with Raw; ErrNotFound

	// Rows answers the rows of a list, oldest first, of one property or connection if not "", with ID > after.
	Rows(ctx context.Context, list, property, connection, after string, limit int) ([]Row, error)
	Row(ctx context.Context, list, id string) (Row, error)

	// TakeLease takes or renews a lease for ttl. Taking "writer" from another holder (expired) raises the term, the head's with it: from then on
	// no batch of the former holder commits, however late it comes. A lease that was dropped is taken anew, also by who dropped it.
	// ErrLeaseHeld (with the holder in the answer) if another holds it.
	TakeLease(ctx context.Context, name, node, address string, ttl time.Duration) (Lease, error)
	// DropLease gives it up, if node holds it.
	DropLease(ctx context.Context, name, node string) error
	// Lease answers the last one, expired or not; ErrNotFound if none was taken or it was dropped.
	Lease(ctx context.Context, name string) (Lease, error)

	// Meta is a small table of named bytes: key material, format marks. ErrNotFound. PutMetaIfAbsent answers what is there after it.
	Meta(ctx context.Context, name string) ([]byte, error)
	PutMetaIfAbsent(ctx context.Context, name string, value []byte) ([]byte, error)
	PutMeta(ctx context.Context, name string, value []byte) error

	// RenewEpoch starts a new epoch (after a restore, or when a node finds a head below one it has seen) and answers it.
	RenewEpoch(ctx context.Context) (uint64, error)

	// Prune drops one bounded slice of what is older and answers whether more is left: call it again until not. Entries go from the oldest
	// on, up to the first that is young enough or above its property's checkpoint (S33).
	Prune(ctx context.Context, r Retention) (more bool, err error)

	// Backup writes a consistent copy while commits go on, to a new file (a format of the implementation's that Restore of the same reads);
	// an error if path exists. A failed backup leaves no file.
	Backup(ctx context.Context, path string) error

	// Syncs answers how many durable syncs the engine has made, as far as it tells; ok is false if it does not.
	Syncs(ctx context.Context) (n int64, ok bool)

	// Describe answers a line for humans: engine, version, place (no password).
	Describe() string

	Close() error
}
