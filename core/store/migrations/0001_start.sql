-- Rows that lists read are narrow; heads, bodies and documents stand in a table of their own under the same id.
-- Times are Unix nanoseconds, durations nanoseconds, flags 0 or 1.

CREATE TABLE source (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  platform   TEXT NOT NULL,
  doc        TEXT NOT NULL,
  created    INTEGER NOT NULL
) STRICT;

CREATE TABLE capture (
  id        INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,
  source    INTEGER NOT NULL DEFAULT 0,
  name      TEXT NOT NULL DEFAULT '',
  platform  TEXT NOT NULL DEFAULT '',
  method    TEXT NOT NULL,
  target    TEXT NOT NULL,
  event     TEXT NOT NULL DEFAULT '',
  event_id  TEXT NOT NULL DEFAULT '',
  verdict   TEXT NOT NULL DEFAULT '',
  outcome   TEXT NOT NULL,
  status    INTEGER NOT NULL,
  size      INTEGER NOT NULL,
  took      INTEGER NOT NULL,
  truncated INTEGER NOT NULL DEFAULT 0,
  faulty    INTEGER NOT NULL DEFAULT 0,
  pinned    INTEGER NOT NULL DEFAULT 0,
  via       TEXT NOT NULL DEFAULT '',
  replay_of INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX capture_source ON capture (source, id);
CREATE INDEX capture_at ON capture (at);
CREATE INDEX capture_pinned ON capture (id) WHERE pinned = 1;

CREATE TABLE capture_body (
  id            INTEGER PRIMARY KEY,
  proto         TEXT NOT NULL,
  host          TEXT NOT NULL,
  base          TEXT NOT NULL,
  remote        TEXT NOT NULL,
  head          BLOB,
  header        TEXT,
  body          BLOB NOT NULL,
  answer        TEXT NOT NULL,
  answer_body   BLOB NOT NULL,
  receipt       TEXT NOT NULL,
  note          TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE work (
  id       INTEGER PRIMARY KEY,
  wire     TEXT NOT NULL,
  platform TEXT NOT NULL,
  source   INTEGER NOT NULL,
  capture  INTEGER NOT NULL,
  created  INTEGER NOT NULL,
  state    TEXT NOT NULL,
  final    INTEGER NOT NULL,
  failed   INTEGER NOT NULL,
  cost     REAL NOT NULL,
  title    TEXT NOT NULL,
  doc      TEXT NOT NULL
) STRICT;
CREATE INDEX work_wire ON work (wire);
CREATE INDEX work_capture ON work (capture);
CREATE INDEX work_open ON work (source) WHERE final = 0;

CREATE TABLE endpoint (
  id        INTEGER PRIMARY KEY,
  platform  TEXT NOT NULL,
  wire      TEXT NOT NULL,
  name      TEXT NOT NULL,
  doc       TEXT NOT NULL,
  created   INTEGER NOT NULL,
  triggered INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  failed    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX endpoint_wire ON endpoint (platform, wire);

CREATE TABLE delivery (
  id        INTEGER PRIMARY KEY,
  endpoint  INTEGER NOT NULL,
  url       TEXT NOT NULL,
  method    TEXT NOT NULL,
  event     TEXT NOT NULL,
  event_id  TEXT NOT NULL,
  state     TEXT NOT NULL,
  reason    TEXT NOT NULL DEFAULT '',
  due       INTEGER NOT NULL,
  created   INTEGER NOT NULL,
  attempts  INTEGER NOT NULL DEFAULT 0,
  status    INTEGER NOT NULL DEFAULT 0,
  failure   TEXT NOT NULL DEFAULT '',
  replay_of INTEGER NOT NULL DEFAULT 0,
  work      TEXT NOT NULL DEFAULT '',
  batch     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX delivery_due ON delivery (due, id, endpoint) WHERE state = 'waiting';
CREATE INDEX delivery_sending ON delivery (id) WHERE state = 'sending';
CREATE INDEX delivery_endpoint ON delivery (endpoint, id);
CREATE INDEX delivery_replay ON delivery (replay_of) WHERE replay_of > 0;
CREATE INDEX delivery_batch ON delivery (batch) WHERE batch > '';
CREATE INDEX delivery_work ON delivery (work) WHERE work > '';

CREATE TABLE delivery_body (
  id     INTEGER PRIMARY KEY,
  doc    TEXT NOT NULL,
  head   BLOB,
  body   BLOB NOT NULL
) STRICT;

-- No list reads attempts alone, so their documents and bodies stand with them. doc is NULL while an attempt is under way.
CREATE TABLE attempt (
  id       INTEGER PRIMARY KEY,
  delivery INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  started  INTEGER NOT NULL,
  took     INTEGER NOT NULL DEFAULT 0,
  status   INTEGER NOT NULL DEFAULT 0,
  failure  TEXT NOT NULL DEFAULT '',
  done     INTEGER NOT NULL DEFAULT 0,
  doc      TEXT,
  request  BLOB,
  response BLOB
) STRICT;
CREATE UNIQUE INDEX attempt_of ON attempt (delivery, number);
CREATE INDEX attempt_open ON attempt (delivery) WHERE done = 0;

CREATE TABLE draft (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  doc     TEXT NOT NULL,
  updated INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
