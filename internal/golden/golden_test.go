package golden

import "testing"

func TestCaseKeepsItsPartsWhenRewritten(t *testing.T) {
	const in = "Prose.\n-- a.xml --\n<a/>\n-- want --\nold\n"
	c := Parse(in)
	if c.Prose != "Prose.\n" || c.File("a.xml") != "<a/>\n" || c.File(Want) != "old\n" || !c.Has("a.xml") || c.Has("b") {
		t.Fatalf("read as %+v", c)
	}
	if got := c.with("new\n"); got != "Prose.\n-- a.xml --\n<a/>\n-- want --\nnew\n" {
		t.Fatalf("rewritten as %q", got)
	}
}

func TestDifferenceStartsAtTheFirstLineThatDiffers(t *testing.T) {
	if got := firstDifference("a\nb\n", "a\nc\n"); got != "line 2 on\n--- want\nb\n\n--- got\nc\n" {
		t.Fatalf("got %q", got)
	}
}
