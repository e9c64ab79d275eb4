package exchange

import (
	"fmt"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// Jest writes the captures as a test for Jest, by the rules of [GoTest].
func Jest(captures []core.Capture, scheme sign.Scheme, book sign.Book) ([]byte, error) {
	cases, recipes := testCases(captures, scheme, book)
	var b strings.Builder
	fmt.Fprintf(&b, "// Captured webhooks as a test, written by Hookglass. Run it against your handler:\n//\n//   %s\n", usage(recipes, "npx jest webhooks.test.js"))
	b.WriteString(`const crypto = require('node:crypto');
const http = require('node:http');
const https = require('node:https');

const address = process.env.WEBHOOK_URL;

function secretOf(name) {
  if (!process.env[name]) throw new Error('set ' + name + ' to the secret that your handler verifies with');
  return process.env[name];
}
`)
	for _, k := range recipes {
		k.jsSigner(&b)
	}
	b.WriteString("\n// The bodies are base64, so that no editor changes a byte; the signatures are made when they are sent.\nconst webhooks = [\n")
	for _, t := range cases {
		t.jsCase(&b)
	}
	b.WriteString("];\n" + jestBody)
	return []byte(b.String()), nil
}

const jestBody = `
// Without WEBHOOK_URL, the address of your handler, the tests are skipped.
const run = address ? test : test.skip;

run.each(webhooks.map((webhook) => [webhook.name, webhook]))('%s', async (_, webhook) => {
  const { status, answer } = await send(webhook);
  if (status < 200 || status > 299) throw new Error('answered ' + status + ': ' + answer);
});

function send(webhook) {
  const url = webhook.query ? address + '?' + webhook.query : address;
  const body = Buffer.from(webhook.body, 'base64');
  const target = new URL(url);
  const headers = ['Host', target.host, ...webhook.headers.flat(), 'Content-Length', String(body.length)];
  if (webhook.sign) headers.push(...webhook.sign(webhook.method, url, webhook.id, body).flat());
  return new Promise((resolve, reject) => {
    const request = (target.protocol === 'https:' ? https : http).request(target, { method: webhook.method, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, answer: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
`

func (t testCase) jsCase(b *strings.Builder) {
	if t.frozen != "" {
		fmt.Fprintf(b, "  // Signed with %s, which cannot be made here: the signature is the one that came.\n", t.frozen)
	}
	fmt.Fprintf(b, "  {\n    name: %s,\n    method: %s,\n    query: %s,\n    id: %s,\n    headers: [\n", scriptQuote(t.name), scriptQuote(t.method), scriptQuote(t.query), scriptQuote(t.id))
	for _, f := range t.header {
		fmt.Fprintf(b, "      [%s, %s],\n", scriptQuote(f.Name), jsLatin1(f.Value))
	}
	fmt.Fprintf(b, "    ],\n    body: %s,\n", lines(t.body, "'", " +\n      "))
	name := "null"
	if t.signer != nil {
		name = "sign" + t.signer.name()
	}
	fmt.Fprintf(b, "    sign: %s,\n  },\n", name)
}

func (k recipe) jsSigner(b *strings.Builder) {
	fmt.Fprintf(b, "\n// sign%s makes %s.\nfunction sign%s(method, url, id, body) {\n  let secret = secretOf(%s);\n", k.name(), k.summary(), k.name(), scriptQuote(k.secretName()))
	if k.stamped() {
		fmt.Fprintf(b, "  const ts = %s;\n", map[string]string{"s": "String(Math.floor(Date.now() / 1000))", "ms": "String(Date.now())",
			"rfc3339": `new Date().toISOString().replace(/\.\d+Z$/, 'Z')`, "iso": "new Date().toISOString().slice(0, 19)", "imf": "new Date().toUTCString()"}[k.scheme.TS.Unit])
	}
	if k.hash == "" {
		b.WriteString("  const signature = secret;\n")
	} else {
		k.jsDigest(b)
	}
	b.WriteString("  return [\n")
	for _, f := range k.fields() {
		fmt.Fprintf(b, "    [%s, %s],\n", scriptQuote(f.name), joined(f.value, scriptQuote))
	}
	b.WriteString("  ];\n}\n")
}

func (k recipe) jsDigest(b *strings.Builder) {
	encoding := "utf8"
	for _, step := range k.key {
		if prefix, ok := strings.CutPrefix(step, "strip="); ok {
			fmt.Fprintf(b, "  if (secret.startsWith(%s)) secret = secret.slice(%d);\n", scriptQuote(prefix), len(prefix))
		} else {
			encoding = step
		}
	}
	fmt.Fprintf(b, "  const mac = crypto.createHmac('%s', Buffer.from(secret, '%s'));\n", k.hash, encoding)
	for _, run := range runs(k.message) {
		if isBody(run) {
			b.WriteString("  mac.update(body);\n")
		} else {
			fmt.Fprintf(b, "  mac.update(%s);\n", joined(run, scriptQuote))
		}
	}
	fmt.Fprintf(b, "  const signature = mac.digest('%s');\n", k.scheme.Enc)
}
