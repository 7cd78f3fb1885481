package cli

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/httpapi"
	"github.com/ratewire/ratewire/hub"
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

func TestNothingThatAReleasesAPIPromisedIsGone(t *testing.T) {
	now := document(t)
	for _, dir := range releases(t) {
		body, err := os.ReadFile(filepath.Join(dir, "openapi.json"))
		if err != nil {
			t.Fatal(err)
		}
		var then openAPI
		if err := json.Unmarshal(body, &then); err != nil {
			t.Fatal(err)
		}
		if len(then.Paths) < 40 {
			t.Fatalf("%s: %d paths only", dir, len(then.Paths))
		}
		for path, methods := range then.Paths {
			for method := range methods {
				if _, ok := now.Paths[path][method]; !ok {
					t.Errorf("%s: %s %s is gone", filepath.Base(dir), method, path)
				}
			}
		}
		for name, schema := range then.Components.Schemas {
			for field := range schema.Properties {
				if _, ok := now.Components.Schemas[name].Properties[field]; !ok {
					t.Errorf("%s: %s.%s is gone", filepath.Base(dir), name, field)
				}
			}
		}
	}
}

// openAPI is what is compared of a document.
type openAPI struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas map[string]struct{ Properties map[string]json.RawMessage }
	}
}

// document answers this build's.
func document(t *testing.T) (d openAPI) {
	t.Helper()
	handler, err := httpapi.New(running(t, memory.NewDisk(memory.Options{}).Open()), httpapi.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatalf("%d: %v", w.Code, err)
	}
	return d
}

// running runs a hub until the test ends.
func running(t *testing.T, st store.Store) *hub.Hub {
	t.Helper()
	h, err := hub.Open(t.Context(), hub.Options{Store: st, Node: "release"})
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
