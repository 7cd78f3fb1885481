package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"sync"

	"github.com/ratewire/ratewire/store"
)

// Dedupe keys are hashes: each lands on a page of its own in a large index, and SQLite writes a touched page whole, twice. Two thirds of a
// commit went there. So a commit appends its keys as one packed block (keyblock.go), and when mergeKeys of them are gathered, they are
// merged into table dedupe in key order, in slices between commits: then several go to each page. A look-up asks the blocks, which are
// held in memory, and the table, in one state of the database. What a crash interrupts is merged again; the blocks go with the last slice.

const (
	// mergeKeys is how many keys are gathered before they are merged: about 6 MB of memory while they wait, and room for some hours of a
	// small fleet. Twice as many may be there while a merge is under way.
	mergeKeys = 64 << 10
	// waitingMax is how many times mergeKeys may wait before a commit waits for the merger: an import of millions of keys at once must not
	// fill memory. Ordinary load stays far below.
	waitingMax = 4
	// mergeSlices is in how many slices: commits wait for one at most, a few milliseconds.
	mergeSlices = 64
)

var insertKey = newInsertion("insert or ignore", "dedupe", "day, hash, content, property, revision, outcome", "")

// keyLog is the memory of blocks that are not merged yet.
type keyLog struct {
	mu      sync.Mutex
	waiting int // keys not merged, as far as this handle knows
	at      int // how many of them ask for a merge
	rounds  int // merges ended, well or not
	ended   sync.Cond
	blocks  map[int64]*keyBlock

	due  chan struct{} // asks the merger to look
	quit chan struct{}
	once sync.Once
	done sync.WaitGroup
}

func (l *keyLog) start(s *Store, at int) {
	if l.at = at; at == 0 {
		l.at = mergeKeys
	}
	l.blocks, l.due, l.quit, l.ended.L = map[int64]*keyBlock{}, make(chan struct{}, 1), make(chan struct{}), &l.mu
	l.done.Go(func() {
		for {
			select {
			case <-l.quit:
				return
			case <-l.due:
				s.merge()
				l.endRound()
			}
		}
	})
}

// stop ends the merger between two slices. It may be called twice.
func (l *keyLog) stop() {
	l.once.Do(func() { close(l.quit) })
	l.done.Wait()
	l.endRound()
}

// endRound lets those go on who wait for room.
func (l *keyLog) endRound() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rounds++
	l.ended.Broadcast()
}

// added counts committed keys and wakes the merger when they are enough.
func (l *keyLog) added(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting += n; l.waiting < l.at {
		return
	}
	select {
	case l.due <- struct{}{}:
	default: // it will look anyway
	}
}

// waitForRoom waits, when far too many keys wait, for a merge to end, well or not. What is committed stays committed, only the next commit
// comes later.
func (l *keyLog) waitForRoom() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for round := l.rounds; l.waiting > waitingMax*l.at && l.rounds == round && !l.stopped(); {
		l.ended.Wait()
	}
}

func (l *keyLog) stopped() bool {
	select {
	case <-l.quit:
		return true
	default:
		return false
	}
}

// keys appends a batch's keys, a block for each day.
func (w *writer) keys(b *store.Batch) error {
	byDay := map[int32][]store.Key{}
	for _, k := range b.Keys {
		byDay[k.Day] = append(byDay[k.Day], k)
	}
	for day, keys := range byDay {
		if _, err := w.exec("insert into dedupe_block (day, keys, body) values (?, ?, ?)", int64(day), int64(len(keys)), packKeys(keys)); err != nil {
			return fmt.Errorf("keys of day %d: %w", day, err)
		}
	}
	return nil
}

// waitingKey is a key and the block it waits in.
type waitingKey struct {
	*store.Key
	block int64
}

// merge moves the blocks that are there now into the table. An error leaves the rest for the next time: nothing is lost, the blocks stay.
func (s *Store) merge() {
	var blocks []*keyBlock
	err := s.view(background, func(tx *sql.Tx) (err error) {
		blocks, err = s.keys.present(background, tx)
		return err
	})
	if err != nil {
		return
	}
	var all []waitingKey
	last := int64(0)
	for _, b := range blocks {
		for i := range b.keys {
			all = append(all, waitingKey{&b.keys[i], b.id})
		}
		last = max(last, b.id)
	}
	slices.SortFunc(all, func(a, b waitingKey) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), bytes.Compare(a.Hash[:], b.Hash[:]))
	})
	if !s.mergeSorted(all, last, len(blocks)) {
		return
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	s.keys.waiting = max(0, s.keys.waiting-len(all))
	for _, b := range blocks {
		delete(s.keys.blocks, b.id)
	}
}

// mergeSorted inserts keys slice by slice and drops the blocks up to last with the last one. It answers whether it came to its end.
func (s *Store) mergeSorted(all []waitingKey, last int64, blocks int) bool {
	size := len(all)/mergeSlices + 1
	for len(all) > 0 {
		select {
		case <-s.keys.quit:
			return false
		default:
		}
		slice := all[:min(size, len(all))]
		all = all[len(slice):]
		err := s.tx(background, func(w *writer) error {
			if err := w.mergeSlice(slice, last, blocks); err != nil || len(all) > 0 {
				return err
			}
			_, err := w.exec("delete from dedupe_block where block <= ?", last)
			return err
		})
		if err != nil {
			return false
		}
	}
	return true
}

// mergeSlice inserts the keys whose blocks are still there: what was pruned meanwhile must not come back.
func (w *writer) mergeSlice(keys []waitingKey, last int64, blocks int) error {
	row, err := w.row("select count(*) from dedupe_block where block <= ?", last)
	if err != nil {
		return err
	}
	if row[0].(int64) != int64(blocks) {
		if keys, err = w.stillThere(keys); err != nil {
			return err
		}
	}
	return w.bulk(insertKey, len(keys), func(i int) {
		k := keys[i]
		w.arg(int64(k.Day))
		w.arg(k.Hash[:])
		w.arg(k.Content[:])
		w.arg(k.Property)
		w.arg(k.Revision)
		w.arg(k.Outcome)
	})
}

// stillThere answers the keys whose blocks were not pruned.
func (w *writer) stillThere(keys []waitingKey) (kept []waitingKey, err error) {
	there := map[int64]bool{}
	for _, k := range keys {
		if _, asked := there[k.block]; !asked {
			row, err := w.row("select block from dedupe_block where block = ?", k.block)
			if err != nil {
				return nil, err
			}
			there[k.block] = row != nil
		}
		if there[k.block] {
			kept = append(kept, k)
		}
	}
	return kept, nil
}

// present answers the blocks of the state that tx sees, from memory or read now.
func (l *keyLog) present(ctx context.Context, tx *sql.Tx) (blocks []*keyBlock, err error) {
	var ids []int64
	err = each(ctx, tx, func(rows *sql.Rows) (bool, error) {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return true, err
	}, "select block from dedupe_block order by block")
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		b := l.blocks[id]
		if b == nil {
			if b, err = readKeyBlock(ctx, tx, id); err != nil {
				return nil, err
			}
			l.blocks[id] = b
		}
		blocks = append(blocks, b)
	}
	l.forget(ids)
	return blocks, nil
}

// forget drops blocks that another process merged or pruned: older than the oldest, or missing among those present.
func (l *keyLog) forget(ids []int64) {
	if len(l.blocks) == len(ids) {
		return
	}
	for id := range l.blocks {
		if _, there := slices.BinarySearch(ids, id); !there && len(ids) > 0 && id < ids[len(ids)-1] {
			delete(l.blocks, id)
		}
	}
}

func readKeyBlock(ctx context.Context, tx *sql.Tx, id int64) (*keyBlock, error) {
	b := &keyBlock{id: id}
	var day int32
	var body []byte
	if err := tx.QueryRowContext(ctx, "select day, body from dedupe_block where block = ?", id).Scan(&day, &body); err != nil {
		return nil, err
	}
	var err error
	b.keys, err = unpackKeys(day, body)
	return b, err
}

// Keys implements store.Store.
func (s *Store) Keys(ctx context.Context, hashes []store.KeyHash) (keys []store.Key, err error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	err = s.view(ctx, func(tx *sql.Tx) error {
		blocks, err := s.keys.present(ctx, tx)
		if err != nil {
			return err
		}
		for _, b := range blocks {
			for _, h := range hashes {
				if k := b.find(h); k != nil {
					keys = append(keys, *k)
				}
			}
		}
		return mergedKeys(ctx, tx, hashes, &keys)
	})
	return keys, err
}

// selectKeys probes every kept day for each hash of a string of hashes: days are few, and a hash without a day would need an index of its
// own, which each merge would have to pay for.
const selectKeys = `with recursive kept(day) as (
		select min(day) from dedupe
		union all select (select min(day) from dedupe where day > kept.day) from kept where kept.day is not null),
	asked(i) as (select 0 union all select i + 1 from asked where i + 1 < ?2)
	select k.day, k.hash, k.content, k.property, k.revision, k.outcome
	from asked cross join kept cross join dedupe k on k.day = kept.day and k.hash = substr(?1, i * 16 + 1, 16)`

// mergedKeys adds what the table has and the blocks did not answer: while a merge is under way, a key is in both.
func mergedKeys(ctx context.Context, tx *sql.Tx, hashes []store.KeyHash, keys *[]store.Key) error {
	type name struct {
		day  int32
		hash store.KeyHash
	}
	known := make(map[name]bool, len(*keys))
	for i := range *keys {
		known[name{(*keys)[i].Day, (*keys)[i].Hash}] = true
	}
	add := func(rows *sql.Rows) (bool, error) {
		k, err := scanKey(rows)
		if !known[name{k.Day, k.Hash}] {
			*keys = append(*keys, k)
		}
		return true, err
	}
	joined := make([]byte, 0, len(hashes)*len(store.KeyHash{}))
	for i := range hashes {
		joined = append(joined, hashes[i][:]...)
	}
	return each(ctx, tx, add, selectKeys, joined, len(hashes))
}

func scanKey(rows *sql.Rows) (k store.Key, err error) {
	var hash, content sql.RawBytes
	err = rows.Scan(&k.Day, &hash, &content, &k.Property, &k.Revision, &k.Outcome)
	copy(k.Hash[:], hash)
	copy(k.Content[:], content)
	return k, err
}

// KeyHashes implements store.Store. What a merge moves while it reads is told twice rather than never: the blocks come first.
func (s *Store) KeyHashes(ctx context.Context, f func(day int32, h store.KeyHash)) error {
	var blocks []*keyBlock
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		blocks, err = s.keys.present(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, b := range blocks {
		for i := range b.keys {
			f(b.keys[i].Day, b.keys[i].Hash)
		}
	}
	return s.stream(ctx, func(row []driver.Value) error {
		var h store.KeyHash
		copy(h[:], row[1].([]byte))
		f(int32(row[0].(int64)), h)
		return nil
	}, "select day, hash from dedupe")
}
