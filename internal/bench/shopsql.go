package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ratewire/ratewire/ari"
)

// sqlShop asks the shopping question of PostgreSQL, as one would who keeps a row per product and date: derived plans' prices and the
// strictest of all scopes' restrictions already written into the row (which flatters it: nobody has to keep them so), a covering
// primary key with an index-only scan, one aggregate statement, prepared.
type sqlShop struct{ pool *pgxpool.Pool }

const sqlShopSchema = `
DROP TABLE IF EXISTS shop_night, shop_room;
CREATE TABLE shop_night (
	property int NOT NULL, day date NOT NULL, room smallint NOT NULL, plan smallint NOT NULL,
	two numeric(14,4), closed bool NOT NULL, cta bool NOT NULL, ctd bool NOT NULL,
	min_los smallint NOT NULL, max_los smallint NOT NULL, min_through smallint NOT NULL,
	CONSTRAINT shop_night_key PRIMARY KEY (property, day, room, plan) INCLUDE (two, closed, cta, ctd, min_los, max_los, min_through));
CREATE TABLE shop_room (
	property int NOT NULL, day date NOT NULL, room smallint NOT NULL, rooms int NOT NULL,
	CONSTRAINT shop_room_key PRIMARY KEY (property, day, room) INCLUDE (rooms));`

// The departure date's own row is asked for CTD only. $1 property, $2 arrival, $3 departure, $4 nights.
const sqlShopQuery = `
SELECT n.room, n.plan, sum(n.two) FILTER (WHERE n.day < $3)
FROM shop_night n JOIN shop_room r ON r.property = n.property AND r.day = n.day AND r.room = n.room
WHERE n.property = $1 AND n.day >= $2 AND n.day <= $3 AND r.property = $1 AND r.day >= $2 AND r.day <= $3
GROUP BY n.room, n.plan
HAVING count(n.two) FILTER (WHERE n.day < $3) = $4
	AND NOT bool_or(n.closed AND n.day < $3) AND NOT bool_or(n.cta AND n.day = $2) AND NOT bool_or(n.ctd AND n.day = $3)
	AND bool_and(n.day > $2 OR (n.min_los <= $4 AND n.max_los >= $4)) AND bool_and(n.day >= $3 OR n.min_through <= $4)
	AND bool_and(n.day >= $3 OR r.rooms >= 1)`

func newSQLShop(ctx context.Context, url string, properties int, first ari.StayDate) (*sqlShop, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &sqlShop{pool}
	if _, err := pool.Exec(ctx, sqlShopSchema); err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(1, 1))
	for p := range properties {
		if err := s.fill(ctx, r, p, first); err != nil {
			return nil, fmt.Errorf("fill: %w", err)
		}
	}
	_, err = pool.Exec(ctx, "VACUUM ANALYZE shop_night, shop_room")
	return s, err
}

func (s *sqlShop) fill(ctx context.Context, r *rand.Rand, property int, first ari.StayDate) error {
	var nights, rooms [][]any
	for d := range dates {
		day := (first + ari.StayDate(d)).Time()
		for room := range roomTypes {
			rooms = append(rooms, []any{property, day, room, 1 + r.IntN(20)})
			for plan := range ratePlans {
				minLOS, through := 1, 1
				if r.IntN(10) == 0 {
					minLOS = 2 + r.IntN(3)
				}
				if d%25 == 3 && room == d%roomTypes {
					through = 2
				}
				closed := d%25 >= 7 && d%25 <= 9 && plan == d%ratePlans
				nights = append(nights, []any{property, day, room, plan, float64(8000+r.IntN(20000)) / 100, closed, false, d%25 == 0, minLOS, 999, through})
			}
		}
	}
	if _, err := s.pool.CopyFrom(ctx, pgx.Identifier{"shop_night"}, []string{"property", "day", "room", "plan", "two", "closed", "cta", "ctd", "min_los", "max_los", "min_through"}, pgx.CopyFromRows(nights)); err != nil {
		return err
	}
	_, err := s.pool.CopyFrom(ctx, pgx.Identifier{"shop_room"}, []string{"property", "day", "room", "rooms"}, pgx.CopyFromRows(rooms))
	return err
}

// ask answers how many offers came back.
func (s *sqlShop) ask(ctx context.Context, property int, arrival ari.StayDate, nights int) (offers int, err error) {
	rows, err := s.pool.Query(ctx, sqlShopQuery, property, arrival.Time(), (arrival + ari.StayDate(nights)).Time(), nights)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var room, plan int16
	var total string
	for rows.Next() {
		if err := rows.Scan(&room, &plan, &total); err != nil {
			return 0, err
		}
		offers++
	}
	return offers, rows.Err()
}

// measure answers queries per second with n clients.
func (s *sqlShop) measure(ctx context.Context, n, properties int, first ari.StayDate, d time.Duration) (float64, latencies, error) {
	rs := make([]*rand.Rand, n)
	for i := range rs {
		rs[i] = rand.New(rand.NewPCG(uint64(i), 3))
	}
	return closedLoop(ctx, n, d, func(i int, _ int64) error {
		_, err := s.ask(ctx, rs[i].IntN(properties), first+ari.StayDate(rs[i].IntN(dates-8)), 1+rs[i].IntN(7))
		return err
	})
}

func (s *sqlShop) close() { s.pool.Close() }
