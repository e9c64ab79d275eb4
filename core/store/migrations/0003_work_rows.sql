-- A list of work shows how many steps an item has and when it last changed, without reading its document, which may
-- hold a payload of megabytes: what comes before it in a row is read alone.

CREATE TABLE work_rows (
  id       INTEGER PRIMARY KEY,
  wire     TEXT NOT NULL,
  platform TEXT NOT NULL,
  source   INTEGER NOT NULL,
  capture  INTEGER NOT NULL,
  created  INTEGER NOT NULL,
  changed  INTEGER NOT NULL,
  state    TEXT NOT NULL,
  final    INTEGER NOT NULL,
  failed   INTEGER NOT NULL,
  cost     REAL NOT NULL,
  steps    INTEGER NOT NULL,
  name     TEXT NOT NULL,
  title    TEXT NOT NULL,
  doc      TEXT NOT NULL
) STRICT;
INSERT INTO work_rows SELECT id, wire, platform, source, capture, created, created, state, final, failed, cost,
  coalesce(json_array_length(doc, '$.Steps'), 0), coalesce(doc ->> '$.SourceName', ''), title, doc FROM work;
DROP TABLE work;
ALTER TABLE work_rows RENAME TO work;
CREATE INDEX work_wire ON work (wire);
CREATE INDEX work_capture ON work (capture);
CREATE INDEX work_source ON work (source, final, id);
CREATE INDEX work_state ON work (state, final, failed);
