package otaxml

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
)

// shippedCases: for each shipped profile one message that means something else than under the generic one.
var shippedCases = []struct{ profile, message, generic, partner string }{
	{"siteminder", availMessage("", `<AvailStatusMessage BookingLimit="4"><StatusApplicationControl Start="2026-06-01" InvTypeCode="DBL" RatePlanCode="BAR"/></AvailStatusMessage>`), "limit.remaining = 4", "set t:DBL/*/*/* 2026-06-01..2026-06-01 count.net = 4"},
	{"siteminder", availMessage("", availItem(product, openAll)+availItem(product, "<RestrictionStatus/>")), "closed = open", "item 0\n  refused: all_or_nothing"},
	{"booking", los("", `MinMaxMessageType="SetMinLOS" Time="3"`), "min_los_arrival = 3", "min_los_night = 3"},
	{"booking", rateMessage("", baseAmount(`AmountAfterTax="100"`)), "item 0\n  set " + at + "rate.adults.2 = 100.00 after tax\n", "rate.adults.1 = 100.00"},
	{"travelgate", availMessage("", availItem(product, openAll)), "item 0\n  set " + at + "closed = open\n", "closed = open\n  set " + at + "cta = open"},
	{"google", rateMessage(`NotifType="Overlay"`, withExtra(`AgeQualifyingCode="8" MaxAge="12" Amount="9"`)), "rate.child.0-12", "rate.child.0-13"},
	{"google", invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="1" Count="3"/></InvCounts>`), "count.physical = 3", "refused: unsupported"},
	{"google", availMessage("", availItem(product+` Sat="0"`, openAll)), "refused: bad_weekdays", "mon,tue,wed,thu,fri,sun closed = open"},
	{"synxis", rateMessage("", `<Rate>`+twoGuests+`</Rate>`), "item 0\n  set", "item 0\n  replace rates of t:DBL/p:BAR/*/* undated"},
	{"synxis", invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="1" Count="3"/></InvCounts>`), "count.physical = 3", "count.net = 3"},
	{"htng", availMessage("", `<AvailStatusMessage BookingLimit="4"><StatusApplicationControl Start="2026-06-01" InvTypeCode="DBL"/></AvailStatusMessage>`), "count.net = 4", "limit.remaining = 4"},
	{"htng", blockMessage(`TransactionAction="Book"`, june, allotted(`RoomTypePickUpStatus="2"`, fiveRooms)), "refused: unsupported", "block.current = 5"},
	{"ihotelier", invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="99" Count="3"/></InvCounts>`), "unknown InvCount.99", "count.overbooking = 3"},
	{"ihotelier", blockMessage(`TransactionAction="Book"`, june, allotted("", fiveRooms)), `"deducts":true,"release"`, `"open_for_pickup":true`},
}

func TestShippedProfilesReadTheirPartners(t *testing.T) {
	seen := map[string]bool{"generic": true}
	for _, c := range shippedCases {
		p, ok := Shipped(c.profile)
		if !ok {
			t.Fatalf("no profile %s", c.profile)
		}
		seen[c.profile] = true
		for _, way := range []struct {
			p    *Profile
			want string
		}{{Generic(), c.generic}, {p, c.partner}} {
			if got := decodeText(t, c.message, way.p); !strings.Contains(got, way.want) {
				t.Errorf("%s: no %q in\n%s", way.p.Name, way.want, got)
			}
		}
	}
	for _, name := range ShippedNames() {
		p, _ := Shipped(name)
		if err := p.Validate(); err != nil || !seen[name] || name != "generic" && (p.About == "" || len(p.Unchosen()) > 0) {
			t.Errorf("%s: %v, tested %v, about %q, unchosen %v", name, err, seen[name], p.About, p.Unchosen())
		}
		if row := "| `" + name + "` | " + p.About; !strings.Contains(page(t), row) {
			t.Errorf("docs/protocols/ota-xml.md has no line %q", row)
		}
	}
}

func TestDeltaLoadInUniqueIDIsAChange(t *testing.T) { // SynXis
	p, _ := Shipped("synxis")
	for load, want := range map[string]string{"DeltaLoad": "item 0\n  set", "FullLoad": "item 0\n  replace"} {
		body := strings.Replace(rateMessage("", `<Rate>`+twoGuests+`</Rate>`), "<RateAmountMessages", `<UniqueID Type="16" ID="1" Instance="`+load+`"/><RateAmountMessages`, 1)
		if got := decodeText(t, body, p); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in\n%s", load, want, got)
		}
	}
}

func TestAProfileExtendsAShippedOne(t *testing.T) {
	p, err := ParseProfile([]byte(`{"name": "ours", "version": 3, "extends": "google", "weekdays": "absent_is_false", "count_types": {"6": "out_of_order"}, "max_los_none": [28]}`))
	if err != nil {
		t.Fatal(err)
	}
	if p.Weekdays != "absent_is_false" || p.MaxAge != "inclusive" || p.CountTypes["6"] != "out_of_order" || p.CountTypes["1"] != "refuse" || !reflect.DeepEqual(p.MaxLOSNone, []int{28}) || !p.New.UnopenedIsClosed {
		t.Errorf("read %+v", p)
	}
	google, _ := Shipped("google")
	if google.CountTypes["6"] != "refuse" || len(google.MaxLOSNone) != 0 || google.Weekdays != "absent_is_true" {
		t.Errorf("the shipped profile changed: %+v", google)
	}
	if _, err := ParseProfile([]byte(`{"name": "x", "version": 1, "extends": "nobody"}`)); err == nil || !strings.Contains(err.Error(), "siteminder") {
		t.Errorf("extends nobody: %v", err)
	}
}

func TestWhatIsLeftUndecidedIsNamed(t *testing.T) {
	parse := func(s string) *Profile {
		t.Helper()
		p, err := ParseProfile([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	all := Generic().Unchosen()
	for _, c := range Choices {
		if c.Oversell != slices.Contains(all, c.Key) {
			t.Errorf("generic, %s: oversell %v, unchosen %v", c.Key, c.Oversell, !c.Oversell)
		}
	}
	for json, want := range map[string]func([]string) bool{
		`{"name": "a", "version": 1}`:                                   func(u []string) bool { return len(u) == len(all) },
		`{"name": "a", "version": 1, "weekdays": "absent_is_false"}`:    func(u []string) bool { return len(u) == len(all)-1 && !slices.Contains(u, "weekdays") },
		`{"name": "a", "version": 1, "new_objects": {"fill": "exact"}}`: func(u []string) bool { return len(u) == len(all)-1 && !slices.Contains(u, "new_objects.fill") },
		`{"name": "a", "version": 1, "extends": "booking"}`:             func(u []string) bool { return len(u) == 0 },
		`{"name": "booking", "version": 1}`:                             func(u []string) bool { return len(u) == len(all) }, // a name is no decision
		`{"name": "a", "version": 1, "extends": "generic"}`:             func(u []string) bool { return len(u) == len(all) },
		`{"name": "a", "version": 1, "messages": ["OTA_HotelInvCountNotifRQ"]}`: func(u []string) bool {
			return slices.Contains(u, "count_types") && !slices.Contains(u, "tax_side") && !slices.Contains(u, "block_end") && slices.Contains(u, "identity")
		},
	} {
		if got := parse(json).Unchosen(); !want(got) {
			t.Errorf("%s leaves %v", json, got)
		}
	}
	for key := range concerns {
		if !slices.ContainsFunc(Choices, func(c Choice) bool { return c.Key == key }) {
			t.Errorf("concerns names %s, which is no choice", key)
		}
	}
}

func TestMessagesThatAProfileDoesNotTakeAreRefused(t *testing.T) {
	p, err := ParseProfile([]byte(`{"name": "a", "version": 1, "messages": ["OTA_HotelInvCountNotifRQ"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := decodeText(t, availMessage("", availItem(product, openAll)), p); !strings.HasPrefix(got, "refused: unsupported at /OTA_HotelAvailNotifRQ") {
		t.Error(got)
	}
	if got := decodeText(t, invMessage(`InvTypeCode="DBL"`, `<InvCounts><InvCount CountType="2" Count="3"/></InvCounts>`), p); !strings.Contains(got, "count.net = 3") {
		t.Error(got)
	}
	if _, err := ParseProfile([]byte(`{"name": "a", "version": 1, "messages": ["OTA_PingRQ"]}`)); err == nil {
		t.Error("a ping is taken always: it need not be named")
	}
}

func TestPlansAndPropertiesThatAreMadeGetTheProfilesSettings(t *testing.T) {
	google, _ := Shipped("google")
	synxis, _ := Shipped("synxis")
	for _, c := range []struct {
		p              *Profile
		unopened, in   bool
		fill, leadFrom string
	}{{google, true, true, "next_higher", "check_in"}, {synxis, false, false, "exact", "check_in"}} {
		var plan ari.RatePlan
		var h ari.Property
		c.p.PlanDefaults(&plan)
		c.p.PropertyDefaults(&h)
		if plan.UnopenedIsClosed != c.unopened || plan.Fill != c.fill || *h.BlocksInCount != c.in || h.LeadReference != c.leadFrom {
			t.Errorf("%s: %+v, %+v", c.p.Name, plan, h)
		}
	}
}
