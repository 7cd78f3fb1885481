package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
	"github.com/ratewire/ratewire/store"
)

// feedJSON is a page of the feed.
type feedJSON struct {
	Items []entryJSON `json:"items"`
	Next  *string     `json:"next" doc:"cursor to go on with; of the feed it is always there, also when there are no items."`
}

// waitMax bounds a long poll, in seconds: below the idle timeouts of common proxies.
const waitMax = 20

func (a *api) feedRoutes() []*route {
	wait := param{name: "wait", kind: number, min: 0, max: waitMax, doc: "Seconds to wait for the first item."}
	return []*route{
		{
			method: "GET", path: "/v1/feed", op: "readFeed", tag: "Feed", scope: scopeARIRead, rights: filtered, summary: "The change feed",
			doc: "Every change of the properties that the grant covers, in commit order, each with the revision before it. Without cursor it begins with the oldest entry kept, or with what comes next " +
				"(start=now). A cursor of another epoch, or older than what is kept, is 410: read the present state (grid, cells), then go on from the position that the problem names.",
			query:  []param{pCursor, pLimit, wait, {name: "start", enum: []string{"oldest", "now"}, doc: "Where to begin without cursor; default oldest."}},
			answer: typeOf[feedJSON](), handle: (*request).feed, problems: []string{"gone", "other_epoch"},
		},
		{
			method: "GET", path: "/v1/properties/{property}/feed", op: "readPropertyFeed", tag: "Feed", scope: scopeARIRead, rights: byPath, summary: "The change feed of one property",
			doc:   "Changes with a revision above after, in order. next is the revision to go on with, as after.",
			query: []param{{name: "after", kind: number, min: 0, max: 1 << 53, doc: "Revision; default 0."}, pLimit, wait}, answer: typeOf[feedJSON](),
			handle: (*request).propertyFeed, problems: []string{"gone"},
		},
	}
}

func (r *request) feed() error {
	after := store.Position{Epoch: r.api.s.Position().Epoch}
	switch v := r.str("cursor"); {
	case v != "":
		p, ok := parsePosition(v)
		if !ok {
			return badParam("cursor", "next of the page before, or a position", v)
		}
		after = p
	case r.str("start") == "now":
		after = r.api.s.Position()
	}
	items, next, err := r.api.s.Feed(r.Context(), after, "", r.limit(), time.Duration(r.number("wait"))*time.Second)
	if err != nil {
		return r.wayOn(err, position(r.api.s.Position()))
	}
	items = slices.DeleteFunc(items, func(it hub.FeedItem) bool { return !r.sees(it.Entry.Property) })
	return r.entries(items, position(next))
}

// sees tells whether the caller may see entries of a property; those of the hub itself only who may read all its settings.
func (r *request) sees(property string) bool {
	if property == ari.HubProperty {
		return r.who.whole() && slices.Contains(r.who.scopes, scopeConfigRead) && slices.Contains(r.who.scopes, scopeAdmin)
	}
	return r.who.may(property)
}

// wayOn gives a reader that fell behind the place to go on from.
func (r *request) wayOn(err error, at string) error {
	if errors.Is(err, store.ErrGone) || errors.Is(err, hub.ErrEpoch) {
		p := problemOf(err)
		p.Position = at
		return p
	}
	return err
}

func (r *request) entries(items []hub.FeedItem, next string) error {
	b := []byte(`{"items":[`)
	for i := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendEntry(b, &items[i])
	}
	b = canonical.AppendString(append(b, `],"next":`...), next)
	return r.bytes(http.StatusOK, append(b, "}\n"...))
}

func (r *request) propertyFeed() error {
	if err := r.known(); err != nil {
		return err
	}
	after, limit := r.number("after"), int64(r.limit())
	now := r.api.s.Position()
	items, next, err := r.propertyPage(after, limit)
	if wait := time.Duration(r.number("wait")) * time.Second; err == nil && len(items) == 0 && wait > 0 {
		if _, _, err := r.api.s.Feed(r.Context(), now, r.property(), 1, wait); err != nil {
			return err
		}
		items, next, err = r.propertyPage(after, limit)
	}
	if err != nil {
		return r.wayOn(err, position(now))
	}
	return r.entries(items, strconv.FormatInt(next, 10))
}

// propertyPage answers the entries of revisions after..after+limit, and the revision to go on with. Revisions have no gaps, so that they are
// found from above.
func (r *request) propertyPage(after, limit int64) ([]hub.FeedItem, int64, error) {
	var last int64
	if err := r.api.s.Read(r.property(), func(p *ari.Picture) error { last = p.Revision(); return nil }); err != nil {
		return nil, 0, err
	}
	if after >= last {
		return nil, after, nil
	}
	next := min(after+limit, last)
	items, err := r.api.s.History(r.Context(), r.property(), next+1, int(limit), func(e *ari.Entry) bool { return e.Revision > after && !e.StampOnly() })
	if err != nil {
		return nil, 0, err
	}
	items = slices.DeleteFunc(items, func(it hub.FeedItem) bool { return it.Entry.Revision <= after })
	slices.Reverse(items)
	return items, next, nil
}

// parsePair reads two numbers with a dot between them.
func parsePair(s string) (out [2]int64, ok bool) {
	a, b, cut := strings.Cut(s, ".")
	x, err1 := strconv.ParseInt(a, 10, 64)
	y, err2 := strconv.ParseInt(b, 10, 64)
	return [2]int64{x, y}, cut && err1 == nil && err2 == nil && x >= 0 && y >= 0
}
