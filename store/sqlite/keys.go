package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"github.com/ratewire/ratewire/store"
)

// keyProbes is how many hashes one statement looks up.
const keyProbes = 256

// selectKeys probes every kept day for each hash: days are few, and a hash without a day would need an index of its own, which each
// commit would have to pay for.
var selectKeys = map[int]string{1: keysText(1), keyProbes: keysText(keyProbes)}

func keysText(n int) string {
	return `with recursive kept(day) as (
		select min(day) from dedupe
		union all select (select min(day) from dedupe where day > kept.day) from kept where kept.day is not null),
	asked(hash) as (values ` + strings.Repeat("(?), ", n-1) + `(?))
	select k.day, k.hash, k.content, k.property, k.revision, k.outcome
	from asked cross join kept cross join dedupe k on k.day = kept.day and k.hash = asked.hash`
}

// Keys implements store.Store.
func (s *Store) Keys(ctx context.Context, hashes []store.KeyHash) (keys []store.Key, err error) {
	add := func(rows *sql.Rows) (bool, error) {
		var k store.Key
		var hash, content sql.RawBytes
		err := rows.Scan(&k.Day, &hash, &content, &k.Property, &k.Revision, &k.Outcome)
		copy(k.Hash[:], hash)
		copy(k.Content[:], content)
		keys = append(keys, k)
		return true, err
	}
	for len(hashes) > 0 {
		n := min(len(hashes), keyProbes)
		args := make([]any, 0, keyProbes)
		for i := range n {
			args = append(args, hashes[i][:])
		}
		size := 1
		if n > 1 {
			size = keyProbes
		}
		for len(args) < size {
			args = append(args, nil) // matches nothing
		}
		if err := each(ctx, s.read, add, selectKeys[size], args...); err != nil {
			return nil, err
		}
		hashes = hashes[n:]
	}
	return keys, nil
}

// KeyHashes implements store.Store.
func (s *Store) KeyHashes(ctx context.Context, f func(day int32, h store.KeyHash)) error {
	var day int32
	var hash sql.RawBytes
	return each(ctx, s.read, func(rows *sql.Rows) (bool, error) {
		if err := rows.Scan(&day, &hash); err != nil {
			return false, err
		}
		var h store.KeyHash
		copy(h[:], hash)
		f(day, h)
		return true, nil
	}, "select day, hash from dedupe")
}
