package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/httpapi"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/apicompat"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/memory"
	"github.com/ratewire/ratewire/store/sqlite"
)

// Each release leaves its database and its openapi.json under testdata/VERSION. What comes later reads the one and keeps the other's promises
// (S35, S50). They are written once, by `ratewire demo --once --data DIR --changes 40` and GET /openapi.json of that release, and never
// again.
func releases(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/v*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no releases under testdata: %v", err)
	}
	return dirs
}

func TestEveryReleasesDatabaseIsReadInFull(t *testing.T) {
	for _, dir := range releases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(dir, "ratewire.db"))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "ratewire.db")
			if err := os.WriteFile(path, body, 0o600); err != nil {
				t.Fatal(err)
			}
			code, out, errs := try(t, "check", "--json", "--store", path)
			var report checkReport
			if err := json.Unmarshal([]byte(out), &report); err != nil || code != ExitOK || len(report.Problems) > 0 {
				t.Fatalf("exit %d, %v, %s%s", code, err, out, errs)
			}
			if report.Rebuilt != report.Properties || report.Entries < 60 || report.Pages < 100 {
				t.Errorf("too little was read to show anything: %+v", report)
			}
			served(t, path)
		})
	}
}

// served runs a hub on the database and reads what the demo told of its alpine hotel.
func served(t *testing.T, path string) {
	t.Helper()
	st, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	h := running(t, st)
	err = h.Read("ALP1", func(p *ari.Picture) error {
		c := p.Catalog()
		if len(c.RoomTypes) != 3 || len(c.Plans) != 4 || c.Property.TimeZone != "Europe/Vienna" || c.Property.Currency != "EUR" {
			t.Errorf("catalog: %d room types, %d plans, %+v", len(c.RoomTypes), len(c.Plans), c.Property)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	past, err := h.Past(t.Context(), "ALP1", 12)
	if err != nil {
		t.Fatal(err)
	}
	if past.Revision() != 12 {
		t.Errorf("revision %d, want 12", past.Revision())
	}
}

// mended are breaks that are none: where the older document said what its release did not do.
var mended = map[string]string{
	"null was never answered (was object, is null|object)": "v0.1.0 answered null for the old state of a new overlay and the new state of a lifted one, and its document did not say so",
}

// TestNothingThatAReleasesAPIPromisedIsGone holds this build's document to those of all releases: within /v1 there are only additions (S50). Which
// kinds of breaks there are is apicompat.Table.
func TestNothingThatAReleasesAPIPromisedIsGone(t *testing.T) {
	now := document(t)
	for _, dir := range releases(t) {
		then, err := os.ReadFile(filepath.Join(dir, "openapi.json"))
		if err != nil {
			t.Fatal(err)
		}
		breaks, err := apicompat.Compare(then, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range breaks {
			if why := mended[b.What]; why != "" && strings.Contains(b.At, "/overlays/") {
				t.Logf("%s: %s: %s", filepath.Base(dir), b, why)
				continue
			}
			t.Errorf("%s: %s", filepath.Base(dir), b)
		}
		if n := bytes.Count(then, []byte(`"operationId"`)); n < 60 {
			t.Errorf("%s: %d operations only", dir, n)
		}
		other := bytes.Replace(now, []byte(`"/v1/shop": {`), []byte(`"/v1/ask": {`), 1)
		if breaks, err := apicompat.Compare(then, other); err != nil || !slices.ContainsFunc(breaks, func(b apicompat.Break) bool { return b.Kind == apicompat.PathGone }) {
			t.Errorf("%s: a path that is gone is not seen: %v %v", dir, breaks, err)
		}
	}
}

// document answers this build's.
func document(t *testing.T) []byte {
	t.Helper()
	handler, err := httpapi.New(running(t, memory.NewDisk(memory.Options{}).Open()), httpapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	if w.Code != 200 {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// running runs a hub until the test ends.
func running(t *testing.T, st store.Store) *hub.Hub {
	t.Helper()
	return runningWith(t, hub.Options{Store: st, Node: "release"})
}

// runningWith runs a hub of the options until the test ends.
func runningWith(t *testing.T, o hub.Options) *hub.Hub {
	t.Helper()
	h, err := hub.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	for deadline := time.Now().Add(time.Minute); !h.Status().Ready; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not ready within a minute")
		}
	}
	return h
}
