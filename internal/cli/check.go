package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/internal/node"
	"github.com/ratewire/ratewire/store"
)

type checkCmd struct {
	storeFlag
	Property string `help:"Only rebuild this property."`
}

// checkReport is what a check found.
type checkReport struct {
	Store      string         `json:"store"`
	Position   store.Position `json:"position"`
	Entries    int64          `json:"entries"`
	Properties int            `json:"properties"`
	Rebuilt    int            `json:"rebuilt"` // from the journal's first entry on, and compared
	Pages      int            `json:"pages"`
	Problems   []problemLine  `json:"problems"`
}

type problemLine struct {
	Property string `json:"property,omitempty"`
	What     string `json:"what"`
}

// Run reads the whole store. Exit code 4: something is wrong.
func (c *checkCmd) Run(ctx context.Context, s *Streams, g *Global) error {
	st, err := c.existing(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	k := &checker{st: st, report: checkReport{Store: node.Redact(c.Store), Problems: []problemLine{}}}
	p := startProgress(s, "check", func() string { return k.state.Load() })
	err = k.run(ctx, c.Property)
	p.stop()
	if err != nil {
		return err
	}
	if err := k.report.print(s, g); err != nil {
		return err
	}
	if len(k.report.Problems) > 0 {
		return negative
	}
	return nil
}

func (r *checkReport) print(s *Streams, g *Global) error {
	if g.JSON {
		return printJSON(s.Out, r)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(s.Out, "%s: %s\n", cmpOr(p.Property, "store"), p.What)
	}
	word := "all is well"
	if len(r.Problems) > 0 {
		word = fmt.Sprintf("%d things are wrong", len(r.Problems))
	}
	_, err := fmt.Fprintf(s.Out, "%s: %d entries in the journal, %d pages, %d properties, %d of them rebuilt from the first entry on and compared: %s\n",
		r.Store, r.Entries, r.Pages, r.Properties, r.Rebuilt, word)
	return err
}

func cmpOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// checker reads a store: the journal's chain, then every property twice, from its pages on as a node starts, and from its first entry on. The
// same picture gives the same pages however it came about, so the two are compared byte by byte.
type checker struct {
	st     store.Store
	report checkReport
	state  stateText
}

func (k *checker) problem(property, format string, args ...any) {
	k.report.Problems = append(k.report.Problems, problemLine{property, fmt.Sprintf(format, args...)})
}

func (k *checker) run(ctx context.Context, only string) (err error) {
	head, err := k.st.Head(ctx)
	if err != nil {
		return err
	}
	k.report.Position = head.Position
	k.state.Store("journal")
	k.report.Entries, err = store.CheckFeed(ctx, k.st, func(p store.Problem) { k.problem(p.Property, "%s", p.What) })
	if err != nil {
		return err
	}
	cps, err := k.st.Checkpoints(ctx)
	if err != nil {
		return err
	}
	at := map[string]store.Checkpoint{}
	for _, cp := range cps {
		at[cp.Property] = cp
	}
	codes, err := k.properties(ctx, at)
	if err != nil {
		return err
	}
	k.report.Properties = len(codes)
	for i, code := range codes {
		if only != "" && code != only {
			continue
		}
		k.state.Store(fmt.Sprintf("%s, %d of %d", code, i+1, len(codes)))
		if err := k.property(ctx, code, at[code]); err != nil {
			return fmt.Errorf("property %s: %w", code, err)
		}
	}
	return nil
}

// properties answers every property that has objects or a checkpoint, sorted.
func (k *checker) properties(ctx context.Context, cps map[string]store.Checkpoint) ([]string, error) {
	seen := map[string]bool{}
	for code := range cps {
		seen[code] = true
	}
	err := k.st.Objects(ctx, "", func(o *store.Object) error { seen[o.Property] = true; return nil })
	codes := make([]string, 0, len(seen))
	for code := range seen {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes, err
}

// property checks one property.
func (k *checker) property(ctx context.Context, code string, cp store.Checkpoint) error {
	started, ids, err := k.fromPages(ctx, code, cp)
	if err != nil || started == nil {
		return err
	}
	replayed := ari.NewPicture(code)
	replayed.StartLoading(0)
	switch err := k.fold(ctx, replayed, 0); {
	case errors.Is(err, store.ErrGone): // the first entries were pruned: there is nothing to compare with
		return nil
	case errors.Is(err, errFold):
		k.problem(code, "%v", err)
		return nil
	case err != nil:
		return err
	}
	replayed.FinishLoading()
	k.report.Rebuilt++
	if a, b := started.Revision(), replayed.Revision(); a != b {
		k.problem(code, "pages and journal lead to revision %d, the journal alone to %d", a, b)
		return nil
	}
	for _, p := range []*ari.Picture{started, replayed} {
		for _, id := range p.TakeDirty() {
			ids[id] = true
		}
	}
	for id := range ids {
		if !bytes.Equal(started.AppendPage(nil, id), replayed.AppendPage(nil, id)) {
			k.problem(code, "page %q of month %d: pages and journal together say other than the journal alone", id.Scope, id.Month)
		}
	}
	return nil
}

// fromPages builds the picture as a node does when it starts; nil if it cannot, which is reported.
func (k *checker) fromPages(ctx context.Context, code string, cp store.Checkpoint) (*ari.Picture, map[ari.PageID]bool, error) {
	p, ids := ari.NewPicture(code), map[ari.PageID]bool{}
	p.StartLoading(cp.Revision)
	bad := false
	fault := func(what string, err error) {
		bad = true
		k.problem(code, "%s: %v", what, err)
	}
	if cp.Revision > 0 {
		err := k.st.Objects(ctx, code, func(o *store.Object) error {
			if err := p.LoadObject(o.Kind, o.Code, o.Body); err != nil {
				fault("object "+o.Kind+" "+o.Code, err)
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	err := k.st.Pages(ctx, code, code+"\x01", func(page *store.Page) error {
		id := ari.PageID{Scope: page.Scope, Month: page.Month}
		ids[id] = true
		k.report.Pages++
		if err := p.LoadPage(id, page.Body); err != nil {
			fault(fmt.Sprintf("page %q of month %d", page.Scope, page.Month), err)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if !bad {
		switch err := k.fold(ctx, p, cp.Revision); {
		case errors.Is(err, errFold), errors.Is(err, store.ErrGone):
			fault("replay", err)
		case err != nil:
			return nil, nil, err
		}
	}
	if bad {
		return nil, nil, nil
	}
	p.FinishLoading()
	return p, ids, nil
}

// errFold is an entry that cannot be read or folded.
var errFold = errors.New("entry")

// checkSlice is how many entries are read in one go.
const checkSlice = 1000

// fold folds a property's entries above a revision.
func (k *checker) fold(ctx context.Context, p *ari.Picture, after int64) error {
	for {
		n := 0
		var bad error
		err := k.st.PropertyFeed(ctx, p.Code(), after, checkSlice, func(row *store.Entry) bool {
			n++
			after = row.Revision
			e, err := ari.DecodeEntry(row.Body)
			if err == nil {
				e.Seq = row.Seq
				err = p.Fold(e)
			}
			if err != nil {
				bad = fmt.Errorf("%w %d: %w", errFold, row.Revision, err)
			}
			return bad == nil
		})
		if err = errors.Join(err, bad); err != nil || n < checkSlice {
			return err
		}
	}
}
