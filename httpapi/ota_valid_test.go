package httpapi

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/internal/contracts"
)

// TestEveryAnswerIsValidAgainst2017B posts every public sample, and what is wrong with them in many ways, to the endpoint, and checks each answer by
// its schema.
func TestEveryAnswerIsValidAgainst2017B(t *testing.T) {
	schemas := contracts.OTASchemas(t)
	answers := map[string][]byte{}
	r := pullRig(t, `{"protocol":"ota","unmapped":true,"test":true}`)
	r.ok("PUT", "/v1/properties/EMPTY", `{"time_zone":"Europe/Vienna","currency":"EUR"}`)
	for name, body := range samplesToPost(t) {
		hotel := "none"
		if h := sampleHotel.FindStringSubmatch(body); h != nil {
			hotel = h[1]
		}
		known := strings.ReplaceAll(body, `HotelCode="`+hotel+`"`, `HotelCode="ALP1"`) // of a hotel that is there, its codes are not
		for i, b := range []string{body, known, strings.Replace(known, `Version="`, `Version="<`, 1), known[:len(known)*2/3], regexp.MustCompile(`(Start|End|BookingLimit|Count)="[^"]*"`).ReplaceAllString(known, `$1="x&quot;"`)} {
			answers[fmt.Sprint(name, " ", i)] = r.ota(b).body
		}
	}
	for kind, inner := range map[string]string{"OTA_HotelAvailGetRQ": "", "OTA_HotelRatePlanRQ": "", "OTA_HotelInvCountRQ": "", "OTA_HotelInvBlockRQ": ""} {
		for _, hotel := range []string{"ALP1", "EMPTY", "NOPE"} {
			answers[kind+hotel] = r.ota(askFor(kind, hotel, inner)).body
		}
	}
	if n := contracts.ValidateOTA(t, schemas, answers); n < 150 {
		t.Errorf("only %d answers to validate", n)
	}
}

// samplesToPost answers the OTA requests among the public samples, by name.
func samplesToPost(t *testing.T) map[string]string {
	dir, out := contracts.Dir(t, "ota", "samples"), map[string]string{}
	if err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(file)
		if err == nil && regexp.MustCompile(`<(?:\w+:)?OTA_\w+RQ\b`).Match(body) {
			name, _ := filepath.Rel(dir, file)
			out[name] = string(body)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}
