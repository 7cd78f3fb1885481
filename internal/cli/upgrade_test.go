package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/httpapi"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/clock"
	"github.com/ratewire/ratewire/store/sqlite"
)

// recorded is what a release answered from its own database, at an instant: testdata/answers-VERSION.json. It was written once, by that release's
// code (set RATEWIRE_RECORD_ANSWERS to do so for a new one), and is never written again.
type recorded struct {
	Now     time.Time        `json:"now"` // by the hub's clock
	Answers []recordedAnswer `json:"answers"`
}

type recordedAnswer struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   string          `json:"body,omitempty"`
	Status int             `json:"status"`
	Answer json.RawMessage `json:"answer"`
}

// upgradeNow is shortly after the last entry of v0.1.0's database.
var upgradeNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// questions are what is asked of each hotel of the demo.
func questions() (out []recordedAnswer) {
	get := func(path string, args ...any) {
		out = append(out, recordedAnswer{Method: "GET", Path: fmt.Sprintf(path, args...)})
	}
	get("/v1/properties")
	get("/v1/connections")
	for _, p := range []string{"ALP1", "NYC1", "TYO1"} {
		get("/v1/properties/%s", p)
		for _, kind := range []string{"room-types", "rate-plans", "room-classes", "pools", "blocks", "rate-categories", "overlays"} {
			get("/v1/properties/%s/%s", p, kind)
		}
		for _, stay := range []string{"arrival=2026-11-27&nights=2", "arrival=2026-12-05&nights=1&adults=1", "arrival=2026-12-24&nights=3&children=5,8", "arrival=2027-01-15&nights=7&rooms=2"} {
			get("/v1/shop?properties=%s&%s&why=true&at=2026-11-22T12:00:00Z", p, stay)
		}
		get("/v1/properties/%s/grid?from=2026-12-01&to=2026-12-07", p)
		get("/v1/properties/%s/feed?limit=12", p)
		get("/v1/properties/%s/history?date=2026-12-05&limit=30", p)
	}
	get("/v1/explain?property=ALP1&room_type=DLX&rate_plan=BAR&arrival=2026-11-27&nights=2&as_of=12")
	for _, plan := range []string{"BAR", "NRF", "HB", "FLEX"} {
		get("/v1/explain?property=ALP1&room_type=DLX&rate_plan=%s&arrival=2026-12-05&nights=2&at=2026-11-22T12:00:00Z", plan)
	}
	return out
}

// upgraded serves a copy of a release's database at an instant.
func upgraded(t *testing.T, dir string, now time.Time) (http.Handler, string) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(dir, "ratewire.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ratewire.db")
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	st, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	h := runningWith(t, hub.Options{Store: st, Node: "release", Clock: clock.NewManual(now), Decoders: map[string]hub.Decoder{"ota": httpapi.OTADecoder()}})
	for deadline := time.Now().Add(time.Minute); !h.Status().Writer; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("does not write within a minute")
		}
	}
	api, err := httpapi.New(h, httpapi.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	b, err := httpapi.Bootstrap(t.Context(), h, "upgrade", "", false) // its token is judged by the same clock
	if err != nil {
		t.Fatal(err)
	}
	form := httptest.NewRequest("POST", "/oauth/token", strings.NewReader("grant_type=client_credentials&client_id=upgrade&client_secret="+b.Secret))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, form)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil || token.AccessToken == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return api, token.AccessToken
}

// askAPI sends a request and answers status and body.
func askAPI(t *testing.T, api http.Handler, token string, q recordedAnswer) (int, []byte) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), q.Method, q.Path, strings.NewReader(q.Body))
	req.Header.Set("Authorization", "Bearer "+token)
	if q.Body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, req)
	return w.Code, bytes.TrimSpace(w.Body.Bytes())
}

// TestAReleasesDatabaseAnswersAsItDidAndTakesWrites opens a copy of the database with this build, at the same instant, and asks what was asked then.
// What is new may have come; nothing may be gone or differ. Amounts are compared as amounts.
func TestAReleasesDatabaseAnswersAsItDidAndTakesWrites(t *testing.T) {
	for _, dir := range releases(t) {
		version := filepath.Base(dir)
		t.Run(version, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata", "answers-"+version+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var r recorded
			if err := json.Unmarshal(b, &r); err != nil {
				t.Fatal(err)
			}
			api, token := upgraded(t, dir, r.Now)
			sold, facts := 0, 0
			for _, q := range r.Answers {
				status, body := askAPI(t, api, token, q)
				if status != q.Status {
					t.Errorf("%s: %d %s, was %d", q.Path, status, body, q.Status)
					continue
				}
				for _, d := range differences(t, q.Answer, body) {
					t.Errorf("%s: %s", q.Path, d)
				}
				sold += strings.Count(string(q.Answer), `"sellable":true`)
				facts += strings.Count(string(q.Answer), `"revision"`)
			}
			if len(r.Answers) < 50 || sold < 20 || facts < 50 {
				t.Errorf("%d answers with %d offers and %d revisions: too little to show anything", len(r.Answers), sold, facts)
			}
			writes(t, api, token)
		})
	}
}

// differences answers where the older answer's values are not in the newer one.
func differences(t *testing.T, older, newer []byte) (out []string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(older, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(newer, &b); err != nil {
		t.Fatalf("%v: %s", err, newer)
	}
	var walk func(at string, a, b any)
	walk = func(at string, a, b any) {
		switch x := a.(type) {
		case map[string]any:
			y, ok := b.(map[string]any)
			for k, v := range x {
				if w, there := y[k]; ok && there {
					walk(at+"/"+k, v, w)
				} else {
					out = append(out, fmt.Sprintf("%s/%s: %v is gone", at, k, v))
				}
			}
		case []any:
			y, _ := b.([]any)
			if len(y) != len(x) {
				out = append(out, fmt.Sprintf("%s: %d items, were %d", at, len(y), len(x)))
				return
			}
			for i := range x {
				walk(fmt.Sprint(at, "/", i), x[i], y[i])
			}
		default:
			if a != b && !sameAmount(a, b) {
				out = append(out, fmt.Sprintf("%s: %v, was %v", at, b, a))
			}
		}
	}
	walk("", a, b)
	return out
}

// sameAmount tells whether two values are one amount: "12000.00" and "12000".
func sameAmount(a, b any) bool {
	x, ok1 := a.(string)
	y, ok2 := b.(string)
	if !ok1 || !ok2 {
		return false
	}
	m, err1 := ari.ParseAmount(x)
	n, err2 := ari.ParseAmount(y)
	return err1 == nil && err2 == nil && m == n
}

// writes sends an update of each kind to the upgraded database and reads it back.
func writes(t *testing.T, api http.Handler, token string) {
	t.Helper()
	do := func(method, path, body string) []byte {
		t.Helper()
		status, answer := askAPI(t, api, token, recordedAnswer{Method: method, Path: path, Body: body})
		if status/100 != 2 {
			t.Fatalf("%s %s: %d %s", method, path, status, answer)
		}
		return answer
	}
	do("PUT", "/v1/properties/ALP1/rate-plans/NEW", `{"name":"After the upgrade"}`)
	do("PUT", "/v1/clients/upgrade", `{"scopes":[],"roles":["admin"],"connection":"demo-pms"}`)
	do("POST", "/v1/overlays", `{"properties":["ALP1"],"kind":"stop_sell","room_type":"DLX","from":"2026-12-05","to":"2026-12-05","reason":"after the upgrade"}`)
	if got := do("GET", "/v1/shop?properties=ALP1&room_types=DLX&arrival=2026-12-05&nights=1&why=true&at=2026-11-22T12:00:00Z", ""); bytes.Contains(got, []byte(`"sellable":true`)) {
		t.Errorf("sold under a stop-sell: %s", got)
	}
	if got := do("GET", "/v1/properties/ALP1/rate-plans/NEW", ""); !bytes.Contains(got, []byte("After the upgrade")) {
		t.Errorf("%s", got)
	}
}

// TestRecordAnswers writes what this build answers; it runs only when it is asked for by name of the file.
func TestRecordAnswers(t *testing.T) {
	to := os.Getenv("RATEWIRE_RECORD_ANSWERS")
	if to == "" {
		t.Skip("RATEWIRE_RECORD_ANSWERS names no file: answers are recorded once for each release")
	}
	version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(to), "answers-"), ".json")
	api, token := upgraded(t, filepath.Join("testdata", version), upgradeNow)
	r := recorded{Now: upgradeNow}
	for _, q := range questions() {
		q.Status, q.Answer = askAPI(t, api, token, q)
		if q.Status == http.StatusOK {
			r.Answers = append(r.Answers, q)
		}
	}
	var b bytes.Buffer // an answer a line
	fmt.Fprintf(&b, "{\"now\":%q,\"answers\":[\n", r.Now.Format(time.RFC3339))
	for i, q := range r.Answers {
		line, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			b.WriteString(",\n")
		}
		b.Write(line)
	}
	b.WriteString("\n]}\n")
	if err := os.WriteFile(to, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
