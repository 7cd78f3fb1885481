package shop_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/shop"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func TestAgeIsThatOfTheOwnerHeardFromLongestAgo(t *testing.T) {
	heard := map[string]time.Time{"pms": ago(time.Hour), "crs": ago(time.Minute), "other": ago(time.Second)}
	for _, c := range []struct {
		name          string
		heard         map[string]time.Time
		rates, counts string
		want          time.Duration
	}{
		{"nobody ever told anything", nil, "", "", -1},
		{"no owners: whoever was heard last", heard, "", "", time.Second},
		{"one owner", heard, "crs", "crs", time.Minute},
		{"two owners: the older", heard, "crs", "pms", time.Hour},
		{"an owner that was never heard, beside one that was", heard, "crs", "gone", time.Minute},
		{"a source whose clock is ahead", map[string]time.Time{"pms": now.Add(time.Minute)}, "", "", 0},
	} {
		if got := shop.Age(now, c.heard, &ari.Property{RatesOwner: c.rates, CountsOwner: c.counts}); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// house is pictures of empty properties.
type house struct {
	pictures map[string]*ari.Picture
	heard    map[string]time.Time
	broken   string
}

var errNone = errors.New("none")

func (h *house) Read(property string, f func(*ari.Picture) error) error {
	if property == h.broken {
		return errors.New("out of service")
	}
	p := h.pictures[property]
	if p == nil {
		return errNone
	}
	return f(p)
}

func (h *house) LastHeard(string) map[string]time.Time { return h.heard }

func TestEveryPropertyAnswersForItselfInTheOrderAsked(t *testing.T) {
	h := &house{pictures: map[string]*ari.Picture{"A": ari.NewPicture("A"), "B": ari.NewPicture("B"), "SECRET": ari.NewPicture("SECRET")}, broken: "BROKEN",
		heard: map[string]time.Time{"pms": ago(time.Hour)}}
	q := shop.Query{Properties: []string{"B", "SECRET", "NOPE", "BROKEN", "A"}, Stay: ari.Query{Arrival: ari.LocalDate(now, time.UTC), Nights: 1, Rooms: 1, Adults: 1, At: now}, Now: now}
	run := func() (out string) {
		var s shop.Shopper
		err := s.Run(context.Background(), h, &q, func(p string) bool { return p != "SECRET" }, func(err error) bool { return errors.Is(err, errNone) }, func(r *shop.Result) {
			out += fmt.Sprint(r.Property, r.Status, " ")
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got, want := run(), fmt.Sprint("B", shop.Answered, " SECRET", shop.Unknown, " NOPE", shop.Unknown, " BROKEN", shop.Unavailable, " A", shop.Answered, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	q.NotOlderThan = time.Minute
	if got, want := run(), fmt.Sprint("B", shop.Stale, " SECRET", shop.Unknown, " NOPE", shop.Unknown, " BROKEN", shop.Unavailable, " A", shop.Stale, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAmountsAreInThePlansCurrencyElseTheProperties(t *testing.T) {
	p := ari.NewPicture("A")
	p.Catalog().Property.Currency = "EUR"
	for code, currency := range map[string]string{"P1": "", "P2": "USD", "P3": ""} {
		p.Catalog().Plans[code] = &ari.RatePlan{Code: code, Currency: currency}
	}
	h := &house{pictures: map[string]*ari.Picture{"A": p}}
	q := shop.Query{Properties: []string{"A", "A"}, Stay: ari.Query{Nights: 1, Rooms: 1, Adults: 1}, Now: now}
	got := ""
	var s shop.Shopper
	if err := s.Run(context.Background(), h, &q, func(string) bool { return true }, func(error) bool { return false }, func(r *shop.Result) {
		for _, plan := range []string{"P1", "P2", "P3", "P1", "P2", "P3", "P3", "P1"} {
			got += r.Currency(plan)[:1]
		}
	}); err != nil {
		t.Fatal(err)
	}
	if got != "EUEEUEEEEUEEUEEE" {
		t.Error(got)
	}
}

func TestAnEndedRequestAsksNoMoreProperties(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	h := &house{pictures: map[string]*ari.Picture{"A": ari.NewPicture("A")}}
	q := shop.Query{Properties: []string{"A", "A", "A"}, Stay: ari.Query{Nights: 1, Rooms: 1, Adults: 1}, Now: now}
	n := 0
	var s shop.Shopper
	err := s.Run(ctx, h, &q, func(string) bool { return true }, func(error) bool { return false }, func(*shop.Result) { n++; cancel() })
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}
