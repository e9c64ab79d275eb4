package sign

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"hookglass/core"
)

// sns is the text that Amazon SNS signs: name and value of certain body members, a line each. Which ones depends
// on the Type.
func (v values) sns() ([]core.Part, error) {
	kind, _, err := jsonText(v.body, "Type")
	if err != nil {
		return nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	names := []string{"Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "TopicArn", "Type"}
	if kind == "SubscriptionConfirmation" || kind == "UnsubscribeConfirmation" {
		names = []string{"Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}
	}
	optional := map[string]bool{"Subject": true, "SubscribeURL": kind == "Notification"} // signed where they are there
	var parts []core.Part
	for _, name := range names {
		if name == "Token" && v.tokenless {
			continue
		}
		text, ok, err := jsonText(v.body, name)
		if err != nil {
			return parts, err
		}
		if !ok && optional[name] {
			continue
		}
		if !ok {
			return parts, fmt.Errorf("body member %s is missing, and it is part of the signed bytes", name)
		}
		parts = append(parts, literal(name+"\n"), core.Part{Name: "body " + name, Bytes: []byte(text)}, literal("\n"))
	}
	return parts, nil
}

// unsubscribes reports whether the message says that a subscription ended.
func (v values) unsubscribes() bool {
	kind, _, _ := jsonText(v.body, "Type")
	return kind == "UnsubscribeConfirmation"
}

// snsAlgorithm is rsa-sha1 or rsa-sha256, as the member SignatureVersion says.
func snsAlgorithm(body []byte) string {
	if version, _, _ := jsonText(body, "SignatureVersion"); version == "2" {
		return "rsa-sha256"
	}
	return "rsa-sha1"
}

var snsHost = regexp.MustCompile(`^sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?$`)

// checkSNS refuses what a receiver must refuse whatever the signature says: a version that is not known, and a
// certificate from elsewhere. We never fetch it.
func checkSNS(v *core.Verdict, body []byte, a attempt) {
	if version, ok, _ := jsonText(body, "SignatureVersion"); !ok || !isText(body, "SignatureVersion") || version != "1" && version != "2" {
		note(v, fmt.Sprintf("SignatureVersion is %q; a receiver knows the texts \"1\" and \"2\" and must refuse every other.", version))
		demote(v, core.Malformed)
	}
	address, ok, _ := jsonText(body, "SigningCertURL")
	if !ok {
		note(v, "The message has no SigningCertURL; a receiver could not find the certificate.")
		demote(v, core.Malformed)
		return
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || !snsHost.MatchString(u.Host) || u.User != nil || !strings.HasSuffix(u.Path, ".pem") {
		note(v, fmt.Sprintf("SigningCertURL %q is no .pem by https on sns.REGION.amazonaws.com: a receiver must refuse it, whatever the signature says.", address))
		demote(v, core.Malformed)
		return
	}
	if a.any && a.keyErr == nil { // else another note says what the certificate lacks
		note(v, "The certificate is the one you gave; SigningCertURL is on "+u.Host+" and was not fetched.")
	}
	if (values{body: body}).unsubscribes() && v.State == core.Verified && a.note == "" {
		note(v, "Amazon signs the Token of an UnsubscribeConfirmation; sns-validator leaves it out and rejects a message that has it signed.")
	}
}

// rawSNS reports a message that Amazon SNS delivered raw: the message alone, without the envelope that has the signature.
func rawSNS(r *core.Request, s Scheme) bool {
	return s.Template == "{sns}" && strings.EqualFold(r.Header.Get("X-Amz-Sns-Rawdelivery"), "true")
}

func (d *doctor) rawDelivery() core.Finding {
	f := d.finding("signature_header_missing", core.Structural, "Amazon SNS delivered the message raw (x-amz-sns-rawdelivery: true): without the envelope in which the signature stands.")
	f.Fix = "Raw message delivery carries no signature: turn it off in the subscription (RawMessageDelivery false), or know the sender by something else."
	return f
}
