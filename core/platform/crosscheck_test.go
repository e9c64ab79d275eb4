package platform_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/platform"
)

// The platforms run on Node and CPython. Where those are at hand, what our machines make of odd JSON is held against them.

// ask hands inputs to a script of another language, as a JSON list of base64 texts, and reads a JSON list back.
func ask(t *testing.T, interpreter, flag, script string, inputs [][]byte, answers any) {
	t.Helper()
	bin, err := exec.LookPath(interpreter)
	if err != nil {
		t.Skipf("%s is not installed, so nothing can be held against it", interpreter)
	}
	list := make([]string, len(inputs))
	for i, b := range inputs {
		list[i] = base64.StdEncoding.EncodeToString(b)
	}
	in, _ := json.Marshal(list)
	cmd := exec.Command(bin, flag, script)
	cmd.Stdin = bytes.NewReader(in)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", interpreter, err, errOut.Bytes())
	}
	if err := json.Unmarshal(out, answers); err != nil {
		t.Fatalf("%s: %v: %s", interpreter, err, out)
	}
}

// oddJSON are texts on which readers and writers of JSON disagree.
func oddJSON() [][]byte {
	texts := []string{
		`{}`, `[]`, `{"a":1}`, `{"a":1.0}`, `{"a":-0}`, `{"a":-0.0}`, `{"a":1e2}`, `{"a":1E+2}`, `{"a":1e21}`, `{"a":1e20}`, `{"a":123456789012345678901234567890}`,
		`{"a":1e-6}`, `{"a":1e-7}`, `{"a":0.1}`, `{"a":1.5e300}`, `{"a":5e-324}`, `{"a":1e400}`, `{"a":-1e400}`, `{"a":9007199254740993}`, `{"a":1.7976931348623157e308}`,
		`{"2":1,"1":2}`, `{"b":1,"2":2,"a":3,"1":4}`, `{"01":1,"1":2,"-1":3,"1.5":4}`, `{"4294967294":1,"4294967295":2,"0":3}`,
		`{"a":1,"b":2,"a":3}`, `{"__proto__":1,"constructor":2}`, `{"":1}`,
		`{"s":"\ud800"}`, `{"s":"\udc00\ud800"}`, `{"s":"\ud83d\ude80"}`, `{"s":"\uD83D\uDE80"}`, `{"s":"\ud83d x"}`, `{"\ud800":1}`,
		`{"s":"\u2028\u2029"}`, "{\"s\":\"\u2028\u2029\"}", `{"s":"<a href=\"/\">&amp;</a>"}`, `{"s":"\/"}`, `{"s":"\b\f\n\r\t\u0000\u001f\u007f"}`,
		`{"s":"Grüße 世界 🚀"}`, `{"a":[1,[2,[3,[]]],{}]}`, " \t\r\n{ \"a\" : [ 1 , 2 ] }\n", `{"a":true,"b":false,"c":null}`,
		// broken
		``, ` `, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `[`, `[1`, `[1,`, `{bad}`, `{bad`, `{"text":"x",}`, `{"text":NaN}`, `{"a":1}x`, `{"a":1} {`,
		`[-]`, `[1.]`, `[1e]`, `[01]`, `["\x"]`, `["\u12"]`, "[\"a\nb\"]", `{"a" 1}`, `[1 2]`, `{1:2}`, `{"a":"b" "c"}`, `["a" "b"]`, `[1,]`, `{,}`, `[,]`, `{"a":tru}`,
		`{"a":t`, `["abc`, `["\`, `[-x]`, `[1.x]`, `[1ex]`, `{"a":1,x}`, `[nulx]`, `[Infinity]`, `[undefined]`, `['a']`, `[+1]`, `[.5]`, `[0x10]`,
		`{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":x,"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb":1}`, `[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaax`,
		`{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":x}`, `["🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀",x]`, `["äöü",]`, `["世世世世世世世世世世世世世",x]`, `[x,"世世世世世世世世世世世世世"]`, `42`, `"hi"`, `null`, `true`, `nul`, `-`, `x`, `undefined`, `NaN`, ` 42 `,
	}
	var all [][]byte
	for _, s := range texts {
		all = append(all, []byte(s))
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 { // doubles of all sizes
		f := math.Float64frombits(r.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		all = append(all, []byte(`{"a":`+strconv.FormatFloat(f, 'e', -1, 64)+`}`),
			[]byte(`{"a":`+strconv.FormatFloat(r.Float64()*math.Pow10(r.IntN(30)-8), 'f', r.IntN(12), 64)+`}`))
	}
	return all
}

// TestBodyIsStringify holds the body of a JoAi event against JSON.stringify(JSON.parse(…)).
func TestBodyIsStringify(t *testing.T) {
	inputs := oddJSON()
	var want []struct{ Text, Error string }
	ask(t, "node", "-e", `
		const texts = JSON.parse(require('fs').readFileSync(0)).map(b => Buffer.from(b, 'base64').toString());
		console.log(JSON.stringify(texts.map(s => {
			try { return { Text: JSON.stringify(JSON.parse(s)) } } catch (e) { return { Error: e.message } }
		})))`, inputs, &want)
	e := core.Endpoint{WireID: "w", Name: "n"}
	for i, in := range inputs {
		if strings.TrimSpace(string(in)) == "" {
			continue // no data at all is an empty object here
		}
		got, err := joai.Endpoints.Body(e, "agent.message", in, start)
		switch {
		case want[i].Error != "" && (err == nil || !strings.Contains(err.Error(), want[i].Error)):
			t.Errorf("%q:\n got %v\nwant %s", in, err, want[i].Error)
		case want[i].Error == "" && err != nil:
			t.Errorf("%q: %v", in, err)
		case want[i].Error == "":
			const head = `{"event":"agent.message","webhook":{"id":"w","name":"n"},"timestamp":"2024-01-15T11:45:00.000000Z","data":`
			if string(got) != head+want[i].Text+"}" {
				t.Errorf("%q:\n got %s\nwant %s", in, got[min(len(head), len(got)):], want[i].Text)
			}
		}
	}
}

// TestStrictParserMessages holds the almyty machine's 400s against Express's strict body parser.
func TestStrictParserMessages(t *testing.T) {
	inputs := oddJSON()
	var want []string
	ask(t, "node", "-e", `
		const texts = JSON.parse(require('fs').readFileSync(0)).map(b => Buffer.from(b, 'base64').toString());
		console.log(JSON.stringify(texts.map(s => {
			const c = /^[\x20\x09\x0a\x0d]*([^\x20\x09\x0a\x0d])/.exec(s), i = c ? s.indexOf(c[1]) : -1;
			try {
				if (c && c[1] !== '{' && c[1] !== '[') {
					try { JSON.parse(s.substring(0, i) + '#'.repeat(s.length - i)) }
					catch (e) { return e.message.replace(/#+/g, p => s.substring(i, i + p.length)) }
				}
				JSON.parse(s); return ''
			} catch (e) { return e.message }
		})))`, inputs, &want)
	h := newHost(t, "almyty", platform.Config{Settings: core.Values{"id": "a", "per_minute": 0.0, "max_concurrent": 0.0}})
	for i, in := range inputs {
		if len(in) == 0 {
			continue // body-parser takes no body for {}, the document asks for an input
		}
		out := h.receive(start, &core.Request{Method: "POST", Target: "/agents/a/webhook", Body: in,
			Header: core.Header{{Name: "Content-Type", Value: "application/json"}}})
		var body struct{ Error struct{ Message string } }
		_ = json.Unmarshal(out.Response.Body, &body)
		if body.Error.Message != want[i] {
			t.Errorf("%q:\n got %s\nwant %s", in, body.Error.Message, want[i])
		}
	}
}

// TestDocumentedVerifier runs the document's own Node code over what JoAi sends.
func TestDocumentedVerifier(t *testing.T) {
	datas := []string{`{"content":"Grüße 世界 🚀"}`, `{"content":"<a href=\"https://x.y/z\">&</a> \u2028\u2029 /"}`, `{"n":1.0,"m":-0,"x":1e21}`,
		`{"2":1,"1":2,"b":0}`, `{"a":1,"a":2}`, `{"s":"\ud800 and \ud83d\ude80"}`, `{"s":"tab\t nl\n \u001f \" \\"}`}
	var inputs [][]byte
	e := core.Endpoint{WireID: "webhook-id", Name: "Größe </script> \u2028"}
	for _, d := range datas {
		body, err := joai.Endpoints.Body(e, "agent.message", json.RawMessage(d), start)
		if err != nil {
			t.Fatal(err)
		}
		php := e
		php.Settings = core.Values{"serializer": "php"}
		d = strings.ReplaceAll(d, `\ud800`, "") // which PHP refuses
		escaped, err := joai.Endpoints.Body(php, "agent.message", json.RawMessage(d), start)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, body, escaped)
	}
	var ok []bool
	ask(t, "node", "-e", `
		const crypto = require('crypto');
		function verifyWebhookSignature(payload, signature, secret) {
			const expectedSignature = crypto.createHmac('sha256', secret).update(JSON.stringify(payload)).digest('hex');
			return crypto.timingSafeEqual(Buffer.from(signature), Buffer.from(expectedSignature));
		}
		const bodies = JSON.parse(require('fs').readFileSync(0)).map(b => Buffer.from(b, 'base64'));
		console.log(JSON.stringify(bodies.map(b => {
			const signature = crypto.createHmac('sha256', 's').update(b).digest('hex');
			return verifyWebhookSignature(JSON.parse(b.toString()), signature, 's');
		})))`, inputs, &ok)
	for i := range ok {
		if php := i%2 == 1; ok[i] == php { // the PHP bytes are valid JSON that the verifier refuses: the names alone see to it
			t.Errorf("%s: verified %v", inputs[i], ok[i])
		}
	}
}

// TestPythonReads holds the nekro machine against CPython: what json.loads takes, what str and json.dumps write.
func TestPythonReads(t *testing.T) {
	inputs := oddJSON()
	for _, s := range []string{`[NaN,Infinity,-Infinity]`, `[1e16,1e15,1e-4,1e-5,1.0,100000000000000000000]`, `["it's","say \"hi\"","\u00e9\u200b\ue000"]`, `[true,false,null,{"a":[]}]`,
		strings.Repeat("[", 100) + strings.Repeat("]", 100), `[` + strings.Repeat("9", 4300) + `]`, `[` + strings.Repeat("9", 4301) + `]`,
		"\ufeff{}", "\xff\xfe{\x00}\x00", "\xfe\xff\x00{\x00}", "{\x00}\x00", "\x00{\x00}", "{\x00\x00\x00}\x00\x00\x00", "\x00\x00\x00{\x00\x00\x00}", "[\"\xff\"]", "[\"\xed\xa0\x80\"]", "{\x00}"} {
		inputs = append(inputs, []byte(s))
	}
	var want []struct{ Kind, Str, Dumps string }
	ask(t, "python3", "-c", `
import sys, json, base64
out = []
for b in json.load(sys.stdin):
    try:
        v = json.loads(base64.b64decode(b))
    except json.JSONDecodeError:
        out.append({"Kind": "not json"}); continue
    except Exception as e:
        out.append({"Kind": "crash"}); continue
    try:
        d = json.dumps(v, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8").decode()
    except Exception as e:
        d = "crash"
    out.append({"Kind": "ok", "Str": f"{v}".encode("utf-8", "replace").decode(), "Dumps": d})
print(json.dumps(out))`, inputs, &want)
	echo := newHost(t, "nekro", platform.Config{Settings: core.Values{"plugin": "a.b", "handler": "echo"}})
	jobs := newHost(t, "nekro", platform.Config{Settings: core.Values{"plugin": "a.b", "handler": "start_job"}})
	for i, in := range inputs {
		out := echo.receive(start, &core.Request{Method: "POST", Target: "/api/plugin/a.b/webhook/echo", Body: in})
		var got struct{ Body json.RawMessage }
		_ = json.Unmarshal(out.Response.Body, &got)
		switch {
		case want[i].Kind == "ok" && want[i].Dumps == "crash":
			if out.Response.Status != 500 {
				t.Errorf("%.80q: got %d, want the exception that json.dumps raises", in, out.Response.Status)
			}
		case want[i].Kind == "ok":
			if string(got.Body) != want[i].Dumps {
				t.Errorf("%.80q:\n got %.200s\nwant %.200s", in, got.Body, want[i].Dumps)
			}
		}
		if want[i].Kind != "ok" || !utf8.Valid(in) || bytes.HasPrefix(in, []byte("\ufeff")) || bytes.IndexByte(in, 0) >= 0 || strings.Contains(want[i].Str, "?") {
			continue
		}
		job := jobs.receive(start, &core.Request{Method: "POST", Target: "/api/plugin/a.b/webhook/start_job", Body: []byte(fmt.Sprintf(`{"task_id":"t","notify_chat_key":[%s]}`, in))})
		if len(job.Work) == 0 {
			t.Fatalf("%.80q: %s", in, job.Response.Body)
		}
		jobs.finish(t)
		if chat := jobs.items[job.Work[0].ID].Notes[0].Chat; chat != "["+reprOf(want[i].Str, in)+"]" {
			t.Errorf("%.80q: str\n got %.200s\nwant [%.200s]", in, chat, want[i].Str)
		}
	}
}

// reprOf is how a value shows within a list: a text is quoted there.
func reprOf(str string, in []byte) string {
	if strings.HasPrefix(strings.TrimSpace(string(in)), `"`) {
		return "'" + str + "'"
	}
	return str
}
