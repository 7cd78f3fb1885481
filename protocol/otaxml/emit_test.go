package otaxml

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/internal/contracts"
)

// emitHotel knows every code and has the terms of the test hotel's plans.
func emitHotel() *testHotel {
	h := newTestHotel()
	h.any = true
	return h
}

func emitHead(h *testHotel) Head {
	return Head{EchoToken: "t", At: answeredAt, HotelCode: "HOTEL", Currency: "EUR", Plan: func(code string) *ari.RatePlan { return h.catalog.Plans[code] }}
}

// anyProfile answers a profile with every choice drawn.
func anyProfile(r *rand.Rand) *Profile {
	p := Generic()
	for _, c := range Choices {
		*c.of(p) = c.Values[r.IntN(len(c.Values))]
	}
	p.Test, p.CompleteSet, p.Items = "accept", "ignore", "by_item"
	p.MinLOSNone = [][]int{{0, 1}, {0}, {}, {1, 2}}[r.IntN(4)]
	p.MaxLOSNone = [][]int{{0, 999}, {28}, {}}[r.IntN(3)]
	p.MinLeadNone, p.MaxLeadNone = [][]int{{0}, {}, {3}}[r.IntN(3)], [][]int{{}, {0}, {999, 5}}[r.IntN(3)]
	if r.IntN(4) == 0 {
		p.OpenEnd = nil
	}
	return p
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// anyRuns draws runs that do not overlap: of each scope and field, spans one after the other.
func anyRuns(r *rand.Rand, scopes []ari.Scope, field func(*rand.Rand) (ari.Field, ari.Value)) (out []Run) {
	from := map[[2]any]ari.StayDate{}
	for range 1 + r.IntN(40) {
		f, v := field(r)
		run := Run{Scope: pick(r, scopes...), Verb: pick(r, ari.Set, ari.Set, ari.Set, ari.Clear), Field: f, Value: v}
		k := [2]any{run.Scope, f}
		if from[k] == 0 {
			from[k] = ari.DateOf(2026, 5, 1)
		} else if from[k] == ari.DateMax {
			continue
		}
		run.Span = ari.Dates(from[k], from[k]+ari.StayDate(r.IntN(3)))
		if r.IntN(4) == 0 {
			run.Span.Days = ari.Weekdays(r.IntN(128))
		}
		from[k] = run.Span.To + ari.StayDate(1+r.IntN(2))
		if r.IntN(20) == 0 {
			run.Span.To, from[k] = ari.DateMax, ari.DateMax
		}
		if run.Verb == ari.Clear {
			run.Value = ari.Value{}
		}
		out = append(out, run)
		if isLOS(f) && f.Family() == ari.FamilyRestriction && f.When() == ari.Night && r.IntN(2) == 0 { // the pair of profile departure_row
			twin := run
			twin.Field = ari.Restriction(ari.Departure, f.What())
			if k := [2]any{run.Scope, twin.Field}; from[k] <= run.Span.From {
				from[k] = run.Span.To + 1
				out = append(out, twin)
			}
		}
	}
	return out
}

func anyScopes() []ari.Scope {
	block, channel := ari.RoomScope("DBL"), ari.Product("DBL", "BAR")
	block.Block, channel.Channel = "GRP1", "BCOM"
	return []ari.Scope{{}, ari.RoomScope("DBL"), {Rooms: ari.RoomClassKind, Room: "SUP"}, ari.PlanScope("BAR"), ari.Product("DBL", "BAR"), ari.Product("STE", "BAR"),
		{Rates: ari.CategoryKind, Rate: "CORP"}, {Rates: ari.FamilyKind, Rate: "BAR"}, {Rooms: ari.PoolKind, Room: "P"}, block, channel,
		ari.RoomScope("A type whose code is too long"), ari.RoomScope("x<&\">"), ari.RoomScope("bad\ufffe")}
}

func anyAvailField(r *rand.Rand) (ari.Field, ari.Value) {
	switch r.IntN(9) {
	case 0, 1:
		return pick(r, ari.Closed, ari.CTA, ari.CTD), ari.Num(pick(r, ari.Open, ari.Shut))
	case 2, 3, 4:
		return ari.Restriction(pick(r, ari.Night, ari.Arrival, ari.Departure), pick(r, ari.MinLOS, ari.MaxLOS)), ari.Num(pick[int64](r, 1, 2, 3, 7, 28, 999))
	case 5:
		n := pick(r, 1, 5, 32, 33, 63)
		return ari.Restriction(pick(r, ari.Night, ari.Arrival), ari.LOSPattern), ari.Pattern(r.Uint64()&(1<<n-1), n, r.IntN(2) == 0)
	case 6:
		return ari.Restriction(pick(r, ari.Arrival, ari.Night), pick(r, ari.MinLead, ari.MaxLead)),
			pick(r, ari.LeadDays(0, ari.NoTime), ari.LeadDays(3, ari.NoTime), ari.LeadDays(5, 600), ari.LeadMinutes(90))
	case 7:
		return ari.Limit(pick(r, ari.Remaining, ari.Remaining, ari.HoldBack, ari.Total)), ari.Num(r.Int64N(9) - 1)
	}
	return pick(r, ari.Count(ari.Net), ari.Restriction(ari.Night, ari.MinPrice), ari.AdultsField(2)), ari.Num(r.Int64N(9) - 1)
}

func anyCountField(r *rand.Rand) (ari.Field, ari.Value) {
	v := ari.Num(r.Int64N(40) - 10)
	switch r.IntN(4) {
	case 0:
		return ari.Limit(pick(r, ari.Remaining, ari.Offset, ari.Total)), v
	case 1:
		return ari.BlockField(pick(r, ari.BlockOriginal, ari.BlockCurrent, ari.BlockPickedUp, ari.BlockSellLimit)), v
	}
	return ari.Count(ari.Component(1 + r.IntN(int(ari.ComponentEnd)-1))), v
}

func anyRateField(r *rand.Rand) (ari.Field, ari.Value) {
	k := ari.RateKey{Class: pick(r, ari.Adults, ari.Adults, ari.ExtraAdult, ari.ChildBand, ari.ChildNth, ari.ChildCount), LOS: pick[uint8](r, 0, 0, 0, 1, 3, 7)}
	switch k.Class {
	case ari.Adults:
		k.N = uint8(1 + r.IntN(4))
	case ari.ChildBand:
		k.Min = uint8(r.IntN(10))
		k.Max = k.Min + uint8(1+r.IntN(8))
	case ari.ChildNth, ari.ChildCount:
		k.N = 1
	}
	a := ari.Amount(r.Int64N(5_000_000))
	if r.IntN(4) > 0 {
		a -= a % 100
	}
	return k.Field(), pick(r, ari.Before(a), ari.After(a), ari.After(a), ari.Both(a, a+100_000))
}

// encoders are the three of the law.
var encoders = map[string]struct {
	emit   func(*Profile, Head, []Run) Emitted
	scopes func() []ari.Scope
	field  func(*rand.Rand) (ari.Field, ari.Value)
}{
	"avail":  {EmitAvail, anyScopes, anyAvailField},
	"counts": {EmitInvCounts, anyScopes, anyCountField},
	"rates":  {EmitRateAmounts, rateScopes, anyRateField},
	"plans": {func(p *Profile, h Head, runs []Run) Emitted {
		by := map[string]*PlanRuns{}
		var order []string
		for _, r := range runs {
			k := fmt.Sprint(r.Scope.Rate, r.Verb)
			if by[k] == nil {
				by[k], order = &PlanRuns{Code: r.Scope.Rate, Notif: map[ari.Verb]string{ari.Set: "Delta", ari.Clear: "Remove"}[r.Verb]}, append(order, k)
			}
			by[k].Runs = append(by[k].Runs, r)
		}
		var plans []PlanRuns
		for _, k := range order {
			plans = append(plans, *by[k])
		}
		return EmitRatePlans(p, h, plans)
	}, rateScopes, anyRateField},
	"blocks": {func(p *Profile, h Head, runs []Run) Emitted {
		return EmitBlocks(p, h, []BlockRuns{{Block: ari.Block{ID: "GRP1", Name: "A group", Deducts: true, OpenForPickup: true}, Runs: runs}})
	}, func() []ari.Scope {
		a, b := ari.RoomScope("DBL"), ari.RoomScope("STE")
		a.Block, b.Block = "GRP1", "GRP1"
		return append(anyScopes(), a, b)
	}, anyCountField},
}

func rateScopes() []ari.Scope {
	return append(anyScopes(), ari.Product("DBL", "TIER"), ari.Product("DBL", "WEEK"), ari.Product("DBL", "BOTH"), ari.Product("DBL", "NET"), ari.Product("DBL", "HEAD"))
}

// runText is a run in words; what is the same to the decoder is the same here.
func runText(p *Profile, r Run) string {
	f := r.Field
	if r.Verb == ari.Set && f.Family() == ari.FamilyRestriction {
		none := f.What() == ari.MinLOS && r.Value.A == 1 && isNone(1, p.MinLOSNone) ||
			f == ari.Restriction(ari.Arrival, ari.MinLead) && r.Value == ari.LeadDays(0, ari.NoTime) && len(p.MinLeadNone) > 0
		if none {
			r.Verb, r.Value = ari.Clear, ari.Value{}
		}
	}
	if f.Family() == ari.FamilyRestriction && f.What() != ari.LOSPattern && r.Value.Form != 0 {
		r.Value.B = 0
	}
	return fmt.Sprintf("%d %s %v %s %+v", r.Verb, r.Scope, r.Span, r.Field, r.Value)
}

// whatCame decodes messages and answers their statements in words.
func whatCame(t *testing.T, p *Profile, h *testHotel, messages []Reply) (out []string) {
	for _, sent := range messages {
		m, err := Parse(sent.Body, sent.ContentType)
		if err != nil {
			t.Fatalf("%v\n%s", err, sent.Body)
		}
		res := Decode(m, p, testCodes{h})
		for i := range res.Items {
			if x := &res.Items[i]; len(x.Faults)+len(x.Warnings)+len(x.Unmapped) > 0 || len(x.Statements)+len(x.Objects) == 0 {
				t.Fatalf("item %d: %+v\n%s", i, dump(&res), sent.Body)
			}
			for _, s := range res.Items[i].Statements {
				out = append(out, runText(p, Run{s.Scope, s.Span, s.Verb, s.Field, s.Value}))
			}
		}
		if res.Refused != nil || len(res.Items) == 0 {
			t.Fatalf("refused: %v\n%s", res.Refused, sent.Body)
		}
	}
	slices.Sort(out)
	return out
}

// checkLaw: what is emitted and decoded under the same profile are the runs but for those that were left out.
func checkLaw(t *testing.T, seed uint64) (told, left int, messages []Reply) {
	r := rand.New(rand.NewPCG(seed, 1))
	p, h := anyProfile(r), emitHotel()
	for _, name := range []string{"avail", "counts", "rates", "plans", "blocks"} {
		c := encoders[name]
		runs := anyRuns(r, c.scopes(), c.field)
		head := emitHead(h)
		head.ItemsMax, head.Envelope = 1+r.IntN(5), Envelope(r.IntN(3))
		e := c.emit(p, head, runs)
		want := map[string]int{}
		for _, run := range JoinRuns(runs) {
			want[runText(p, run)]++
		}
		for _, l := range e.Left {
			if l.Why == "" || want[runText(p, l.Run)] == 0 {
				t.Fatalf("seed %d, %s: left out %s (%q), which was not to be told", seed, name, runText(p, l.Run), l.Why)
			}
			want[runText(p, l.Run)]--
		}
		var list []string
		for s, n := range want {
			for range n {
				list = append(list, s)
			}
		}
		slices.Sort(list)
		if got := whatCame(t, p, h, e.Messages); !slices.Equal(got, list) {
			t.Fatalf("seed %d, %s: told\n%s\ncame\n%s\n%s", seed, name, strings.Join(list, "\n"), strings.Join(got, "\n"), bodiesOf(e))
		}
		told, left, messages = told+len(list), left+len(e.Left), append(messages, e.Messages...)
	}
	return told, left, messages
}

// TestWhatIsEmittedMeansWhatWasTold is the law of the encoders, under profiles with every choice drawn.
func TestWhatIsEmittedMeansWhatWasTold(t *testing.T) {
	told, left := 0, 0
	for seed := range uint64(500) {
		a, b, _ := checkLaw(t, seed)
		told, left = told+a, left+b
	}
	if told < 4_000 || left < 1_000 {
		t.Errorf("%d runs told and %d left out: the law was hardly tried", told, left)
	}
}

func FuzzEmit(f *testing.F) {
	f.Add(uint64(7))
	f.Fuzz(func(t *testing.T, seed uint64) { checkLaw(t, seed) })
}

func TestEmittedMessagesAreValidAgainst2017B(t *testing.T) {
	bodies := map[string][]byte{}
	for seed := range uint64(60) {
		_, _, messages := checkLaw(t, seed)
		for i, m := range messages {
			bodies[fmt.Sprintf("%d-%d", seed, i)] = m.Body
		}
	}
	if n := contracts.ValidateOTA(t, contracts.OTASchemas(t), bodies); n < 200 {
		t.Errorf("only %d messages to validate", n)
	}
}

func TestAdjoiningDaysAreJoined(t *testing.T) {
	var runs []Run
	first := ari.DateOf(2026, 5, 1)
	for d := range ari.StayDate(30) {
		closed := ari.Num(ari.Open)
		if d >= 10 && d < 20 {
			closed = ari.Num(ari.Shut)
		}
		runs = append(runs, Run{ari.Product("DBL", "BAR"), ari.Dates(first+d, first+d), ari.Set, ari.Closed, closed})
	}
	e := EmitAvail(Generic(), emitHead(emitHotel()), runs)
	if len(e.Messages) != 1 || strings.Count(string(e.Messages[0].Body), "<AvailStatusMessage>") != 3 {
		t.Errorf("%s", bodiesOf(e))
	}
}

func TestAMessageHasAtMostItsItems(t *testing.T) {
	var runs []Run
	for i := range 25 {
		runs = append(runs, Run{ari.RoomScope(fmt.Sprint("R", i)), ari.Dates(ari.DateOf(2026, 5, 1), ari.DateOf(2026, 5, 1)), ari.Set, ari.Closed, ari.Num(ari.Shut)})
	}
	head := emitHead(emitHotel())
	head.ItemsMax = 10
	e := EmitAvail(Generic(), head, runs)
	for i, want := range []int{10, 10, 5} {
		if got := strings.Count(string(e.Messages[i].Body), "<AvailStatusMessage>"); got != want {
			t.Errorf("message %d has %d items", i, got)
		}
	}
	if len(e.Messages) != 3 || !strings.Contains(string(e.Messages[1].Body), `EchoToken="t-2"`) {
		t.Errorf("%s", bodiesOf(e))
	}
}

// TestTheProfileChoosesWords: one run, two profiles, two messages.
func TestTheProfileChoosesWords(t *testing.T) {
	day := ari.Dates(ari.DateOf(2026, 5, 1), ari.DateOf(2026, 5, 2))
	at := func(s ari.Scope, f ari.Field, v ari.Value) Run { return Run{s, day, ari.Set, f, v} }
	product := ari.Product("DBL", "BAR")
	for _, c := range []struct {
		name, choice, value string
		emit                func(*Profile, Head, []Run) Emitted
		run                 Run
		generic, other      string // in the message, or why it is left out
	}{
		{"stay-through", "set_los", `"through"`, EmitAvail, at(product, ari.MinLOSThrough, ari.Num(3)), `"SetForwardMinStay"`, `"SetMinLOS"`},
		{"arrival", "set_los", `"through"`, EmitAvail, at(product, ari.MinLOSArrival, ari.Num(3)), `ArrivalDateBased="true"`, "stay-through"},
		{"no maximum", "max_los_none", `[28]`, EmitAvail, at(product, ari.MaxLOSArrival, ari.Num(28)), `Time="28"`, "no bound"},
		{"limit of a room", "limit_room", `"remaining"`, EmitAvail, at(ari.RoomScope("DBL"), ari.Count(ari.Net), ari.Num(4)), `BookingLimit="4"`, "limit_room"},
		{"limit of a product", "limit_room_rate", `"count"`, EmitAvail, at(product, ari.Limit(ari.Remaining), ari.Num(4)), `BookingLimit="4"`, "limit_room"},
		{"held back", "booking_threshold", `"hold_back"`, EmitAvail, at(product, ari.Limit(ari.HoldBack), ari.Num(2)), "booking_threshold", `BookingThreshold="2"`},
		{"children", "max_age", `"inclusive"`, EmitRateAmounts, at(product, ari.RateKey{Class: ari.ChildBand, Min: 3, Max: 12}.Field(), ari.After(200_000)), `MaxAge="12"`, `MaxAge="11"`},
		{"tax", "tax_side", `"before"`, EmitRateAmounts, at(product, ari.AdultsField(2), ari.After(1_200_000)), `AmountAfterTax="120.00"`, "tax_side"},
		{"out of order", "count_types", `{"9":"out_of_order","6":"ignore"}`, EmitInvCounts, at(ari.RoomScope("DBL"), ari.Count(ari.OutOfOrder), ari.Num(2)), `CountType="6"`, `CountType="9"`},
	} {
		for p, want := range map[*Profile]string{Generic(): c.generic, choose(t, c.choice, c.value): c.other} {
			e := c.emit(p, emitHead(emitHotel()), []Run{c.run})
			got := fmt.Sprint(e.Left)
			if len(e.Messages) == 1 {
				got += string(e.Messages[0].Body)
			}
			if len(e.Messages)+len(e.Left) != 1 || !strings.Contains(got, want) {
				t.Errorf("%s: want %s in %s", c.name, want, got)
			}
		}
	}
}

// TestAPlanThatIsToldNewIsMade: the definition comes with the amounts.
func TestAPlanThatIsToldNewIsMade(t *testing.T) {
	h := emitHotel()
	runs := []Run{{ari.Product("DBL", "FRESH"), ari.Dates(ari.DateOf(2026, 5, 1), ari.DateOf(2026, 5, 9)), ari.Set, ari.AdultsField(2), ari.After(1_500_000)}}
	e := EmitRatePlans(Generic(), emitHead(h), []PlanRuns{{Code: "FRESH", Name: "Früh <gebucht>", Notif: "New", Runs: runs}, {Code: "BAR", Notif: "Overlay", Inactive: true}})
	m, err := Parse(e.Messages[0].Body, "")
	if err != nil || len(e.Left) > 0 {
		t.Fatal(err, e.Left)
	}
	r := Decode(m, Generic(), testCodes{h})
	var made, changed ari.RatePlan
	if len(r.Items) != 2 || len(r.Items[0].Objects) != 1 || len(r.Items[1].Objects) != 1 {
		t.Fatalf("%s\n%s", dump(&r), e.Messages[0].Body)
	}
	if json.Unmarshal(r.Items[0].Objects[0].Body, &made) != nil || json.Unmarshal(r.Items[1].Objects[0].Body, &changed) != nil {
		t.Fatal(dump(&r))
	}
	if made.Code != "FRESH" || made.Name != "Früh <gebucht>" || made.Inactive || len(r.Items[0].Statements) != 1 || r.Items[0].Statements[0].Value != ari.After(1_500_000) || !changed.Inactive {
		t.Errorf("%+v %+v %s", made, changed, dump(&r))
	}
	contracts.ValidateOTA(t, contracts.OTASchemas(t), map[string][]byte{"new": e.Messages[0].Body})
}

// TestABlocksHeaderComesBackAsItWasTold, under profiles that read dates and statuses differently.
func TestABlocksHeaderComesBackAsItWasTold(t *testing.T) {
	bodies := map[string][]byte{}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		p, h := anyProfile(r), emitHotel()
		cutoff := ari.DateOf(2026, 4, 20)
		b := ari.Block{ID: "GRP1", Code: "GRP1", Name: pick(r, "Chess & Go", "Schachklub Österreich"), Deducts: r.IntN(2) == 0, OpenForPickup: r.IntN(2) == 0, Cutoff: pick(r, nil, &cutoff)}
		b.Tentative = b.Deducts && r.IntN(2) == 0
		room := ari.RoomScope("DBL")
		room.Block = "GRP1"
		runs := []Run{{room, ari.Dates(ari.DateOf(2026, 5, 1), ari.DateOf(2026, 5, 3)), ari.Set, ari.BlockField(ari.BlockCurrent), ari.Num(4)}}
		e := EmitBlocks(p, emitHead(h), []BlockRuns{{Block: b, Runs: runs}})
		m, err := Parse(e.Messages[0].Body, "")
		if err != nil {
			t.Fatal(err)
		}
		res := Decode(m, p, testCodes{h})
		var got ari.Block
		if len(res.Items) != 1 || len(res.Items[0].Objects) != 1 || json.Unmarshal(res.Items[0].Objects[0].Body, &got) != nil {
			t.Fatalf("seed %d: %s\n%s", seed, dump(&res), e.Messages[0].Body)
		}
		same := got.ID == b.ID && got.Name == b.Name && got.Deducts == b.Deducts && got.Tentative == b.Tentative && got.OpenForPickup == b.OpenForPickup
		if b.Cutoff != nil {
			same = same && got.Cutoff != nil && *got.Cutoff == *b.Cutoff
		}
		if s := res.Items[0].Statements; !same || len(s) != 1 || s[0].Span != runs[0].Span || s[0].Value != runs[0].Value {
			t.Fatalf("seed %d: told %+v, came %+v %s\n%s", seed, b, got, dump(&res), e.Messages[0].Body)
		}
		bodies[fmt.Sprint(seed)] = e.Messages[0].Body
	}
	gone := EmitBlocks(Generic(), emitHead(emitHotel()), []BlockRuns{{Block: ari.Block{ID: "GRP1"}, Cancel: true}})
	if m, err := Parse(gone.Messages[0].Body, ""); err != nil || !strings.Contains(bodiesOf(gone), `TransactionAction="Cancel"`) {
		t.Errorf("%v %v", m, err)
	}
	bodies["gone"] = gone.Messages[0].Body
	contracts.ValidateOTA(t, contracts.OTASchemas(t), bodies)
}

// bodiesOf answers the messages as text.
func bodiesOf(e Emitted) string {
	var b strings.Builder
	for _, m := range e.Messages {
		b.Write(m.Body)
	}
	return b.String()
}
