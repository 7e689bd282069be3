package tlsctx_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	v23 = catalogue.Version(2<<8 | 3)
	v24 = catalogue.Version(2<<8 | 4)
	v30 = catalogue.Version(3 << 8)
	v34 = catalogue.Version(3<<8 | 4)
)

// world is a file system with an identity, and a domain that uses it.
type world struct {
	files fstest.MapFS
	puts  int64
	root  *certtest.Identity
	id    *certtest.Identity
}

func newWorld(t testing.TB) *world {
	t.Helper()
	root := certtest.Root(t, "root")
	w := &world{files: fstest.MapFS{}, root: root, id: root.Issue(t, "sip.example.com")}
	w.put("/tls/cert.pem", w.id.PEM())
	w.put("/tls/key.pem", w.id.KeyPEM(t))
	w.put("/tls/ca.pem", root.PEM())
	return w
}

// put writes a file, long ago but later than those before.
func (w *world) put(name string, content []byte) {
	w.puts++
	w.files[name[1:]] = &fstest.MapFile{Data: content, ModTime: time.Unix(w.puts, 0)}
}

// at is a position in a script.
func at(line int) domain.Origin {
	p := diag.Position{File: "opensips.cfg", Line: line, Column: 1}
	return domain.InScript(diag.Span{Start: p, End: p})
}

// file is a setting that the script has.
func file(name string) domain.Material { return domain.Material{File: name, From: at(1)} }

// blob is a setting that a row has.
func blob(content []byte) domain.Material {
	return domain.Material{Blob: content, From: domain.Origin{Row: 1}}
}

func text(value string) domain.Text { return domain.Text{Value: value, From: at(2)} }

// server is a domain of the script that is all right.
func (w *world) server() *domain.Definition {
	d := domain.New(domain.Server, "sv1", "/etc/opensips/")
	d.Certificate, d.PrivateKey, d.CAList = file("/tls/cert.pem"), file("/tls/key.pem"), file("/tls/ca.pem")
	return d
}

// row is the same domain as a row of the table.
func (w *world) row(t testing.TB) *domain.Definition {
	t.Helper()
	d := domain.New(domain.Server, "sv1", "/etc/opensips/")
	d.Certificate, d.PrivateKey, d.CAList = blob(w.id.PEM()), blob(w.id.KeyPEM(t)), blob(w.root.PEM())
	return d
}

func (w *world) options() tlsctx.Options {
	return tlsctx.Options{Files: tlsctx.FromFS(w.files), Now: certtest.Now}
}

func (w *world) load(d *domain.Definition) (*tlsctx.Context, tlsctx.Problems) {
	return tlsctx.NewLoader(w.options(), nil).Load(d)
}

func (w *world) loadFor(v catalogue.Version, d *domain.Definition) (*tlsctx.Context, tlsctx.Problems) {
	o := w.options()
	o.Version = v
	return tlsctx.NewLoader(o, nil).Load(d)
}

// testKey reads a file of testdata/keys.
func testKey(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "keys", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
