package variables

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

// runOpenSSL runs the command without the machine's configuration.
func runOpenSSL(stdin []byte, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "openssl", args...)
	cmd.Env = append(os.Environ(), "OPENSSL_CONF="+os.DevNull)
	cmd.Stdin = bytes.NewReader(stdin)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("openssl %q: %w: %s", args, err, &problems)
	}
	return out.String(), nil
}

var openSSLUnfit = sync.OnceValue(func() string {
	version, err := runOpenSSL(nil, "version")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "no openssl command here"
	case err != nil:
		return err.Error()
	case !strings.HasPrefix(version, "OpenSSL 3.0."):
		return "the openssl command is not of release 3.0"
	}
	return ""
})

// requireOpenSSL skips a test where the command is missing or of another
// release.
func requireOpenSSL(t testing.TB) {
	t.Helper()
	if reason := openSSLUnfit(); reason != "" {
		t.Skip(reason)
	}
}

// texts are the variables of a certificate, without the "tls_peer_"; NULL ones
// are left out.
type texts map[string]string

func ours(cert *x509.Certificate) texts {
	s := &Session{Peer: cert}
	all := texts{}
	for v := range All() {
		short, ofPeer := strings.CutPrefix(v.Name, "tls_peer_")
		if value := v.Value(s); ofPeer && !value.IsNull() && v.Type == String || short == "serial" {
			all[short] = value.Text
		}
	}
	delete(all, "version") // openssl has no option for it
	return all
}

// nameVariables are the short names of attribute types that have variables.
var nameVariables = map[string]string{
	"CN": "cn", "L": "locality", "C": "country", "ST": "state", "O": "organization", "OU": "unit", "serialNumber": "serial",
}

// lines are the variables that an option of `openssl x509` prints each.
var lines = []string{"subject", "issuer", "serial", "notBefore", "notAfter"}

// theirLines asks openssl for lines, names in the form of X509_NAME_oneline, which
// is not cut here.
func theirLines(t testing.TB, cert *x509.Certificate) texts {
	t.Helper()
	out, err := runOpenSSL(cert.Raw, "x509", "-inform", "DER", "-noout", "-subject", "-issuer", "-nameopt", "compat", "-serial", "-startdate", "-enddate")
	if err != nil {
		t.Fatal(err)
	}
	all := texts{}
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if key == "serial" {
			n, _ := new(big.Int).SetString(value, 16)
			value = n.String()
		}
		all[key] = value
	}
	return all
}

// theirParts asks openssl for the other variables.
func theirParts(t testing.TB, cert *x509.Certificate) texts {
	t.Helper()
	out, err := runOpenSSL(cert.Raw, "x509", "-inform", "DER", "-noout", "-subject", "-issuer", "-nameopt", "utf8,sep_multiline,sname", "-ext", "subjectAltName")
	if err != nil {
		t.Fatal(err)
	}
	all := texts{}
	theirNames(out, all)
	theirAltNames(out, all)
	return all
}

// theirNames reads the attributes, several lines a name and several attributes a
// line.
func theirNames(out string, all texts) {
	section := ""
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		content, isContent := strings.CutPrefix(line, "    ")
		if !isContent {
			section, _, _ = strings.Cut(line, "=")
			continue
		}
		if section != "subject" && section != "issuer" {
			continue
		}
		for attribute := range strings.SplitSeq(content, " + ") {
			key, value, _ := strings.Cut(attribute, "=")
			name := section + "_" + nameVariables[key]
			_, isVariable := Lookup("tls_peer_" + name)
			if _, found := all[name]; isVariable && !found && nameVariables[key] != "" {
				all[name] = value
			}
		}
	}
}

// theirAltNames reads the line below the title of the extension.
func theirAltNames(out string, all texts) {
	line := regexp.MustCompile(`Subject Alternative Name:[^\n]*\n {4}(.*)\n`).FindStringSubmatch(out)
	if line == nil {
		return
	}
	for item := range strings.SplitSeq(line[1], ", ") {
		kind, value, _ := strings.Cut(item, ":")
		variable, wanted := map[string]string{"email": "san_email", "DNS": "san_hostname", "URI": "san_uri", "IP Address": "san_ip"}[kind]
		if _, found := all[variable]; wanted && !found {
			all[variable] = value
		}
	}
}

func compareLines(t testing.TB, cert *x509.Certificate) {
	t.Helper()
	got := ours(cert)
	maps.DeleteFunc(got, func(name, _ string) bool { return !slices.Contains(lines, name) })
	if diff := cmp.Diff(theirLines(t, cert), got); diff != "" {
		t.Errorf("-openssl +ours\n%s", diff)
	}
}

func compareParts(t testing.TB, cert *x509.Certificate) {
	t.Helper()
	got := ours(cert)
	maps.DeleteFunc(got, func(name, _ string) bool { return slices.Contains(lines, name) })
	if diff := cmp.Diff(theirParts(t, cert), got); diff != "" {
		t.Errorf("-openssl +ours\n%s", diff)
	}
}

// TestCertificatesAsOpenSSL compares the variables of certificates with what
// openssl prints of them.
func TestCertificatesAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	list := samples()
	if len(list) < 30 {
		t.Errorf("only %d certificates", len(list))
	}
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			cert := s.make(t)
			compareLines(t, cert)
			compareParts(t, cert)
		})
	}
}

// TestGeneratedCertificatesAsOpenSSL does so with names of any form. They are the
// same each time, and not many, as each starts two processes.
func TestGeneratedCertificatesAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	generated := rapid.Custom(generatedSample)
	for seed := range 30 {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			cert := generated.Example(seed).make(t)
			compareLines(t, cert)
			compareParts(t, cert)
		})
	}
}

// generatedSample draws a certificate.
func generatedSample(rt *rapid.T) sample {
	// What openssl prints of a line feed or of " + " cannot be told apart.
	utf8 := rapid.StringMatching(`[ -*,-~\x01-\x09ß-ʒ€]{0,12}`)
	attribute := rapid.Custom(func(rt *rapid.T) made {
		m := made{id: rapid.SampledFrom([]string{
			idCN, idCN, idOU, idO, idC, idST, idL, idSerial, idMail, idDC, "1.2.3.4", "2.5.4.99",
		}).Draw(rt, "type")}
		m.tag = rapid.SampledFrom([]int{asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagT61String, asn1.TagBMPString}).Draw(rt, "tag")
		switch m.tag {
		case asn1.TagUTF8String:
			m.value = utf8.Draw(rt, "value")
		case asn1.TagPrintableString:
			m.value = rapid.StringMatching(`[A-Za-z0-9 '(),./:=?-]{0,12}`).Draw(rt, "value")
		case asn1.TagT61String:
			m.value = string(rapid.SliceOfN(rapid.SampledFrom([]byte("aZ /=\\\xe4\xff\x80\x1f")), 0, 12).Draw(rt, "value"))
		case asn1.TagBMPString:
			for _, r := range rapid.SliceOfN(rapid.SampledFrom([]rune("aZ /=ä€日\uffef")), 0, 6).Draw(rt, "value") {
				m.value += string([]byte{byte(r >> 8), byte(r)})
			}
		}
		return m
	})
	name := rapid.SliceOfN(rapid.SliceOfN(attribute, 1, 3), 0, 5)
	return sample{
		subject: name.Draw(rt, "subject"),
		issuer:  append(single(cn("ca")), name.Draw(rt, "issuer")...),
		serial:  rapid.StringMatching(`(0[1-9a-f]|[1-7][0-9a-f])([0-9a-f]{2}){0,19}`).Draw(rt, "serial"),
		from:    time.Unix(rapid.Int64Range(0, 2<<32).Draw(rt, "from"), 0),
		to:      time.Unix(rapid.Int64Range(2<<32, 2<<36).Draw(rt, "to"), 0),
	}
}

// TestCiphersAsOpenSSL compares what variables say of every suite and version of
// crypto/tls with the list that openssl prints.
func TestCiphersAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	out, err := runOpenSSL(nil, "ciphers", "-v", "ALL:COMPLEMENTOFALL@SECLEVEL=0")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for line := range strings.Lines(out) {
		name, _, _ := strings.Cut(line, " ")
		lines[name] = line
	}
	compared := 0
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		s := &Session{CipherSuite: suite.ID}
		name, description := value(t, "tls_cipher_info", s), value(t, "tls_description", s)
		line, known := lines[name.Text]
		if !known {
			if theirs, _ := openssl.SuiteByID(suite.ID); theirs.Name == "" || theirs.Selectable() {
				t.Errorf("%s is called %q, which openssl does not list", suite.Name, name.Text)
			}
			continue // 3DES and RC4 are not compiled in
		}
		compared++
		if description.Text != line {
			t.Errorf("%s: described as %q, by openssl as %q", suite.Name, description.Text, line)
		}
		bits := regexp.MustCompile(`Enc=\S+\((\d+)\)`).FindStringSubmatch(line)[1]
		if got := value(t, "tls_cipher_bits", s); got.Text != bits || fmt.Sprint(got.Int) != bits {
			t.Errorf("%s: %+v bits, openssl says %s", suite.Name, got, bits)
		}
	}
	if compared < 15 {
		t.Errorf("only %d suites compared", compared)
	}
}

// TestShortNamesAsOpenSSL holds the table against openssl's: each name, and that
// none of their families is missing.
func TestShortNamesAsOpenSSL(t *testing.T) {
	t.Parallel()
	requireOpenSSL(t)
	out, err := runOpenSSL(nil, "list", "-objects")
	if err != nil {
		t.Fatal(err)
	}
	family := regexp.MustCompile(`^(2\.5\.4|0\.9\.2342\.19200300\.100\.1|1\.3\.6\.1\.4\.1\.311\.60\.2\.1|1\.2\.643\.100)\.\d+$`)
	want := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^(\S+) = (?:.*, )?([0-9.]+)$`).FindAllStringSubmatch(out, -1) {
		if _, listed := shortNames[m[2]]; listed || family.MatchString(m[2]) {
			want[m[2]] = m[1]
		}
	}
	if diff := cmp.Diff(want, maps.Collect(maps.All(shortNames))); diff != "" {
		t.Errorf("-openssl +ours\n%s", diff)
	}
}
