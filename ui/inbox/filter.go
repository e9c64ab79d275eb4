package inbox

import (
	"hookglass/core/store"
	"hookglass/ui/control"
)

// suggest offers the words of the filter language, and the values that some of them take.
func (p *Page) suggest(word string) []control.Suggestion {
	var out []control.Suggestion
	for _, s := range filterWords(p.names()) {
		if word == "" || len(s.Insert) > len(word) && s.Insert[:len(word)] == word {
			out = append(out, s)
		}
	}
	if _, words := intoBodies(word); words && len(word) > 1 && len(out) == 0 {
		out = append(out, control.Suggestion{Insert: "body:" + word, Hint: "in the body", Icon: "search"})
	}
	return out
}

// names are the sources of the rows that are loaded.
func (p *Page) names() []string {
	seen := map[string]bool{}
	var out []string
	for _, r := range p.shown.rows {
		if r.Name != "" && !seen[r.Name] {
			seen[r.Name] = true
			out = append(out, r.Name)
		}
	}
	return out
}

// filterWords are the words that an empty filter offers first, then those with values.
func filterWords(sources []string) []control.Suggestion {
	var out []control.Suggestion
	for _, k := range store.Keys() {
		out = append(out, control.Suggestion{Insert: k.Name + ":", Label: k.Name, Hint: k.Help, Icon: "funnel"})
	}
	value := func(key string, values ...string) {
		for _, v := range values {
			out = append(out, control.Suggestion{Insert: key + ":" + v, Icon: "tag"})
		}
	}
	value("source", sources...)
	value("sig", "bad", "verified", "mismatch", "missing", "malformed", "stale", "no_secret", "none")
	value("outcome", "accepted", "ignored", "rejected", "limited", "unmatched")
	value("status", "2xx", "4xx", "5xx", ">=400")
	value("method", "POST", "GET", "PUT", "DELETE")
	value("since", "15m", "1h", "24h", "7d")
	value("is", "error", "limited", "unmatched", "pinned", "noted", "replay", "faulty", "cut", "tunnel", "drift")
	value("contract", "broken", "kept", "none")
	return out
}
