package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// ring answers a ring with fresh keys of ids, the first of which seals.
func ring(t *testing.T, lines ...string) *Ring {
	t.Helper()
	r, err := Parse(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func line(t *testing.T, id string) string {
	t.Helper()
	l, err := NewKey(id)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWhatIsSealedOpensWithItsKeyAndName(t *testing.T) {
	a, b := line(t, "a"), line(t, "b")
	sealed := ring(t, a).Seal("key:token", []byte("secret"))
	if bytes.Contains(sealed, []byte("secret")) || bytes.Equal(sealed, ring(t, a).Seal("key:token", []byte("secret"))) {
		t.Errorf("%s", sealed)
	}
	for _, r := range []*Ring{ring(t, a), ring(t, b, a), ring(t, "# keys", "", a, "  "+b)} {
		if plain, id, err := r.Open("key:token", sealed); err != nil || string(plain) != "secret" || id != "a" {
			t.Errorf("%q %s %v", plain, id, err)
		}
	}
	for name, c := range map[string]struct {
		ring  *Ring
		name  string
		value []byte
		want  error
	}{
		"another key":           {ring(t, b), "key:token", sealed, ErrNoKey},
		"no key":                {nil, "key:token", sealed, ErrNoKey},
		"a key of the same id":  {ring(t, line(t, "a")), "key:token", sealed, ErrTampered},
		"another name":          {ring(t, a), "key:forward", sealed, ErrTampered},
		"another id":            {ring(t, a, b), "key:token", bytes.Replace(sealed, []byte(":a:"), []byte(":b:"), 1), ErrTampered},
		"a changed byte":        {ring(t, a), "key:token", append(bytes.Clone(sealed[:len(sealed)-6]), "AAAAAA"...), ErrTampered},
		"cut off":               {ring(t, a), "key:token", sealed[:len(prefix)+2], ErrTampered},
		"no base64":             {ring(t, a), "key:token", append(bytes.Clone(sealed), '!'), ErrTampered},
		"an id that is missing": {ring(t, a), "key:token", []byte(prefix), ErrNoKey},
	} {
		if plain, _, err := c.ring.Open(c.name, c.value); !errors.Is(err, c.want) || plain != nil {
			t.Errorf("%s: %q %v, want %v", name, plain, err, c.want)
		}
	}
}

func TestWhatWasNeverSealedIsAnsweredAsItIs(t *testing.T) {
	for _, r := range []*Ring{nil, {}, ring(t, line(t, "a"))} {
		if plain, id, err := r.Open("x", []byte("plain")); err != nil || id != "" || string(plain) != "plain" {
			t.Errorf("%q %q %v", plain, id, err)
		}
	}
	if got := (*Ring)(nil).Seal("x", []byte("plain")); string(got) != "plain" {
		t.Errorf("%s", got)
	}
}

func TestBadRingsAreRefusedWithoutTellingKeys(t *testing.T) {
	a := line(t, "a")
	_, secret, _ := strings.Cut(a, " ")
	for name, text := range map[string]string{
		"none": "# nothing\n", "no id": secret, "short": "a AAAA", "no base64": "a ****", "twice": a + "\n" + a, "three": a + "\n" + line(t, "b") + "\n" + line(t, "c"),
		"a strange id": "a/b " + secret, "a long id": strings.Repeat("x", 33) + " " + secret, "two on a line": a + " " + secret,
	} {
		if _, err := Parse(text); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewKey("a b"); err == nil {
		t.Error("a strange id was taken")
	}
}
