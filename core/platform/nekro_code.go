package platform

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/jsontext"
)

// shipped is webhook_handler of the released software: one router for all plugins.
func (m *nekroMachine) shipped(v *visit) Out {
	r := v.in.Request
	timed := func(resp core.Response) core.Response { return with(resp, "X-Process-Time", "1.37ms") }
	if !v.check("method", "POST", r.Method, r.Method == "POST") {
		return v.reject(timed(nekroHTTPError(405, "Method Not Allowed")), "only POST is routed; the Allow header is lost in the error handler")
	}
	if !v.fits(m.set.Number("body_limit_bytes", 0)) {
		return v.reject(timed(nekroHTTPError(413, "Request Entity Too Large")), "the body is larger than the source's limit")
	}
	body, ok := shippedBody(r)
	if !v.check("body", "readable", ifElse(ok, payloadKind(body, nil), "an exception"), ok) {
		return v.reject(nekroAppError(r, 500, "InternalServerError", "服务器内部错误", "Internal server error"), "the body raised an exception that nothing catches")
	}
	if !v.check("payload", "a JSON object", payloadKind(body, nil), body.Kind() == jsontext.Object) {
		const reason = "body: Input should be a valid dictionary"
		return v.reject(timed(nekroAppError(r, 400, "ValidationError", "请求参数无效: "+reason, "Invalid request parameters: "+reason)), "the payload is no object")
	}
	v.out.Event = core.Event{Type: first(r, "X-GitHub-Event"), ID: first(r, "X-GitHub-Delivery")}
	answer := timed(reply(200, "application/json", []byte(`{"success":true,"message":"Webhook 处理完成，成功: 0，失败: 0","data":{"results":[],"errors":[]}}`)))
	if m.plugin == builtinPlugin && len(m.secret("secret")) > 0 {
		want := "sha256=" + hmacHex(m.secret("secret"), r.Body)
		got := first(r, "X-Hub-Signature-256")
		d := bodyVerdict("nekro", "X-Hub-Signature-256", want, got, m.secret("secret"), r.Body, got == want)
		d.Notes = append(d.Notes, "As shipped this is never compared: the header is looked up as X-Hub-Signature-256 among lower-case names.")
		v.out.Receipt.Verdict = d
		v.check("signature", "found under the name that the plugin looks up", "never found", false)
		return v.ignore(answer, "with a secret set the built-in plugin ignores every delivery, and 200 is answered all the same")
	}
	m.handled(v, strings.TrimSpace("GitHub "+v.out.Event.Type), json.RawMessage(raw(body)))
	return v.accept(answer, "")
}

// shippedBody reads the body by its type: JSON must be JSON, anything else may be. False means an exception.
func shippedBody(r *core.Request) (value, bool) {
	if strings.Contains(first(r, "Content-Type"), "application/json") {
		body, err := parsePy(r.Body)
		return body, err == nil
	}
	if !utf8.Valid(r.Body) {
		return value{}, false
	}
	body, err := parsePyText(string(r.Body))
	switch err {
	case nil:
		return body, true
	case errNotJSON:
		body, err := parseJS(string(object("raw_content", string(r.Body))))
		return body, err == nil
	}
	return value{}, false
}

// nekroHTTPError is the envelope of an HTTPException, which is not translated.
func nekroHTTPError(status int, message string) core.Response {
	return reply(status, "application/json", object("error", "HTTPException", "message", message, "detail", nil, "data", nil))
}

// nekroAppError is the envelope of the platform's own errors, in the first language of Accept-Language: English, else Chinese.
func nekroAppError(r *core.Request, status int, class, chinese, english string) core.Response {
	lang, _, _ := strings.Cut(first(r, "Accept-Language"), ",")
	message := chinese
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(lang)), "en") {
		message = english
	}
	return reply(status, "application/json", object("error", class, "message", message, "detail", nil, "data", nil))
}
