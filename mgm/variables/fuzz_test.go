package variables

import (
	"crypto/tls"
	"encoding/asn1"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// FuzzCertificate reads all variables of whatever passes for a certificate.
func FuzzCertificate(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.make(f).Raw)
	}
	f.Add(sample{subject: single(cn("a"))}.odd(f))
	f.Fuzz(func(t *testing.T, der []byte) {
		cert, _, err := verify.ParseCertificate(der)
		if err != nil {
			return
		}
		s := &Session{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, My: cert, Peer: cert}
		for v := range All() {
			got := v.Value(s)
			if again := v.Value(s); got != again {
				t.Errorf("%s is %+v, then %+v", v.Name, got, again)
			}
			checkForm(t, v, got)
		}
	})
}

// checkForm checks what holds for the value of a variable of any certificate.
func checkForm(t testing.TB, v *Variable, got Value) {
	t.Helper()
	switch {
	case got.IsInt && (v.Type != StringAndInteger || !got.IsText || got.Text != strconv.FormatInt(got.Int, 10)):
		t.Errorf("%s: not a number: %+v", v.Name, got)
	case got.IsNull() && (got != Value{} || v.Null == never):
		t.Errorf("%s: an odd NULL: %+v", v.Name, got)
	case len(got.Text) >= bufferSize && !strings.HasSuffix(v.Name, "_serial"):
		t.Errorf("%s: %d bytes", v.Name, len(got.Text))
	case !utf8.ValidString(got.Text) && !strings.Contains(v.Name, "_san_"):
		t.Errorf("%s: not UTF-8: %q", v.Name, got.Text)
	}
	if strings.HasSuffix(v.Name, "_subject") || strings.HasSuffix(v.Name, "_issuer") {
		for _, c := range []byte(got.Text) {
			if c < ' ' || c > '~' {
				t.Errorf("%s: %q in %q", v.Name, c, got.Text)
			}
		}
	}
}

// TestOneLineHasTheValues takes the one-line form of names apart again: nothing is
// lost, added or put elsewhere. Backslashes, which are not escaped, are left out.
func TestOneLineHasTheValues(t *testing.T) {
	t.Parallel()
	ids := []string{idCN, idO, idMail, idDC, "1.2.3.4"}
	attribute := rapid.Custom(func(rt *rapid.T) made {
		return made{
			id:    rapid.SampledFrom(ids).Draw(rt, "type"),
			value: strings.ReplaceAll(string(rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(rt, "value")), `\`, ""),
			tag:   asn1.TagT61String,
		}
	})
	sets := rapid.SliceOfN(rapid.SliceOfN(attribute, 1, 3), 0, 6)
	rapid.Check(t, func(rt *rapid.T) {
		want := sets.Draw(rt, "name")
		read, err := readName(distinguishedName(want...))
		if err != nil {
			rt.Fatal(err)
		}
		line := oneLine(read, 1<<20)
		if diff := cmp.Diff(want, takeApart(rt, line), cmp.AllowUnexported(made{})); diff != "" && len(want) > 0 {
			rt.Errorf("%q: -want +got\n%s", line, diff)
		}
		for limit := range len(line) {
			if short := oneLine(read, limit); len(short) > limit || !strings.HasPrefix(line, short) {
				rt.Errorf("cut to %d bytes: %q of %q", limit, short, line)
			}
		}
	})
}

// takeApart reads the one-line form.
func takeApart(t *rapid.T, line string) (sets [][]made) {
	unquote := strings.NewReplacer(`\/`, "\x00", `\+`, "\x01")
	restore := func(s string) string {
		s = strings.NewReplacer("\x00", "/", "\x01", "+", `"`, `\"`).Replace(s)
		value, err := strconv.Unquote(`"` + s + `"`)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		return value
	}
	for _, set := range strings.Split(unquote.Replace(line), "/")[1:] {
		var attributes []made
		for item := range strings.SplitSeq(set, "+") {
			name, value, _ := strings.Cut(item, "=")
			for id, short := range shortNames {
				if short == name {
					name = id
				}
			}
			attributes = append(attributes, made{name, restore(value), asn1.TagT61String})
		}
		sets = append(sets, attributes)
	}
	return sets
}
