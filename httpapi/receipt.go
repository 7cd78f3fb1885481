package httpapi

import (
	"net/http"
	"strconv"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// receiptJSON answers a write. It documents what appendReceipt writes.
type receiptJSON struct {
	Property  string            `json:"property,omitempty"`
	Revision  int64             `json:"revision" doc:"The property's, after it; unchanged if nothing changed."`
	Position  string            `json:"position" doc:"The feed includes it from here on; use it as at_least."`
	Verdict   string            `json:"verdict" doc:"applied, unchanged, superseded, partly, refused, parked, waiting, repeat ... The list is open."`
	MessageID string            `json:"message_id,omitempty"`
	Repeat    bool              `json:"repeat,omitempty" doc:"It was judged before: what was answered then."`
	DryRun    bool              `json:"dry_run,omitempty"`
	Waiting   string            `json:"waiting,omitempty" doc:"Id of the replace that waits for a person: /v1/waiting."`
	Items     []itemResultJSON  `json:"items,omitempty"`
	Changes   *entryChangesJSON `json:"changes,omitempty" doc:"What changed (dry run: would change)."`
}

// itemResultJSON is what became of one item.
type itemResultJSON struct {
	Item       int              `json:"item"`
	Verdict    string           `json:"verdict" doc:"applied, unchanged, superseded, refused, waiting, parked. The list is open."`
	Changed    int              `json:"changed,omitempty" doc:"Cells changed."`
	Superseded int              `json:"superseded,omitempty" doc:"Cells not changed, since something newer was told of them."`
	Trimmed    int              `json:"trimmed,omitempty" doc:"Dates beyond the horizon that were left out."`
	Error      *canonical.Fault `json:"error,omitempty"`
}

var verdictNames = [...]string{"", "applied", "unchanged", "superseded", "refused", "waiting", "parked"}

func verdictName(v ari.ItemVerdict) string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "verdict_" + strconv.Itoa(int(v))
}

// appendReceipt writes a receipt. where answers the pointer of an item's path.
func appendReceipt(b []byte, rc *hub.Receipt, dryRun, changes bool, where func(item int, path string) string) []byte {
	b = append(b, '{')
	if rc.Property != "" && rc.Property != ari.HubProperty {
		b = append(canonical.AppendString(append(b, `"property":`...), rc.Property), ',')
	}
	b = strconv.AppendInt(append(b, `"revision":`...), rc.Revision, 10)
	b = append(append(append(b, `,"position":"`...), position(rc.Position)...), `","verdict":"`...)
	b = append(append(b, rc.Verdict...), '"')
	if rc.MessageID != "" && !dryRun {
		b = canonical.AppendString(append(b, `,"message_id":`...), rc.MessageID)
	}
	if rc.Repeat {
		b = append(b, `,"repeat":true`...)
	}
	if dryRun {
		b = append(b, `,"dry_run":true`...)
	}
	if rc.Waiting != "" {
		b = canonical.AppendString(append(b, `,"waiting":`...), rc.Waiting)
	}
	if len(rc.Items) > 0 {
		b = append(b, `,"items":[`...)
		for i := range rc.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendItem(b, &rc.Items[i], where)
		}
		b = append(b, ']')
	}
	if changes {
		b = append(b, `,"changes":`...)
		if rc.Entry == nil {
			b = append(b, `{}`...)
		} else {
			b = appendChanges(b, rc.Entry)
		}
	}
	return append(b, '}')
}

func appendItem(b []byte, it *ari.ItemResult, where func(item int, path string) string) []byte {
	b = strconv.AppendInt(append(b, `{"item":`...), int64(it.Item), 10)
	b = append(append(append(b, `,"verdict":"`...), verdictName(it.Verdict)...), '"')
	num := func(name string, n int) {
		if n != 0 {
			b = strconv.AppendInt(append(b, name...), int64(n), 10)
		}
	}
	num(`,"changed":`, it.Changed)
	num(`,"superseded":`, it.Superseded)
	num(`,"trimmed":`, it.Trimmed)
	if e := it.Err; e != nil {
		b = canonical.AppendString(append(b, `,"error":{"code":`...), e.Code)
		b = canonical.AppendString(append(b, `,"pointer":`...), where(e.Item, e.Path))
		b = canonical.AppendString(append(b, `,"expected":`...), e.Expected)
		b = canonical.AppendString(append(b, `,"got":`...), e.Got)
		b = canonical.AppendString(append(b, `,"fix":`...), fixes[e.Code])
		b = append(b, '}')
	}
	return append(b, '}')
}

// receipt answers a write that is no update.
func (r *request) receipt(rc *hub.Receipt, status int) error {
	dry := r.flag("dry_run")
	b := appendReceipt(nil, rc, dry, dry || r.flag("changes"), func(item int, path string) string {
		m := canonical.Message{Items: item + 1}
		return m.PointerOf(item, path)
	})
	if dry {
		status = http.StatusOK
	}
	return r.bytes(status, append(b, '\n'))
}
