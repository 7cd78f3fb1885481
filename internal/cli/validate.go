package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ratewire/ratewire/protocol/otaxml"
)

type validateCmd struct {
	File    string `arg:"" help:"An OTA message; - is standard input."`
	Profile string `default:"generic" help:"What it is read with: a shipped profile (${profiles}) or a JSON file of one."`
}

// validated is what a message would do, as far as it says so itself.
type validated struct {
	File       string           `json:"file"`
	Profile    string           `json:"profile"`
	Unchosen   []string         `json:"unchosen,omitempty"` // choices that can oversell and that the profile leaves open
	Kind       string           `json:"kind,omitempty"`
	Hotel      string           `json:"hotel,omitempty"`
	SourceTime string           `json:"source_time,omitempty"`
	NoTime     string           `json:"no_source_time,omitempty"` // why it does not order
	Repeatable bool             `json:"repeat_is_known"`          // a second copy is told from a change
	Verdict    string           `json:"verdict"`                  // applies | partly | refused | nothing | asks
	Refused    *validatedFault  `json:"refused,omitempty"`        // the whole message
	Nothing    *validatedFault  `json:"nothing,omitempty"`        // success that applies nothing
	Items      []*validatedItem `json:"items"`
}

type validatedItem struct {
	Item     int              `json:"item"` // from 1, in the message
	Path     string           `json:"path"`
	Record   string           `json:"record"` // what the answer would name it by
	Verdict  string           `json:"verdict"`
	Says     []otaxml.Said    `json:"says,omitempty"`
	Refusals []validatedFault `json:"refusals,omitempty"`
	Warnings []validatedFault `json:"warnings,omitempty"`
	Ignored  []string         `json:"ignored,omitempty"` // XPaths
}

type validatedFault struct {
	Code     string `json:"code"`
	EWT      string `json:"ewt"`
	ERR      string `json:"err,omitempty"`
	Path     string `json:"path,omitempty"`
	Got      string `json:"got,omitempty"`
	Expected string `json:"expected,omitempty"`
}

// Run says offline what a message would do under a profile. It knows no hub: every code is taken as known, and what a hotel's own settings
// decide (currency, tax side, ages, what was told before) is not judged.
func (c *validateCmd) Run(s *Streams, g *Global) error {
	p, err := readProfile(c.Profile)
	if err != nil {
		return usage("--profile: %w", err)
	}
	body, err := readWhole(s, c.File)
	if err != nil {
		return usage("%w", err)
	}
	v := validate(body, p)
	v.File = c.File
	if g.JSON {
		err = printJSON(s.Out, v)
	} else {
		err = v.print(s.Out)
	}
	if err == nil && (v.Verdict == "refused" || v.Verdict == "partly") {
		return &ExitError{Code: ExitRefused}
	}
	return err
}

// readProfile answers a shipped profile, or the one in a file. A file as PUT /v1/profiles takes it, with its choices only, will do.
func readProfile(name string) (*otaxml.Profile, error) {
	if p, ok := otaxml.Shipped(name); ok {
		return p, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s is no shipped profile (%s) and no file: %w", strconv.Quote(name), strings.Join(otaxml.ShippedNames(), ", "), err)
	}
	choices := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &choices); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if inner, ok := choices["choices"]; ok {
		choices = map[string]json.RawMessage{}
		if err := json.Unmarshal(inner, &choices); err != nil {
			return nil, fmt.Errorf("%s: choices: %w", name, err)
		}
	}
	if _, told := choices["name"]; !told {
		quoted, err := json.Marshal(strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
		if err != nil {
			return nil, err
		}
		choices["name"] = quoted
	}
	if _, told := choices["version"]; !told {
		choices["version"] = json.RawMessage("1")
	}
	if b, err = json.Marshal(choices); err != nil {
		return nil, err
	}
	return otaxml.ParseProfile(b)
}

// readWhole reads a file, or standard input, that is no larger than what can be pushed.
func readWhole(s *Streams, name string) ([]byte, error) {
	in := s.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, pushMax+1))
	if err == nil && len(body) > pushMax {
		err = fmt.Errorf("%s: more than %d MiB", name, pushMax>>20)
	}
	return body, err
}

func validate(body []byte, p *otaxml.Profile) *validated {
	v := &validated{Profile: p.Name, Unchosen: p.Unchosen(), Items: []*validatedItem{}}
	m, _ := otaxml.Parse(body, "") // Decode says what is wrong with it
	v.Kind = m.Kind
	if m.Asks() {
		v.Verdict = "asks"
		return v
	}
	r := otaxml.Decode(m, p, otaxml.Offline(m))
	v.Hotel = r.HotelCode
	switch {
	case r.Refused != nil:
		f := faultOf(r.Refused)
		v.Verdict, v.Refused = "refused", &f
		return v
	case r.Nothing != nil:
		f := faultOf(r.Nothing)
		v.Verdict, v.Nothing = "nothing", &f
		return v
	case m.Kind == otaxml.KindPing:
		v.Verdict = "nothing"
		return v
	}
	if v.NoTime = r.NoTime; v.NoTime == "" {
		v.SourceTime = r.SourceTime.Format(time.RFC3339Nano)
	}
	v.Repeatable = r.Identity.ID != ""
	v.items(m, &r)
	return v
}

// items takes the items over, and judges the whole.
func (v *validated) items(m *otaxml.Message, r *otaxml.Result) {
	good, bad := 0, 0
	for i := range r.Items {
		x := &r.Items[i]
		it := &validatedItem{Item: i + 1, Path: m.Items[i].Path(), Record: m.Record(i), Verdict: "applies", Says: x.Says(), Ignored: x.Ignored}
		for _, f := range x.Faults {
			it.Refusals = append(it.Refusals, faultOf(f))
		}
		for _, f := range x.Warnings {
			it.Warnings = append(it.Warnings, faultOf(f))
		}
		switch {
		case len(x.Faults) > 0:
			it.Verdict = "refused"
			bad++
		case len(it.Says) == 0:
			it.Verdict = "nothing"
		default:
			good++
		}
		v.Items = append(v.Items, it)
	}
	switch {
	case bad > 0 && good > 0:
		v.Verdict = "partly"
	case bad > 0:
		v.Verdict = "refused"
	case good == 0:
		v.Verdict = "nothing"
	default:
		v.Verdict = "applies"
	}
}

func faultOf(f *otaxml.Fault) validatedFault {
	ewt, code := f.OTA()
	return validatedFault{Code: f.Code, EWT: ewt, ERR: code, Path: f.Path, Got: f.Got, Expected: f.Expected}
}

// ignoredShown is how many harmless parts of an item are listed for people; --json lists all.
const ignoredShown = 3

func (v *validated) print(w io.Writer) error {
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	line("%s  %s  profile %s  %s", v.File, cmpOr(v.Kind, "no message"), v.Profile, v.Verdict)
	if v.Hotel != "" {
		line("  hotel %s; source time %s; %s", v.Hotel, cmpOr(v.SourceTime, "none ("+v.NoTime+"): it applies in arrival order"), repeats(v.Repeatable))
	}
	for _, f := range []*validatedFault{v.Refused, v.Nothing} {
		if f != nil {
			line("  %s", f.words())
		}
	}
	for _, it := range v.Items {
		line("%d. %s  %s (answered as RecordID %s)", it.Item, it.Verdict, it.Path, it.Record)
		for _, s := range it.Says {
			line("     %s", s)
		}
		for _, f := range it.Refusals {
			line("   refused: %s", f.words())
		}
		for _, f := range it.Warnings {
			line("   warning: %s", f.words())
		}
		for i, path := range it.Ignored {
			if i == ignoredShown {
				line("   ignored: %d more", len(it.Ignored)-i)
				break
			}
			line("   ignored: %s", path)
		}
	}
	if len(v.Unchosen) > 0 {
		line("The profile leaves open what can oversell: %s. Choose before the connection goes live (docs/protocols/ota-xml.md).", strings.Join(v.Unchosen, ", "))
	}
	return nil
}

func repeats(known bool) string {
	if known {
		return "a second copy is known as a repeat"
	}
	return "a second copy cannot be told from a change; adjusts are refused"
}

func (f *validatedFault) words() string {
	s := f.Code
	if f.ERR != "" {
		s += " (EWT " + f.EWT + ", ERR " + f.ERR + ")"
	}
	if f.Path != "" {
		s += " at " + f.Path
	}
	if f.Got != "" {
		s += ": got " + strconv.Quote(f.Got)
	}
	if f.Expected != "" {
		s += ": " + f.Expected
	}
	return s
}
