// Package shop is the query over many properties' pictures: which properties, who may see them, how fresh they are. What can be sold in one
// property, and for how much, is ari.Picture.Sell alone: there is no rule of hotels here.
package shop

import (
	"context"
	"errors"
	"time"

	"github.com/ratewire/ratewire/ari"
)

// PropertiesMax bounds the properties of one query: a page of search results many times over.
const PropertiesMax = 500

// Pictures is where the pictures are: hub.Service.
type Pictures interface {
	Read(property string, f func(p *ari.Picture) error) error
	LastHeard(property string) map[string]time.Time
}

// Query asks many properties for one stay and one kind of party.
type Query struct {
	Properties   []string
	Stay         ari.Query
	NotOlderThan time.Duration // properties whose data are older answer stale, without offers; 0: any age
	Now          time.Time     // ages are counted from it
}

// Status is how a property answered.
type Status uint8

// The statuses. Unknown is also what a grant does not cover. Unavailable: its picture is not loaded.
const (
	Answered Status = iota
	Stale
	Unknown
	Unavailable
)

// Result is one property's answer. Answer is reused for the next property: a Visit must not keep it.
type Result struct {
	Property string
	Status   Status
	Age      time.Duration // since its sources last told anything; -1: they never did
	Stage    ari.Stage     // of the property; "" if its picture was not read. What is sold does not depend on it
	Answer   *ari.Answer

	money *currencies
}

// Currency answers the currency of a plan's amounts, of an answered property, during the visit.
func (r *Result) Currency(plan string) string { return r.money.of(plan) }

// currencies remembers the currencies of one property's plans: offers name the same ones again for each room type, in the same order.
type currencies struct {
	catalog      *ari.Catalog
	plans, codes []string
	at           int
}

func (c *currencies) reset(catalog *ari.Catalog) {
	c.catalog, c.plans, c.codes, c.at = catalog, c.plans[:0], c.codes[:0], 0
}

func (c *currencies) of(plan string) string {
	for range c.plans {
		if c.at++; c.at >= len(c.plans) {
			c.at = 0
		}
		if c.plans[c.at] == plan {
			return c.codes[c.at]
		}
	}
	code := c.catalog.Property.Currency
	if p := c.catalog.Plans[plan]; p != nil && p.Currency != "" {
		code = p.Currency
	}
	c.plans, c.codes, c.at = append(c.plans, plan), append(c.codes, code), len(c.plans)
	return code
}

// Shopper runs queries. It keeps its buffers from one to the next; it is not safe for concurrent use: take one from a pool.
type Shopper struct {
	answer ari.Answer
	query  ari.Query
	money  currencies
}

// errStale ends the reading of a property that is too old.
var errStale = errors.New("stale")

// Run calls visit for each property in the order asked. may says what the asker's grant covers; unknown tells the errors of Read that mean
// there is no such property.
//
// Errors: the context's, between properties.
func (s *Shopper) Run(ctx context.Context, from Pictures, q *Query, may func(property string) bool, unknown func(error) bool, visit func(*Result)) error {
	s.query = q.Stay
	for _, code := range q.Properties {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := Result{Property: code, Status: Unknown, Age: -1, Answer: &s.answer, money: &s.money}
		s.answer.Offers, s.answer.Revision = s.answer.Offers[:0], 0
		if !may(code) {
			visit(&r)
			continue
		}
		heard := from.LastHeard(code) // before the lock is held: both take it
		err := from.Read(code, func(p *ari.Picture) error {
			catalog := p.Catalog()
			r.Age, r.Stage = Age(q.Now, heard, &catalog.Property), catalog.Property.StageNow()
			s.money.reset(catalog)
			if q.NotOlderThan > 0 && (r.Age < 0 || r.Age > q.NotOlderThan) {
				s.answer.Revision = p.Revision()
				return errStale
			}
			p.Sell(&s.query, &s.answer)
			r.Status = Answered
			visit(&r) // under the property's lock: what is written is of one revision
			return nil
		})
		switch {
		case err == nil:
			continue
		case errors.Is(err, errStale):
			r.Status = Stale
		case !unknown(err):
			r.Status = Unavailable
		}
		visit(&r)
	}
	return nil
}

// Age answers how old a property's data are: since the owner of rates or of counts, whichever was heard from longer ago, last told
// anything; without owners, since anybody did; -1 if nobody ever did.
//
// A source that tells nothing new still counts as heard when it says so (a repeat, an unchanged value): age is about the link.
func Age(now time.Time, heard map[string]time.Time, h *ari.Property) time.Duration {
	var newest, oldest time.Time
	for owner, at := range heard {
		if at.After(newest) {
			newest = at
		}
		if (owner == h.RatesOwner || owner == h.CountsOwner) && (oldest.IsZero() || at.Before(oldest)) {
			oldest = at
		}
	}
	if !oldest.IsZero() {
		newest = oldest
	}
	if newest.IsZero() {
		return -1
	}
	return max(0, now.Sub(newest))
}
