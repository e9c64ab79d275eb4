package sign

import (
	"fmt"
	"net/url"
	"regexp"

	"hookglass/core"
)

// sns is the text that Amazon SNS signs: name and value of certain body members, a line each. Which ones depends
// on the Type.
func (v values) sns() ([]core.Part, error) {
	kind, _, err := jsonText(v.body, "Type")
	if err != nil {
		return nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	names := []string{"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"}
	if kind == "SubscriptionConfirmation" || kind == "UnsubscribeConfirmation" {
		names = []string{"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}
	}
	var parts []core.Part
	for _, name := range names {
		text, ok, err := jsonText(v.body, name)
		if err != nil {
			return parts, err
		}
		if !ok && name == "Subject" { // only a message published with a subject has one
			continue
		}
		if !ok {
			return parts, fmt.Errorf("body member %s is missing, and it is part of the signed bytes", name)
		}
		parts = append(parts, literal(name+"\n"), core.Part{Name: "body " + name, Bytes: []byte(text)}, literal("\n"))
	}
	return parts, nil
}

// snsAlgorithm is rsa-sha1 or rsa-sha256, as the member SignatureVersion says.
func snsAlgorithm(body []byte) string {
	if version, _, _ := jsonText(body, "SignatureVersion"); version == "2" {
		return "rsa-sha256"
	}
	return "rsa-sha1"
}

var snsHost = regexp.MustCompile(`^sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?$`)

// snsCertNote says whether the certificate's address is one that a receiver may fetch. We never fetch it.
func snsCertNote(body []byte) string {
	address, ok, _ := jsonText(body, "SigningCertURL")
	if !ok {
		return "The message has no SigningCertURL; a receiver could not find the certificate."
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || !snsHost.MatchString(u.Host) || u.User != nil {
		return fmt.Sprintf("SigningCertURL %q is not https on sns.REGION.amazonaws.com: a receiver must refuse it, whatever the signature says.", address)
	}
	return "The certificate is the one you gave; SigningCertURL is on " + u.Host + " and was not fetched."
}
