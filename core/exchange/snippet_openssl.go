package exchange

import (
	"fmt"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// OpensslCurl writes a bash script that signs the request with openssl at the moment it runs and sends it with curl. The
// secret is read from the environment variable secretVar. False where the scheme cannot be followed that way.
func OpensslCurl(r core.Request, scheme sign.Scheme, secretVar string) (string, bool) {
	k, ok := recipeOf(scheme)
	if !ok {
		return "", false
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#!/usr/bin/env bash\n# Signs as %s does and sends. The secret is read from %s.\n", comment(scheme.Provider), secretVar)
	if k.hash != "" {
		b.WriteString("# While openssl runs, its key can be seen in this machine's list of processes.\n")
	}
	fmt.Fprintf(&b, "set -euo pipefail\n: \"${%s:?export %s first}\"\n\n", secretVar, secretVar)
	b.WriteString("body=$(mktemp)\ntrap 'rm -f \"$body\"' EXIT\n" + bashBody(r.Body) + " > \"$body\"\n")
	k.bashValues(&b, &r)
	k.bashSignature(&b, secretVar)
	flags, address := curlAddress(&r, true)
	fmt.Fprintf(&b, "\ncurl -X %s%s %s", quote(r.Method), flags, quote(address))
	unsigned := r
	unsigned.Header = k.unsigned(r.Header)
	for _, f := range curlFields(&unsigned, false) {
		b.WriteString(" \\\n  -H " + quote(f))
	}
	for _, f := range k.fields() {
		b.WriteString(" \\\n  -H " + bashString(append([]chunk{{f.name + ": ", false}}, f.value...)))
	}
	if len(r.Body) > 0 {
		if !r.Header.Has("Content-Type") {
			b.WriteString(" \\\n  -H 'Content-Type:'")
		}
		b.WriteString(" \\\n  --data-binary @\"$body\"")
	}
	b.WriteString("\n")
	return b.String(), true
}

func bashBody(body []byte) string {
	if !printable(string(body)) {
		return "printf " + printfQuote(body)
	}
	return "printf %s " + quote(string(body))
}

// bashValues sets the variables that are signed beside the body.
func (k recipe) bashValues(b *strings.Builder, r *core.Request) {
	if k.scheme.MsgID != "" {
		if id := r.Header.Get(strings.TrimPrefix(k.scheme.MsgID, "header:")); id != "" {
			fmt.Fprintf(b, "id=%s\n", quote(id))
		} else {
			b.WriteString("id=msg_$(openssl rand -hex 12)\n")
		}
	}
	if k.stamped() {
		b.WriteString("ts=" + map[string]string{"s": "$(date +%s)", "ms": "$(date +%s)000", "rfc3339": "$(date -u +%Y-%m-%dT%H:%M:%SZ)", "iso": "$(date -u +%Y-%m-%dT%H:%M:%S)",
			"imf": "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')"}[k.scheme.TS.Unit] + "\n")
	}
	if k.uses("url") {
		fmt.Fprintf(b, "url=%s\n", quote(r.URL()))
	}
	if k.uses("method") {
		fmt.Fprintf(b, "method=%s\n", quote(r.Method))
	}
}

func (k recipe) bashSignature(b *strings.Builder, secretVar string) {
	if k.hash == "" {
		fmt.Fprintf(b, "signature=$%s\n", secretVar)
		return
	}
	fmt.Fprintf(b, "secret=$%s\n", secretVar)
	bytes := "printf %s \"$secret\" | od -An -v -tx1 | tr -d ' \\n'"
	for _, step := range k.key {
		if prefix, ok := strings.CutPrefix(step, "strip="); ok {
			fmt.Fprintf(b, "secret=${secret#%s}\n", quote(prefix))
		}
		switch step {
		case "base64":
			b.WriteString("secret=$(printf %s \"$secret\" | tr -- '-_' '+/')\nwhile [ $((${#secret} % 4)) -ne 0 ]; do secret=$secret=; done\n")
			bytes = "printf %s \"$secret\" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n'"
		case "hex":
			bytes = "printf %s \"$secret\""
		}
	}
	fmt.Fprintf(b, "key=$(%s)\n", bytes)
	var parts []string
	for _, run := range runs(k.message) {
		if isBody(run) {
			parts = append(parts, `cat "$body"`)
		} else {
			parts = append(parts, "printf %s "+bashString(run))
		}
	}
	encode := map[string]string{"hex": "od -An -v -tx1 | tr -d ' \\n'", "base64": "openssl base64 -A", "base64url": "openssl base64 -A | tr -- '+/' '-_' | tr -d ="}[k.scheme.Enc]
	fmt.Fprintf(b, "signature=$({ %s; } |\n  openssl dgst -%s -mac HMAC -macopt \"hexkey:$key\" -binary | %s)\n", strings.Join(parts, "; "), k.hash, encode)
}

// bashString is a word in double quotes, with variables in it.
func bashString(all []chunk) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range all {
		if c.name {
			b.WriteString("${" + c.text + "}")
			continue
		}
		for _, r := range c.text {
			if strings.ContainsRune("$`\"\\", r) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
