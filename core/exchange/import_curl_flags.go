package exchange

import "strings"

// curlShort is the long name of a one-letter flag.
func curlShort(c byte) (string, bool) {
	const pairs = "X=request H=header d=data u=user A=user-agent e=referer b=cookie G=get I=head F=form T=upload-file o=output O=remote-name " +
		"s=silent S=show-error v=verbose i=include k=insecure L=location f=fail N=no-buffer g=globoff m=max-time w=write-out x=proxy U=proxy-user " +
		"E=cert K=config #=progress-bar 0=http1.0 1=tlsv1 4=ipv4 6=ipv6 q=disable c=cookie-jar D=dump-header r=range C=continue-at n=netrc " +
		"J=remote-header-name R=remote-time Y=speed-limit y=speed-time :=next"
	for pair := range strings.FieldsSeq(pairs) {
		if pair[0] == c {
			return pair[2:], true
		}
	}
	return "", false
}

// curlIgnored are flags without a value that change how curl works or prints, not what it sends.
func curlIgnored(name string) bool {
	const names = " silent show-error verbose include insecure location location-trusted fail fail-with-body fail-early no-buffer globoff progress-bar " +
		"no-progress-meter http1.0 http1.1 http2 http2-prior-knowledge http3 tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 ipv4 ipv6 disable compressed path-as-is " +
		"remote-name remote-name-all remote-header-name remote-time ssl-no-revoke tcp-nodelay tcp-fastopen no-keepalive raw trace-time styled-output " +
		"post301 post302 post303 proxy-insecure no-alpn no-sessionid parallel create-dirs ca-native retry-all-errors retry-connrefused "
	return strings.Contains(names, " "+name+" ")
}

// curlValue reports whether a flag takes a value. Values that change nothing of what is sent are read and forgotten
// by set, which is why they stand here and not among the ignored.
func curlValue(name string) bool {
	const names = " url request header user oauth2-bearer user-agent referer range cookie request-target data data-ascii data-raw data-binary data-urlencode json "
	return strings.Contains(names, " "+name+" ") || curlForgotten(name)
}

// curlForgotten are flags with a value that changes nothing of what is sent.
func curlForgotten(name string) bool {
	const names = " output output-dir max-time connect-timeout write-out proxy proxy-user noproxy cacert capath cert cert-type key key-type pass " +
		"resolve connect-to retry retry-delay retry-max-time interface limit-rate dump-header cookie-jar max-redirs trace trace-ascii stderr " +
		"keepalive-time ciphers tls-max tls13-ciphers dns-servers max-filesize speed-limit speed-time expect100-timeout unix-socket "
	return strings.Contains(names, " "+name+" ")
}

// curlUnsupported says why a flag cannot be followed, and what to do instead.
func curlUnsupported(name string) (string, bool) {
	const capture = "; run the command against a source of yours and take the capture"
	switch name {
	case "form", "form-string":
		return "a multipart body gets a boundary that curl chooses when it runs" + capture, true
	case "upload-file", "config", "netrc", "netrc-file", "continue-at":
		return "reads a file that is not here; put its content into the command", true
	case "digest", "ntlm", "negotiate", "anyauth", "aws-sigv4", "krb":
		return "the credentials are made in a conversation with the server" + capture, true
	case "next":
		return "begins another request; paste one at a time", true
	case "variable", "expand-data", "expand-url", "expand-header", "url-query":
		return "is not followed here; write the value out", true
	}
	return "", false
}
