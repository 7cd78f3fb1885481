package node

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/seal"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/memory"
)

func keyLine(t *testing.T, id string) string {
	t.Helper()
	l, err := seal.NewKey(id)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func ringOf(t *testing.T, lines ...string) *seal.Ring {
	t.Helper()
	r, err := seal.Parse(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// keysOf answers the hub's keys of a store under a ring; nil if they do not open.
func keysOf(t *testing.T, st store.Store, ring *seal.Ring) (out [][]byte) {
	t.Helper()
	h, err := hub.Open(t.Context(), hub.Options{Store: Sealed(st, ring)})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range hub.KeyNames {
		k, err := h.Key(t.Context(), name)
		if err != nil {
			return nil
		}
		out = append(out, k)
	}
	return out
}

// A rotation as operations/secrets.md has it: the new key is added, goes first, everything is encrypted under it, the old key goes. The hub's keys stay
// what they were, and open at each step.
func TestKeysAreRotatedInStepsAndStayWhatTheyAre(t *testing.T) {
	st := memory.NewDisk(memory.Options{}).Open()
	a, b := keyLine(t, "a"), keyLine(t, "b")
	clear := keysOf(t, st, nil) // as 0.1.0 made them
	same := func(what string, ring *seal.Ring) {
		t.Helper()
		got := keysOf(t, st, ring)
		if len(got) != len(clear) || !bytes.Equal(got[0], clear[0]) || !bytes.Equal(got[1], clear[1]) {
			t.Fatalf("%s: the keys are not what they were", what)
		}
	}
	rotate := func(ring *seal.Ring, want Rotation) {
		t.Helper()
		if got, err := RotateSecrets(t.Context(), st, ring, true); err != nil || got != want {
			t.Fatalf("dry run: %+v %v, want %+v", got, err, want)
		}
		if got, err := RotateSecrets(t.Context(), st, ring, false); err != nil || got != want {
			t.Fatalf("%+v %v, want %+v", got, err, want)
		}
	}
	same("a ring before anything is encrypted", ringOf(t, a))
	rotate(ringOf(t, a), Rotation{Key: "a", Sealed: 2})
	same("under a", ringOf(t, a))
	same("a hub that has b already", ringOf(t, a, b))
	rotate(ringOf(t, b, a), Rotation{Key: "b", Resealed: 2})
	same("a hub that still has a first", ringOf(t, a, b))
	same("without a", ringOf(t, b))
	rotate(ringOf(t, b, a), Rotation{Key: "b", Current: 2})
	if keysOf(t, st, ringOf(t, a)) != nil || keysOf(t, st, nil) != nil {
		t.Error("opened without the key")
	}
	if _, err := RotateSecrets(t.Context(), st, ringOf(t, a), false); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("%v", err)
	}
	v, err := st.Meta(t.Context(), hub.KeyMeta+"token")
	if err != nil || bytes.Contains(v, clear[0]) {
		t.Errorf("the store has the key in clear: %v", err)
	}
	if _, err := RotateSecrets(t.Context(), st, nil, false); err == nil {
		t.Error("without a key")
	}
}

// interrupted is a store that fails after some writes.
type interrupted struct {
	store.Store
	left int
}

func (s *interrupted) PutMeta(ctx context.Context, name string, v []byte) error {
	if s.left == 0 {
		return errors.New("connection lost")
	}
	s.left--
	return s.Store.PutMeta(ctx, name, v)
}

func TestARotationThatWasBrokenOffGoesOn(t *testing.T) {
	st := memory.NewDisk(memory.Options{}).Open()
	a, b := keyLine(t, "a"), keyLine(t, "b")
	keys := keysOf(t, st, ringOf(t, a))
	both := ringOf(t, b, a)
	if got, err := RotateSecrets(t.Context(), &interrupted{st, 1}, both, false); err == nil || got.Resealed != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	if got := keysOf(t, st, both); len(got) != 2 || !bytes.Equal(got[0], keys[0]) {
		t.Fatal("in between, with both keys, nothing opens")
	}
	if got, err := RotateSecrets(t.Context(), st, both, false); err != nil || got != (Rotation{Key: "b", Resealed: 1, Current: 1}) {
		t.Fatalf("%+v %v", got, err)
	}
	if got := keysOf(t, st, ringOf(t, b)); len(got) != 2 || !bytes.Equal(got[1], keys[1]) {
		t.Error("the keys are not what they were")
	}
}

func TestANodeWithAKeyFileKeepsItsKeysEncrypted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte(keyLine(t, "k1")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n, stop := start(t, Config{SecretsKeyFile: file})
	token := tokenOf(t, n)
	if status, body := call(t, n, token, "GET", "/v1/properties", ""); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	path := n.config.Store
	stop()
	st, err := OpenStore(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	v, err := st.Meta(t.Context(), hub.KeyMeta+"token")
	if err != nil || !strings.HasPrefix(string(v), "sealed:1:k1:") {
		t.Errorf("%.20s %v", v, err)
	}
	if _, err := Open(t.Context(), Config{Store: path}); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("without the file: %v", err)
	}
	if _, err := Open(t.Context(), Config{Store: path, SecretsKeyFile: file + ".not"}); err == nil || !strings.Contains(err.Error(), "secrets_key_file") {
		t.Errorf("a file that is missing: %v", err)
	}
}
