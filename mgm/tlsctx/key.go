package tlsctx

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/internal/pemtext"
)

// Types of PEM blocks that hold a private key.
const (
	pemPKCS8     = "PRIVATE KEY"
	pemEncrypted = "ENCRYPTED PRIVATE KEY"
	pemRSA       = "RSA PRIVATE KEY"
	pemEC        = "EC PRIVATE KEY"
	pemDSA       = "DSA PRIVATE KEY"
)

func isPrivateKey(b pemtext.Block) bool {
	switch b.Type {
	case pemPKCS8, pemEncrypted, pemRSA, pemEC, pemDSA:
		return true
	}
	return false
}

// privateKey is a key in a form to work with, or what is known of one that
// crypto/tls cannot use.
type privateKey struct {
	signer    crypto.Signer
	other     *otherKey
	encrypted bool // in its file or blob
}

// readKey reads the first private key of a text. Unlike with certificates,
// OpenSSL passes over damaged blocks of other kinds.
func readKey(text, passphrase []byte) (key privateKey, f *fault) {
	rest := text
	for {
		var b pemtext.Block
		var err error
		b, rest, err = pemtext.Next(rest)
		switch {
		case errors.Is(err, pemtext.ErrNoStartLine):
			f := unreadable(ruleKeyUnreadable, "private key", text, err)
			return key, &f
		case err != nil || !isPrivateKey(b):
			continue
		}
		return decodeKey(b, passphrase)
	}
}

func decodeKey(b pemtext.Block, passphrase []byte) (key privateKey, f *fault) {
	kind, der := b.Type, b.Bytes
	encrypted := b.Encrypted() || kind == pemEncrypted
	if encrypted {
		var f *fault
		if der, f = decrypt(b, passphrase); f != nil {
			return key, f
		}
		if kind == pemEncrypted {
			kind = pemPKCS8
		}
	}
	key, err := parseKey(kind, der)
	if err != nil {
		// What the parsers say is about the structure, not about the key.
		f := faultf(ruleKeyUnreadable, "%v", err)
		return key, &f
	}
	key.encrypted = encrypted
	return key, nil
}

func decrypt(b pemtext.Block, passphrase []byte) (der []byte, f *fault) {
	if len(passphrase) == 0 {
		f := faultf(ruleKeyEncrypted, "encrypted, and no passphrase is given").
			withHelp("a real server asks for the passphrase on its terminal: give it in a file, or decrypt the key with openssl pkey")
		return nil, &f
	}
	var err error
	if b.Encrypted() {
		der, err = b.Decrypt(passphrase)
	} else {
		der, err = pemtext.DecryptPKCS8(b.Bytes, passphrase)
	}
	if err != nil {
		f := faultf(ruleKeyPassphrase, "%v", err)
		if errors.Is(err, pemtext.ErrUnsupported) {
			f.help = "encrypt it with openssl pkcs8 -topk8 -v2 aes-256-cbc"
		}
		return nil, &f
	}
	return der, nil
}

// parseKey reads a key in DER. RSA keys may be in PKCS #8 whatever the block
// says, as with OpenSSL.
func parseKey(kind string, der []byte) (privateKey, error) {
	var key any
	var err error
	switch kind {
	case pemRSA:
		if key, err = x509.ParsePKCS1PrivateKey(der); err != nil {
			if key, pkcs8Err := x509.ParsePKCS8PrivateKey(der); pkcs8Err == nil {
				return goKey(key)
			}
		}
	case pemEC:
		key, err = x509.ParseECPrivateKey(der)
	case pemDSA:
		err = errNotInGo
	default:
		key, err = x509.ParsePKCS8PrivateKey(der)
	}
	if err == nil {
		return goKey(key)
	}
	if other, otherErr := parseOtherKey(kind, der); otherErr == nil {
		return privateKey{other: other}, nil
	}
	return privateKey{}, fmt.Errorf("damaged private key: %w", err)
}

var errNotInGo = errors.New("not in crypto/x509")

// goKey takes a key of crypto/x509.
func goKey(key any) (privateKey, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return privateKey{}, fmt.Errorf("a key of type %T makes no signatures", key)
	}
	return privateKey{signer: signer}, nil
}

// belongsTo reports whether the key is that of the certificate, and whether
// that could be checked.
func (k privateKey) belongsTo(cert *x509.Certificate) (belongs, checked bool) {
	if k.other != nil {
		return k.other.belongsTo(cert)
	}
	public, hasEqual := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	return hasEqual && public.Equal(k.signer.Public()), true
}

// usable reports whether crypto/tls can make a handshake with a certificate of
// that key.
func usable(public any) bool {
	switch key := public.(type) {
	case *rsa.PublicKey:
		const minimum = 1024 // below it, crypto/rsa refuses to sign
		return key.N.BitLen() >= minimum
	case *ecdsa.PublicKey:
		return key.Curve != elliptic.P224()
	case ed25519.PublicKey:
		return true
	}
	return false
}
