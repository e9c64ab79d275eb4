package capture

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
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
		f.feed(stream[:n], func(r recorded) { all = append(all, r.head) })
		stream = stream[n:]
	}
	return all
}

// FuzzRecorder: what net/http takes of a stream, the recorder cuts at the same places: each head begins with the request line
// that the handler sees.
func FuzzRecorder(f *testing.F) {
	f.Add([]byte("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: h\r\n\r\n"))
	f.Add([]byte("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\nGET /b HTTP/1.0\n\n"))
	f.Add([]byte("GET / HTTP/1.1\nHost:\n h\nContent-Length:\n 0\n\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: h\r\n\r\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		recorded := heads(stream, len(stream)+1)
		in := bufio.NewReader(bytes.NewReader(stream))
		for n := 0; ; n++ {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			if r.Method == "PRI" || len(r.TransferEncoding) == 0 && r.Header.Get("Transfer-Encoding") != "" {
				return // HTTP/2, and what the server refuses
			}
			line := r.Method + " " + r.RequestURI
			if n >= len(recorded) {
				t.Fatalf("%q: net/http sees request %d, %s; recorded are %q", stream, n, line, recorded)
			}
			if !bytes.HasPrefix(recorded[n], []byte(line)) {
				t.Fatalf("%q: request %d is %s; recorded is %q", stream, n, line, recorded[n])
			}
			if r.Close {
				return
			}
		}
	})
}
