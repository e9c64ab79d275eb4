package exchange

import (
	"bytes"
	"encoding/json"

	"hookglass/core"
	"hookglass/core/sign"
)

// File is what a file of another tool holds: captures, or a workspace.
type File struct {
	Format    string // one of [Formats]
	Captures  []core.Capture
	Workspace *Workspace
	Unread    []Unread
}

// Unread is an entry among others that can be read.
type Unread struct {
	Place string // "command 2", "line 7"
	Why   *core.Invalid
}

// Read reads a file of any format that it knows: a HAR log, captures as JSON lines, curl commands, or a workspace.
// Captures carry what the file says of them, the event recognised where it says nothing, and the note "imported".
func Read(data []byte) (f File, err error) {
	data = bytes.TrimSpace(withoutBOM(data))
	switch f.Format = kind(data); f.Format {
	case "workspace":
		f.Workspace, err = ParseWorkspace(data)
	case "har":
		f.Captures, f.Unread, err = readHAR(data)
	case "json":
		f.Captures, f.Unread, err = readJSONL(data)
	case "curl":
		f.Captures, f.Unread, err = readCurls(data)
	default:
		err = &core.Invalid{Field: "file", Reason: "is neither a HAR log, captures in JSON, curl commands nor a workspace file"}
	}
	for i := range f.Captures {
		imported(&f.Captures[i])
	}
	return f, err
}

// kind looks at how a file begins.
func kind(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	if data[0] != '{' {
		first := bytes.TrimLeft(data, "$% \t")
		for _, word := range []string{"curl", "printf ", "echo ", "#", "/usr/bin/curl"} {
			if bytes.HasPrefix(first, []byte(word)) {
				return "curl"
			}
		}
		return ""
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.Token()
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return ""
		}
		switch key {
		case "log":
			return "har"
		case "hookglass", "sources", "endpoints":
			return "workspace"
		case "hookglass_capture", "body_b64", "head_b64", "target":
			return "json"
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return ""
		}
	}
	return ""
}

func readCurls(data []byte) ([]core.Capture, []Unread, error) {
	requests, unread, err := parseCurls(string(data))
	out := make([]core.Capture, len(requests))
	for i, r := range requests {
		out[i].Request = r
	}
	return out, unread, err
}

// imported fills in what a file of another tool does not say, and takes away what is true only where the capture was made.
func imported(c *core.Capture) {
	c.Source, c.ReplayOf, c.Work, c.Deliveries, c.Pinned = 0, 0, nil, nil, false
	if c.Event.Type == "" && c.Event.ID == "" {
		c.Event = sign.Event(&c.Request)
	}
	if c.Receipt.Outcome == "" {
		c.Receipt.Outcome, c.Receipt.Reason = outcomeOf(c.Response.Status), "imported; what became of it is read from the status"
	}
	if c.Note == "" {
		c.Note = "imported"
	}
}

func outcomeOf(status int) core.Outcome {
	switch {
	case status == 0:
		return core.Unmatched
	case status == 429:
		return core.Limited
	case status >= 400:
		return core.Rejected
	}
	return core.Accepted
}
