package serve

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// TLSFiles are the PEM files of an interface that is served over TLS.
type TLSFiles struct {
	Certificate, Key string
	// ClientCA, if set, holds the certificates of those who sign the clients'.
	ClientCA string
	// CertificateOptional lets clients in without a certificate; they need the
	// token then.
	CertificateOptional bool
}

// Config makes the settings of a server. Certificate and key are read anew when
// their files change; what cannot be read then leaves the old ones in use.
func (f TLSFiles) Config() (*tls.Config, error) {
	if f.Certificate == "" || f.Key == "" {
		return nil, errors.New("TLS needs both a certificate and its key")
	}
	pair := &pairOnDisk{files: f}
	if err := pair.read(); err != nil {
		return nil, err
	}
	c := &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return pair.current(), nil },
	}
	if f.ClientCA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(f.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("certificates of the clients' CA: %w", err)
	}
	c.ClientCAs = x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificates of the clients' CA: %q holds none", f.ClientCA)
	}
	c.ClientAuth = tls.RequireAndVerifyClientCert
	if f.CertificateOptional {
		c.ClientAuth = tls.VerifyClientCertIfGiven
	}
	return c, nil
}

// pairOnDisk is a certificate and its key as they were last read.
type pairOnDisk struct {
	files TLSFiles

	mu       sync.Mutex
	pair     *tls.Certificate
	modified [2]time.Time
}

// current looks whether the files changed: a handshake costs far more.
func (p *pairOnDisk) current() *tls.Certificate {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.times() != p.modified {
		_ = p.readLocked() // half replaced or broken: the old one stays until they change again
	}
	return p.pair
}

func (p *pairOnDisk) read() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.readLocked()
}

func (p *pairOnDisk) readLocked() error {
	p.modified = p.times()
	pair, err := tls.LoadX509KeyPair(p.files.Certificate, p.files.Key)
	if err != nil {
		return fmt.Errorf("certificate of the interface: %w", err)
	}
	p.pair = &pair
	return nil
}

func (p *pairOnDisk) times() (times [2]time.Time) {
	for i, path := range []string{p.files.Certificate, p.files.Key} {
		if info, err := os.Stat(path); err == nil {
			times[i] = info.ModTime()
		}
	}
	return times
}
