package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/onboard"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// kindImport is the kind of job that an import is.
const kindImport = "import"

// ImportWorker does imports: hub.Options.Jobs["import"].
func ImportWorker() hub.Worker { return importWorker{} }

// Workers are the workers of all jobs that the API starts, for hub.Options.Jobs.
func Workers() map[string]hub.Worker { return map[string]hub.Worker{kindImport: ImportWorker()} }

// importParams are what an import is told beside its lines.
type importParams struct {
	Format onboard.Format `json:"format"`
	DryRun bool           `json:"dry_run,omitempty"`
	Reason string         `json:"reason,omitempty"`
}

// importProgress is how far an import is.
type importProgress struct {
	Lines     int `json:"lines"`
	Done      int `json:"done"`
	Created   int `json:"created"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Refused   int `json:"refused"`
	Skipped   int `json:"skipped"`
}

// importJSON is an import as the API shows it.
type importJSON struct {
	ID         string `json:"id"`
	State      string `json:"state" doc:"queued, running, done or failed. Done says that every line was judged, not that every line was taken."`
	DryRun     bool   `json:"dry_run,omitempty"`
	Format     string `json:"format" enum:"csv,ndjson"`
	Reason     string `json:"reason,omitempty"`
	By         string `json:"by"`
	Bytes      int    `json:"bytes"`
	Lines      int    `json:"lines" doc:"Lines that say something."`
	Done       int    `json:"done" doc:"Lines judged."`
	Created    int    `json:"created"`
	Changed    int    `json:"changed"`
	Unchanged  int    `json:"unchanged"`
	Refused    int    `json:"refused"`
	Skipped    int    `json:"skipped" doc:"Lines that build on one that was refused."`
	CreatedAt  string `json:"created_at" format:"date-time"`
	StartedAt  string `json:"started_at,omitempty" format:"date-time"`
	FinishedAt string `json:"finished_at,omitempty" format:"date-time"`
	Error      string `json:"error,omitempty" doc:"Why it failed. What was judged before stays so: send the file again."`
}

// importLineJSON is what became of one line.
type importLineJSON struct {
	Line     int            `json:"line" doc:"Number of the line in the file, from 1."`
	Type     string         `json:"type,omitempty"`
	Property string         `json:"property,omitempty"`
	Code     string         `json:"code,omitempty"`
	Outcome  string         `json:"outcome" doc:"created, changed, unchanged, refused, or skipped: it builds on a line that was refused. The list is open."`
	Errors   []lineFaultDoc `json:"errors,omitempty" doc:"Every fault of the line."`
}

// lineFaultDoc is one thing wrong with a line.
type lineFaultDoc struct {
	Code     string `json:"code"`
	Field    string `json:"field,omitempty" doc:"Column, or member of the line's object."`
	Got      string `json:"got,omitempty"`
	Expected string `json:"expected,omitempty"`
	Fix      string `json:"fix,omitempty"`
}

// Outcomes of lines.
const (
	outcomeCreated   = "created"
	outcomeChanged   = "changed"
	outcomeUnchanged = "unchanged"
	outcomeRefused   = "refused"
	outcomeSkipped   = "skipped"
)

// importMax bounds the body of an import.
const importMax = 32 << 20

func (a *api) importRoutes() []*route {
	outcomes := []string{outcomeCreated, outcomeChanged, outcomeUnchanged, outcomeRefused, outcomeSkipped}
	return []*route{
		{
			method: "POST", path: "/v1/imports", op: "startImport", tag: "Onboarding", scope: scopeConfigWrite, rights: wholeHub, summary: "Import properties and what belongs to them, as CSV or NDJSON",
			doc: "One line is one thing: a property, room class, room type, pool, rate category, rate plan, connection, profile, mapping, or a stage to move to. Answers 202 at once; the import is durable, and goes on after a restart. " +
				"What a line does not name stays as it is, so that the same file again changes nothing. Lines may come in any order. docs/onboarding.md",
			query: []param{pDryRun, pReason}, bodyTypes: []string{"text/csv", ndjson}, body: typeOf[string](), bodyMax: importMax, answer: typeOf[importJSON](), status: http.StatusAccepted,
			bodyExample: `"type,code,name,time_zone,currency\nproperty,ALP1,Alpenhof,Europe/Vienna,EUR\n"`,
			handle:      (*request).startImport, problems: []string{"body_too_large", "invalid_request", "busy"},
		},
		{
			method: "GET", path: "/v1/imports", op: "listImports", tag: "Onboarding", scope: scopeConfigRead, rights: wholeHub, summary: "Imports, newest first; the last 200 are kept",
			query: []param{pLimit, pCursor}, answer: typeOf[listOf[importJSON]](), handle: (*request).listImports,
		},
		{
			method: "GET", path: "/v1/imports/{id}", op: "getImport", tag: "Onboarding", scope: scopeConfigRead, rights: wholeHub, summary: "How far an import is",
			answer: typeOf[importJSON](), handle: (*request).getImport, problems: []string{"not_found"},
		},
		{
			method: "GET", path: "/v1/imports/{id}/results", op: "listImportResults", tag: "Onboarding", scope: scopeConfigRead, rights: wholeHub, summary: "What became of each line, in the order of lines",
			doc:   "Of an import that runs, those judged so far.",
			query: []param{{name: "outcome", enum: outcomes, doc: "Only these."}, pLimit, pCursor}, answer: typeOf[listOf[importLineJSON]](), handle: (*request).importResults, problems: []string{"not_found"},
		},
	}
}

// startImport reads the body, refuses what no line could be read from, and keeps the import.
func (r *request) startImport() error {
	if err := r.wantType("text/csv", ndjson, "application/json"); err != nil {
		return err
	}
	body, err := r.readBody()
	if err != nil {
		return err
	}
	return r.startImportOf(body)
}

// startImportOf keeps an import of lines, and answers it.
func (r *request) startImportOf(body []byte) error {
	p := importParams{Format: onboard.Sniff(body), DryRun: r.flag("dry_run"), Reason: r.str("reason")}
	lines, err := onboard.ReadLines(p.Format, body)
	if err != nil {
		return fault("invalid_request", "", "an import of "+string(p.Format), canonical.Clip([]byte(err.Error())), "see docs/onboarding.md")
	}
	if len(lines) == 0 {
		return fault(canonical.CodeEmpty, "", "at least one line beside the head", "", "")
	}
	params, err := json.Marshal(p)
	if err != nil {
		return err
	}
	progress, err := json.Marshal(importProgress{Lines: len(lines)})
	if err != nil {
		return err
	}
	j, err := r.api.s.StartJob(r.Context(), hub.Job{Kind: kindImport, By: r.author(), RequestID: r.id, Params: params, Progress: progress}, body)
	if err != nil {
		return err
	}
	r.w.Header().Set("Location", "/v1/imports/"+j.ID)
	return r.json(http.StatusAccepted, importOutside(&j))
}

func importOutside(j *hub.Job) *importJSON {
	var p importParams
	var n importProgress
	_ = json.Unmarshal(j.Params, &p)
	_ = json.Unmarshal(j.Progress, &n)
	v := &importJSON{ID: j.ID, State: j.State, DryRun: p.DryRun, Format: string(p.Format), Reason: p.Reason, By: j.By.ID, Bytes: j.Bytes, Lines: n.Lines, Done: n.Done, Created: n.Created,
		Changed: n.Changed, Unchanged: n.Unchanged, Refused: n.Refused, Skipped: n.Skipped, CreatedAt: instantText(j.Created), Error: j.Error}
	if !j.Started.IsZero() {
		v.StartedAt = instantText(j.Started)
	}
	if !j.Finished.IsZero() {
		v.FinishedAt = instantText(j.Finished)
	}
	return v
}

func (r *request) listImports() error {
	before, err := r.cursor()
	if err != nil {
		return err
	}
	jobs, err := r.api.s.Jobs(r.Context())
	if err != nil {
		return err
	}
	out := listJSON{Items: []any{}}
	for i := range jobs {
		if jobs[i].Kind != kindImport || before != "" && jobs[i].ID >= before {
			continue
		}
		if len(out.Items) == r.limit() {
			next := cursorOf(out.Items[len(out.Items)-1].(*importJSON).ID)
			out.Next = &next
			break
		}
		out.Items = append(out.Items, importOutside(&jobs[i]))
	}
	return r.json(http.StatusOK, out)
}

// importJob answers the import that the path names.
func (r *request) importJob() (hub.Job, error) {
	j, err := r.api.s.Job(r.Context(), r.PathValue("id"))
	if err == nil && j.Kind != kindImport {
		err = problem("not_found", "")
	}
	return j, err
}

func (r *request) getImport() error {
	j, err := r.importJob()
	if err != nil {
		return err
	}
	return r.json(http.StatusOK, importOutside(&j))
}

// importBlock is how many lines the results of one row of the store are of.
const importBlock = 200

// importResults answers a page of results. The cursor is the number of the last line looked at, among those that say something.
func (r *request) importResults() error {
	j, err := r.importJob()
	if err != nil {
		return err
	}
	at := 0
	after, err := r.cursor()
	if err != nil {
		return err
	}
	if after != "" {
		if at, err = strconv.Atoi(after); err != nil || at < 0 {
			return badParam("cursor", "next of the page before", r.str("cursor"))
		}
	}
	var n importProgress
	_ = json.Unmarshal(j.Progress, &n)
	out, limit := listJSON{Items: []any{}}, r.limit()
	for at < n.Lines && len(out.Items) < limit {
		blocks, err := r.api.s.JobResults(r.Context(), j.ID, at/importBlock, limitMax/importBlock+1)
		if err != nil {
			return err
		}
		last := at/importBlock + limitMax/importBlock // of the blocks that were asked for
		for b := at / importBlock; b <= last && at < n.Lines && len(out.Items) < limit; b++ {
			var lines []*importLineJSON
			if body, ok := blocks[b]; ok {
				if err := json.Unmarshal(body, &lines); err != nil {
					return err
				}
			}
			for ; at < min(n.Lines, (b+1)*importBlock) && len(out.Items) < limit; at++ {
				if k := at - b*importBlock; k < len(lines) && lines[k] != nil && (r.str("outcome") == "" || r.str("outcome") == lines[k].Outcome) {
					out.Items = append(out.Items, lines[k])
				}
			}
		}
	}
	if at < n.Lines {
		next := cursorOf(strconv.Itoa(at))
		out.Next = &next
	}
	return r.json(http.StatusOK, out)
}

// mover is who moves something, and by which request.
type mover struct {
	by      ari.Author
	request string
}
