package exchange

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"hookglass/core"
)

// insomniaPair is a row of a table.
type insomniaPair struct {
	Name     string `yaml:"name"`
	Value    any    `yaml:"value"`
	Type     string `yaml:"type"`
	FileName string `yaml:"fileName"`
	Disabled bool   `yaml:"disabled"`
}

func (p insomniaPair) setting() setting { return setting{p.Name, yamlText(p.Value), p.Disabled} }

func yamlText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// insomniaItem is a request or a folder, of an export of version 4 or 5.
type insomniaItem struct {
	ID     string `yaml:"_id"`
	Type   string `yaml:"_type"`
	Parent string `yaml:"parentId"`

	Name       string         `yaml:"name"`
	Method     string         `yaml:"method"`
	URL        string         `yaml:"url"`
	Headers    []insomniaPair `yaml:"headers"`
	Parameters []insomniaPair `yaml:"parameters"`
	Body       struct {
		MimeType string         `yaml:"mimeType"`
		Text     *string        `yaml:"text"`
		Params   []insomniaPair `yaml:"params"`
		FileName string         `yaml:"fileName"`
	} `yaml:"body"`
	Auth        map[string]any `yaml:"authentication"`
	Data        map[string]any `yaml:"data"`        // of an environment
	Environment map[string]any `yaml:"environment"` // of a folder

	Children     []insomniaItem `yaml:"children"`
	SubVariables []insomniaItem `yaml:"subEnvironments"`
}

// readInsomnia reads an export of Insomnia: version 4, a list of things that name their folders, or 5, a tree. Both
// come as JSON and as YAML, which reads JSON too.
func readInsomnia(data []byte) (File, error) {
	all := entries{kind: "request"}
	var in struct {
		Resources    []insomniaItem `yaml:"resources"`
		Collection   []insomniaItem `yaml:"collection"`
		Environments insomniaItem   `yaml:"environments"`
	}
	if err := yaml.Unmarshal(data, &in); err != nil {
		return all.File, &core.Invalid{Field: "file", Reason: fmt.Sprintf("not an export of Insomnia: %v", err)}
	}
	base := insomniaVars(in.Environments.Data)
	for _, sub := range in.Environments.SubVariables[:min(1, len(in.Environments.SubVariables))] {
		for name, value := range insomniaVars(sub.Data) {
			if _, ok := base[name]; !ok {
				base[name] = value
			}
		}
	}
	all.insomnia(in.Collection, []map[string]string{base}, nil, "", 0)
	all.insomniaList(in.Resources)
	return all.File, nil
}

// insomniaVars are the variables of an environment; those within others have names with dots.
func insomniaVars(data map[string]any) map[string]string {
	vars := map[string]string{}
	var add func(prefix string, data map[string]any, depth int)
	add = func(prefix string, data map[string]any, depth int) {
		for name, value := range data {
			if inner, ok := value.(map[string]any); ok && depth < 10 {
				add(prefix+name+".", inner, depth+1)
				continue
			}
			vars[prefix+name] = yamlText(value)
		}
	}
	add("", data, 0)
	return vars
}

func (e *entries) insomnia(items []insomniaItem, vars []map[string]string, auth map[string]any, folder string, depth int) {
	for _, item := range items {
		name := strings.TrimPrefix(folder+" / "+item.Name, " / ")
		inner, given := vars, auth
		if len(item.Environment) > 0 {
			inner = append([]map[string]string{insomniaVars(item.Environment)}, vars...)
		}
		if len(item.Auth) > 0 && item.Auth["type"] != "inherit" {
			given = item.Auth
		}
		if item.URL == "" && item.Method == "" {
			if depth < 50 {
				e.insomnia(item.Children, inner, given, name, depth+1)
			}
			continue
		}
		e.insomniaRequest(&item, inner, given, name)
	}
}

// insomniaList reads the list of version 4.
func (e *entries) insomniaList(items []insomniaItem) {
	folders := map[string]*insomniaItem{}
	environments := map[string]map[string]string{}
	for i := range items {
		item := &items[i]
		folders[item.ID] = item
		if item.Type == "environment" {
			for name, value := range insomniaVars(item.Data) {
				if environments[item.Parent] == nil {
					environments[item.Parent] = map[string]string{}
				}
				if _, ok := environments[item.Parent][name]; !ok {
					environments[item.Parent][name] = value
				}
			}
		}
	}
	for i := range items {
		item := &items[i]
		if item.Type != "request" {
			continue
		}
		var vars []map[string]string
		var names []string
		auth := item.Auth
		for at, depth := folders[item.Parent], 0; at != nil && depth < 50; at, depth = folders[at.Parent], depth+1 {
			vars = append(vars, insomniaVars(at.Environment))
			if at.Type == "request_group" {
				names = append(names, at.Name)
			}
			if len(auth) == 0 || auth["type"] == "inherit" {
				auth = at.Auth
			}
			if env := environments[at.ID]; env != nil {
				vars = append(vars, env)
				for _, sub := range items { // those below the base environment
					if sub.Type == "environment" && sub.Parent == at.ID && environments[sub.ID] != nil {
						vars = append(vars, environments[sub.ID])
					}
				}
			}
		}
		slices.Reverse(names)
		e.insomniaRequest(item, vars, auth, strings.Join(append(names, item.Name), " / "))
	}
}

func (e *entries) insomniaRequest(item *insomniaItem, vars []map[string]string, auth map[string]any, name string) {
	e.begin()
	d := draft{name: name, vars: vars, method: item.Method, url: item.URL}
	var rows []setting
	for _, p := range item.Parameters {
		if p.Name != "" {
			rows = append(rows, p.setting())
		}
	}
	d.url = withParameters(d.url, rows)
	for _, h := range item.Headers {
		if !h.Disabled && h.Name != "" {
			d.header = append(d.header, core.Field{Name: h.Name, Value: yamlText(h.Value)})
		}
	}
	err := d.insomniaBody(item)
	if disabled, _ := auth["disabled"].(bool); !disabled && err == nil {
		d.authorise(yamlText(auth["type"]), func(key string) string {
			if key == "in" {
				return strings.TrimSuffix(strings.ToLower(yamlText(auth["addTo"])), "params")
			}
			return yamlText(auth[key])
		})
	}
	if strings.Contains(d.url+string(d.body), "{%") {
		d.says = append(d.says, "a tag of Insomnia, {% … %}, stands as it is: the client makes its value as it sends")
	}
	e.draft(&d, err)
}

func (d *draft) insomniaBody(item *insomniaItem) error {
	b := item.Body
	var rows []setting
	for _, p := range b.Params {
		rows = append(rows, p.setting())
	}
	switch {
	case b.MimeType == formType && len(rows) > 0:
		d.body, d.kind = formBody(rows), formType
	case b.MimeType == "multipart/form-data":
		for _, p := range b.Params {
			switch {
			case p.Disabled:
			case p.Type == "file" || p.FileName != "":
				return &refusal{"body", fmt.Sprintf("sends a file as %q, which is not in the export", short(p.Name, 40)), "send the request to a source of yours and take the capture"}
			default:
				d.parts = append(d.parts, formPart{name: p.Name, value: yamlText(p.Value)})
			}
		}
	case b.FileName != "":
		return &refusal{"body", "sends a file, which is not in the export", "send the request to a source of yours and take the capture"}
	case b.Text != nil && *b.Text != "":
		if d.body, d.kind = []byte(*b.Text), b.MimeType; d.kind == "application/graphql" {
			d.kind = "application/json"
		}
	}
	return nil
}
