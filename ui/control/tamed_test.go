package control

import "testing"

func TestLabelsShowWhatActs(t *testing.T) {
	for in, want := range map[string]string{
		"plain 日本 👩\u200d🚒": "plain 日本 👩\u200d🚒", "a\x1b[31m\u202eb\u009b\x7f\n": `a\x1b[31m[U+202E]b[U+009B]\x7f\x0a`, "tab\there": "tab→here",
	} {
		if got := tamed(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
