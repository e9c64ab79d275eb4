package core_test

import (
	"reflect"
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

// TestParseHeadShares: a head is parsed for every capture, so it costs one copy and one list.
func TestParseHeadShares(t *testing.T) {
	head := []byte("POST /in HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nAccept: */*\r\nContent-Length: 7\r\n\r\n")
	if n := testing.AllocsPerRun(100, func() { core.ParseHead(head) }); n > 2 {
		t.Errorf("%v allocations, want 2", n)
	}
}
