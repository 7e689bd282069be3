package tlsctx_test

import (
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// client is a client domain with its own certificate.
func (w *world) client(t testing.TB, id *certtest.Identity) *domain.Definition {
	t.Helper()
	d := domain.New(domain.Client, "cl1", "/etc/opensips/")
	d.Certificate, d.PrivateKey, d.CAList = blob(id.ChainPEM()), blob(id.KeyPEM(t)), file("/tls/ca.pem")
	return d
}

func (w *world) mustLoad(t testing.TB, d *domain.Definition) *tlsctx.Context {
	t.Helper()
	return load(t, w.options(), d)
}

// TestMutualVerification connects a client domain with a server domain, one of
// which presents something that does not verify.
func TestMutualVerification(t *testing.T) {
	w := newWorld(t)
	other := certtest.Root(t, "other root")
	good := w.root.Issue(t, "good")
	for name, c := range map[string]struct {
		server, client           *certtest.Identity
		serverRefuses, refusesBy verify.Code // what the server, and what the client says
	}{
		"both good":           {w.id, good, verify.OK, verify.OK},
		"client chain":        {w.id, w.root.Authority(t, "a").Authority(t, "b").Issue(t, "deep"), verify.OK, verify.OK},
		"client of another":   {w.id, other.Issue(t, "alien"), verify.UnknownIssuer, verify.OK},
		"client self-signed":  {w.id, certtest.SelfSigned(t, "self"), verify.SelfSigned, verify.OK},
		"client expired":      {w.id, w.root.Issue(t, "old", certtest.Expired()), verify.Expired, verify.OK},
		"client is a server":  {w.id, w.root.Issue(t, "srv", certtest.Usage(x509.ExtKeyUsageServerAuth)), verify.InvalidPurpose, verify.OK},
		"server of another":   {other.Issue(t, "alien"), good, verify.OK, verify.UnknownIssuer},
		"server expired":      {w.root.Issue(t, "old", certtest.Expired()), good, verify.OK, verify.Expired},
		"server is a client":  {w.root.Issue(t, "cl", certtest.Usage(x509.ExtKeyUsageClientAuth)), good, verify.OK, verify.InvalidPurpose},
		"server name differs": {w.root.Issue(t, "other.example.org"), good, verify.OK, verify.OK},
		"RSA":                 {w.root.Issue(t, "rsa", certtest.Key(certtest.RSAKey(t))), w.root.Issue(t, "rsa", certtest.Key(certtest.RSAKey(t))), verify.OK, verify.OK},
		"P-384":               {w.root.Issue(t, "p384", certtest.Key(certtest.ECKey(t, elliptic.P384()))), good, verify.OK, verify.OK},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(name+" "+tls.VersionName(version), func(t *testing.T) {
				sd := w.row(t)
				sd.Certificate, sd.PrivateKey = blob(c.server.ChainPEM()), blob(c.server.KeyPEM(t))
				server, client := w.mustLoad(t, sd), w.mustLoad(t, w.client(t, c.client))
				config := client.ClientConfig().Clone()
				config.MaxVersion = version
				got := connect(t, server.ServerConfig(), config)
				if ok := c.serverRefuses == verify.OK && c.refusesBy == verify.OK; got.ok() != ok {
					t.Errorf("server %v, client %v", got.serverErr, got.clientErr)
				}
				if code := codeOf(got.serverErr); code != c.serverRefuses {
					t.Errorf("the server says %v", got.serverErr)
				}
				if code := codeOf(got.clientErr); code != c.refusesBy {
					t.Errorf("the client says %v", got.clientErr)
				}
			})
		}
	}
}

// codeOf is the outcome of a verification that an error is about.
func codeOf(err error) verify.Code {
	if failed, ok := errors.AsType[*verify.Error](err); ok {
		return failed.Result.Code
	}
	return verify.OK
}

// TestVerificationGoesOn has a client domain that takes any certificate tell
// what is wrong with it.
func TestVerificationGoesOn(t *testing.T) {
	w := newWorld(t)
	sd := w.row(t)
	self := certtest.SelfSigned(t, "self")
	sd.Certificate, sd.PrivateKey, sd.VerifyCert.On = blob(self.PEM()), blob(self.KeyPEM(t)), false
	cd := w.client(t, w.id)
	cd.VerifyCert.On = false
	client := w.mustLoad(t, cd)
	got := connect(t, w.mustLoad(t, sd).ServerConfig(), client.ClientConfig())
	if !got.ok() {
		t.Fatalf("server %v, client %v", got.serverErr, got.clientErr)
	}
	if result := client.VerifyPeer(got.client.PeerCertificates); result.Code != verify.SelfSigned {
		t.Errorf("the outcome is %v", result.Code)
	}
}

// TestClientWithoutCertificate connects a client that has none.
func TestClientWithoutCertificate(t *testing.T) {
	w := newWorld(t)
	o := w.options()
	o.Version = v34
	d := domain.New(domain.Client, "cl1", "/etc/opensips/")
	d.CAList = file("/tls/ca.pem")
	client := load(t, o, d)
	for _, require := range []bool{true, false} {
		sd := w.server()
		sd.RequireCert.On = require
		got := connect(t, w.mustLoad(t, sd).ServerConfig(), client.ClientConfig())
		if got.ok() == require {
			t.Errorf("require %t: server %v, client %v", require, got.serverErr, got.clientErr)
		}
	}
}

// TestKeyThatGoHasNot says on the handshake why it fails.
func TestKeyThatGoHasNot(t *testing.T) {
	w := newWorld(t)
	d := w.row(t)
	d.Certificate, d.PrivateKey = blob(testKey(t, "secp256k1.pem")), blob(testKey(t, "secp256k1.key"))
	got := connect(t, w.mustLoad(t, d).ServerConfig(), &tls.Config{InsecureSkipVerify: true})
	if got.serverErr == nil || got.serverErr.Error() != "crypto/tls has no ECDSA secp256k1 keys" {
		t.Errorf("the server says %v", got.serverErr)
	}
}

// TestResumption resumes a session, but not when its certificate is refused
// meanwhile.
func TestResumption(t *testing.T) {
	w := newWorld(t)
	now := certtest.Now()
	o := w.options()
	o.Now = func() time.Time { return now }
	server, client := load(t, o, w.server()), load(t, o, w.client(t, w.root.Issue(t, "client")))
	config := client.ClientConfig().Clone()
	config.ClientSessionCache, config.ServerName = tls.NewLRUClientSessionCache(1), "sip.example.com"
	config.MaxVersion = tls.VersionTLS12 // so that the ticket is there after the handshake
	for i, want := range []bool{false, true} {
		got := connect(t, server.ServerConfig(), config)
		if !got.ok() || got.server.DidResume != want {
			t.Fatalf("connection %d: resumed %t; server %v, client %v", i, got.server.DidResume, got.serverErr, got.clientErr)
		}
	}
	now = w.id.NotAfter.Add(1)
	if got := connect(t, server.ServerConfig(), config); got.ok() {
		t.Error("an expired certificate is accepted")
	}
}

// TestSuites connects with a suite that a server domain has, and one that it
// has not.
func TestSuites(t *testing.T) {
	w := newWorld(t)
	d := w.server()
	d.VerifyCert.On, d.CiphersList = false, text("ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA")
	server := w.mustLoad(t, d)
	for name, want := range map[string]bool{
		"ECDHE-ECDSA-AES256-GCM-SHA384": true, "ECDHE-ECDSA-AES128-SHA": true, "ECDHE-ECDSA-AES128-GCM-SHA256": false,
	} {
		suite, _ := openssl.SuiteByName(name)
		got := connect(t, server.ServerConfig(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.GoID()}})
		if got.ok() != want {
			t.Errorf("%s: server %v, client %v", name, got.serverErr, got.clientErr)
		}
	}
}

// TestRevocation refuses a revoked client, and one whose authority has no list
// where all are looked at.
func TestRevocation(t *testing.T) {
	w := newWorld(t)
	authority := w.root.Authority(t, "authority")
	good, gone := authority.Issue(t, "good"), authority.Issue(t, "gone")
	w.put("/crls/authority.pem", certtest.CRLPEM(authority.Revoke(t, certtest.RevocationList{Revoked: []*big.Int{gone.SerialNumber}})))
	d := w.server()
	d.CRLDir = text("/crls")
	all := *d
	all.CRLCheckAll.On = true
	for name, c := range map[string]struct {
		domain *domain.Definition
		peer   *certtest.Identity
		want   verify.Code
	}{
		"good":                {d, good, verify.OK},
		"revoked":             {d, gone, verify.Revoked},
		"of the root":         {d, w.id, verify.NoCRL},
		"good, but check all": {&all, good, verify.NoCRL},
	} {
		t.Run(name, func(t *testing.T) {
			if got := w.mustLoad(t, c.domain).VerifyPeer(c.peer.Chain()); got.Code != c.want {
				t.Errorf("the outcome is %v, want %v", got.Code, c.want)
			}
		})
	}
}

// TestRevocationListsOfTheCADir uses lists of the ca_list and with hashed names
// as well, once the crl_dir has switched checks on.
func TestRevocationListsOfTheCADir(t *testing.T) {
	w := newWorld(t)
	other := certtest.Root(t, "other root")
	id := other.Issue(t, "other")
	hash := verify.NewCertificate(other.Certificate, nil).SubjectName().Hash()
	w.put("/cas/"+hash+".0", other.PEM())
	w.put("/cas/"+hash+".r0", certtest.CRLPEM(other.Revoke(t, certtest.RevocationList{})))
	w.put("/cas/"+hash+".r1", certtest.CRLPEM(other.Revoke(t, certtest.RevocationList{Revoked: []*big.Int{id.SerialNumber}, From: certtest.Now()})))
	w.put("/tls/ca.pem", append(w.root.PEM(), certtest.CRLPEM(w.root.Revoke(t, certtest.RevocationList{Revoked: []*big.Int{w.id.SerialNumber}}))...))
	w.put("/crls/any.pem", certtest.CRLPEM(certtest.Root(t, "any").Revoke(t, certtest.RevocationList{})))
	d := w.server()
	d.CADir = text("/cas")
	if got := w.mustLoad(t, d).VerifyPeer(w.id.Chain()); got.Code != verify.OK {
		t.Errorf("without a crl_dir the outcome is %v", got.Code)
	}
	d.CRLDir = text("/crls")
	c := w.mustLoad(t, d)
	for _, peer := range []*certtest.Identity{id, w.id} {
		if got := c.VerifyPeer(peer.Chain()); got.Code != verify.Revoked {
			t.Errorf("%v: the outcome is %v", peer.Subject, got.Code)
		}
	}
}

// TestCADir finds CAs by hashed names, several of one hash, in two directories,
// and such as are put there later.
func TestCADir(t *testing.T) {
	w := newWorld(t)
	twin := certtest.Root(t, "root") // the same name, another key
	late := certtest.Root(t, "late")
	hash := verify.NewCertificate(w.root.Certificate, nil).SubjectName().Hash()
	w.put("/one/"+hash+".0", twin.PEM())
	w.put("/two/"+hash+".0", w.root.PEM())
	w.put("/two/"+hash+".2", late.PEM()) // behind a gap
	d := w.server()
	d.CAList, d.CADir = domain.Material{}, text("/one:/two")
	c, problems := w.load(d)
	if len(problems) > 0 {
		t.Fatalf("problems %+v", problems)
	}
	lateHash := verify.NewCertificate(late.Certificate, nil).SubjectName().Hash()
	check := func(id *certtest.Identity, want verify.Code) {
		t.Helper()
		if got := c.VerifyPeer(id.Chain()); got.Code != want {
			t.Errorf("%v: the outcome is %v, want %v", id.Subject, got.Code, want)
		}
	}
	lateLeaf := late.Issue(t, "leaf")
	check(w.id, verify.OK)
	check(twin.Issue(t, "leaf"), verify.OK)
	check(lateLeaf, verify.UnknownIssuer)
	w.put("/two/"+lateHash+".0", late.PEM())
	check(lateLeaf, verify.OK)
	w.put("/two/"+lateHash+".0", slices.Concat(w.root.PEM(), w.root.PEM()))
	check(lateLeaf, verify.UnknownIssuer)
	delete(w.files, "two/"+lateHash+".0")
	check(lateLeaf, verify.UnknownIssuer)
}

// TestCADirBehindCAList is not looked at for a name that the ca_list has.
func TestCADirBehindCAList(t *testing.T) {
	w := newWorld(t)
	twin := certtest.Root(t, "root")
	w.put("/cas/"+verify.NewCertificate(twin.Certificate, nil).SubjectName().Hash()+".0", twin.PEM())
	d := w.server()
	d.CADir = text("/cas")
	if got := w.mustLoad(t, d).VerifyPeer(twin.Issue(t, "leaf").Chain()); got.Code != verify.UnknownIssuer {
		t.Errorf("the outcome is %v", got.Code)
	}
}

// TestDepth differs in whether the root counts.
func TestDepth(t *testing.T) {
	w := newWorld(t)
	chain := w.root
	for _, name := range []string{"one", "two", "three"} {
		chain = chain.Authority(t, name)
	}
	peer := chain.Issue(t, "leaf").Chain()
	if got := w.mustLoad(t, w.server()).VerifyPeer(peer); got.Code != verify.ChainTooLong {
		t.Errorf("with 2.3 the outcome is %v", got.Code)
	}
	o := w.options()
	o.Version = v30
	if got := load(t, o, w.server()).VerifyPeer(peer); got.Code != verify.OK {
		t.Errorf("with 3.0 the outcome is %v", got.Code)
	}
}

// TestRoot looks files up below a directory.
func TestRoot(t *testing.T) {
	w := newWorld(t)
	dir, outside := t.TempDir(), t.TempDir()
	write := func(name string, content []byte) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write("usr/share/cert.pem", w.id.PEM())
	write("tls/key.pem", w.id.KeyPEM(t))
	write("tls/ca.pem", w.root.PEM())
	if err := os.WriteFile(filepath.Join(outside, "cert.pem"), w.id.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	link("/usr/share/cert.pem", "tls/absolute.pem")
	link("../usr/share/cert.pem", "tls/relative.pem")
	link("../../../../usr/share/cert.pem", "tls/climbing.pem")
	link("/usr/share", "tls/folder")
	link("loop.pem", "tls/loop.pem")
	link(filepath.Join(outside, "cert.pem"), "tls/outside.pem")
	for name, found := range map[string]bool{
		"/usr/share/cert.pem": true, "usr/share/cert.pem": true, "/tls/../usr/./share//cert.pem": true, "/../../usr/share/cert.pem": true,
		"/tls/absolute.pem": true, "/tls/relative.pem": true, "/tls/climbing.pem": true, "/tls/folder/cert.pem": true,
		"/tls/loop.pem": false, "/tls/outside.pem": false, filepath.Join(outside, "cert.pem"): false, "/tls": false, "/": false, "/tls/none": false,
	} {
		t.Run(name, func(t *testing.T) {
			o := w.options()
			o.Files = tlsctx.Root(dir)
			d := w.server()
			d.Certificate = file(name)
			c, problems := tlsctx.NewLoader(o, nil).Load(d)
			if (c != nil) != found {
				t.Errorf("found: %t, problems %+v", c != nil, problems)
			}
		})
	}
	if _, err := tlsctx.Root(filepath.Join(dir, "none")).Open("/"); err == nil {
		t.Error("a root that is missing opens")
	}
}

// TestOS reads files of the machine; what is no file is refused and not waited
// for.
func TestOS(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"cert.pem": w.id.PEM(), "key.pem": w.id.KeyPEM(t), "ca.pem": w.root.PEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := w.server()
	d.Certificate, d.PrivateKey, d.CAList = file(filepath.Join(dir, "cert.pem")), file(filepath.Join(dir, "key.pem")), file(filepath.Join(dir, "ca.pem"))
	load(t, tlsctx.Options{Now: certtest.Now}, d)
	d.Certificate = file(os.DevNull)
	_, problems := tlsctx.NewLoader(tlsctx.Options{Now: certtest.Now}, nil).Load(d)
	if len(problems) != 1 || problems[0].Message != `certificate "/dev/null": not a regular file` {
		t.Errorf("problems %+v", problems)
	}
}
