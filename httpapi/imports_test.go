package httpapi

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store/memory"
)

// importFile imports a file and waits for its end.
func (r *rig) importFile(query, contentType, body string) *reply {
	r.t.Helper()
	a := r.do("POST", "/v1/imports"+query, body, "Content-Type", contentType)
	if a.status != 202 || a.header.Get("Location") != "/v1/imports/"+a.text("id") {
		r.t.Fatalf("%d %s", a.status, a.body)
	}
	path := a.header.Get("Location")
	until(r.t, "the import ends", func() bool {
		a = r.ok("GET", path, "")
		return a.text("state") == "done" || a.text("state") == "failed"
	})
	if a.text("state") != "done" {
		r.t.Fatalf("%s", a.body)
	}
	return a
}

// results answers what became of each line: "3 refused time_zone bad_format; ..." for those of an outcome, or all.
func (r *rig) results(id, outcome string) string {
	r.t.Helper()
	var out []string
	path := "/v1/imports/" + id + "/results?limit=2"
	if outcome != "" {
		path += "&outcome=" + outcome
	}
	for next := ""; ; {
		a := r.ok("GET", path+next, "")
		list := a.get("items").([]any)
		for i := range list {
			text := a.text("items", i, "line") + " " + a.text("items", i, "outcome")
			if a.text("items", i, "errors") != "" {
				text += " " + a.text("items", i, "errors", 0, "field") + " " + a.text("items", i, "errors", 0, "code")
			}
			out = append(out, text)
		}
		if a.text("next") == "" {
			return strings.Join(out, "; ")
		}
		next = "&cursor=" + a.text("next")
	}
}

const twoHotels = `type,property,code,name,time_zone,currency,class,max_occupancy,room_types,parent,derive,inactive,connection,kind,external,internal,protocol,properties
# what is sold where
property,,ALP2,Alpenhof Zwei,Europe/Vienna,EUR,,,,,,,,,,,,
room_class,ALP2,SEA,Sea side,,,,,,,,,,,,,,
room_type,ALP2,DLX,Deluxe,,,SEA,4,,,,,,,,,,
room_type,ALP2,STD,Standard,,,,2,,,,yes,,,,,,
rate_plan,ALP2,NRF,Not refundable,,,,,DLX,BAR,"[{""percent"":""-10""}]",,,,,,,
rate_plan,ALP2,BAR,Best available,,,,,DLX|STD,,,,,,,,,
mapping,,,,,,,,,,,,pmsx,property,H-2,ALP2,,
mapping,ALP2,,,,,,,,,,,pmsx,room_type,R-1,DLX,,
connection,,pmsx,Their PMS,,,,,,,,,,,,,ota,ALP2
`

func TestAnImportMakesWhatItsLinesSayAndTheSameFileAgainChangesNothing(t *testing.T) {
	r := newRig(t)
	a := r.importFile("?dry_run=true", "text/csv", twoHotels)
	if a.text("created") != "9" || a.text("refused") != "0" || a.text("skipped") != "0" {
		t.Fatalf("dry run: %s\n%s", a.body, r.results(a.text("id"), ""))
	}
	r.refused(404, "unknown_property", "GET", "/v1/properties/ALP2", "")
	a = r.importFile("?reason=wave+2", "text/csv", twoHotels)
	if a.text("created") != "9" || a.text("lines") != "9" || a.text("done") != "9" {
		t.Fatalf("%s\n%s", a.body, r.results(a.text("id"), ""))
	}
	if got := r.results(a.text("id"), ""); !strings.HasPrefix(got, "3 created; 4 created; 5 created") {
		t.Errorf("%s", got)
	}
	plan := r.ok("GET", "/v1/properties/ALP2/rate-plans/NRF", "")
	if plan.text("parent") != "BAR" || plan.text("derive", 0, "percent") != "-10.00" || plan.text("room_types", 0) != "DLX" || r.ok("GET", "/v1/properties/ALP2/room-types/STD", "").text("inactive") != "true" {
		t.Errorf("%s", plan.body)
	}
	if internal, state := r.hub.MapCode("pmsx", "ALP2", "room_type", "R-1"); internal != "DLX" || state != "accepted" {
		t.Errorf("%s %s", internal, state)
	}
	if h := r.ok("GET", "/v1/properties/ALP2/history", ""); h.text("items", 0, "by", "id") != "admin" || !strings.HasPrefix(h.text("items", 0, "reason"), "wave 2 (import job_") {
		t.Errorf("%s", h.body)
	}
	r.ok("POST", "/v1/connections/pmsx/secrets", `{"password":"a password"}`)
	before := r.hub.Position()
	a = r.importFile("", "text/csv", twoHotels)
	if a.text("unchanged") != "9" || r.hub.Position() != before {
		t.Errorf("again: %s\n%s", a.body, r.results(a.text("id"), ""))
	}
	if n := len(r.ok("GET", "/v1/connections/pmsx/secrets", "").get("items").([]any)); n != 1 {
		t.Errorf("%d secrets", n)
	}
	l := r.ok("GET", "/v1/imports?limit=2", "")
	if l.text("items", 0, "id") != a.text("id") || len(l.get("items").([]any)) != 2 || len(r.ok("GET", "/v1/imports?cursor="+l.text("next"), "").get("items").([]any)) != 1 {
		t.Errorf("%s", l.body)
	}
}

func TestAnImportKeepsWhatItsLinesDoNotName(t *testing.T) {
	r := newRig(t)
	r.ok("PUT", "/v1/properties/ALP1", `{"name":"Alpenhof","time_zone":"Europe/Vienna","currency":"EUR","check_in":"16:00","infant_age":3}`)
	lines := `{"type":"property","code":"ALP1","name":"Alpenhof am See","infant_age":null}
{"type":"room_type","property":"ALP1","code":"DLX","max_children":0}`
	a := r.importFile("", ndjson, lines)
	p := r.ok("GET", "/v1/properties/ALP1", "")
	if a.text("changed") != "2" || p.text("check_in") != "16:00" || p.text("name") != "Alpenhof am See" || p.text("infant_age") != "" {
		t.Errorf("%s %s", a.body, p.body)
	}
	if dlx := r.ok("GET", "/v1/properties/ALP1/room-types/DLX", ""); dlx.text("max_children") != "0" || dlx.text("max_occupancy") != "4" {
		t.Errorf("%s", dlx.body)
	}
}

func TestALineThatIsWrongIsToldWithFieldAndFixAndChangesNothing(t *testing.T) {
	file := `type;property;code;name;time_zone;currency;adult_age;class;parent;max_occupancy;connection;kind;external;internal;stage;colour
property;;OK1;Good;Europe/Vienna;EUR;;;;;;;;;;
propertee;;X1;;Europe/Vienna;EUR;;;;;;;;;;
property;;X2;;Europe/Vienne;EUR;;;;;;;;;;
property;;X3;;Europe/Vienna;euro;;;;;;;;;;
property;;X4;;;EUR;;;;;;;;;;
property;;X5;;Europe/Vienna;EUR;many;;;;;;;;;
property;;X6;;Europe/Vienna;EUR;99;;;;;;;;;
property;;OK1;Twice;Europe/Vienna;EUR;;;;;;;;;;
property;;X8;;Europe/Vienna;EUR;;;;;;;;;;red
room_type;OK1;DLX;;;;;SEA;;;;;;;;
room_type;X2;DLX;;;;;;;;;;;;;
room_type;GONE;DLX;;;;;;;;;;;;;
room_type;OK1;STD;;;;;;;99;;;;;;
rate_plan;OK1;KID;;;;;;KID;;;;;;;
mapping;OK1;;;;;;;;;nobody;room_type;R1;DLX;;
mapping;OK1;;;;;;;;;pms;room_type;R1;SUI;;
stage;OK1;;;;;;;;;;;;;live;
property;;X9;"a " quote";Europe/Vienna;EUR;;;;;;;;;;
`
	want := "3 refused type bad_format; 4 refused time_zone bad_object; 5 refused currency bad_object; 6 refused time_zone missing_field; 7 refused adult_age field_type; 8 refused adult_age bad_object; " +
		"9 refused code told_twice; 10 refused colour unknown_field; 11 refused class unknown_room_class; 12 skipped  depends_on_refused; 13 refused property unknown_property; 14 refused occupancy bad_object; " +
		"15 refused parent derivation_cycle; 16 refused connection not_found; 17 refused internal not_found; 18 refused stage gate_closed; 19 refused  bad_json"
	for _, dry := range []string{"?dry_run=true", ""} {
		r := newRig(t)
		a := r.importFile(dry, "text/csv", file)
		got := strings.TrimPrefix(r.results(a.text("id"), ""), "2 created; ")
		if got != want {
			t.Errorf("%q:\n%s\nwant\n%s", dry, strings.ReplaceAll(got, "; ", "\n"), strings.ReplaceAll(want, "; ", "\n"))
		}
		if a.text("created") != "1" || a.text("refused") != "16" || a.text("skipped") != "1" {
			t.Errorf("%s", a.body)
		}
		if got := r.results(a.text("id"), "skipped"); got != "12 skipped  depends_on_refused" {
			t.Errorf("only the skipped: %s", got)
		}
		if codes := r.hub.Properties("", 100); len(codes) != 2-len(dry)/len("?dry_run=true") {
			t.Errorf("%q: properties %v", dry, codes)
		}
	}
}

func TestAnImportThatCannotBeReadAsAWholeIsRefusedAtOnce(t *testing.T) {
	r := newRig(t)
	for body, want := range map[string]string{
		"":                           "invalid_request",
		"type,code":                  "says_nothing",
		"code,name\nX,Y":             "invalid_request",
		"type,code,code\nproperty,X": "invalid_request",
	} {
		r.refused(422, want, "POST", "/v1/imports", body, "Content-Type", "text/csv")
	}
	r.refused(415, "unsupported_media_type", "POST", "/v1/imports", "x", "Content-Type", "application/pdf")
	r.refused(404, "not_found", "GET", "/v1/imports/job_X", "")
	r.refused(404, "not_found", "GET", "/v1/imports/job_X/results", "")
}

func TestStagesAreMovedInBulkByAnImport(t *testing.T) {
	r := newRig(t)
	r.open(30)
	r.ok("PUT", "/v1/properties/ALP1/room-types/STD", `{"inactive":true}`)
	a := r.importFile("", "text/csv", "type,property,stage,reason\nstage,ALP1,live,wave 2\n")
	if a.text("changed") != "1" || r.ok("GET", "/v1/properties/ALP1", "").text("stage") != "live" {
		t.Errorf("%s %s", a.body, r.results(a.text("id"), ""))
	}
	if a := r.importFile("", "text/csv", "type,property,stage\nstage,ALP1,live\n"); a.text("unchanged") != "1" {
		t.Errorf("%s", a.body)
	}
}

// An import that is cut off at any point goes on in the next process: every line is judged, once, and what is there is what one run makes.
func TestAnImportGoesOnAfterARestart(t *testing.T) {
	var file strings.Builder
	file.WriteString("type,property,code,time_zone,currency\n")
	const hotels = 300
	for i := range hotels {
		code := "H" + strconv.Itoa(i)
		file.WriteString("property,," + code + ",Europe/Vienna,EUR\nroom_type," + code + ",DLX,,\nrate_plan," + code + ",BAR,,\n")
	}
	disk := memory.NewDisk(memory.Options{})
	first := startOn(t, disk)
	job := first.do("POST", "/v1/imports", file.String(), "Content-Type", "text/csv").text("id")
	until(t, "some lines are judged", func() bool { return first.ok("GET", "/v1/imports/"+job, "").text("done") != "0" })
	first.stop()
	second := startOn(t, disk)
	var a *reply
	until(t, "the import ends", func() bool {
		a = second.ok("GET", "/v1/imports/"+job, "")
		return a.text("state") == "done"
	})
	if a.text("done") != strconv.Itoa(3*hotels) || a.text("refused") != "0" || len(second.hub.Properties("", 1000)) != hotels {
		t.Errorf("%s", a.body)
	}
	var n importProgress
	if err := json.Unmarshal(a.body, &n); err != nil || n.Created+n.Unchanged != 3*hotels {
		t.Errorf("%v %s", err, a.body)
	}
	for i := range hotels {
		code := "H" + strconv.Itoa(i)
		err := second.hub.Read(code, func(p *ari.Picture) error {
			if len(p.Catalog().RoomCodes) != 1 || len(p.Catalog().PlanCodes) != 1 || p.Revision() != 1 {
				t.Errorf("%s: %v %v revision %d: want one revision, made once", code, p.Catalog().RoomCodes, p.Catalog().PlanCodes, p.Revision())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var again hub.Service = second.hub
	if jobs, err := again.Jobs(t.Context()); err != nil || len(jobs) != 1 {
		t.Errorf("%v %v", jobs, err)
	}
}
