package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/httpapi"
)

// server is a stand behind HTTP on the loopback, with a client's token and its connections.
type server struct {
	*stand
	token  string
	conns  []*conn // one a client
	server *http.Server
}

// newServer serves a stand to so many clients.
func newServer(ctx context.Context, sd *stand, clients int) (*server, error) {
	handler, err := httpapi.New(sd.hub, httpapi.Options{Version: "bench"})
	if err != nil {
		return nil, err
	}
	boot, err := httpapi.Bootstrap(ctx, sd.hub, "bench-client", connection, false)
	if err != nil {
		return nil, err
	}
	return serve(ctx, sd, handler, boot.Token, clients)
}

func serve(ctx context.Context, sd *stand, handler http.Handler, token string, clients int) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{stand: sd, token: token, server: &http.Server{Handler: handler}}
	go s.server.Serve(l) //nolint:errcheck // ends with Close
	for range clients {
		c, err := dial(ctx, l.Addr().String())
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.conns = append(s.conns, c)
	}
	return s, nil
}

func (s *server) close() error {
	for _, c := range s.conns {
		c.c.Close()
	}
	return s.server.Close()
}

// post sends a body as one of the clients.
func (s *server) post(client int, path, kind string, body []byte) error {
	return s.conns[client].post(path, kind, s.token, body)
}

// empty serves a handler that reads the body and answers a line: what the HTTP library, the loopback and the client take on this machine.
func empty(ctx context.Context, r *run, clients int, body []byte) ([]float64, error) {
	s, err := serve(ctx, nil, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if _, err := io.Copy(io.Discard, req.Body); err == nil {
			io.WriteString(w, "{}\n") //nolint:errcheck // the client tells
		}
	}), "none", clients)
	if err != nil {
		return nil, err
	}
	defer s.close()
	var runs []float64
	for range r.Runs {
		rate, _, err := closedLoop(ctx, clients, r.Duration, func(caller int, _ int64) error { return s.post(caller, "/", "application/json", body) })
		if err != nil {
			return nil, err
		}
		runs = append(runs, rate)
	}
	return runs, nil
}

// applyHTTP measures one update a request, then batches and an NDJSON stream of 100.
func applyHTTP(ctx context.Context, r *run) (err error) {
	sd, err := newStand(ctx, r, "sqlite", shape{}, applyProperties)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sd.stop()) }()
	s, err := newServer(ctx, sd, callers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	forms := []struct {
		name, path, kind string
		clients, each    int
		join             func([][]byte) []byte
	}{
		{"apply.http", "/v1/updates", "application/json", callers, 1, func(b [][]byte) []byte { return b[0] }},
		{"apply.http.batch", "/v1/updates/batch", "application/json", 16, 100, func(b [][]byte) []byte {
			return append(append([]byte(`{"updates":[`), bytes.Join(b, []byte(","))...), "]}"...)
		}},
		{"apply.http.ndjson", "/v1/updates/stream", "application/x-ndjson", 16, 100, func(b [][]byte) []byte { return bytes.Join(b, []byte("\n")) }},
	}
	for n, f := range forms {
		var runs []float64
		var all latencies
		for i := range r.Runs {
			streams := sd.streams((n+1)*1_000_000 + i)
			rate, l, err := r.load(ctx, f.name, f.clients, func(caller int, _ int64) error {
				bodies := make([][]byte, f.each)
				for k := range bodies {
					c := streams[caller].next()
					bodies[k] = c.json()
				}
				return s.post(caller, f.path, f.kind, f.join(bodies))
			})
			if err != nil {
				return err
			}
			runs, all = append(runs, rate*float64(f.each)), append(all, l...)
		}
		set := all.quantiles()
		set["clients"], set["updates_a_request"] = f.clients, f.each
		if f.each == 1 {
			c := newStream(0, sd.n, sd.shape, sd.first).next()
			ceiling, err := empty(ctx, r, f.clients, c.json())
			if err != nil {
				return err
			}
			set["empty_handler_per_s"] = median(ceiling)
		}
		r.report(f.name, "updates/s", runs, nil, set)
	}
	return nil
}

// json answers the change as a body of POST /v1/updates.
func (c *change) json() []byte {
	b := make([]byte, 0, 400)
	b = fmt.Appendf(b, `{"property":%q,"id":%q,"source_time":%q,"items":[{"room_type":%q,"rate_plan":%q,"from":%q,"to":%q,"set":{`,
		propertyCode(c.property), c.id, c.time.UTC().Format(time.RFC3339Nano), roomCode(c.room), planCode(c.plan), c.from, c.from+ari.StayDate(c.days)-1)
	if c.minLOS > 0 {
		b = append(strconv.AppendInt(append(b, `"min_los_arrival":`...), int64(c.minLOS), 10), ',')
	}
	if c.closed {
		b = append(b, `"closed":true,`...)
	}
	return fmt.Appendf(b, `"rates":[{"adults":1,"after_tax":%q},{"adults":2,"after_tax":%q}]}}]}`, c.one, c.two)
}

// shopHTTP measures one property a query, totals of all sellable offers.
func shopHTTP(ctx context.Context, r *run) error {
	return shopOver(ctx, r, func(s *server) error {
		var runs []float64
		var all latencies
		const clients = 64
		for i := range r.Runs {
			rnds := sources(clients, i)
			rate, l, err := r.load(ctx, "shop.http", clients, func(caller int, _ int64) error {
				rnd := rnds[caller]
				return s.shop(caller, propertyCode(rnd.IntN(s.n)), 1+rnd.IntN(7), rnd, `"totals_only":true`)
			})
			if err != nil {
				return err
			}
			runs, all = append(runs, rate), append(all, l...)
		}
		set := all.quantiles()
		set["clients"], set["properties"] = clients, s.n
		ceiling, err := empty(ctx, r, clients, []byte(`{"properties":["H00001"],"arrival":"2026-01-01","nights":3,"adults":2,"totals_only":true}`))
		if err != nil {
			return err
		}
		set["empty_handler_per_s"] = median(ceiling)
		r.report("shop.http", "queries/s", runs, nil, set)
		return nil
	})
}

// shopWide measures 200 properties x 3 nights, one client.
func shopWide(ctx context.Context, r *run) error {
	const wide = 200
	return shopOver(ctx, r, func(s *server) error {
		codes := make([]byte, 0, 10*wide)
		for i := range wide {
			codes = strconv.AppendQuote(codes, propertyCode(i%s.n))
			codes = append(codes, ',')
		}
		list := string(codes[1 : len(codes)-2])
		var runs []float64
		var all latencies
		rnd := sources(1, 9)[0]
		for range r.Runs {
			_, l, err := r.load(ctx, "shop.200x3", 1, func(int, int64) error { return s.shop(0, list, 3, rnd, `"totals_only":true`) })
			if err != nil {
				return err
			}
			runs, all = append(runs, l.quantiles()["p99_ms"].(float64)), append(all, l...)
		}
		set := all.quantiles()
		set["properties"], set["nights"], set["clients"] = wide, 3, 1
		r.report("shop.200x3", "p99 ms", runs, nil, set)
		return nil
	})
}

func shopOver(ctx context.Context, r *run, f func(*server) error) (err error) {
	sd, err := newStand(ctx, r, "sqlite", shopShape, 2*shopProperties)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sd.stop()) }()
	s, err := newServer(ctx, sd, 64)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return f(s)
}

func sources(n, seed int) []*rand.Rand {
	out := make([]*rand.Rand, n)
	for i := range out {
		out[i] = rand.New(rand.NewPCG(uint64(i), uint64(seed)))
	}
	return out
}

// shop asks; properties is one code, or several joined by quote, comma, quote.
func (s *server) shop(client int, properties string, nights int, rnd *rand.Rand, more string) error {
	arrival := s.first + ari.StayDate(rnd.IntN(dates-8))
	return s.post(client, "/v1/shop", "application/json", fmt.Appendf(nil, `{"properties":["%s"],"arrival":%q,"nights":%d,"adults":2,%s}`, properties, arrival, nights, more))
}
