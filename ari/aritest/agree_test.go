package aritest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/ari/aritest"
	"github.com/ratewire/ratewire/internal/proof"
)

// picture makes the fast picture a core: every update is judged, committed and folded at once.
type picture struct {
	*ari.Picture
	answer  ari.Answer
	entries []*ari.Entry
}

func newPicture() *picture { return &picture{Picture: ari.NewPicture("H")} }

func (p *picture) Apply(u *ari.Update) aritest.Outcome {
	out := aritest.Outcome{Items: map[int]string{}}
	entry, results, err := p.Draft().Apply(u)
	var bad *ari.UpdateError
	switch {
	case errors.As(err, &bad):
		out.Refused = true
		for _, e := range bad.Items {
			if len(u.Objects)+len(u.Overlays) > 0 && len(u.Statements)+len(u.Replace) == 0 {
				out.Whole = e.Code
				break
			}
			out.Items[e.Item] = e.Code
		}
	case err != nil:
		panic(err)
	}
	for _, r := range results {
		if r.Verdict == ari.ItemRefused {
			out.Items[r.Item] = r.Err.Code
		}
	}
	if entry != nil {
		p.entries = append(p.entries, entry)
		if err := p.Fold(entry); err != nil {
			panic(err)
		}
	}
	return out
}

func (p *picture) Sell(q *ari.Query) []ari.Offer {
	why := *q
	why.Why = true
	p.Picture.Sell(&why, &p.answer)
	return p.answer.Offers
}

// sellable answers the offers of a query that does not ask why.
func (p *picture) sellable(q *ari.Query) []ari.Offer {
	p.Picture.Sell(q, &p.answer)
	return p.answer.Offers
}

// difference runs a program on the model and the fast picture and answers the first difference, "" if there is none.
func difference(steps []aritest.Step, tally aritest.Tally) string {
	m, p := aritest.NewModel("H"), newPicture()
	for i, s := range steps {
		if s.Update != nil {
			want, got := m.Apply(s.Update), p.Apply(s.Update)
			if tally != nil {
				tally.Update(s.Update, want, s.Late, s.Repeat)
			}
			if want.String() != got.String() {
				return fmt.Sprintf("update of step %d: the fast core says %v, the model %v", i, got, want)
			}
			continue
		}
		want := m.Sell(s.Query)
		if d := differingOffer(want, p.Sell(s.Query)); d != "" {
			return fmt.Sprintf("query of step %d: %s", i, d)
		}
		sold := slices.DeleteFunc(slices.Clone(want), func(o ari.Offer) bool { return !o.Sellable })
		if d := differingOffer(sold, p.sellable(s.Query)); d != "" {
			return fmt.Sprintf("query of step %d, without why: %s", i, d)
		}
		for i := range want {
			if tally != nil {
				tally.Offer(m, s.Query, &want[i])
			}
		}
	}
	return ""
}

// kind answers what a smaller program must show as well: that a query differs, or that an update is judged in just these two ways.
func kind(difference string) string {
	head, tail, _ := strings.Cut(difference, ": ")
	if strings.HasPrefix(head, "query") {
		return "query"
	}
	return tail
}

// differingOffer answers the first difference between offers.
func differingOffer(want, got []ari.Offer) string {
	for i := range max(len(want), len(got)) {
		var w, g string
		if i < len(want) {
			w = offerLine(want[i])
		}
		if i < len(got) {
			g = offerLine(got[i])
		}
		if w != g {
			return fmt.Sprintf("offer %d\n  fast  %s\n  model %s", i, g, w)
		}
	}
	return ""
}

// offerLine writes all that must agree of an offer: of one that is not sellable, the reasons.
func offerLine(o ari.Offer) string {
	if !o.Sellable {
		var b strings.Builder
		fmt.Fprintf(&b, "%s/%s no:", o.Room, o.Plan)
		for _, r := range aritest.SortReasons(slices.Clone(o.Reasons)) {
			fmt.Fprintf(&b, " %s@%s/%s", r.Code, r.Date, r.Field)
		}
		return b.String()
	}
	return fmt.Sprintf("%s/%s total %v left %d nights %v supplements %v reasons %v", o.Room, o.Plan, o.Total, o.Left, o.Nights, o.Supplements, o.Reasons)
}

// seeds answers where the seeds of a run begin: RATEWIRE_SEED, or a fresh place.
func seeds(t *testing.T) (first uint64, one bool) {
	if s := os.Getenv("RATEWIRE_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("RATEWIRE_SEED: %v", err)
		}
		return n, true
	}
	return uint64(time.Now().UnixNano()) % 1_000_000_000 * 1000, false
}

func program(seed uint64) []aritest.Step {
	return aritest.Program(rand.New(rand.NewPCG(seed, 0)), 30, 2)
}

// TestSellAgreesWithModel is the heart of the proof: over random pictures, the fast core and the model refuse the same updates for the same
// reasons, and answer every stay alike: sellable, prices of nights and total, rooms left, reasons.
func TestSellAgreesWithModel(t *testing.T) {
	first, one := seeds(t)
	tally := aritest.Tally{}
	stays := proof.Size(1_000, 120_000)
	if n, err := strconv.Atoi(os.Getenv("RATEWIRE_STAYS")); err == nil {
		stays = n
	}
	seed := first
	for ; tally["stays"] < stays; seed++ {
		steps := program(seed)
		if d := difference(steps, tally); d != "" {
			small := aritest.Shrink(steps, func(s []aritest.Step) bool { return kind(difference(s, nil)) == kind(d) })
			t.Fatalf("RATEWIRE_SEED=%d: %s\nsmallest program that differs:\n%s%s", seed, d, aritest.Describe(small), difference(small, nil))
		}
		if one {
			return
		}
	}
	proof.Figure(t, "agree_stays", tally["stays"])
	proof.Figure(t, "agree_updates", tally["updates"])
	proof.Figure(t, "agree_seeds", fmt.Sprintf("%d..%d", first, seed-1))
	if proof.Full() {
		fmt.Print(tally)
		if missing := tally.Missing(); len(missing) > 0 {
			t.Errorf("not met: %s", strings.Join(missing, ", "))
		}
	}
}
