package sign

import (
	"bytes"
	"encoding/json"
	"strings"

	"hookglass/core"
)

// Handshake answers the requests with which providers test an address before they use it. It returns what to
// answer and the handshake's name. ok is false for every other request, and also, with a name, where no answer can
// be made because it needs a secret and none is given.
//
// An Amazon SNS confirmation is acknowledged but its SubscribeURL is never followed: that is for the user to do.
func Handshake(r *core.Request, secrets []core.Secret) (answer core.Response, name string, ok bool) {
	h := shake{r: r, secrets: secrets}
	switch {
	case r.Method == "HEAD":
		return h.empty(200), "HEAD probe", true
	case r.Method == "GET":
		return h.get()
	case r.Header.Has("X-Hook-Secret"):
		answer = h.empty(200)
		answer.Header = core.Header{{Name: "X-Hook-Secret", Value: r.Header.Get("X-Hook-Secret")}}
		return answer, "Asana X-Hook-Secret", true
	case len(r.Body) > 0 && len(r.Body) <= smallBody && r.Method == "POST":
		return h.post()
	}
	return core.Response{}, "", false
}

// smallBody is the size up to which a body is read for what it says. Handshakes are a few hundred bytes.
const smallBody = 256 << 10

type shake struct {
	r       *core.Request
	secrets []core.Secret
}

// get answers challenges that stand in the query.
func (h shake) get() (core.Response, string, bool) {
	query := map[string]string{}
	for _, p := range formPairs([]byte(h.r.Query())) {
		query[p.name] = p.value
	}
	if token := query["crc_token"]; token != "" {
		if len(h.secrets) == 0 || h.secrets[0].Empty() {
			return core.Response{}, "X CRC", false
		}
		sum := digest("hmac-sha256", h.secrets[0].Reveal(), one("", []byte(token)))
		return h.json(struct {
			Token string `json:"response_token"`
		}{"sha256=" + encodeSignature("base64", sum)}), "X CRC", true
	}
	if c := query["hub.challenge"]; c != "" && query["hub.mode"] != "" {
		return h.text(c), "Meta hub.challenge", true
	}
	if c := query["challenge"]; c != "" {
		return h.text(c), "Dropbox challenge", true
	}
	if c := h.r.Header.Get("X-Okta-Verification-Challenge"); c != "" {
		return h.json(struct {
			Verification string `json:"verification"`
		}{c}), "Okta verification", true
	}
	return core.Response{}, "", false
}

// post answers challenges that stand in a JSON body.
func (h shake) post() (core.Response, string, bool) {
	if !h.likely() {
		return core.Response{}, "", false
	}
	body := readObject(h.r.Body)
	switch {
	case strings.EqualFold(h.r.Header.Get("Twitch-Eventsub-Message-Type"), "webhook_callback_verification"):
		return h.text(body.text("challenge")), "Twitch callback verification", true
	case body.text("type") == "url_verification" && body.text("challenge") != "":
		return h.text(body.text("challenge")), "Slack url_verification", true
	case body.text("event") == "endpoint.url_validation":
		return h.zoom(body.text("payload.plainToken"))
	case body.text("type") == "1" && h.r.Header.Has("X-Signature-Ed25519"):
		return h.discord()
	case h.r.Header.Has("X-Xero-Signature") && body.text("entropy") != "" && string(body["events"]) == "[]":
		return h.probe("xero", "Xero intent to receive", h.empty(200))
	case body.text("Type") == "SubscriptionConfirmation" && body.text("SubscribeURL") != "":
		return h.empty(200), "Amazon SNS subscription confirmation (SubscribeURL not followed)", true
	case len(body) == 1 && body.text("verification_token") != "":
		return h.empty(200), "Notion verification_token", true
	}
	return core.Response{}, "", false
}

// likely saves most bodies from being parsed: a challenge has one of these words or headers.
func (h shake) likely() bool {
	for _, word := range []string{"url_verification", "url_validation", "verification_token", "SubscriptionConfirmation"} {
		if bytes.Contains(h.r.Body, []byte(word)) {
			return true
		}
	}
	for _, name := range []string{"Twitch-Eventsub-Message-Type", "X-Signature-Ed25519", "X-Xero-Signature"} {
		if h.r.Header.Has(name) {
			return true
		}
	}
	return false
}

func (h shake) zoom(token string) (core.Response, string, bool) {
	const name = "Zoom endpoint.url_validation"
	if token == "" || len(h.secrets) == 0 || h.secrets[0].Empty() {
		return core.Response{}, name, false
	}
	sum := digest("hmac-sha256", h.secrets[0].Reveal(), one("", []byte(token)))
	return h.json(struct {
		Plain     string `json:"plainToken"`
		Encrypted string `json:"encryptedToken"`
	}{token, encodeSignature("hex", sum)}), name, true
}

func (h shake) discord() (core.Response, string, bool) {
	return h.probe("discord", "Discord PING", h.json(struct {
		Type int `json:"type"`
	}{1}))
}

// probe gives the good answer only to a good signature: these providers also send bad ones and want a 401 then.
// Without a secret nothing can be checked, and the good answer is given.
func (h shake) probe(scheme, name string, good core.Response) (core.Response, string, bool) {
	s, _ := Known().Find(scheme)
	v := s.Verify(Input{Request: h.r, Secrets: h.secrets})
	if v.State != core.Verified && v.State != core.NoSecret {
		return h.empty(401), name + " with a bad signature", true
	}
	return good, name, true
}

func (shake) empty(status int) core.Response { return core.Response{Status: status} }

func (shake) text(body string) core.Response {
	return respond("text/plain; charset=utf-8", []byte(body))
}

func (shake) json(body any) core.Response {
	b, _ := json.Marshal(body) // the callers' structs always marshal
	return respond("application/json", b)
}

func respond(kind string, body []byte) core.Response {
	return core.Response{
		Status: 200,
		Header: core.Header{{Name: "Content-Type", Value: kind}, {Name: "X-Content-Type-Options", Value: "nosniff"}},
		Body:   body,
		Size:   int64(len(body)),
	}
}
