package postgres_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/ratewire/ratewire/internal/pgtest"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/postgres"
)

// wire is a network between a store and a server that can be cut.
type wire struct {
	server      string // socket
	cutRequests atomic.Bool
	cutAnswers  atomic.Bool
	wg          sync.WaitGroup
}

// newWire answers a wire to the server at url, and the url to reach it by.
func newWire(t *testing.T, s *pgtest.Server, url string) (*wire, string) {
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{server: filepath.Join(s.Dir, ".s.PGSQL.5432")}
	w.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.wg.Go(func() { w.carry(c) })
		}
	})
	t.Cleanup(func() { l.Close(); w.wg.Wait() })
	return w, strings.Replace(url, "host="+strings.ReplaceAll(s.Dir, "/", "%2F"), "host="+strings.ReplaceAll(dir, "/", "%2F"), 1)
}

// carry copies both ways until an end closes or the wire is cut, which both ends notice.
func (w *wire) carry(client net.Conn) {
	server, err := net.Dial("unix", w.server)
	if err != nil {
		client.Close()
		return
	}
	var both sync.WaitGroup
	both.Go(func() { relay(server, client, &w.cutRequests); server.Close(); client.Close() })
	both.Go(func() { relay(client, server, &w.cutAnswers); server.Close(); client.Close() })
	both.Wait()
}

// relay copies until cut: then what comes is dropped, and the wire is down.
func relay(to io.Writer, from io.Reader, cut *atomic.Bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil || cut.Load() {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

func batchOn(t *testing.T, s store.Store, rev int64) *store.Batch {
	t.Helper()
	h, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &store.Batch{Base: h.Position, Term: h.Term, Entries: []store.Entry{{Property: "ams", Revision: rev, Body: []byte("body")}}}
}

func TestACommitWhoseAnswerIsLostIsUnknownAndSettledByReading(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.URL(t)
	direct := open(t, url, postgres.Options{})
	w, through := newWire(t, server, url)
	s := open(t, through, postgres.Options{})
	if err := s.Commit(t.Context(), batchOn(t, s, 1)); err != nil {
		t.Fatal(err)
	}
	b := batchOn(t, s, 2)
	w.cutAnswers.Store(true)
	if err := s.Commit(t.Context(), b); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("got %v, want %v", err, store.ErrUnknown)
	}
	w.cutAnswers.Store(false)
	waitForSeq(t, direct, 2) // the server did commit
	if h, err := s.Head(t.Context()); err != nil || h.Seq != 2 {
		t.Errorf("read through the wire: %+v, %v", h, err)
	}
	if err := s.Commit(t.Context(), b); !errors.Is(err, store.ErrFenced) {
		t.Errorf("sent again without reading: got %v, want %v", err, store.ErrFenced)
	}
	if err := s.Commit(t.Context(), batchOn(t, s, 3)); err != nil {
		t.Errorf("the handle does not work on: %v", err)
	}
}

// waitForSeq waits until the head is there: the server may still be about its commit when the wire is down.
func waitForSeq(t *testing.T, s store.Store, seq int64) {
	t.Helper()
	for t.Context().Err() == nil {
		if h, err := s.Head(t.Context()); err != nil || h.Seq == seq {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}

func TestACommitThatNeverArrivedWritesNothing(t *testing.T) {
	server := pgtest.Shared(t)
	url := server.URL(t)
	w, through := newWire(t, server, url)
	s := open(t, through, postgres.Options{})
	if err := s.Commit(t.Context(), batchOn(t, s, 1)); err != nil {
		t.Fatal(err)
	}
	b := batchOn(t, s, 2)
	w.cutRequests.Store(true)
	if err := s.Commit(t.Context(), b); err == nil || errors.Is(err, store.ErrFenced) {
		t.Errorf("got %v", err)
	}
	w.cutRequests.Store(false)
	if h, err := s.Head(t.Context()); err != nil || h.Seq != 1 {
		t.Errorf("head %+v, %v", h, err)
	}
	if err := s.Commit(t.Context(), b); err != nil {
		t.Errorf("sent again: %v", err)
	}
}

func TestASessionThatTheServerEndsIsReplaced(t *testing.T) {
	url := pgtest.URL(t)
	s := open(t, url, postgres.Options{})
	if err := s.Commit(t.Context(), batchOn(t, s, 1)); err != nil {
		t.Fatal(err)
	}
	b := batchOn(t, s, 2)
	exec(t, url, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ratewire' and pid <> pg_backend_pid()
		and query like '%commit%'`)
	var err error
	for range 3 { // the first may meet the dead session
		if err = s.Commit(t.Context(), b); err == nil {
			break
		}
		if errors.Is(err, store.ErrFenced) {
			t.Fatal("it had been committed")
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// A writer that was paused in mid-transaction holds what a takeover needs. Its lease has expired: it is ended, not waited for.
func TestAPausedWriterDoesNotHoldUpATakeover(t *testing.T) {
	for name, lock := range map[string]string{
		"in a commit": "update head set seq = seq where id = 1",
		"in pages":    "select term from lease where name = 'writer' for share",
	} {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t)
			s := open(t, url, postgres.Options{})
			if _, err := s.TakeLease(t.Context(), store.WriterLease, "n1", "", 1); err != nil {
				t.Fatal(err)
			}
			paused, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer paused.Close(context.Background()) //nolint:errcheck // it is ended
			for _, text := range []string{"begin", lock} {
				if _, err := paused.Exec(t.Context(), text); err != nil {
					t.Fatal(err)
				}
			}
			if l, err := s.TakeLease(t.Context(), store.WriterLease, "n2", "", 1<<40); err != nil || l.Term != 2 {
				t.Errorf("got %+v, %v", l, err)
			}
			if _, err := paused.Exec(t.Context(), "commit"); err == nil {
				t.Error("the paused session committed")
			}
			if err := s.Commit(t.Context(), batchOn(t, s, 1)); err != nil {
				t.Error(err)
			}
		})
	}
}

// While a lease holds, one who asks for it ends nobody's session, however long the holder keeps a lock.
func TestAHeldLeaseIsAnsweredWithoutWaiting(t *testing.T) {
	url := pgtest.URL(t)
	s := open(t, url, postgres.Options{})
	if _, err := s.TakeLease(t.Context(), store.WriterLease, "n1", "", 1<<40); err != nil {
		t.Fatal(err)
	}
	busy, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close(context.Background()) //nolint:errcheck // nothing is under way
	for _, text := range []string{"begin", "update lease set address = 'x'"} {
		if _, err := busy.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if l, err := s.TakeLease(t.Context(), store.WriterLease, "n2", "", 1<<40); !errors.Is(err, store.ErrLeaseHeld) || l.Node != "n1" {
		t.Errorf("got %+v, %v", l, err)
	}
	if _, err := busy.Exec(t.Context(), "commit"); err != nil {
		t.Errorf("the holder's session was ended: %v", err)
	}
}

func exec(t *testing.T, url, text string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // nothing is under way
	if _, err := conn.Exec(t.Context(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func refused(t *testing.T, url, reason string) {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err == nil {
		t.Fatal(errors.Join(errors.New("it was opened"), s.Close()))
	}
	if !errors.Is(err, store.ErrRefused) || !strings.Contains(err.Error(), reason) {
		t.Errorf("got %v, want a refusal that says %q", err, reason)
	}
}

func TestServersThatMayLoseCommitsAreRefused(t *testing.T) {
	for _, setting := range []string{"fsync", "full_page_writes"} {
		refused(t, pgtest.Start(t, setting+"=off").URL(t), setting+" is off")
	}
}

func TestSessionsThatMayLoseCommitsAreRefused(t *testing.T) {
	for _, value := range []string{"off", "local", "remote_write"} {
		refused(t, pgtest.URL(t)+"&synchronous_commit="+value, "synchronous_commit is "+value)
	}
}

func TestAServerThatBecomesWeakerGivesNoLease(t *testing.T) {
	server := pgtest.Start(t)
	url := server.URL(t)
	s := open(t, url, postgres.Options{})
	if _, err := s.TakeLease(t.Context(), store.WriterLease, "n1", "", 1<<40); err != nil {
		t.Fatal(err)
	}
	exec(t, url, "alter system set synchronous_commit = off")
	exec(t, url, "select pg_reload_conf()")
	var err error
	for err == nil && t.Context().Err() == nil { // the sessions hear of it in a moment
		_, err = s.TakeLease(t.Context(), store.WriterLease, "n1", "", 1<<40)
	}
	if !errors.Is(err, store.ErrRefused) {
		t.Errorf("got %v, want %v", err, store.ErrRefused)
	}
}

func TestASchemaThatIsTooNewIsRefused(t *testing.T) {
	url := pgtest.URL(t)
	open(t, url, postgres.Options{})
	exec(t, url, "update schema_mark set version = 9; alter table entry add column later text")
	if s := open(t, url, postgres.Options{}); s.Commit(t.Context(), batchOn(t, s, 1)) != nil {
		t.Error("a newer schema that allows this reader is not written to")
	}
	exec(t, url, "update schema_mark set oldest_reader = 8, written_by = 'ratewire 7.0'")
	if _, err := postgres.Open(t.Context(), url, postgres.Options{}); !errors.Is(err, store.ErrRefused) || !strings.Contains(err.Error(), "ratewire 7.0 wrote schema 9") {
		t.Errorf("got %v", err)
	}
}

func TestNodesThatStartTogetherMigrateOnce(t *testing.T) {
	url := pgtest.URL(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := postgres.Open(t.Context(), url, postgres.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAnAddressThatCannotBeReadIsNotRepeated(t *testing.T) {
	_, err := postgres.Open(t.Context(), "postgres://hub:s3cret@[bad", postgres.Options{})
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

func TestRestoreIntoADatabaseInUseIsRefused(t *testing.T) {
	url := pgtest.URL(t)
	s := open(t, url, postgres.Options{})
	if err := s.Commit(t.Context(), batchOn(t, s, 1)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "backup")
	if err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Restore(t.Context(), path, url, postgres.Options{}); !errors.Is(err, store.ErrRefused) {
		t.Errorf("got %v, want %v", err, store.ErrRefused)
	}
	if h, err := s.Head(t.Context()); err != nil || h.Seq != 1 {
		t.Errorf("head %+v, %v", h, err)
	}
}
