package tlsctx_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// strongDH is ffdhe2048, weakDH a group of 512 bits.
const (
	strongDH = `-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
`
	weakDH = `-----BEGIN DH PARAMETERS-----
MEYCQQDaWDwW2YUiidDkr3VvTMqS3UvlM7gE+w/tlO+cikQD7VdGUNNpmdsp13Yn
a6LT1BLiGPTdHghM9tgAPnxHdOgzAgEC
-----END DH PARAMETERS-----
`
)

// settingCase is a domain with one thing changed, and the problems it has.
type settingCase struct {
	version catalogue.Version // zero is the default
	blob    bool              // a row of the table
	change  func(w *world, d *domain.Definition)
	want    []problem
}

// problem is what the tests compare of one.
type problem struct {
	Severity diag.Severity
	Param    string
	Rule     string
	Message  string // must be contained
}

func settingCases(t testing.TB) map[string]settingCase {
	expired := func(w *world) *certtest.Identity { return w.root.Issue(t, "expired", certtest.Expired()) }
	type def = domain.Definition
	return map[string]settingCase{
		"all right":        {change: func(*world, *def) {}},
		"all right, a row": {blob: true, change: func(*world, *def) {}},

		"certificate missing": {
			change: func(_ *world, d *def) { d.Certificate = file("/tls/none.pem") },
			want:   []problem{{diag.Error, "certificate", "certificate-missing", `certificate "/tls/none.pem": no such file or directory`}},
		},
		"certificate is a directory": {
			change: func(_ *world, d *def) { d.Certificate = file("/tls/") },
			want:   []problem{{diag.Error, "certificate", "certificate-missing", `certificate "/tls/": is a directory`}},
		},
		"certificate and key missing by default": {
			change: func(_ *world, d *def) {
				d.Certificate, d.PrivateKey = domain.Material{File: "/etc/opensips/tls/cert.pem"}, domain.Material{File: "/etc/opensips/tls/ckey.pem"}
			},
			want: []problem{
				{diag.Error, "certificate", "certificate-missing", `certificate "/etc/opensips/tls/cert.pem": no such file or directory`},
				{diag.Error, "private_key", "private-key-missing", `private key "/etc/opensips/tls/ckey.pem": no such file or directory`},
			},
		},
		"key of another": {
			change: func(w *world, _ *def) { w.put("/tls/key.pem", w.root.KeyPEM(t)) },
			want:   []problem{{diag.Error, "private_key", "private-key-mismatch", `private key "/tls/key.pem" does not match the certificate "/tls/cert.pem"`}},
		},
		"key of another in a row": {
			blob:   true,
			change: func(w *world, d *def) { d.PrivateKey = blob(w.root.KeyPEM(t)) },
			want:   []problem{{diag.Error, "private_key", "private-key-mismatch", `private key does not match the certificate`}},
		},
		"certificate expired": {
			blob: true,
			change: func(w *world, d *def) {
				id := expired(w)
				d.Certificate, d.PrivateKey = blob(id.PEM()), blob(id.KeyPEM(t))
			},
			want: []problem{{diag.Warning, "certificate", "certificate-expired", "certificate: expired 2030-06-15 11:00:00 UTC"}},
		},
		"certificate not yet valid": {
			blob: true,
			change: func(w *world, d *def) {
				id := w.root.Issue(t, "early", certtest.Valid(certtest.Now().Add(time.Hour), certtest.Now().Add(2*time.Hour)))
				d.Certificate, d.PrivateKey = blob(id.PEM()), blob(id.KeyPEM(t))
			},
			want: []problem{{diag.Warning, "certificate", "certificate-not-yet-valid", "valid only from 2030-06-15 13:00:00 UTC"}},
		},
		"authority in the chain expired": {
			version: v24, blob: true,
			change: func(w *world, d *def) {
				id := w.root.Authority(t, "old", certtest.Expired()).Issue(t, "leaf")
				d.Certificate, d.PrivateKey = blob(id.ChainPEM()), blob(id.KeyPEM(t))
			},
			want: []problem{{diag.Warning, "certificate", "certificate-expired", `certificate 2 of the chain, "CN=old,O=certtest", expired`}},
		},
		"chain in a row of 2.3": {
			version: v23, blob: true,
			change: func(w *world, d *def) { d.Certificate = blob(append(w.id.PEM(), w.root.PEM()...)) },
			want:   []problem{{diag.Notice, "certificate", "chain-ignored", "a real 2.3 presents only the first of 2 certificates of a blob"}},
		},
		"chain in a row of 2.4": {
			version: v24, blob: true,
			change: func(w *world, d *def) { d.Certificate = blob(append(w.id.PEM(), w.root.PEM()...)) },
		},
		"damaged chain in a row": {
			version: v24, blob: true,
			change: func(w *world, d *def) { d.Certificate = blob(append(w.id.PEM(), damage(w.root.PEM())...)) },
			want:   []problem{{diag.Warning, "certificate", "chain-damaged", "certificate 2: bad base64 decode"}},
		},
		"weak authority in the chain of a file": {
			change: func(w *world, _ *def) { w.put("/tls/cert.pem", append(w.id.PEM(), weakPEM(t)...)) },
			want:   []problem{{diag.Error, "certificate", "certificate-weak", "ca key too small"}},
		},
		"weak authority in the chain of a row": {
			version: v24, blob: true,
			change: func(w *world, d *def) { d.Certificate = blob(append(w.id.PEM(), weakPEM(t)...)) },
		},
		"weak authority at level 0": {
			change: func(w *world, d *def) {
				w.put("/tls/cert.pem", append(w.id.PEM(), weakPEM(t)...))
				d.CiphersList = text("ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0")
			},
		},

		"method of 2.3": {
			change: func(_ *world, d *def) { d.Method = text("TLSv1_2") },
			want:   []problem{{diag.Notice, "tls_method", "method-ignored", `"TLSv1_2" restricts nothing on a real 2.3 that is built with OpenSSL 1.1 or later; here the domain speaks TLS 1.2 only`}},
		},
		"any method of 2.3": {change: func(_ *world, d *def) { d.Method = text("TLSany") }},
		"method of 3.0":     {version: v30, change: func(_ *world, d *def) { d.Method = text("TLSv1_2-TLSv1_3") }},
		"unusable method of 3.0": {
			version: v30,
			change:  func(_ *world, d *def) { d.Method = text("TLSv1") },
			want:    []problem{{diag.Warning, "tls_method", "method-unusable", `"TLSv1" leaves no version that OpenSSL 3.0 speaks at security level 2`}},
		},
		"range that begins too low": {
			version: v30,
			change:  func(_ *world, d *def) { d.Method = text("TLSv1-TLSv1_2") },
			want:    []problem{{diag.Notice, "tls_method", "method-narrowed", `which leaves TLS 1.2`}},
		},
		"unknown method": {
			change: func(_ *world, d *def) { d.Method = text("SSLv3") },
			want:   []problem{{diag.Error, "tls_method", "method-unknown", `tls_method: unsupported method "SSLv3"`}},
		},

		"DH parameters": {
			change: func(w *world, d *def) { w.put("/tls/dh.pem", []byte(strongDH)); d.DHParams = file("/tls/dh.pem") },
			want:   []problem{{diag.Notice, "dh_params", "dh-params-unsupported", `dh_params "/tls/dh.pem": crypto/tls has no suites`}},
		},
		"DH parameters missing": {
			change: func(_ *world, d *def) { d.DHParams = file("/tls/dh.pem") },
			want:   []problem{{diag.Error, "dh_params", "dh-params-missing", `no such file`}},
		},
		"weak DH parameters": {
			change: func(w *world, d *def) { w.put("/tls/dh.pem", []byte(weakDH)); d.DHParams = file("/tls/dh.pem") },
			want:   []problem{{diag.Error, "dh_params", "dh-params-weak", `dh key too small`}},
		},
		"weak DH parameters in a row": {
			blob:   true,
			change: func(_ *world, d *def) { d.DHParams = blob([]byte(weakDH)) },
			want:   []problem{{diag.Warning, "dh_params", "dh-params-weak", `dh_params: dh key too small`}},
		},
		"no DH parameters": {
			change: func(_ *world, d *def) { d.DHParams = file("/tls/ca.pem") },
			want:   []problem{{diag.Error, "dh_params", "dh-params-unreadable", `no DH PARAMETERS in PEM form`}},
		},
		"no DH parameters in a row": {
			blob:   true,
			change: func(_ *world, d *def) { d.DHParams = blob([]byte("garbage")) },
			want:   []problem{{diag.Warning, "dh_params", "dh-params-unreadable", `no DH PARAMETERS in PEM form`}},
		},

		"curve": {change: func(_ *world, d *def) { d.ECCurve = text("secp384r1") }},
		"curve by NIST's name": {
			change: func(_ *world, d *def) { d.ECCurve = text("P-256") },
			want:   []problem{{diag.Error, "ec_curve", "ec-curve-unknown", `did you mean "prime256v1"`}},
		},
		"key exchange that is no curve": {
			change: func(_ *world, d *def) { d.ECCurve = text("X25519") },
			want:   []problem{{diag.Error, "ec_curve", "ec-curve-unknown", `not a curve for EC keys`}},
		},
		"curve that is not for TLS": {
			change: func(_ *world, d *def) { d.ECCurve = text("secp112r1") },
			want:   []problem{{diag.Error, "ec_curve", "ec-curve-unusable", `curve "secp112r1" is not for TLS`}},
		},
		"weak curve": {
			change: func(_ *world, d *def) { d.ECCurve = text("secp160r1") },
			want:   []problem{{diag.Warning, "ec_curve", "ec-curve-weak", `too weak for security level 2`}},
		},
		"binary curve": {
			change: func(_ *world, d *def) { d.ECCurve = text("sect283r1") },
			want:   []problem{{diag.Notice, "ec_curve", "ec-curve-unsupported", `curve "sect283r1" is not in crypto/tls`}},
		},

		"no cipher": {
			change: func(_ *world, d *def) { d.CiphersList = text("FOOBAR") },
			want:   []problem{{diag.Error, "ciphers_list", "ciphers-invalid", `no cipher match`}},
		},
		"unknown cipher": {
			change: func(_ *world, d *def) { d.CiphersList = text("ECDHE-ECDSA-AES128-GCM-SHA256:FOOBAR") },
			want:   []problem{{diag.Warning, "ciphers_list", "ciphers-ignored", `ciphers_list: "FOOBAR" is ignored`}},
		},
		"retired ciphers": {change: func(_ *world, d *def) { d.CiphersList = text("ECDHE-ECDSA-AES128-GCM-SHA256:!EXPORT") }},
		"ciphers of OpenSSL": {
			change: func(_ *world, d *def) {
				d.CiphersList = text("ECDHE-ECDSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256")
			},
			want: []problem{{diag.Notice, "ciphers_list", "ciphers-unsupported", `1 of 5 suites are not in crypto/tls: DHE-RSA-AES128-GCM-SHA256`}},
		},

		"CA list missing": {
			change: func(_ *world, d *def) { d.CAList = file("/tls/none.pem") },
			want:   []problem{{diag.Error, "ca_list", "ca-list-missing", `ca_list "/tls/none.pem": no such file or directory`}},
		},
		"CA list is a directory": {
			change: func(_ *world, d *def) { d.CAList = file("/tls") },
			want:   []problem{{diag.Error, "ca_list", "ca-list-missing", `is a directory`}},
		},
		"CA list without certificates": {
			change: func(_ *world, d *def) { d.CAList = file("/tls/key.pem") },
			want:   []problem{{diag.Error, "ca_list", "ca-list-unreadable", `no certificate or CRL in PEM form`}},
		},
		"CA list with CRLs only": {
			change: func(w *world, _ *def) {
				w.put("/tls/ca.pem", certtest.CRLPEM(w.root.Revoke(t, certtest.RevocationList{})))
			},
			want: []problem{{diag.Warning, "verify_cert", "no-trusted-ca", `no peer's certificate verifies`}},
		},
		"CA list damaged": {
			change: func(w *world, _ *def) { w.put("/tls/ca.pem", append(w.root.PEM(), damage(w.id.PEM())...)) },
			want:   []problem{{diag.Error, "ca_list", "ca-list-unreadable", `block 2: bad base64 decode`}},
		},
		"CA list damaged in a row": {
			version: v24, blob: true,
			change: func(w *world, d *def) { d.CAList = blob(append(w.root.PEM(), damage(w.id.PEM())...)) },
			want:   []problem{{diag.Warning, "ca_list", "ca-list-damaged", `certificate 2: bad base64 decode`}},
		},
		"CA list garbage in a row of 2.3": {
			version: v23, blob: true,
			change: func(_ *world, d *def) { d.CAList = blob([]byte("garbage")) },
			want:   []problem{{diag.Error, "ca_list", "ca-list-unreadable", `ca_list: no certificate in PEM form`}},
		},
		"CA list garbage in a row of 2.4": {
			version: v24, blob: true,
			change: func(_ *world, d *def) { d.CAList = blob([]byte("garbage")) },
			want: []problem{
				{diag.Warning, "ca_list", "ca-list-unreadable", `no certificate in PEM form`},
				{diag.Warning, "verify_cert", "no-trusted-ca", ``},
			},
		},
		"two CAs in a row of 2.3": {
			version: v23, blob: true,
			change: func(w *world, d *def) { d.CAList = blob(append(w.root.PEM(), w.id.PEM()...)) },
			want:   []problem{{diag.Notice, "ca_list", "ca-list-ignored", `a real 2.3 trusts only the first of 2 certificates of a blob`}},
		},
		"CA expired": {
			change: func(w *world, _ *def) {
				w.put("/tls/ca.pem", certtest.Root(t, "old", certtest.Expired()).PEM())
			},
			want: []problem{{diag.Warning, "ca_list", "ca-expired", `the first, "CN=old,O=certtest", expired 2030-06-15 11:00:00 UTC`}},
		},
		"one CA expired": {
			change: func(w *world, _ *def) {
				w.put("/tls/ca.pem", append(w.root.PEM(), certtest.Root(t, "old", certtest.Expired()).PEM()...))
			},
			want: []problem{{diag.Notice, "ca_list", "ca-some-expired", `1 of 2 certificates have expired`}},
		},
		"CA with a key that Go has not got": {
			change: func(w *world, _ *def) {
				w.put("/tls/ca.pem", append(w.root.PEM(), testKey(t, "brainpoolP256r1.pem")...))
			},
			want: []problem{{diag.Notice, "ca_list", "ca-odd", `no ECDSA brainpoolP256r1 keys`}},
		},

		"no CA at all": {
			change: func(_ *world, d *def) { d.CAList = domain.Material{} },
			want:   []problem{{diag.Warning, "verify_cert", "no-trusted-ca", `in ca_dir "/etc/pki/CA/"`}},
		},
		"no CA, none needed": {change: func(_ *world, d *def) { d.CAList, d.VerifyCert.On = domain.Material{}, false }},
		"CA directory missing": {
			change: func(_ *world, d *def) { d.CADir = text("/nosuch") },
			want:   []problem{{diag.Warning, "ca_dir", "ca-dir", `ca_dir "/nosuch": no such file or directory`}},
		},
		"CA directory is a file": {
			change: func(_ *world, d *def) { d.CADir = text("/tls/ca.pem") },
			want:   []problem{{diag.Warning, "ca_dir", "ca-dir", `ca_dir "/tls/ca.pem": not a directory`}},
		},
		"CA directory without hashes": {
			change: func(_ *world, d *def) { d.CADir = text("/tls") },
			want:   []problem{{diag.Warning, "ca_dir", "ca-dir", `no file has a hashed name`}},
		},

		"CRL directory missing": {
			change: func(_ *world, d *def) { d.CRLDir = text("/nosuch") },
			want:   []problem{{diag.Error, "crl_dir", "crl-dir-missing", `crl_dir "/nosuch": no such file or directory`}},
		},
		"CRL directory is a file": {
			change: func(_ *world, d *def) { d.CRLDir = text("/tls/ca.pem") },
			want:   []problem{{diag.Error, "crl_dir", "crl-dir-missing", `not a directory`}},
		},
		"CRL directory without CRLs in 2.3": {
			version: v23,
			change:  func(w *world, d *def) { w.put("/crls/x.pem", []byte("x")); d.CRLDir = text("/crls") },
			want: []problem{
				{diag.Notice, "crl_dir", "crl-skipped", `file "x.pem" is left out: no CRL in PEM form`},
				{diag.Error, "crl_dir", "crl-dir-empty", `no CRL in PEM form`},
			},
		},
		"CRL directory without CRLs in 2.4": {
			version: v24,
			change: func(w *world, d *def) {
				w.files["crls"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
				d.CRLDir = text("/crls")
			},
			want: []problem{{diag.Warning, "crl_dir", "crl-dir-empty", `no CRL in PEM form`}},
		},
		"CRL directory": {
			change: func(w *world, d *def) {
				w.put("/crls/one.pem", certtest.CRLPEM(w.root.Revoke(t, certtest.RevocationList{})))
				d.CRLDir = text("/crls")
			},
		},
		"CRL expired, another linked, two in a file": {
			change: func(w *world, d *def) {
				old := certtest.CRLPEM(w.root.Revoke(t, certtest.RevocationList{From: certtest.Now().Add(-2 * time.Hour), To: certtest.Now().Add(-time.Hour)}))
				w.put("/crls/a.pem", old)
				w.put("/crls/b.pem", slices.Concat(old, old))
				w.files["crls/link"] = &fstest.MapFile{Data: []byte("a.pem"), Mode: fs.ModeSymlink}
				d.CRLDir = text("/crls/")
			},
			want: []problem{
				{diag.Notice, "crl_dir", "crl-skipped", `file "b.pem" has 2 CRLs, of which a real server takes only the first`},
				{diag.Notice, "crl_dir", "crl-skipped", `file "link" is left out: no regular file`},
				{diag.Warning, "crl_dir", "crl-expired", `the CRL of "CN=root,O=certtest" expired 2030-06-15 11:00:00 UTC`},
				{diag.Warning, "crl_dir", "crl-expired", ``},
				{diag.Warning, "crl_dir", "crl-expired", ``},
			},
		},

		"client without certificate in 3.4": {
			version: v34,
			change: func(_ *world, d *def) {
				*d = *domain.New(domain.Client, "cl1", "/etc/opensips/")
				d.CAList = file("/tls/ca.pem")
			},
			want: []problem{{diag.Notice, "certificate", "client-without-certificate", `certificate: none is set`}},
		},
		"client without certificate in 3.0": {
			version: v30,
			change: func(_ *world, d *def) {
				*d = *domain.New(domain.Client, "cl1", "/etc/opensips/")
				d.CAList = file("/tls/ca.pem")
			},
			want: []problem{
				{diag.Error, "certificate", "certificate-missing", ``},
				{diag.Error, "private_key", "private-key-missing", ``},
			},
		},
		"everything at once": {
			change: func(_ *world, d *def) {
				d.Method, d.CiphersList, d.ECCurve, d.CRLDir = text("x"), text("x"), text("x"), text("/x")
				d.DHParams, d.Certificate, d.PrivateKey, d.CAList = file("/x"), file("/x"), file("/x"), file("/x")
			},
			want: []problem{
				{diag.Error, "tls_method", "method-unknown", ``},
				{diag.Error, "dh_params", "dh-params-missing", ``},
				{diag.Error, "ec_curve", "ec-curve-unknown", ``},
				{diag.Error, "ciphers_list", "ciphers-invalid", ``},
				{diag.Error, "certificate", "certificate-missing", ``},
				{diag.Error, "crl_dir", "crl-dir-missing", ``},
				{diag.Error, "ca_list", "ca-list-missing", ``},
				{diag.Error, "private_key", "private-key-missing", ``},
			},
		},
	}
}

// weakPEM is an authority with a key of 1024 bits.
func weakPEM(t testing.TB) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return certtest.Root(t, "weak", certtest.Key(key)).PEM()
}

// TestSettings loads domains with something wrong and compares all problems.
func TestSettings(t *testing.T) {
	for name, c := range settingCases(t) {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := w.server()
			if c.blob {
				d = w.row(t)
			}
			c.change(w, d)
			context, problems := w.loadFor(c.version, d)
			if diff := cmp.Diff(c.want, shorten(problems, c.want)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if (context == nil) != problems.HasErrors() {
				t.Errorf("context %v", context)
			}
			for _, p := range problems {
				if p.From != d.Origin(p.Param) {
					t.Errorf("%s is said to be from %v", p.Param, p.From)
				}
			}
		})
	}
}

// shorten cuts the messages to what is wanted of them.
func shorten(problems tlsctx.Problems, want []problem) (short []problem) {
	for i, p := range problems {
		message := p.Message
		if i < len(want) && strings.Contains(message, want[i].Message) {
			message = want[i].Message
		}
		short = append(short, problem{p.Severity, p.Param, p.Rule, message})
	}
	return short
}

// TestRules has every problem's rule listed, with its severity unless the
// version or the table makes it a warning.
func TestRules(t *testing.T) {
	rules := map[string]*diag.Rule{}
	for _, r := range tlsctx.Rules() {
		if rules[r.ID] != nil {
			t.Errorf("rule %q is there twice", r.ID)
		}
		if r.Stage != diag.Start || !strings.HasSuffix(r.Doc, ".") {
			t.Errorf("rule %+v", r)
		}
		rules[r.ID] = r
	}
	seen := map[string]bool{}
	for name, c := range settingCases(t) {
		for _, p := range c.want {
			r := rules[p.Rule]
			if r == nil {
				t.Fatalf("%s: rule %q is not listed", name, p.Rule)
			}
			seen[p.Rule] = true
			if r.Severity != p.Severity && p.Severity != diag.Warning {
				t.Errorf("%s: rule %q has severity %v", name, p.Rule, p.Severity)
			}
		}
	}
	elsewhere := []string{ // TestCertificateForms, TestKeyForms, TestKeyKinds, TestEncryptedKeys
		"certificate-unreadable", "certificate-odd", "private-key-unreadable", "private-key-encrypted",
		"private-key-passphrase", "private-key-unsupported", "private-key-unchecked",
	}
	for id := range rules {
		if !seen[id] && !slices.Contains(elsewhere, id) {
			t.Errorf("no test has rule %q", id)
		}
	}
}

// TestContextTells compares what a context says of its settings.
func TestContextTells(t *testing.T) {
	w := newWorld(t)
	d := w.server()
	w.put("/tls/dh.pem", []byte(strongDH))
	w.put("/crls/crl.pem", certtest.CRLPEM(w.root.Revoke(t, certtest.RevocationList{})))
	d.Method, d.CiphersList, d.ECCurve, d.CRLDir = text("TLSv1_2"), text("ECDHE+AESGCM"), text("prime256v1"), text("/crls")
	d.DHParams = file("/tls/dh.pem")
	c, problems := w.load(d)
	if c == nil {
		t.Fatal(problems)
	}
	lowest, highest := c.Versions()
	curve, _ := c.Curve()
	list, _ := openssl.ParseCipherList("ECDHE+AESGCM")
	got := []any{
		c.Certificate().Equal(w.id.Certificate), c.KeyKind(), fmt.Sprintf("%x", c.Fingerprint()) != "", len(c.CAs()), len(c.CRLs()),
		c.Method().Name, lowest, highest, curve.Name, c.DHParams().Group(), c.Ciphers().String() == list.String(),
	}
	want := []any{true, "ECDSA P-256", true, 1, 1, "TLSv1_2", uint16(tls.VersionTLS12), uint16(tls.VersionTLS12), "prime256v1", "ffdhe2048", true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the context (-want +got):\n%s", diff)
	}
	config := c.ServerConfig()
	if !slices.Equal(config.CurvePreferences, []tls.CurveID{tls.CurveP256}) || !slices.Equal(config.CipherSuites, list.GoIDs()) {
		t.Errorf("curves %v, suites %x", config.CurvePreferences, config.CipherSuites)
	}
	if c.ServerConfig() != config {
		t.Error("the configuration is made twice")
	}
	bare := load(t, tlsctx.Options{Files: tlsctx.FromFS(w.files), Version: v34}, domain.New(domain.Client, "cl1", "/none/"))
	if bare.Certificate() != nil || bare.KeyKind() != "" || bare.Fingerprint() != [32]byte{} || bare.CAs() != nil || bare.CRLs() != nil || bare.DHParams() != nil {
		t.Error("a client without settings has some")
	}
}

// TestNoSecretsInProblems damages keys and looks for their text in what is told.
func TestNoSecretsInProblems(t *testing.T) {
	w := newWorld(t)
	key := w.id.KeyPEM(t)
	for i := range key {
		d := w.row(t)
		damaged := slices.Clone(key)
		damaged[i] ^= 0x11
		d.PrivateKey = blob(damaged)
		_, problems := w.load(d)
		for _, p := range problems {
			for chunk := range slices.Chunk(key, 12) {
				if len(chunk) == 12 && !strings.Contains("-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----", string(chunk)) &&
					strings.Contains(p.Message+p.Help, string(chunk)) {
					t.Fatalf("%q is in %q", chunk, p.Message)
				}
			}
		}
	}
}

// TestHelps holds what is advised where it depends on what was found.
func TestHelps(t *testing.T) {
	behindCA := func(w *world, d *domain.Definition) {
		w.put("/tls/cert.pem", slices.Concat(w.root.PEM(), w.id.PEM()))
		d.Certificate = file("/tls/cert.pem")
	}
	for name, c := range map[string]struct {
		version    catalogue.Version
		change     func(w *world, d *domain.Definition)
		rule, want string
	}{
		"a key of another":        {0, func(w *world, _ *domain.Definition) { w.put("/tls/key.pem", w.root.KeyPEM(t)) }, "private-key-mismatch", "requested with"},
		"a key for a certificate": {0, func(w *world, _ *domain.Definition) { w.put("/tls/cert.pem", w.id.KeyPEM(t)) }, "certificate-unreadable", "it holds a PRIVATE KEY: is it the file of another setting"},
		"a certificate for a key": {0, func(w *world, _ *domain.Definition) { w.put("/tls/key.pem", w.id.PEM()) }, "private-key-unreadable", "it holds a CERTIFICATE: "},
		"an authority first":      {0, behindCA, "private-key-mismatch", `the key is that of certificate 2, "CN=sip.example.com`},
		"expired": {0, func(w *world, _ *domain.Definition) {
			id := w.root.Issue(t, "expired", certtest.Expired())
			w.put("/tls/cert.pem", id.PEM())
			w.put("/tls/key.pem", id.KeyPEM(t))
		}, "certificate-expired", "renew it"},
		"a curve of another use": {0, func(_ *world, d *domain.Definition) { d.ECCurve = text("secp112r1") }, "ec-curve-unusable", "prime256v1"},
		"an old method":          {3<<8 | 4, func(_ *world, d *domain.Definition) { d.Method = text("TLSv1") }, "method-unusable", "set TLSv1_2-"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := w.server()
			c.change(w, d)
			_, problems := w.loadFor(c.version, d)
			i := slices.IndexFunc(problems, func(p tlsctx.Problem) bool { return p.Rule == c.rule })
			if i < 0 {
				t.Fatalf("no %s among %v", c.rule, problems)
			}
			if !strings.Contains(problems[i].Help, c.want) {
				t.Errorf("the help is %q, want %q", problems[i].Help, c.want)
			}
		})
	}
}
