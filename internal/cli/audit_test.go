package cli

import (
	"strings"
	"testing"
	"time"
)

func TestAuditShowsWhoChangedWhatAndWhy(t *testing.T) {
	store := emptyStore(t)
	if code, out, errs := tryWith(t, "<OTA_PingRQ xmlns='http://www.opentravel.org/OTA/2003/05' Version='1'><EchoData>x</EchoData></OTA_PingRQ>", nil,
		"push", "--local", store, "--make-connection", "-"); code != ExitOK {
		t.Fatalf("exit %d %s%s", code, out, errs)
	}
	code, out, errs := try(t, "audit", "--local", store, "--kind", "connection")
	if code != ExitOK || !strings.Contains(out, "client admin") || !strings.Contains(out, "_hub") || !strings.Contains(out, "made") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	code, out, _ = try(t, "audit", "--local", store, "--json", "--limit", "1", "--property", "_hub", "--from", "1h", "--changes")
	if code != ExitOK || strings.Count(out, "\n") != 1 || !strings.Contains(out, `"changes":{`) {
		t.Errorf("exit %d %q", code, out)
	}
	if code, out, _ := try(t, "audit", "--local", store, "--to", "2020-01-01"); code != ExitOK || !strings.Contains(out, "nothing was changed") {
		t.Errorf("exit %d %q", code, out)
	}
	for _, bad := range [][]string{{"--from", "yesterday"}, {"--limit", "0"}, {"--from", "-1h"}} {
		if code, _, errs := try(t, append([]string{"audit", "--local", store}, bad...)...); code != ExitUsage {
			t.Errorf("%v: exit %d %s", bad, code, errs)
		}
	}
}

func TestInstantsAreToldInThreeWays(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for v, want := range map[string]string{"24h": "2026-11-21T12:00:00Z", "2026-11-01": "2026-11-01T00:00:00Z", "2026-11-01T01:00:00+01:00": "2026-11-01T00:00:00Z"} {
		if at, err := instant(v, now); err != nil || at.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %s %v, want %s", v, at, err, want)
		}
	}
}
