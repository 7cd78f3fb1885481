package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// bill is a bill of materials as CycloneDX 1.6 writes it: what Go recorded in the binary itself, so that it lists what was linked and nothing else.
//
// Source: https://cyclonedx.org/docs/1.6/json/
type bill struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"` // application | library
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn"`
}

// billOf answers the bill of a binary. Its serial number is made of the binary, so that the same bytes have the same bill.
func billOf(info *debug.BuildInfo, version, name string, binary []byte, at time.Time) ([]byte, error) {
	sum := sha256.Sum256(binary)
	self := component{Type: "application", Name: name, Version: version, PURL: purl(info.Main.Path, version),
		Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}}
	self.Ref = self.PURL
	for _, s := range info.Settings {
		if s.Key == "GOOS" || s.Key == "GOARCH" || s.Key == "CGO_ENABLED" {
			self.Properties = append(self.Properties, property{"go:" + s.Key, s.Value})
		}
	}
	std := strings.TrimPrefix(info.GoVersion, "go")
	components := []component{{Type: "library", Name: "std", Version: std, PURL: purl("std", std), Ref: purl("std", std)}}
	for _, d := range info.Deps {
		components = append(components, dependencyOf(d))
	}
	slices.SortFunc(components, func(a, b component) int { return strings.Compare(a.PURL, b.PURL) })
	own := dependency{Ref: self.Ref}
	for _, c := range components {
		own.On = append(own.On, c.Ref)
	}
	b := bill{Format: "CycloneDX", Spec: "1.6", Serial: serial(sum), Version: 1, Metadata: metadata{at.UTC().Format(time.RFC3339), self}, Components: components, Dependencies: []dependency{own}}
	out, err := json.MarshalIndent(b, "", " ")
	return append(out, '\n'), err
}

// dependencyOf answers a module as it was linked: what replaced it, where something did.
func dependencyOf(d *debug.Module) component {
	if d.Replace != nil {
		d = d.Replace
	}
	c := component{Type: "library", Name: d.Path, Version: d.Version, PURL: purl(d.Path, d.Version)}
	c.Ref = c.PURL
	if d.Sum != "" {
		c.Properties = []property{{"go:sum", d.Sum}} // of the module's files, as go.sum has it
	}
	return c
}

// purl names a Go module.
//
// Source: https://github.com/package-url/purl-spec, type golang: names are in lower case.
func purl(path, version string) string {
	return "pkg:golang/" + strings.ToLower(path) + "@" + strings.ReplaceAll(version, "+", "%2B")
}

// serial answers a UUID made of a hash (RFC 9562, version 8).
func serial(sum [32]byte) string {
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
