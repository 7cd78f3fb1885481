package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsOfAStoreAreRotatedFromTheCommandLine(t *testing.T) {
	store := emptyStore(t)
	if code, _, errs := try(t, "token", "--store", store); code != ExitOK { // makes the first client, and the key in clear
		t.Fatalf("exit %d %s", code, errs)
	}
	file := filepath.Join(t.TempDir(), "keys")
	key := func(id string) string {
		code, out, errs := try(t, "secrets", "key", "--id", id)
		if code != ExitOK || !strings.HasPrefix(out, id+" ") {
			t.Fatalf("exit %d %q %s", code, out, errs)
		}
		return out
	}
	a, b := key("a"), key("b")
	write := func(lines ...string) {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		lines []string
		args  []string
		code  int
		want  string
	}{
		{[]string{a}, []string{"secrets", "rotate", "--store", store, "--secrets-key-file", file, "--dry-run"}, ExitOK, "to be encrypted under key a: 1 that were in clear"},
		{[]string{a}, []string{"secrets", "rotate", "--store", store, "--secrets-key-file", file}, ExitOK, "encrypted under key a: 1 that were in clear"},
		{[]string{b, a}, []string{"secrets", "rotate", "--store", store, "--secrets-key-file", file, "--json"}, ExitOK, `"resealed": 1`},
		{[]string{b}, []string{"secrets", "rotate", "--store", store, "--secrets-key-file", file}, ExitOK, "1 were under it already"},
		{[]string{b}, []string{"token", "--store", store, "--secrets-key-file", file}, ExitOK, "."},
		{[]string{b}, []string{"messages", "--local", store, "--secrets-key-file", file}, ExitOK, ""},
		{[]string{a}, []string{"token", "--store", store, "--secrets-key-file", file}, ExitFailure, `sealed under key "b"`},
		{[]string{a}, []string{"secrets", "rotate", "--store", store, "--secrets-key-file", file}, ExitFailure, "run it again"},
		{[]string{b}, []string{"token", "--store", store}, ExitFailure, `sealed under key "b"`},
		{[]string{"b short"}, []string{"secrets", "rotate", "--store", store, "--secrets-key-file", file}, ExitUsage, "32 bytes"},
		{[]string{b}, []string{"secrets", "rotate", "--store", store}, ExitUsage, "secrets-key-file"},
		{[]string{b}, []string{"secrets", "rotate", "--local", store, "--secrets-key-file", file, "--client", "admin", "--overlap", "1h"}, ExitOK, "rw_"},
		{[]string{b}, []string{"secrets", "rotate", "--local", store, "--secrets-key-file", file, "--client", "nobody"}, ExitRefused, "Not found"},
		{[]string{b}, []string{"secrets", "rotate", "--local", store, "--client", "admin", "--connection", "cli"}, ExitUsage, "not both"},
	} {
		write(step.lines...)
		code, out, errs := try(t, step.args...)
		if code != step.code || !strings.Contains(out+errs, step.want) {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", strings.Join(step.args, " "), code, step.code, step.want, out, errs)
		}
	}
}
