-- +goose Up
create table head (
  id integer primary key check (id = 1),
  epoch integer not null, seq integer not null, term integer not null, first_seq integer not null
) strict;

-- What a node must know before it touches anything (S35).
create table schema_mark (
  id integer primary key check (id = 1),
  version integer not null, oldest_reader integer not null, written_by text not null, written_at integer not null
) strict;

-- Clustered by seq, so that the feed is appended and read in order; the primary key of S31 is the second index.
create table entry (
  seq integer primary key,
  property text not null, revision integer not null, at integer not null,
  message_id text not null, stamp_only integer not null, body blob not null,
  unique (property, revision)
) strict;

create table pruned (property text primary key, revision integer not null) strict, without rowid;

-- Keys arrive as packed blocks, one for each commit and day, and are merged into dedupe many at a time, in order (keys.go). No number
-- is used again: readers remember blocks by it.
create table dedupe_block (block integer primary key autoincrement, day integer not null, keys integer not null, body blob not null) strict;

create table dedupe (
  day integer not null, hash blob not null, content blob not null,
  property text not null, revision integer not null, outcome blob,
  primary key (day, hash)
) strict, without rowid;

create table object (
  property text not null, kind text not null, code text not null, revision integer not null, body blob not null,
  primary key (property, kind, code)
) strict, without rowid;

create table message (
  id text primary key,
  received integer not null, connection text not null, property text not null, protocol text not null, kind text not null,
  verdict text not null, revision integer not null, detail blob, source text not null,
  raw_block integer, raw_at integer, raw_len integer
) strict, without rowid;
-- The ones that people look for are rare; the rest is found from the newest on.
create index message_trouble on message (verdict, id)
  where verdict <> 'applied' and verdict <> 'unchanged' and verdict <> 'repeat';

-- Raw copies of one batch, packed together; newest: the youngest message in it.
create table raw (block integer primary key autoincrement, newest integer not null, body blob not null) strict;

create table work (
  list text not null, id text not null, property text not null, connection text not null, at integer not null, body blob not null,
  primary key (list, id)
) strict, without rowid;

create table page (
  property text not null, scope text not null, month integer not null, revision integer not null, body blob not null,
  primary key (property, scope, month)
) strict, without rowid;

create table checkpoint (property text primary key, revision integer not null, seq integer not null) strict, without rowid;

create table lease (
  name text primary key, node text not null, address text not null, expires integer not null, term integer not null
) strict, without rowid;

create table meta (name text primary key, value blob not null) strict, without rowid;
