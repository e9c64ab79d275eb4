package lab

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// MarshalJSON gives the form that scripts rely on: a skipped check is ok, and its why says why it was skipped.
func (s Scorecard) MarshalJSON() ([]byte, error) {
	type row struct {
		Name string `json:"name"`
		OK   bool   `json:"ok"`
		Sent string `json:"sent"`
		Got  string `json:"got"`
		Why  string `json:"why"`
		Fix  string `json:"fix"`
	}
	rows := make([]row, len(s.Checks))
	for i, c := range s.Checks {
		rows[i] = row{c.Name, c.OK, c.Sent, c.Got, c.Why, c.Fix}
		if c.Skipped != "" {
			rows[i].Why = "skipped: " + c.Skipped
		}
	}
	return json.Marshal(struct {
		Score  int   `json:"score"`
		Cap    *Cap  `json:"cap,omitempty"`
		Checks []row `json:"checks"`
	}{s.Score, s.Cap, rows})
}

// WriteJUnit writes the report that CI servers read: one test case per check.
func (s *Scorecard) WriteJUnit(w io.Writer) error {
	suite := junitSuite{Name: "hookglass checkup " + s.URL, Tests: len(s.Checks), Timestamp: s.Began.UTC().Format(time.RFC3339), Time: seconds(s.Took)}
	for _, c := range s.Checks {
		row := junitCase{Class: "checkup", Name: c.Name, Time: seconds(c.Took)}
		switch {
		case c.Skipped != "":
			suite.Skipped++
			row.Skipped = &junitNote{Message: clean(c.Skipped)}
		case !c.OK:
			suite.Failures++
			row.Failure = &junitNote{Message: clean(c.Why), Text: clean("sent: " + c.Sent + "\ngot: " + c.Got + "\nfix: " + c.Fix)}
		}
		suite.Cases = append(suite.Cases, row)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(suite); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitSuite struct {
	XMLName   xml.Name    `xml:"testsuite"`
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Time      string      `xml:"time,attr"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Time    string     `xml:"time,attr"`
	Failure *junitNote `xml:"failure"`
	Skipped *junitNote `xml:"skipped"`
}

type junitNote struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// clean drops what XML cannot hold: a handler's answer may contain anything.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
