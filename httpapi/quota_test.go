package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/internal/clock"
)

var testAuthor = ari.Author{Kind: ari.BySystem, ID: "test"}

var quotaStart = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestABucketGivesItsBurstThenItsRate(t *testing.T) {
	q := NewQuotas(hub.Quota{UpdatesPerSecond: 10, Burst: 5})
	now := quotaStart
	m := q.meterOf(&q.clients, "a", nil, now)
	for i := range 5 {
		if wait := m.take(now, 1); wait != 0 {
			t.Fatalf("update %d of the burst: wait %s", i, wait)
		}
	}
	if wait := m.take(now, 1); wait != 100*time.Millisecond {
		t.Errorf("after the burst: wait %s, want 100ms", wait)
	}
	taken := 0
	for range 1000 { // ten seconds in steps of 10 ms
		now = now.Add(10 * time.Millisecond)
		if m.take(now, 1) == 0 {
			taken++
		}
	}
	if taken != 100 {
		t.Errorf("%d in ten seconds, want 100", taken)
	}
	now = now.Add(time.Hour)
	for i := range 6 {
		if wait := m.take(now, 1); (wait == 0) != (i < 5) {
			t.Errorf("after an hour, update %d: wait %s", i, wait)
		}
	}
}

func TestMoreThanABurstIsTakenFromAFullBucketAndMadeGood(t *testing.T) {
	q := NewQuotas(hub.Quota{UpdatesPerSecond: 10, Burst: 5})
	now := quotaStart
	m := q.meterOf(&q.clients, "a", nil, now)
	if wait := m.take(now, 20); wait != 0 {
		t.Fatalf("from a full one: %s", wait)
	}
	if wait := m.take(now, 1); wait != 1600*time.Millisecond {
		t.Errorf("%s, want 1.6s: 15 above the burst and 1 are made good", wait)
	}
	if wait := m.take(now.Add(1600*time.Millisecond), 1); wait != 0 {
		t.Errorf("%s, want nothing", wait)
	}
}

func TestQuotasOfOneAreInProportionToTheDefault(t *testing.T) {
	standard := hub.Quota{UpdatesPerSecond: 100, Burst: 300}
	for own, want := range map[hub.Quota]hub.Quota{
		{}: standard, {UpdatesPerSecond: 10}: {UpdatesPerSecond: 10, Burst: 30}, {Burst: 7}: {UpdatesPerSecond: 100, Burst: 7}, {UpdatesPerSecond: 1, Burst: 1}: {UpdatesPerSecond: 1, Burst: 1},
	} {
		if got := filled(&own, standard); got != want {
			t.Errorf("%+v: %+v, want %+v", own, got, want)
		}
	}
	if got := NewQuotas(hub.Quota{}).standard; got != DefaultQuota {
		t.Errorf("%+v", got)
	}
}

func TestManyTakeFromOneBucketWhatItHas(t *testing.T) {
	q := NewQuotas(hub.Quota{UpdatesPerSecond: 1, Burst: 1000})
	var taken [8]int
	var wg sync.WaitGroup
	for i := range taken {
		wg.Go(func() {
			m := q.meterOf(&q.clients, "a", nil, quotaStart)
			for range 1000 {
				if m.take(quotaStart, 1) == 0 {
					taken[i]++
				}
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range taken {
		sum += n
	}
	if sum != 1000 {
		t.Errorf("%d taken of 1000", sum)
	}
}

func TestTakingCostsNoMemory(t *testing.T) {
	q := NewQuotas(hub.Quota{})
	m := q.meterOf(&q.connections, "pms", nil, quotaStart)
	if n := testing.AllocsPerRun(1000, func() { m.take(quotaStart, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if n := testing.AllocsPerRun(1000, func() { q.meterOf(&q.connections, "pms", nil, quotaStart) }); n != 0 {
		t.Errorf("%v allocations to find a bucket", n)
	}
}

func TestBucketsThatAreFullAgainAreForgotten(t *testing.T) {
	q := NewQuotas(hub.Quota{UpdatesPerSecond: 1, Burst: 1})
	busy := q.meterOf(&q.clients, "busy", nil, quotaStart)
	busy.take(quotaStart, 1000)
	for i := range 3 * metersMax {
		m := q.meterOf(&q.clients, fmt.Sprint(i), nil, quotaStart.Add(time.Duration(i)*time.Millisecond))
		m.take(quotaStart, 1)
	}
	if n := len(q.clients.byID); n > metersMax+1 {
		t.Errorf("%d buckets are kept", n)
	}
	again := q.meterOf(&q.clients, "busy", nil, quotaStart)
	if again.take(quotaStart, 1) == 0 {
		t.Error("a bucket in debt was forgotten")
	}
}

// still is a rig whose clock the test moves, with a quota of two updates a second, four at once. Its own admin has more.
func still(t *testing.T) (*rig, *clock.Manual) {
	r := newRig(t)
	now := clock.NewManual(time.Now())
	r.api.o.Now, r.api.auth.now, r.api.auth.secrets.now = now.Now, now.Now, now.Now
	r.api.o.Quotas = NewQuotas(hub.Quota{UpdatesPerSecond: 2, Burst: 4})
	r.api.auth.tokens = map[[32]byte]remembered{}
	c, _ := r.hub.Client("admin")
	c.Quota = &hub.Quota{UpdatesPerSecond: 1000, Burst: 1000}
	r.putClient(c)
	return r, now
}

func (r *rig) putClient(c hub.Client) {
	r.t.Helper()
	if err := putOwn(r.t.Context(), r.hub, testAuthor, hub.KindClient, c.ID, c); err != nil {
		r.t.Fatal(err)
	}
}

func TestAClientOverItsQuotaIsToldWhenToComeBackAndOthersAreServed(t *testing.T) {
	r, now := still(t)
	greedy := []string{"Authorization", "Bearer " + r.tokenOf(hub.Client{ID: "greedy", Roles: []string{"integrator"}, Connection: "pms"})}
	modest := []string{"Authorization", "Bearer " + r.tokenOf(hub.Client{ID: "modest", Roles: []string{"integrator"}, Connection: "pms"})}
	for i := range 4 {
		r.ok("POST", "/v1/updates", closing("ALP1", i, i+1), greedy...)
	}
	revision := r.ok("GET", "/v1/properties/ALP1", "").header.Get("ETag")
	for range 3 {
		a := r.refused(429, "quota_exceeded", "POST", "/v1/updates", closing("ALP1", 40, 50), greedy...)
		if a.header.Get("Retry-After") != "1" || a.get("retryable") != true {
			t.Errorf("%v %s", a.header, a.body)
		}
		r.ok("POST", "/v1/updates", closing("ALP1", 60, 61), modest...)
	}
	if got := r.ok("GET", "/v1/properties/ALP1", "").header.Get("ETag"); got != revision {
		t.Errorf("%s, was %s", got, revision)
	}
	r.ok("GET", "/v1/properties", "", greedy...) // reading is not measured
	now.Move(time.Second)
	for range 2 {
		r.ok("POST", "/v1/updates", closing("ALP1", 1, 2), greedy...)
	}
	r.refused(429, "quota_exceeded", "POST", "/v1/updates", closing("ALP1", 1, 2), greedy...)
	if clients, connections := r.api.o.Quotas.Refused(); clients != 4 || connections != 0 {
		t.Errorf("counted %d and %d", clients, connections)
	}
}

func TestABatchCountsItsUpdatesAndIsTakenWholeOrNot(t *testing.T) {
	r, now := still(t)
	bulk := []string{"Authorization", "Bearer " + r.tokenOf(hub.Client{ID: "bulk", Roles: []string{"integrator"}, Connection: "pms"})}
	batch := func(n int) string {
		return `{"updates":[` + strings.TrimSuffix(strings.Repeat(closing("ALP1", 1, 2)+",", n), ",") + `]}`
	}
	r.ok("POST", "/v1/updates/batch", batch(10), bulk...) // more than its burst, from a full bucket
	r.refused(429, "quota_exceeded", "POST", "/v1/updates/batch", batch(1), bulk...)
	now.Move(3500 * time.Millisecond)
	r.ok("POST", "/v1/updates", closing("ALP1", 1, 2), bulk...)
	r.refused(429, "quota_exceeded", "POST", "/v1/updates", closing("ALP1", 1, 2), bulk...)
}

func TestAStreamIsSlowedDownToItsQuota(t *testing.T) {
	r, now := still(t)
	var slept time.Duration
	r.api.o.Sleep = func(_ context.Context, d time.Duration) error { slept += d; now.Move(d); return nil }
	flow := []string{"Content-Type", ndjson, "Authorization", "Bearer " + r.tokenOf(hub.Client{ID: "flow", Roles: []string{"integrator"}, Connection: "pms"})}
	a := r.ok("POST", "/v1/updates/stream", strings.Repeat(strings.ReplaceAll(closing("ALP1", 1, 2), "\n", "")+"\n", 14), flow...)
	if n := strings.Count(string(a.body), `"receipt"`); n != 14 {
		t.Errorf("%d receipts: %s", n, a.body)
	}
	if slept != 5*time.Second {
		t.Errorf("slept %s, want 5s for 10 above the burst", slept)
	}
}

func TestAnOTAConnectionOverItsQuotaGetsTheBusyError(t *testing.T) {
	r, now := still(t)
	r.ok("PUT", "/v1/connections/acme", `{"protocol":"ota","unmapped":true,"quota":{"updates_per_second":1,"burst":2}}`)
	secret := r.ok("POST", "/v1/connections/acme/secrets", "").text("secret")
	ping := `<OTA_PingRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0"><EchoData>x</EchoData></OTA_PingRQ>`
	send := func() *reply {
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.srv.URL+"/ota/acme", strings.NewReader(ping))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("acme", secret)
		req.Header.Set("Content-Type", "text/xml")
		return r.send(req)
	}
	for range 2 {
		if a := send(); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if a := send(); a.status != 503 || a.header.Get("Retry-After") != "1" || !strings.Contains(string(a.body), `Code="191"`) {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	now.Move(time.Second)
	if a := send(); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if clients, connections := r.api.o.Quotas.Refused(); clients != 0 || connections != 1 {
		t.Errorf("counted %d and %d", clients, connections)
	}
}

// A client has no more by asking a node that forwards.
func TestForwardedWritesCountOnceAndAtTheWriter(t *testing.T) {
	writer, follower := twoNodes(t)
	writer.ok("PUT", "/v1/properties/ALP1", `{"time_zone":"Europe/Vienna","currency":"EUR"}`)
	writer.ok("PUT", "/v1/properties/ALP1/room-types/DLX", `{}`)
	writer.ok("PUT", "/v1/properties/ALP1/rate-plans/BAR", `{}`)
	quotas := NewQuotas(hub.Quota{UpdatesPerSecond: 1, Burst: 3})
	now := clock.NewManual(time.Now())
	for _, r := range []*rig{writer, follower} {
		r.api.o.Quotas = NewQuotas(hub.Quota{UpdatesPerSecond: 1, Burst: 3})
		r.api.o.Now, r.api.auth.now = now.Now, now.Now
	}
	writer.api.o.Quotas = quotas
	token := writer.tokenOf(hub.Client{ID: "roamer", Roles: []string{"integrator"}, Connection: "pms"})
	until(t, "the follower knows the client", func() bool { _, ok := follower.hub.Client("roamer"); return ok })
	status := ""
	for _, r := range []*rig{follower, writer, follower, writer, follower} {
		status += fmt.Sprint(r.do("POST", "/v1/updates", closing("ALP1", 1, 2), "Authorization", "Bearer "+token).status, " ")
	}
	if status != "200 200 200 429 429 " {
		t.Errorf("answers %s", status)
	}
}
