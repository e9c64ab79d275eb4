package sign

import (
	"strings"
	"testing"
)

func TestEveryCauseHasAHeadline(t *testing.T) {
	for cause, title := range headlines {
		if title == "" || strings.Contains(title, "_") || title[0] < 'A' || title[0] > 'Z' {
			t.Errorf("%s: %q", cause, title)
		}
	}
	for _, c := range causes {
		if strings.Contains(Headline(c.name), "_") {
			t.Errorf("%s reads %q", c.name, Headline(c.name))
		}
	}
	if got := Headline("something_new"); got != "Something new" {
		t.Errorf("a cause without a headline reads %q", got)
	}
}
