package exchange

import (
	"fmt"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// Pytest writes the captures as a test for pytest, by the rules of [GoTest].
func Pytest(captures []core.Capture, scheme sign.Scheme, book sign.Book) ([]byte, error) {
	cases, recipes := testCases(captures, scheme, book)
	var b strings.Builder
	fmt.Fprintf(&b, "\"\"\"Captured webhooks as a test, written by Hookglass. Run it against your handler:\n\n    %s\n\"\"\"\n", usage(recipes, "pytest test_webhooks.py"))
	b.WriteString(`
import base64
import email.utils
import hashlib
import hmac
import http.client
import os
import time
import urllib.parse

import pytest


def secret_of(name):
    if not os.environ.get(name):
        pytest.skip(f"set {name} to the secret that your handler verifies with")
    return os.environ[name]

`)
	for _, k := range recipes {
		k.pySigner(&b)
	}
	b.WriteString("\n# The bodies are base64, so that no editor changes a byte; the signatures are made when they are sent.\nWEBHOOKS = [\n")
	for _, t := range cases {
		t.pyCase(&b)
	}
	b.WriteString("]\n" + pytestBody)
	return []byte(b.String()), nil
}

const pytestBody = `

@pytest.mark.parametrize("webhook", WEBHOOKS, ids=lambda webhook: webhook["name"])
def test_webhook(webhook):
    address = os.environ.get("WEBHOOK_URL")
    if not address:
        pytest.skip("set WEBHOOK_URL to the address of your handler")
    status, answer = send(webhook, address)
    assert 200 <= status <= 299, f"answered {status}: {answer!r}"


def send(webhook, address):
    if webhook["query"]:
        address += "?" + webhook["query"]
    body = base64.b64decode(webhook["body"])
    url = urllib.parse.urlsplit(address)
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.netloc, timeout=30)
    connection.putrequest(webhook["method"], urllib.parse.urlunsplit(("", "", url.path or "/", url.query, "")), skip_accept_encoding=True)
    for name, value in webhook["header"]:
        connection.putheader(name, value)
    if webhook["sign"]:
        for name, value in webhook["sign"](webhook["method"], address, webhook["id"], body):
            connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, answer
`

func (t testCase) pyCase(b *strings.Builder) {
	if t.frozen != "" {
		fmt.Fprintf(b, "    # Signed with %s, which cannot be made here: the signature is the one that came.\n", t.frozen)
	}
	fmt.Fprintf(b, "    {\n        \"name\": %s,\n        \"method\": %s,\n        \"query\": %s,\n        \"id\": %s,\n        \"header\": [\n",
		scriptQuote(t.name), scriptQuote(t.method), scriptQuote(t.query), scriptQuote(t.id))
	for _, f := range t.header {
		fmt.Fprintf(b, "            (%s, %s),\n", scriptQuote(f.Name), pyBytes(f.Value))
	}
	fmt.Fprintf(b, "        ],\n        \"body\": (\n            %s\n        ),\n", lines(t.body, "'", "\n            "))
	name := "None"
	if t.signer != nil {
		name = t.signer.pyName()
	}
	fmt.Fprintf(b, "        \"sign\": %s,\n    },\n", name)
}

func (k recipe) pyName() string { return "sign_" + strings.Join(k.words(), "_") }

func (k recipe) pySigner(b *strings.Builder) {
	fmt.Fprintf(b, "\ndef %s(method, url, id, body):\n    \"\"\"Makes %s.\"\"\"\n    secret = secret_of(%s)\n", k.pyName(), strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(k.summary()), scriptQuote(k.secretName()))
	if k.stamped() {
		fmt.Fprintf(b, "    ts = %s\n", map[string]string{"s": "str(int(time.time()))", "ms": "str(int(time.time() * 1000))",
			"rfc3339": "time.strftime(\"%Y-%m-%dT%H:%M:%SZ\", time.gmtime())", "iso": "time.strftime(\"%Y-%m-%dT%H:%M:%S\", time.gmtime())", "imf": "email.utils.formatdate(usegmt=True)"}[k.scheme.TS.Unit])
	}
	if k.hash == "" {
		b.WriteString("    signature = secret\n")
	} else {
		k.pyDigest(b)
	}
	b.WriteString("    return [\n")
	for _, f := range k.fields() {
		fmt.Fprintf(b, "        (%s, %s),\n", scriptQuote(f.name), joined(f.value, scriptQuote))
	}
	b.WriteString("    ]\n\n")
}

func (k recipe) pyDigest(b *strings.Builder) {
	key := "secret.encode()"
	for _, step := range k.key {
		prefix, strip := strings.CutPrefix(step, "strip=")
		switch {
		case strip:
			fmt.Fprintf(b, "    secret = secret.removeprefix(%s)\n", scriptQuote(prefix))
		case step == "base64":
			key = `base64.b64decode(secret.replace("-", "+").replace("_", "/") + "==")`
		case step == "hex":
			key = "bytes.fromhex(secret)"
		}
	}
	var parts []string
	for _, run := range runs(k.message) {
		if isBody(run) {
			parts = append(parts, "body")
		} else {
			parts = append(parts, "("+joined(run, scriptQuote)+").encode()")
		}
	}
	fmt.Fprintf(b, "    digest = hmac.new(%s, %s, hashlib.%s).digest()\n", key, strings.Join(parts, " + "), k.hash)
	fmt.Fprintf(b, "    signature = %s\n", map[string]string{"hex": "digest.hex()", "base64": "base64.b64encode(digest).decode()",
		"base64url": `base64.urlsafe_b64encode(digest).decode().rstrip("=")`}[k.scheme.Enc])
}
