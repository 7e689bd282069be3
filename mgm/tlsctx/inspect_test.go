package tlsctx_test

import (
	"io/fs"
	"testing"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

// TestInspect gives what could be read of a domain that a server refuses.
func TestInspect(t *testing.T) {
	w := newWorld(t)
	d := w.server()
	d.PrivateKey, d.ECCurve = file("/tls/nosuch.pem"), text("no-curve")
	loader := tlsctx.NewLoader(w.options(), nil)
	if c, _ := loader.Load(d); c != nil {
		t.Error("Load gives a context in spite of the errors")
	}
	c, problems := loader.Inspect(d)
	if c == nil || !problems.HasErrors() {
		t.Fatalf("context %v, problems %v", c, problems)
	}
	if !c.Certificate().Equal(w.id.Certificate) || len(c.CAs()) != 1 || c.KeyEncrypted() || c.KeyBesideCertificate() {
		t.Errorf("certificate %v, %d CAs", c.Certificate().Subject, len(c.CAs()))
	}
	d.Certificate, d.CAList = file("/tls/nosuch.pem"), file("/tls/nosuch.pem")
	c, _ = loader.Inspect(d)
	if c == nil || c.Certificate() != nil || c.Chain() != nil || c.CAs() != nil || c.KeyKind() != "" {
		t.Errorf("of files that are missing there is %v", c)
	}
}

// TestKeyPlaces tells of keys that are encrypted, or where they do not belong.
func TestKeyPlaces(t *testing.T) {
	w := newWorld(t)
	d := w.server()
	w.put("/tls/cert.pem", append(w.id.PEM(), w.id.KeyPEM(t)...))
	c, _ := w.load(d)
	if c == nil || !c.KeyBesideCertificate() || c.KeyEncrypted() {
		t.Errorf("a key beside the certificate is not noticed: %v", c)
	}
	for _, name := range []string{"rsa.aes256.key", "rsa.traditional-aes128.key"} {
		w.put("/tls/cert.pem", testKey(t, "rsa.pem"))
		w.put("/tls/key.pem", testKey(t, name))
		o := w.options()
		o.Passphrase = []byte("secret")
		c, problems := tlsctx.NewLoader(o, nil).Inspect(d)
		if !c.KeyEncrypted() {
			t.Errorf("%s is not noticed as encrypted: %v", name, problems)
		}
	}
}

// TestMode gives the modes of files that are read, opening none again.
func TestMode(t *testing.T) {
	w := newWorld(t)
	w.files["tls/key.pem"].Mode = 0o640
	counted := &openCounter{files: tlsctx.FromFS(w.files), opened: map[string]int{}}
	loader := tlsctx.NewLoader(tlsctx.Options{Files: counted, Now: certtest.Now}, nil)
	loader.Load(w.server())
	mode, err := loader.Mode("/tls/key.pem")
	if err != nil || mode != 0o640 || counted.opened["/tls/key.pem"] != 1 {
		t.Errorf("mode %v, error %v, opened %d times", mode, err, counted.opened["/tls/key.pem"])
	}
	if _, err := loader.Mode("/tls/nosuch.pem"); err == nil {
		t.Error("a file that is missing has a mode")
	}
}

type openCounter struct {
	files  tlsctx.Files
	opened map[string]int
}

func (f *openCounter) Open(name string) (fs.File, error) {
	f.opened[name]++
	return f.files.Open(name)
}
