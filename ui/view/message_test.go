package view_test

import (
	"fmt"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/ui/view"
)

func TestMessageShowsFieldsAsSentAndIndentsTheBody(t *testing.T) {
	r := core.Request{Method: "POST", Target: "/a?b=%41", Proto: "HTTP/1.1", Body: []byte(`{"b":1.0,"a":"x"}`),
		Header: core.Header{{Name: "HOST", Value: "h"}, {Name: "x-dup", Value: "1"}, {Name: "X-Dup", Value: "2"}}}
	m := view.Request(&r, true)
	want := []string{"POST /a?b=%41 HTTP/1.1", "HOST: h", "x-dup: 1", "X-Dup: 2", "", "{", `  "b": 1.0,`, `  "a": "x"`, "}"}
	if got := rowsOf(m); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := classes(m, 1); got != "key:HOST punct::" {
		t.Errorf("a field: %s", got)
	}
	if got := classes(m, 6); !strings.Contains(got, `key:"b"`) || !strings.Contains(got, "number:1.0") {
		t.Errorf("the body: %s", got)
	}
	raw := view.Request(&core.Request{Head: []byte("POST / HTTP/1.1\r\nA:b\r\n\r\n"), Body: r.Body}, false)
	if got := rowsOf(raw); got[1] != "A:b" || got[len(got)-1] != string(r.Body) {
		t.Errorf("as sent: %q", got)
	}
}

func TestMessageWrapsAndDumpsWhatIsNoText(t *testing.T) {
	r := core.Response{Status: 200, Header: core.Header{{Name: "X-Long", Value: strings.Repeat("v", 30)}}, Body: []byte{0, 1, 2, 0xff}}
	m := view.Response(&r, true).Wrapped(20, nil)
	got := rowsOf(m)
	if got[0] != "HTTP/1.1 200 OK" || len(got[1]) != 20 || !m.Continues(2) {
		t.Errorf("wrapped: %q", got)
	}
	if all := strings.Join(got, "\n"); !strings.Contains(all, "00 01 02") {
		t.Errorf("not dumped: %q", all)
	}
	if empty := view.Response(&core.Response{Status: 204}, true); empty.Len() != 1 {
		t.Errorf("without a body: %q", rowsOf(empty))
	}
}

func TestSidesStandBesideEachOther(t *testing.T) {
	d := view.NewDiff([]byte("a\nb\nc\nd\n"), []byte("a\nB\nB2\nc\n"), view.DiffOptions{Context: -1})
	before, after := d.Sides()
	if before.Len() != after.Len() {
		t.Fatalf("%d and %d rows", before.Len(), after.Len())
	}
	var got []string
	for i := range before.Len() {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s", before.Gutter(i), before.Row(i), after.Gutter(i), after.Row(i)))
	}
	want := []string{"1  |a|1  |a", "2 -|b|2 +|B", "||3 +|B2", "3  |c|4  |c", "4 -|d||"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBlurTakesOutWhatEveryDeliveryHasOfItsOwn(t *testing.T) {
	all := view.Blur{IDs: true, Times: true, Signatures: true}
	for _, c := range []struct {
		name string
		b    view.Blur
		in   string
		want string
	}{
		{"ids by name", all, `{"id":7,"order_id":"x","orderId":"y","identity":"z"}`, `{"id":"‹id›","order_id":"‹id›","orderId":"‹id›","identity":"z"}`},
		{"ids by their look", all, `{"object":"evt_1QabcdEFGH","u":"6f1c1b9e-0f6a-4f5e-9d43-111111111111"}`, `{"object":"‹id›","u":"‹id›"}`},
		{"times", all, `{"created":1700000000,"when":"2024-01-15T11:45:00.000000Z","count":1700000000,"sent":true}`,
			`{"created":"‹time›","when":"‹time›","count":1700000000,"sent":true}`},
		{"signatures", all, `{"signature":"abc","design":"abc"}`, `{"signature":"‹signature›","design":"abc"}`},
		{"in lists and below", all, `{"ids":["a"],"data":{"list":[{"id":1}]}}`, `{"ids":["a"],"data":{"list":[{"id":"‹id›"}]}}`},
		{"only what is asked for", view.Blur{Times: true}, `{"id":7,"at":"2024-01-15"}`, `{"id":7,"at":"‹time›"}`},
		{"nothing", view.Blur{}, `{ "id" : 7 }`, `{ "id" : 7 }`},
		{"no JSON", all, `id=7`, `id=7`},
		{"two values", all, `{"id":7} {"id":8}`, `{"id":7} {"id":8}`},
	} {
		if got := strings.ReplaceAll(string(c.b.JSON([]byte(c.in))), "\n", ""); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	h := core.Header{{Name: "X-Hub-Signature-256", Value: "sha256=1"}, {Name: "Date", Value: "Mon, 15 Jan 2024 11:45:00 GMT"}, {Name: "webhook-id", Value: "msg_1"},
		{Name: "Content-Type", Value: "application/json"}, {Name: "webhook-timestamp", Value: "1700000000"}}
	want := []string{"‹signature›", "‹time›", "‹id›", "application/json", "‹time›"}
	for i, f := range all.Header(h) {
		if f.Value != want[i] {
			t.Errorf("%s: got %s, want %s", f.Name, f.Value, want[i])
		}
	}
	if h[0].Value != "sha256=1" {
		t.Error("the header itself was changed")
	}
}
