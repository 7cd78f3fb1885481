package postgres

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"testing"

	"github.com/ratewire/ratewire/store"
)

// dumped answers a small backup: two tables, one of them empty.
func dumped(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := newDumpWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	first, err := json.Marshal(manifest{Schema: 1, OldestReader: 1, Tables: []table{{"head", "id"}, {"entry", "seq"}}})
	if err != nil {
		t.Fatal(err)
	}
	steps := []func() error{
		func() error { return w.record(recordManifest, first) },
		func() error { return w.record(recordTable, []byte("head")) },
		func() error { _, err := w.Write(bytes.Repeat([]byte("row"), dataBytes)); return err },
		func() error { _, err := w.Write([]byte("the last")); return err },
		func() error { return w.record(recordTable, []byte("entry")) },
		w.end,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// undump reads a backup whole.
func undump(b []byte) (tables map[string]int, err error) {
	r, err := newDumpReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	defer r.close()
	if _, err := r.manifest(); err != nil {
		return nil, err
	}
	tables = map[string]int{}
	for {
		name, ok, err := r.table()
		if err != nil || !ok {
			return tables, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		tables[name] = len(data)
	}
}

func TestABackupReadsBackAsItWasWritten(t *testing.T) {
	tables, err := undump(dumped(t))
	if err != nil || len(tables) != 2 || tables["head"] != 3*dataBytes+8 || tables["entry"] != 0 {
		t.Errorf("got %v, %v", tables, err)
	}
}

func TestAChangedByteOrAnEarlyEndOfABackupIsFound(t *testing.T) {
	whole := dumped(t)
	want, err := undump(whole)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 0x20
		if tables, err := undump(bad); err == nil && !maps.Equal(tables, want) { // zstd's frame header has bits that mean nothing
			t.Errorf("byte %d of %d changed: read %v", i, len(whole), tables)
		}
		if _, err := undump(whole[:i]); !errors.Is(err, store.ErrRefused) {
			t.Errorf("cut at %d of %d: %v", i, len(whole), err)
		}
	}
}

func FuzzReadBackup(f *testing.F) {
	f.Add(dumped(f))
	f.Add([]byte(dumpMark))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := undump(b); err == nil && len(b) < len(dumpMark) {
			t.Error("read from nothing")
		}
	})
}

func TestASlotTakesEveryDay(t *testing.T) {
	for day := int32(-100); day < 100; day++ {
		if s := slot(day); s < 0 || s >= slots || slot(day+slots) != s {
			t.Errorf("day %d is in slot %d, day %d in %d", day, s, day+slots, slot(day+slots))
		}
	}
}

func TestMergedKeepsTheLastWordAndTheRawCopy(t *testing.T) {
	got := merged([]store.Message{{ID: "a", Verdict: "parked", Raw: []byte("raw")}, {ID: "b"}, {ID: "a", Verdict: "applied"}})
	if len(got) != 2 || got[0].Verdict != "applied" || string(got[0].Raw) != "raw" || got[1].ID != "b" {
		t.Errorf("got %+v", got)
	}
}
