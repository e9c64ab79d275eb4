package cert_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"hookglass/core/cert"
)

func TestOwn(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "a.crt"), filepath.Join(dir, "a.key")
	form := func() *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: "a"}, DNSNames: []string{"a.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	}
	made, err := cert.Own(form(), certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	read, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal("the files do not belong together: ", err)
	}
	if !read.Leaf.Equal(made.Leaf) || read.Leaf.VerifyHostname("a.test") != nil || read.Leaf.CheckSignature(read.Leaf.SignatureAlgorithm, read.Leaf.RawTBSCertificate, read.Leaf.Signature) != nil {
		t.Errorf("it is %+v", read.Leaf.Subject)
	}
	for _, file := range []string{certFile, keyFile} {
		if info, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
	again, err := cert.Own(form(), certFile, keyFile)
	if err != nil || again.Leaf.SerialNumber.Cmp(made.Leaf.SerialNumber) == 0 {
		t.Errorf("another one has the same number, %v", err)
	}
	if _, err := cert.Own(form(), filepath.Join(dir, "none", "a.crt"), filepath.Join(dir, "none", "a.key")); err == nil {
		t.Error("it is written into a folder that is not there")
	}
}
