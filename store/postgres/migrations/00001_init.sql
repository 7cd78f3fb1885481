-- +goose Up
-- Room on the page for many versions of the one row that every commit changes: they are replaced in place (HOT).
create table head (
  id integer primary key check (id = 1),
  epoch bigint not null, seq bigint not null, term bigint not null, first_seq bigint not null
) with (fillfactor = 10);

-- What a node must know before it touches anything (S35).
create table schema_mark (
  id integer primary key check (id = 1),
  version integer not null, oldest_reader integer not null, written_by text not null, written_at bigint not null
);

create table entry (
  seq bigint not null,
  property text collate "C" not null, revision bigint not null, at bigint not null,
  message_id text collate "C" not null, stamp_only boolean not null, body bytea not null,
  primary key (property, revision)
);
create unique index entry_seq on entry (seq);
alter table entry alter column body set storage external;

create table pruned (property text collate "C" primary key, revision bigint not null);

-- Dedupe keys of day d live in dedupe_(d mod 32), which is emptied whole when the day goes; dedupe_day lists the kept days.
create table dedupe_day (day integer primary key);
create table dedupe_00 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_01 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_02 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_03 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_04 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_05 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_06 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_07 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_08 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_09 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_10 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_11 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_12 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_13 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_14 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_15 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_16 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_17 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_18 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_19 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_20 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_21 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_22 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_23 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_24 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_25 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_26 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_27 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_28 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_29 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_30 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);
create table dedupe_31 (
  day integer not null, hash bytea not null, content bytea not null, property text collate "C" not null, revision bigint not null, outcome bytea,
  primary key (day, hash)
);

create table object (
  property text collate "C" not null, kind text collate "C" not null, code text collate "C" not null, revision bigint not null, body bytea not null,
  primary key (property, kind, code)
);

create table message (
  id text collate "C" primary key,
  received bigint not null, connection text collate "C" not null, property text collate "C" not null, protocol text collate "C" not null,
  kind text collate "C" not null, verdict text collate "C" not null, revision bigint not null, detail bytea, source text collate "C" not null,
  raw_block bigint, raw_at bigint, raw_len bigint
);
-- The ones that people look for are rare; the rest is found from the newest on.
create index message_trouble on message (verdict, id) where verdict not in ('applied', 'unchanged', 'repeat');

-- Raw copies of one batch, packed together; newest: the youngest message in it.
create table raw (block bigint generated by default as identity primary key, newest bigint not null, body bytea not null);
alter table raw alter column body set storage external;

create table work (
  list text collate "C" not null, id text collate "C" not null, property text collate "C" not null, connection text collate "C" not null,
  at bigint not null, body bytea not null,
  primary key (list, id)
);

-- Already packed: compressing it again would only cost. Room for new versions beside the old.
create table page (
  property text collate "C" not null, scope text collate "C" not null, month integer not null, revision bigint not null, body bytea not null,
  primary key (property, scope, month)
) with (fillfactor = 80);
alter table page alter column body set storage external;

create table checkpoint (property text collate "C" primary key, revision bigint not null, seq bigint not null);

create table lease (
  name text collate "C" primary key, node text collate "C" not null, address text not null, expires timestamptz not null, term bigint not null
);

create table meta (name text collate "C" primary key, value bytea not null);
