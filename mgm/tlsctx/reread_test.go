package tlsctx_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

// TestFilesAreLookedAtAnew loads the same domain again and again: each load has
// what is in the files then.
func TestFilesAreLookedAtAnew(t *testing.T) {
	dir := t.TempDir() + "/"
	put := func(name string, content []byte) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Hour)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	var loader *tlsctx.Loader
	load := func() (*tlsctx.Context, tlsctx.Problems) {
		loader = tlsctx.NewLoader(tlsctx.Options{Now: certtest.Now}, loader)
		c, problems := loader.Load(domain.New(domain.Server, "sv1", dir))
		loader.Finish()
		return c, problems
	}
	one, two := certtest.SelfSigned(t, "one.example.org"), certtest.SelfSigned(t, "two.example.org")
	put(domain.DefaultCertificate, one.PEM())
	put(domain.DefaultPrivateKey, one.KeyPEM(t))
	first, problems := load()
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	if again, _ := load(); !again.Equal(first) {
		t.Error("the same files make another context")
	}
	put(domain.DefaultPrivateKey, two.KeyPEM(t))
	if _, problems := load(); !problems.HasErrors() {
		t.Error("the key of another certificate was not noticed")
	}
	put(domain.DefaultCertificate, two.PEM())
	if second, problems := load(); problems.HasErrors() || second.Certificate().Subject.CommonName != "two.example.org" {
		t.Errorf("the new certificate was not noticed: %v", problems)
	}
	if err := os.Remove(dir + domain.DefaultCertificate); err != nil {
		t.Fatal(err)
	}
	if _, problems := load(); !problems.HasErrors() {
		t.Error("that the certificate is gone was not noticed")
	}
}
