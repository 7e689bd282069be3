package lint_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// requireOpenSSL skips a test where the openssl command is missing or of another
// release than the one that contexts are judged by.
func requireOpenSSL(t *testing.T) {
	t.Helper()
	version, err := openSSL(t, "version")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		t.Skip("no openssl command here")
	case err != nil || !strings.HasPrefix(version, "OpenSSL 3.0."):
		t.Skipf("the openssl command is not of release 3.0: %s", version)
	}
}

// openSSL runs the command without the configuration of the machine.
func openSSL(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openssl", args...)
	cmd.Env = append(os.Environ(), "OPENSSL_CONF="+os.DevNull)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// shape is a chain as a server may present it, and the roots of its peers.
type shape struct {
	chain []*certtest.Identity
	roots []*certtest.Identity
	// list is the ca_list of the domain, if it has more than the roots.
	list []*certtest.Identity
}

// shapes are the chains that are compared, by what is special about them.
func shapes(t *testing.T) map[string]shape {
	t.Helper()
	root, other := certtest.Root(t, "Root"), certtest.Root(t, "Other Root")
	inter := root.Authority(t, "Issuing")
	low := inter.Authority(t, "Low")
	cross := other.Authority(t, "Issuing", certtest.Key(inter.Key))
	twin := certtest.Root(t, "Root") // of the same name, with another key
	leaf := func(issuer *certtest.Identity, options ...certtest.Option) *certtest.Identity {
		return issuer.Issue(t, host, append([]certtest.Option{both()}, options...)...)
	}
	key := func(k crypto.Signer) certtest.Option { return certtest.Key(k) }
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	oldRoot := certtest.Root(t, "Old Root", key(certtest.RSAKey(t)))
	sha1 := certtest.With(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA })
	early := certtest.Valid(certtest.Now().Add(time.Hour), certtest.Now().AddDate(1, 0, 0))
	ending := certtest.Valid(certtest.Now().AddDate(-1, 0, 0), certtest.Now().Add(24*time.Hour))
	selfSigned := certtest.SelfSigned(t, host, both())
	expiredInter := root.Authority(t, "Expired", certtest.Expired())
	lateInter := root.Authority(t, "Early", early)
	ids := func(all ...*certtest.Identity) []*certtest.Identity { return all }
	one := leaf(inter)
	user := root.Issue(t, "user")
	signer := root.Authority(t, "no signer", certtest.With(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }))
	return map[string]shape{
		"from the root":                {ids(leaf(root)), ids(root), nil},
		"one intermediate":             {ids(leaf(inter), inter), ids(root), nil},
		"with the root":                {ids(leaf(inter), inter, root), ids(root), nil},
		"two intermediates":            {ids(leaf(low), low, inter), ids(root), nil},
		"another root":                 {ids(leaf(inter), inter), ids(other), nil},
		"intermediate missing, aia":    {ids(leaf(inter, aia())), ids(root), nil},
		"intermediate missing":         {ids(leaf(inter)), ids(root), nil},
		"intermediate in ca_list only": {ids(leaf(inter)), ids(root), ids(inter)},
		"lower intermediate missing":   {ids(leaf(low), inter), ids(root), nil},
		"upper intermediate missing":   {ids(leaf(low), low), ids(root), nil},
		"upper in ca_list only":        {ids(leaf(low), low), ids(root), ids(inter)},
		"wrong order":                  {ids(leaf(low), inter, low), ids(root), nil},
		"stray certificate":            {ids(leaf(inter), inter, other), ids(root), nil},
		"leaf twice":                   {ids(one, one, inter), ids(root), nil},
		"cross-signed, old root":       {ids(leaf(inter), cross), ids(other), nil},
		"cross-signed, both":           {ids(leaf(inter), inter, cross), ids(root), nil},
		"root of the same name":        {ids(leaf(root)), ids(twin), nil},
		"both roots of a name":         {ids(leaf(root)), ids(twin, root), nil},
		"self-signed and trusted":      {ids(selfSigned), ids(selfSigned), nil},
		"self-signed":                  {ids(selfSigned), ids(root), nil},
		"expired":                      {ids(leaf(root, certtest.Expired())), ids(root), nil},
		"not yet valid":                {ids(leaf(root, early)), ids(root), nil},
		"ends tomorrow":                {ids(leaf(root, ending)), ids(root), nil},
		"expired intermediate":         {ids(leaf(expiredInter), expiredInter), ids(root), nil},
		"intermediate not yet valid":   {ids(leaf(lateInter), lateInter), ids(root), nil},
		"usage of clients":             {ids(root.Issue(t, host, certtest.Usage(x509.ExtKeyUsageClientAuth))), ids(root), nil},
		"usage of servers":             {ids(root.Issue(t, host, certtest.Usage(x509.ExtKeyUsageServerAuth))), ids(root), nil},
		"any usage":                    {ids(root.Issue(t, host, certtest.Usage(x509.ExtKeyUsageAny))), ids(root), nil},
		"no usage said":                {ids(root.Issue(t, host)), ids(root), nil},
		"RSA 1024":                     {ids(leaf(root, key(small))), ids(root), nil},
		"RSA 2048":                     {ids(leaf(root, key(certtest.RSAKey(t)))), ids(root), nil},
		"SHA-1":                        {ids(leaf(oldRoot, sha1)), ids(oldRoot), nil},
		"P-224":                        {ids(leaf(root, key(certtest.ECKey(t, elliptic.P224())))), ids(root), nil},
		"P-384":                        {ids(leaf(root, key(certtest.ECKey(t, elliptic.P384())))), ids(root), nil},
		"Ed25519":                      {ids(leaf(root, key(ed))), ids(root), nil},
		"issued by a leaf":             {ids(leaf(user), user), ids(root), nil},
		"issuer may not sign":          {ids(leaf(signer), signer), ids(root), nil},
		"authority as leaf":            {ids(root.Authority(t, host, both())), ids(root), nil},
	}
}

// refusing are the findings that say that a peer which knows the root refuses the
// certificate.
var refusing = []string{
	"certificate-expired", "certificate-not-yet-valid", "certificate-weak", "TLS102", "TLS105", "TLS106", "TLS110", "TLS111", "TLS121",
}

// TestChainsAgainstOpenSSL has the openssl command verify chains of many shapes
// as a client does, and holds that against what is said of them.
func TestChainsAgainstOpenSSL(t *testing.T) {
	requireOpenSSL(t)
	all := shapes(t)
	if len(all) < 30 {
		t.Errorf("only %d shapes", len(all))
	}
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			var told []string
			for _, d := range findingsOf(t, s) {
				if slices.Contains(refusing, d.Rule) {
					told = append(told, d.String())
				}
			}
			out, err := verifyByOpenSSL(t, s)
			if (err == nil) != (len(told) == 0) {
				t.Errorf("openssl verify: %s\nfindings: %q", out, told)
			}
		})
	}
}

func verifyByOpenSSL(t *testing.T, s shape) (string, error) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, certs ...*certtest.Identity) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pems(certs), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	roots, chain, leaf := write("roots.pem", s.roots...), write("chain.pem", s.chain...), write("leaf.pem", s.chain[0])
	return openSSL(t, "verify", "-purpose", "sslserver", "-auth_level", "2", "-attime", strconv.FormatInt(certtest.Now().Unix(), 10),
		"-no-CApath", "-no-CAstore", "-CAfile", roots, "-untrusted", chain, leaf)
}

func pems(ids []*certtest.Identity) []byte {
	var b bytes.Buffer
	for _, id := range ids {
		b.Write(id.PEM())
	}
	return b.Bytes()
}

// findingsOf is all that is said of a domain that presents the chain: by the
// start and by the rules.
func findingsOf(t *testing.T, s shape) diag.List {
	t.Helper()
	files := fstest.MapFS{
		"cert.pem": {Data: pems(s.chain), Mode: 0o644},
		"key.pem":  {Data: s.chain[0].KeyPEM(t), Mode: 0o600},
		"ca.pem":   {Data: pems(append(slices.Clone(s.list), s.roots...)), Mode: 0o644},
	}
	return lintFiles(t, files, certtest.Now)
}

func lintFiles(t *testing.T, files fstest.MapFS, now func() time.Time) diag.List {
	t.Helper()
	config := parseExample(t, lint.Example{Script: `
modparam("tls_mgm", "certificate", "/cert.pem")
modparam("tls_mgm", "private_key", "/key.pem")
modparam("tls_mgm", "ca_list", "/ca.pem")
`})
	opened := tlsctx.FromFS(files)
	loader := tlsctx.NewLoader(tlsctx.Options{Files: opened, Now: now}, nil)
	started := start.Check(t.Context(), config, start.Options{Files: opened, Loader: loader, Now: now})
	found := lint.Run(lint.Input{Config: config, Files: opened, Loader: loader}, lint.Options{Now: now()})
	return append(started.Diagnostics, lint.Diagnostics(found)...)
}

// TestExpiryAgainstOpenSSL holds the rule about certificates that end soon
// against openssl x509 -checkend, which knows no time but now.
func TestExpiryAgainstOpenSSL(t *testing.T) {
	requireOpenSSL(t)
	const day = 24 * time.Hour
	root := certtest.Root(t, "Root", certtest.Valid(time.Now().Add(-day), time.Now().Add(1000*day)))
	for _, left := range []time.Duration{
		-400 * day, -day, -time.Minute, time.Minute, time.Hour, 10 * day, 30*day - time.Hour, 30*day + time.Hour, 31 * day, 90 * day, 400 * day,
	} {
		t.Run(fmt.Sprint(left), func(t *testing.T) {
			from := min(left, 0) - day
			id := root.Issue(t, host, both(), certtest.Valid(time.Now().Add(from), time.Now().Add(left)))
			file := filepath.Join(t.TempDir(), "cert.pem")
			if err := os.WriteFile(file, id.PEM(), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := openSSL(t, "x509", "-in", file, "-noout", "-checkend", strconv.Itoa(int(lint.DefaultExpiry/time.Second)))
			files := fstest.MapFS{
				"cert.pem": {Data: id.PEM(), Mode: 0o644}, "key.pem": {Data: id.KeyPEM(t), Mode: 0o600}, "ca.pem": {Data: root.PEM(), Mode: 0o644},
			}
			found := lintFiles(t, files, time.Now)
			ends := slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Rule == "TLS101" || d.Rule == "certificate-expired" })
			if ends != (err != nil) {
				t.Errorf("openssl x509 -checkend: %s\nfindings: %v", out, found)
			}
		})
	}
}
