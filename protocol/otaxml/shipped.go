package otaxml

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// shippedFiles are the profiles that come with the program, as data.
//
//go:embed profiles/*.json
var shippedFiles embed.FS

// shipped are the shipped profiles by name. Nobody changes them: Shipped answers copies.
var shipped = readShipped()

func readShipped() map[string]*Profile {
	all := map[string]*Profile{"generic": Generic()}
	files, err := shippedFiles.ReadDir("profiles")
	if err != nil {
		panic("otaxml: " + err.Error())
	}
	for _, f := range files {
		b, err := shippedFiles.ReadFile("profiles/" + f.Name())
		if err != nil {
			panic("otaxml: " + err.Error())
		}
		p := Generic()
		p.Name, p.Version = "", 0
		if err := p.read(b); err != nil || p.Name+".json" != f.Name() {
			panic(fmt.Sprintf("otaxml: profile %s: %v", f.Name(), err)) // a test reads them all
		}
		all[p.Name] = p
	}
	return all
}

// ShippedNames answers the names of the profiles that come with the program, generic first.
func ShippedNames() []string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(shipped)), func(s string) bool { return s == "generic" })
	return append([]string{"generic"}, names...)
}

// Shipped answers a copy of a shipped profile.
func Shipped(name string) (*Profile, bool) {
	p, ok := shipped[name]
	if !ok {
		return nil, false
	}
	return p.clone(), true
}

func (p *Profile) clone() *Profile {
	c := *p
	c.Messages, c.Ignorable, c.OpenEnd = slices.Clone(p.Messages), slices.Clone(p.Ignorable), slices.Clone(p.OpenEnd)
	c.CountTypes, c.BlockCountTypes = maps.Clone(p.CountTypes), maps.Clone(p.BlockCountTypes)
	c.BlockStatus, c.BlockAllocations = maps.Clone(p.BlockStatus), maps.Clone(p.BlockAllocations)
	c.MinLOSNone, c.MaxLOSNone = slices.Clone(p.MinLOSNone), slices.Clone(p.MaxLOSNone)
	c.MinLeadNone, c.MaxLeadNone = slices.Clone(p.MinLeadNone), slices.Clone(p.MaxLeadNone)
	c.chosen = maps.Clone(p.chosen)
	return &c
}

// ParseProfile reads a profile's JSON over the shipped one that "extends" names, by default generic: what it does not name is that one's.
// Maps of codes are merged, lists are replaced. Unknown names are refused.
func ParseProfile(b []byte) (*Profile, error) {
	var head struct {
		Extends string `json:"extends"`
	}
	_ = json.Unmarshal(b, &head) // read again below, strictly
	if head.Extends == "" {
		head.Extends = "generic"
	}
	p, ok := Shipped(head.Extends)
	if !ok {
		return nil, fmt.Errorf("extends: got %q, want one of %s", clip(head.Extends, 40), strings.Join(ShippedNames(), ", "))
	}
	p.Name, p.Version, p.About, p.Extends = "", 0, "", ""
	if err := p.read(b); err != nil {
		return nil, err
	}
	return p, nil
}

// read reads JSON over the profile, and notes what it names.
func (p *Profile) read(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return fmt.Errorf("read profile: %w", err)
	}
	if d.More() {
		return errors.New("read profile: more than one JSON value")
	}
	if err := p.Validate(); err != nil {
		return err
	}
	p.chosen = chosenIn(b)
	return nil
}

// chosenIn answers the choices that a profile's JSON names.
func chosenIn(b []byte) map[string]bool {
	var top, made map[string]json.RawMessage
	_ = json.Unmarshal(b, &top)
	_ = json.Unmarshal(top["new_objects"], &made)
	out := map[string]bool{}
	for key := range top {
		out[key] = true
	}
	for key := range made {
		out["new_objects."+key] = true
	}
	return out
}

// Unchosen answers the choices that can oversell and that neither the profile's JSON names nor a partner's shipped profile has decided for
// it, in the order of Choices. A connection must not go live with any. Choices that concern only messages that the profile does not take
// are left out.
func (p *Profile) Unchosen() []string {
	base := p.Extends
	if base == "" {
		base = p.Name
	}
	if _, partner := shipped[base]; partner && base != "generic" && (p.Extends != "" || p.isShipped()) {
		return nil
	}
	var out []string
	for i := range Choices {
		if c := &Choices[i]; c.Oversell && !p.chosen[c.Key] && p.concerned(c.Key) {
			out = append(out, c.Key)
		}
	}
	return out
}

// isShipped tells whether the profile is a shipped one as it is, and not one of a person's that has its name.
func (p *Profile) isShipped() bool {
	s := shipped[p.Name]
	return s != nil && maps.Equal(s.chosen, p.chosen)
}

// concerned tells whether a choice concerns a message that the profile takes.
func (p *Profile) concerned(key string) bool {
	kinds, some := concerns[key]
	return !some || len(p.Messages) == 0 || slices.ContainsFunc(kinds, func(k string) bool { return slices.Contains(p.Messages, k) })
}

// concerns says which messages a choice is about; one not listed is about all.
var concerns = concernsOf(map[string]string{
	"complete_set":  "avail rates counts",
	"destinations":  "avail rates counts plans rules rooms blocks",
	"inv_code":      "avail rates counts plans rules rooms",
	"weekdays":      "avail rates counts plans rules blocks",
	"min_los_none":  "avail plans rules rates",
	"max_los_none":  "avail plans rules rates",
	"min_lead_none": "avail plans rules", "max_lead_none": "avail plans rules", "new_objects.lead_reference": "avail plans rules",
	"absent_restriction": "avail plans rules", "set_los": "avail plans rules", "absent_arrival_date_based": "avail plans rules",
	"departure_row": "avail plans rules", "los_tail": "avail plans rules", "rule_weekdays": "plans rules",
	"limit_room": "avail", "limit_room_rate": "avail counts", "booking_threshold": "avail",
	"absent_notif_type": "rates", "overlay_extent": "rates plans", "los_pricing": "rates",
	"absent_guests": "rates plans blocks", "tax_side": "rates plans blocks", "extra_tax_side": "rates plans blocks", "max_age": "rates plans blocks",
	"max_additional_guests": "rates plans blocks", "decimal_places": "rates plans blocks", "rate_los": "rates plans blocks", "number_of_units": "rates plans blocks",
	"count_types": "counts", "block_count_types": "counts",
	"content_overwrite": "content", "absent_plan_notif_type": "plans", "plan_new": "plans", "plan_overlay": "plans", "plan_remove": "plans",
	"overlay_rules": "plans", "plan_dates": "plans", "absent_adjust_up": "plans", "derived_inherits": "plans",
	"absent_block_action": "blocks", "absent_block_booking": "blocks", "block_cutoff": "blocks", "block_end": "blocks", "block_release": "blocks",
	"block_status": "blocks", "block_allocations": "blocks",
})

func concernsOf(words map[string]string) map[string][]string {
	kinds := map[string]string{"avail": KindAvailNotif, "rates": KindRateAmountNotif, "counts": KindInvCountNotif, "plans": KindRatePlanNotif,
		"rules": KindBookingRule, "rooms": KindInvNotif, "content": KindContentNotif, "blocks": KindInvBlockNotif}
	out := map[string][]string{}
	for key, list := range words {
		for _, w := range strings.Fields(list) {
			out[key] = append(out[key], kinds[w])
		}
	}
	return out
}
