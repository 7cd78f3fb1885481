package otaxml

import (
	"strings"

	"github.com/ratewire/ratewire/ari"
)

// components are the words of Profile.CountTypes that name a component.
var components = map[string]ari.Component{
	"net": ari.Net, "physical": ari.Physical, "out_of_order": ari.OutOfOrder, "out_of_service": ari.OutOfService, "off_market": ari.OffMarket,
	"house_use": ari.HouseUse, "sold_definite": ari.SoldDefinite, "sold_tentative": ari.SoldTentative,
	"block_definite": ari.BlockDefinite, "block_tentative": ari.BlockTentative, "overbooking": ari.Overbooking,
}

// blockNumbers are the words of Profile.BlockCountTypes that name a number of a block's grid.
var blockNumbers = map[string]ari.Field{
	"current": ari.BlockField(ari.BlockCurrent), "picked_up": ari.BlockField(ari.BlockPickedUp), "original": ari.BlockField(ari.BlockOriginal),
	"sell_limit": ari.BlockField(ari.BlockSellLimit), "remaining": ari.Limit(ari.Remaining),
}

// invCounts reads an Inventory: its counts and off-sell.
func (x *itemDecoder) invCounts(c control) {
	counts := 0
	for _, k := range x.it.n.kids {
		switch k.name {
		case "StatusApplicationControl", "UniqueID":
		case "InvCounts":
			net := x.tellsNet(k)
			k.all("InvCount", func(n *node) {
				counts++
				x.invCount(c, n, net)
			})
		case "OffSell":
			counts++
			x.offSell(c, k)
		default:
			x.strange(k)
		}
	}
	if counts == 0 {
		x.fault(CodeMissing, x.it.n, "", "", "InvCounts with at least one InvCount, or OffSell")
	}
}

// tellsNet tells whether one of the counts is the rooms to sell: the others are in it then.
func (x *itemDecoder) tellsNet(counts *node) bool {
	for _, k := range counts.kids {
		if k.name == "InvCount" && x.p.CountTypes[countType(k.get("CountType"))] == "net" {
			return true
		}
	}
	return false
}

// countType answers the code without the name of its list: "2" of "2.INV".
func countType(s string) string {
	code, _, _ := strings.Cut(s, ".")
	return code
}

// invCount reads one InvCount.
func (x *itemDecoder) invCount(c control, n *node, net bool) {
	told, ok := n.attr("CountType")
	if !ok || told == "" {
		x.fault(CodeMissing, n, "CountType", "", "what is counted: 2 for rooms to sell, 1 physical, 6 out of order ...")
		return
	}
	code := countType(told)
	meaning := x.p.CountTypes[code]
	if c.scope().Block != "" {
		meaning = x.p.BlockCountTypes[code]
	}
	switch {
	case meaning == "ignore", meaning == "in_net" && net:
		x.ignore(n, "")
		return
	case meaning == "refuse":
		x.fault(CodeUnsupported, n, "CountType", told, "a count that the connection's profile takes (count_types)")
		return
	case meaning == "" || meaning == "unknown" || meaning == "in_net":
		x.unknown(c, n, "CountType", "InvCount."+name(code), attrText(n))
		return
	}
	if _, has := n.attr("Count"); !has {
		x.fault(CodeMissing, n, "Count", "", "a number of rooms")
		return
	}
	if v, ok := x.number(n, "Count", true); ok {
		x.tellCount(c, n, meaning, v)
	}
}

// tellCount says a count of a known meaning, as its ActionType says.
func (x *itemDecoder) tellCount(c control, n *node, meaning string, v int64) {
	f, ok := x.countField(&c, n, meaning)
	if !ok {
		return
	}
	if n.kid("InvBlockCutoff") != nil {
		x.unknown(c, n.kid("InvBlockCutoff"), "", "InvBlockCutoff", attrText(n.kid("InvBlockCutoff")))
	}
	sold := meaning == "sold_definite" || meaning == "sold_tentative" || meaning == "picked_up"
	toSell := meaning == "net" || meaning == "remaining"
	switch action := strings.ToLower(n.get("ActionType")); {
	case action == "", action == "used" && sold, action == "remaining" && toSell, action == "allocation" && meaning == "current":
		x.set(c, n, f, ari.Num(v), false)
	case action == "adjustment" && f.Family() == ari.FamilyCount:
		x.say(c, n, ari.Statement{Verb: ari.Adjust, Field: f, Value: ari.Num(v)}, false)
	default:
		x.fault(CodeUnsupported, n, "ActionType", n.get("ActionType"), "no ActionType; Adjustment of a count; Used of rooms sold; Remaining of rooms to sell")
	}
}

// countField answers the field of a count and narrows the control to where it is told. A count of one channel, and one of a rate plan
// that is not its rooms to sell, cannot be told.
func (x *itemDecoder) countField(c *control, n *node, meaning string) (ari.Field, bool) {
	s := c.scope()
	if s.Block != "" {
		return blockNumbers[meaning], true
	}
	if meaning == "net" && (s.Rates != ari.AllRates || s.Channel != "") {
		return x.limitField(c), true
	}
	if s.Rates != ari.AllRates || s.Channel != "" {
		x.unknown(*c, n, "CountType", "InvCount."+name(n.get("CountType")), attrText(n))
		return 0, false
	}
	return ari.Count(components[meaning]), true
}

// offSell reads OffSell: rooms taken off sale, or, negative, sold beyond the count. It is an offset of the count (S10).
func (x *itemDecoder) offSell(c control, n *node) {
	if _, has := n.attr("OffSellValue"); !has {
		x.fault(CodeMissing, n, "OffSellValue", "", "a number of rooms")
		return
	}
	v, ok := x.number(n, "OffSellValue", true)
	switch kind := strings.ToLower(n.get("OffSellValueType")); {
	case !ok:
	case kind == "" || kind == "total":
		x.set(c, n, ari.Limit(ari.Offset), ari.Num(-v), false)
	default:
		x.fault(CodeUnsupported, n, "OffSellValueType", n.get("OffSellValueType"), "Total: rooms off sale cannot be adjusted")
	}
}
