package contracts

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// NeedXMLLint skips a test where there is no xmllint to validate XML with.
func NeedXMLLint(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("no xmllint (Debian: libxml2-utils; make test installs it)")
	}
}

// OTASchemas answers the folder of the schemas of 2017B, or skips the test where they or xmllint are absent.
func OTASchemas(t testing.TB) string {
	t.Helper()
	schemas := Dir(t, "ota", "schemas", "2017B")
	NeedXMLLint(t)
	return schemas
}

var rootName = regexp.MustCompile(`^\w+`)

// OTAElement answers the OTA element of a message, taken out of its envelope, and its name; "" if there is none (a SOAP fault), or no schema of
// it: OTA_ErrorRS answers what is no OTA request.
func OTAElement(body []byte, schemas string) (name string, doc []byte) {
	i := bytes.Index(body, []byte("<OTA_"))
	if i < 0 {
		return "", nil
	}
	name = string(rootName.Find(body[i+1:]))
	end := bytes.LastIndex(body, []byte("</"+name+">"))
	if _, err := os.Stat(filepath.Join(schemas, name+".xsd")); err != nil || end < 0 {
		return "", nil
	}
	return name, body[i : end+len(name)+3]
}

// ValidateOTA checks messages against their schemas, many in one run of xmllint, and answers how many there were. bodies is by what a message is
// called where it fails.
func ValidateOTA(t testing.TB, schemas string, bodies map[string][]byte) (n int) {
	t.Helper()
	dir, bySchema := t.TempDir(), map[string][]string{}
	for from, body := range bodies {
		name, doc := OTAElement(body, schemas)
		if name == "" {
			continue
		}
		n++
		file := filepath.Join(dir, strings.NewReplacer("/", "_", " ", "_").Replace(from)+".xml")
		if err := os.WriteFile(file, doc, 0o644); err != nil {
			t.Fatal(err)
		}
		bySchema[name] = append(bySchema[name], file)
	}
	for name, files := range bySchema {
		args := append([]string{"--noout", "--nonet", "--schema", filepath.Join(schemas, name+".xsd")}, files...)
		out, err := exec.Command("xmllint", args...).CombinedOutput()
		if err == nil {
			continue
		}
		t.Errorf("%s: %v", name, err)
		for line := range strings.Lines(string(out)) {
			if !strings.HasSuffix(line, " validates\n") {
				t.Log(line)
			}
		}
	}
	return n
}
