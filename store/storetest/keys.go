package storetest

import (
	"bytes"
	"fmt"
	"maps"

	"github.com/ratewire/ratewire/store"
)

var keyCases = []testCase{
	{"KeysAreFoundByHashAlone", func(e *env) {
		b := e.batch()
		for day := range int32(5) {
			for i := range 50 {
				k := store.Key{Day: 20_400 + day*3, Hash: hash(uint64(day)*1000 + uint64(i)), Content: hash(uint64(i)), Property: "ams", Revision: int64(i)}
				if i%2 == 0 {
					k.Outcome = []byte{1, byte(i)}
				}
				b.Keys = append(b.Keys, k)
			}
		}
		e.must(e.s.Commit(e.ctx(), b))
		asked := []store.KeyHash{hash(77_777)} // unknown
		want := map[store.KeyHash]store.Key{}
		for i := 0; i < len(b.Keys); i += 3 {
			asked = append(asked, b.Keys[i].Hash)
			want[b.Keys[i].Hash] = b.Keys[i]
		}
		e.wantsKeys(asked, want)
		e.wantsKeys(asked[:2], map[store.KeyHash]store.Key{asked[1]: want[asked[1]]})
		e.wantsKeys(asked[:1], nil)
		e.wantsKeys(nil, nil)
	}},
	{"AHashInSeveralBucketsIsAnsweredForEach", func(e *env) {
		b := e.batch()
		b.Keys = []store.Key{{Day: 3, Hash: hash(1), Revision: 3}, {Day: 4, Hash: hash(1), Revision: 4}}
		e.must(e.s.Commit(e.ctx(), b))
		got, err := e.s.Keys(e.ctx(), []store.KeyHash{hash(1)})
		e.must(err)
		if len(got) != 2 || got[0].Day+got[1].Day != 7 || int64(got[0].Day) != got[0].Revision {
			e.Errorf("got %+v", got)
		}
	}},
	{"KeyHashesNamesEveryKey", func(e *env) {
		b := e.batch()
		want := map[string]bool{}
		for i := range 700 {
			k := store.Key{Day: int32(20_000 + i%14), Hash: hash(uint64(i))}
			b.Keys = append(b.Keys, k)
			want[fmt.Sprint(k.Day, k.Hash)] = true
		}
		e.must(e.s.Commit(e.ctx(), b))
		got := map[string]bool{}
		e.must(e.s.KeyHashes(e.ctx(), func(day int32, h store.KeyHash) { got[fmt.Sprint(day, h)] = true }))
		if !maps.Equal(got, want) {
			e.Errorf("got %d keys, want %d", len(got), len(want))
		}
	}},
}

func (e *env) wantsKeys(asked []store.KeyHash, want map[store.KeyHash]store.Key) {
	e.Helper()
	got, err := e.s.Keys(e.ctx(), asked)
	e.must(err)
	if len(got) != len(want) {
		e.Errorf("asked %d: got %d keys, want %d", len(asked), len(got), len(want))
	}
	for _, k := range got {
		if !sameKey(k, want[k.Hash]) {
			e.Errorf("got %+v, want %+v", k, want[k.Hash])
		}
	}
}

func sameKey(a, b store.Key) bool {
	return a.Day == b.Day && a.Hash == b.Hash && a.Content == b.Content && a.Property == b.Property && a.Revision == b.Revision &&
		bytes.Equal(a.Outcome, b.Outcome)
}
