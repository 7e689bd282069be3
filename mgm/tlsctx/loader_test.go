package tlsctx_test

import (
	"bytes"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// countingFiles counts how often files are opened and read.
type countingFiles struct {
	tlsctx.Files
	mu          sync.Mutex
	opens, read map[string]int
}

func counting(files tlsctx.Files) *countingFiles {
	return &countingFiles{Files: files, opens: map[string]int{}, read: map[string]int{}}
}

func (c *countingFiles) Open(name string) (fs.File, error) {
	c.mu.Lock()
	c.opens[name]++
	c.mu.Unlock()
	f, err := c.Files.Open(name)
	if err != nil {
		return nil, err
	}
	if dir, ok := f.(fs.ReadDirFile); ok {
		return dir, nil
	}
	return &countingFile{File: f, files: c, name: name}, nil
}

type countingFile struct {
	fs.File
	files *countingFiles
	name  string
	begun bool
}

func (f *countingFile) Read(b []byte) (int, error) {
	f.files.mu.Lock()
	if !f.begun {
		f.files.read[f.name]++
		f.begun = true
	}
	f.files.mu.Unlock()
	return f.File.Read(b)
}

// TestLoaderReadsOnce loads many domains with the same files, and again.
func TestLoaderReadsOnce(t *testing.T) {
	w := newWorld(t)
	files := counting(tlsctx.FromFS(w.files))
	o := w.options()
	o.Files = files
	names := []string{"/tls/cert.pem", "/tls/key.pem", "/tls/ca.pem"}
	first := tlsctx.NewLoader(o, nil)
	contexts := loadAll(t, first, slices.Repeat([]*domain.Definition{w.server()}, 50))
	for _, name := range names {
		if files.opens[name] != 1 || files.read[name] != 1 {
			t.Errorf("%s is opened %d times and read %d times", name, files.opens[name], files.read[name])
		}
	}
	second := tlsctx.NewLoader(o, first)
	again := loadAll(t, second, slices.Repeat([]*domain.Definition{w.server()}, 50))
	for _, name := range names {
		if files.opens[name] != 2 || files.read[name] != 1 {
			t.Errorf("again, %s is opened %d times and read %d times", name, files.opens[name], files.read[name])
		}
	}
	if !contexts[0].Equal(again[49]) || contexts[0].Certificate() != again[49].Certificate() {
		t.Error("what has not changed is not taken over")
	}
}

// TestLoaderSeesChanges changes one thing after the other.
func TestLoaderSeesChanges(t *testing.T) {
	w := newWorld(t)
	w.put("/crls/crl.pem", certtest.CRLPEM(w.root.Revoke(t, certtest.RevocationList{})))
	renewed := w.root.Issue(t, "sip.example.com", certtest.Key(w.id.Key))
	d := w.server()
	d.CRLDir = text("/crls")
	loader := tlsctx.NewLoader(w.options(), nil)
	before, _ := loader.Load(d)
	for name, change := range map[string]func(d *domain.Definition){
		"certificate": func(*domain.Definition) { w.put("/tls/cert.pem", renewed.PEM()) },
		"CA":          func(*domain.Definition) { w.put("/tls/ca.pem", append(w.root.PEM(), renewed.PEM()...)) },
		"CRL": func(*domain.Definition) {
			w.put("/crls/crl.pem", certtest.CRLPEM(w.root.Revoke(t, certtest.RevocationList{Number: 2})))
		},
		"CRLs": func(*domain.Definition) {
			w.put("/crls/more.pem", certtest.CRLPEM(certtest.Root(t, "x").Revoke(t, certtest.RevocationList{})))
		},
		"verify":    func(d *domain.Definition) { d.VerifyCert.On = false },
		"require":   func(d *domain.Definition) { d.RequireCert.On = false },
		"check all": func(d *domain.Definition) { d.CRLCheckAll.On = true },
		"no CRLs":   func(d *domain.Definition) { d.CRLDir.Value = "" },
		"no CA":     func(d *domain.Definition) { d.CAList = domain.Material{} },
		"CA dir":    func(d *domain.Definition) { d.CADir.Value = "/x" },
		"no CA dir": func(d *domain.Definition) { d.CADir.Value = "" },
		"ciphers":   func(d *domain.Definition) { d.CiphersList = text("HIGH") },
		"curve":     func(d *domain.Definition) { d.ECCurve = text("prime256v1") },
		"method":    func(d *domain.Definition) { d.Method = text("TLSv1_2") },
		"kind":      func(d *domain.Definition) { d.Kind = domain.Client },
		"nothing":   func(*domain.Definition) {},
	} {
		t.Run(name, func(t *testing.T) {
			saved := map[string][]byte{}
			for path, f := range w.files {
				saved[path] = f.Data
			}
			changed := *d
			change(&changed)
			after, problems := tlsctx.NewLoader(w.options(), loader).Load(&changed)
			if after == nil {
				t.Fatalf("problems %+v", problems)
			}
			if equal := before.Equal(after); equal != (name == "nothing") || after.Equal(before) != equal {
				t.Errorf("equal: %t", equal)
			}
			for path := range w.files {
				if saved[path] == nil {
					delete(w.files, path)
					continue
				}
				w.put("/"+path, saved[path])
			}
		})
	}
}

// TestLoaderRereadsYoungFiles reads a file again that was changed just before
// it was read: its time might not tell of another change.
func TestLoaderRereadsYoungFiles(t *testing.T) {
	w := newWorld(t)
	stamp := time.Now()
	renewed := w.root.Issue(t, "sip.example.com", certtest.Key(w.id.Key), certtest.Valid(w.id.NotBefore, w.id.NotAfter))
	w.files["tls/cert.pem"].ModTime = stamp
	loader := tlsctx.NewLoader(w.options(), nil)
	if c, problems := loader.Load(w.server()); c == nil {
		t.Fatal(problems)
	}
	size := len(w.files["tls/cert.pem"].Data)
	other := renewed.PEM()
	other = append(other, bytes.Repeat([]byte("\n"), max(0, size-len(other)))...)
	w.files["tls/cert.pem"].Data = other
	if len(other) != size {
		w.files["tls/cert.pem"].Data = append(w.files["tls/cert.pem"].Data, '\n') // sizes differ: just as well
	}
	c, problems := tlsctx.NewLoader(w.options(), loader).Load(w.server())
	if c == nil || !c.Certificate().Equal(renewed.Certificate) {
		t.Errorf("the certificate is not the new one: %+v", problems)
	}
}

// TestLoaderForgets drops what two loads did not ask for.
func TestLoaderForgets(t *testing.T) {
	w := newWorld(t)
	collected := make(chan struct{})
	first := tlsctx.NewLoader(w.options(), nil)
	c, _ := first.Load(w.server())
	runtime.AddCleanup(c.Certificate(), func(done chan struct{}) { close(done) }, collected)
	c = nil //nolint:wastedassign // nothing may hold it
	id := w.root.Issue(t, "other")
	w.put("/tls/cert.pem", id.PEM())
	w.put("/tls/key.pem", id.KeyPEM(t))
	second := tlsctx.NewLoader(w.options(), first)
	first = nil //nolint:wastedassign // nothing may hold it
	if c, problems := second.Load(w.server()); c == nil {
		t.Fatal(problems)
	}
	second.Finish()
	for range 100 {
		runtime.GC()
		select {
		case <-collected:
			runtime.KeepAlive(second)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("a certificate that nobody uses is kept")
}

// TestLoaderSharesAuthorities parses the authority once that many chains hold.
func TestLoaderSharesAuthorities(t *testing.T) {
	w := newWorld(t)
	authority := w.root.Authority(t, "authority")
	loader := tlsctx.NewLoader(tlsctx.Options{Version: v24, Now: certtest.Now}, nil)
	var first *tlsctx.Context
	for range 3 {
		id := authority.Issue(t, "leaf")
		d := w.row(t)
		d.Certificate, d.PrivateKey = blob(id.ChainPEM()), blob(id.KeyPEM(t))
		c, problems := loader.Load(d)
		if c == nil {
			t.Fatal(problems)
		}
		if first == nil {
			first = c
		}
		if c.Chain()[1] != first.Chain()[1] {
			t.Error("the authority is not shared")
		}
	}
}

// TestLoaderConcurrently loads, verifies and reloads from many goroutines; the
// race detector looks on.
func TestLoaderConcurrently(t *testing.T) {
	w := newWorld(t)
	w.put("/cas/"+verify.NewCertificate(w.root.Certificate, nil).SubjectName().Hash()+".0", w.root.PEM())
	w.put("/crls/crl.pem", certtest.CRLPEM(w.root.Revoke(t, certtest.RevocationList{})))
	d := w.server()
	d.CAList, d.CADir, d.CRLDir = domain.Material{}, text("/cas"), text("/crls")
	var loader *tlsctx.Loader
	for range 3 {
		loader = tlsctx.NewLoader(w.options(), loader)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				c, problems := loader.Load(d)
				if c == nil {
					t.Errorf("problems %+v", problems)
					return
				}
				if got := c.VerifyPeer(w.id.Chain()); got.Code != verify.OK {
					t.Errorf("the outcome is %v", got.Code)
				}
				c.ServerConfig()
			})
		}
		group.Wait()
	}
}

// brokenFiles fail in ways that disks do.
type brokenFiles struct{ fs.FS }

func (b brokenFiles) Open(name string) (fs.File, error) {
	f, err := b.FS.Open(strings.TrimPrefix(name, "/"))
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return brokenFile{f}, nil
}

type brokenFile struct{ fs.File }

func (brokenFile) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: "x", Err: fs.ErrClosed}
}

func TestLoaderOfBrokenFiles(t *testing.T) {
	w := newWorld(t)
	d := w.server()
	d.CAList, d.CRLDir, d.CADir = file("/none"), text("/none"), text("/none")
	_, problems := tlsctx.NewLoader(tlsctx.Options{Files: brokenFiles{w.files}}, nil).Load(d)
	var messages []string
	for _, p := range problems {
		messages = append(messages, p.Message)
	}
	want := []string{
		`certificate "/tls/cert.pem": file already closed`,
		`crl_dir "/none": permission denied`,
		`ca_list "/none": permission denied`,
		`ca_dir "/none": permission denied`,
		`private key "/tls/key.pem": file already closed`,
	}
	if !slices.Equal(messages, want) {
		t.Errorf("messages %q, want %q", messages, want)
	}
}

// FuzzLoad makes domains of any text.
func FuzzLoad(f *testing.F) {
	w := newWorld(f)
	f.Add(w.id.PEM(), w.id.KeyPEM(f), w.root.PEM(), []byte(strongDH))
	for _, name := range []string{"secp256k1", "dsa", "rsa-pss", "ed448", "explicit"} {
		f.Add(testKey(f, name+".pem"), testKey(f, name+".key"), testKey(f, name+".pem"), []byte(weakDH))
	}
	f.Fuzz(func(t *testing.T, cert, key, ca, dh []byte) {
		if len(cert) == 0 || len(key) == 0 {
			return
		}
		d := domain.New(domain.Server, "fuzz", "/none/")
		d.Certificate, d.PrivateKey, d.CAList, d.DHParams = blob(cert), blob(key), blob(ca), blob(dh)
		c, problems := tlsctx.NewLoader(tlsctx.Options{Files: tlsctx.FromFS(w.files), Passphrase: []byte("secret")}, nil).Load(d)
		if (c == nil) != problems.HasErrors() {
			t.Fatalf("context %v with %+v", c, problems)
		}
		if c != nil {
			_, _, _ = c.ServerConfig(), c.KeyKind(), c.VerifyPeer(c.Chain())
		}
	})
}
