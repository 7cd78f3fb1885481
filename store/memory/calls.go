package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ratewire/ratewire/store"
)

func micros(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, b *store.Batch) error {
	if err := b.Validate(); err != nil {
		return err
	}
	own := cloned(b)
	err := s.change(ctx, OpCommit, func(st *state) error { return st.fits(own) }, func(st *state) { st.apply(own) })
	if err != nil {
		return err
	}
	for i := range b.Entries {
		b.Entries[i].Seq = b.Base.Seq + int64(i) + 1
	}
	return nil
}

// Head implements store.Store.
func (s *Store) Head(ctx context.Context) (h store.Head, err error) {
	err = s.view(ctx, func(st *state) error { h = st.Head; return nil })
	return h, err
}

// Feed implements store.Store.
func (s *Store) Feed(ctx context.Context, after int64, limit int, f func(*store.Entry) bool) error {
	var found []store.Entry
	err := s.view(ctx, func(st *state) error {
		if after < st.Head.FirstSeq-1 {
			return fmt.Errorf("%w: entries after %d: kept from %d on", store.ErrGone, after, st.Head.FirstSeq)
		}
		if from := after + 1 - st.Head.FirstSeq; from < int64(len(st.Entries)) {
			found = st.Entries[from:min(from+int64(max(limit, 0)), int64(len(st.Entries)))]
		}
		return nil
	})
	return tell(found, err, f)
}

// PropertyFeed implements store.Store.
func (s *Store) PropertyFeed(ctx context.Context, property string, after int64, limit int, f func(*store.Entry) bool) error {
	var found []store.Entry
	err := s.view(ctx, func(st *state) error {
		place, seqs := st.revision(property, after+1)
		for _, seq := range seqs[place:min(place+max(limit, 0), len(seqs))] {
			found = append(found, *st.entry(seq))
		}
		return st.gone(property, after+1)
	})
	return tell(found, err, f)
}

// PropertyFeedBack implements store.Store.
func (s *Store) PropertyFeedBack(ctx context.Context, property string, before int64, limit int, f func(*store.Entry) bool) error {
	var found []store.Entry
	err := s.view(ctx, func(st *state) error {
		place, seqs := st.revision(property, before)
		for _, seq := range slices.Backward(seqs[max(0, place-max(limit, 0)):place]) {
			found = append(found, *st.entry(seq))
		}
		return st.gone(property, before-1)
	})
	return tell(found, err, f)
}

// gone answers store.ErrGone if the revision, the first one asked for, was pruned.
func (st *state) gone(property string, revision int64) error {
	if pruned := st.Pruned[property]; revision >= 1 && revision <= pruned {
		return fmt.Errorf("%w: revision %d of %s: kept above %d", store.ErrGone, revision, property, pruned)
	}
	return nil
}

func tell(found []store.Entry, err error, f func(*store.Entry) bool) error {
	if err != nil {
		return err
	}
	for _, e := range found {
		if !f(&e) {
			break
		}
	}
	return nil
}

// Keys implements store.Store.
func (s *Store) Keys(ctx context.Context, hashes []store.KeyHash) (found []store.Key, err error) {
	err = s.view(ctx, func(st *state) error {
		for _, day := range st.days() {
			for _, h := range hashes {
				if i, ok := st.Days[day].Index[h]; ok {
					found = append(found, st.Days[day].Keys[i])
				}
			}
		}
		return nil
	})
	return found, err
}

// KeyHashes implements store.Store.
func (s *Store) KeyHashes(ctx context.Context, f func(day int32, h store.KeyHash)) error {
	var found [][]store.Key
	err := s.view(ctx, func(st *state) error {
		for _, day := range st.days() {
			found = append(found, st.Days[day].Keys)
		}
		return nil
	})
	for _, keys := range found {
		for i := range keys {
			f(keys[i].Day, keys[i].Hash)
		}
	}
	return err
}

// Objects implements store.Store.
func (s *Store) Objects(ctx context.Context, property string, f func(*store.Object) error) error {
	var found []store.Object
	err := s.view(ctx, func(st *state) error {
		found = sorted(st.Objects, func(o *store.Object) bool { return property == "" || o.Property == property }, byObjectName)
		return nil
	})
	return tellAll(found, err, f)
}

func tellAll[V any](found []V, err error, f func(*V) error) error {
	for i := range found {
		if err != nil {
			break
		}
		err = f(&found[i])
	}
	return err
}

// Checkpoints implements store.Store.
func (s *Store) Checkpoints(ctx context.Context) (found []store.Checkpoint, err error) {
	err = s.view(ctx, func(st *state) error {
		found = sorted(st.Checkpoints, func(*store.Checkpoint) bool { return true },
			func(a, b *store.Checkpoint) int { return cmp.Compare(a.Property, b.Property) })
		return nil
	})
	return found, err
}

// Pages implements store.Store.
func (s *Store) Pages(ctx context.Context, lo, hi string, f func(*store.Page) error) error {
	var found []store.Page
	err := s.view(ctx, func(st *state) error {
		found = sorted(st.Pages, func(p *store.Page) bool { return p.Property >= lo && (hi == "" || p.Property < hi) }, byPageName)
		return nil
	})
	return tellAll(found, err, f)
}

// PutPages implements store.Store.
func (s *Store) PutPages(ctx context.Context, term int64, pages []store.Page, cps []store.Checkpoint) error {
	return s.change(ctx, OpPages, func(st *state) error {
		if term != st.Head.Term {
			return store.ErrFenced
		}
		return nil
	}, func(st *state) {
		for _, p := range pages {
			name := pageName{p.Property, p.Scope, p.Month}
			if old, there := st.Pages[name]; !there && len(p.Body) > 0 || there && old.Revision < p.Revision {
				p.Body = bytes.Clone(p.Body)
				putOrDelete(st.Pages, name, p, len(p.Body) == 0)
			}
		}
		for _, c := range cps {
			if old, there := st.Checkpoints[c.Property]; !there || old.Revision < c.Revision || old.Revision == c.Revision && old.Seq < c.Seq {
				st.Checkpoints[c.Property] = c
			}
		}
	})
}

// Messages implements store.Store.
func (s *Store) Messages(ctx context.Context, f store.MessageFilter) (found []store.Message, err error) {
	err = s.view(ctx, func(st *state) error {
		found = sorted(st.Messages, func(m *store.Message) bool {
			return (f.Connection == "" || m.Connection == f.Connection) && (f.Property == "" || m.Property == f.Property) &&
				(f.Verdict == "" || m.Verdict == f.Verdict) && (f.Before == "" || m.ID < f.Before) && (f.Since.IsZero() || !m.Received.Before(f.Since))
		}, func(a, b *store.Message) int { return cmp.Compare(b.ID, a.ID) })
		return nil
	})
	found = found[:min(len(found), max(f.Limit, 0))]
	for i := range found {
		found[i].Raw = nil
	}
	return found, err
}

// Message implements store.Store.
func (s *Store) Message(ctx context.Context, id string) (m store.Message, err error) {
	err = s.view(ctx, func(st *state) error {
		var there bool
		if m, there = st.Messages[id]; !there {
			return store.ErrNotFound
		}
		return nil
	})
	return m, err
}

// Rows implements store.Store.
func (s *Store) Rows(ctx context.Context, list, property, connection, after string, limit int) (found []store.Row, err error) {
	err = s.view(ctx, func(st *state) error {
		found = sorted(st.Works, func(r *store.Row) bool {
			return r.List == list && r.ID > after && (property == "" || r.Property == property) && (connection == "" || r.Connection == connection)
		}, func(a, b *store.Row) int { return cmp.Compare(a.ID, b.ID) })
		return nil
	})
	return found[:min(len(found), max(limit, 0))], err
}

// Row implements store.Store.
func (s *Store) Row(ctx context.Context, list, id string) (r store.Row, err error) {
	err = s.view(ctx, func(st *state) error {
		var there bool
		if r, there = st.Works[workName{list, id}]; !there {
			return store.ErrNotFound
		}
		return nil
	})
	return r, err
}
