package sign

import (
	"net/url"
	"slices"
	"strings"
)

// insideAddresses are the addresses that an application sees of itself, behind a proxy or a tunnel.
func insideAddresses() []change {
	var out []change
	for _, host := range []string{"localhost", "127.0.0.1", "0.0.0.0", "[::1]", "host.docker.internal"} {
		for _, port := range []string{"", ":3000", ":8080", ":8000", ":5000", ":4000", ":3001", ":5001", ":5173", ":8888", ":9000", ":7071", ":4567", ":9292", ":8081", ":80", ":1337"} {
			out = append(out, change{inURL, "url_host_differs", "the address inside, http://" + host + port, func(t *trial) bool {
				o := origin(t.values.url)
				if o == "" {
					return false
				}
				t.values.url = "http://" + host + port + t.values.url[len(o):]
				return true
			}})
		}
	}
	return out
}

// queryChanges are what frameworks and address parsers make of a query.
func queryChanges() []change {
	var out []change
	add := func(cause, how string, turn func(base, query string) string) {
		out = append(out, change{inURL, cause, how, func(t *trial) bool {
			base, query, has := strings.Cut(t.values.url, "?")
			if !has {
				return false
			}
			u := turn(base, query)
			if u == "" || u == t.values.url {
				return false
			}
			t.values.url = u
			return true
		}})
	}
	query := func(how string, turn func(string) string) {
		add("url_query_differs", how, func(base, q string) string { return base + "?" + turn(q) })
	}
	sortedPairs := func(q string) string {
		pairs := strings.Split(q, "&")
		slices.Sort(pairs)
		return strings.Join(pairs, "&")
	}
	byName := func(q string) string {
		pairs := strings.Split(q, "&")
		slices.SortStableFunc(pairs, func(a, b string) int {
			a, _, _ = strings.Cut(a, "=")
			b, _, _ = strings.Cut(b, "=")
			return strings.Compare(a, b)
		})
		return strings.Join(pairs, "&")
	}
	// Of a query that came sorted the order before is gone; two of its parameters, or its ends, are soon tried.
	query("the query in the reverse order", func(q string) string {
		pairs := strings.Split(q, "&")
		slices.Reverse(pairs)
		return strings.Join(pairs, "&")
	})
	for n := range 6 {
		query("the query with two parameters in the other order", func(q string) string {
			pairs := strings.Split(q, "&")
			if n+1 >= len(pairs) {
				return q
			}
			pairs[n], pairs[n+1] = pairs[n+1], pairs[n]
			return strings.Join(pairs, "&")
		})
		query("the query with its last parameter elsewhere", func(q string) string {
			pairs := strings.Split(q, "&")
			if n+1 >= len(pairs) {
				return q
			}
			last := pairs[len(pairs)-1]
			return strings.Join(slices.Insert(pairs[:len(pairs)-1], n, last), "&")
		})
		query("the query with its first parameter elsewhere", func(q string) string {
			pairs := strings.Split(q, "&")
			if n+1 >= len(pairs) {
				return q
			}
			return strings.Join(slices.Insert(slices.Clone(pairs[1:]), n+1, pairs[0]), "&")
		})
	}
	for _, order := range []struct {
		how  string
		turn func(string) string
	}{{"", func(q string) string { return q }}, {"sorted, ", byName}, {"sorted by name and value, ", sortedPairs}} {
		if order.how != "" {
			query("the query "+strings.TrimSuffix(order.how, ", "), order.turn)
		}
		for _, w := range []struct{ how, old, new string }{
			{"+ written %20", "+", "%20"}, {"%20 written +", "%20", "+"}, {"' written %27", "'", "%27"}, {"%27 written '", "%27", "'"},
			{"! ' ( ) * escaped", "", ""},
		} {
			query("the query "+order.how+w.how, func(q string) string {
				if w.old == "" {
					return strings.NewReplacer("!", "%21", "'", "%27", "(", "%28", ")", "%29", "*", "%2A").Replace(order.turn(q))
				}
				return strings.ReplaceAll(order.turn(q), w.old, w.new)
			})
		}
		for _, e := range encoders {
			query("the query "+order.how+"decoded and encoded again: "+e.how, func(q string) string {
				return string(encodeForm(nil, queryFields(order.turn(q)), e.safe, e.space, e.hex))
			})
		}
	}
	query("the query without blank parameters", func(q string) string {
		return strings.Join(slices.DeleteFunc(strings.Split(q, "&"), func(p string) bool { return strings.HasSuffix(p, "=") || !strings.Contains(p, "=") }), "&")
	})
	query("the query with & written &amp;", func(q string) string { return strings.ReplaceAll(q, "&", "&amp;") })
	add("url_query_differs", "the query twice", func(base, q string) string { return base + "?" + q + "&" + q })
	add("url_query_differs", "the query twice, with a second ?", func(base, q string) string { return base + "?" + q + "?" + q })
	add("url_query_differs", "with an empty query removed", func(base, q string) string {
		if q == "" {
			return base
		}
		return ""
	})
	space := func(how string, turn func(string) string) {
		out = append(out, change{inURL, "url_space_added", how, func(t *trial) bool {
			u := turn(t.values.url)
			if u == "" || u == t.values.url {
				return false
			}
			t.values.url = u
			return true
		}})
	}
	for _, end := range []string{" ", "%20"} {
		how := map[string]string{" ": "a space", "%20": "%20"}[end]
		space(how+" at the end of the address", func(u string) string { return u + end })
		space(how+" at the end of the path", func(u string) string {
			base, q, has := strings.Cut(u, "?")
			if !has {
				return ""
			}
			return base + end + "?" + q
		})
	}
	space("a space in front of the address", func(u string) string { return " " + u })
	space("the address trimmed", func(u string) string {
		u = strings.TrimSpace(u)
		for strings.HasSuffix(u, "%20") {
			u = strings.TrimSuffix(u, "%20")
		}
		return u
	})
	out = append(out, change{inURL, "url_query_differs", "the address as an address parser prints it (new URL(x).href)", func(t *trial) bool {
		u := parsedAgain(t.values.url)
		if u == t.values.url {
			return false
		}
		t.values.url = u
		return true
	}})
	return out
}

// parsedAgain is an address as new URL() of JavaScript prints it: the host in lower case, no default port, a path, and
// what may not stand in a query escaped.
func parsedAgain(u string) string {
	p, err := url.Parse(u)
	if err != nil || p.Host == "" {
		return u
	}
	host := strings.ToLower(p.Host)
	if p.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	rest := u[len(origin(u)):]
	path, query, has := strings.Cut(rest, "?")
	if path == "" {
		path = "/"
	}
	if has {
		path += "?" + strings.NewReplacer("'", "%27", `"`, "%22", "<", "%3C", ">", "%3E", " ", "%20").Replace(query)
	}
	return strings.ToLower(p.Scheme) + "://" + host + path
}

// queryFields are the parameters of a query, in their order.
func queryFields(query string) []formField {
	var out []formField
	for pair := range strings.SplitSeq(query, "&") {
		if pair != "" {
			out = append(out, newField(pair))
		}
	}
	return out
}
