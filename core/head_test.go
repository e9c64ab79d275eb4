package core_test

import (
	"bufio"
	"net/textproto"
	"reflect"
	"strings"
	"testing"

	"hookglass/core"
)

func TestParseHead(t *testing.T) {
	tests := []struct {
		name, head string
		want       core.Header
	}{
		{"nothing", "", nil},
		{"a request line alone", "GET / HTTP/1.1\r\n\r\n", core.Header{}},
		{"order, spelling, repeats", "GET / HTTP/1.1\r\nhOST: a\r\nX: 1\r\nx:2\r\nE:\r\n\r\n", core.Header{{"hOST", "a"}, {"X", "1"}, {"x", "2"}, {"E", ""}}},
		{"bare line feeds", "GET / HTTP/1.1\nA: 1\n\n", core.Header{{"A", "1"}}},
		{"space around values", "GET / HTTP/1.1\r\nA: \t 1 2 \t\r\n\r\n", core.Header{{"A", "1 2"}}},
		{"space before the colon stays", "GET / HTTP/1.1\r\nA : 1\r\n\r\n", core.Header{{"A ", "1"}}},
		{"a colon in the value", "GET / HTTP/1.1\r\nA: b:c\r\n\r\n", core.Header{{"A", "b:c"}}},
		{"folded", "GET / HTTP/1.1\r\nA: 1\r\n  2\r\n\t3\r\n\r\n", core.Header{{"A", "1 2 3"}}},
		{"folded at once", "GET / HTTP/1.1\r\nA: \r\n b\r\n\r\n", core.Header{{"A", "b"}}},
		{"folded over nothing", "GET / HTTP/1.1\r\nA: 1\r\n \r\nB:2\r\n\r\n", core.Header{{"A", "1 "}, {"B", "2"}}},
		{"no field", "GET / HTTP/1.1\r\nnonsense\r\n\r\n", core.Header{{"", "nonsense"}}},
		{"cut", "GET / HTTP/1.1\r\nA: 1\r\nB: ", core.Header{{"A", "1"}, {"B", ""}}},
		{"bytes that are no UTF-8", "GET / HTTP/1.1\r\nA: \xff\x80\r\n\r\n", core.Header{{"A", "\xff\x80"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := core.ParseHead([]byte(tt.head)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzParseHead: of a head that net/http takes, we read the same fields.
func FuzzParseHead(f *testing.F) {
	f.Add("A: \n b\n\n")
	f.Add("A: 1\r\n  2\r\n\t3\r\nB : x\r\n\r\n")
	f.Add("A:\n \n \n\tx \nB: \t\n\n")
	f.Add("Host: a\nA: \r\n\n")
	f.Add("A: x\r\n \r\n \r\n\r\n")
	f.Fuzz(func(t *testing.T, fields string) {
		end := strings.Index(fields, "\n\n")
		if i := strings.Index(fields, "\n\r\n"); i >= 0 && (end < 0 || i < end) {
			end = i + 1
		}
		if end < 0 {
			return
		}
		head := "GET / HTTP/1.1\n" + fields[:end+2] // as the recorder cuts it
		if strings.HasSuffix(head, "\n\r") {
			head += "\n"
		}
		want, err := textproto.NewReader(bufio.NewReader(strings.NewReader(head[len("GET / HTTP/1.1\n"):]))).ReadMIMEHeader()
		got := textproto.MIMEHeader{}
		for _, f := range core.ParseHead([]byte(head)) {
			got.Add(f.Name, f.Value)
		}
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%q is read as %q, net/http reads %q", head, got, want)
		}
	})
}

// TestParseHeadFolds: the time that a head of fold lines takes grows with its length, not with its square. What a square
// needs shows in the bytes that are copied.
func TestParseHeadFolds(t *testing.T) {
	cost := func(lines int) int64 {
		head := []byte("GET / HTTP/1.1\r\nA: 1\r\n" + strings.Repeat(" x\r\n", lines) + "\r\n")
		return testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				core.ParseHead(head)
			}
		}).AllocedBytesPerOp()
	}
	if small, large := cost(1_000), cost(8_000); large > 16*small {
		t.Errorf("%d bytes for 1,000 lines, %d for 8,000", small, large)
	}
}

// TestParseHeadShares: a head is parsed for every capture, so it costs one copy and one list.
func TestParseHeadShares(t *testing.T) {
	head := []byte("POST /in HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nAccept: */*\r\nContent-Length: 7\r\n\r\n")
	if n := testing.AllocsPerRun(100, func() { core.ParseHead(head) }); n > 2 {
		t.Errorf("%v allocations, want 2", n)
	}
}
