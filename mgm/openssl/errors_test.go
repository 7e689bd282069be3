package openssl

import "testing"

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	cipherList := func(s string) error { _, err := ParseCipherList(s); return err }
	curve := func(s string) error { _, err := LookupCurve(s); return err }
	for _, test := range []struct {
		err  error
		want string
	}{
		{cipherList("FOOBAR"), `no cipher match for "FOOBAR"`},
		{cipherList("AES:@SECLEVEL=9:RSA"), `invalid command at "@SECLEVEL=9"`},
		{cipherList("AES:("), `invalid command at "("`},
		{curve("P-384"), `curve "P-384": unknown name, did you mean "secp384r1"`},
		{curve("foo"), `curve "foo": unknown name`},
		{curve("X25519"), `curve "X25519": not a curve for EC keys`},
	} {
		if test.err == nil || test.err.Error() != test.want {
			t.Errorf("%v, expected %s", test.err, test.want)
		}
	}
}
