package capture

import (
	"bytes"
	"testing"
)

// FuzzFramer checks that heads come out the same however the stream is cut, and are parts of it.
func FuzzFramer(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n"), uint8(3))
	f.Add([]byte("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\nGET / HTTP/1.1\n\n"), uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, cut uint8) {
		whole := heads(stream, len(stream)+1)
		pieces := heads(stream, int(cut)+1)
		if len(whole) != len(pieces) {
			t.Fatalf("%d heads at once, %d in pieces", len(whole), len(pieces))
		}
		for i := range whole {
			if !bytes.Equal(whole[i], pieces[i]) || !bytes.Contains(stream, whole[i]) && len(whole[i]) < maxHead {
				t.Fatalf("head %d differs: %q, %q", i, whole[i], pieces[i])
			}
		}
	})
}

func heads(stream []byte, step int) (all [][]byte) {
	var f framer
	for len(stream) > 0 {
		n := min(step, len(stream))
		f.feed(stream[:n], func(h []byte) { all = append(all, h) })
		stream = stream[n:]
	}
	return all
}
