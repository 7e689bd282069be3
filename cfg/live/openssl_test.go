package live

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
)

// openssl runs the command without the machine's configuration.
func openssl(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	cmd := exec.CommandContext(ctx, "openssl", args...)
	cmd.Env = append(os.Environ(), "OPENSSL_CONF="+os.DevNull)
	cmd.Stdin = strings.NewReader(stdin)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	switch err := cmd.Run(); {
	case errors.Is(err, exec.ErrNotFound):
		t.Skip("no openssl command here")
	case err != nil:
		t.Fatalf("openssl %q: %v: %s", args, err, &problems)
	}
	return out.String()
}

// ofCertificate are the variables of a certificate as openssl prints it, without
// their tls_peer_ or tls_my_. What is NULL is left out.
func ofCertificate(t testing.TB, pem string) map[string]string {
	t.Helper()
	all := map[string]string{}
	out := openssl(t, pem, "x509", "-noout", "-subject", "-issuer", "-nameopt", "compat", "-serial", "-startdate", "-enddate")
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		all[key] = value
	}
	serial, _ := new(big.Int).SetString(all["serial"], 16)
	all["serial"] = serial.String()

	out = openssl(t, pem, "x509", "-noout", "-subject", "-issuer", "-nameopt", "utf8,sep_multiline,sname", "-ext", "subjectAltName", "-text", "-certopt", "no_pubkey,no_sigdump,no_extensions")
	all["version"] = regexp.MustCompile(`Version: \d \(0x(\d)\)`).FindStringSubmatch(out)[1]
	parts := map[string]string{"CN": "cn", "L": "locality", "C": "country", "ST": "state", "O": "organization", "OU": "unit"}
	section := ""
	for line := range strings.Lines(out) {
		attributes, isContent := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "    ")
		if !isContent {
			section, _, _ = strings.Cut(line, "=")
		} else if section == "subject" || section == "issuer" {
			for attribute := range strings.SplitSeq(attributes, " + ") {
				key, value, _ := strings.Cut(attribute, "=")
				setFirst(all, section+"_"+parts[key], value, parts[key] != "")
			}
		}
	}
	if line := regexp.MustCompile(`Subject Alternative Name:[^\n]*\n {4}(.*)\n`).FindStringSubmatch(out); line != nil {
		kinds := map[string]string{"email": "san_email", "DNS": "san_hostname", "URI": "san_uri", "IP Address": "san_ip"}
		for item := range strings.SplitSeq(line[1], ", ") {
			kind, value, _ := strings.Cut(item, ":")
			setFirst(all, kinds[kind], value, kinds[kind] != "")
		}
	}
	return all
}

func setFirst(all map[string]string, name, value string, isOne bool) {
	if _, found := all[name]; isOne && !found {
		all[name] = value
	}
}

// logging is the script of section 1.11 with a domain that verifies certificates.
func logging(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../route/testdata/logging.cfg")
	if err != nil {
		t.Fatal(err)
	}
	_, body, found := strings.Cut(string(text), "\nroute {")
	if !found {
		t.Fatal("the script of the manual has no route")
	}
	return "listen=tls:192.0.2.1:5061\n" + opening + domainLines("dom1", "192.0.2.1:5061", true) + "route {" + body
}

// loggedVariable is a line of that script.
var loggedVariable = regexp.MustCompile(`(?s)^\$(tls_\w+) += '(.*)'$`)

// TestLoggingAsOpenSSL runs the logging of section 1.11 of the manual for connections
// that openssl makes. Each variable of the session and of both certificates is what
// openssl says of them.
func TestLoggingAsOpenSSL(t *testing.T) {
	parties := map[string]func(*x509.Certificate){
		"plain": func(*x509.Certificate) {},
		"everything": func(c *x509.Certificate) {
			c.Subject = pkix.Name{
				Country: []string{"AT"}, Province: []string{"Vienna"}, Locality: []string{"Wien"}, Organization: []string{"enum.at", "second"},
				OrganizationalUnit: []string{"voice", "data"}, CommonName: "phone.enum.at", SerialNumber: "SN-1",
			}
			c.SerialNumber, _ = new(big.Int).SetString("7fffffffffffffffffffffffffffffffffffff01", 16)
			c.DNSNames = []string{"one.test", "two.test"}
			c.EmailAddresses = []string{"a@b.test", "c@d.test"}
			c.URIs = []*url.URL{{Scheme: "sip", Opaque: "a@b.test"}}
			c.IPAddresses = []net.IP{net.ParseIP("2001:db8::7"), net.ParseIP("192.0.2.7")}
		},
		"UTF-8": func(c *x509.Certificate) {
			c.Subject = pkix.Name{CommonName: "Jürgen Groß 日本", Locality: []string{"Köln"}, Organization: []string{"a/b, c"}}
		},
		"IPv4 only": func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = nil, []net.IP{net.ParseIP("192.0.2.7").To4()}
		},
	}
	for name, change := range parties {
		for _, version := range []string{"-tls1_2", "-tls1_3"} {
			t.Run(name+version, func(t *testing.T) {
				w := newWorld(t, "dom1")
				id := w.issue(t, "phone", certtest.With(change))
				w.present(t, "dom1", w.issue(t, "server", certtest.With(change)))
				s := w.serve(t, logging(t), Options{})
				said := openssl(t, request("OPTIONS", "sip:x", "c1"), append([]string{"s_client", "-connect", s.address(0), version}, certificateFiles(t, id)...)...)
				s.lines.until(t, "request received")
				_, lines := s.lines.until(t, "================= end TLS pseudo variables ===============")
				compareVariables(t, variablesOf(t, lines), said, string(id.PEM()))
			})
		}
	}
}

// certificateFiles writes the certificate and key of a client, and gives the options
// of s_client for them.
func certificateFiles(t testing.TB, id *certtest.Identity) []string {
	t.Helper()
	dir := t.TempDir()
	files := map[string][]byte{"cert.pem": id.PEM(), "key.pem": id.KeyPEM(t)}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"-cert", filepath.Join(dir, "cert.pem"), "-key", filepath.Join(dir, "key.pem")}
}

// variablesOf reads what the script logged; NULL is left out.
func variablesOf(t testing.TB, lines []string) map[string]string {
	t.Helper()
	all, count := map[string]string{}, 0
	for _, line := range lines {
		m := loggedVariable.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		count++
		if m[2] != "<null>" {
			all[m[1]] = m[2]
		}
	}
	const ofManual = 50
	if count != ofManual {
		t.Errorf("%d variables are logged", count)
	}
	return all
}

func compareVariables(t testing.TB, got map[string]string, said, peer string) {
	t.Helper()
	session := regexp.MustCompile(`New, (\S+), Cipher is (\S+)`).FindStringSubmatch(said)
	certificate := regexp.MustCompile(`(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n`).FindString(said)
	if session == nil || certificate == "" {
		t.Fatalf("openssl says %s", said)
	}
	want := map[string]string{"tls_version": session[1], "tls_cipher_info": session[2]}
	want["tls_description"], want["tls_cipher_bits"] = described(t, session[2])
	for prefix, all := range map[string]map[string]string{"tls_peer_": ofCertificate(t, peer), "tls_my_": ofCertificate(t, certificate)} {
		for name, value := range all {
			want[prefix+name] = value
		}
	}
	delete(want, "tls_my_notBefore") // the manual has these of the peer only
	delete(want, "tls_my_notAfter")
	for name, value := range map[string]string{"verified": "1", "revoked": "0", "expired": "0", "selfsigned": "0"} {
		want["tls_peer_"+name] = value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-openssl +ours\n%s", diff)
	}
}

// described is what openssl says of a cipher suite, and the bits in it.
func described(t testing.TB, suite string) (line, bits string) {
	t.Helper()
	for line := range strings.Lines(openssl(t, "", "ciphers", "-v", "ALL:COMPLEMENTOFALL")) {
		if strings.HasPrefix(line, suite+" ") {
			return line, regexp.MustCompile(`Enc=\S+\((\d+)\)`).FindStringSubmatch(line)[1]
		}
	}
	t.Fatal(fmt.Errorf("openssl does not list %s", suite))
	return "", ""
}
