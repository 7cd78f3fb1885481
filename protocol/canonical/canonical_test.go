package canonical

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
)

func mustDecode(t *testing.T, data string) *Message {
	t.Helper()
	var m Message
	if err := Decode([]byte(data), &m); err != nil {
		t.Fatalf("decode: %v", err)
	}
	return &m
}

// sample reaches every kind of field.
func sample(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "every-field.json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryFieldCanBeToldAndIsReadAsTheReferenceDoes(t *testing.T) {
	m := mustDecode(t, string(sample(t)))
	want, err := reference(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := sorted(m); !reflect.DeepEqual(got, sorted(want)) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
	told := map[ari.Field]bool{}
	for _, s := range m.Update.Statements {
		told[s.Field] = true
	}
	for _, r := range restrictions {
		if !told[r.field] {
			t.Errorf("%s is not in the sample", r.name)
		}
	}
	for i := range countNames {
		if !told[countAt(i)] {
			t.Errorf("%v is not in the sample", countAt(i))
		}
	}
	for i := range limitNames {
		if !told[limitAt(i)] {
			t.Errorf("%v is not in the sample", limitAt(i))
		}
	}
	for i := range blockNames {
		if !told[blockAt(i)] {
			t.Errorf("%v is not in the sample", blockAt(i))
		}
	}
	if !told[ari.UnknownField] {
		t.Error("no unknown kind in the sample")
	}
}

func TestEncodedIsDecodedToTheSame(t *testing.T) {
	m := mustDecode(t, string(sample(t)))
	once := Encode(m)
	again := mustDecode(t, string(once))
	if Content(&sorted(again).Update) != Content(&sorted(m).Update) {
		t.Errorf("other content:\n%s", once)
	}
	if twice := Encode(mustDecode(t, string(once))); !bytes.Equal(once, twice) {
		t.Errorf("encoded again it differs:\n%s\n%s", once, twice)
	}
}

func TestContentIgnoresLooksAndIdentity(t *testing.T) {
	a := mustDecode(t, `{"property":"P","id":"1","items":[{"room_type":"D","from":"2026-12-24","to":"2026-12-26","set":{"closed":true}}]}`)
	b := mustDecode(t, ` {"items": [ {"set":{"closed":true}, "to":"2026-12-26","from":"2026-12-24","room_type":"\u0044"} ],"id":"2","property":"P","source_time":"2026-01-01T00:00:00Z"}`)
	c := mustDecode(t, `{"property":"P","items":[{"room_type":"D","from":"2026-12-24","to":"2026-12-27","set":{"closed":true}}]}`)
	if Content(&a.Update) != Content(&b.Update) {
		t.Error("same content, other hash")
	}
	if Content(&a.Update) == Content(&c.Update) {
		t.Error("other content, same hash")
	}
}

// item wraps one item's JSON.
func item(s string) string { return `{"property":"ALP1","items":[` + s + `]}` }

// set wraps one set's JSON.
func set(s string) string {
	return item(`{"room_type":"DLX","rate_plan":"BAR","from":"2026-12-24","to":"2026-12-26","set":{` + s + `}}`)
}

// faults is a table of documents with one fault each, and what must be told of it.
var faults = []struct{ name, doc, code, pointer, fix string }{
	{"empty", ``, CodeSyntax, "", ""},
	{"no object", `[]`, CodeType, "", ""},
	{"truncated", `{"property":"ALP1"`, CodeSyntax, "", ""},
	{"trailing", `{"property":"ALP1"} x`, CodeSyntax, "", ""},
	{"two documents", set(`"closed":true`) + set(`"closed":true`), CodeSyntax, "", ""},
	{"comma at the end", `{"property":"ALP1",}`, CodeSyntax, "", ""},
	{"single quotes", `{'property':'ALP1'}`, CodeSyntax, "", ""},
	{"nothing said", `{"property":"ALP1"}`, CodeEmpty, "", ""},
	{"no property", `{"items":[{"undated":true,"set":{"closed":true}}]}`, CodeMissing, "/property", ""},
	{"property is a number", `{"property":1,"items":[{"undated":true,"set":{"closed":true}}]}`, CodeType, "/property", ""},
	{"property with blanks", `{"property":" A","items":[{"undated":true,"set":{"closed":true}}]}`, CodeFormat, "/property", ""},
	{"property twice", `{"property":"A","property":"B","items":[{"undated":true,"set":{"closed":true}}]}`, CodeTwice, "/property", ""},
	{"misspelt name", `{"propery":"A","property":"A","items":[{"undated":true,"set":{"closed":true}}]}`, CodeUnknownField, "/propery", "did you mean property?"},
	{"other case", `{"Property":"A","property":"A","items":[{"undated":true,"set":{"closed":true}}]}`, CodeUnknownField, "/Property", "did you mean property?"},
	{"name with a slash", `{"a/b~c":1,"property":"A","items":[{"undated":true,"set":{"closed":true}}]}`, CodeUnknownField, "/a~1b~0c", ""},
	{"source time without zone", `{"property":"A","source_time":"2026-11-22T10:00:00","items":[{"undated":true,"set":{"closed":true}}]}`, CodeFormat, "/source_time", `add the zone, for instance "Z"`},
	{"source time is no time", `{"property":"A","source_time":"yesterday","items":[{"undated":true,"set":{"closed":true}}]}`, CodeFormat, "/source_time", ""},
	{"sequence below 0", `{"property":"A","sequence":-1,"items":[{"undated":true,"set":{"closed":true}}]}`, CodeRange, "/sequence", ""},
	{"absurd number", `{"property":"A","sequence":99999999999999999999999999,"items":[{"undated":true,"set":{"closed":true}}]}`, CodeRange, "/sequence", ""},
	{"id too long", `{"property":"A","id":"` + strings.Repeat("x", 129) + `","items":[{"undated":true,"set":{"closed":true}}]}`, CodeRange, "/id", ""},
	{"items is an object", `{"property":"A","items":{}}`, CodeType, "/items", ""},
	{"item is null", item(`null`), CodeType, "/items/0", ""},
	{"item says nothing", item(`{"undated":true}`), CodeEmpty, "/items/0", ""},
	{"no span", item(`{"set":{"closed":true}}`), CodeMissing, "/items/0/from", `send from and to, or "undated": true`},
	{"no end", item(`{"from":"2026-12-24","set":{"closed":true}}`), CodeMissing, "/items/0/to", `send to, or "open_ended": true`},
	{"backwards", item(`{"from":"2026-12-24","to":"2026-12-23","set":{"closed":true}}`), CodeSpan, "/items/0/to", "swap them, or mend the year"},
	{"dated and undated", item(`{"from":"2026-12-24","undated":true,"set":{"closed":true}}`), CodeSpan, "/items/0/undated", ""},
	{"end and open-ended", item(`{"from":"2026-12-24","to":"2026-12-25","open_ended":true,"set":{"closed":true}}`), CodeSpan, "/items/0/to", ""},
	{"30 February", item(`{"from":"2026-02-30","to":"2026-03-01","set":{"closed":true}}`), CodeFormat, "/items/0/from", ""},
	{"date with time", item(`{"from":"2026-02-20T00:00:00Z","to":"2026-03-01","set":{"closed":true}}`), CodeFormat, "/items/0/from", ""},
	{"weekday in full", item(`{"undated":true,"weekdays":["friday"],"set":{"closed":true}}`), CodeFormat, "/items/0/weekdays/0", ""},
	{"no weekday", item(`{"undated":true,"weekdays":[],"set":{"closed":true}}`), CodeSpan, "/items/0/weekdays", ""},
	{"two kinds of rooms", item(`{"undated":true,"room_type":"A","pool":"B","set":{"closed":true}}`), CodeScope, "/items/0/pool", ""},
	{"two kinds of rates", item(`{"undated":true,"rate_plan":"A","rate_family":"B","set":{"closed":true}}`), CodeScope, "/items/0/rate_family", ""},
	{"unknown verb", item(`{"undated":true,"delete":["closed"],"set":{"closed":true}}`), CodeUnknownField, "/items/0/delete", ""},
	{"empty set", set(``), CodeEmpty, "/items/0/set", ""},
	{"null in a set", set(`"closed":null`), CodeType, "/items/0/set/closed", "to unset it, name it in clear"},
	{"closed is a string", set(`"closed":"true"`), CodeType, "/items/0/set/closed", ""},
	{"closed is 1", set(`"closed":1`), CodeType, "/items/0/set/closed", ""},
	{"misspelt restriction", set(`"min_los_arival":2`), CodeUnknownField, "/items/0/set/min_los_arival", "did you mean min_los_arrival?"},
	{"nights in words", set(`"min_los_arrival":"3 nights"`), CodeType, "/items/0/set/min_los_arrival", "send 3"},
	{"min LOS 0", set(`"min_los_arrival":0`), CodeRange, "/items/0/set/min_los_arrival", ""},
	{"min LOS 1.5", set(`"min_los_arrival":1.5`), CodeType, "/items/0/set/min_los_arrival", ""},
	{"min LOS 1e2", set(`"min_los_arrival":1e2`), CodeType, "/items/0/set/min_los_arrival", ""},
	{"leading zero", set(`"min_los_arrival":03`), CodeSyntax, "/items/0/set/min_los_arrival", ""},
	{"restriction twice", set(`"cta":true,"cta":false`), CodeTwice, "/items/0/set/cta", ""},
	{"bad pattern", set(`"los_pattern_arrival":{"pattern":"YYX"}`), CodeFormat, "/items/0/set/los_pattern_arrival/pattern", ""},
	{"pattern too long", set(`"los_pattern_arrival":{"pattern":"` + strings.Repeat("Y", 64) + `"}`), CodeFormat, "/items/0/set/los_pattern_arrival/pattern", ""},
	{"pattern without letters", set(`"los_pattern_arrival":{"tail":"open"}`), CodeMissing, "/items/0/set/los_pattern_arrival/pattern", ""},
	{"lead in days and hours", set(`"min_lead_arrival":{"days":1,"hours":2}`), CodeFormat, "/items/0/set/min_lead_arrival", ""},
	{"lead until without days", set(`"min_lead_arrival":{"until":"18:00","hours":2}`), CodeFormat, "/items/0/set/min_lead_arrival", ""},
	{"lead until 25:00", set(`"min_lead_arrival":{"days":1,"until":"25:00"}`), CodeFormat, "/items/0/set/min_lead_arrival/until", ""},
	{"price on both sides", set(`"min_price_night":{"before_tax":"1","after_tax":"2"}`), CodeFormat, "/items/0/set/min_price_night", ""},
	{"no rates", set(`"rates":[]`), CodeEmpty, "/items/0/set/rates", ""},
	{"amount is a number", set(`"rates":[{"adults":2,"after_tax":120.5}]`), CodeType, "/items/0/set/rates/0/after_tax", `send "120.5"`},
	{"amount with comma", set(`"rates":[{"adults":2,"after_tax":"120,50"}]`), CodeFormat, "/items/0/set/rates/0/after_tax", ""},
	{"amount below 0", set(`"rates":[{"adults":2,"after_tax":"-1"}]`), CodeRange, "/items/0/set/rates/0/after_tax", ""},
	{"amount too fine", set(`"rates":[{"adults":2,"after_tax":"1.00001"}]`), CodeFormat, "/items/0/set/rates/0/after_tax", ""},
	{"amount too large", set(`"rates":[{"adults":2,"after_tax":"10000000001"}]`), CodeFormat, "/items/0/set/rates/0/after_tax", ""},
	{"rate without amount", set(`"rates":[{"adults":2}]`), CodeMissing, "/items/0/set/rates/0", ""},
	{"nobody's rate", set(`"rates":[{"after_tax":"1"}]`), CodeFormat, "/items/0/set/rates/0", ""},
	{"rate of two", set(`"rates":[{"adults":2,"extra_adult":true,"after_tax":"1"}]`), CodeFormat, "/items/0/set/rates/0", ""},
	{"32 adults", set(`"rates":[{"adults":32,"after_tax":"1"}]`), CodeRange, "/items/0/set/rates/0/adults", ""},
	{"band backwards", set(`"rates":[{"child":{"from_age":12,"below_age":3},"after_tax":"1"}]`), CodeRange, "/items/0/set/rates/0/child/below_age", ""},
	{"band without end", set(`"rates":[{"child":{"from_age":12},"after_tax":"1"}]`), CodeMissing, "/items/0/set/rates/0/child", ""},
	{"rate twice", set(`"rates":[{"adults":2,"after_tax":"1"},{"adults":2,"before_tax":"1"}]`), CodeTwice, "/items/0/set/rates/1", ""},
	{"inventory is a number", set(`"inventory":5`), CodeType, "/items/0/set/inventory", ""},
	{"unknown component", set(`"inventory":{"nett":5}`), CodeUnknownField, "/items/0/set/inventory/nett", "did you mean net?"},
	{"too many rooms", set(`"inventory":{"net":1000001}`), CodeRange, "/items/0/set/inventory/net", ""},
	{"negative limit", set(`"limits":{"remaining":-1}`), CodeRange, "/items/0/set/limits/remaining", ""},
	{"cutoff is no date", set(`"block_grid":{"cutoff":5}`), CodeType, "/items/0/set/block_grid/cutoff", ""},
	{"unknown kind too long", set(`"unknown":{"x":"` + strings.Repeat("y", ari.TextMax) + `"}`), CodeRange, "/items/0/set/unknown/x", ""},
	{"unknown kind with =", set(`"unknown":{"a=b":1}`), CodeFormat, "/items/0/set/unknown/a=b", ""},
	{"clear of nothing", item(`{"undated":true,"clear":[]}`), CodeEmpty, "/items/0/clear", ""},
	{"clear of what is not known", item(`{"undated":true,"clear":["closd"]}`), CodeFormat, "/items/0/clear/0", "did you mean closed?"},
	{"clear of one component", item(`{"undated":true,"clear":["count.net"]}`), CodeFormat, "/items/0/clear/0", "send inventory: its components are cleared together"},
	{"set and cleared", item(`{"undated":true,"set":{"cta":true},"clear":["cta"]}`), CodeTwice, "/items/0", ""},
	{"set and adjusted", item(`{"from":"2026-12-24","to":"2026-12-26","set":{"inventory":{"net":1}},"adjust":{"inventory":{"net":1}}}`), CodeTwice, "/items/0", ""},
	{"adjust of a rate", item(`{"undated":true,"adjust":{"rates":[]}}`), CodeUnknownField, "/items/0/adjust/rates", ""},
	{"replace without fields", `{"property":"A","replace":[{"undated":true}]}`, CodeMissing, "/replace/0/fields", ""},
	{"replace of no fields", `{"property":"A","replace":[{"undated":true,"fields":[]}]}`, CodeEmpty, "/replace/0/fields", ""},
	{"replace of any and one", `{"property":"A","replace":[{"undated":true,"fields":["rates"],"any":["rooms"],"room_type":"A"}]}`, CodeScope, "/replace/0/any", ""},
	{"replace of any thing", `{"property":"A","replace":[{"undated":true,"fields":["rates"],"any":["things"]}]}`, CodeFormat, "/replace/0/any/0", ""},
	{"control character", "{\"property\":\"A\x01\"}", CodeSyntax, "/property", ""},
	{"broken UTF-8", "{\"property\":\"A\xff\"}", CodeSyntax, "/property", ""},
	{"UTF-16", "{\x00\"\x00", CodeSyntax, "", ""},
	{"lonely surrogate", `{"property":"\ud800","items":[{"undated":true,"set":{"closed":true}}]}`, CodeFormat, "/property", ""},
	{"bad escape", `{"property":"\x"}`, CodeSyntax, "/property", ""},
	{"nesting", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), CodeSyntax, "", ""},
	{"nesting of an unknown kind", set(`"unknown":{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`), CodeSyntax, "", ""},
}

func TestFaultsAreToldPrecisely(t *testing.T) {
	for _, c := range faults {
		t.Run(c.name, func(t *testing.T) {
			var m Message
			err := Decode([]byte(c.doc), &m)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("accepted: %+v", m)
			}
			f := e.Faults[0]
			if len(e.Faults) != 1 || f.Code != c.code || c.pointer != "" && f.Pointer != c.pointer || c.fix != "" && f.Fix != c.fix {
				t.Errorf("got %+v", e.Faults)
			}
			if f.Expected == "" {
				t.Errorf("what was expected is not told: %+v", f)
			}
		})
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	var m Message
	err := Decode([]byte(`{"property":"","items":[{"from":"x","to":"2026-01-01","set":{"closed":1,"min_los_arrival":0}},{"bogus":1}]}`), &m)
	var e *Error
	if !errors.As(err, &e) || len(e.Faults) != 7 {
		t.Fatalf("got %v: %+v", err, e)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	var m Message
	err := Decode([]byte(`{"property":"A","items":[`+strings.Repeat(`1,`, 500)+`1]}`), &m)
	var e *Error
	if !errors.As(err, &e) || len(e.Faults) != FaultsMax || e.More != 401 {
		t.Fatalf("%d faults and %d more", len(e.Faults), e.More)
	}
}

func TestItemsAndExtentsAreFoundAgainByPointer(t *testing.T) {
	m := mustDecode(t, `{"property":"A","replace":[{"undated":true,"fields":["rates"]}],"items":[{"undated":true,"clear":["rates"]},{"undated":true,"set":{"closed":true}}]}`)
	if m.Update.Replace[0].Item != 2 || m.Update.Replace[1].Item != 0 {
		t.Fatalf("%+v", m.Update.Replace)
	}
	if p := m.PointerOf(2, "fields"); p != "/replace/0/fields" {
		t.Error(p)
	}
	if p := m.PointerOf(1, "set.closed"); p != "/items/1/set/closed" {
		t.Error(p)
	}
}

func TestDatesAreWrittenAsTheCalendarHasThem(t *testing.T) {
	for d := ari.DateOf(1970, 1, 1); d < ari.DateOf(2101, 1, 1); d += 13 {
		if got := string(AppendDate(nil, d)); got != d.String() {
			t.Fatalf("%s is written %s", d, got)
		}
	}
}

func FuzzUpdateJSON(f *testing.F) {
	f.Add(sample(f))
	for _, c := range faults {
		if len(c.doc) < 1000 {
			f.Add([]byte(c.doc))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Message
		if err := Decode(data, &m); err != nil {
			var e *Error
			if !errors.As(err, &e) || len(e.Faults) == 0 {
				t.Fatalf("an error without faults: %v", err)
			}
			return
		}
		if !json.Valid(data) {
			t.Fatal("accepted what is no JSON")
		}
		want, err := reference(data)
		if err != nil {
			t.Fatalf("accepted what the reference refuses: %v", err)
		}
		if !reflect.DeepEqual(sorted(&m), sorted(want)) {
			t.Fatalf("got  %+v\nwant %+v", m, *want)
		}
		var again Message
		if err := Decode(Encode(&m), &again); err != nil {
			t.Fatalf("encoded is refused: %v\n%s", err, Encode(&m))
		}
		if Content(&sorted(&again).Update) != Content(&sorted(&m).Update) {
			t.Fatalf("encoded says something else:\n%s", Encode(&m))
		}
	})
}

// typical is the message of docs/benchmarks.md: 3 ranges, each 2 rates and 7 restrictions, about 1 KB.
var typical = func() []byte {
	one := `{"room_type":"DLX","rate_plan":"BAR","from":"2026-12-24","to":"2026-12-30","set":{"closed":false,"cta":false,"ctd":false,"min_los_arrival":2,"max_los_arrival":14,"min_los_night":1,"max_los_night":30,"rates":[{"adults":1,"after_tax":"100.00"},{"adults":2,"after_tax":"120.00"}]}}`
	return []byte(`{"property":"ALP1","id":"msg-00000001","source_time":"2026-11-22T10:00:00Z","items":[` + one + "," + one + "," + one + `]}`)
}()

func BenchmarkDecode(b *testing.B) {
	b.SetBytes(int64(len(typical)))
	b.ReportAllocs()
	for b.Loop() {
		var m Message
		if err := Decode(typical, &m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeByReflection(b *testing.B) {
	b.SetBytes(int64(len(typical)))
	b.ReportAllocs()
	for b.Loop() {
		var w Update
		if err := json.Unmarshal(typical, &w); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkContent(b *testing.B) {
	var m Message
	if err := Decode(typical, &m); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Content(&m.Update)
	}
}
