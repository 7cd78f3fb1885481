package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/ratewire/ratewire/ari"
)

const shopProperties = 100

// shopShape: a third of the plans derived, restrictions at product, plan, room type and property.
var shopShape = shape{derived: true, scopes: true}

// shopInProcess measures one goroutine that asks random properties and dates for all sellable offers with totals, against SQL per core.
func shopInProcess(ctx context.Context, r *run) (err error) {
	sd, err := newStand(ctx, r, "sqlite", shopShape, shopProperties)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sd.stop()) }()
	pictures, err := sd.pictures()
	if err != nil {
		return err
	}
	var runs []float64
	var offers int
	for i := range r.Runs {
		if err := r.profiled("shop.inprocess", func() error {
			var rate float64
			rate, offers = shopLoop(pictures, sd.first, uint64(i), r.Duration)
			runs = append(runs, rate)
			return nil
		}); err != nil {
			return err
		}
	}
	against, set, err := r.sqlPerCore(ctx, sd)
	if err != nil {
		return err
	}
	set["offers"], set["goroutines"], set["properties"], set["products"] = offers, 1, shopProperties, products
	r.report("shop.inprocess", "queries/s/core", runs, against, set)
	return nil
}

// pictures answers the pictures themselves: nothing is written while they are asked.
func (s *stand) pictures() ([]*ari.Picture, error) {
	var out []*ari.Picture
	for i := range s.n {
		if err := s.hub.Read(propertyCode(i), func(p *ari.Picture) error { out = append(out, p); return nil }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// shopLoop answers queries per second and the mean number of offers.
func shopLoop(pictures []*ari.Picture, first ari.StayDate, seed uint64, d time.Duration) (perSecond float64, offers int) {
	rnd := rand.New(rand.NewPCG(seed, 5))
	q := ari.Query{Rooms: 1, Adults: 2, At: time.Now(), NoNights: true}
	var a ari.Answer
	n, start := 0, time.Now()
	for time.Since(start) < d {
		for range 256 {
			q.Arrival, q.Nights = first+ari.StayDate(rnd.IntN(dates-8)), 1+rnd.IntN(7)
			pictures[rnd.IntN(len(pictures))].Sell(&q, &a)
			offers += len(a.Offers)
		}
		n += 256
	}
	return float64(n) / time.Since(start).Seconds(), offers / n
}

// sqlPerCore asks the same of PostgreSQL with 1 and 4 clients; per core, the better counts: one client keeps one core busy (client and
// server in turn), four keep all of them busy.
func (r *run) sqlPerCore(ctx context.Context, sd *stand) ([]float64, map[string]any, error) {
	if r.Postgres == "" {
		fmt.Fprintln(r.Log, "  without its ratio: that needs a PostgreSQL server (--postgres)")
		return nil, map[string]any{}, nil
	}
	s, err := newSQLShop(ctx, r.Postgres, 20, sd.first)
	if err != nil {
		return nil, nil, fmt.Errorf("the alternative: %w", err)
	}
	defer s.close()
	var best []float64
	set := map[string]any{}
	for clients, cores := range map[int]float64{1: 1, 4: float64(runtime.NumCPU())} {
		var runs []float64
		for range r.Runs {
			rate, _, err := s.measure(ctx, clients, 20, sd.first, r.Duration)
			if err != nil {
				return nil, nil, fmt.Errorf("the alternative: %w", err)
			}
			runs = append(runs, rate/min(cores, float64(clients)))
		}
		if median(runs) > median(best) {
			best = runs
			set["against_clients"] = clients
		}
	}
	return best, set, nil
}
