package exchange

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// Kind is a format that can be read.
type Kind struct {
	Name  string // "har"
	Title string // "HAR log"
	read  func(data []byte) (File, error)
}

// Readable are all formats that can be read. A new one is a row here, and what [kind] knows it by.
func Readable() []Kind {
	return []Kind{
		{"har", "HAR log", readHAR},
		{"json", "JSON lines", readJSONL},
		{"curl", "curl commands", readCurls},
		{"workspace", "workspace", readWorkspace},
	}
}

func readableNames() (names []string) {
	for _, k := range Readable() {
		names = append(names, k.Name)
	}
	return names
}

// readableList is the titles as a sentence has them.
func readableList() string {
	var titles []string
	for _, k := range Readable() {
		titles = append(titles, k.Title)
	}
	return strings.Join(titles[:len(titles)-1], ", ") + " nor " + titles[len(titles)-1]
}

func readWorkspace(data []byte) (f File, err error) {
	f.Workspace, err = ParseWorkspace(data)
	return f, err
}

// kind looks at how a file begins.
func kind(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	if data[0] == '{' {
		return kindOfJSON(data)
	}
	return kindOfText(data)
}

// Commands are known by a name that stands where a command does.
var (
	curlWord       = regexp.MustCompile(`(?m)(?:^|[|;&({$`+"`"+`>=])[ \t]*(?:[$%>][ \t]+)?(?:(?:sudo|command|exec|time|nohup)[ \t]+)?(?:[^\s'"|;&=]*[/\\])?curl(?:\.exe)?(?:[ \t\r\n]|$)`)
	powerShellWord = regexp.MustCompile(`(?im)(?:^|[|;({=])[ \t]*(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm)[ \t]`)
)

func kindOfText(data []byte) string {
	if curlWord.Match(data) || powerShellWord.Match(data) {
		return "curl"
	}
	return ""
}

func kindOfJSON(data []byte) string {
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
