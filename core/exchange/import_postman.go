package exchange

import (
	"encoding/json"
	"fmt"
	"strings"

	"hookglass/core"
)

type (
	postmanItem struct {
		Name    string          `json:"name"`
		Item    []postmanItem   `json:"item"`
		Request json.RawMessage `json:"request"`
		Auth    json.RawMessage `json:"auth"`
		Vars    []postmanPair   `json:"variable"`
	}
	postmanRequest struct {
		Method string          `json:"method"`
		URL    json.RawMessage `json:"url"`
		Header json.RawMessage `json:"header"`
		Body   *postmanBody    `json:"body"`
		Auth   json.RawMessage `json:"auth"`
		About  json.RawMessage `json:"description"`
	}
	postmanBody struct {
		Mode       string          `json:"mode"`
		Raw        string          `json:"raw"`
		URLEncoded json.RawMessage `json:"urlencoded"`
		FormData   json.RawMessage `json:"formdata"`
		GraphQL    json.RawMessage `json:"graphql"`
		Disabled   bool            `json:"disabled"`
		Options    struct {
			Raw struct {
				Language string `json:"language"`
			} `json:"raw"`
		} `json:"options"`
	}
	postmanURL struct {
		Raw      string          `json:"raw"`
		Protocol string          `json:"protocol"`
		Host     json.RawMessage `json:"host"`
		Port     string          `json:"port"`
		Path     json.RawMessage `json:"path"`
		Query    []postmanPair   `json:"query"`
		Variable []postmanPair   `json:"variable"`
	}
	postmanPair struct {
		Key         string `json:"key"`
		ID          string `json:"id"`
		Value       any    `json:"value"`
		Type        string `json:"type"`
		ContentType string `json:"contentType"`
		FileName    string `json:"fileName"`
		Disabled    bool   `json:"disabled"`
	}
)

func (p postmanPair) text() string {
	if p.Value == nil {
		return ""
	}
	return fmt.Sprint(p.Value)
}

// readPostman reads a collection of Postman, of version 2: each request with the variables, and the authorisation, of the
// folders that it is in.
func readPostman(data []byte) (File, error) {
	all := entries{kind: "request"}
	var in struct {
		postmanItem
		Collection *postmanItem `json:"collection"` // as Postman's API has it
		Requests   []any        `json:"requests"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return all.File, &core.Invalid{Field: "file", Reason: fmt.Sprintf("not a Postman collection: %v", err)}
	}
	root := in.postmanItem
	if in.Collection != nil {
		root = *in.Collection
	}
	if len(in.Requests) > 0 && root.Item == nil {
		return all.File, &refusal{"file", "is a Postman collection of version 1", "export it as version 2.1"}
	}
	all.postman(root.Item, []map[string]string{postmanVars(root.Vars)}, root.Auth, "", 0)
	return all.File, nil
}

func postmanVars(pairs []postmanPair) map[string]string {
	vars := map[string]string{}
	for _, p := range pairs {
		if name := p.Key + p.ID; !p.Disabled && name != "" {
			if p.Key != "" {
				name = p.Key
			}
			vars[name] = p.text()
		}
	}
	return vars
}

func (e *entries) postman(items []postmanItem, vars []map[string]string, auth json.RawMessage, folder string, depth int) {
	if depth > 50 {
		return
	}
	for _, item := range items {
		name := strings.TrimPrefix(folder+" / "+item.Name, " / ")
		inner := vars
		if len(item.Vars) > 0 {
			inner = append([]map[string]string{postmanVars(item.Vars)}, vars...)
		}
		given := auth
		if isGiven(item.Auth) {
			given = item.Auth
		}
		if item.Request == nil {
			e.postman(item.Item, inner, given, name, depth+1)
			continue
		}
		e.begin()
		d := draft{name: name, vars: inner}
		err := d.postman(item.Request, given)
		e.draft(&d, err)
	}
}

func isGiven(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// draft takes or leaves what a draft is.
func (e *entries) draft(d *draft, err error) {
	var c core.Capture
	var says []string
	if err == nil {
		c, says, err = d.capture()
	}
	if err != nil {
		if exact, ok := exactFrom(d.exact, nil); ok {
			e.take(core.Capture{Request: exact})
			return
		}
		if r, ok := err.(*refusal); ok && d.name != "" {
			r.reason = fmt.Sprintf("%s (of %q)", r.reason, short(d.name, 60))
		}
		e.leave(err)
		return
	}
	e.take(c, says...)
}

func (d *draft) postman(raw, auth json.RawMessage) error {
	var r postmanRequest
	if len(raw) > 0 && raw[0] == '"' {
		d.postmanAuth(auth)
		return json.Unmarshal(raw, &d.url)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return &refusal{"request", err.Error(), "export the collection again"}
	}
	d.method = r.Method
	var about string
	if json.Unmarshal(r.About, &about) == nil {
		if _, token, ok := strings.Cut(about, exactMark); ok {
			d.exact = token
		}
	}
	if err := d.postmanURL(r.URL); err != nil {
		return err
	}
	if err := d.postmanHeader(r.Header); err != nil {
		return err
	}
	if r.Body != nil && !r.Body.Disabled {
		if err := d.postmanBody(r.Body); err != nil {
			return err
		}
	}
	if isGiven(r.Auth) {
		auth = r.Auth
	}
	d.postmanAuth(auth)
	return nil
}

func (d *draft) postmanURL(raw json.RawMessage) error {
	if len(raw) == 0 {
		return &refusal{"url", "is missing", "write one into the request"}
	}
	if raw[0] == '"' {
		return json.Unmarshal(raw, &d.url)
	}
	var u postmanURL
	if err := json.Unmarshal(raw, &u); err != nil {
		return &refusal{"url", err.Error(), "export the collection again"}
	}
	if d.url = u.Raw; d.url == "" {
		d.url = postmanText(u.Host, ".")
		if u.Protocol != "" {
			d.url = u.Protocol + "://" + d.url
		}
		if u.Port != "" {
			d.url += ":" + u.Port
		}
		if path := postmanText(u.Path, "/"); path != "" {
			d.url += "/" + strings.TrimPrefix(path, "/")
		}
		var rows []setting
		for _, q := range u.Query {
			rows = append(rows, setting{q.Key, q.text(), q.Disabled})
		}
		d.url = withParameters(d.url, rows)
	}
	path, query, has := strings.Cut(d.url, "?")
	segments := strings.Split(path, "/")
	for _, v := range u.Variable {
		for i := range segments {
			if i > 2 && segments[i] == ":"+v.Key && v.Key != "" || i > 0 && i <= 2 && segments[i] == ":"+v.Key && !strings.Contains(path, "://") {
				segments[i] = v.text()
			}
		}
	}
	if d.url = strings.Join(segments, "/"); has {
		d.url += "?" + query
	}
	return nil
}

// postmanText is a text, or a list of its parts.
func postmanText(raw json.RawMessage, separator string) string {
	var text string
	var parts []any
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if json.Unmarshal(raw, &parts) != nil {
		return ""
	}
	words := make([]string, 0, len(parts))
	for _, p := range parts {
		if named, ok := p.(map[string]any); ok {
			p = named["value"]
		}
		words = append(words, fmt.Sprint(p))
	}
	return strings.Join(words, separator)
}

func (d *draft) postmanHeader(raw json.RawMessage) error {
	if !isGiven(raw) {
		return nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		d.header = append(d.header, core.ParseHead([]byte("\n"+text))...)
		return nil
	}
	var fields []postmanPair
	if err := json.Unmarshal(raw, &fields); err != nil {
		return &refusal{"header", err.Error(), "export the collection again"}
	}
	for _, f := range fields {
		if !f.Disabled && f.Key != "" {
			d.header = append(d.header, core.Field{Name: f.Key, Value: f.text()})
		}
	}
	return nil
}

func (d *draft) postmanBody(b *postmanBody) error {
	pairs := func(raw json.RawMessage) (rows []postmanPair) {
		json.Unmarshal(raw, &rows)
		return rows
	}
	switch b.Mode {
	case "", "none":
	case "raw":
		if b.Raw == "" {
			return nil
		}
		types := map[string]string{"json": "application/json", "xml": "application/xml", "html": "text/html", "javascript": "application/javascript", "text": "text/plain"}
		if d.body, d.kind = []byte(b.Raw), types[b.Options.Raw.Language]; d.kind == "" {
			d.kind = "text/plain"
		}
	case "urlencoded":
		var rows []setting
		for _, p := range pairs(b.URLEncoded) {
			rows = append(rows, setting{p.Key, p.text(), p.Disabled})
		}
		d.body, d.kind = formBody(rows), formType
	case "formdata":
		for _, p := range pairs(b.FormData) {
			switch {
			case p.Disabled:
			case p.Type == "file":
				return &refusal{"body", fmt.Sprintf("sends a file as %q, which is not in the collection", short(p.Key, 40)), "send the request to a source of yours and take the capture"}
			default:
				d.parts = append(d.parts, formPart{name: p.Key, value: p.text(), kind: p.ContentType})
			}
		}
	case "graphql":
		var g struct {
			Query     string `json:"query"`
			Variables any    `json:"variables"`
		}
		json.Unmarshal(b.GraphQL, &g)
		d.graphQL(g.Query, g.Variables)
	default:
		return &refusal{"body", fmt.Sprintf("a body of the kind %q is not in the collection", short(b.Mode, 20)), "send the request to a source of yours and take the capture"}
	}
	return nil
}

// graphQL is the body that clients make of a query and its variables.
func (d *draft) graphQL(query string, variables any) {
	if text, ok := variables.(string); ok {
		if variables = nil; json.Valid([]byte(text)) {
			variables = json.RawMessage(text)
		}
	}
	if variables == nil {
		variables = struct{}{}
	}
	d.body, _ = json.Marshal(map[string]any{"query": query, "variables": variables})
	d.kind = "application/json"
	d.says = append(d.says, "the body is made of the GraphQL query: its spaces may be others than those that the client sends")
}

func (d *draft) postmanAuth(raw json.RawMessage) {
	var kinds map[string]json.RawMessage
	if json.Unmarshal(raw, &kinds) != nil {
		return
	}
	var kind string
	json.Unmarshal(kinds["type"], &kind)
	values := map[string]string{}
	var list []postmanPair
	var named map[string]any
	if json.Unmarshal(kinds[kind], &list) == nil {
		for _, p := range list {
			values[p.Key] = p.text()
		}
	} else if json.Unmarshal(kinds[kind], &named) == nil { // version 2.0
		for k, v := range named {
			values[k] = fmt.Sprint(v)
		}
	}
	d.authorise(kind, func(key string) string { return values[key] })
}
