package otaxml

import (
	"slices"

	"github.com/ratewire/ratewire/ari"
)

// allocationCode answers the pick-up status that the profile reads as a block's number; "" is an absent one, which is preferred.
func (e *emitter) allocationCode(f ari.Field) (code string, ok bool) {
	meaning := map[ari.Field]string{
		ari.BlockField(ari.BlockCurrent): "current", ari.BlockField(ari.BlockPickedUp): "picked_up", ari.BlockField(ari.BlockOriginal): "original",
	}[f]
	if meaning == "" {
		return "", false
	}
	if e.p.BlockAllocations[""] == meaning {
		return "", true
	}
	code = codeOf(e.p.BlockAllocations, meaning)
	return code, code != ""
}

// blockStatus answers the InvBlockStatusCode that the profile reads as the block's status; why if none does.
func (e *emitter) blockStatus(b *ari.Block, cancel bool) (code, why string) {
	meaning := "prospect"
	switch {
	case cancel || b.Status == blockCancelled:
		meaning = blockCancelled
	case b.Deducts && b.Tentative:
		meaning = "tentative_deducts"
	case b.Deducts:
		meaning = "definite"
	case b.Tentative:
		meaning = "tentative"
	}
	if code = codeOf(e.p.BlockStatus, meaning); code != "" {
		return code, ""
	}
	if meaning == "tentative" { // it holds nothing either way
		if code = codeOf(e.p.BlockStatus, "prospect"); code != "" {
			return code, ""
		}
	}
	return "", "no status means " + meaning + " (profile: block_status)"
}

// blockEnd answers how far behind the last night the End of a block is.
func (e *emitter) blockEnd() ari.StayDate {
	if e.p.BlockEnd == "departure" {
		return 1
	}
	return 0
}

// blockCutoff answers how far behind the last day held its cutoff is.
func (e *emitter) blockCutoff() ari.StayDate {
	if e.p.BlockCutoff == "released" {
		return 1
	}
	return 0
}

// endTold tells whether a date of a block can be written as its End: a word for no end cannot.
func (e *emitter) endTold(to ari.StayDate) bool {
	end := to + e.blockEnd()
	return end <= ari.DateOf(9999, 12, 31) && !slices.Contains(e.p.OpenEnd, end)
}
