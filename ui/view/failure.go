package view

import (
	"fmt"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

// WhyFailed says what went wrong with an attempt and what to do next, in a sentence each; two empty texts where nothing
// did.
func WhyFailed(a *core.Attempt) (what, next string) {
	switch {
	case a.OK(), a.Response == nil && a.Failure == "":
		return "", ""
	case a.Response != nil:
		return refused(a.Response)
	}
	return failed(a)
}

func refused(r *core.Response) (what, next string) {
	what = fmt.Sprintf("The receiver answered %s.", Answer(&core.Attempt{Response: r}))
	switch s := r.Status; {
	case s >= 300 && s < 400:
		to := r.Header.Get("Location")
		if to == "" {
			return what, "Redirects are not followed: webhooks would lose their body. Send to the final address instead."
		}
		return what, "Redirects are not followed. Send to " + to + " instead."
	case s == 401 || s == 403:
		return what, "It does not accept the signature or the login: check the scheme and the secret on both sides, or the Authorization header."
	case s == 404:
		return what, "Nothing listens at this path: compare the URL with the route in your handler."
	case s == 405:
		return what, "The path exists but not for this method: check which one your handler is registered for."
	case s == 408:
		return what, "It gave up waiting for the request: look for a proxy in between with a short limit."
	case s == 410:
		return what, "It wants no more of these. Remove the endpoint, or subscribe again over there."
	case s == 413:
		return what, "The body is larger than it takes: raise the limit of its server or framework."
	case s == 415:
		return what, "It does not take this Content-Type: set the header that your handler parses."
	case s == 429:
		if after := r.Header.Get("Retry-After"); after != "" {
			return what, "It is over its limit and asks to wait: Retry-After: " + after + ". Send slower, or honour it in the retry policy."
		}
		return what, "It is over its limit. Send slower: set a rate for the endpoint or the replay."
	case s >= 500:
		return what, "The handler failed: its own log says why. The answer below may too."
	case s >= 400:
		return what, "It refused the request: the answer below may say why."
	}
	return what, "Only a 2xx counts as delivered."
}

func failed(a *core.Attempt) (what, next string) {
	switch a.Failure {
	case deliver.Timeout:
		return fmt.Sprintf("No answer within %s: %s.", Duration(a.Took.Round(100*time.Millisecond)), a.Detail),
			"Answer first and work afterwards, or raise the timeout."
	case deliver.Refused:
		return "Nothing listens there: the connection was refused.", "Start the receiver, or check host and port."
	case deliver.Reset:
		return "The receiver reset the connection: " + a.Detail + ".", "It may have crashed, or a proxy cut it: look at its log."
	case deliver.Unreachable:
		return "The host cannot be reached: " + a.Detail + ".", "Check the address, the network and any VPN."
	case deliver.DNS:
		return "The host's name is not known: " + a.Detail + ".", "Check its spelling, and whether this machine resolves it."
	case deliver.Inward:
		return "Nothing was sent: " + a.Detail + ".", "The target was set over a management address. If it may, save the endpoint here by hand."
	case deliver.NotTrusted:
		return "The certificate is not trusted: " + a.Detail + ".", "Name its authority as CA file, or switch certificate checks off for this endpoint."
	case deliver.Expired:
		return "The certificate has expired: " + a.Detail + ".", "Renew it over there, or switch certificate checks off for this endpoint."
	case deliver.WrongName:
		return "The certificate is for another name: " + a.Detail + ".", "Use the name that stands in it, or switch certificate checks off for this endpoint."
	case deliver.NoTLS:
		return "The receiver does not speak TLS at this port.", "Use http:// instead of https://, or the port of its TLS."
	case deliver.Handshake:
		return "No agreement on TLS: " + a.Detail + ".", "Check which versions and ciphers the receiver allows."
	case deliver.ClosedEarly:
		return "The connection ended before the answer did: " + a.Detail + ".", "The handler may have crashed: look at its log."
	case deliver.BadResponse, deliver.HeaderTooLarge:
		return "The answer is no HTTP that can be read: " + a.Detail + ".", "Check what listens at this port."
	case deliver.Interrupted:
		return "Hookglass ended while this attempt was under way.", "The receiver may have got it: look for a duplicate."
	case deliver.BadRequest:
		return "Nothing was sent: " + a.Detail + ".", "Correct the request with Edit and send."
	case deliver.NotSigned:
		return "Nothing was sent, it could not be signed: " + a.Detail + ".", "Enter the secret again, or choose another scheme."
	case deliver.Cancelled:
		return "Broken off: the delivery was cancelled.", "Resend it if that was a mistake."
	}
	return core.Capital(string(a.Failure)) + ": " + a.Detail + ".", "Try again; if it stays, look at the receiver's log."
}
