package pemtext_test

import (
	"bytes"
	"encoding/pem"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/internal/pemtext"
)

// TestNextReadsWhatGoWrites takes several blocks from one text.
func TestNextReadsWhatGoWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		var blocks []*pem.Block
		for range rapid.IntRange(1, 4).Draw(t, "blocks") {
			b := &pem.Block{
				Type:  rapid.StringMatching(`[A-Z0-9]+( [A-Z0-9]+)?`).Draw(t, "type"),
				Bytes: rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "bytes"),
			}
			blocks = append(blocks, b)
			text = append(append(text, "text between\n"...), pem.EncodeToMemory(b)...)
		}
		for _, want := range blocks {
			got, rest, err := pemtext.Next(text)
			if err != nil || got.Type != want.Type || !bytes.Equal(got.Bytes, want.Bytes) || got.Encrypted() {
				t.Fatalf("read %+v, %v, want %+v", got, err, want)
			}
			text = rest
		}
		if _, _, err := pemtext.Next(text); !errors.Is(err, pemtext.ErrNoStartLine) {
			t.Errorf("behind the last: %v", err)
		}
	})
}

func TestNextReadsEncryptionHeaders(t *testing.T) {
	const head, tail = "-----BEGIN X-----\n", "\nAAAA\n-----END X-----\n"
	for header, want := range map[string]struct {
		cipher, iv string
		err        error
	}{
		"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0102\n": {"AES-128-CBC", "\x01\x02", nil},
		"Proc-Type: 4,ENCRYPTED\nDEK-Info:AES-128-CBC, 0102\n": {"AES-128-CBC", "\x01\x02", nil},
		"Proc-Type: 4,CLEAR\nDEK-Info: AES-128-CBC,0102\n":     {"", "", pemtext.ErrBadHeader},
		"Proc-Type: 4,ENCRYPTED\n":                             {"", "", pemtext.ErrBadHeader},
		"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,xx\n":   {"", "", pemtext.ErrBadHeader},
		"Comment: none\n": {"", "", pemtext.ErrBadHeader},
	} {
		b, _, err := pemtext.Next([]byte(head + header + tail))
		if b.Cipher != want.cipher || string(b.IV) != want.iv || !errors.Is(err, want.err) {
			t.Errorf("%q: cipher %q, iv %x, error %v", header, b.Cipher, b.IV, err)
		}
	}
}

func TestDecryptRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		block pemtext.Block
		want  error
	}{
		"unknown cipher": {pemtext.Block{Cipher: "ROT13", IV: make([]byte, 8), Bytes: make([]byte, 8)}, pemtext.ErrUnsupported},
		"short IV":       {pemtext.Block{Cipher: "AES-128-CBC", IV: make([]byte, 4), Bytes: make([]byte, 16)}, pemtext.ErrUnsupported},
		"odd IV":         {pemtext.Block{Cipher: "AES-128-CBC", IV: make([]byte, 8), Bytes: make([]byte, 16)}, pemtext.ErrPassphrase},
		"odd length":     {pemtext.Block{Cipher: "AES-128-CBC", IV: make([]byte, 16), Bytes: make([]byte, 15)}, pemtext.ErrPassphrase},
		"no data":        {pemtext.Block{Cipher: "AES-128-CBC", IV: make([]byte, 16)}, pemtext.ErrPassphrase},
	} {
		if got, err := c.block.Decrypt([]byte("secret")); !errors.Is(err, c.want) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
	for name, der := range map[string][]byte{"nothing": nil, "text": []byte("text"), "empty": {0x30, 0}} {
		if got, err := pemtext.DecryptPKCS8(der, []byte("secret")); err == nil {
			t.Errorf("%s: %x", name, got)
		}
	}
}

func FuzzNext(f *testing.F) {
	f.Add([]byte("-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0102030405060708090a0b0c0d0e0f10\n\nAAAA\n-----END X-----\n"))
	f.Add([]byte("\xef\xbb\xbf-----BEGIN X-----\nAAAA\n-----END X-----"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for len(text) > 0 {
			b, rest, err := pemtext.Next(text)
			if len(rest) >= len(text) {
				t.Fatalf("nothing was read of %q", text)
			}
			if err == nil && len(b.Bytes) == 0 {
				t.Error("an empty block")
			}
			if err == nil && b.Encrypted() {
				_, _ = b.Decrypt([]byte("secret")) // must not panic
			}
			text = rest
		}
	})
}

func FuzzDecryptPKCS8(f *testing.F) {
	f.Add([]byte{0x30, 0})
	f.Fuzz(func(_ *testing.T, der []byte) {
		const longest = 1000 // so that there is no room for many iterations and time is short
		if len(der) < longest {
			_, _ = pemtext.DecryptPKCS8(der, []byte("secret")) // must not panic
		}
	})
}
