package hub

import (
	"encoding/json"
	"fmt"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/store"
)

// outcome is what is remembered of a judged message (S19): enough to answer a repeat as it was answered first.
type outcome struct {
	content   store.KeyHash
	property  string
	revision  int64
	messageID string
	verdict   string
	waiting   string
	items     []ari.ItemResult
}

// keptOutcome is the stored form of an outcome that an entry does not tell: what changed nothing, or waits. Format 1.
type keptOutcome struct {
	Format    int              `json:"v"`
	MessageID string           `json:"message_id"`
	Verdict   string           `json:"verdict"`
	Waiting   string           `json:"waiting,omitempty"`
	Items     []ari.ItemResult `json:"items,omitempty"`
}

// keep answers the key to store. An update that was journalled needs no outcome: its entry has it.
func (c *Call) keep(day int32) store.Key {
	k := store.Key{Day: day, Hash: c.key, Content: c.sub.Identity.Content, Property: c.receipt.Property, Revision: c.receipt.Revision}
	if c.entry == nil || c.receipt.Waiting != "" {
		k.Outcome, _ = json.Marshal(keptOutcome{1, c.receipt.MessageID, c.receipt.Verdict, c.receipt.Waiting, c.receipt.Items})
	}
	return k
}

// outcome answers what is remembered of a call.
func (c *Call) outcome() outcome {
	r := &c.receipt
	return outcome{c.sub.Identity.Content, r.Property, r.Revision, r.MessageID, r.Verdict, r.Waiting, r.Items}
}

// readOutcome answers the outcome of a stored key. e is the entry at its revision, if the key keeps no outcome itself.
func readOutcome(k *store.Key, e *ari.Entry) (outcome, error) {
	o := outcome{content: k.Content, property: k.Property, revision: k.Revision}
	if k.Outcome == nil {
		if e != nil {
			o.messageID, o.items, o.verdict = e.MessageID, e.Items, verdictOf(e.Items, true)
			return o, nil
		}
		o.verdict = VerdictApplied // its entry is pruned
		return o, nil
	}
	var kept keptOutcome
	if err := json.Unmarshal(k.Outcome, &kept); err != nil {
		return o, fmt.Errorf("outcome of a key of %s: %w", k.Property, err)
	}
	if kept.Format != 1 {
		return o, fmt.Errorf("outcome of a key of %s: unknown format %d", k.Property, kept.Format)
	}
	o.messageID, o.verdict, o.waiting, o.items = kept.MessageID, kept.Verdict, kept.Waiting, kept.Items
	return o, nil
}

// verdictOf answers the verdict of a whole message from those of its items.
// changed tells whether there is an entry.
func verdictOf(items []ari.ItemResult, changed bool) string {
	var n [ari.ItemParked + 1]int
	for i := range items {
		n[items[i].Verdict]++
	}
	good := n[ari.ItemApplied] + n[ari.ItemUnchanged] + n[ari.ItemSuperseded]
	switch {
	case n[ari.ItemWaiting] > 0:
		return VerdictWaiting
	case n[ari.ItemRefused] == len(items) && len(items) > 0:
		return VerdictRefused
	case n[ari.ItemParked] == len(items) && len(items) > 0:
		return VerdictParked
	case n[ari.ItemRefused]+n[ari.ItemParked] > 0 && good > 0:
		return VerdictPartly
	case n[ari.ItemRefused]+n[ari.ItemParked] > 0:
		return VerdictParked // some wait, the others are refused
	case n[ari.ItemApplied] > 0, len(items) == 0 && changed:
		return VerdictApplied
	case n[ari.ItemSuperseded] > 0:
		return VerdictSuperseded
	default:
		return VerdictUnchanged
	}
}
