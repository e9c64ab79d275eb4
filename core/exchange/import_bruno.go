package exchange

import (
	"encoding/json"
	"fmt"
	"strings"

	"hookglass/core"
)

// brunoPair is a row of a table in Bruno's JSON.
type brunoPair struct {
	Name    string `json:"name"`
	Value   any    `json:"value"`
	Type    string `json:"type"`
	Enabled *bool  `json:"enabled"`
}

func (p brunoPair) setting() setting {
	return setting{p.Name, yamlText(p.Value), p.Enabled != nil && !*p.Enabled}
}

type brunoVars struct {
	Req []brunoPair `json:"req"`
}

type brunoItem struct {
	Type    string       `json:"type"`
	Name    string       `json:"name"`
	Items   []brunoItem  `json:"items"`
	Root    *brunoRoot   `json:"root"`
	Request *brunoInJSON `json:"request"`
}

type brunoRoot struct {
	Request *brunoInJSON `json:"request"`
}

type brunoInJSON struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers []brunoPair `json:"headers"`
	Params  []brunoPair `json:"params"`
	Vars    brunoVars   `json:"vars"`
	Body    struct {
		Mode       string      `json:"mode"`
		JSON       string      `json:"json"`
		Text       string      `json:"text"`
		XML        string      `json:"xml"`
		SparQL     string      `json:"sparql"`
		Form       []brunoPair `json:"formUrlEncoded"`
		Multipart  []brunoPair `json:"multipartForm"`
		GraphQL    struct{ Query, Variables string }
		BodyBinary any `json:"file"`
	} `json:"body"`
	Auth map[string]any `json:"auth"`
}

// readBruno reads a collection that Bruno exported as JSON.
func readBruno(data []byte) (File, error) {
	all := entries{kind: "request"}
	var in struct {
		brunoItem
		Environments []struct {
			UID       string      `json:"uid"`
			Variables []brunoPair `json:"variables"`
		} `json:"environments"`
		Active string `json:"activeEnvironmentUid"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return all.File, &core.Invalid{Field: "file", Reason: fmt.Sprintf("not a collection of Bruno: %v", err)}
	}
	var vars []map[string]string
	for i, env := range in.Environments {
		if in.Active == env.UID || in.Active == "" && i == 0 {
			vars = append(vars, brunoTable(env.Variables))
		}
	}
	all.bruno([]brunoItem{in.brunoItem}, vars, nil, nil, 0)
	return all.File, nil
}

func brunoTable(rows []brunoPair) map[string]string {
	vars := map[string]string{}
	for _, p := range rows {
		if s := p.setting(); !s.off {
			vars[s.Name] = s.Value
		}
	}
	return vars
}

func (e *entries) bruno(items []brunoItem, vars []map[string]string, header core.Header, auth map[string]any, depth int) {
	for _, item := range items {
		inner, fields, given := vars, header, auth
		if item.Root != nil && item.Root.Request != nil {
			r := item.Root.Request
			inner = append([]map[string]string{brunoTable(r.Vars.Req)}, vars...)
			for _, h := range r.Headers {
				if s := h.setting(); !s.off {
					fields = append(fields.Clone(), core.Field{Name: s.Name, Value: s.Value})
				}
			}
			if mode := yamlText(r.Auth["mode"]); mode != "" && mode != "inherit" {
				given = r.Auth
			}
		}
		if item.Request == nil {
			if depth < 50 {
				e.bruno(item.Items, inner, fields, given, depth+1)
			}
			continue
		}
		e.begin()
		d := draft{name: item.Name, vars: append([]map[string]string{brunoTable(item.Request.Vars.Req)}, inner...), method: strings.ToUpper(item.Request.Method), url: item.Request.URL}
		e.draft(&d, d.bruno(item.Request, fields, given))
	}
}

func (d *draft) bruno(r *brunoInJSON, inherited core.Header, auth map[string]any) error {
	for _, h := range r.Headers {
		if s := h.setting(); !s.off && s.Name != "" {
			d.header = append(d.header, core.Field{Name: s.Name, Value: s.Value})
		}
	}
	for _, f := range inherited {
		if !d.header.Has(f.Name) {
			d.header = append(d.header, f)
		}
	}
	d.brunoParams(r.Params)
	b := r.Body
	switch b.Mode {
	case "", "none":
	case "json":
		d.body, d.kind = []byte(b.JSON), "application/json"
	case "text":
		d.body, d.kind = []byte(b.Text), "text/plain"
	case "xml":
		d.body, d.kind = []byte(b.XML), "application/xml"
	case "sparql":
		d.body, d.kind = []byte(b.SparQL), "application/sparql-query"
	case "graphql":
		d.graphQL(b.GraphQL.Query, b.GraphQL.Variables)
	case "formUrlEncoded":
		var rows []setting
		for _, p := range b.Form {
			rows = append(rows, p.setting())
		}
		d.body, d.kind = formBody(rows), formType
	case "multipartForm":
		for _, p := range b.Multipart {
			if s := p.setting(); s.off {
				continue
			} else if p.Type == "file" {
				return brunoFile(p.Name)
			} else {
				d.parts = append(d.parts, formPart{name: s.Name, value: s.Value})
			}
		}
	default:
		return brunoFile(b.Mode)
	}
	mode := yamlText(r.Auth["mode"])
	if mode == "inherit" {
		r.Auth, mode = auth, yamlText(auth["mode"])
	}
	values, _ := r.Auth[mode].(map[string]any)
	d.authorise(mode, func(key string) string { return yamlText(values[key]) })
	return nil
}

func brunoFile(name string) error {
	return &refusal{"body", fmt.Sprintf("sends a file as %q, which is not in the collection", short(name, 40)), "send the request to a source of yours and take the capture"}
}

// brunoParams puts path parameters into the address; those of the query stand in it already.
func (d *draft) brunoParams(rows []brunoPair) {
	var query []setting
	for _, p := range rows {
		if s := p.setting(); p.Type == "path" {
			path, rest, has := strings.Cut(d.url, "?")
			segments := strings.Split(path, "/")
			for i := range segments {
				if segments[i] == ":"+s.Name && i > 0 {
					segments[i] = s.Value
				}
			}
			if d.url = strings.Join(segments, "/"); has {
				d.url += "?" + rest
			}
		} else {
			query = append(query, s)
		}
	}
	if !strings.Contains(d.url, "?") {
		d.url = withParameters(d.url, query)
	}
}

// readBru reads one request of Bruno in its own language: blocks of a name and what stands between { and a } alone on its line.
func readBru(data []byte) (File, error) {
	all := entries{kind: "request"}
	all.begin()
	blocks := bruBlocks(strings.ReplaceAll(string(data), "\r\n", "\n"))
	d := draft{vars: []map[string]string{{}}}
	r := &brunoInJSON{Auth: map[string]any{}}
	for _, b := range blocks {
		kind, sub, _ := strings.Cut(b.name, ":")
		rows := bruRows(b.lines)
		switch kind {
		case "meta":
			for _, s := range rows {
				if s.Name == "name" {
					d.name = s.Value
				}
			}
		case "get", "post", "put", "delete", "patch", "options", "head", "connect", "trace", "http":
			d.method = strings.ToUpper(kind)
			for _, s := range rows {
				switch s.Name {
				case "url":
					r.URL, d.url = s.Value, s.Value
				case "method":
					d.method = s.Value
				case "body":
					if r.Body.Mode == "" {
						r.Body.Mode = bruModes[s.Value]
					}
				case "auth":
					r.Auth["mode"] = s.Value
				}
			}
		case "headers":
			r.Headers = bruPairs(rows)
		case "params", "query":
			for _, p := range bruPairs(rows) {
				p.Type = sub
				r.Params = append(r.Params, p)
			}
		case "auth":
			values := map[string]any{}
			for _, s := range rows {
				values[s.Name] = s.Value
			}
			r.Auth[sub] = values
			if r.Auth["mode"] == nil {
				r.Auth["mode"] = sub
			}
		case "vars":
			if sub != "post-response" && sub != "secret" {
				for _, s := range rows {
					if !s.off {
						d.vars[0][s.Name] = s.Value
					}
				}
			}
		case "body":
			text := strings.Join(b.lines, "\n")
			switch sub {
			case "json", "":
				r.Body.Mode, r.Body.JSON = "json", text
			case "text":
				r.Body.Mode, r.Body.Text = "text", text
			case "xml":
				r.Body.Mode, r.Body.XML = "xml", text
			case "sparql":
				r.Body.Mode, r.Body.SparQL = "sparql", text
			case "graphql":
				r.Body.Mode, r.Body.GraphQL.Query = "graphql", text
			case "graphql:vars":
				r.Body.GraphQL.Variables = text
			case "form-urlencoded":
				r.Body.Mode, r.Body.Form = "formUrlEncoded", bruPairs(rows)
			case "multipart-form":
				r.Body.Mode, r.Body.Multipart = "multipartForm", bruPairs(rows)
				for i := range r.Body.Multipart {
					if strings.HasPrefix(yamlText(r.Body.Multipart[i].Value), "@file(") {
						r.Body.Multipart[i].Type = "file"
					}
				}
			}
		}
	}
	err := d.bruno(r, nil, nil)
	all.draft(&d, err)
	return all.File, nil
}

var bruModes = map[string]string{"none": "none", "json": "json", "text": "text", "xml": "xml", "sparql": "sparql", "graphql": "graphql",
	"formUrlEncoded": "formUrlEncoded", "form-urlencoded": "formUrlEncoded", "multipartForm": "multipartForm", "multipart-form": "multipartForm", "file": "file"}

type bruBlock struct {
	name  string
	lines []string // two spaces less
}

func bruBlocks(text string) (all []bruBlock) {
	var at *bruBlock
	for _, line := range strings.Split(text, "\n") {
		name, opens := strings.CutSuffix(strings.TrimRight(line, " \t"), "{")
		switch {
		case at == nil && opens && name != "" && !strings.HasPrefix(line, " "):
			all = append(all, bruBlock{name: strings.TrimSpace(name)})
			at = &all[len(all)-1]
		case at != nil && strings.TrimRight(line, " \t") == "}":
			at = nil
		case at != nil:
			at.lines = append(at.lines, strings.TrimPrefix(line, "  "))
		}
	}
	return all
}

// bruRows are the lines of a table: name: value, with ~ before what is switched off.
func bruRows(lines []string) (rows []setting) {
	for _, line := range lines {
		line = strings.TrimSpace(line)
		line, off := strings.CutPrefix(line, "~")
		name, value, ok := strings.Cut(line, ":")
		if ok && strings.HasPrefix(line, `"`) { // a name with a colon in it
			if end := strings.Index(line[1:], `":`); end >= 0 {
				name, value = line[1:end+1], line[end+3:]
			}
		}
		if name = strings.TrimSpace(name); ok && name != "" {
			rows = append(rows, setting{name, strings.TrimSpace(value), off})
		}
	}
	return rows
}

func bruPairs(rows []setting) (pairs []brunoPair) {
	for _, s := range rows {
		on := !s.off
		pairs = append(pairs, brunoPair{Name: s.Name, Value: s.Value, Enabled: &on})
	}
	return pairs
}
