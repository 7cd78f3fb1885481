package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ratewire/ratewire/store"
	"github.com/ratewire/ratewire/store/internal/rawblock"
)

const (
	// moveHead moves the head if it still is where the batch started from. If not, it violates the column's NOT NULL, which ends the whole
	// pipeline: the statements behind it are under way already and must not count.
	moveHead = `update head set seq = case when epoch = $2 and term = $3 and (seq = $4 or $1 = 0) then seq + $1 end where id = 1`

	insertEntries = `insert into entry (seq, property, revision, at, message_id, stamp_only, body)
		select $1::bigint + n, property, revision, at, message_id, stamp_only, body
		from unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::boolean[], $7::bytea[]) with ordinality
			as e (property, revision, at, message_id, stamp_only, body, n)`

	insertKeys = `insert into dedupe_%02d (day, hash, content, property, revision, outcome)
		select * from unnest($1::integer[], $2::bytea[], $3::bytea[], $4::text[], $5::bigint[], $6::bytea[])`

	// A batch whose messages have raw copies writes their block first; one whose messages are known already (they are rarely told again)
	// pays for replacing them: PostgreSQL inserts with a conflict clause in two steps.
	insertRaw      = "with r as (insert into raw (newest, body) values ($13, $14) returning block) "
	insertMessages = `insert into message
			(id, received, connection, property, protocol, kind, verdict, revision, detail, source, raw_block, raw_at, raw_len)
		select id, received, connection, property, protocol, kind, verdict, revision, detail, source, %s
		from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bytea[], $10::text[],
			$11::bigint[], $12::bigint[])
			as m (id, received, connection, property, protocol, kind, verdict, revision, detail, source, raw_at, raw_len)`
	replaceMessages = ` on conflict (id) do update set received = excluded.received, connection = excluded.connection, property = excluded.property,
			protocol = excluded.protocol, kind = excluded.kind, verdict = excluded.verdict, revision = excluded.revision, detail = excluded.detail,
			source = excluded.source, raw_block = coalesce(excluded.raw_block, message.raw_block),
			raw_at = coalesce(excluded.raw_at, message.raw_at), raw_len = coalesce(excluded.raw_len, message.raw_len)`

	putObject = `insert into object (property, kind, code, revision, body) values ($1, $2, $3, $4, $5)
		on conflict (property, kind, code) do update set revision = excluded.revision, body = excluded.body`
	deleteObject = "delete from object where property = $1 and kind = $2 and code = $3"

	putWork = `insert into work (list, id, property, connection, at, body) values ($1, $2, $3, $4, $5, $6)
		on conflict (list, id) do update set property = excluded.property, connection = excluded.connection, at = excluded.at, body = excluded.body`
	deleteWork = "delete from work where list = $1 and id = $2"
)

// slots is how many tables the buckets of dedupe keys are spread over (migrations).
const slots = 32

var insertKeysInto = func() (texts [slots]string) {
	for i := range texts {
		texts[i] = fmt.Sprintf(insertKeys, i)
	}
	return texts
}()

// messageText answers the statement for a batch's messages.
func messageText(raws, replace bool) string { return messageTexts[raws][replace] }

var messageTexts = func() map[bool]map[bool]string {
	plain := fmt.Sprintf(insertMessages, "null::bigint, null::bigint, null::bigint")
	withRaws := insertRaw + fmt.Sprintf(insertMessages, `case when raw_len >= 0 then (select block from r) end,
		case when raw_len >= 0 then raw_at end, case when raw_len >= 0 then raw_len end`)
	return map[bool]map[bool]string{
		false: {false: plain, true: plain + replaceMessages},
		true:  {false: withRaws, true: withRaws + replaceMessages},
	}
}()

// slot answers the table of a day's keys.
func slot(day int32) int { return int(((day % slots) + slots) % slots) }

// Commit implements store.Store: one pipeline, one round trip.
func (s *Store) Commit(ctx context.Context, b *store.Batch) error {
	if err := b.Validate(); err != nil {
		return err
	}
	packed := make(chan rawblock.Block, 1)
	messages := merged(b.Messages)
	go func() { packed <- rawblock.Pack(messages) }() // beside the encoding of the rest
	var p pgx.Batch
	p.Queue("begin")
	p.Queue(moveHead, int64(len(b.Entries)), int64(b.Base.Epoch), b.Term, b.Base.Seq)
	queueEntries(&p, b)
	queueKeys(&p, b.Keys)
	queueObjects(&p, b.Objects)
	queueRows(&p, b.Rows)
	if err := s.send(ctx, &p, messages, <-packed); err != nil {
		return err
	}
	for i := range b.Entries {
		b.Entries[i].Seq = b.Base.Seq + int64(i) + 1
	}
	return nil
}

// send sends what is queued with the messages and a commit; once more, if one of the messages was known.
func (s *Store) send(ctx context.Context, p *pgx.Batch, messages []store.Message, packed rawblock.Block) error {
	conn, err := s.commits.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for _, replace := range []bool{false, true} {
		var whole pgx.Batch
		for _, q := range p.QueuedQueries { // anew: what is queued remembers the session's statement, which a failure may have ended
			whole.Queue(q.SQL, q.Arguments...)
		}
		queueMessages(&whole, messages, packed, replace)
		whole.Queue("commit")
		if err = run(ctx, conn, &whole); !knownMessage(err) {
			break
		}
	}
	return err
}

func knownMessage(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" && pg.ConstraintName == "message_pkey"
}

// run sends a pipeline that ends with a commit, and sorts its failure by what the caller can do about it.
func run(ctx context.Context, conn *pgxpool.Conn, p *pgx.Batch) error {
	results := conn.SendBatch(ctx, p)
	for i := range p.Len() {
		if _, err := results.Exec(); err != nil {
			results.Close()                                          //nolint:errcheck // the first error is the news
			_, _ = conn.Exec(context.WithoutCancel(ctx), "rollback") // a failure ends the connection, and the transaction with it
			return sorted(p.QueuedQueries[i].SQL, err)
		}
	}
	if err := results.Close(); err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return nil
}

// sorted wraps the failure of a pipeline at one of its statements.
func sorted(statement string, err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &pg):
		if pgconn.SafeToRetry(err) {
			return err // nothing was sent
		}
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	case statement == moveHead && pg.Code == "23502":
		return store.ErrFenced
	case pg.Code == "53100":
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case strings.HasPrefix(pg.Code, "23"):
		return fmt.Errorf("%w: %w", store.ErrInvalid, err)
	case strings.HasPrefix(pg.Code, "57P") || strings.HasPrefix(pg.Code, "08"):
		return fmt.Errorf("%w: %w", store.ErrUnknown, err) // the server ended the session, perhaps while it committed
	}
	return err
}

func queueEntries(p *pgx.Batch, b *store.Batch) {
	n := len(b.Entries)
	if n == 0 {
		return
	}
	property, messageID, stampOnly := make([]string, n), make([]string, n), make([]bool, n)
	revision, at, body := make([]int64, n), make([]int64, n), make([][]byte, n)
	for i := range b.Entries {
		e := &b.Entries[i]
		property[i], messageID[i], stampOnly[i] = e.Property, e.MessageID, e.StampOnly
		revision[i], at[i], body[i] = e.Revision, e.At.UnixMicro(), blob(e.Body)
	}
	p.Queue(insertEntries, b.Base.Seq, property, revision, at, messageID, stampOnly, body)
}

// blob answers b for a column that is not null.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func queueKeys(p *pgx.Batch, keys []store.Key) {
	var bySlot [slots][]int
	var days []int32
	for i := range keys {
		day := keys[i].Day
		bySlot[slot(day)] = append(bySlot[slot(day)], i)
		if len(days) == 0 || days[len(days)-1] != day {
			days = append(days, day)
		}
	}
	if len(days) > 0 {
		slices.Sort(days)
		p.Queue("insert into dedupe_day (day) select unnest($1::integer[]) on conflict do nothing", slices.Compact(days))
	}
	for i, picked := range bySlot {
		if len(picked) > 0 {
			queueSlot(p, i, keys, picked)
		}
	}
}

func queueSlot(p *pgx.Batch, slot int, keys []store.Key, picked []int) {
	n := len(picked)
	day, property, revision := make([]int32, n), make([]string, n), make([]int64, n)
	hash, content, outcome := make([][]byte, n), make([][]byte, n), make([][]byte, n)
	for i, from := range picked {
		k := &keys[from]
		day[i], property[i], revision[i] = k.Day, k.Property, k.Revision
		hash[i], content[i], outcome[i] = k.Hash[:], k.Content[:], k.Outcome
	}
	p.Queue(insertKeysInto[slot], day, hash, content, property, revision, outcome)
}

func queueObjects(p *pgx.Batch, objects []store.Object) {
	for i := range objects {
		if o := &objects[i]; o.Body == nil {
			p.Queue(deleteObject, o.Property, o.Kind, o.Code)
		} else {
			p.Queue(putObject, o.Property, o.Kind, o.Code, o.Revision, o.Body)
		}
	}
}

func queueRows(p *pgx.Batch, rows []store.Row) {
	for i := range rows {
		if r := &rows[i]; r.Body == nil {
			p.Queue(deleteWork, r.List, r.ID)
		} else {
			p.Queue(putWork, r.List, r.ID, r.Property, r.Connection, r.At.UnixMicro(), r.Body)
		}
	}
}

func queueMessages(p *pgx.Batch, messages []store.Message, packed rawblock.Block, replace bool) {
	n := len(messages)
	if n == 0 {
		return
	}
	newest := messages[0].Received
	texts := make([][]string, 7)
	for i := range texts {
		texts[i] = make([]string, n)
	}
	received, revision, detail := make([]int64, n), make([]int64, n), make([][]byte, n)
	rawAt, rawLen := make([]int64, n), make([]int64, n)
	for i := range messages {
		m := &messages[i]
		for t, text := range [...]string{m.ID, m.Connection, m.Property, m.Protocol, m.Kind, m.Verdict, m.Source} {
			texts[t][i] = text
		}
		received[i], revision[i], detail[i] = m.Received.UnixMicro(), m.Revision, m.Detail
		rawAt[i], rawLen[i] = packed.Refs[i].At, packed.Refs[i].Len
		if m.Received.After(newest) {
			newest = m.Received
		}
	}
	args := []any{texts[0], received, texts[1], texts[2], texts[3], texts[4], texts[5], revision, detail, texts[6], rawAt, rawLen}
	if packed.Body != nil {
		args = append(args, newest.UnixMicro(), packed.Body)
	}
	p.Queue(messageText(packed.Body != nil, replace), args...)
}

// merged answers messages with each ID once, told last: one statement cannot change a row twice.
func merged(messages []store.Message) []store.Message {
	last := make(map[string]int, len(messages))
	for i := range messages {
		last[messages[i].ID] = i
	}
	if len(last) == len(messages) {
		return messages
	}
	var once []store.Message
	place := map[string]int{}
	for _, m := range messages {
		if at, there := place[m.ID]; there {
			if m.Raw == nil {
				m.Raw = once[at].Raw
			}
			once[at] = m
			continue
		}
		place[m.ID] = len(once)
		once = append(once, m)
	}
	return once
}

func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
