package part

import (
	"testing"

	"hookglass/core"
)

func TestASentenceNamesASettingInWords(t *testing.T) {
	for field, want := range map[string]string{"ssh.host": "SSH host: want one", "name": "Name: want one", "sources[2].auth": "Sources[2].auth: want one", "filter status:high": "Filter status:high: want one", "ca_file": "CA file: want one"} {
		if got := Sentence(&core.Invalid{Field: field, Reason: "want one"}); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
}
