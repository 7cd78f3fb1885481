package memory

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/ratewire/ratewire/store"
)

// state is everything a database holds. Fields are exported for gob (Backup). Rows in it are never changed in place, so that readers may keep
// slices of them.
type state struct {
	Head        store.Head
	Entries     []store.Entry      // the kept ones, by Seq
	Properties  map[string][]int64 // Seqs of a property's kept entries, rising
	Pruned      map[string]int64   // highest revision pruned
	Days        map[int32]*bucket
	Objects     map[objectName]store.Object
	Messages    map[string]store.Message
	Works       map[workName]store.Row
	Pages       map[pageName]store.Page
	Checkpoints map[string]store.Checkpoint
	Leases      map[string]store.Lease
	Metas       map[string][]byte
}

type (
	objectName struct{ Property, Kind, Code string }
	workName   struct{ List, ID string }
	pageName   struct {
		Property, Scope string
		Month           int32
	}
)

// bucket is a day's keys, in order of arrival.
type bucket struct {
	Keys  []store.Key
	Index map[store.KeyHash]int
}

func newState() state {
	return state{
		Properties: map[string][]int64{}, Pruned: map[string]int64{}, Days: map[int32]*bucket{}, Objects: map[objectName]store.Object{},
		Messages: map[string]store.Message{}, Works: map[workName]store.Row{}, Pages: map[pageName]store.Page{},
		Checkpoints: map[string]store.Checkpoint{}, Leases: map[string]store.Lease{}, Metas: map[string][]byte{},
	}
}

// entry answers the kept entry with a number.
func (st *state) entry(seq int64) *store.Entry { return &st.Entries[seq-st.Head.FirstSeq] }

// revision answers the place among a property's kept entries of the first at or above a revision.
func (st *state) revision(property string, rev int64) (place int, seqs []int64) {
	seqs = st.Properties[property]
	return sort.Search(len(seqs), func(i int) bool { return st.entry(seqs[i]).Revision >= rev }), seqs
}

// fits answers why a batch may not be committed.
func (st *state) fits(b *store.Batch) error {
	if b.Base.Epoch != st.Head.Epoch || b.Term != st.Head.Term || len(b.Entries) > 0 && b.Base.Seq != st.Head.Seq {
		return store.ErrFenced
	}
	for i := range b.Entries {
		e := &b.Entries[i]
		if place, seqs := st.revision(e.Property, e.Revision); place < len(seqs) && st.entry(seqs[place]).Revision == e.Revision {
			return fmt.Errorf("%w: revision %d of %s is there", store.ErrInvalid, e.Revision, e.Property)
		}
	}
	for i := range b.Keys {
		if day := st.Days[b.Keys[i].Day]; day != nil {
			if _, there := day.Index[b.Keys[i].Hash]; there {
				return fmt.Errorf("%w: key %x is there", store.ErrInvalid, b.Keys[i].Hash)
			}
		}
	}
	return nil
}

// apply commits a batch that fits.
func (st *state) apply(b *store.Batch) {
	for i := range b.Entries {
		st.addEntry(b.Entries[i])
	}
	for _, k := range b.Keys {
		st.addKey(k)
	}
	for _, o := range b.Objects {
		putOrDelete(st.Objects, objectName{o.Property, o.Kind, o.Code}, o, o.Body == nil)
	}
	for _, m := range b.Messages {
		st.addMessage(m)
	}
	for _, r := range b.Rows {
		r.At = micros(r.At)
		putOrDelete(st.Works, workName{r.List, r.ID}, r, r.Body == nil)
	}
}

func (st *state) addEntry(e store.Entry) {
	st.Head.Seq++
	e.Seq, e.At = st.Head.Seq, micros(e.At)
	st.Entries = append(st.Entries, e)
	place, seqs := st.revision(e.Property, e.Revision)
	st.Properties[e.Property] = slices.Insert(slices.Clip(seqs), place, e.Seq)
}

func (st *state) addKey(k store.Key) {
	day := st.Days[k.Day]
	if day == nil {
		day = &bucket{Index: map[store.KeyHash]int{}}
		st.Days[k.Day] = day
	}
	day.Index[k.Hash] = len(day.Keys)
	day.Keys = append(day.Keys, k)
}

func (st *state) addMessage(m store.Message) {
	m.Received = micros(m.Received)
	if m.Raw == nil {
		m.Raw = st.Messages[m.ID].Raw
	}
	st.Messages[m.ID] = m
}

func putOrDelete[K comparable, V any](m map[K]V, name K, v V, gone bool) {
	if gone {
		delete(m, name)
		return
	}
	m[name] = v
}

// sorted answers the values of m that pick selects, in order.
func sorted[K comparable, V any](m map[K]V, pick func(*V) bool, order func(a, b *V) int) []V {
	var found []V
	for _, v := range m {
		if pick(&v) {
			found = append(found, v)
		}
	}
	slices.SortFunc(found, func(a, b V) int { return order(&a, &b) })
	return found
}

// days answers the kept buckets in order.
func (st *state) days() []int32 { return slices.Sorted(maps.Keys(st.Days)) }

func byObjectName(a, b *store.Object) int {
	return cmp.Or(cmp.Compare(a.Property, b.Property), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code))
}

func byPageName(a, b *store.Page) int {
	return cmp.Or(cmp.Compare(a.Property, b.Property), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Month, b.Month))
}

// cloned answers a copy of a batch that shares no bytes with it: the caller may reuse its buffers.
func cloned(b *store.Batch) *store.Batch {
	c := *b
	c.Entries, c.Keys, c.Objects = slices.Clone(b.Entries), slices.Clone(b.Keys), slices.Clone(b.Objects)
	c.Messages, c.Rows = slices.Clone(b.Messages), slices.Clone(b.Rows)
	for i := range c.Entries {
		c.Entries[i].Body = bytes.Clone(c.Entries[i].Body)
	}
	for i := range c.Keys {
		c.Keys[i].Outcome = bytes.Clone(c.Keys[i].Outcome)
	}
	for i := range c.Objects {
		c.Objects[i].Body = bytes.Clone(c.Objects[i].Body)
	}
	for i := range c.Messages {
		c.Messages[i].Detail, c.Messages[i].Raw = bytes.Clone(c.Messages[i].Detail), bytes.Clone(c.Messages[i].Raw)
	}
	for i := range c.Rows {
		c.Rows[i].Body = bytes.Clone(c.Rows[i].Body)
	}
	return &c
}
