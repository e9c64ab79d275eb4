package exchange

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hookglass/core"
)

// draft is a request as an API client keeps it: a text with places for variables, before anything is sent. Made into a
// capture it has what the client writes down and what carries its body, not what each client adds by itself.
type draft struct {
	name   string
	method string
	url    string
	proto  string
	header core.Header
	body   []byte // nil: none
	kind   string // the Content-Type that the body has where no field says one
	parts  []formPart
	exact  string // the very request, as our own export says it
	says   []string
	vars   []map[string]string // the nearest first
}

// place is where a variable goes: {{x}}, and Insomnia's {{ _.x }}.
var place = regexp.MustCompile(`\{\{\s*(?:_\.)?([^{}]*?)\s*\}\}`)

// mostNested bounds how far a variable's value may name others.
const mostNested = 8

// fill puts the variables' values into a text. What has none stays and is named once.
func (d *draft) fill(text string, missing *[]string) string {
	for range mostNested {
		changed := false
		next := place.ReplaceAllStringFunc(text, func(found string) string {
			name := place.FindStringSubmatch(found)[1]
			for _, vars := range d.vars {
				if value, ok := vars[name]; ok && value != found && len(value) < 1<<20 {
					changed = true
					return value
				}
			}
			if name != "" && !slices.Contains(*missing, name) {
				*missing = append(*missing, name)
			}
			return found
		})
		if !changed || len(next) > 64<<20 {
			return next
		}
		text = next
	}
	return text
}

// capture is the request that is meant, or why nobody can say which.
func (d *draft) capture() (c core.Capture, says []string, err error) {
	var missing []string
	address := strings.TrimSpace(d.fill(d.url, &missing))
	if scheme, host, _ := strings.Cut(address, "://"); strings.Contains(scheme, "{{") || strings.Contains(strings.SplitN(host, "/", 2)[0], "{{") {
		missing = append(missing, "")
		return c, nil, &refusal{"url", fmt.Sprintf("the address is in {{%s}}, which the file does not set", short(missing[0], 40)), "put its value into the file's variables, or into the address"}
	}
	if address != "" && !strings.Contains(strings.SplitN(address, "?", 2)[0], "://") {
		address = "http://" + address
	}
	r, user, err := requestAt(escapedAddress(address))
	if err != nil {
		return c, nil, &refusal{"url", err.Error(), "want an http:// or https:// address"}
	}
	if r.Method = d.fill(d.method, &missing); r.Method == "" {
		r.Method = "GET"
	}
	if !core.IsToken(r.Method) {
		return c, nil, &refusal{"method", fmt.Sprintf("%q is not a method", short(r.Method, 30)), "want a word like POST"}
	}
	if d.proto != "" {
		r.Proto = d.proto
	}
	for _, f := range d.header {
		f.Name, f.Value = strings.TrimSpace(d.fill(f.Name, &missing)), strings.Trim(d.fill(f.Value, &missing), " \t")
		if !core.IsToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") {
			return c, nil, &refusal{"headers", fmt.Sprintf("%q is no header that HTTP can carry", short(f.Name+": "+f.Value, 60)), "take out what does not belong there"}
		}
		r.Header = append(r.Header, f)
	}
	if host, ok := r.Header.Lookup("Host"); ok {
		r.Host = host
	} else {
		r.Header = append(core.Header{{Name: "Host", Value: r.Host}}, r.Header...)
	}
	if user != "" && !r.Header.Has("Authorization") {
		r.Header = append(r.Header, core.Field{Name: "Authorization", Value: "Basic " + base64.StdEncoding.EncodeToString([]byte(unescapedUser(user)))})
	}
	d.fillBody(&r, &missing)
	for _, name := range missing {
		says = append(says, fmt.Sprintf("{{%s}} is not set in the file and stands as it is", short(name, 40)))
	}
	if d.name != "" && len(d.says) == 0 && len(says) == 0 {
		c.Note = short(d.name, 200)
	}
	c.Request = r
	if exact, ok := exactFrom(d.exact, &r); ok {
		c.Request, says, d.says = exact, nil, nil
	}
	return c, append(d.says, says...), nil
}

func (d *draft) fillBody(r *core.Request, missing *[]string) {
	kind := d.kind
	switch {
	case len(d.parts) > 0:
		for i := range d.parts {
			p := &d.parts[i]
			p.name, p.value = d.fill(p.name, missing), d.fill(p.value, missing)
		}
		var boundary string
		r.Body, boundary = multipart(d.parts, "form-data", false)
		kind = "multipart/form-data; boundary=" + boundary
		r.Header = r.Header.Without("Content-Type")
		d.says = append(d.says, "the multipart body has a boundary of ours: the client makes a new one each time")
	case d.body != nil:
		r.Body = []byte(d.fill(string(d.body), missing))
	default:
		return
	}
	r.Size = int64(len(r.Body))
	if kind != "" && !r.Header.Has("Content-Type") {
		r.Header = append(r.Header, core.Field{Name: "Content-Type", Value: kind})
	}
	if r.Header.Has("Transfer-Encoding") {
		return
	}
	if length := strconv.Itoa(len(r.Body)); !r.Header.Has("Content-Length") {
		r.Header = append(r.Header, core.Field{Name: "Content-Length", Value: length})
	}
}

// escapedAddress escapes what clients let people write into an address and no request can have.
func escapedAddress(address string) string {
	if !strings.ContainsFunc(address, noTarget) {
		return address
	}
	return asciiURL(strings.NewReplacer("\r", "", "\n", "", "\t", "").Replace(address))
}

// setting is a row of a client's table: a field, a parameter, a variable.
type setting struct {
	Name, Value string
	off         bool
}

// formBody is a form of a client's table, escaped as its clients do.
func formBody(rows []setting) []byte {
	var b strings.Builder
	for _, s := range rows {
		if s.off {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(keepPlaces(s.Name) + "=" + keepPlaces(s.Value))
	}
	return []byte(b.String())
}

// keepPlaces escapes a text but for the variables in it.
func keepPlaces(s string) string {
	var b strings.Builder
	at := 0
	for _, span := range place.FindAllStringIndex(s, -1) {
		b.WriteString(uriComponent(s[at:span[0]]) + s[span[0]:span[1]])
		at = span[1]
	}
	return b.String() + uriComponent(s[at:])
}

// withParameters adds a table of parameters to an address.
func withParameters(address string, rows []setting) string {
	address, fragment, _ := strings.Cut(address, "#")
	if query := formBody(rows); len(query) > 0 {
		address = withQuery(address, query)
	}
	if fragment != "" {
		address += "#" + fragment
	}
	return address
}

// authorise adds the field, or the parameter, that a client's choice of authorisation makes.
func (d *draft) authorise(kind string, get func(string) string) {
	add := func(name, value string) {
		if !d.header.Has(name) {
			d.header = append(d.header, core.Field{Name: name, Value: value})
		}
	}
	switch strings.ToLower(kind) {
	case "", "none", "noauth", "inherit":
	case "bearer":
		prefix := get("prefix")
		if prefix == "" {
			prefix = "Bearer"
		}
		if token := get("token"); token != "" {
			add("Authorization", prefix+" "+token)
		}
	case "basic":
		var missing []string
		user := d.fill(get("username"), &missing) + ":" + d.fill(get("password"), &missing)
		if len(missing) > 0 {
			d.says = append(d.says, fmt.Sprintf("the basic authorisation is left out: {{%s}} is not set in the file", short(missing[0], 40)))
			return
		}
		add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user)))
	case "apikey":
		if key := get("key"); get("in") == "query" || get("addTo") == "queryParams" || get("placement") == "queryparams" {
			d.url = withParameters(d.url, []setting{{Name: key, Value: get("value")}})
		} else if key != "" {
			add(key, get("value"))
		}
	default:
		d.says = append(d.says, fmt.Sprintf("authorisation of the kind %q is left out: the client makes it as it sends", short(kind, 20)))
	}
}
