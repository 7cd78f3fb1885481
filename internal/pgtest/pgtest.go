// Package pgtest starts private PostgreSQL servers for tests and benchmarks from the binaries that Debian's postgresql package installs
// (/usr/lib/postgresql/VERSION/bin; the newest wins): in a temporary folder, on a Unix socket, reachable by nobody else. As root, whom
// PostgreSQL refuses, it runs as user postgres or nobody. One server is shared by a test process and started when first asked for; each
// test gets a schema of its own. A server ends with the process that started it, however that ends: a small shell watches a pipe.
package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// ErrAbsent: this machine has no PostgreSQL server.
var ErrAbsent = errors.New("pgtest: no PostgreSQL server under /usr/lib/postgresql or in PATH: install Debian's postgresql package")

// settings of every server; sync stays on, as the store insists.
var settings = []string{
	"listen_addresses=", "max_connections=300", "shared_buffers=128MB", "max_wal_size=4GB", "lc_messages=C", "log_min_messages=warning",
	"wal_writer_delay=10s", // else it syncs now and then for a session, which then counts no sync of its own
}

// Server is one running server.
type Server struct {
	Dir   string // data folder, and the socket's
	watch *exec.Cmd
	pipe  io.Closer // held open while the server shall live
	out   *log
	names atomic.Int64
}

// Shared answers the test process's server. Without one on this machine the test is skipped, or fails if RATEWIRE_REQUIRE_POSTGRES=1.
func Shared(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	need(t, err)
	return s
}

var shared = sync.OnceValues(func() (*Server, error) { return New() })

// Start answers a server of the test's own, stopped when it ends, with further settings ("name=value"). Absence is as with Shared.
func Start(t testing.TB, more ...string) *Server {
	t.Helper()
	s, err := New(more...)
	need(t, err)
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stop PostgreSQL: %v", err)
		}
	})
	return s
}

// URL answers a connection string for an empty schema on the shared server.
func URL(t testing.TB) string {
	t.Helper()
	return Shared(t).URL(t)
}

// URL answers a connection string for an empty schema, dropped when the test ends.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	u, err := s.Fresh(t.Context())
	if err != nil {
		t.Fatalf("make a schema: %v", err)
	}
	return u
}

func need(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, ErrAbsent) && os.Getenv("RATEWIRE_REQUIRE_POSTGRES") != "1":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}

// New starts a server. Stop it, or it ends with this process.
func New(more ...string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	who, err := servant()
	if err != nil {
		return nil, err
	}
	dir, err := folder(who)
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: dir, out: &log{ready: make(chan struct{})}}
	if err := s.init(bin, who); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.start(bin, who, append(slices.Clone(settings), more...)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// binaries answers the folder of the newest installed server.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the pattern is fine
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", ErrAbsent
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for a strange name: last
	return n
}

// account is a user and group of this machine.
type account struct{ uid, gid uint32 }

// servant answers who runs the server, nil for ourselves.
func servant() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("pgtest: user %s: %w", name, err)
		}
		return &account{uint32(uid), uint32(gid)}, nil
	}
	return nil, errors.New("pgtest: running as root, and there is neither a user postgres nor a user nobody to run the server as")
}

// socketPathMax is what fits a Unix socket's address, less the file name PostgreSQL adds.
const socketPathMax = 107 - len("/.s.PGSQL.5432.lock")

// folder makes the server's folder where the servant can reach it.
func folder(who *account) (string, error) {
	var errs []error
	for _, base := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if who != nil && !open(base) {
			continue
		}
		dir, err := os.MkdirTemp(base, "ratewire-pg-")
		if err == nil && len(dir) <= socketPathMax {
			if who != nil {
				err = os.Chown(dir, int(who.uid), int(who.gid))
			}
			if err == nil {
				return dir, nil
			}
		}
		errs = append(errs, err)
	}
	return "", fmt.Errorf("pgtest: no place for a server: %w", errors.Join(errs...))
}

// open tells whether everyone may walk down to dir.
func open(dir string) bool {
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode()&0o001 == 0 {
			return false
		}
		if dir == "/" || dir == "." {
			return true
		}
	}
}

func (s *Server) init(bin string, who *account) error {
	cmd := exec.Command(filepath.Join(bin, "initdb"), "-D", s.Dir, "-U", "ratewire", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
	as(cmd, who)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: initdb: %w: %s", err, out)
	}
	return nil
}

func as(cmd *exec.Cmd, who *account) {
	cmd.Dir, cmd.Env = "/", []string{"LC_ALL=C", "PATH=/usr/bin:/bin", "TZ=UTC"}
	apart(cmd, who)
}

// watcher runs the server until its own standard input ends, which it does when our process ends, however that comes; then it clears up. When
// the server ends by itself, so does the watcher.
const watcher = `dir=$1; shift; exec 3<&0
"$@" </dev/null & server=$!
( read -r _ <&3; kill -QUIT $server ) >/dev/null 2>&1 & watch=$!
wait $server; kill $watch 2>/dev/null
rm -rf "$dir"`

func (s *Server) start(bin string, who *account, settings []string) error {
	args := []string{"-c", watcher, "sh", s.Dir, filepath.Join(bin, "postgres"), "-D", s.Dir, "-k", s.Dir}
	for _, set := range settings {
		args = append(args, "-c", set)
	}
	s.watch = exec.Command("/bin/sh", args...)
	as(s.watch, who)
	in, err := s.watch.StdinPipe()
	if err != nil {
		return err
	}
	out, err := s.watch.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.watch.Start(); err != nil {
		return fmt.Errorf("pgtest: start: %w", err)
	}
	s.pipe = in
	go s.out.follow(out)
	<-s.out.ready
	if !s.out.up.Load() {
		return errors.Join(fmt.Errorf("pgtest: the server did not start: %s", s.out.text()), s.Stop())
	}
	return nil
}

// Stop ends the server at once, without a checkpoint, and removes its folder. It may be called twice.
func (s *Server) Stop() error {
	if s.watch == nil {
		return nil
	}
	err := s.pipe.Close()
	var exit *exec.ExitError
	if werr := s.watch.Wait(); werr != nil && !errors.As(werr, &exit) {
		err = errors.Join(err, werr)
	}
	s.watch = nil
	return errors.Join(err, os.RemoveAll(s.Dir))
}

// Fresh answers a connection string for a new, empty schema.
func (s *Server) Fresh(ctx context.Context) (string, error) {
	conn, err := pgx.Connect(ctx, s.address(""))
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is under way
	name := fmt.Sprintf("test_%d", s.names.Add(1))
	if _, err := conn.Exec(ctx, "create schema "+name); err != nil {
		return "", err
	}
	return s.address(name), nil
}

func (s *Server) address(schema string) string {
	q := url.Values{"host": {s.Dir}}
	if schema != "" {
		q.Set("search_path", schema)
	}
	return "postgres://ratewire@/postgres?" + q.Encode()
}

// logLines is how much of a server's log is kept for an error message.
const logLines = 50

// log follows what the server says.
type log struct {
	mu    sync.Mutex
	lines []string
	once  sync.Once
	up    atomic.Bool
	ready chan struct{} // closed when the server is up or has ended
}

func (l *log) follow(r io.Reader) {
	defer l.once.Do(func() { close(l.ready) })
	for in := bufio.NewScanner(r); in.Scan(); {
		if strings.Contains(in.Text(), "database system is ready to accept connections") {
			l.up.Store(true)
			l.once.Do(func() { close(l.ready) })
		}
		l.mu.Lock()
		l.lines = append(l.lines, in.Text())
		l.lines = l.lines[max(0, len(l.lines)-logLines):]
		l.mu.Unlock()
	}
}

func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}
