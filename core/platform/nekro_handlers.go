package platform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/jsontext"
)

// github is the document's handle_github_webhook, line by line.
func (m *nekroMachine) github(v *visit) Out {
	r := v.in.Request
	signature, key := first(r, "X-Hub-Signature-256"), m.secret("secret")
	if signature == "" {
		v.out.Receipt.Verdict = bodyVerdict("nekro", "X-Hub-Signature-256", "sha256="+hmacHex(key, r.Body), "", key, r.Body, false)
		v.check("signature header", "X-Hub-Signature-256", "absent or empty", false)
		return v.reject(nekroDetail(400, "Missing signature"), "X-Hub-Signature-256 is absent or empty")
	}
	v.check("signature header", "X-Hub-Signature-256", signature, true)
	if !v.check("secret", "configured", ifElse(len(key) > 0, "configured", "none"), len(key) > 0) {
		return v.reject(nekroDetail(500, "Webhook secret not configured"), "the plugin has no secret")
	}
	want := "sha256=" + hmacHex(key, r.Body)
	d := bodyVerdict("nekro", "X-Hub-Signature-256", want, signature, key, r.Body, signature == want)
	if d.State == core.Mismatch && !strings.HasPrefix(signature, "sha256=") {
		d.State = core.Malformed
		d.Notes = append(d.Notes, "The value must begin with sha256=, in lower case.")
	}
	if strings.HasPrefix(signature, "sha256=") && !isASCII(signature) {
		d.State, v.out.Receipt.Verdict = core.Malformed, d
		return v.crash("signature", signature, "hmac.compare_digest takes only ASCII strings")
	}
	if !v.checkVerdict(d, "sha256= and the lower-case hex HMAC-SHA256 of the body") {
		return v.reject(nekroDetail(403, "Invalid signature"), "the signature does not match")
	}
	payload, refusal, ok := m.json(v)
	if !ok {
		return refusal
	}
	event := latin1(first(r, "X-GitHub-Event"))
	shown := event
	if !r.Header.Has("X-GitHub-Event") {
		shown = "None"
	}
	v.out.Event = core.Event{Type: event, ID: first(r, "X-GitHub-Delivery")}
	var notes []core.Notification
	if event == "push" {
		text, failure := pushText(payload)
		if failure != "" {
			return v.crash("push payload", payloadKind(payload, nil), failure)
		}
		if chat := m.set.Text("notification_chat"); chat != "" {
			notes = append(notes, core.Notification{Chat: chat, Text: jsontext.WellFormed(text), At: v.in.Now})
		}
	}
	m.handled(v, "GitHub "+shown, json.RawMessage(raw(payload)), notes...)
	return v.accept(reply(200, "application/json", object("status", "success", "message", "Event '"+shown+"' received and acknowledged.")), "")
}

// json is request.json(), of which the github handler catches JSONDecodeError alone.
func (m *nekroMachine) json(v *visit) (value, Out, bool) {
	payload, err := parsePy(v.in.Request.Body)
	switch err {
	case nil:
		v.check("json", "JSON as Python reads it", payloadKind(payload, nil), true)
		return payload, Out{}, true
	case errNotJSON:
		v.check("json", "JSON as Python reads it", "not JSON", false)
		return payload, v.reject(nekroDetail(400, "Invalid JSON payload"), "the body is not JSON"), false
	}
	return payload, v.crash("json", "an exception other than JSONDecodeError", "the body cannot be decoded, or is nested too deeply"), false
}

// pushText is the message about a push. failure names the exception that the handler would raise.
func pushText(payload value) (text, failure string) {
	repo, failure := pyGetGet(payload, "repository", "full_name", "Unknown repository")
	if failure != "" {
		return "", failure
	}
	pusher, failure := pyGetGet(payload, "pusher", "name", "Unknown pusher")
	if failure != "" {
		return "", failure
	}
	count := 0
	commits, ok := payload.Get("commits")
	if ok {
		count, failure = pyLen(commits)
	}
	if failure != "" {
		return "", failure
	}
	text = fmt.Sprintf("📦 Code push event\nRepository: %s\nPusher: %s\nCommits: %d\n", repo, pusher, count)
	if count == 0 {
		return text, ""
	}
	if commits.Kind() != jsontext.Array {
		return "", "commits is not a list"
	}
	message, failure := pyGet(commits.First(), "message", "No commit message")
	if failure != "" {
		return "", failure
	}
	if message.Kind() != jsontext.String {
		return "", "AttributeError: the commit's message is no string"
	}
	line, ok := pyFirstLine(message.Text())
	if !ok {
		return "", "IndexError: the commit's message is empty"
	}
	return text + "Latest commit: " + line, ""
}

// pyFirstLine is s.splitlines()[0]; false means IndexError, because "" has no lines.
func pyFirstLine(s string) (string, bool) {
	if s == "" {
		return "", false
	}
	if i := strings.IndexAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029"); i >= 0 {
		return s[:i], true
	}
	return s, true
}

// pyGet is v.get(key, fallback) in Python: only a dict has it.
func pyGet(v value, key, fallback string) (value, string) {
	if v.Kind() != jsontext.Object {
		return value{}, "AttributeError: " + pyType(v) + " has no attribute 'get'"
	}
	if m, ok := v.Get(key); ok {
		return m, ""
	}
	return jsontext.Text(fallback), ""
}

// pyGetGet is v.get(outer, {}).get(inner, fallback) as an f-string shows it.
func pyGetGet(v value, outer, inner, fallback string) (string, string) {
	if v.Kind() != jsontext.Object {
		return "", "AttributeError: " + pyType(v) + " has no attribute 'get'"
	}
	o, ok := v.Get(outer)
	if !ok {
		return fallback, ""
	}
	m, failure := pyGet(o, inner, fallback)
	if failure != "" {
		return "", failure
	}
	return pyString(m), ""
}

func pyLen(v value) (int, string) {
	switch v.Kind() {
	case jsontext.String:
		return utf8.RuneCountInString(v.Text()), ""
	case jsontext.Array, jsontext.Object:
		return v.Len(), ""
	}
	return 0, "TypeError: object of type " + pyType(v) + " has no len()"
}

func pyType(v value) string {
	switch v.Kind() {
	case jsontext.Null:
		return "'NoneType'"
	case jsontext.Bool:
		return "'bool'"
	case jsontext.Number:
		if v.IsWhole() {
			return "'int'"
		}
		return "'float'"
	case jsontext.String:
		return "'str'"
	case jsontext.Array:
		return "'list'"
	}
	return "'dict'"
}

// pyTruthy is bool(v): empty containers are false too.
func pyTruthy(v value) bool {
	switch v.Kind() {
	case jsontext.Array, jsontext.Object:
		return v.Len() > 0
	case jsontext.Number:
		return v.Float() != 0 // NaN too
	}
	return truthy(v)
}

// resource is the document's handler of several methods.
func (m *nekroMachine) resource(v *visit) Out {
	method := v.in.Request.Method
	switch method {
	case "GET":
		v.check("method", "GET, POST or DELETE", method, true)
		data := append([]byte{'['}, bytes.Join(rawList(m.resources), []byte{','})...)
		return v.accept(reply(200, "application/json", object("status", "available", "data", json.RawMessage(append(data, ']')))), "the resource, no work item")
	case "POST":
		v.check("method", "GET, POST or DELETE", method, true)
		payload, err := parsePy(v.in.Request.Body)
		if err != nil {
			return v.crash("json", "not JSON", "the handler does not catch JSONDecodeError")
		}
		id := "res_" + v.in.IDs.Text(lettersDigits, 12)
		m.remember(id, payload)
		return v.accept(reply(201, "application/json", object("status", "created", "id", id)), "a resource was made, no work item")
	case "DELETE":
		v.check("method", "GET, POST or DELETE", method, true)
		m.resources = nil
		return v.accept(reply(200, "application/json", object("status", "deleted")), "the resource was deleted, no work item")
	}
	v.check("method", "GET, POST or DELETE", method, false)
	return v.reject(nekroDetail(405, "Method Not Allowed"), "the handler refuses "+method)
}

// remember keeps the newest resources; of a large one the id alone.
func (m *nekroMachine) remember(id string, payload value) {
	const most, large = 100, 64 << 10
	r := object("id", id, "payload", payload)
	if len(r) > large {
		r = object("id", id)
	}
	if m.resources = append(m.resources, r); len(m.resources) > most {
		m.resources = m.resources[1:]
	}
}

func rawList(rs []json.RawMessage) [][]byte {
	out := make([][]byte, len(rs))
	for i, r := range rs {
		out[i] = r
	}
	return out
}

// startJob is the document's handler of a background job.
func (m *nekroMachine) startJob(v *visit) Out {
	payload, err := parsePy(v.in.Request.Body)
	if err != nil {
		return v.crash("json", "not JSON", "the handler does not catch JSONDecodeError")
	}
	v.check("json", "a JSON object", payloadKind(payload, nil), payload.Kind() == jsontext.Object)
	task, failure := pyGet(payload, "task_id", "unknown_task")
	if failure != "" {
		return v.crash("payload", payloadKind(payload, nil), failure)
	}
	chat, _ := payload.Get("notify_chat_key")
	if !v.check("notify_chat_key", "given", ifElse(pyTruthy(chat), pyString(chat), "missing or empty"), pyTruthy(chat)) {
		return v.reject(reply(400, "application/json", object("status", "error", "message", "notify_chat_key not provided")), "the payload names no chat")
	}
	shown := pyDumps(task)
	if shown == nil {
		return v.crash("task_id", pyString(task), "the answer cannot be written as JSON")
	}
	item := m.item(v.in.IDs.UUID(), v.in.Now)
	item.Title = jsontext.WellFormed("Task " + pyString(task))
	item.Input = json.RawMessage(raw(payload))
	item.Payload = json.RawMessage(object("chat", pyString(chat), "message",
		"Task "+pyString(task)+" processing completed. Result is: XXXX"))
	v.out.Work = append(v.out.Work, m.runs.start(item, m.jobPlan(item)))
	return v.accept(reply(202, "application/json", object("status", "accepted", "task_id", json.RawMessage(shown),
		"message", "Job received and being processed in background.")), "")
}

// jobPlan is the ten seconds of a background job and the message after them. No agent takes part in it.
func (m *nekroMachine) jobPlan(item core.WorkItem) plan {
	took := m.set.Number("job_seconds", 10)
	if m.script.behaviour == "slow" {
		took *= 10
	}
	length := time.Duration(took / m.cfg.Pace * float64(time.Second))
	end := item.Created.Add(length)
	p := plan{start: item.Created, failed: m.script.behaviour == "fail" || m.script.behaviour == "rate_limited", output: "XXXX"}
	last := "completed"
	job := core.Step{Name: "background job", Started: item.Created, Took: length}
	if p.failed {
		last, p.error = "failed", "the job raised an exception"
		job.Error = p.error
	}
	p.states = []core.StateAt{{State: "running", At: item.Created}, {State: last, At: end}}
	p.steps = []core.Step{{Name: "received", Started: item.Created}, job}
	if !p.failed {
		p.steps = append(p.steps, core.Step{Name: "delivered", Detail: pendingNote(item).Chat, Started: end})
	}
	return p
}

// pendingNote is the message that a job owes its chat, as its item keeps it.
func pendingNote(item core.WorkItem) core.Notification {
	var n struct{ Chat, Message string }
	if b, err := json.Marshal(item.Payload); err == nil {
		_ = json.Unmarshal(b, &n) // an item of ours; anything else gives an empty note
	}
	return core.Notification{Chat: n.Chat, Text: n.Message}
}

// told adds the message of a finished job.
func (m *nekroMachine) told(item *core.WorkItem, _ *Out) {
	if item.Failed {
		return
	}
	n := pendingNote(*item)
	n.At = item.States[len(item.States)-1].At
	item.Notes = append(item.Notes, n)
}

// echo answers with what it got.
func (m *nekroMachine) echo(v *visit) Out {
	r := v.in.Request
	v.check("method", "any", r.Method, true)
	var body any
	if payload, err := parsePy(r.Body); err == nil {
		shown := pyDumps(payload)
		if shown == nil {
			return v.crash("json", "NaN, Infinity or a lone surrogate", "the answer cannot be written as JSON")
		}
		body = json.RawMessage(shown)
	} else if len(r.Body) > 0 {
		body = jsontext.DecodeWeb(r.Body)
	}
	if r.Method != "GET" && r.Method != "HEAD" && r.Method != "OPTIONS" {
		m.handled(v, r.Method+" "+m.endpoint, body)
	}
	return v.accept(reply(200, "application/json", object("status", "success", "method", r.Method, "query", r.Query(), "body", body)), "")
}

// latin1 is a header as Starlette decodes it, byte by byte.
func latin1(s string) string {
	if isASCII(s) {
		return s
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func ifElse(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}
