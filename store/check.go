package store

import (
	"context"
	"fmt"
)

// checkSlice is how many entries CheckFeed reads in one go: small enough that a writer is not held up by a long read.
const checkSlice = 4096

// CheckFeed reads the whole feed and calls f for everything that is wrong with its chain: numbers that do not follow one another from the
// oldest kept to the head (S32), revisions of a property with holes or repeats (S31), a checkpoint that the feed does not reach down
// to (S33). It answers how many entries it read. It may run beside a writer: entries past the head it began with are not looked at.
func CheckFeed(ctx context.Context, s Store, f func(Problem)) (entries int64, err error) {
	head, err := s.Head(ctx)
	if err != nil {
		return 0, err
	}
	c := feedCheck{report: f, next: head.FirstSeq, last: map[string]int64{}, base: map[string]int64{}}
	cps, err := s.Checkpoints(ctx)
	if err != nil {
		return 0, err
	}
	for _, cp := range cps {
		c.base[cp.Property] = cp.Revision
	}
	from := head.FirstSeq
	for c.next <= head.Seq {
		before := c.next
		limit := int(min(checkSlice, head.Seq-c.next+1))
		if err := s.Feed(ctx, c.next-1, limit, c.entry); err != nil {
			return c.next - from, fmt.Errorf("read feed after %d: %w", c.next-1, err)
		}
		if c.next == before {
			f(Problem{What: fmt.Sprintf("the feed ends at %d, its head says %d", c.next-1, head.Seq)})
			break
		}
	}
	for _, cp := range cps {
		if last, seen := c.last[cp.Property]; seen && last < cp.Revision {
			f(Problem{cp.Property, fmt.Sprintf("checkpoint at revision %d, last entry %d", cp.Revision, last)})
		}
	}
	return c.next - from, nil
}

type feedCheck struct {
	report func(Problem)
	next   int64            // the number that must come
	last   map[string]int64 // revision last seen
	base   map[string]int64 // checkpoint's revision
}

func (c *feedCheck) entry(e *Entry) bool {
	if e.Seq != c.next {
		c.report(Problem{e.Property, fmt.Sprintf("number %d where %d must come", e.Seq, c.next)})
	}
	c.next = e.Seq + 1
	last, seen := c.last[e.Property]
	switch {
	case !seen && e.Revision > c.base[e.Property]+1:
		c.report(Problem{e.Property, fmt.Sprintf("oldest entry is revision %d, checkpoint %d: replay has a hole", e.Revision, c.base[e.Property])})
	case seen && e.Revision != last+1:
		c.report(Problem{e.Property, fmt.Sprintf("revision %d follows %d", e.Revision, last)})
	}
	c.last[e.Property] = e.Revision
	return true
}
