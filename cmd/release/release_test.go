package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var stamp = time.Date(2026, 11, 22, 12, 34, 56, 0, time.UTC)

// copied answers a copy of the module at another place, with other times.
func copied(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	list, err := cmd.Output()
	if err != nil {
		t.Skipf("the module's files cannot be listed: %v", err)
	}
	to := filepath.Join(t.TempDir(), "elsewhere", "with a blank")
	for _, name := range strings.Split(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		body, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // deleted and not committed
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestOneSourceMakesOneArchive builds this platform's archive twice: from this place and from a copy at another, with other times, other settings of the
// caller, and another zone.
func TestOneSourceMakesOneArchive(t *testing.T) {
	if testing.Short() {
		t.Skip("it links the binary twice")
	}
	target := runtime.GOOS + "/" + runtime.GOARCH
	if !slices.Contains(platforms, target) {
		t.Skipf("%s is no platform of a release", target)
	}
	build := func(dir string) string {
		t.Helper()
		out := t.TempDir()
		if err := run(t.Context(), []string{"-version", "v9.8.7", "-dir", dir, "-out", out, "-targets", target, "-time", "1795350896"}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := build(filepath.Join("..", ".."))
	for k, v := range map[string]string{"TZ": "Asia/Tokyo", "GOFLAGS": "-buildvcs=auto", "GOAMD64": "v2", "LC_ALL": "C", "USER": "somebody"} {
		t.Setenv(k, v)
	}
	second := build(copied(t))
	names, err := os.ReadDir(first)
	if err != nil || len(names) != 3 {
		t.Fatalf("%v %v", names, err)
	}
	for _, n := range names {
		a, err1 := os.ReadFile(filepath.Join(first, n.Name()))
		b, err2 := os.ReadFile(filepath.Join(second, n.Name()))
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs (%d and %d bytes) %v %v", n.Name(), len(a), len(b), err1, err2)
		}
	}
	holds(t, first, target)
}

// holds checks what a release is made of.
func holds(t *testing.T, dir, target string) {
	t.Helper()
	name := "ratewire_v9.8.7_" + strings.ReplaceAll(target, "/", "_")
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(filepath.Join(dir, name+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(packed)
	if !strings.Contains(string(sums), hex.EncodeToString(sum[:])+"  "+name+".tar.gz\n") {
		t.Errorf("SHA256SUMS does not have the archive's sum:\n%s", sums)
	}
	bin := filepath.Join(t.TempDir(), "ratewire")
	for _, f := range unpacked(t, packed) {
		if f.name == name+"/ratewire" {
			if err := os.WriteFile(bin, f.body, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	out, err := exec.Command(bin, "version", "--json").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "v9.8.7") {
		t.Errorf("version: %v %s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, name+".cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v bill
	if err := json.Unmarshal(b, &v); err != nil || v.Format != "CycloneDX" || v.Metadata.Component.Version != "v9.8.7" || len(v.Components) < 20 {
		t.Errorf("%v: %d components, %+v", err, len(v.Components), v.Metadata)
	}
	for _, want := range []string{"pkg:golang/modernc.org/sqlite@", "pkg:golang/github.com/jackc/pgx/v5@", "pkg:golang/std@"} {
		if !slices.ContainsFunc(v.Components, func(c component) bool { return strings.HasPrefix(c.PURL, want) }) {
			t.Errorf("no %s in the bill", want)
		}
	}
	if bytes.Contains(b, []byte("honnef.co")) {
		t.Error("the bill lists a tool that is not linked")
	}
}

// unpacked reads a tar.gz and checks that nothing of this machine is in it.
func unpacked(t *testing.T, packed []byte) (out []file) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if !z.ModTime.IsZero() || z.Name != "" {
		t.Errorf("the gzip header tells %s %q", z.ModTime, z.Name)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "" || h.Mode&0o022 != 0 || h.ModTime.Unix() != 1795350896 && !h.ModTime.Equal(stamp) {
			t.Errorf("%+v", h)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, file{name: h.Name, body: body, program: h.Mode&0o100 != 0})
	}
}

func TestArchivesHoldTheirFilesInOrderAtOneInstant(t *testing.T) {
	files := []file{{name: "x/B", body: []byte("b")}, {name: "x/A", body: bytes.Repeat([]byte("a"), 100_000)}, {name: "x/run", body: []byte("!"), program: true}}
	packed, err := tarGz(files, stamp)
	if err != nil {
		t.Fatal(err)
	}
	got := unpacked(t, packed)
	for i := range files {
		if got[i].name != files[i].name || !bytes.Equal(got[i].body, files[i].body) || got[i].program != files[i].program {
			t.Errorf("%s: %s, %d bytes", files[i].name, got[i].name, len(got[i].body))
		}
	}
	z1, err1 := zipped(files, stamp)
	z2, err2 := zipped(files, stamp.In(time.FixedZone("x", 3600)))
	if err1 != nil || err2 != nil || !bytes.Equal(z1, z2) {
		t.Errorf("zips of one instant differ: %v %v", err1, err2)
	}
	r, err := zip.NewReader(bytes.NewReader(z1), int64(len(z1)))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range r.File {
		if f.Name != files[i].name || !f.Modified.Equal(stamp) || (f.Mode()&0o100 != 0) != files[i].program {
			t.Errorf("%s %s %s", f.Name, f.Modified, f.Mode())
		}
	}
}

func TestBadReleasesAreRefused(t *testing.T) {
	for _, args := range [][]string{{}, {"-version", "v1", "-targets", "plan9/386"}, {"-version", "v1", "x"}} {
		if err := run(t.Context(), append([]string{"-out", t.TempDir(), "-time", "1"}, args...)); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
