package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ratewire/ratewire/internal/node"
)

// tryWith runs a command line with standard input and environment.
func tryWith(t *testing.T, in string, environ []string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = Run(t.Context(), args, Streams{In: strings.NewReader(in), Out: &o, Err: &e, Environ: func() []string { return environ }})
	return code, o.String(), e.String()
}

func TestTheDemoShowsWhatItMust(t *testing.T) {
	code, out, errs := try(t, "demo", "--once", "--listen", "127.0.0.1:0", "--changes", "40")
	if code != ExitOK || !strings.Contains(out, "All of this was checked") {
		t.Fatalf("exit %d\n%s\n%s", code, out, errs)
	}
}

// emptyStore answers a new SQLite file.
func emptyStore(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "new.db")
	st, err := node.OpenStore(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAStoreCanBeUsedWithoutARunningHub(t *testing.T) {
	store := emptyStore(t)
	update := `{"property":"P","items":[{"room_type":"R","from":"2030-01-01","to":"2030-01-02","set":{"inventory":{"net":1}}}]}`
	for _, step := range []struct {
		in   string
		args []string
		code int
		want string // in the output or the error
	}{
		{"", []string{"check", "--store", store}, ExitOK, "all is well"},
		{"", []string{"shop", "--local", store, "P", "2030-01-01", "1"}, ExitRefused, "unknown property"},
		{update, []string{"push", "--local", store, "-"}, ExitRefused, "Unknown property"},
		{"hello", []string{"push", "--local", store, "-"}, ExitRefused, "neither XML nor JSON"},
		{"<OTA_PingRQ xmlns='http://www.opentravel.org/OTA/2003/05' Version='1'><EchoData>x</EchoData></OTA_PingRQ>",
			[]string{"push", "--local", store, "--make-connection", "-"}, ExitOK, "taken"},
		{"", []string{"messages", "--local", store}, ExitOK, "refused"},
		{"", []string{"shop", "--local", store, "P", "tomorrow", "1"}, ExitUsage, "arrival"},
		{"", []string{"shop", "--local", store + ".not", "P", "2030-01-01", "1"}, ExitUsage, "no such file"},
		{"", []string{"backup", "--store", store, store + ".backup"}, ExitOK, "KiB"},
		{"", []string{"backup", "--store", store, store + ".backup"}, ExitFailure, "exists"},
		{"", []string{"restore", "--store", store + ".2", store + ".backup"}, ExitOK, "epoch"},
		{"", []string{"check", "--store", store + ".2", "--json"}, ExitOK, `"problems": []`},
	} {
		code, out, errs := tryWith(t, step.in, nil, step.args...)
		if code != step.code || !strings.Contains(out+errs, step.want) {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", strings.Join(step.args, " "), code, step.code, step.want, out, errs)
		}
	}
}

func TestATokenIsPrintedAloneAndAsJSON(t *testing.T) {
	store := emptyStore(t)
	code, out, errs := try(t, "token", "--store", store) // makes the first client
	if code != ExitOK || strings.Count(out, "\n") != 1 || strings.Count(out, ".") != 2 || !strings.Contains(errs, "secret") {
		t.Errorf("exit %d, out %q, err %q", code, out, errs)
	}
	code, out, errs = try(t, "token", "--store", store, "--json")
	var v map[string]string
	if err := json.Unmarshal([]byte(out), &v); code != ExitOK || err != nil || v["access_token"] == "" || v["client_secret"] != "" || errs != "" {
		t.Errorf("exit %d, %v, out %q, err %q", code, err, out, errs)
	}
}

func TestNoHubIsAFailureAndNoTokenIsToldApart(t *testing.T) {
	if code, _, errs := try(t, "shop", "--url", "http://127.0.0.1:1", "P", "2030-01-01", "1"); code != ExitFailure || !strings.Contains(errs, "no answer from") {
		t.Errorf("exit %d, %q", code, errs)
	}
	if code, _, errs := try(t, "shop", "--url", "localhost", "P", "2030-01-01", "1"); code != ExitUsage {
		t.Errorf("exit %d, %q", code, errs)
	}
}

func TestFlagsWinOverEnvironmentOverFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ratewire.yaml")
	if err := os.WriteFile(file, []byte("store: /from/the/file.db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		environ []string
		args    []string
		want    string
	}{
		{nil, []string{"check", "--config", file}, "/from/the/file.db"},
		{[]string{"RATEWIRE_CONFIG=" + file}, []string{"check"}, "/from/the/file.db"},
		{[]string{"RATEWIRE_STORE=/from/the/environment.db"}, []string{"check", "--config=" + file}, "/from/the/environment.db"},
		{[]string{"RATEWIRE_STORE=/from/the/environment.db"}, []string{"check", "--config", file, "--store", "/from/the/flag.db"}, "/from/the/flag.db"},
	} {
		if code, _, errs := tryWith(t, "", c.environ, c.args...); code != ExitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%v %v: exit %d, %q, want %s", c.environ, c.args, code, errs, c.want)
		}
	}
}

func TestASettingThatNoCommandHasIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ratewire.yaml")
	if err := os.WriteFile(file, []byte("log_levle: debug\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := try(t, "version", "--config", file); code != ExitUsage || !strings.Contains(errs, "log_levle") {
		t.Errorf("exit %d, %q", code, errs)
	}
}

// The example of docs/onboarding.md, by the command that the page names, without a running hub.
func TestTheExampleOfHotelsIsImported(t *testing.T) {
	store := emptyStore(t)
	file := filepath.Join("..", "..", "examples", "onboarding", "hotels.csv")
	for _, step := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"import", "--local", store, file, "--dry-run"}, ExitOK, "17 lines: would be 17 created, 0 changed, 0 unchanged, 0 refused, 0 skipped"},
		{[]string{"import", "--local", store, file}, ExitOK, "17 created"},
		{[]string{"import", "--local", store, file, "--all"}, ExitOK, "line 3: unchanged (connection alps-pms)"},
		{[]string{"checks", "--local", store, "--all"}, ExitNegative, "no price is told of the room type on any of 365 nights"},
		{[]string{"stage", "--local", store, "mapped", "--all", "--reason", "codes are mapped"}, ExitOK, "2 moved to mapped"},
		{[]string{"stage", "--local", store, "live", "ALP7", "--reason", "too soon", "--dry-run"}, ExitRefused, "without any price: DLX, STD"},
		{[]string{"stage", "--local", store, "show", "ALP7"}, ExitOK, "ALP7  mapped; for shadow"},
		{[]string{"stage", "--local", store, "live", "ALP7"}, ExitUsage, "--reason"},
		{[]string{"import", "--local", store, file + ".not"}, ExitUsage, "no such file"},
	} {
		code, out, errs := tryWith(t, "", nil, step.args...)
		if code != step.code || !strings.Contains(out+errs, step.want) {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", strings.Join(step.args, " "), code, step.code, step.want, out, errs)
		}
	}
	wrong := "type,code,time_zone,currency\nproperty,X1,Europe/Viena,EUR\n"
	code, out, errs := tryWith(t, wrong, nil, "import", "--local", store, "-")
	if code != ExitRefused || !strings.Contains(out, "line 2: refused (property X1)\n  time_zone: bad_object: want an IANA time zone, got Europe/Viena (write an IANA time zone)") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

func TestMappingsAreWorkedOnFromTheCommandLine(t *testing.T) {
	store := emptyStore(t)
	file := filepath.Join("..", "..", "examples", "onboarding", "hotels.csv")
	theirs := `{"type":"mapping","connection":"alps-pms","property":"ALP8","kind":"room_type","external":"RM2","state":"proposed","name":"Double room","occupancy":3}
{"type":"mapping","connection":"alps-pms","property":"ALP8","kind":"room_type","external":"QQ","state":"proposed"}`
	out := filepath.Join(t.TempDir(), "mappings.csv")
	for _, step := range []struct {
		in   string
		args []string
		code int
		want string
	}{
		{"", []string{"import", "--local", store, file}, ExitOK, "17 created"},
		{theirs, []string{"import", "--local", store, "-"}, ExitOK, "2 created"},
		{"", []string{"mappings", "--local", store, "--state", "proposed"}, ExitOK, "RM2 (Double room)  proposed  DBL"},
		{"", []string{"mappings", "accept", "--local", store}, ExitUsage, "--min-score"},
		{"", []string{"mappings", "accept", "--local", store, "RM2"}, ExitUsage, "--connection"},
		{"", []string{"mappings", "accept", "--local", store, "--min-score", "0.5", "--dry-run"}, ExitOK, "would be 1 accepted"},
		{"", []string{"mappings", "accept", "--local", store, "--min-score", "0.5", "--reason", "sure"}, ExitOK, "1 accepted, 0 ignored"},
		{"", []string{"mappings", "accept", "--local", store, "--connection", "alps-pms", "--kind", "room_type", "--property", "ALP8", "QQ=SUI"}, ExitRefused, "a room type that is there"},
		{"", []string{"mappings", "ignore", "--local", store, "--connection", "alps-pms"}, ExitOK, "1 ignored"},
		{"", []string{"mappings", "export", "--local", store, out}, ExitOK, ""},
		{"", []string{"mappings", "import", "--local", store, out}, ExitOK, "9 unchanged, 0 refused"},
		{"", []string{"mappings", "list", "--local", store, "--state", "ignored", "--json"}, ExitOK, `"external":"QQ"`},
	} {
		code, out, errs := tryWith(t, step.in, nil, step.args...)
		if code != step.code || !strings.Contains(out+errs, step.want) {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", strings.Join(step.args, " "), code, step.code, step.want, out, errs)
		}
	}
}

func TestAConfigurationIsExportedComparedAndApplied(t *testing.T) {
	store := emptyStore(t)
	hotels := filepath.Join("..", "..", "examples", "onboarding", "hotels.csv")
	try := func(in string, code int, want string, args ...string) string {
		t.Helper()
		args = append(args[:2:2], append([]string{"--local", store}, args[2:]...)...)
		got, out, errs := tryWith(t, in, nil, args...)
		if got != code || !strings.Contains(out+errs, want) {
			t.Fatalf("%s: exit %d, want %d with %q\n%s%s", strings.Join(args, " "), got, code, want, out, errs)
		}
		return out
	}
	if code, _, errs := tryWith(t, "", nil, "import", "--local", store, hotels); code != ExitOK {
		t.Fatal(errs)
	}
	file := try("", ExitOK, "format: 1\n", "config", "export")
	if again := try("", ExitOK, "", "config", "export"); again != file {
		t.Error("two exports differ")
	}
	for _, want := range []string{"  - id: alps-pms\n", "  - code: ALP7\n", "      - code: NRF\n", "external: \"4711\"\n"} {
		if !strings.Contains(file, want) {
			t.Errorf("no %q in\n%s", want, file)
		}
	}
	if strings.Contains(file, "secret") || strings.Contains(file, "hash") {
		t.Errorf("secrets:\n%s", file)
	}
	try(file, ExitOK, "equal", "config", "diff", "-")
	try(try("", ExitOK, "", "config", "export", "--format", "json"), ExitOK, "equal", "config", "diff", "-")
	edited := strings.Replace(file, "name: Best available", "name: Flexible", 1)
	edited = strings.Replace(edited, "    room_classes:\n", "    pools:\n      - code: WING\n    room_classes:\n", 1)
	edited = strings.Replace(edited, "      - code: STD\n", "      - code: APT\n        pools:\n          - pool: WING\n            quantity: 2\n      - code: STD\n", 1)
	diff := try(edited, ExitNegative, `~ rate_plan ALP7 BAR: name "Best available" -> "Flexible"`, "config", "diff", "-")
	if !strings.Contains(diff, "+ pool ALP7 WING\n") || !strings.Contains(diff, "+ room_type ALP7 APT\n") || strings.Count(diff, "\n") != 3 {
		t.Errorf("%s", diff)
	}
	try(edited, ExitOK, "nothing was done", "config", "apply", "-")
	try(file, ExitOK, "equal", "config", "diff", "-")
	try(edited, ExitOK, "3 of 3 changes made", "config", "apply", "-", "--yes")
	try(edited, ExitOK, "equal", "config", "diff", "-")
	try(edited, ExitOK, "equal", "config", "apply", "-", "--yes")
	try(file, ExitNegative, "- room_type ALP7 APT", "config", "diff", "-")
	try(file, ExitOK, "3 of 3 changes made", "config", "apply", "-", "--yes", "--prune")
	try(file, ExitOK, "equal", "config", "diff", "-")
	try(file, ExitOK, "equal", "config", "diff", "-", "--property", "ALP8")
	staged := strings.Replace(file, "currency: EUR\n", "currency: EUR\n    stage: mapped\n", 1)
	try(staged, ExitNegative, "stage draft -> mapped", "config", "diff", "-")
	try(staged, ExitOK, "1 of 1 changes made", "config", "apply", "-", "--yes", "--reason", "wave 1")
	try(strings.Replace(staged, "stage: mapped", "stage: live", 1), ExitRefused, "without any price", "config", "apply", "-", "--yes")
	try(file, ExitOK, "equal", "config", "diff", "-") // a file that names no stage leaves it
	for body, want := range map[string]string{
		"format: 2": "format 1", "": "empty", "format: 1\nrooms: []": "rooms", "format: 1\nproperties: [{code: A, colour: red}]": "colour",
		"format: 1\nproperties: [{name: x}]": "want a code", "format: 1\nproperties: [{code: A}, {code: A}]": "twice", "format: 1\na: &x [1]\nproperties: *x": "aliases",
		"format: 1\nproperties: {}": "want a list",
	} {
		try(body, ExitRefused, want, "config", "diff", "-")
	}
}

func TestParkedItemsAreListedAndReplayedFromTheCommandLine(t *testing.T) {
	store := emptyStore(t)
	file := filepath.Join("..", "..", "examples", "onboarding", "hotels.csv")
	message := `<OTA_HotelAvailNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" EchoToken="1" TimeStamp="` + time.Now().UTC().Format(time.RFC3339) + `"><AvailStatusMessages HotelCode="4711">
		<AvailStatusMessage><StatusApplicationControl Start="2031-01-01" End="2031-01-02" InvTypeCode="NEW" RatePlanCode="RACK"/><RestrictionStatus Status="Close"/></AvailStatusMessage></AvailStatusMessages></OTA_HotelAvailNotifRQ>`
	message = strings.ReplaceAll(message, "2031-01-0", time.Now().UTC().AddDate(0, 1, 0).Format("2006-01")+"-0")
	for _, step := range []struct {
		in   string
		args []string
		code int
		want string
	}{
		{"", []string{"import", "--local", store, file}, ExitOK, "17 created"},
		{"", []string{"parked", "--local", store}, ExitOK, "nothing is parked"},
		{message, []string{"push", "--local", store, "--connection", "alps-pms", "--dry-run", "-"}, ExitOK, ""},
		{"", []string{"parked", "--local", store}, ExitOK, "nothing is parked"},
		{message, []string{"push", "--local", store, "--connection", "alps-pms", "-"}, ExitOK, ""},
		{"", []string{"parked", "--local", store, "--kind", "room_type", "--code", "NEW"}, ExitOK, "room_type NEW"},
		{"", []string{"parked", "--local", store, "--older-than", "1h"}, ExitOK, "nothing is parked"},
		{"", []string{"parked", "replay", "--local", store, "--property", "ALP7", "--dry-run"}, ExitOK, "would be 0 replayed, 1 wait on\n  1: a code has no mapping yet"},
		{"", []string{"mappings", "--local", store, "--state", "proposed"}, ExitOK, "NEW"},
	} {
		code, out, errs := tryWith(t, step.in, nil, step.args...)
		if code != step.code || !strings.Contains(out+errs, step.want) {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", strings.Join(step.args, " "), code, step.code, step.want, out, errs)
		}
	}
}
