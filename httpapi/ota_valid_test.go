package httpapi

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/internal/contracts"
)

// otaElement answers the OTA element of an answer, taken out of its envelope, and its name; "" if there is none (a SOAP fault), or no schema of
// it: OTA_ErrorRS answers what is no OTA request.
func otaElement(body []byte, schemas string) (name string, doc []byte) {
	i := bytes.Index(body, []byte("<OTA_"))
	if i < 0 {
		return "", nil
	}
	name = string(regexp.MustCompile(`^\w+`).Find(body[i+1:]))
	end := bytes.LastIndex(body, []byte("</"+name+">"))
	if _, err := os.Stat(filepath.Join(schemas, name+".xsd")); err != nil || end < 0 {
		return "", nil
	}
	return name, body[i : end+len(name)+3]
}

// xmllint checks answers by their schemas, many files in one run, and answers how many there were.
func xmllint(t *testing.T, schemas string, answers map[string][]byte) (n int) {
	t.Helper()
	dir, by := t.TempDir(), map[string][]string{}
	for from, body := range answers {
		name, doc := otaElement(body, schemas)
		if name == "" {
			continue
		}
		n++
		file := filepath.Join(dir, strings.NewReplacer("/", "_", " ", "_").Replace(from)+".xml")
		if err := os.WriteFile(file, doc, 0o644); err != nil {
			t.Fatal(err)
		}
		by[name] = append(by[name], file)
	}
	for name, files := range by {
		out, err := exec.Command("xmllint", append([]string{"--noout", "--nonet", "--schema", filepath.Join(schemas, name+".xsd")}, files...)...).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			for line := range strings.Lines(string(out)) {
				if !strings.HasSuffix(line, " validates\n") {
					t.Log(line)
				}
			}
		}
	}
	return n
}

// needXMLLint answers the schemas of 2017B, or skips the test, saying why.
func needXMLLint(t *testing.T) string {
	schemas := contracts.Dir(t, "ota", "schemas", "2017B")
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("no xmllint (Debian: libxml2-utils; make test installs it)")
	}
	return schemas
}

// TestEveryAnswerIsValidAgainst2017B posts every public sample, and what is wrong with them in many ways, to the endpoint, and checks each answer by
// its schema.
func TestEveryAnswerIsValidAgainst2017B(t *testing.T) {
	schemas := needXMLLint(t)
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
	if n := xmllint(t, schemas, answers); n < 150 {
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
