package message

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/ui/stage"
	"hookglass/ui/view"
)

// TestLargeBodyOnTheUIGoroutine says how long that is kept by bodies of 10 MB: put up, and when the window changes its width. What
// it finds is figures, which pass or fail nothing.
func TestLargeBodyOnTheUIGoroutine(t *testing.T) {
	if os.Getenv("HOOKGLASS_BENCH") == "" {
		t.Skip("it measures, and takes a while: HOOKGLASS_BENCH=1")
	}
	var lines strings.Builder
	lines.WriteString("[")
	for i := 0; lines.Len() < 10<<20; i++ {
		fmt.Fprintf(&lines, `{"id":%d,"name":"somebody or other","note":"%s"},`, i, strings.Repeat("word ", 30))
	}
	lines.WriteString("1]")
	for name, b := range map[string]view.Body{
		"JSON":                 {Type: "application/json", Bytes: []byte(lines.String())},
		"text on one line":     {Type: "text/plain", Bytes: []byte(strings.Repeat("word ", 2<<20))},
		"text of many scripts": {Type: "text/plain", Bytes: []byte(strings.Repeat("a Ä я 日本 ع\n", 600_000))},
		"bytes":                {Bytes: make([]byte, 10<<20)},
	} {
		s := stage.New(t)
		p := NewBodyPane(s.W)
		onStage(s, p.View())
		var longest, all time.Duration
		do := s.W.Pump.Do
		s.W.Pump.Do = func(f func()) {
			do(func() {
				began := time.Now()
				f()
				took := time.Since(began)
				longest, all = max(longest, took), all+took
			})
		}
		began := time.Now()
		p.Set(name, &b)
		set := time.Since(began)
		s.Settle()
		s.Settle()
		size := s.W.Win.Canvas().Size()
		began = time.Now()
		s.W.Win.Resize(fyne.NewSize(size.Width-200, size.Height))
		first := time.Since(began)
		began = time.Now()
		s.Later()
		t.Logf("%-22s Set %v, longest at a stretch %v, together %v; another width %v, and when it rests %v", name, set, longest, all, first, time.Since(began))
	}
}
