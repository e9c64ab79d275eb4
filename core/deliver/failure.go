package deliver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"

	"hookglass/core"
)

// The failures of an attempt. The names are stable: scripts and stored histories hold them.
const (
	Timeout        core.Failure = "timeout"
	Refused        core.Failure = "connection refused"
	Reset          core.Failure = "connection reset"
	Unreachable    core.Failure = "unreachable"
	DNS            core.Failure = "dns"
	Inward         core.Failure = "private address" // a stranger chose the target: nothing was sent
	NotTrusted     core.Failure = "tls: certificate not trusted"
	Expired        core.Failure = "tls: certificate expired"
	WrongName      core.Failure = "tls: certificate for another name"
	NoTLS          core.Failure = "tls: not spoken"
	Handshake      core.Failure = "tls: handshake failed"
	ClosedEarly    core.Failure = "closed early"
	BadResponse    core.Failure = "bad response"
	HeaderTooLarge core.Failure = "header too large"
	Cancelled      core.Failure = "cancelled"
	Interrupted    core.Failure = "interrupted" // our program ended in the middle: the receiver may have got it
	BadRequest     core.Failure = "bad request" // the delivery cannot be put on the wire: nothing was sent
	NotSigned      core.Failure = "not signed"  // nothing was sent
	Other          core.Failure = "other"
)

// Why an attempt's context ended.
var (
	errTimeout   = errors.New("time is up")
	errCancelled = errors.New("cancelled")
	errDrained   = errors.New("the program ends")
)

var (
	errHeadTooLarge = fmt.Errorf("more than %d KiB of header", maxHead>>10)
	errInformed     = fmt.Errorf("more than %d answers of the 1xx kind before the final one", maxInformational)
)

// phase is what an exchange is doing, for the sentence that explains a failure.
type phase string

const (
	connecting phase = "the connection's set-up"
	securing   phase = "the TLS handshake"
	awaiting   phase = "the wait for the answer"
	reading    phase = "the answer's body"
)

// classify names what went wrong and says it in full. ctx is the attempt's: where it ended, that is the cause of
// whatever error came of it.
func classify(ctx context.Context, err error, during phase) (core.Failure, string) {
	detail := fmt.Sprintf("%s: %v", during, err)
	switch cause := context.Cause(ctx); {
	case cause == nil:
	case errors.Is(cause, errTimeout), errors.Is(cause, context.DeadlineExceeded):
		return Timeout, "time was up during " + string(during)
	case errors.Is(cause, errDrained):
		return Interrupted, "the program ended during " + string(during)
	default:
		return Cancelled, "cancelled during " + string(during)
	}
	name := named(err, during)
	if name == ClosedEarly {
		detail = "the receiver closed the connection during " + string(during)
	}
	return name, detail
}

func named(err error, during phase) core.Failure {
	var (
		dns      *net.DNSError
		netError net.Error
	)
	switch {
	case errors.As(err, &dns):
		return DNS
	case errors.Is(err, errInward):
		return Inward
	case isErrno(err, syscall.ECONNREFUSED, 10061):
		return Refused
	case isErrno(err, syscall.ECONNRESET, 10054), isErrno(err, syscall.EPIPE, 10053):
		return Reset
	case isErrno(err, syscall.EHOSTUNREACH, 10065), isErrno(err, syscall.ENETUNREACH, 10051), isErrno(err, syscall.EADDRNOTAVAIL, 10049):
		return Unreachable
	case errors.Is(err, os.ErrDeadlineExceeded), isErrno(err, syscall.ETIMEDOUT, 10060), errors.As(err, &netError) && netError.Timeout():
		return Timeout
	case errors.Is(err, errHeadTooLarge):
		return HeaderTooLarge
	case during == securing:
		return tlsFailure(err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe), errors.Is(err, net.ErrClosed):
		return ClosedEarly
	case during == awaiting, during == reading:
		return BadResponse
	}
	return Other
}

func tlsFailure(err error) core.Failure {
	var (
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		name      x509.HostnameError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		return NotTrusted
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Expired
	case errors.As(err, &invalid):
		return NotTrusted
	case errors.As(err, &name):
		return WrongName
	case errors.As(err, &record):
		return NoTLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ClosedEarly
	}
	return Handshake
}

// isErrno compares with the system's error number. Windows has numbers of its own for sockets, which package syscall
// does not name.
func isErrno(err error, unix, winsock syscall.Errno) bool {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return false
	}
	return errno == unix || runtime.GOOS == "windows" && errno == winsock
}
