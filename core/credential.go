package core

import (
	"net/url"
	"slices"
	"strings"
)

// credentials is the one table of names under which something stands that opens a door: in headers, in queries and forms,
// and in the members of JSON. A name is compared without its case and without what is no letter or digit, so that
// access_token, accessToken and Access-Token are one.
var credentials = []struct {
	names  string
	header bool // as the name of a header
	field  bool // as a name in a query, a form or JSON
	begins bool // names that begin so
	ends   bool // names that end so
}{
	{names: "authorization cookie cookie2 setcookie setcookie2", header: true, field: true, ends: true},
	{names: "token tokens secret secrets password passwords passwd passphrase pwd jwt bearer credential credentials", header: true, field: true, ends: true},
	{names: "apikey accesskey secretkey privatekey authkey accountkey masterkey sharedkey signingkey encryptionkey functionskey functionkey subscriptionkey licensekey webhookkey",
		header: true, field: true, ends: true},
	{names: "apikeys accesskeyid sessionid sessid sid otp sharedaccesssignature connectionstring", header: true, field: true},
	{names: "xauth", header: true, begins: true},
	{names: "key sig code pass auth signature xamzsignature xamzcredential xgoogsignature xgoogcredential ticket", field: true},
}

// openNames end like a credential and open nothing: they count attempts or pages.
var openNames = strings.Fields("itwilioidempotencytoken idempotencytoken nextpagetoken pagetoken continuationtoken")

// CredentialHeader reports whether a header of that name carries a credential.
func CredentialHeader(name string) bool { return credential(name, true) }

// CredentialField reports whether a parameter of a query or a form, or a member of JSON, is a credential by its name.
// Escapes in the name count as what they stand for.
func CredentialField(name string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	return credential(name, false)
}

func credential(name string, header bool) bool {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
	if slices.Contains(openNames, name) {
		return false
	}
	for _, row := range credentials {
		if header && !row.header || !header && !row.field {
			continue
		}
		for word := range strings.FieldsSeq(row.names) {
			if name == word || row.ends && strings.HasSuffix(name, word) || row.begins && strings.HasPrefix(name, word) {
				return true
			}
		}
	}
	return false
}

// HideHeader masks the credentials among fields: for lists that others may read.
func HideHeader(h Header) Header {
	h = h.Clone()
	for i := range h {
		if CredentialHeader(h[i].Name) && h[i].Value != "" {
			h[i].Value = Masked
		}
	}
	return h
}

// HideUserinfo masks user and password in a URL.
func HideUserinfo(address string) string {
	before, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
		return before + "://" + Masked + rest[at:]
	}
	return address
}
