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
		{"http", ".http requests", readHTTP},
		{"raw", "raw HTTP", readRaw},
		{"postman", "Postman collection", readPostman},
		{"insomnia", "Insomnia export", readInsomnia},
		{"bruno", "Bruno collection", readBruno},
		{"bru", "Bruno request (.bru)", readBru},
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
	curlWord       = regexp.MustCompile(`(?m)(?:^|[|;&({$` + "`" + `>=])[ \t]*(?:[$%>][ \t]+)?(?:(?:sudo|command|exec|time|nohup)[ \t]+)?(?:[^\s'"|;&=]*[/\\])?curl(?:\.exe)?(?:[ \t\r\n]|$)`)
	powerShellWord = regexp.MustCompile(`(?im)(?:^|[|;({=])[ \t]*(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm)[ \t]`)
)

// Other texts are known by a line that nothing else has.
var (
	httpFileLine = regexp.MustCompile(`(?m)^(?:###|@[A-Za-z0-9_.-]+ *=|(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|CONNECT|QUERY) +(?:https?://|\{\{|/\S*[ \t]*$))`)
	bruLine      = regexp.MustCompile(`(?m)^meta \{[ \t]*\r?$`)
	insomniaLine = regexp.MustCompile(`(?m)^(?:type: ['"]?collection\.insomnia\.rest/|__export_format: *[0-9])`)
)

func kindOfText(data []byte) string {
	switch {
	case requestLine.Match(firstLine(data)):
		if bytes.HasPrefix(bytes.TrimLeft(data[bytes.IndexByte(data, ' '):], " "), []byte("http")) && bytes.Contains(data, []byte("\n###")) {
			return "http"
		}
		return "raw"
	case bruLine.Match(data):
		return "bru"
	case insomniaLine.Match(data):
		return "insomnia"
	case httpFileLine.Match(data) && !startsCurl(data):
		return "http"
	case curlWord.Match(data) || powerShellWord.Match(data):
		return "curl"
	}
	return ""
}

// startsCurl reports whether a text is commands, in which a line may look like a request.
func startsCurl(data []byte) bool {
	curl := curlWord.FindIndex(data)
	other := httpFileLine.FindIndex(data)
	return curl != nil && curl[0] < other[0]
}

func kindOfJSON(data []byte) string {
	var top map[string]json.RawMessage
	if json.Unmarshal(data, &top) != nil {
		return kindOfStart(data)
	}
	has := func(name string) bool { return top[name] != nil }
	switch {
	case has("log"):
		return "har"
	case has("__export_format"), has("_type") && has("resources"):
		return "insomnia"
	case has("info") && has("item"), has("collection"), has("requests") && has("id"):
		return "postman"
	case has("items") && (has("name") || has("version")):
		return "bruno"
	}
	return kindOfStart(data)
}

// kindOfStart looks at the keys as far as they can be read: JSON lines are several values, and a file may break off.
func kindOfStart(data []byte) string {
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
