package tunnel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
)

// patience says when trying again may help.
type patience int

const (
	retry      patience = iota // it may pass by itself
	retryLater                 // it passes only where it worked before, as after a change of networks
	never                      // only the user can help
)

// row is one trouble as we know it beforehand.
type row struct {
	patience
	Trouble
}

const (
	ngrokTokens    = "https://dashboard.ngrok.com/get-started/your-authtoken"
	ngrokAgents    = "https://dashboard.ngrok.com/agents"
	ngrokDomains   = "https://dashboard.ngrok.com/domains"
	ngrokEndpoints = "https://dashboard.ngrok.com/endpoints"
	ngrokBilling   = "https://dashboard.ngrok.com/billing"
)

// troubles is all that can go wrong, by code. The ngrok rows follow https://ngrok.com/docs/errors.
var troubles = []row{
	{never, Trouble{Code: "ERR_NGROK_105", Field: "authtoken", Link: ngrokTokens,
		Text: "ngrok does not accept the authtoken.", Next: "Copy the authtoken from the ngrok dashboard and paste it again."}},
	{never, Trouble{Code: "ERR_NGROK_106", Field: "authtoken", Link: ngrokTokens,
		Text: "The authtoken is of an older kind that ngrok no longer accepts.", Next: "Copy the current authtoken from the ngrok dashboard."}},
	{never, Trouble{Code: "ERR_NGROK_107", Field: "authtoken", Link: ngrokTokens,
		Text: "The authtoken was revoked or reset.", Next: "Copy the new authtoken from the ngrok dashboard."}},
	{never, Trouble{Code: "ERR_NGROK_4018", Field: "authtoken", Link: ngrokTokens,
		Text: "ngrok wants a verified account and an authtoken.", Next: "Sign up or verify your address at ngrok, then paste the authtoken."}},
	{never, Trouble{Code: "ERR_NGROK_102", Link: ngrokBilling,
		Text: "The ngrok account is suspended.", Next: "Look at the account in the ngrok dashboard."}},
	{never, Trouble{Code: "ERR_NGROK_103", Link: ngrokBilling,
		Text: "The ngrok account is suspended.", Next: "Look at the account in the ngrok dashboard."}},
	{retryLater, Trouble{Code: "ERR_NGROK_108", Link: ngrokAgents,
		Text: "The ngrok account has as many agents online as its plan allows.", Next: "Stop another agent, here or in the ngrok dashboard, then start again."}},
	{retryLater, Trouble{Code: "ERR_NGROK_334", Field: "domain", Link: ngrokEndpoints,
		Text: "That address is already online elsewhere.", Next: "Stop the other tunnel or choose another domain."}},
	{never, Trouble{Code: "ERR_NGROK_319", Field: "domain", Link: ngrokDomains,
		Text: "The domain is not reserved for this account.", Next: "Reserve it in the ngrok dashboard or leave the domain empty."}},
	{never, Trouble{Code: "ERR_NGROK_320", Field: "domain", Link: ngrokDomains,
		Text: "The domain is reserved for another account.", Next: "Choose a domain of your own or leave the domain empty."}},
	{never, Trouble{Code: "ERR_NGROK_7027", Field: "verify",
		Text: "The ngrok plan does not allow this traffic policy.", Next: "Start without verification, basic auth and allow list at the edge, or change the plan."}},
	{never, Trouble{Code: "ERR_NGROK_9016", Field: "verify",
		Text: "ngrok refused the traffic policy.", Next: "Start without verification, basic auth and allow list at the edge, or change the plan."}},
	{retry, Trouble{Code: "ERR_NGROK_3200",
		Text: "The public address is offline: ngrok has no tunnel for it.", Next: "Start the tunnel again."}},
	{retry, Trouble{Code: "ERR_NGROK_727", Link: ngrokBilling,
		Text: "The account has used up this month's requests.", Next: "The limits are ngrok's: wait for the next month or change the plan."}},
	{retry, Trouble{Code: "ERR_NGROK_734", Link: ngrokBilling,
		Text: "ngrok is limiting the rate of requests.", Next: "The limits are ngrok's: send more slowly or change the plan."}},
	{retryLater, Trouble{Code: "ngrok",
		Text: "ngrok refused the tunnel.", Next: "Read what ngrok says and correct the settings."}},
	{never, Trouble{Code: "ended",
		Text: "ngrok ended this tunnel.", Next: "Look at the endpoints in the ngrok dashboard, then start again.", Link: ngrokEndpoints}},

	{retry, Trouble{Code: "dns",
		Text: "No connection: the name of the server was not found.", Next: "Check the network; it is tried again by itself."}},
	{retry, Trouble{Code: "refused",
		Text: "No connection: nothing answers at the server's address.", Next: "Check the address and the network; it is tried again by itself."}},
	{retry, Trouble{Code: "unreachable",
		Text: "No connection: the network is unreachable.", Next: "Check the network; it is tried again by itself."}},
	{retry, Trouble{Code: "timeout",
		Text: "No connection: the server did not answer in time.", Next: "Check the network and its firewall; it is tried again by itself."}},
	{retry, Trouble{Code: "silent",
		Text: "The server was reached but does not answer.", Next: "It is tried again by itself; if it stays so, check the provider's status page."}},
	{retry, Trouble{Code: "lost",
		Text: "The connection was lost.", Next: "It is tried again by itself."}},
	{retryLater, Trouble{Code: "tls", Field: "ca_file",
		Text: "The server's certificate is not trusted: something on the way inspects encrypted traffic.", Next: "Give the CA file of your company's network, or use another network."}},
	{retryLater, Trouble{Code: "proxy", Field: "proxy",
		Text: "The proxy does not answer.", Next: "Check the proxy's address."}},
	{never, Trouble{Code: "proxy_login", Field: "proxy",
		Text: "The proxy asks for another user or password.", Next: "Correct user and password in the proxy's address."}},
	{retryLater, Trouble{Code: "proxy_refused", Field: "proxy",
		Text: "The proxy refuses to connect there.", Next: "Ask who runs the proxy to allow this server, or use another network."}},

	{never, Trouble{Code: "host_key_unknown", Field: "ssh.known_hosts",
		Text: "The ssh server is not known yet.", Next: "Compare its fingerprint with the one its operator publishes, then accept it."}},
	{never, Trouble{Code: "host_key_changed", Field: "ssh.known_hosts",
		Text: "The ssh server shows another key than before: someone may be in between.", Next: "Do not go on unless its operator confirms the new key; then remove the old line from the known hosts file."}},
	{never, Trouble{Code: "host_key_revoked", Field: "ssh.known_hosts",
		Text: "The ssh server shows a key that is marked as revoked.", Next: "Ask its operator for the current key."}},
	{never, Trouble{Code: "ssh_login", Field: "ssh.key_file",
		Text: "The ssh server does not accept the user, key or password.", Next: "Check the user and the key, and that the server allows it."}},
	{retryLater, Trouble{Code: "ssh_forward", Field: "ssh.remote",
		Text: "The ssh server refuses to forward that port.", Next: "Choose another remote port, or allow forwarding on the server (AllowTcpForwarding, GatewayPorts)."}},
	{retryLater, Trouble{Code: "no_url", Field: "url",
		Text: "The ssh server did not tell a public address.", Next: "Enter the public address yourself, or correct the pattern that finds it in the greeting."}},

	{never, Trouble{Code: "listen", Field: "listen",
		Text: "The local address for your tunnel is in use.", Next: "Choose another port, or leave it empty."}},
	{never, Trouble{Code: "server",
		Text: "The local server ended.", Next: "Start the tunnel again."}},
	{never, Trouble{Code: "auto_stop",
		Text: "Stopped by the timer.", Next: "Start it again when you need it."}},
	{retry, Trouble{Code: "not_ours",
		Text: "Something else answers at the public address.", Next: "The tunnel is dead or points elsewhere: start it again, or check where it points."}},
	{retry, Trouble{Code: "unknown",
		Text: "The tunnel did not come up.", Next: "Read the details; it is tried again by itself."}},
}

// Troubles is all that can go wrong, for tests of those who show it.
var Troubles = func() []Trouble {
	all := make([]Trouble, len(troubles))
	for i, r := range troubles {
		all[i] = r.Trouble
	}
	return all
}()

// known returns the row of a code, with the provider's own words.
func known(code, detail string) row {
	for _, r := range troubles {
		if r.Code == code {
			r.Detail = detail
			return r
		}
	}
	if strings.HasPrefix(code, "ERR_NGROK_") {
		r := known("ngrok", detail)
		r.Code = code
		if said := firstLine(detail); said != "" {
			r.Text = "ngrok refused the tunnel: " + said
		}
		return r
	}
	return known("unknown", detail)
}

// final reports whether to give up. online says that the tunnel worked before.
func (r row) final(online bool) bool {
	return r.patience == never || r.patience == retryLater && !online
}

func (r row) asError() *Error { return &Error{r.Trouble} }

// coded is an error that knows its row.
type coded struct {
	code string
	err  error
}

func (e *coded) Error() string { return e.code + ": " + e.err.Error() }
func (e *coded) Unwrap() error { return e.err }

// ngrokCode stands in every refusal, also where the error has no method for it (a bind repeated after a reconnect).
var ngrokCode = regexp.MustCompile(`ERR_NGROK_\d+`)

// explain finds what is known about an error of a provider.
func explain(err error) row {
	var own *coded
	var withCode interface{ ErrorCode() string }
	var withNgrokCode interface{ Code() string }
	detail := err.Error()
	switch {
	case errors.As(err, &own):
		return known(own.code, own.err.Error())
	case errors.As(err, &withCode) && withCode.ErrorCode() != "":
		return known(withCode.ErrorCode(), detail)
	case errors.As(err, &withNgrokCode) && withNgrokCode.Code() != "":
		return known(withNgrokCode.Code(), detail)
	case ngrokCode.MatchString(detail):
		return known(ngrokCode.FindString(detail), detail)
	}
	return known(networkCode(err), detail)
}

// networkCode names a failure below the provider's protocol.
func networkCode(err error) string {
	var dns *net.DNSError
	var untrusted *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return "dns"
	case errors.As(err, &untrusted), errors.As(err, &authority), errors.As(err, &name), errors.As(err, &record):
		return "tls"
	case isErrno(err, syscall.ECONNREFUSED, 10061):
		return "refused"
	case isErrno(err, syscall.ENETUNREACH, 10051), isErrno(err, syscall.EHOSTUNREACH, 10065):
		return "unreachable"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		isErrno(err, syscall.ECONNRESET, 10054), errors.Is(err, syscall.EPIPE), lostText.MatchString(err.Error()):
		return "lost"
	}
	return "unknown"
}

// isErrno asks for an error of the system. Windows has numbers of its own for those of sockets.
func isErrno(err error, posix, winsock syscall.Errno) bool {
	return errors.Is(err, posix) || runtime.GOOS == "windows" && errors.Is(err, winsock)
}

// lostText recognises the muxer's own errors, which have no type or value that can be asked for.
var lostText = regexp.MustCompile(`EOF|session (?:was )?closed|remote peer|GOAWAY|gone away|broken pipe|connection reset`)

func firstLine(s string) string {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			line = strings.TrimPrefix(line, "authentication failed: ")
			return line
		}
	}
	return ""
}
