package main

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// platforms are those of a release.
var platforms = []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}

// documents go into every archive beside the binary.
var documents = []string{"CHANGELOG.md", "LICENSE", "NOTICE", "README.md"}

// release is one under way.
type release struct {
	version string
	dir     string // the module's
	out     string
	targets []string
	at      time.Time // of every file
	log     func(string, ...any)
}

// make builds everything: an archive and a bill of materials for each platform, then the checksums of all of them.
func (r *release) make(ctx context.Context) error {
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	var made []string
	for _, target := range r.targets {
		if !slices.Contains(platforms, target) {
			return fmt.Errorf("target %q: want one of %s", target, strings.Join(platforms, ", "))
		}
		names, err := r.target(ctx, target)
		if err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
		made = append(made, names...)
	}
	return r.checksums(made)
}

// target builds one platform's archive and bill of materials, and answers their names.
func (r *release) target(ctx context.Context, target string) ([]string, error) {
	tmp, err := os.MkdirTemp("", "ratewire-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	goos, goarch, _ := strings.Cut(target, "/")
	name := fmt.Sprintf("ratewire_%s_%s_%s", r.version, goos, goarch)
	binary := filepath.Join(tmp, "ratewire")
	if goos == "windows" {
		binary += ".exe"
	}
	if err := r.build(ctx, goos, goarch, binary); err != nil {
		return nil, err
	}
	files, err := r.files(name, binary)
	if err != nil {
		return nil, err
	}
	archive, pack := name+".tar.gz", tarGz
	if goos == "windows" {
		archive, pack = name+".zip", zipped
	}
	packed, err := pack(files, r.at)
	if err != nil {
		return nil, err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	bom, err := billOf(info, r.version, filepath.Base(binary), files[len(files)-1].body, r.at)
	if err != nil {
		return nil, err
	}
	r.log("%s  %d KiB", archive, len(packed)>>10)
	for n, body := range map[string][]byte{archive: packed, name + ".cdx.json": bom} {
		if err := os.WriteFile(filepath.Join(r.out, n), body, 0o644); err != nil {
			return nil, err
		}
	}
	return []string{archive, name + ".cdx.json"}, nil
}

// build builds the binary with nothing of this machine in it: no cgo, no paths, no state of the checkout, no settings of the caller's.
func (r *release) build(ctx context.Context, goos, goarch, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags", "-s -w -buildid= -X github.com/ratewire/ratewire/internal/buildinfo.version="+r.version, "-o", to, "./cmd/ratewire")
	cmd.Dir = r.dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"GOFLAGS", "GOEXPERIMENT", "GOAMD64", "GOARM64", "GODEBUG", "GOFIPS140", "CGO_ENABLED", "GOOS", "GOARCH", "PWD"}, name)
	})
	cmd.Env = append(cmd.Env, "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// files answers what an archive holds, in order; the binary is the last.
func (r *release) files(under, binary string) (out []file, err error) {
	for _, d := range documents {
		body, err := os.ReadFile(filepath.Join(r.dir, d))
		if err != nil {
			return nil, err
		}
		out = append(out, file{name: under + "/" + d, body: body})
	}
	body, err := os.ReadFile(binary)
	return append(out, file{name: under + "/" + filepath.Base(binary), body: body, program: true}), err
}

// checksums writes SHA256SUMS in the form that sha256sum -c reads.
func (r *release) checksums(names []string) error {
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		body, err := os.ReadFile(filepath.Join(r.out, name))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		b.WriteString(hex.EncodeToString(sum[:]) + "  " + name + "\n")
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(b.String()), 0o644)
}
