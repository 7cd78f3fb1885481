package storetest

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/ratewire/ratewire/store"
)

func code(prefix string, n int64) string { return fmt.Sprintf("%s%04d", prefix, n) }

// message answers the n-th message: ids and instants rise with n.
func message(n int) store.Message {
	return store.Message{
		ID: code("msg", int64(n)), Received: t0.Add(time.Duration(n) * time.Second), Connection: []string{"c1", "c2"}[n%2],
		Property: []string{"ams", "ber", ""}[n%3], Protocol: "json", Kind: "update", Verdict: []string{"applied", "refused", "unchanged", "applied"}[n%4],
		Revision: int64(n), Detail: []byte(`{"items":[]}`), Raw: []byte(fmt.Sprintf("raw of %d", n)), Source: "192.0.2.1",
	}
}

// sameMessage compares all but Raw.
func sameMessage(a, b store.Message) bool {
	return a.ID == b.ID && a.Received.Equal(b.Received) && a.Connection == b.Connection && a.Property == b.Property && a.Protocol == b.Protocol &&
		a.Kind == b.Kind && a.Verdict == b.Verdict && a.Revision == b.Revision && bytes.Equal(a.Detail, b.Detail) && a.Source == b.Source
}

func putMessages(e *env, ms ...store.Message) {
	e.Helper()
	b := e.batch()
	b.Messages = ms
	e.must(e.s.Commit(e.ctx(), b))
}

var messageCases = []testCase{
	{"MessagesAreListedNewestFirstByFilter", func(e *env) {
		var all []store.Message
		for n := range 48 {
			all = append(all, message(n))
		}
		putMessages(e, all[:20]...)
		putMessages(e, all[20:]...)
		for _, f := range []store.MessageFilter{
			{}, {Connection: "c1"}, {Property: "ber"}, {Verdict: "applied"}, {Verdict: "refused"}, {Verdict: "refused", Connection: "c2", Property: "ams"},
			{Before: code("msg", 13)}, {Since: t0.Add(40 * time.Second)}, {Since: t0.Add(20 * time.Second), Before: code("msg", 30), Verdict: "unchanged"},
			{Connection: "nobody"},
		} {
			f.Limit = 7
			got, err := e.s.Messages(e.ctx(), f)
			e.must(err)
			want := selected(all, f)
			if !slices.EqualFunc(got, want, sameMessage) {
				e.Errorf("%+v: got %v, want %v", f, got, want)
			}
			for _, m := range got {
				if m.Raw != nil {
					e.Errorf("%+v: a list with raw copies", f)
				}
			}
		}
	}},
	{"AMessageHasItsRawCopy", func(e *env) {
		ms := []store.Message{message(1), message(2), message(3)}
		ms[1].Raw, ms[1].Detail = nil, nil
		ms[2].Raw = []byte{}
		putMessages(e, ms...)
		for _, want := range ms {
			got, err := e.s.Message(e.ctx(), want.ID)
			e.must(err)
			if !sameMessage(got, want) || !sameBytes(got.Raw, want.Raw) {
				e.Errorf("got %+v, want %+v", got, want)
			}
		}
		_, err := e.s.Message(e.ctx(), "unknown")
		e.wants(err, store.ErrNotFound)
	}},
	{"AMessageToldAgainKeepsItsRawCopy", func(e *env) {
		first := message(1)
		first.Verdict = "parked"
		putMessages(e, first)
		again := first
		again.Verdict, again.Revision, again.Detail, again.Raw = "applied", 77, []byte("later"), nil
		putMessages(e, again)
		got, err := e.s.Message(e.ctx(), first.ID)
		e.must(err)
		if again.Raw = first.Raw; !sameMessage(got, again) || !bytes.Equal(got.Raw, first.Raw) {
			e.Errorf("got %+v, want %+v", got, again)
		}
		again.Raw = []byte("another")
		putMessages(e, again)
		got, err = e.s.Message(e.ctx(), first.ID)
		e.must(err)
		if !bytes.Equal(got.Raw, again.Raw) {
			e.Errorf("got raw copy %q", got.Raw)
		}
	}},
}

// selected is the obvious reading of a filter.
func selected(all []store.Message, f store.MessageFilter) (found []store.Message) {
	for _, m := range slices.Backward(all) {
		if (f.Connection == "" || m.Connection == f.Connection) && (f.Property == "" || m.Property == f.Property) &&
			(f.Verdict == "" || m.Verdict == f.Verdict) && (f.Before == "" || m.ID < f.Before) && !m.Received.Before(f.Since) && len(found) < f.Limit {
			found = append(found, m)
		}
	}
	return found
}

var workCases = []testCase{
	{"WorkListsAreKeptByListAndID", func(e *env) {
		var all []store.Row
		for n := range 12 {
			all = append(all, store.Row{List: []string{"parked", "want"}[n%2], ID: code("r", int64(n)), Property: []string{"ams", "ber", "cph"}[n%3],
				Connection: []string{"c1", "c2", "c3", "c4"}[n%4], At: t0.Add(time.Duration(n) * time.Second), Body: []byte{byte(n)}})
		}
		put(e, all...)
		e.wantsRows("parked", "", "", "", 100, all[0], all[2], all[4], all[6], all[8], all[10])
		e.wantsRows("parked", "", "", all[4].ID, 2, all[6], all[8])
		e.wantsRows("want", "ber", "", "", 100, all[1], all[7])
		e.wantsRows("want", "", "c2", "", 100, all[1], all[5], all[9])
		e.wantsRows("want", "ber", "c2", "", 100, all[1])
		e.wantsRows("waiting", "", "", "", 100)
		changed := all[2]
		changed.Body, changed.Connection = []byte("changed"), "c9"
		gone := all[4]
		gone.Body = nil
		put(e, changed, gone, store.Row{List: "parked", ID: "never there"})
		e.wantsRows("parked", "", "", "", 100, all[0], changed, all[6], all[8], all[10])
		got, err := e.s.Row(e.ctx(), "parked", changed.ID)
		e.must(err)
		if !sameRow(got, changed) {
			e.Errorf("got %+v", got)
		}
		for _, miss := range [][2]string{{"parked", gone.ID}, {"want", changed.ID}, {"", ""}} {
			_, err := e.s.Row(e.ctx(), miss[0], miss[1])
			e.wants(err, store.ErrNotFound)
		}
	}},
	{"OneIDMayBeInTwoLists", func(e *env) {
		a, b := store.Row{List: "a", ID: "x", At: t0, Body: []byte("a")}, store.Row{List: "b", ID: "x", At: t0, Body: []byte("b")}
		put(e, a, b)
		e.wantsRows("a", "", "", "", 9, a)
		e.wantsRows("b", "", "", "", 9, b)
	}},
	{"MetaIsKeptByName", func(e *env) {
		_, err := e.s.Meta(e.ctx(), "key")
		e.wants(err, store.ErrNotFound)
		for _, value := range []string{"first", "second"} {
			got, err := e.s.PutMetaIfAbsent(e.ctx(), "key", []byte(value))
			e.must(err)
			if string(got) != "first" {
				e.Errorf("got %q", got)
			}
		}
		for name, body := range hostile {
			e.must(e.s.PutMeta(e.ctx(), "key", body))
			got, err := e.s.Meta(e.ctx(), "key")
			e.must(err)
			if !bytes.Equal(got, body) {
				e.Errorf("%s: got %d bytes", name, len(got))
			}
		}
	}},
}

func put(e *env, rows ...store.Row) {
	e.Helper()
	b := e.batch()
	b.Rows = rows
	e.must(e.s.Commit(e.ctx(), b))
}

func (e *env) wantsRows(list, property, connection, after string, limit int, want ...store.Row) {
	e.Helper()
	got, err := e.s.Rows(e.ctx(), list, property, connection, after, limit)
	e.must(err)
	if !slices.EqualFunc(got, want, sameRow) {
		e.Errorf("%s of %q, %q after %q: got %v, want %v", list, property, connection, after, got, want)
	}
}

func sameRow(a, b store.Row) bool {
	return a.List == b.List && a.ID == b.ID && a.Property == b.Property && a.Connection == b.Connection && a.At.Equal(b.At) && bytes.Equal(a.Body, b.Body)
}
