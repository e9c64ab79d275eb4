// Package cert makes certificates that vouch for themselves: the authority of this machine, and that of a hub's broker.
package cert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
)

// Own makes a key and a certificate of that form, signed by itself, and writes them into two files for this user alone: the key first,
// so that where the certificate stands its key does, too.
func Own(form *x509.Certificate, certFile, keyFile string) (tls.Certificate, error) {
	var none tls.Certificate
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return none, err
	}
	form.SerialNumber = Serial()
	raw, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		return none, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return none, err
	}
	certText, keyText := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	if err := os.WriteFile(keyFile, keyText, 0o600); err != nil {
		return none, err
	}
	if err := os.WriteFile(certFile, certText, 0o600); err != nil {
		return none, err
	}
	return tls.X509KeyPair(certText, keyText)
}

// Serial is a number that no other certificate has.
func Serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // never, says its documentation
	}
	return n
}
