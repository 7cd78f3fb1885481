package storetest

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/ratewire/ratewire/store"
)

var backupCases = []testCase{
	{"ABackupRestoresToTheSameInANewEpoch", func(e *env) {
		b := fullBatch(e, 1)
		e.must(e.s.Commit(e.ctx(), b))
		e.must(e.s.PutPages(e.ctx(), 0, []store.Page{page("ams", "s", 1, 1, "page")}, []store.Checkpoint{{Property: "ams", Revision: 1, Seq: 1}}))
		e.must(e.s.PutMeta(e.ctx(), "key", []byte("secret")))
		lease := e.take("n1", long)
		before := e.head()
		path := e.path("backup")
		e.must(e.s.Backup(e.ctx(), path))
		e.commit("ams", 2, 1)

		restored := &env{T: e.T, db: e.db, s: e.restore(path)}
		restored.wantsPresent("restored", b)
		restored.wantsPages("", "", "ams/s/1@1=page")
		restored.wantsCheckpoints("ams@1/1")
		if got, err := restored.s.Meta(e.ctx(), "key"); err != nil || !bytes.Equal(got, []byte("secret")) {
			e.Errorf("got meta %q, %v", got, err)
		}
		h := restored.head()
		if h.Epoch <= before.Epoch || h.Seq != before.Seq || h.Term < lease.Term {
			e.Errorf("got head %+v, backed up at %+v", h, before)
		}
		if l, err := restored.s.TakeLease(e.ctx(), store.WriterLease, "n2", "", long); err != nil || l.Term <= lease.Term {
			e.Errorf("the lease of the lost machine is in the way: %+v, %v", l, err)
		}
		restored.commit("ams", 2, 3)
		restored.wantsProblems(4)
	}},
	{"ABackupUnderLoadIsConsistent", func(e *env) {
		const backups = 3
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for rev := int64(1); ; rev++ {
				select {
				case <-stop:
					return
				default:
				}
				b := fullBatch(e, rev)
				if err := e.s.Commit(e.ctx(), b); err != nil {
					e.Error(err)
					return
				}
			}
		})
		other := e.open()
		var paths []string
		for i := range backups {
			path := e.path(fmt.Sprint("backup", i))
			if err := other.Backup(e.ctx(), path); err != nil {
				e.Error(err)
			}
			paths = append(paths, path)
		}
		close(stop)
		wg.Wait()
		for _, path := range paths {
			(&env{T: e.T, db: e.db, s: e.restore(path)}).isOneState()
		}
	}},
	{"ABackupNeverOverwrites", func(e *env) {
		path := e.path("there")
		e.must(os.WriteFile(path, []byte("mine"), 0o600))
		if err := e.s.Backup(e.ctx(), path); err == nil {
			e.Error("overwritten")
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != "mine" {
			e.Errorf("got %q, %v", got, err)
		}
		if err := e.s.Backup(e.ctx(), e.path("no/such/folder/backup")); err == nil {
			e.Error("backed up into nowhere")
		}
	}},
	{"ADamagedBackupIsRefused", func(e *env) {
		for rev := int64(1); rev <= 30; rev++ {
			e.must(e.s.Commit(e.ctx(), fullBatch(e, rev)))
		}
		path := e.path("backup")
		e.must(e.s.Backup(e.ctx(), path))
		whole, err := os.ReadFile(path)
		e.must(err)
		for name, spoil := range map[string]func([]byte) []byte{
			"truncated":  func(b []byte) []byte { return b[:len(b)/2] },
			"empty":      func([]byte) []byte { return nil },
			"not one":    func([]byte) []byte { return []byte("a letter to a friend") },
			"head gone":  func(b []byte) []byte { return b[200:] },
			"tail zeros": func(b []byte) []byte { return append(b[:len(b)*3/4], make([]byte, len(b)/4)...) },
		} {
			bad := e.path("bad")
			e.must(os.WriteFile(bad, spoil(slices.Clone(whole)), 0o600))
			if s, err := e.db.Restore(e.T, bad); err == nil {
				e.Errorf("%s: restored to %s", name, s.Describe())
			}
		}
		if _, err := e.db.Restore(e.T, e.path("absent")); err == nil {
			e.Error("restored from nothing")
		}
	}},
}

func (e *env) restore(path string) store.Store {
	e.Helper()
	s, err := e.db.Restore(e.T, path)
	e.must(err)
	return s
}

// isOneState checks that a store filled with full batches of ams holds all of each batch up to its head and nothing beyond.
func (e *env) isOneState() {
	e.Helper()
	h := e.head()
	e.wantsProblems(h.Seq)
	count := map[string]int64{}
	keys := map[store.KeyHash]bool{}
	e.must(e.s.KeyHashes(e.ctx(), func(_ int32, h store.KeyHash) { keys[h] = true }))
	count["keys"] = int64(len(keys))
	e.must(e.s.Objects(e.ctx(), "", func(*store.Object) error { count["objects"]++; return nil }))
	ms, err := e.s.Messages(e.ctx(), store.MessageFilter{Limit: 1 << 20})
	e.must(err)
	rows, err := e.s.Rows(e.ctx(), "parked", "", "", "", 1<<20)
	e.must(err)
	count["messages"], count["rows"] = int64(len(ms)), int64(len(rows))
	for what, n := range count {
		if n != h.Seq {
			e.Errorf("%d %s with head at %d", n, what, h.Seq)
		}
	}
}
