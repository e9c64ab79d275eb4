package deliver_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

// client makes a certificate for a client, signed by itself, and its key, in PEM.
func client(t *testing.T, name string) (cert, key []byte, parsed *x509.Certificate) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	raw, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err = x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), parsed
}

// TestClientCertificates: a receiver that asks who calls is shown the certificate of the target, with its key in the file or by
// reference; one connection is not used for another certificate.
func TestClientCertificates(t *testing.T) {
	cert, key, parsed := client(t, "shop")
	other, otherKey, _ := client(t, "stranger")
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	server.StartTLS()
	defer server.Close()
	file := func(name string, parts ...[]byte) string {
		path := filepath.Join(t.TempDir(), name)
		var text []byte
		for _, p := range parts {
			text = append(text, p...)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	both, alone, strange := file("both.pem", cert, key), file("cert.pem", cert), file("other.pem", other, otherKey)
	s := &deliver.Sender{Key: func(ref core.SecretRef) (core.Secret, error) {
		if ref == "env:KEY" {
			return core.NewSecret(key), nil
		}
		return core.Secret{}, errors.New("the environment variable NONE is not set")
	}}
	defer s.Close()
	for _, tt := range []struct {
		name   string
		client core.ClientCert
		ok     bool
		says   string
		wrong  string // the field that is refused beforehand
	}{
		{"key in the file", core.ClientCert{File: both}, true, "", ""},
		{"none, though a connection is open", core.ClientCert{}, false, "certificate", ""},
		{"key by reference", core.ClientCert{File: alone, Key: "env:KEY"}, true, "", ""},
		{"a stranger's", core.ClientCert{File: strange}, false, "certificate", ""},
		{"key that cannot be had", core.ClientCert{File: alone, Key: "env:NONE"}, false, "NONE is not set", ""},
		{"no key", core.ClientCert{File: alone}, false, "private key", "client_cert"},
		{"no file", core.ClientCert{File: alone + "x"}, false, "no such file", "client_cert"},
		{"key alone", core.ClientCert{Key: "env:KEY"}, false, "certificate", "client_cert"},
		{"odd reference", core.ClientCert{File: both, Key: "KEY"}, false, "NONE is not set", "client_key"},
	} {
		target := core.Target{URL: server.URL, SkipTLS: true, Client: tt.client}
		a := s.Send(t.Context(), core.Delivery{Target: target}, 1, time.Now())
		if a.OK() != tt.ok || tt.ok && string(a.Response.Body) != "shop" || !strings.Contains(a.Detail, tt.says) {
			t.Errorf("%s: %+v, %q (%s), want %q", tt.name, a.Response, a.Failure, a.Detail, tt.says)
		}
		var invalid *core.Invalid
		if err := deliver.CheckTarget(&target); (err != nil) != (tt.wrong != "") || err != nil && (!errors.As(err, &invalid) || invalid.Field != tt.wrong) {
			t.Errorf("%s: refused with %v, want %q", tt.name, err, tt.wrong)
		}
	}
}
