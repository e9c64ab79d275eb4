package control

import "testing"

// What only the further words of a command say comes behind what labels say, but before letters that happen to be in order.
func TestRankOfCommands(t *testing.T) {
	for _, c := range []struct {
		typed         string
		better, worse Command
	}{
		{"theme", Command{Label: "Brightness: Dark", Words: "theme mode"}, Command{Label: "Show the home of a scheme"}},
		{"delete", Command{Label: "Delete captures"}, Command{Label: "Settings: History", Words: "cap delete"}},
		{"delete", Command{Label: "Settings: History", Words: "cap delete"}, Command{Label: "Deliveries to late endpoints"}},
		{"stripe", Command{Label: "Scheme stripe", Hint: "Stripe"}, Command{Label: "Scheme std", Words: "stripes"}},
	} {
		if a, b := RankOf(c.typed, c.better), RankOf(c.typed, c.worse); a <= b {
			t.Errorf("%q: %q has %d, %q has %d", c.typed, c.better.Label, a, c.worse.Label, b)
		}
	}
	if n := RankOf("zz", Command{Label: "A", Words: "z and z"}); n != 0 {
		t.Errorf("letters apart in words that nobody sees fit: %d", n)
	}
}
