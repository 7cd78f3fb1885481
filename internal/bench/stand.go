package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ratewire/ratewire/ari"
	"github.com/ratewire/ratewire/hub"
	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/postgres"
	"github.com/ratewire/ratewire/store/sqlite"
)

// stand is a running hub with filled properties.
type stand struct {
	hub   *hub.Hub
	store store.Store
	stop  func() error
	first ari.StayDate
	shape shape
	n     int // properties
}

// connection is who writes in every benchmark.
const connection = "bench"

// newStand opens a store, runs a hub on it and fills n properties.
func newStand(ctx context.Context, r *run, engine string, s shape, n int) (*stand, error) {
	st, clean, err := openStore(ctx, r, engine)
	if err != nil {
		return nil, err
	}
	sd, err := startHub(ctx, st, clean)
	if err != nil {
		return nil, errors.Join(err, clean())
	}
	sd.shape, sd.n = s, n
	sd.first = ari.LocalDate(time.Now(), time.UTC) + 1
	if err := sd.fill(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("fill: %w", err), sd.stop())
	}
	return sd, nil
}

func openStore(ctx context.Context, r *run, engine string) (store.Store, func() error, error) {
	if engine == "postgres" {
		st, err := postgres.Open(ctx, r.Postgres, postgres.Options{})
		if err != nil {
			return nil, nil, err
		}
		return st, st.Close, nil
	}
	dir, err := os.MkdirTemp(r.Dir, "ratewire-bench-")
	if err != nil {
		return nil, nil, err
	}
	st, err := sqlite.Open(ctx, filepath.Join(dir, "bench.db"), sqlite.Options{})
	if err != nil {
		return nil, nil, err
	}
	return st, func() error { return errors.Join(st.Close(), os.RemoveAll(dir)) }, nil
}

// stopWait is how long a stop may take: all that was filled is in pages then, whatever the store.
const stopWait = 10 * time.Minute

// startHub runs a hub on the store until stop, and waits until it is ready.
func startHub(ctx context.Context, st store.Store, clean func() error) (*stand, error) {
	h, err := hub.Open(ctx, hub.Options{Store: st, Node: "bench", Limits: hub.Limits{StopWait: stopWait}})
	if err != nil {
		return nil, err
	}
	runCtx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- h.Run(runCtx) }()
	s := &stand{hub: h, store: st}
	s.stop = func() error {
		cancel()
		err := <-done
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		return errors.Join(err, clean())
	}
	for !h.Status().Ready {
		select {
		case err := <-done:
			return nil, err
		case <-time.After(time.Millisecond):
		}
	}
	return s, nil
}

func (s *stand) fill(ctx context.Context) error {
	err := s.submit(ctx, &hub.Submission{Update: ari.Update{
		Property: ari.HubProperty, By: ari.Author{Kind: ari.ByPerson, ID: "bench"},
		Objects: []ari.ObjectOp{object(hub.KindConnection, connection, hub.Connection{ID: connection, Protocol: "json", Unmapped: true})},
	}})
	if err != nil {
		return err
	}
	for i := range s.n {
		if err := s.fillOne(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

func (s *stand) submit(ctx context.Context, sub *hub.Submission) error {
	_, err := s.hub.Submit(ctx, sub)
	return err
}

// apply submits one change with its identity. Records of raw messages are the protocols' edges': apply.http has them.
func (s *stand) apply(ctx context.Context, c *change) error {
	_, err := s.hub.Submit(ctx, &hub.Submission{
		Update: ari.Update{
			Property: propertyCode(c.property), By: ari.Author{Kind: ari.ByMessage, ID: connection}, Connection: connection,
			SourceTime: c.time, Statements: c.statements(),
		},
		Identity: hub.Identity{ID: c.id},
	})
	return err
}
