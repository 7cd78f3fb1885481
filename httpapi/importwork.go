package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/onboard"
	"github.com/ratewire/ratewire/protocol/canonical"
)

// importWorker does imports. It keeps nothing between them.
type importWorker struct{}

// Sizes of an import's steps: what one transaction takes, and how often progress is kept.
const (
	importGroups   = 64  // properties between two saves: a fraction of a second
	importAtOnce   = 16  // properties submitted side by side, so that they share transactions
	importHubBatch = 500 // connections or mappings in one entry of the hub
	importOpsMax   = 2000
)

// importRun is one import on its way.
type importRun struct {
	a       *api
	run     *hub.JobRun
	params  importParams
	results []*importLineJSON // by index of the line; nil: not judged yet
	dirty   map[int]bool      // blocks to be saved
	refused map[string]int    // things whose line was refused: its number
	made    map[string]bool   // things that the file makes, which may not be there yet in a dry run
	fault   error             // of our own
	mu      sync.Mutex        // results, dirty, refused, made and fault, while properties are submitted side by side
}

// bareAPI answers the part of the API that imports need: schemas and profiles.
func bareAPI(s hub.Service) *api {
	a := &api{s: s, registry: newRegistry(), o: Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)}}
	a.ota = newOTAEdge(a)
	return a
}

// Work judges the lines, phase by phase. Lines that were judged before a restart are not judged again; a line that was taken just before one
// and could not be noted is then told as unchanged.
func (importWorker) Work(ctx context.Context, s hub.Service, run *hub.JobRun) error {
	x := &importRun{a: bareAPI(s), run: run, dirty: map[int]bool{}, refused: map[string]int{}, made: map[string]bool{}}
	if err := json.Unmarshal(run.Job.Params, &x.params); err != nil {
		return fmt.Errorf("parameters of %s: %w", run.Job.ID, err)
	}
	body, err := run.Input(ctx)
	if err != nil {
		return err
	}
	lines, err := onboard.ReadLines(x.params.Format, body)
	if err != nil {
		return err
	}
	if err := x.restore(ctx, len(lines)); err != nil {
		return err
	}
	ops := x.read(lines)
	if err := x.save(ctx); err != nil {
		return err
	}
	for phase := range phases {
		if err := x.phase(ctx, phase, ops[phase]); err != nil {
			return err
		}
	}
	return nil
}

// restore takes up the results of before a restart.
func (x *importRun) restore(ctx context.Context, lines int) error {
	x.results = make([]*importLineJSON, lines)
	blocks, err := x.run.Results(ctx)
	if err != nil {
		return err
	}
	for b, body := range blocks {
		var list []*importLineJSON
		if err := json.Unmarshal(body, &list); err != nil {
			return fmt.Errorf("results of %s: %w", x.run.Job.ID, err)
		}
		for i, r := range list {
			if at := b*importBlock + i; at < lines {
				x.results[at] = r
			}
		}
	}
	return nil
}

// read reads every line and answers the ops by phase. A thing that two lines tell is the first one's.
func (x *importRun) read(lines []onboard.Line) (ops [phases][]*importOp) {
	reader := newLineReader(x.a.registry)
	first := map[string]int{}
	for i := range lines {
		shown := &importLineJSON{Line: lines[i].N}
		o, faults := reader.read(&lines[i], i, shown)
		if len(faults) == 0 {
			if n, ok := first[o.key()]; ok {
				faults = []lineFaultDoc{{Code: canonical.CodeTwice, Field: "code", Got: canonical.Clip([]byte(shown.Code)), Expected: "each " + o.t.name + " once", Fix: fmt.Sprintf("line %d tells it already: keep one", n)}}
			} else {
				first[o.key()] = o.line
			}
		}
		done := x.results[i]
		switch {
		case len(faults) > 0:
			x.refuse(o, first)
			if done == nil {
				x.result(i, shown, outcomeRefused, faults)
			}
		case done != nil && (done.Outcome == outcomeRefused || done.Outcome == outcomeSkipped):
			x.refused[o.key()] = o.line
		default:
			x.made[o.key()] = true
			if done == nil {
				x.results[i] = shown
				shown.Outcome = ""
				ops[o.t.phase] = append(ops[o.t.phase], o)
			}
		}
	}
	return ops
}

// refuse remembers what a line that cannot be read would have made, as far as it says so: what builds on it is skipped. A line whose type is
// none may have been any.
func (x *importRun) refuse(o *importOp, first map[string]int) {
	if o == nil || o.code == "" {
		return
	}
	types := lineTypes
	if o.t != nil {
		types = []lineType{*o.t}
	}
	for i := range types {
		property := o.property
		if types[i].kind == ari.KindProperty {
			property = o.code
		}
		if key := thing(types[i].name, property, o.code); first[key] == 0 {
			x.refused[key] = o.line
		}
	}
}

// result notes what became of a line.
func (x *importRun) result(at int, shown *importLineJSON, outcome string, faults []lineFaultDoc) {
	shown.Outcome, shown.Errors = outcome, faults
	x.results[at] = shown
	x.dirty[at/importBlock] = true
}

// settle notes what became of an op's line.
func (x *importRun) settle(o *importOp, outcome string, faults ...lineFaultDoc) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if outcome == outcomeRefused || outcome == outcomeSkipped {
		x.refused[o.key()] = o.line
		delete(x.made, o.key())
	}
	x.result(o.at, x.results[o.at], outcome, faults)
}

// builds answers the line that was refused and that a thing needs; 0 if none was.
func (x *importRun) builds(name, property, code string) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.refused[thing(name, property, code)]
}

func (x *importRun) makes(name, property, code string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.made[thing(name, property, code)]
}

func onLine(n int) lineFaultDoc {
	return lineFaultDoc{Code: "depends_on_refused", Expected: fmt.Sprintf("line %d to be taken", n), Fix: fmt.Sprintf("mend line %d and import again", n)}
}

// save keeps progress, and the blocks of results that changed.
func (x *importRun) save(ctx context.Context) error {
	if x.fault != nil {
		return x.fault
	}
	blocks := map[int][]byte{}
	for b := range x.dirty {
		list := slices.Clone(x.results[b*importBlock : min(len(x.results), (b+1)*importBlock)])
		for i := range list {
			if list[i] != nil && list[i].Outcome == "" {
				list[i] = nil
			}
		}
		body, err := json.Marshal(list)
		if err != nil {
			return err
		}
		blocks[b] = body
	}
	if err := x.run.Save(ctx, x.progress(), blocks); err != nil {
		return err
	}
	clear(x.dirty)
	return nil
}

func (x *importRun) progress() importProgress {
	p := importProgress{Lines: len(x.results)}
	for _, r := range x.results {
		if r == nil || r.Outcome == "" {
			continue
		}
		p.Done++
		switch r.Outcome {
		case outcomeCreated:
			p.Created++
		case outcomeChanged:
			p.Changed++
		case outcomeUnchanged:
			p.Unchanged++
		case outcomeRefused:
			p.Refused++
		case outcomeSkipped:
			p.Skipped++
		}
	}
	return p
}

// phase does the ops of one phase.
func (x *importRun) phase(ctx context.Context, phase int, ops []*importOp) error {
	if phase == phaseProfiles || phase == phaseConnections || phase == phaseMappings {
		for some := range slices.Chunk(ops, importHubBatch) {
			if err := x.hubObjects(ctx, some); err != nil {
				return err
			}
			if err := x.save(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	for some := range slices.Chunk(groupsOf(ops), importGroups) {
		var wg sync.WaitGroup
		slots := make(chan struct{}, importAtOnce)
		for _, group := range some {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				var err error
				if phase == phaseStages {
					err = x.stages(ctx, group)
				} else {
					err = x.property(ctx, group)
				}
				if err != nil {
					x.mu.Lock()
					x.fault = err
					x.mu.Unlock()
				}
			})
		}
		wg.Wait()
		if err := x.save(ctx); err != nil {
			return err
		}
	}
	return nil
}

// groupsOf answers the ops by property, in the order in which properties come up.
func groupsOf(ops []*importOp) (groups [][]*importOp) {
	at := map[string]int{}
	for _, o := range ops {
		i, ok := at[o.property]
		if !ok {
			i = len(groups)
			at[o.property] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], o)
	}
	return groups
}

// merged answers the whole object that an op makes of what is there: what the line does not name stays, of a new object it takes its
// default.
func (x *importRun) merged(o *importOp, old []byte) (v any, body []byte, faults []lineFaultDoc) {
	tree := map[string]any{}
	if len(old) > 0 {
		was, err := parseTree(old)
		if m, ok := was.(map[string]any); err == nil && ok {
			tree = m
		}
	}
	for name, value := range o.patch {
		if value == nil {
			delete(tree, name)
		} else {
			tree[name] = value
		}
	}
	if o.t.key != "" {
		tree[o.t.key] = o.code
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return nil, nil, []lineFaultDoc{{Code: canonical.CodeType, Expected: "values that JSON can say", Got: err.Error()}}
	}
	v = reflect.New(o.t.body).Interface()
	x.mu.Lock() // of the registry of schemas
	err = x.a.strict(b, o.t.body, v)
	x.mu.Unlock()
	if err != nil {
		return nil, nil, lineFaults(problemOf(err).Errors)
	}
	if body, err = json.Marshal(v); err != nil {
		return nil, nil, []lineFaultDoc{{Code: canonical.CodeType, Expected: "values that JSON can say", Got: err.Error()}}
	}
	return v, body, nil
}

// property submits the lines of one property as one update: what builds on another line comes with it. Lines that are refused are taken out,
// and the rest is submitted again.
func (x *importRun) property(ctx context.Context, group []*importOp) error {
	code := group[0].property
	_, _, err := x.a.s.Object(code, ari.KindProperty, code)
	there := err == nil
	for some := range slices.Chunk(group, importOpsMax) {
		if !there && !slices.ContainsFunc(some, func(o *importOp) bool { return o.t.kind == ari.KindProperty }) {
			x.unknownProperty(some)
			continue
		}
		left, bodies := x.bodies(some, there)
		for len(left) > 0 {
			if !there && left[0].t.kind != ari.KindProperty {
				x.unknownProperty(left)
				break
			}
			again, err := x.submit(ctx, code, left, bodies)
			if err != nil {
				return err
			}
			if len(again) == len(left) {
				return fmt.Errorf("import of %s: no line was refused, and none was taken", code)
			}
			left = again
		}
	}
	return nil
}

// unknownProperty refuses lines of a property that is not there; they are skipped if the line that makes it was refused.
func (x *importRun) unknownProperty(ops []*importOp) {
	for _, o := range ops {
		if n := x.builds("property", o.property, o.property); n > 0 {
			x.settle(o, outcomeSkipped, onLine(n))
			continue
		}
		x.settle(o, outcomeRefused, lineFaultDoc{Code: "unknown_property", Field: "property", Got: o.property, Expected: "a property that is there, or that a line of the file makes", Fix: "add a line of type property"})
	}
}

// bodies answers the lines whose objects are well formed, the property's first, and the objects.
func (x *importRun) bodies(ops []*importOp, there bool) (left []*importOp, bodies map[*importOp][]byte) {
	bodies = map[*importOp][]byte{}
	for _, o := range ops {
		old, _, _ := x.a.s.Object(o.property, o.t.kind, o.code)
		v, body, faults := x.merged(o, old)
		if p, ok := v.(*ari.Property); ok && len(faults) == 0 {
			faults = stageStays(p, old)
		}
		if len(faults) > 0 {
			x.settle(o, outcomeRefused, faults...)
			continue
		}
		bodies[o] = body
		if o.t.kind == ari.KindProperty {
			left = append([]*importOp{o}, left...)
		} else {
			left = append(left, o)
		}
	}
	return left, bodies
}

// stageStays refuses a property's line that names another stage than it is in.
func stageStays(p *ari.Property, old []byte) []lineFaultDoc {
	var was ari.Property
	if len(old) > 0 && json.Unmarshal(old, &was) != nil || p.Stage == "" || p.StageNow() == was.StageNow() {
		return nil
	}
	return []lineFaultDoc{{Code: codeStageOrder, Field: "stage", Got: string(p.Stage), Expected: string(was.StageNow()) + ", or nothing", Fix: "add a line of type stage: it goes through the gates"}}
}

// submit submits objects of one property, and answers the lines that are to be tried again without those that were refused.
func (x *importRun) submit(ctx context.Context, code string, ops []*importOp, bodies map[*importOp][]byte) (again []*importOp, err error) {
	rc, err := x.run.Submit(ctx, func() *hub.Submission {
		s := &hub.Submission{DryRun: x.params.DryRun, Update: x.update(code)}
		for _, o := range ops {
			s.Update.Objects = append(s.Update.Objects, ari.ObjectOp{Kind: o.t.kind, Code: o.code, Body: bodies[o]})
		}
		return s
	})
	var refused *ari.UpdateError
	if errors.As(err, &refused) && len(refused.Items) > 0 {
		return x.without(ops, refused), nil
	}
	if err != nil {
		return nil, err
	}
	outcome := outcomesOf(&rc)
	for _, o := range ops {
		x.settle(o, outcome(o.t.kind, o.code))
	}
	return nil, nil
}

func (x *importRun) update(property string) ari.Update {
	j := &x.run.Job
	reason := "import " + j.ID
	if x.params.Reason != "" {
		reason = x.params.Reason + " (" + reason + ")"
	}
	return ari.Update{Property: property, By: j.By, RequestID: j.RequestID, Reason: reason}
}

// outcomesOf answers what a receipt says of an object.
func outcomesOf(rc *hub.Receipt) func(kind, code string) string {
	type name struct{ kind, code string }
	known := map[name]string{}
	if rc.Entry != nil {
		for i := range rc.Entry.Objects {
			c := &rc.Entry.Objects[i]
			known[name{c.Kind, c.Code}] = outcomeChanged
			if c.Old == nil {
				known[name{c.Kind, c.Code}] = outcomeCreated
			}
		}
	}
	return func(kind, code string) string {
		if v, ok := known[name{kind, code}]; ok {
			return v
		}
		return outcomeUnchanged
	}
}

// without settles the lines that were refused and answers the others.
func (x *importRun) without(ops []*importOp, refused *ari.UpdateError) (again []*importOp) {
	faults := map[int][]lineFaultDoc{}
	for _, e := range refused.Items {
		faults[e.Item] = append(faults[e.Item], objectFaultOf(e))
	}
	for i, o := range ops {
		if len(faults[i]) == 0 {
			again = append(again, o)
			continue
		}
		if n := x.builds(needed[faults[i][0].Code], o.property, faults[i][0].Got); n > 0 {
			x.settle(o, outcomeSkipped, onLine(n))
			continue
		}
		x.settle(o, outcomeRefused, faults[i]...)
	}
	return again
}

// needed says what type of line makes what a code misses.
var needed = map[string]string{
	ari.CodeUnknownRoomType: "room_type", ari.CodeUnknownRoomClass: "room_class", ari.CodeUnknownPool: "pool",
	ari.CodeUnknownRatePlan: "rate_plan", ari.CodeUnknownCategory: "rate_category",
}

func objectFaultOf(e *ari.ItemError) lineFaultDoc {
	field := e.Path
	if _, member, ok := strings.Cut(e.Path, "."); ok {
		field = member
	}
	f := lineFaultDoc{Code: e.Code, Field: field, Got: e.Got, Expected: e.Expected, Fix: fixes[e.Code]}
	if e.Code == ari.CodeBadObject {
		f.Fix = "write " + e.Expected
	}
	if name, ok := needed[e.Code]; ok {
		f.Fix = "add a line of type " + name + ", or name one that is there"
	}
	return f
}

// hubObjects puts profiles, connections or mappings, many in one entry. They are judged here, so that a dry run may build on lines before.
func (x *importRun) hubObjects(ctx context.Context, ops []*importOp) error {
	var put []ari.ObjectOp
	var of []*importOp
	for _, o := range ops {
		old, _, _ := x.a.s.Object(ari.HubProperty, o.t.kind, o.code)
		body, faults, skip := x.hubBody(o, old)
		switch {
		case skip > 0:
			x.settle(o, outcomeSkipped, onLine(skip))
		case len(faults) > 0:
			x.settle(o, outcomeRefused, faults...)
		case bytes.Equal(body, old):
			x.settle(o, outcomeUnchanged)
		default:
			put, of = append(put, ari.ObjectOp{Kind: o.t.kind, Code: o.code, Body: body}), append(of, o)
		}
	}
	if len(put) == 0 {
		return nil
	}
	var rc hub.Receipt
	if !x.params.DryRun {
		var err error
		rc, err = x.run.Submit(ctx, func() *hub.Submission {
			u := x.update(ari.HubProperty)
			u.Objects = slices.Clone(put)
			return &hub.Submission{Update: u}
		})
		if err != nil {
			return err
		}
	}
	outcome := outcomesOf(&rc)
	for _, o := range of {
		v := outcome(o.t.kind, o.code)
		if x.params.DryRun {
			v = outcomeChanged
			if _, _, err := x.a.s.Object(ari.HubProperty, o.t.kind, o.code); err != nil {
				v = outcomeCreated
			}
		}
		x.settle(o, v)
	}
	return nil
}

// hubBody answers the whole object that a line makes of what is there, what is wrong with it, or the refused line that it builds on.
func (x *importRun) hubBody(o *importOp, old []byte) (body []byte, faults []lineFaultDoc, skip int) {
	outer := old
	if v, ok := outside(o.t.kind, old); ok && len(old) > 0 {
		outer, _ = json.Marshal(v)
	}
	v, _, faults := x.merged(o, outer)
	if len(faults) > 0 {
		return nil, faults, 0
	}
	if m, ok := v.(*mappingJSON); ok {
		return x.mappingBody(o, m)
	}
	if c, ok := v.(*connectionJSON); ok {
		if n := x.builds("profile", "", c.Profile); n > 0 && c.Profile != "" {
			return nil, nil, n
		}
	}
	k := hubKinds[slices.IndexFunc(hubKinds, func(k hubKind) bool { return k.kind == o.t.kind })]
	body, err := x.a.inside(k, v, old, func(profile string) bool { return x.params.DryRun && x.makes("profile", "", profile) })
	if err != nil {
		return nil, lineFaults(problemOf(err).Errors), 0
	}
	if p, ok := v.(*profileJSON); ok && len(old) > 0 && sameProfile(p, old) {
		return old, nil, 0
	}
	return body, nil, 0
}

// sameProfile tells whether a profile says what is kept of it, its version aside.
func sameProfile(p *profileJSON, old []byte) bool {
	var was hub.Profile
	return json.Unmarshal(old, &was) == nil && was.Protocol == p.Protocol && sameJSON(was.Choices, p.Choices)
}

// sameJSON compares two documents, order of members aside.
func sameJSON(a, b []byte) bool {
	x, err1 := parseTree(a)
	y, err2 := parseTree(b)
	return err1 == nil && err2 == nil && reflect.DeepEqual(x, y)
}

// mappingBody judges a mapping: what it names must be there, or be made by the file.
func (x *importRun) mappingBody(o *importOp, v *mappingJSON) (body []byte, faults []lineFaultDoc, skip int) {
	m := o.mapping
	m.Internal, m.State, m.Name, m.Occupancy = v.Internal, v.State, v.Name, v.Occupancy
	if m.State == "" {
		m.State = hub.MappingAccepted
	}
	if f := mappingFault(&m); f != nil {
		return nil, lineFaults([]canonical.Fault{{Code: f.Code, Pointer: strings.TrimPrefix(f.Pointer, "?"), Expected: f.Expected, Got: f.Got}}), 0
	}
	needs := []struct{ name, property, code, field, what string }{{"connection", "", m.Connection, "connection", "a connection"}}
	if m.Property != "" {
		needs = append(needs, struct{ name, property, code, field, what string }{"property", m.Property, m.Property, "property", "a property"})
	}
	if m.State == hub.MappingAccepted {
		at := m.Property
		if m.Kind == hub.MapProperty {
			at = m.Internal
		}
		needs = append(needs, struct{ name, property, code, field, what string }{m.Kind, at, m.Internal, "internal", "a " + strings.ReplaceAll(m.Kind, "_", " ")})
	}
	for _, n := range needs {
		if x.there(n.name, n.property, n.code) || x.params.DryRun && x.makes(n.name, n.property, n.code) {
			continue
		}
		if line := x.builds(n.name, n.property, n.code); line > 0 {
			return nil, nil, line
		}
		return nil, []lineFaultDoc{{Code: "not_found", Field: n.field, Got: n.code, Expected: n.what + " that is there, or that a line of the file makes", Fix: "add a line of type " + n.name + ", or name one that is there"}}, 0
	}
	body, err := json.Marshal(&m)
	if err != nil {
		return nil, []lineFaultDoc{{Code: canonical.CodeType, Expected: "a mapping", Got: err.Error()}}, 0
	}
	return body, nil, 0
}

// there tells whether a thing is in the hub.
func (x *importRun) there(name, property, code string) bool {
	if name == "connection" {
		property = ari.HubProperty
	}
	_, _, err := x.a.s.Object(property, name, code)
	return err == nil
}

// stages moves one property to the stage of its line.
func (x *importRun) stages(ctx context.Context, ops []*importOp) error {
	for _, o := range ops {
		if _, _, err := x.a.s.Object(o.property, ari.KindProperty, o.property); err != nil {
			switch n := x.builds("property", o.property, o.property); {
			case n > 0:
				x.settle(o, outcomeSkipped, onLine(n))
			case x.params.DryRun && x.makes("property", o.property, o.property):
				x.settle(o, outcomeRefused, lineFaultDoc{Code: codeGateClosed, Field: "stage", Got: "the property is made by this file: it has no prices yet", Expected: "gates to hold", Fix: "move it once it is imported and its sources have told it"})
			default:
				x.unknownProperty([]*importOp{o})
			}
			continue
		}
		if _, ok := o.patch["reason"]; !ok {
			o.patch["reason"] = x.update("").Reason
		}
		v, _, faults := x.merged(o, nil)
		if len(faults) > 0 {
			x.settle(o, outcomeRefused, faults...)
			continue
		}
		body := v.(*stageBody)
		out, err := x.a.moveStage(ctx, mover{x.run.Job.By, x.run.Job.RequestID}, o.property, ari.Stage(body.Stage), body.Reason, x.params.DryRun)
		if p := (*Problem)(nil); errors.As(err, &p) && len(p.Errors) > 0 {
			x.settle(o, outcomeRefused, lineFaults(p.Errors)...)
			continue
		}
		if err != nil {
			return err
		}
		if out.Changed {
			x.settle(o, outcomeChanged)
		} else {
			x.settle(o, outcomeUnchanged)
		}
	}
	return nil
}
