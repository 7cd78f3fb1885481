package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// selfSigned writes a certificate for 127.0.0.1 and its key, and answers who trusts it.
func selfSigned(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return cert, key, pool
}

func TestWithACertificateTheAPISpeaksTLSOnly(t *testing.T) {
	cert, key, pool := selfSigned(t)
	n, _ := start(t, Config{TLSCert: cert, TLSKey: key})
	tokenOf(t, n)
	get := func(url string, c *tls.Config) (int, error) {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: c}}
		resp, err := client.Get(url)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		return resp.StatusCode, nil
	}
	if status, err := get(n.URL()+"/readyz", &tls.Config{RootCAs: pool}); err != nil || status != http.StatusOK {
		t.Errorf("over TLS: %d %v", status, err)
	}
	if status, _ := get("http://"+n.api.Addr().String()+"/readyz", nil); status == http.StatusOK {
		t.Error("answered in clear")
	}
	if _, err := get(n.URL()+"/readyz", &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("spoke TLS 1.1")
	}
}

func TestACertificateThatCannotBeReadIsRefusedAtTheStart(t *testing.T) {
	cert, key, _ := selfSigned(t)
	if err := os.WriteFile(key, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newCertificates(cert, key, nil); err == nil {
		t.Error("a broken key was taken")
	}
}

// renewed copies a certificate and key over the files that are served, with a modification time of their own.
func renewed(t *testing.T, from, to [2]string, at time.Time) {
	t.Helper()
	for i := range from {
		body, err := os.ReadFile(from[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to[i], body, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(to[i], at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestARenewedCertificateIsServedWithinAMinuteAndABrokenOneIsNot(t *testing.T) {
	cert, key, old := selfSigned(t)
	newCert, newKey, fresh := selfSigned(t)
	n, _ := start(t, Config{TLSCert: cert, TLSKey: key})
	tokenOf(t, n)
	now := time.Now()
	var mu sync.Mutex
	n.certs.mu.Lock()
	n.certs.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	n.certs.mu.Unlock()
	move := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	trusted := func(pool *x509.CertPool) bool {
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
		resp, err := c.Get(n.URL() + "/healthz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}
	serves := func(what string, wantOld, wantNew bool) {
		t.Helper()
		if o, f := trusted(old), trusted(fresh); o != wantOld || f != wantNew {
			t.Errorf("%s: the old one is served %v, the new one %v", what, o, f)
		}
	}
	serves("at first", true, false)
	move(2 * lookEvery)
	if err := os.WriteFile(key, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(cert, now, now); err != nil {
		t.Fatal(err)
	}
	serves("a broken key", true, false)
	renewed(t, [2]string{newCert, newKey}, [2]string{cert, key}, now.Add(time.Second))
	serves("renewed, not looked at yet", true, false)
	move(lookEvery)
	serves("renewed, a minute later", false, true)
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	move(lookEvery)
	serves("gone", false, true)
}
