package store

import "hookglass/core"

// A large body stands in pieces of its own (migrations/0009_pieces.sql).
const (
	pieceSize = 256 << 10
	pieceFrom = 1 << 20 // bytes from which on a body is cut
	pieceBits = 12      // rowMost bytes are less than 1 << pieceBits pieces
)

const insertPiece = "INSERT INTO capture_piece (id, bytes) VALUES (?,?)"

// wholeBody is the body of a capture as SQL, wherever it stands. SQLite joins texts alone, and leaves their bytes as they are.
const wholeBody = `CASE WHEN length(b.body) > 0 THEN b.body ELSE coalesce((SELECT CAST(group_concat(CAST(p.bytes AS TEXT), '') AS BLOB)
	FROM (SELECT bytes FROM capture_piece WHERE id BETWEEN b.id << 12 AND b.id << 12 | 4095 ORDER BY id) p), b.body) END`

// inPieces says of a row of capture_body that its body stands in pieces.
const inPieces = "length(body) = 0 AND EXISTS (SELECT 1 FROM capture_piece p WHERE p.id = capture_body.id << 12)"

// addPieces stores a body that is cut.
func (t *tx) addPieces(id core.CaptureID, body []byte) error {
	t.w.heavy += len(body)
	for n := int64(id) << pieceBits; len(body) > 0; n++ {
		piece := body[:min(len(body), pieceSize)]
		if err := t.exec(insertPiece, n, piece); err != nil {
			return err
		}
		body = body[len(piece):]
	}
	return nil
}
