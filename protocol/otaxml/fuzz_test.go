package otaxml

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/ratewire/ratewire/internal/golden"
)

// seeds gives the fuzzers every golden message and the small hostile ones.
func seeds(f *testing.F, add func([]byte)) {
	files, _ := filepath.Glob("testdata/*/*.txtar")
	if len(files) == 0 {
		f.Fatal("no seeds")
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		add([]byte(golden.Parse(string(b)).File("message.xml")))
	}
	for _, h := range hostile {
		if len(h.body) < 4096 {
			add([]byte(h.body))
		}
	}
	for _, c := range choiceCases {
		add([]byte(c.message))
	}
}

// FuzzParse: no panic on any bytes; what is read is read the same again from its canonical form; every answer is well-formed.
func FuzzParse(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b, "text/xml") })
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		m, err := Parse(body, contentType)
		if m == nil {
			t.Fatal("no message")
		}
		answer := Answer{At: answeredAt}
		if err != nil {
			answer.Refused = err.(*Fault)
		} else if m.Kind != KindPing {
			form := canonical(m.root)
			again, err := Parse(form, "")
			if err != nil {
				t.Fatalf("canonical form does not parse: %v\n%s", err, form)
			}
			if back := canonical(again.root); !bytes.Equal(back, form) {
				t.Fatalf("canonical form changed\n%s\n%s", form, back)
			}
		}
		reply := EncodeAnswer(m, nil, answer)
		if _, err := readTree(newScanner(reply.Body), elementsMax); err != nil {
			t.Fatalf("answer is not well-formed: %v\n%s", err, reply.Body)
		}
		Scrub(body, contentType)
	})
}

// FuzzDecode: no panic under any profile; an item is refused, parked, skipped or applied, never two of them; what applies is bounded and
// names only what exists; the same message gives the same result.
func FuzzDecode(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b, uint32(0)) })
	f.Fuzz(func(t *testing.T, body []byte, choices uint32) {
		m, err := Parse(body, "")
		if err != nil {
			return
		}
		p := Generic()
		for i, c := range Choices {
			if !c.Named() {
				continue
			}
			*c.of(p) = c.Values[int(choices>>(i%29))%len(c.Values)]
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		codes := testCodes{newTestHotel()}
		r := Decode(m, p, codes)
		again := Decode(m, p, codes)
		if dump(&r) != dump(&again) {
			t.Fatalf("decoded twice:\n%s\n%s", dump(&r), dump(&again))
		}
		for i := range r.Items {
			checkItem(t, &r.Items[i])
		}
		reply := EncodeAnswer(m, p, Answer{At: answeredAt, Refused: r.Refused, Nothing: r.Nothing, Outcomes: r.Outcomes(nil)})
		if _, err := readTree(newScanner(reply.Body), elementsMax); err != nil {
			t.Fatalf("answer is not well-formed: %v\n%s", err, reply.Body)
		}
	})
}

func checkItem(t *testing.T, x *ItemResult) {
	states := 0
	for _, is := range []bool{len(x.Faults) > 0, len(x.Unmapped) > 0, x.Skipped != "", len(x.Statements)+len(x.Replace)+len(x.Objects)+len(x.Warnings) > 0} {
		if is {
			states++
		}
	}
	if states != 1 {
		t.Fatalf("item %d is %d things at once: %+v", x.Index, states, x)
	}
	for _, s := range x.Statements {
		if s.Item != x.Index || s.Verb == 0 || s.Field == 0 || s.Span.To < s.Span.From || s.Span.Days == 0 {
			t.Fatalf("item %d says %+v", x.Index, s)
		}
	}
}
