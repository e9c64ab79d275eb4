package exchange

import (
	"slices"
	"strings"
)

// curlOptions are curl's options: the name, its letter behind a slash, and = where it takes a value.
const curlOptions = `
abstract-unix-socket= alpn alt-svc= anyauth append/a aws-sigv4= basic buffer/N ca-native cacert= capath= cert/E= cert-status
cert-type= ciphers= clobber compressed compressed-ssh config/K= connect-timeout= connect-to= continue-at/C= cookie/b=
cookie-jar/c= create-dirs create-file-mode= crlf crlfile= curves= data/d= data-ascii= data-binary= data-raw= data-urlencode=
delegation= digest disable/q disable-eprt disable-epsv disallow-username-in-url dns-interface= dns-ipv4-addr= dns-ipv6-addr=
dns-servers= doh-cert-status doh-insecure doh-url= dump-ca-embed dump-header/D= ech= egd-file= engine= etag-compare=
etag-save= expect100-timeout= fail/f fail-early fail-with-body false-start follow form/F= form-escape form-string=
ftp-account= ftp-alternative-to-user= ftp-create-dirs ftp-method= ftp-pasv ftp-port/P= ftp-pret ftp-skip-pasv-ip ftp-ssl-ccc
ftp-ssl-ccc-mode= ftp-ssl-control get/G globoff/g happy-eyeballs-timeout-ms= haproxy-clientip= haproxy-protocol head/I
header/H= help/h hostpubmd5= hostpubsha256= hsts= http0.9 http1.0/0 http1.1 http2 http2-prior-knowledge http3 http3-only
ignore-content-length include/i insecure/k interface= ip-tos= ipfs-gateway= ipv4/4 ipv6/6 json= junk-session-cookies/j
keepalive keepalive-cnt= keepalive-time= key= key-type= krb= libcurl= limit-rate= list-only/l local-port= location/L
location-trusted login-options= mail-auth= mail-from= mail-rcpt= mail-rcpt-allowfails manual/M max-filesize= max-redirs=
max-time/m= metalink mptcp negotiate netrc/n netrc-file= netrc-optional next/: noproxy= npn ntlm ntlm-wb oauth2-bearer=
out-null output/o= output-dir= parallel/Z parallel-immediate parallel-max= parallel-max-host= pass= path-as-is pinnedpubkey=
post301 post302 post303 preproxy= progress-bar/# progress-meter proto= proto-default= proto-redir= proxy/x= proxy-anyauth
proxy-basic proxy-ca-native proxy-cacert= proxy-capath= proxy-cert= proxy-cert-type= proxy-ciphers= proxy-crlfile=
proxy-digest proxy-header= proxy-http2 proxy-insecure proxy-key= proxy-key-type= proxy-negotiate proxy-ntlm proxy-pass=
proxy-pinnedpubkey= proxy-service-name= proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tls13-ciphers=
proxy-tlsauthtype= proxy-tlspassword= proxy-tlsuser= proxy-tlsv1 proxy-user/U= proxy1.0= proxytunnel/p pubkey= quote/Q=
random-file= range/r= rate= raw referer/e= remote-header-name/J remote-name/O remote-name-all remote-time/R remove-on-error
request/X= request-target= resolve= retry= retry-all-errors retry-connrefused retry-delay= retry-max-time= sasl-authzid=
sasl-ir service-name= sessionid show-error/S sigalgs= silent/s skip-existing socks4= socks4a= socks5= socks5-basic
socks5-gssapi socks5-gssapi-nec socks5-gssapi-service= socks5-hostname= speed-limit/Y= speed-time/y= ssl ssl-allow-beast
ssl-auto-client-cert ssl-no-revoke ssl-reqd ssl-revoke-best-effort ssl-sessions= sslv2/2 sslv3/3 stderr= styled-output
suppress-connect-headers tcp-fastopen tcp-nodelay telnet-option/t= tftp-blksize= tftp-no-options time-cond/z= tls-earlydata
tls-max= tls13-ciphers= tlsauthtype= tlspassword= tlsuser= tlsv1/1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding trace=
trace-ascii= trace-config= trace-ids trace-time unix-socket= upload-file/T= upload-flags= url= url-query= use-ascii/B user/u=
user-agent/A= variable= verbose/v version/V vlan-priority= write-out/w= xattr
`

// curlOption is one of them.
type curlOption struct {
	name   string
	letter byte
	value  bool
}

var curlTable = func() (all []curlOption) {
	for word := range strings.FieldsSeq(curlOptions) {
		o := curlOption{}
		word, o.value = strings.CutSuffix(word, "=")
		name, letter, ok := strings.Cut(word, "/")
		if o.name = name; ok {
			o.letter = letter[0]
		}
		all = append(all, o)
	}
	return all
}()

func curlLetter(c byte) (curlOption, bool) {
	i := slices.IndexFunc(curlTable, func(o curlOption) bool { return o.letter == c })
	if i < 0 {
		return curlOption{}, false
	}
	return curlTable[i], true
}

// curlLong finds a long option by its name or by the beginning of one alone; off says that it was --no-NAME.
func curlLong(word string) (o curlOption, off, ok bool) {
	if o, ok = curlNamed(word); ok {
		return o, false, true
	}
	if rest, is := strings.CutPrefix(word, "no-"); is {
		o, ok = curlNamed(rest)
		return o, true, ok && !o.value
	}
	return o, false, false
}

func curlNamed(word string) (curlOption, bool) {
	var found []curlOption
	for _, o := range curlTable {
		if o.name == word {
			return o, true
		}
		if strings.HasPrefix(o.name, word) {
			found = append(found, o)
		}
	}
	if len(found) == 1 && word != "" {
		return found[0], true
	}
	return curlOption{}, false
}

// curlUnsupported says why an option cannot be followed, and what to do instead.
func curlUnsupported(name string) (why, next string, refused bool) {
	const capture = "run the command against a source of yours and take the capture"
	switch name {
	case "upload-file":
		return "sends a file that is not read here", "write -X PUT --data-binary 'CONTENT'", true
	case "config":
		return "reads options from a file that is not read here", "put the options into the command", true
	case "netrc", "netrc-file", "netrc-optional":
		return "reads the password from a file that is not read here", "write -u USER:PASSWORD", true
	case "digest", "ntlm", "ntlm-wb", "negotiate", "anyauth", "aws-sigv4", "krb":
		return "the credentials are made in a conversation with the server, or by the clock", capture, true
	case "haproxy-protocol", "haproxy-clientip":
		return "sends a line before the request, which no HTTP request has", "leave it out", true
	case "etag-compare", "time-cond":
		return "asks by a file or a date that curl reads", "write the header: -H 'If-None-Match: …' or -H 'If-Modified-Since: …'", true
	case "variable":
		return "is not followed here", "write the value out", true
	case "help", "version", "manual":
		return "makes curl print about itself: it sends nothing", "leave it out", true
	case "mail-from", "mail-rcpt", "quote", "telnet-option", "ftp-port":
		return "is not of HTTP", "leave it out", true
	}
	return "", "", false
}
