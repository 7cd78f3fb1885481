package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/clock"
	"github.com/ratewire/ratewire/internal/contracts"
	"github.com/ratewire/ratewire/store/memory"
)

// shifted is the real clock at another time: samples are from years ago, and are posted in their own days.
type shifted struct {
	clock.Clock
	by time.Duration
}

func (c shifted) Now() time.Time { return c.Clock.Now().Add(c.by) }

var (
	sampleTime  = regexp.MustCompile(`\bTimeStamp="([^"]*)"`)
	sampleStart = regexp.MustCompile(`\bStart="(\d{4}-\d\d-\d\d)`)
	sampleHotel = regexp.MustCompile(`\bHotelCode="([^"]*)"`)
	sampleRoom  = regexp.MustCompile(`\b(?:Inv(?:Type)?Code|RoomTypeCode)="([^"]*)"`)
	samplePlan  = regexp.MustCompile(`\bRatePlanCode="([^"]*)"`)
	sampleMoney = regexp.MustCompile(`\bCurrencyCode\s*="([A-Z]{3})"`)
)

// sampleDay answers when a sample is posted: at its TimeStamp, or the day before its first stay date if that is earlier or it has none.
func sampleDay(body string) time.Time {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, m := range sampleStart.FindAllStringSubmatch(body, -1) {
		if d, err := ari.ParseDate(m[1]); err == nil && d.Time().Before(at) {
			at = d.Time().Add(-12 * time.Hour)
		}
	}
	if m := sampleTime.FindStringSubmatch(body); m != nil {
		if t, err := time.Parse(time.RFC3339, m[1]); err == nil && t.Before(at) {
			at = t.Add(time.Second)
		}
	}
	return at
}

func codesIn(re *regexp.Regexp, body string) (out []string) {
	for _, m := range re.FindAllStringSubmatch(body, -1) {
		if m[1] != "" && !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// postSample posts a sample to a hub of its time that knows its hotel, rooms and plans, and tells in lines what came of it: the answer, and
// every cell that is told afterwards.
func postSample(t *testing.T, body, profile string) string {
	t.Helper()
	c := shifted{clock.Real(), time.Until(sampleDay(body))}
	h, err := hub.Open(t.Context(), hub.Options{Store: memory.NewDisk(memory.Options{}).Open(), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	until(t, "the hub writes", func() bool { s := h.Status(); return s.Ready && s.Writer })
	hotel := strings.Join(codesIn(sampleHotel, body)[:min(1, len(codesIn(sampleHotel, body)))], "")
	var only []string
	if hotel == "" && profile != "" { // the sender has one hotel and does not name it
		hotel, only = "HOTEL", []string{"HOTEL"}
	}
	plain, secret := NewSecret(c.Now())
	who := ari.Author{Kind: ari.BySystem, ID: "test"}
	put := func(property, kind, code string, v any) {
		b, _ := json.Marshal(v)
		if _, err := h.PutObject(t.Context(), who, property, kind, code, b, 0, false); err != nil {
			t.Fatalf("%s %s: %v", kind, code, err)
		}
	}
	put(ari.HubProperty, hub.KindConnection, "acme", hub.Connection{ID: "acme", Protocol: "ota", Profile: profile, Properties: only, Unmapped: true, Test: true, Secrets: []hub.Secret{secret}})
	if hotel != "" {
		currency := append(codesIn(sampleMoney, body), "EUR")[0]
		put(hotel, ari.KindProperty, hotel, ari.Property{Code: hotel, TimeZone: "UTC", Currency: currency})
		for _, code := range codesIn(sampleRoom, body) {
			put(hotel, ari.KindRoomType, code, ari.RoomType{Code: code, StdOccupancy: 2})
		}
		for _, code := range codesIn(samplePlan, body) {
			put(hotel, ari.KindRatePlan, code, ari.RatePlan{Code: code, Tax: "both"})
		}
	}
	a, err := newAPI(h, Options{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest("POST", "/ota/acme", strings.NewReader(body))
	req.Header.Set("Content-Type", "text/xml")
	req.SetBasicAuth("acme", plain)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, req)
	return fmt.Sprintf("%d %s\n", w.Code, answerLine(w.Body.String())) + cellLines(t, h, hotel)
}

var answerParts = regexp.MustCompile(`<(Success|Warning|Error)\b([^>]*)>([^<]*)`)
var answerAttrs = regexp.MustCompile(`\b(Type|Code|RecordID|Status|ShortText)="([^"]*)"`)

// answerLine shortens an answer to what must not change.
func answerLine(body string) string {
	var out []string
	for _, m := range answerParts.FindAllStringSubmatch(body, -1) {
		line := m[1]
		for _, x := range answerAttrs.FindAllStringSubmatch(m[2], -1) {
			line += " " + x[1] + "=" + x[2]
		}
		if m[1] == "Error" {
			line += " (" + html.UnescapeString(m[3]) + ")"
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

func cellLines(t *testing.T, h *hub.Hub, hotel string) string {
	t.Helper()
	if hotel == "" {
		return ""
	}
	var b strings.Builder
	if err := h.Read(hotel, func(p *ari.Picture) error {
		for _, r := range p.Catalog().Blocks {
			fmt.Fprintf(&b, "  block %s\n", p.Catalog().Body(ari.KindBlock, r.ID))
		}
		p.Cells(ari.CellFilter{}, func(c *ari.SourceCell) bool {
			fmt.Fprintf(&b, "  %s %s..%s %s = %s%s\n", c.Scope, c.Span.From, c.Span.To, c.Field, appendTold(nil, c.Field, c.State, c.Value), c.Text)
			return true
		})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// profileOfSample answers the shipped profile of the partner that a sample is from; "" if there is none, or the sample is no message to us.
func profileOfSample(set, name string) string {
	if set == "google-ari" {
		set, name = "", "google/"+name
	}
	vendor, file, _ := strings.Cut(name, "/")
	if strings.Contains(file, "response") || strings.Contains(file, "error") {
		return ""
	}
	return map[string]string{"booking-com": "booking", "google": "google", "htng": "htng", "sabre-synxis": "htng", "siteminder": "siteminder"}[vendor]
}

// TestPublicSamplesComeToWhatTheTableSays posts every sample of the contracts to the endpoint: messages, answers, pieces of messages and
// formats of others; under the generic profile, and under the shipped one of the partner that it is from. The table is testdata/ota-samples.txt: what is answered, and everything that is told or defined afterwards.
func TestPublicSamplesComeToWhatTheTableSays(t *testing.T) {
	var got strings.Builder
	n := 0
	for _, at := range [][]string{{"ota", "samples"}, {"google-ari", "samples"}} {
		dir := contracts.Dir(t, at...)
		if err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			body, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			n++
			name, _ := filepath.Rel(dir, file)
			fmt.Fprintf(&got, "%s\n  %s", filepath.Join(at[0], name), postSample(t, string(body), ""))
			if p := profileOfSample(at[0], name); p != "" {
				fmt.Fprintf(&got, "%s as %s\n  %s", filepath.Join(at[0], name), p, postSample(t, string(body), p))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n < 88 {
		t.Errorf("only %d samples", n)
	}
	golden(t, filepath.Join("testdata", "ota-samples.txt"), []byte(got.String()))
}
