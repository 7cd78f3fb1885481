package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// rights says how a route checks what a caller's grant covers.
type rights uint8

// The kinds of rights. A property that a grant does not cover is answered as one that does not exist: 404 unknown_property, so that a
// grant does not tell what else is there.
const (
	openToAll  rights = iota // no token: health, documents, the token endpoint itself
	byPath                   // {property} of the path must be granted
	byBody                   // the handler checks the properties that body or query name
	filtered                 // the handler shows what is granted only
	wholeHub                 // concerns the whole hub: the grant must cover all properties
	ownSecrets               // the route authenticates by itself: OTA
)

// route is all there is to say of one route.
type route struct {
	method, path string
	pattern      string // of the mux; default method and path
	op           string // operationId
	tag          string
	summary      string
	doc          string
	scope        string // needed in the token; "" only with openToAll and ownSecrets
	rights       rights
	query        []param
	headers      []param
	body         reflect.Type // nil: none
	bodyTypes    []string     // media types; default application/json
	bodyExample  string       // JSON
	bodyMax      int64        // default bodyMax
	answer       reflect.Type // nil: no body
	answerTypes  []string     // default application/json
	status       int          // of success; default 200
	problems     []string     // codes worth naming in the document
	counts       bool         // the handler charges the caller's quota for each update that it finds
	raw          bool         // the handler reads the query itself
	endless      bool         // no timeout of ours: a stream ends with its body, and what is hot has no use for a timer
	handle       func(*request) error
}

// check finds contradictions in the table.
func (rt *route) check() error {
	open := rt.rights == openToAll || rt.rights == ownSecrets
	if open != (rt.scope == "") && rt.op != "" {
		return errors.New("a scope is needed, or the route is open")
	}
	if rt.rights == byPath && !strings.Contains(rt.path, "{property}") {
		return errors.New("rights by path without {property}")
	}
	if rt.op != "" && scopes[rt.scope] == "" && rt.scope != "" {
		return fmt.Errorf("scope %q is not in the list", rt.scope)
	}
	return nil
}

// writes tells whether the route changes something.
func (rt *route) writes() bool { return rt.method != http.MethodGet && rt.scope != scopeShop }

// scopes are what a token can allow, with what each means. The list is shown in the OpenAPI document.
var scopes = map[string]string{
	scopeARIRead:       "read grid, cells, history and feed",
	scopeARIWrite:      "send updates",
	scopeShop:          "ask what can be sold, and why not",
	scopeConfigRead:    "read properties, room types, rate plans, blocks, connections, profiles, mappings",
	scopeConfigWrite:   "change them",
	scopeMessagesRead:  "list messages and what became of them, parked items, wants, waiting replaces",
	scopeMessagesRaw:   "read the raw body of messages",
	scopeOverlaysWrite: "lay and lift stop-sells, caps and floors; release or refuse waiting replaces",
	scopeHoldsWrite:    "hold rooms for a sale in progress",
	scopeAuditRead:     "read who changed what and why",
	scopeAdmin:         "clients and secrets",
}

// The scopes.
const (
	scopeARIRead       = "ari:read"
	scopeARIWrite      = "ari:write"
	scopeShop          = "shop"
	scopeConfigRead    = "config:read"
	scopeConfigWrite   = "config:write"
	scopeMessagesRead  = "messages:read"
	scopeMessagesRaw   = "messages:raw"
	scopeOverlaysWrite = "overlays:write"
	scopeHoldsWrite    = "holds:write"
	scopeAuditRead     = "audit:read"
	scopeAdmin         = "admin"
)

// kind of a parameter's value.
type kind uint8

// The kinds.
const (
	text kind = iota
	number
	boolean
	date
	instant
	list // comma separated
)

// param is one parameter in query or header.
type param struct {
	name     string
	kind     kind
	doc      string
	required bool
	min, max int64 // of numbers
	enum     []string
}

// Parameters that many routes share.
var (
	pLimit   = param{name: "limit", kind: number, min: 1, max: limitMax, doc: "At most so many items; default 100."}
	pCursor  = param{name: "cursor", doc: "Where to go on: next of the page before. Opaque."}
	pDryRun  = param{name: "dry_run", kind: boolean, doc: "Judge only: the same answer and the list of changes, and nothing is changed."}
	pChanges = param{name: "changes", kind: boolean, doc: "List the changes in the answer; always with dry_run."}
	pAtLeast = param{name: "at_least", doc: "Position the answer must include: a write's, to read one's own writes on any node. Waits up to 2 s."}
	pAt      = param{name: "at", doc: "The past: a revision, or an instant (RFC 3339). Within what is kept."}
	pReason  = param{name: "reason", doc: "Why, for history and audit."}

	hIfMatch = param{name: "If-Match", doc: "Change only if the object's ETag is still this."}
	hIfNone  = param{name: "If-None-Match", doc: `"*": only if there is none yet.`}
)

// Bounds of lists: a page fits a screen or a few, and never the memory of a small client.
const (
	limitMax     = 1000
	limitDefault = 100
)

// Bounds of bodies: the largest sensible message of each kind.
const (
	bodyMax       = 4 << 20  // a year of a large hotel in one update
	bodyMaxBatch  = 16 << 20 // and OTA messages
	requestWithin = 30 * time.Second
)

// table answers every route of the API.
func (a *api) table() []*route {
	var out []*route
	for _, part := range [][]*route{
		a.updateRoutes(), a.shopRoutes(), a.catalogRoutes(), a.hubRoutes(), a.pictureRoutes(), a.feedRoutes(), a.auditRoutes(), a.overlayRoutes(), a.holdRoutes(),
		a.messageRoutes(), a.workRoutes(), a.stageRoutes(), a.importRoutes(), a.mappingWorkRoutes(), a.openRoutes(), a.ota.routes(), a.alpine.routes(),
	} {
		out = append(out, part...)
	}
	return out
}
