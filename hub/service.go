package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// Kinds of objects of the reserved property _hub (S29). Their bodies are the types below.
const (
	KindConnection = "connection"
	KindProfile    = "profile"
	KindMapping    = "mapping" // code: Mapping.Code()
	KindClient     = "client"
	KindReply      = "reply" // a result that waits to be posted
)

// Connection is one authenticated link to one external system; every source cell is owned by one.
type Connection struct {
	ID         string   `json:"id"`
	Name       string   `json:"name,omitempty"`
	Protocol   string   `json:"protocol"`             // json | ota | alpinebits
	Profile    string   `json:"profile,omitempty"`    // name of the profile it is read with; default generic
	Properties []string `json:"properties,omitempty"` // hub codes it may write; empty: all
	Order      string   `json:"order,omitempty"`      // OrderSourceTime (default) ...: what its stamps are made of (S21)
	TimeZone   string   `json:"time_zone,omitempty"`  // of source times without zone (S22); empty: they do not order
	Test       bool     `json:"test,omitempty"`       // takes messages marked as tests
	Unmapped   bool     `json:"unmapped,omitempty"`   // its codes are hub codes: no mapping, no parking
	NoPull     bool     `json:"no_pull,omitempty"`    // may not read the picture over its protocol; default: its own properties
	ReplyTo    []string `json:"reply_to,omitempty"`   // hosts that results of asynchronous exchanges may be posted to (S37); none: answered at once
	ReplyAs    string   `json:"reply_as,omitempty"`   // what such a result is: ReplyResponse (default) or ReplyReport
	PushOnly   bool     `json:"push_only,omitempty"`  // cannot be re-read: it gets the refusal instead of a want (S20, S23)

	Quota   *Quota   `json:"quota,omitempty"`   // of what is sent by its own password; nil: the default
	User    string   `json:"user,omitempty"`    // Basic and WS-Security user name
	Secrets []Secret `json:"secrets,omitempty"` // up to two valid (S37); write-only in the API
}

// What the result of an asynchronous exchange is: the answer that a synchronous one would have had, or a report of it.
const (
	ReplyResponse = "response"
	ReplyReport   = "report"
)

// Reply is a result that waits to be posted: an object of _hub, so that it outlives the node. It is gone once it is posted, or given up.
type Reply struct {
	Connection  string    `json:"connection"`
	Exchange    string    `json:"exchange"` // the sender's id of it
	To          string    `json:"to"`
	ContentType string    `json:"content_type"`
	Body        string    `json:"body"`
	MessageID   string    `json:"message_id,omitempty"` // the message that it answers
	Created     time.Time `json:"created"`
}

// What a connection's stamps are made of (S21).
const (
	OrderSourceTime = "source_time"
	OrderSequence   = "sequence"
	OrderArrival    = "arrival"
)

// Secret is a salted hash of a password or client secret, or ciphertext under a key id.
type Secret struct {
	ID      string    `json:"id"`
	Hash    string    `json:"hash"` // scheme$salt$hash; never a plain secret
	Created time.Time `json:"created,omitzero"`
	Expires time.Time `json:"expires,omitzero"`
}

// Profile is the named, versioned choices of connections for what partners mean differently. Choices is the protocol's own type, as JSON.
type Profile struct {
	Name     string          `json:"name"`
	Version  int64           `json:"version"`
	Protocol string          `json:"protocol"`
	Choices  json.RawMessage `json:"choices"`
}

// Mapping says what a connection's code is in the hub. State: accepted | ignored | proposed. A proposed one maps nothing yet; it keeps what the
// other system says of its code, for whoever decides.
type Mapping struct {
	Connection string `json:"connection"`
	Property   string `json:"property,omitempty"` // hub code; "" for kind property
	Kind       string `json:"kind"`               // property | room_type | rate_plan
	External   string `json:"external"`
	Internal   string `json:"internal,omitempty"`
	State      string `json:"state"`
	Name       string `json:"name,omitempty"`      // the other system's name for it
	Occupancy  int    `json:"occupancy,omitempty"` // guests it takes there at most; 0: not told
}

// Quota is how many updates a client or connection may send: so many a second in the long run, so many at once.
type Quota struct {
	UpdatesPerSecond int `json:"updates_per_second,omitempty"` // 0: the default
	Burst            int `json:"burst,omitempty"`              // 0: in proportion to the default
}

// Client is an API client of the token endpoint. Grants: scopes x properties.
type Client struct {
	ID         string   `json:"id"`
	Name       string   `json:"name,omitempty"`
	Secrets    []Secret `json:"secrets,omitempty"`
	Scopes     []string `json:"scopes"`
	Roles      []string `json:"roles,omitempty"`      // named sets of scopes, added to Scopes
	Properties []string `json:"properties,omitempty"` // empty: all
	Connection string   `json:"connection,omitempty"` // the connection it writes ARI as (S5)
	Issuer     string   `json:"issuer,omitempty"`     // of its tokens, where another than the hub gives them out; it has no secrets then
	Quota      *Quota   `json:"quota,omitempty"`      // nil: the default
	Disabled   bool     `json:"disabled,omitempty"`
}

// Identity is what makes a message a repeat (S19).
type Identity struct {
	ID       string        // promised unique by the source, or the client's Idempotency-Key; "": content and source time decide, if there is a source time
	Strict   bool          // same id with other content is a conflict (Idempotency-Key, adjusts); otherwise it is applied and counted
	Content  store.KeyHash // of the canonical content
	Property string        // filled by Submit
}

// Submission is one update on its way in, with what is to be remembered of it.
type Submission struct {
	Update   ari.Update // Received, Order and MessageID are filled by Submit where zero
	Identity Identity
	Sequence int64            // of the source, for connections that order by it
	Message  *store.Message   // record to keep; ID, Verdict and Revision are filled in; nil: none is kept
	Parked   []ParkedItem     // items of the same message that wait for a mapping: kept in the same transaction; what they share with Update may be left out
	Refused  []*ari.ItemError // items already refused by the decoder, for the record
	Match    *Match           // only if an object is still of this revision; nil: whatever it is
	DryRun   bool             // judge only
}

// Match is If-Match of one object of the submission's property: Version is its revision (Service.Object), 0 for any, -1: must not exist. ErrStale otherwise.
type Match struct {
	Kind, Code string
	Version    int64
}

// ParkedItem is an item of a message that names codes without a mapping (S25).
type ParkedItem struct {
	ID          string    `json:"id"`
	Connection  string    `json:"connection"`
	Property    string    `json:"property,omitempty"` // hub code, if that much is mapped
	Protocol    string    `json:"protocol"`
	MessageID   string    `json:"message_id"`
	Item        int       `json:"item"`
	Missing     []Missing `json:"missing"`
	SourceTime  time.Time `json:"source_time,omitzero"`
	Order       int64     `json:"order"`
	Received    time.Time `json:"received"`
	Raw         []byte    `json:"raw"` // scrubbed message
	ContentType string    `json:"content_type,omitempty"`
}

// Code answers the mapping's code as an object of _hub: made of a hash of connection, kind, property and external code, since those may be
// longer than a code.
func (m *Mapping) Code() string {
	h := sha256.New()
	for _, part := range []string{m.Connection, m.Kind, m.Property, m.External} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return "map_" + hex.EncodeToString(h.Sum(nil)[:16])
}

// Missing is a code without a mapping.
type Missing struct {
	Kind     string `json:"kind"` // property | room_type | rate_plan
	External string `json:"external"`
}

// Verdicts of a whole message, as in Receipt and store.Message.
const (
	VerdictApplied    = "applied"
	VerdictUnchanged  = "unchanged"
	VerdictSuperseded = "superseded"
	VerdictPartly     = "partly"
	VerdictRefused    = "refused"
	VerdictParked     = "parked"
	VerdictWaiting    = "waiting"
	VerdictRepeat     = "repeat"
	VerdictReread     = "reread" // too old to be told from a repeat: nothing was applied, a re-read is wanted (S20)
	VerdictFailed     = "failed" // our error: the message is kept (S27)
)

// Receipt answers a submission, after the commit.
type Receipt struct {
	MessageID string
	Property  string
	Revision  int64          // the property's after it (unchanged if nothing was journalled)
	Position  store.Position // at least this far in the feed
	Verdict   string
	Repeat    bool // judged before: Revision and Items are what was answered then
	Items     []ari.ItemResult
	Entry     *ari.Entry // what changed (dry run: would change); nil if nothing or if a repeat
	Waiting   string     // id of the replace that waits for a person (S18)
	Way       Way
}

// Way tells when a submission was where, for traces: it waited from Arrived to Judged, was judged until Committing, was written until Committed, and is
// folded into the picture when it is answered. Times are zero where it did not come by.
type Way struct {
	Arrived, Judged, Committing, Committed time.Time
}

// Errors of the service. Refusals of an update are *ari.UpdateError.
var (
	ErrUnknownProperty = errors.New("unknown property")
	ErrConflict        = errors.New("same identity, other content")
	ErrTooOld          = errors.New("source time older than what repeats are known for") // S20
	ErrNotReady        = errors.New("picture is not loaded yet")
	ErrClosing         = errors.New("shutting down")
	ErrStale           = errors.New("precondition failed: it was changed since") // If-Match
	ErrNoIdentity      = errors.New("an adjust needs an identity")               // S19
	ErrEpoch           = errors.New("position of another epoch")                 // 410
	ErrInternal        = errors.New("internal error")                            // a panic on a message, or its quarantine (S27)
)

// BusyError: a queue is full (S27). Nothing was applied.
type BusyError struct {
	Property   string // "": the whole hub
	Sender     string // the client or connection that has its share of the hub's queue; "": none
	RetryAfter time.Duration
}

// Error answers one line.
func (e *BusyError) Error() string { return fmt.Sprintf("busy: retry after %s", e.RetryAfter) }

// NotWriterError: this node does not write now; forward to Address ("" if nobody holds the lease yet).
type NotWriterError struct{ Address string }

// Error answers one line.
func (e *NotWriterError) Error() string { return "this node is not the writer" }

// FeedItem is one entry as readers see it.
type FeedItem struct {
	Position store.Position
	Previous int64 // revision of the entry before it that was fed (S42)
	Entry    *ari.Entry
}

// Kinds of wants.
const (
	WantReread   = "reread"
	WantSnapshot = "snapshot"
	WantFullSync = "full_sync"
)

// Want is work recorded for a later part: a re-read, a snapshot, a full sync (S20, S21, S23, S33).
type Want struct {
	ID         string       `json:"id"`
	Kind       string       `json:"kind"` // reread | snapshot | full_sync
	Connection string       `json:"connection,omitempty"`
	Property   string       `json:"property"`
	From       ari.StayDate `json:"from,omitempty"`
	To         ari.StayDate `json:"to,omitempty"`
	Cause      string       `json:"cause"`
	At         time.Time    `json:"at"`
	Count      int          `json:"count"` // times asked for
}

// Waiting is a replace that S18's brake keeps back for a person.
type Waiting struct {
	ID         string    `json:"id"`
	Property   string    `json:"property"`
	Connection string    `json:"connection"`
	MessageID  string    `json:"message_id"`
	At         time.Time `json:"at"`
	Why        string    `json:"why"` // the shares that were exceeded
}

// Status is what health, readiness and metrics show.
type Status struct {
	Ready         bool           `json:"ready"`
	Loading       string         `json:"loading,omitempty"` // progress text while not ready
	Writer        bool           `json:"writer"`
	WriterAddress string         `json:"writer_address,omitempty"`
	Node          string         `json:"node"`
	Position      store.Position `json:"position"`
	Properties    int            `json:"properties"`
	Queue         int            `json:"queue"`
	OutOfService  []string       `json:"out_of_service,omitempty"` // properties with a bad page (S33)
	Store         string         `json:"store"`
}

// Service is what the edges (REST, OTA, CLI) use of a hub. *Hub is the one implementation; every method is safe for concurrent use.
type Service interface {
	// Submit is the one way in (S27, S30): it answers after the commit, and after the change can be read here. s is the hub's from then on,
	// also when the context ends first. Properties are made by
	// an update that puts the object of kind property on a code not known yet.
	// Errors: *ari.UpdateError, ErrUnknownProperty, ErrConflict, ErrTooOld, ErrNoIdentity, *BusyError, *NotWriterError, ErrNotReady, ErrClosing, ErrInternal,
	// or the context's.
	Submit(ctx context.Context, s *Submission) (Receipt, error)
	// Busy answers a *BusyError while a queue is full: the hub's for property "", else the property's too (S27). It is for edges to refuse before
	// they read a body; Submit judges again.
	Busy(property string) error
	// PutObject is Submit for one object of a catalog or of _hub, with If-Match: version is the ETag (Object's revision) or 0 for none; -1: must not exist.
	PutObject(ctx context.Context, who ari.Author, property, kind, code string, body []byte, version int64, dryRun bool) (Receipt, error)
	// Object answers an object and its revision; store.ErrNotFound.
	Object(property, kind, code string) (body []byte, revision int64, err error)
	// ObjectCodes answers the codes of a kind, sorted, after a code, at most limit.
	ObjectCodes(property, kind, after string, limit int) []string

	// Read calls f with the property's picture under its shared lock: f must not keep it. ErrUnknownProperty, ErrNotReady.
	Read(property string, f func(p *ari.Picture) error) error
	// Properties answers the codes of all hotels, sorted (never _hub), after a code, at most limit.
	Properties(after string, limit int) []string
	// Past answers a copy of the picture as it was at a revision (S50 at=), and Revision the last one at or before an instant. store.ErrGone.
	Past(ctx context.Context, property string, revision int64) (*ari.Picture, error)
	RevisionAt(ctx context.Context, property string, at time.Time) (int64, error)
	// AtLeast waits briefly (2 s) until this node has the position; ErrEpoch, context.DeadlineExceeded.
	AtLeast(ctx context.Context, at store.Position) error
	Position() store.Position
	// LastHeard answers when the property's sources last told anything, per connection: back to where the owners
	// of rates and counts were heard, or anybody. The map is not the caller's to change.
	LastHeard(property string) map[string]time.Time

	// Feed answers fed entries after a position, of one property if not "", at most limit; with wait > 0 it waits that long for the first. next is where
	// to go on (it moves over skipped entries too). ErrEpoch, store.ErrGone.
	Feed(ctx context.Context, after store.Position, property string, limit int, wait time.Duration) (items []FeedItem, next store.Position, err error)
	// History answers the entries of a property that f keeps, newest first, revisions < before (0: from the newest), at most limit.
	History(ctx context.Context, property string, before int64, limit int, keep func(*ari.Entry) bool) ([]FeedItem, error)

	// Audit answers entries that q selects, newest first: what people and clients changed, of properties and of _hub (S29). A page may be short, or
	// empty, and have a Next all the same. ErrUnknownProperty, ErrNotReady.
	Audit(ctx context.Context, q AuditQuery) (AuditPage, error)

	Messages(ctx context.Context, f store.MessageFilter) ([]store.Message, error)
	Message(ctx context.Context, id string) (store.Message, error)

	// Connections, profiles, mappings, clients by id: copies, from memory.
	Connection(id string) (Connection, bool)
	Profile(name string) (Profile, bool)
	Client(id string) (Client, bool)
	// MapCode answers the hub's code of a connection's code. state: accepted | ignored | "" (unmapped). Connections with Unmapped answer the code itself.
	MapCode(connection, property, kind, external string) (internal, state string)
	MappingVersion(connection string) int64
	// ExternalCodes answers the connection's codes of a property's objects of a kind, by hub code: the least of several. own: its codes are the
	// hub's, and the map is nil.
	ExternalCodes(connection, property, kind string) (codes map[string]string, own bool)
	// Mappings answers the mappings of a connection that concern a property, those of the property itself included, or all of them for property "": sorted
	// by kind, property and external code.
	Mappings(connection, property string) []Mapping
	// Connections answers all connections by id, without secrets; Serving those that bring a property its data.
	Connections() []Connection
	Serving(property string) []Connection

	Parked(ctx context.Context, connection, property, after string, limit int) ([]ParkedItem, error)
	// Replay submits parked items again that can be mapped now; it answers how many were applied and how many wait on.
	Replay(ctx context.Context, connection string) (replayed, left int, err error)
	// ReplayWhere is Replay of the parked items that a filter selects, or what it would do.
	ReplayWhere(ctx context.Context, f ReplayFilter, dryRun bool) (ReplayResult, error)
	Wants(ctx context.Context, property, after string, limit int) ([]Want, error)
	Waitings(ctx context.Context, property, after string, limit int) ([]Waiting, error)
	// Release commits a waiting replace, Refuse drops it; both as an entry's author. A dry run says what would come of it.
	Release(ctx context.Context, who ari.Author, id, reason string, dryRun bool) (Receipt, error)
	Refuse(ctx context.Context, who ari.Author, id, reason string, dryRun bool) error

	// StartJob keeps a job of a kind with its input, and lets it be done. *BusyError while too many wait.
	StartJob(ctx context.Context, j Job, input []byte) (Job, error)
	// Jobs answers all jobs that are kept, newest first; Job one of them (store.ErrNotFound). JobResults answers blocks of its results by number,
	// of those from a number on at most limit: not every number need be there yet.
	Jobs(ctx context.Context) ([]Job, error)
	Job(ctx context.Context, id string) (Job, error)
	JobResults(ctx context.Context, id string, from, limit int) (map[int][]byte, error)

	Status() Status
	// Key answers secret material of the store by name, made on first use (32 random bytes): tokens, forwarding, cursors (S31, S37).
	Key(ctx context.Context, name string) ([]byte, error)
}

// Decoder reads a protocol's raw message again: parked items are replayed through it once they are mapped (S25). The protocols' edges
// give theirs to Options.Decoders by protocol name.
type Decoder interface {
	// Decode answers the submission of the given items only (nil: all), as it would be made were the message to arrive now, with Received, Order and
	// MessageID of the first arrival.
	Decode(s Service, c Connection, item ParkedItem) (*Submission, error)
}
