-- What is counted is kept. capture_block has the captures of 4096 numbers each, a bit for each, and between which times they arrived,
-- for all but the newest block, which is read when the history is opened: so a capture pays for it once in 4096. With the times, an
-- index of them is not needed any more. Existing captures are entered when the history is opened.

CREATE TABLE capture_block (
  id     INTEGER PRIMARY KEY,
  oldest INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  ids    BLOB NOT NULL
) STRICT;

-- How many captures of the blocks above each source has.
CREATE TABLE capture_tally (
  source INTEGER PRIMARY KEY,
  n      INTEGER NOT NULL
) STRICT;

-- A filter names sources as they were called when they captured; captures are found by the number of their source.
CREATE TABLE capture_name (
  name   TEXT NOT NULL,
  source INTEGER NOT NULL,
  PRIMARY KEY (name, source)
) STRICT, WITHOUT ROWID;
INSERT INTO capture_name SELECT DISTINCT name, source FROM capture;

DROP INDEX capture_at;
CREATE INDEX capture_noted ON capture (id) WHERE note > '';
CREATE INDEX capture_faulty ON capture (id) WHERE faulty = 1;
CREATE INDEX capture_cut ON capture (id) WHERE truncated = 1;
CREATE INDEX capture_replay ON capture (id) WHERE replay_of > 0;
