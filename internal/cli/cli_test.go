package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// try runs a command line in a process of no environment and answers its exit code and what it printed.
func try(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = Run(context.Background(), args, Streams{In: strings.NewReader(""), Out: &o, Err: &e, Environ: func() []string { return nil }})
	return code, o.String(), e.String()
}

func TestVersionIsPrintedAsTextAndAsJSON(t *testing.T) {
	code, out, _ := try(t, "version")
	if code != ExitOK || !strings.HasPrefix(out, "ratewire ") {
		t.Errorf("version: exit %d, %q", code, out)
	}
	code, out, _ = try(t, "version", "--json")
	var info struct{ Version, Go string }
	if err := json.Unmarshal([]byte(out), &info); code != ExitOK || err != nil || info.Go == "" {
		t.Errorf("version --json: exit %d, %v, %q", code, err, out)
	}
}

func TestNoArgumentsShowHelp(t *testing.T) {
	if code, out, _ := try(t); code != ExitOK || !strings.Contains(out, "Usage: ratewire") {
		t.Errorf("exit %d, %q", code, out)
	}
}

func TestUnknownCommandIsAUsageError(t *testing.T) {
	if code, out, errs := try(t, "sell-everything"); code != ExitUsage || out != "" || !strings.Contains(errs, "sell-everything") {
		t.Errorf("exit %d, out %q, err %q", code, out, errs)
	}
}
