package sources

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/platform"
	"hookglass/ui/control"
)

// ownPolicy stands for a schedule that has no name; the form keeps it.
const ownPolicy = "as it is"

// forwardSettings are those of a target, with a word for a schedule that has no name.
func forwardSettings() []platform.Setting {
	all := slices.Clone(exchange.ForwardSettings())
	for i := range all {
		if all[i].Name == "policy" {
			all[i].Choices = append([]string{""}, append(slices.Clone(all[i].Choices), ownPolicy)...)
		}
	}
	return all
}

var forwardWords = map[string]map[string]string{
	"path":   {"keep": "Appended to the URL", "drop": "Left out"},
	"policy": {"": "Three; one where its answer is handed back", "none": "One", "exponential": "Three, a second and two apart", ownPolicy: "As the workspace file said"},
}

// newForwardList is the editor of the targets of a source.
func newForwardList(e *sourceEditor) *formList {
	l := &formList{host: e.w.Host(), settings: forwardSettings(), words: forwardWords, changed: e.edited,
		empty: "Nothing is sent on. A target can be your server on this machine; several get each request, each with its own tries.",
		title: func(v core.Values) string {
			title := v.Text("url")
			if title == "" {
				title = "New target"
			}
			if !v.Bool("active", true) {
				title += "  ·  off"
			}
			if when := v.Text("when"); when != "" {
				title += "  ·  " + when
			}
			return title
		}}
	l.add = []fyne.CanvasObject{control.NewButton("Add a target", "plus", control.Secondary, func() { l.grow(core.Values{}) })}
	l.set(forwardValues(e.draft.Forwards))
	return l
}

func forwardValues(all core.Forwards) []core.Values {
	out := make([]core.Values, len(all))
	for i, f := range all {
		v := core.Values{"url": f.URL, "answer": f.Answer, "keep_host": f.KeepHost, "forwarded": f.Forwarded, "resign": f.Resign, "active": !f.Off, "path": "keep"}
		for name, text := range map[string]string{"when": f.When, "ca_file": f.CAFile, "client_cert": f.Client.File, "client_key": string(f.Client.Key)} {
			if text != "" {
				v[name] = text
			}
		}
		v["verify_ssl"] = !f.SkipTLS
		if f.DropPath {
			v["path"] = "drop"
		}
		if len(f.Remove) > 0 {
			v["remove_headers"] = strings.Join(f.Remove, ", ")
		}
		if len(f.Set) > 0 {
			v["set_headers"] = pairsOf(f.Set)
		}
		v["policy"] = policyName(f.Policy)
		setNumber(v, "timeout_s", f.Timeout.Seconds())
		out[i] = v
	}
	return out
}

func pairsOf(h core.Header) map[string]any {
	out := map[string]any{}
	for _, f := range h {
		out[f.Name] = f.Value
	}
	return out
}

func policyName(p core.RetryPolicy) string {
	if reflect.DeepEqual(p, core.RetryPolicy{}) {
		return ""
	}
	for _, known := range exchange.ForwardPolicies() {
		if reflect.DeepEqual(p, known) {
			return p.Name
		}
	}
	return ownPolicy
}

// forwardsOf reads the forms back. What they do not show is as it was before: whole schedules, and the order of header fields.
func forwardsOf(all []core.Values, before core.Forwards) (out core.Forwards) {
	for _, v := range all {
		f := core.Forward{URL: strings.TrimSpace(v.Text("url")), When: v.Text("when"), DropPath: v.Text("path") == "drop", Resign: v.Bool("resign", false),
			Answer: v.Bool("answer", false), KeepHost: v.Bool("keep_host", false), Forwarded: v.Bool("forwarded", false), Off: !v.Bool("active", true),
			Timeout: time.Duration(v.Number("timeout_s", 0) * float64(time.Second)), Set: setHeaders(v["set_headers"], before)}
		f.SkipTLS, f.CAFile = !v.Bool("verify_ssl", true), strings.TrimSpace(v.Text("ca_file"))
		f.Client = core.ClientCert{File: strings.TrimSpace(v.Text("client_cert")), Key: core.SecretRef(strings.TrimSpace(v.Text("client_key")))}
		f.Remove = strings.FieldsFunc(v.Text("remove_headers"), func(r rune) bool { return r == ',' || r == ' ' })
		if len(f.Remove) == 0 {
			f.Remove = nil
		}
		f.Policy = policyOf(v.Text("policy"), f.URL, before)
		out = append(out, f)
	}
	return out
}

func policyOf(name, url string, before core.Forwards) core.RetryPolicy {
	for _, known := range exchange.ForwardPolicies() {
		if known.Name == name {
			return known
		}
	}
	if name == ownPolicy {
		for _, f := range before {
			if policyName(f.Policy) == ownPolicy && (f.URL == url || len(before) == 1) {
				return f.Policy
			}
		}
	}
	return core.RetryPolicy{}
}

func setHeaders(v any, before core.Forwards) (h core.Header) {
	object, _ := v.(map[string]any)
	for _, f := range before {
		if len(f.Set) == len(object) && reflect.DeepEqual(pairsOf(f.Set), object) {
			return f.Set
		}
	}
	text, _ := json.Marshal(object) // sorted
	var pairs map[string]string
	_ = json.Unmarshal(text, &pairs) // what is not text was refused as it was typed
	for name, value := range pairs {
		h = append(h, core.Field{Name: name, Value: value})
	}
	slices.SortFunc(h, func(a, b core.Field) int { return strings.Compare(a.Name, b.Name) })
	return h
}

// unconfirmed are the hosts beyond this machine that the user has not agreed to yet.
func unconfirmed(environments *engine.Environments, all core.Forwards) (hosts []string) {
	for i := range all {
		if all[i].Off {
			continue
		}
		for _, host := range environments.Unagreed(&all[i]) {
			if !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
		}
	}
	return hosts
}

// countOn is how many targets are switched on.
func countOn(all core.Forwards) (n int) {
	for _, f := range all {
		if !f.Off {
			n++
		}
	}
	return n
}

// listed puts hosts into a sentence.
func listed(hosts []string) string {
	if n := len(hosts); n > 1 {
		return fmt.Sprintf("%s and %s", strings.Join(hosts[:n-1], ", "), hosts[n-1])
	}
	return strings.Join(hosts, "")
}
