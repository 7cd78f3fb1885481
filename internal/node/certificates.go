package node

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificates serve a certificate from two files and read them again when they have changed, looked at once a minute at most.
type certificates struct {
	certFile, keyFile string
	log               *slog.Logger
	now               func() time.Time

	mu     sync.Mutex
	cert   *tls.Certificate
	loaded time.Time // modification time of the certificate's file
	looked time.Time
}

// lookEvery is how often the files are looked at: renewals are days apart, handshakes may be many.
const lookEvery = time.Minute

func newCertificates(certFile, keyFile string, log *slog.Logger) (*certificates, error) {
	c := &certificates{certFile: certFile, keyFile: keyFile, log: log, now: time.Now}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	c.looked = c.now()
	return c, nil
}

func (c *certificates) load() error {
	info, err := os.Stat(c.certFile)
	if err != nil {
		return err
	}
	cert, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.cert, c.loaded = &cert, info.ModTime()
	return nil
}

// get is tls.Config.GetCertificate's. A broken new file is logged, and the old certificate kept.
func (c *certificates) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= lookEvery {
		c.looked = now
		if info, err := os.Stat(c.certFile); err == nil && !info.ModTime().Equal(c.loaded) {
			if err := c.load(); err != nil {
				c.log.Error("the new certificate cannot be used; the old one is kept", "file", c.certFile, "err", err)
			} else {
				c.log.Info("certificate renewed", "file", c.certFile)
			}
		}
	}
	return c.cert, nil
}
