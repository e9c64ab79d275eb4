package message

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func headCapture() *core.Capture {
	head := "POST /in/a?q=b%20c&q=d HTTP/1.1\r\nhost: h\r\nX-A: one\u200btwo\r\nx-a: again\r\n\r\n"
	return &core.Capture{Request: core.Request{Method: "POST", Target: "/in/a?q=b%20c&q=d", Head: []byte(head), Header: core.ParseHead([]byte(head))},
		Response: core.Response{Status: 200, Header: core.Header{{Name: "X-Answer", Value: "yes"}}}}
}

func TestHeadersAreThoseOfTheWire(t *testing.T) {
	s := stage.New(t)
	tab := NewHeadersTab(s.W).(*headersTab)
	onStage(s, tab.View())
	turn := func(i int) string {
		tab.which.Select(i)
		tab.which.OnSelect(i)
		return eye.Line(tab.View())
	}
	tab.Set(nil)
	c := headCapture()
	tab.Set(c)
	for i, want := range [][]string{
		{"host", "X-A", "x-a", "again", "3 fields, order and spelling as sent"},
		{"b c", "d", "decoded; the target as sent is /in/a?q=b%20c&q=d"},
		{"X-Answer", "yes", "1 field"},
		{"POST /in/a?q=b%20c&q=d HTTP/1.1", "bytes of head, every one shown"},
	} {
		if lacks := eye.Missing(turn(i), want...); lacks != nil {
			t.Errorf("part %d does not say %q:\n%s", i, lacks, eye.Line(tab.View()))
		}
	}
	c.Request.Head = nil
	if got := turn(0); !strings.Contains(got, "order and spelling are not known") {
		t.Errorf("over HTTP/2 it says %q", got)
	}
}

// What does not show is marked where it is read, and kept where it is copied.
func TestHeadersAreCopiedAsTheyCame(t *testing.T) {
	s := stage.New(t)
	tab := NewHeadersTab(s.W).(*headersTab)
	tab.Set(headCapture())
	row := slices.IndexFunc(tab.rows, func(l headerLine) bool { return l.name == "X-A" })
	if !tab.rows[row].hidden || tab.rows[0].hidden {
		t.Error("what does not show is not marked, or what shows is")
	}
	pick := func(label string) string {
		tab.menu(row, fyne.NewPos(20, 20))
		s.Pick(label)
		return s.W.App.Clipboard().Content()
	}
	if got := pick("Copy value"); got != "one\u200btwo" {
		t.Errorf("value: copied %q", got)
	}
	if got := pick("Copy line"); got != "X-A: one\u200btwo" {
		t.Errorf("line: copied %q", got)
	}
	pick("Filter the inbox by this field")
	if !slices.Equal(s.Went, []string{"inbox + header:X-A: one\u200btwo"}) {
		t.Errorf("it leads to %q", s.Went)
	}
	tab.copyAll()
	if got := s.W.App.Clipboard().Content(); got != "host: h\nX-A: one\u200btwo\nx-a: again\n" {
		t.Errorf("all: copied %q", got)
	}
	tab.which.OnSelect(3)
	tab.copyAll()
	if got := s.W.App.Clipboard().Content(); got != string(headCapture().Request.Head) {
		t.Errorf("the head: copied %q", got)
	}
}
