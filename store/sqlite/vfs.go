package sqlite

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// This file puts a thin VFS before SQLite's own, which counts syncs that the system has acknowledged, by database. It is always there, not
// only in tests: the count is a metric, and what is proved is what runs.

// countingVFS registers the VFS once and answers its name.
var countingVFS = sync.OnceValue(func() string {
	tls := libc.NewTLS()
	defer tls.Close()
	base := lib.Xsqlite3_vfs_find(tls, 0)
	if base == 0 {
		panic("sqlite: no default VFS")
	}
	const name = "ratewire"
	cname, err := libc.CString(name)
	if err != nil {
		panic(fmt.Sprintf("sqlite: register VFS: %v", err))
	}
	own, vfs := alloc[lib.Tsqlite3_vfs](tls)
	*vfs = *at[lib.Tsqlite3_vfs](base)
	vfs.FpNext, vfs.FzName = 0, cname
	counting.base, counting.open = base, vfs.FxOpen
	vfs.FxOpen = function(&openFunc{f: countingOpen})
	if rc := lib.Xsqlite3_vfs_register(tls, own, 0); rc != lib.SQLITE_OK {
		panic(fmt.Sprintf("sqlite: register VFS: code %d", rc))
	}
	return name
})

// counting is the state of the VFS.
var counting struct {
	base   uintptr  // the VFS before which it stands
	open   uintptr  // its xOpen
	tables sync.Map // uintptr of a method table of base -> uintptr of its methods
	files  sync.Map // uintptr of an open file -> *atomic.Int64 of its database
	counts sync.Map // path of a database -> *atomic.Int64
}

// methods is a method table of base with sync and close replaced by ours; SQLite sees its first field.
type methods struct {
	lib.Tsqlite3_io_methods
	sync, close uintptr // base's
}

type (
	openFunc struct {
		f func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32
	}
	syncFunc struct {
		f func(*libc.TLS, uintptr, int32) int32
	}
	closeFunc struct {
		f func(*libc.TLS, uintptr) int32
	}
)

// function answers a Go function as the code pointer that the translated C code calls, and callable the reverse.
func function[F openFunc | syncFunc | closeFunc](f *F) uintptr { return *(*uintptr)(unsafe.Pointer(f)) }

func callable[F openFunc | syncFunc | closeFunc](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }

// at answers what is at an address that SQLite or alloc gave: memory outside of Go's heap.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// alloc answers memory outside of Go's heap, where SQLite may point to. It is never freed: there are a handful, for as long as the process lives.
func alloc[T any](tls *libc.TLS) (uintptr, *T) {
	var t T
	p := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(t)))
	if p == 0 {
		panic("sqlite: out of memory")
	}
	return p, at[T](p)
}

func countingOpen(tls *libc.TLS, _, name, file uintptr, flags int32, out uintptr) int32 {
	rc := callable[openFunc](counting.open).f(tls, counting.base, name, file, flags, out)
	f := at[lib.Tsqlite3_file](file)
	if rc != lib.SQLITE_OK || f.FpMethods == 0 || name == 0 {
		return rc
	}
	counting.files.Store(file, syncsOf(libc.GoString(name)))
	f.FpMethods = methodsFor(tls, f.FpMethods)
	return rc
}

func methodsFor(tls *libc.TLS, table uintptr) uintptr {
	if m, ok := counting.tables.Load(table); ok {
		return m.(uintptr)
	}
	p, m := alloc[methods](tls)
	*m = methods{Tsqlite3_io_methods: *at[lib.Tsqlite3_io_methods](table)}
	m.sync, m.close = m.FxSync, m.FxClose
	m.FxSync, m.FxClose = function(&syncFunc{f: countingSync}), function(&closeFunc{f: countingClose})
	kept, _ := counting.tables.LoadOrStore(table, p)
	return kept.(uintptr)
}

// syncFault is nil but in tests: what it answers for a database's syncs instead of letting them happen, 0 to let them.
var syncFault atomic.Pointer[func(n *atomic.Int64) int32]

func countingSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	n, known := counting.files.Load(file)
	if fault := syncFault.Load(); fault != nil && known {
		if rc := (*fault)(n.(*atomic.Int64)); rc != lib.SQLITE_OK {
			return rc
		}
	}
	rc := callable[syncFunc](at[methods](at[lib.Tsqlite3_file](file).FpMethods).sync).f(tls, file, flags)
	if known && rc == lib.SQLITE_OK {
		n.(*atomic.Int64).Add(1)
	}
	return rc
}

func countingClose(tls *libc.TLS, file uintptr) int32 {
	counting.files.Delete(file)
	return callable[closeFunc](at[methods](at[lib.Tsqlite3_file](file).FpMethods).close).f(tls, file)
}

// syncsOf answers the counter of the database that a file (itself, its log or its journal) belongs to.
func syncsOf(path string) *atomic.Int64 {
	path = strings.TrimSuffix(strings.TrimSuffix(path, "-wal"), "-journal")
	n, _ := counting.counts.LoadOrStore(path, new(atomic.Int64))
	return n.(*atomic.Int64)
}
