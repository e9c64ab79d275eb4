-- Captures that came through a space of a team. An arrival is known by whose capture it is, and by where it stood in the stream, so that
-- it is taken in once however often it comes. What is known of a source of a space tells what is missing before a capture.

CREATE TABLE arrival (
  space    TEXT NOT NULL,
  hub      TEXT NOT NULL,
  number   INTEGER NOT NULL,
  epoch    TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  capture  INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (space, hub, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX arrival_sequence ON arrival (space, epoch, sequence);
CREATE INDEX arrival_capture ON arrival (capture);

CREATE TABLE space_source (
  space  TEXT NOT NULL,
  hub    TEXT NOT NULL,
  source TEXT NOT NULL,
  number INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (space, hub, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE gap (
  id      INTEGER PRIMARY KEY,
  space   TEXT NOT NULL,
  hub     TEXT NOT NULL,
  source  TEXT NOT NULL,
  after   INTEGER NOT NULL,
  before  INTEGER NOT NULL,
  since   INTEGER NOT NULL,
  until   INTEGER NOT NULL,
  capture INTEGER NOT NULL,
  seen    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX gap_space ON gap (space, hub, source);
CREATE INDEX gap_capture ON gap (capture);
