-- A large body stands in pieces: SQLite copies the whole of a row several times on its way to the file, and takes memory for each
-- copy. The body of such a capture is empty; its pieces are numbered id << 12 and on. Bodies that are there stay where they are.

CREATE TABLE capture_piece (
  id    INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;
