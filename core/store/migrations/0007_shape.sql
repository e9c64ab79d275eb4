-- What the bodies of each event look like, learned behind the captures, and what of a capture differed from those before it.
-- A shape without a document is to be learned anew: captures that it was learned of are gone.

CREATE TABLE shape (
  source INTEGER NOT NULL,
  event  TEXT NOT NULL,
  name   TEXT NOT NULL,
  count  INTEGER NOT NULL,
  first  INTEGER NOT NULL,
  last   INTEGER NOT NULL,
  doc    BLOB NOT NULL,
  PRIMARY KEY (source, event)
) STRICT;

CREATE TABLE drift (
  id      INTEGER PRIMARY KEY,
  capture INTEGER NOT NULL,
  source  INTEGER NOT NULL,
  event   TEXT NOT NULL,
  at      INTEGER NOT NULL,
  doc     TEXT NOT NULL
) STRICT;
CREATE INDEX drift_capture ON drift (capture);
CREATE INDEX drift_event ON drift (source, event, id);

CREATE TABLE contract_check (
  capture INTEGER PRIMARY KEY,
  broken  INTEGER NOT NULL,
  doc     TEXT NOT NULL
) STRICT;
CREATE INDEX contract_broken ON contract_check (capture) WHERE broken = 1;
