package sign

import (
	"slices"
	"strings"

	"hookglass/core"
)

// At says under which address the provider knows the source that takes path and everything below it. The registered address
// stands for the source: its scheme, host and path take the place of the source's, and what follows the source's path in the
// request stays, and its query. An address without a path is a host alone, and the request's path stays whole.
//
// People also register where the whole path stands behind the prefix of a proxy, or one address for everything below a
// source. These readings are tried when the first does not verify, and the verdict's notes say so.
func (in Input) At(registered, path string) Input {
	if registered == "" {
		return in
	}
	all := addressesAt(registered, path, in.Request)
	in.URL, in.others = all[0], all[1:]
	return in
}

// addressesAt are what a registered address may mean for a request, the plain meaning first.
func addressesAt(registered, path string, r *core.Request) []string {
	base, query, _ := strings.Cut(registered, "?")
	host := origin(base)
	prefix := base[len(host):]
	rest, has := strings.CutPrefix(r.Path(), strings.TrimSuffix(path, "/"))
	if !has {
		rest = r.Path()
	}
	if path == r.Path() || rest == "/" && path == "/" {
		rest = ""
	}
	if strings.Contains(r.Target, "?") {
		query = r.Query()
	}
	if query != "" || strings.Contains(r.Target, "?") {
		query = "?" + query
	}
	front := strings.TrimSuffix(prefix, "/")
	var out []string
	add := func(address string) {
		if !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	switch {
	case prefix == "":
		add(host + r.Path() + query)
	case rest == "" || strings.HasSuffix(prefix, rest): // of the source, or already of what lies below it
		add(host + prefix + query)
	default:
		add(host + front + rest + query)
	}
	add(host + front + rest + query)
	add(host + front + r.Path() + query)
	add(host + prefix + query)
	add(registered)
	return out
}

// settle chooses among the addresses that a registered one may mean: the first under which the signature holds, else the first
// of all.
func (s Scheme) settle(in Input) (Input, core.Verdict) {
	v := s.verify(in)
	for _, address := range in.others {
		if holds(v.State) {
			break
		}
		other := in
		other.URL, other.others = address, nil
		if w := s.verify(other); holds(w.State) {
			note(&w, "The signature was made over "+address+", which the registered address may mean too; over "+in.URL+" it does not hold.")
			return other, w
		}
	}
	return in, v
}

// holds reports whether a signature is right, whatever its age.
func holds(state core.VerdictState) bool { return state == core.Verified || state == core.Stale }

// Registered is the registered address with which a source at path would find the signature right that was made over the address
// signed. ok is false where there is none: the address was signed in another form than it was called in.
func (s Scheme) Registered(in Input, path, signed string) (address string, ok bool) {
	base, _, _ := strings.Cut(signed, "?")
	host := origin(base)
	rest := strings.TrimPrefix(in.Request.Path(), strings.TrimSuffix(path, "/"))
	for _, address := range []string{host, strings.TrimSuffix(base, rest), base} {
		if address == "" || host == "" {
			continue
		}
		at := in.At(address, path)
		if at.others = nil; holds(s.Verify(at).State) {
			return address, true
		}
	}
	return "", false
}
