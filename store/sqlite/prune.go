package sqlite

import (
	"context"
	"fmt"

	"github.com/ratewire/ratewire/store"
)

// pruneRows bounds one slice of Prune: commits wait for it, a few milliseconds.
const pruneRows = 2_000

// Prune implements store.Store.
func (s *Store) Prune(ctx context.Context, r store.Retention) (more bool, err error) {
	err = s.tx(ctx, func(w *writer) error {
		for _, step := range []func(store.Retention) (bool, error){w.pruneFeed, w.pruneKeys, w.pruneMessages, w.pruneRaws} {
			left, err := step(r)
			if err != nil {
				return fmt.Errorf("prune: %w", err)
			}
			more = more || left
		}
		return nil
	})
	return more, err
}

// pruneFeed drops entries from the oldest on, up to the first that is young enough or above its property's checkpoint.
func (w *writer) pruneFeed(r store.Retention) (bool, error) {
	row, err := w.row(`select min(seq), max(seq), count(*),
			min(case when at >= ? or revision > coalesce((select c.revision from checkpoint c where c.property = e.property), 0) then seq end)
		from (select seq, property, revision, at from entry order by seq limit ?) e`, r.FeedBefore.UnixMicro(), int64(pruneRows))
	if err != nil || row[0] == nil {
		return false, err
	}
	end, more := row[1].(int64)+1, row[2].(int64) == pruneRows
	if keep, ok := row[3].(int64); ok {
		end, more = keep, false
	}
	if end == row[0].(int64) {
		return false, nil
	}
	for _, text := range []string{
		`insert into pruned (property, revision) select property, max(revision) from entry where seq < ?1 group by property
			on conflict (property) do update set revision = max(pruned.revision, excluded.revision)`,
		"delete from entry where seq < ?1",
		"update head set first_seq = ?1 where id = 1",
	} {
		if _, err := w.exec(text, end); err != nil {
			return false, err
		}
	}
	return more, nil
}

// pruneKeys drops old buckets from their beginning on, in key order: neighbours in the file, so whole pages are freed at once.
func (w *writer) pruneKeys(r store.Retention) (bool, error) {
	if _, err := w.exec("delete from dedupe_block where day < ?", int64(r.KeysBefore)); err != nil {
		return false, err
	}
	n, err := w.exec("delete from dedupe where (day, hash) in (select day, hash from dedupe where day < ? order by day, hash limit ?)",
		int64(r.KeysBefore), int64(pruneRows))
	return n == pruneRows, err
}

func (w *writer) pruneMessages(r store.Retention) (bool, error) {
	n, err := w.exec("delete from message where id in (select id from message order by id limit ?) and received < ?",
		int64(pruneRows), r.MessagesBefore.UnixMicro())
	return n == pruneRows, err
}

func (w *writer) pruneRaws(r store.Retention) (bool, error) {
	const blocks = pruneRows / 8 // each is a whole batch's
	n, err := w.exec("delete from raw where block in (select block from raw order by block limit ?) and newest < ?",
		int64(blocks), r.MessagesBefore.UnixMicro())
	return n == blocks, err
}
