#!/usr/bin/env python3
"""Writes serialised.json: what real Node and real Python make of JSON texts that are hard to print again.

Run it by hand after changing the texts; the tests read only its output."""
import base64, json, platform, subprocess, urllib.parse

TEXTS = [
    '{"action":"opened","number":7,"pull_request":{"title":"Fix <b> & \\u00e9 caf\u00e9 \u2014 \u6771\u4eac \U0001F680","url":"https://api.github.com/repos/o/r/pulls/7","draft":false,"ratio":1.0},"sender":{"login":"octo"}}',
    '{ "b" : 1 , "a" : [ 1 , 2.50 , -0 , -0.0 , 1e3 , 1E+2 , 1e-7 , 0.000001 , 1e21 , 123456789012345678901 ] }',
    '{"10":"x","2":"y","b":1,"01":2,"-1":3,"1":4,"4294967295":5,"4294967294":6,"a":7}',
    '{"a":1,"b":2,"a":3,"c":{"x":1,"x":{"y":[]}}}',
    '{"lone":"\\ud800","low":"\\udc00x","pair":"\\ud83d\\ude80","swap":"\\ude80\\ud83d"}',
    '{"ctl":"\\u0000\\u0001\\b\\f\\n\\r\\t\\u001f\\u007f","quote":"\\"\\\\\\/","ls":"\\u2028\\u2029","amp":"<>&\'=+`"}',
    '{"empty":{},"list":[],"nested":[[],[{}],{"a":[]}],"t":true,"f":false,"n":null}',
    '[1.5,100,1e2,0.1,1e16,1e15,123456789.125,1e22,5e-324,1.7976931348623157e308,0.00001,0.0001,9007199254740993]',
    '"just text"', '12.50', '{"nfd":"e\u0301","nfc":"\u00e9","zwj":"\u200d"}',
    '{\n  "id": "evt_1",\n  "object": "event"\n}\n',
    '{"__proto__":1,"constructor":{"a":2},"k\\u00e9y":"v","\u00e4":1,"z":2,"\ufffd":3,"\U0001F680":4}',
]
FORMS = ['ToCountry=US&From=%2B1415&Body=Caf%C3%A9+%26+tea&To=%2B18&Empty=', 'b=2&a=1&a=%7E*%28%29!%27&c=x%2Fy%20z']

NODE = r'''
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const b64 = s => Buffer.from(s, "utf8").toString("base64");
console.log(JSON.stringify(texts.map(t => { const x = JSON.parse(t); return {
  "JSON.stringify(JSON.parse(body))": b64(JSON.stringify(x)),
  "JSON.stringify(x, null, 2)": b64(JSON.stringify(x, null, 2)),
  "JSON.stringify(x, null, 4)": b64(JSON.stringify(x, null, 4)),
  "JSON.stringify(x, null, \"\\t\")": b64(JSON.stringify(x, null, "\t")),
  "JSON.stringify(bodyString)": b64(JSON.stringify(t)),
  "the text as Latin-1, other characters cut to a byte": Buffer.from(t, "latin1").toString("base64"),
  "the bytes read as Latin-1, written as UTF-8": b64(Buffer.from(t, "utf8").toString("latin1")),
  "the text in Unicode form NFC": b64(t.normalize("NFC")),
  "the text in Unicode form NFD": b64(t.normalize("NFD")),
}; })));
'''
NODE_FORMS = r'''
const qs = require("querystring");
const forms = JSON.parse(require("fs").readFileSync(0, "utf8"));
const b64 = s => Buffer.from(s, "utf8").toString("base64");
console.log(JSON.stringify(forms.map(f => ({
  "new URLSearchParams(x).toString()": b64(new URLSearchParams(f).toString()),
  "encodeURIComponent": b64(qs.stringify(qs.parse(f))),
  "JSON.stringify of the form object, repeated names as lists": b64(JSON.stringify(qs.parse(f))),
}))));
'''

def node(script, data):
    return json.loads(subprocess.run(["node", "-e", script], input=json.dumps(data), capture_output=True, text=True, check=True).stdout)

def python(text):
    x, out = json.loads(text), {}
    def put(how, make):
        try:
            made = make()
            out[how] = base64.b64encode(made.encode() if isinstance(made, str) else made).decode()
        except UnicodeEncodeError:
            pass
    tight = (",", ":")
    put("json.dumps(json.loads(body))", lambda: json.dumps(x))
    put('json.dumps(x, separators=(",", ":"))', lambda: json.dumps(x, separators=tight))
    put("json.dumps(x, ensure_ascii=False)", lambda: json.dumps(x, ensure_ascii=False))
    put('json.dumps(x, separators=(",", ":"), ensure_ascii=False)', lambda: json.dumps(x, separators=tight, ensure_ascii=False))
    put("json.dumps(x, sort_keys=True)", lambda: json.dumps(x, sort_keys=True))
    put('json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False)', lambda: json.dumps(x, sort_keys=True, separators=tight, ensure_ascii=False))
    put("json.dumps(x, indent=2)", lambda: json.dumps(x, indent=2))
    put('json.dumps(x, indent="\\t")', lambda: json.dumps(x, indent="\t"))
    put("json.dumps(x, indent=4, ensure_ascii=False)", lambda: json.dumps(x, indent=4, ensure_ascii=False))
    put("json.dumps(x, indent=4, sort_keys=True)", lambda: json.dumps(x, indent=4, sort_keys=True))
    put("json.dumps(body_string)", lambda: json.dumps(text))
    put("str(json.loads(body))", lambda: str(x))
    put("str(body): b'…'", lambda: str(text.encode()))
    put("repr(body.decode())", lambda: repr(text))
    put("base64.encodebytes(body)", lambda: base64.encodebytes(text.encode()))
    put('the text as Latin-1, other characters as "?"', lambda: text.encode("latin-1", "replace"))
    return out

def python_form(text):
    q = urllib.parse.parse_qsl(text, keep_blank_values=True)
    enc = lambda s: base64.b64encode(s.encode()).decode()
    return {
        "url.Values.Encode": enc(urllib.parse.urlencode(q)),
        "quote": enc(urllib.parse.urlencode(q, quote_via=urllib.parse.quote, safe="")),
        "unquote_plus(body)": enc(urllib.parse.unquote_plus(text)),
        "json.dumps of lists of values, blank ones dropped: parse_qs": enc(json.dumps(urllib.parse.parse_qs(text))),
        "json.dumps of the form object, the last of a repeated name": enc(json.dumps(dict(q))),
    }

def rows(texts, *made):
    return [{"body": base64.b64encode(t.encode()).decode(), "made": {k: v for m in ms for k, v in m.items()}}
            for t, *ms in zip(texts, *made)]

out = {
    "source": f"node {subprocess.run(['node', '--version'], capture_output=True, text=True).stdout.strip()}, python {platform.python_version()}, by make_serialised.py",
    "cases": rows(TEXTS, node(NODE, TEXTS), [python(t) for t in TEXTS]) + rows(FORMS, node(NODE_FORMS, FORMS), [python_form(f) for f in FORMS]),
}
with open("serialised.json", "w") as f:
    json.dump(out, f, indent=1)
    f.write("\n")
