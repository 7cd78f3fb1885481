package memory

import (
	"context"
	"slices"

	"github.com/ratewire/ratewire/store"
)

// pruneEntries bounds one slice of Prune, small enough that a simulation meets several.
const pruneEntries = 500

// Prune implements store.Store.
func (s *Store) Prune(ctx context.Context, r store.Retention) (more bool, err error) {
	err = s.change(ctx, OpPrune, fine, func(st *state) {
		more = st.pruneFeed(r)
		for day := range st.Days {
			if day < r.KeysBefore {
				delete(st.Days, day)
			}
		}
		for id, m := range st.Messages {
			if m.Received.Before(r.MessagesBefore) {
				delete(st.Messages, id)
			}
		}
	})
	return more, err
}

func (st *state) pruneFeed(r store.Retention) (more bool) {
	slice := st.Entries[:min(len(st.Entries), pruneEntries)]
	n := slices.IndexFunc(slice, func(e store.Entry) bool {
		return !e.At.Before(r.FeedBefore) || e.Revision > st.Checkpoints[e.Property].Revision
	})
	if n < 0 {
		n, more = len(slice), len(slice) == pruneEntries
	}
	st.drop(n)
	return more
}

// drop drops the n oldest entries.
func (st *state) drop(n int) {
	first := st.Head.FirstSeq + int64(n)
	for _, e := range st.Entries[:n] {
		st.Pruned[e.Property] = max(st.Pruned[e.Property], e.Revision)
		seqs := slices.DeleteFunc(slices.Clone(st.Properties[e.Property]), func(seq int64) bool { return seq < first })
		if len(seqs) == 0 {
			delete(st.Properties, e.Property)
		} else if len(seqs) < len(st.Properties[e.Property]) {
			st.Properties[e.Property] = seqs
		}
	}
	st.Entries, st.Head.FirstSeq = slices.Clone(st.Entries[n:]), first
}
