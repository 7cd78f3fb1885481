package main_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ratewire/ratewire/internal/proof"
	"github.com/ratewire/ratewire/protocol/otaxml"
)

// onboardMax bounds one command on the full file, on a busy machine.
const onboardMax = 10 * time.Minute

var onboardHead = []string{"type", "property", "code", "name", "time_zone", "currency", "max_occupancy", "parent", "derive", "protocol", "profile", "choices", "connection", "kind", "external", "internal"}

// chainFile answers a chain's hotels as rows of an import, each with three room types, two plans and the codes of the chain's system.
func chainFile(hotels int) (rows []map[string]string) {
	text := chainChoices()
	rows = append(rows, map[string]string{"type": "profile", "code": "chain-ota", "protocol": "ota", "choices": text},
		map[string]string{"type": "connection", "code": "chain", "name": "The chain's PMS", "protocol": "ota", "profile": "chain-ota"})
	zones := []string{"Europe/Vienna", "America/New_York", "Asia/Tokyo"}
	for i := range hotels {
		p := fmt.Sprintf("H%04d", i)
		rows = append(rows, map[string]string{"type": "property", "code": p, "name": "Hotel " + strconv.Itoa(i), "time_zone": zones[i%3], "currency": []string{"EUR", "USD", "JPY"}[i%3]},
			map[string]string{"type": "mapping", "connection": "chain", "kind": "property", "external": "X" + p, "internal": p})
		for _, r := range []string{"STD", "DLX", "SUI"} {
			rows = append(rows, map[string]string{"type": "room_type", "property": p, "code": r, "name": r, "max_occupancy": "4"},
				map[string]string{"type": "mapping", "property": p, "connection": "chain", "kind": "room_type", "external": "R-" + r, "internal": r})
		}
		rows = append(rows, map[string]string{"type": "rate_plan", "property": p, "code": "NRF", "parent": "BAR", "derive": `[{"percent":"-10"}]`},
			map[string]string{"type": "rate_plan", "property": p, "code": "BAR", "name": "Best available"},
			map[string]string{"type": "mapping", "property": p, "connection": "chain", "kind": "rate_plan", "external": "RACK", "internal": "BAR"})
	}
	return rows
}

// chainChoices answers every choice that can oversell, chosen as the generic profile has it: live is for connections that have chosen.
func chainChoices() string {
	all, chosen := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	b, err := json.Marshal(otaxml.Generic())
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	for _, name := range otaxml.Generic().Unchosen() {
		name, _, _ = strings.Cut(name, ".") // a group of settings, whole
		chosen[name] = all[name]
	}
	if err == nil {
		b, err = json.Marshal(chosen)
	}
	if err != nil {
		panic(err) // a profile has JSON
	}
	return string(b)
}

// planted are ways to make a row wrong, by its type (and code), and the field that the dry run must name. Where others build on the row, they
// are told apart as skipped: no line but these is refused.
var planted = []struct{ kind, field, value, named string }{
	{"property", "type", "hotel", "type"},
	{"property", "time_zone", "Europe/Viena", "time_zone"},
	{"property", "currency", "euros", "currency"},
	{"property", "time_zone", "", "time_zone"},
	{"property", "max_occupancy", "3", "max_occupancy"},
	{"room_type", "max_occupancy", "four", "max_occupancy"},
	{"room_type", "max_occupancy", "400", "occupancy"},
	{"rate_plan NRF", "property", "NOPE", "property"},
	{"rate_plan NRF", "code", "", "code"},
	{"rate_plan", "parent", "RACK", "parent"},
	{"rate_plan", "derive", `[{"percentage":"-10"}]`, "derive.0.percentage"},
	{"mapping", "connection", "chian", "connection"},
	{"mapping", "kind", "room", "kind"},
	{"mapping", "internal", "XXL", "internal"},
	{"mapping", "external", "", "external"},
}

// plant makes 30 rows wrong, each kind of fault twice, and answers which line is wrong in which field.
func plant(t *testing.T, rows []map[string]string, file string) (bad string, want map[int]string) {
	t.Helper()
	want = map[int]string{}
	rows = slices.Clone(rows)
	at := 0
	for round := range 2 {
		for _, f := range planted {
			for at++; rows[at]["type"] != "property"; at++ { // one a hotel
			}
			for kind, code, _ := strings.Cut(f.kind, " "); rows[at]["type"] != kind || code != "" && rows[at]["code"] != code; {
				at++
			}
			row := map[string]string{}
			for k, v := range rows[at] {
				row[k] = v
			}
			if row[f.field] = f.value; f.value == "NOPE" {
				row[f.field] += strconv.Itoa(round)
			}
			rows[at] = row
			want[at+2] = f.named // the head is line 1
		}
	}
	return writeCSV(t, file, rows), want
}

func writeCSV(t *testing.T, file string, rows []map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(onboardHead) // a buffer takes all
	for _, r := range rows {
		line := make([]string, len(onboardHead))
		for i, c := range onboardHead {
			line[i] = r[c]
		}
		_ = w.Write(line)
	}
	w.Flush()
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// command runs the program against a node and answers what it printed and its exit code.
func (p *process) command(token string, args ...string) (string, int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), onboardMax)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "RATEWIRE_URL=http://"+p.address, "RATEWIRE_TOKEN="+token)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatalf("ratewire %s: %v\n%s", strings.Join(args, " "), err, errs.Bytes())
	}
	return string(out) + errs.String(), cmd.ProcessState.ExitCode()
}

// refusedLine is what the dry run says of a line.
type refusedLine struct {
	Line    int    `json:"line"`
	Outcome string `json:"outcome"`
	Errors  []struct{ Field, Fix, Expected string }
}

// Hotels come by the thousand from somebody's spreadsheet, and the spreadsheet is wrong in places.
func TestThreeThousandHotelsAreImportedAndTakenLive(t *testing.T) {
	hotels := proof.Size(40, 3000)
	dir := t.TempDir()
	store := filepath.Join(dir, "chain.db")
	n := serve(t, store, "one")
	n.start()
	n.ready()
	token := strings.TrimSpace(run(t, "token", "--store", store))
	proof.Figure(t, "import_node_before_mib", peakMiB(t, n))
	rows := chainFile(hotels)
	bad, want := plant(t, rows, filepath.Join(dir, "bad.csv"))
	good := writeCSV(t, filepath.Join(dir, "hotels.csv"), rows)
	step := func(name string, f func()) {
		start := time.Now()
		f()
		proof.Figure(t, "import_"+name+"_seconds", fmt.Sprintf("%.1f", time.Since(start).Seconds()))
	}
	total := strconv.Itoa(len(rows))
	step("dry_run", func() { dryRunFinds(t, n, token, bad, want) })
	if out, _ := n.command(token, "stage", "show", "--all"); out != "" {
		t.Fatalf("the dry run made something: %s", out[:min(len(out), 500)])
	}
	step("import", func() {
		if out, code := n.command(token, "import", good); code != 0 || !strings.Contains(out, total+" created, 0 changed, 0 unchanged, 0 refused, 0 skipped") {
			t.Fatalf("exit %d\n%s", code, out)
		}
	})
	step("again", func() {
		if out, code := n.command(token, "import", good); code != 0 || !strings.Contains(out, "0 created, 0 changed, "+total+" unchanged, 0 refused") {
			t.Fatalf("exit %d\n%s", code, out)
		}
	})
	step("prices", func() { pushPrices(t, n, token, hotels) })
	step("live", func() { goLive(t, n, token, filepath.Join(dir, "live.csv"), hotels) })
	proof.Figure(t, "import_hotels", hotels)
	proof.Figure(t, "import_lines", len(rows))
	proof.Figure(t, "import_node_peak_mib", peakMiB(t, n))
}

// dryRunFinds holds the dry run to exactly the lines that were planted, each with its field and a fix.
func dryRunFinds(t *testing.T, n *process, token, file string, want map[int]string) {
	t.Helper()
	out, code := n.command(token, "import", file, "--dry-run", "--json")
	if code != 3 {
		t.Fatalf("exit %d\n%s", code, out)
	}
	found := map[int]string{}
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var l refusedLine
		if err := d.Decode(&l); err != nil {
			break // the last line is for people
		}
		if l.Outcome != "refused" {
			continue // what builds on a refused line is told apart
		}
		if len(l.Errors) == 0 || l.Errors[0].Fix == "" || l.Errors[0].Expected == "" {
			t.Fatalf("line %d has no fix: %+v", l.Line, l)
		}
		found[l.Line] = l.Errors[0].Field
	}
	for line, field := range want {
		if found[line] != field {
			t.Errorf("line %d: planted in %s, found in %q", line, field, found[line])
		}
	}
	for line, field := range found {
		if want[line] == "" {
			t.Errorf("line %d is told as wrong in %s, and is right", line, field)
		}
	}
	proof.Figure(t, "import_planted_found", fmt.Sprintf("%d_of_%d", len(found), len(want)))
}

// pushPrices lets the chain's system tell rooms and prices of every hotel, in its own codes.
func pushPrices(t *testing.T, n *process, token string, hotels int) {
	t.Helper()
	day := time.Now().UTC()
	from, to := day.AddDate(0, 0, 2).Format(time.DateOnly), day.AddDate(0, 0, 60).Format(time.DateOnly)
	client := &http.Client{Timeout: startMax, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	var wg sync.WaitGroup
	slots := make(chan struct{}, 16)
	for i := range hotels {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			for _, body := range chainMessages(fmt.Sprintf("XH%04d", i), []string{"EUR", "USD", "JPY"}[i%3], from, to, day.Format(time.RFC3339)) {
				req, err := http.NewRequest(http.MethodPost, "http://"+n.address+"/ota/chain", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+token)
				req.Header.Set("Content-Type", "text/xml")
				resp, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				b, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if !strings.Contains(string(b), "<Success") || strings.Contains(string(b), "<Warning") {
					t.Errorf("%d %s", i, b)
				}
			}
		})
	}
	wg.Wait()
}

func chainMessages(hotel, currency, from, to, now string) []string {
	var rates, counts strings.Builder
	for _, r := range []string{"R-STD", "R-DLX", "R-SUI"} {
		fmt.Fprintf(&rates, `<RateAmountMessage><StatusApplicationControl Start="%s" End="%s" InvTypeCode="%s" RatePlanCode="RACK"/><Rates><Rate CurrencyCode="%s"><BaseByGuestAmts>`+
			`<BaseByGuestAmt NumberOfGuests="2" AgeQualifyingCode="10" AmountAfterTax="100"/></BaseByGuestAmts></Rate></Rates></RateAmountMessage>`, from, to, r, currency)
		fmt.Fprintf(&counts, `<AvailStatusMessage BookingLimit="4" BookingLimitMessageType="SetLimit"><StatusApplicationControl Start="%s" End="%s" InvTypeCode="%s"/></AvailStatusMessage>`, from, to, r)
	}
	const ns = `xmlns="http://www.opentravel.org/OTA/2003/05" Version="3.0"`
	return []string{
		fmt.Sprintf(`<OTA_HotelRateAmountNotifRQ %s EchoToken="r%s" TimeStamp="%s"><RateAmountMessages HotelCode="%s">%s</RateAmountMessages></OTA_HotelRateAmountNotifRQ>`, ns, hotel, now, hotel, &rates),
		fmt.Sprintf(`<OTA_HotelAvailNotifRQ %s EchoToken="a%s" TimeStamp="%s"><AvailStatusMessages HotelCode="%s">%s</AvailStatusMessages></OTA_HotelAvailNotifRQ>`, ns, hotel, now, hotel, &counts),
	}
}

// goLive moves every hotel through its gates, and asks what it sells.
func goLive(t *testing.T, n *process, token, file string, hotels int) {
	t.Helper()
	var b strings.Builder
	b.WriteString("type,property,stage\n")
	for i := range hotels {
		fmt.Fprintf(&b, "stage,H%04d,live\n", i)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d lines: 0 created, %d changed, 0 unchanged, 0 refused", hotels, hotels)
	if out, code := n.command(token, "import", file, "--reason", "wave 1"); code != 0 || !strings.Contains(out, want) {
		t.Fatalf("exit %d\n%s", code, out)
	}
	arrival := time.Now().UTC().AddDate(0, 0, 7).Format(time.DateOnly)
	for _, i := range []int{0, hotels / 2, hotels - 1} {
		out, code := n.command(token, "shop", fmt.Sprintf("H%04d", i), arrival, "2", "--json")
		if code != 0 || !strings.Contains(out, `"stage":"live"`) && !strings.Contains(out, `"stage": "live"`) {
			t.Errorf("exit %d\n%s", code, out)
		}
	}
}

// peakMiB answers the most memory that a node's process has had.
func peakMiB(t *testing.T, n *process) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
	if err != nil {
		return "unknown"
	}
	for _, line := range strings.Split(string(b), "\n") {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			v, _ := strconv.Atoi(strings.Fields(kb)[0])
			return strconv.Itoa(v >> 10)
		}
	}
	return "unknown"
}
