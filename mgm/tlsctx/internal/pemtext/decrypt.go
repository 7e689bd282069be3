package pemtext

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	// the traditional form derives its key with it
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1" // as above
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
)

// ErrPassphrase is a passphrase that does not fit.
var ErrPassphrase = errors.New("wrong passphrase")

// ErrUnsupported is an encryption that this package does not know.
var ErrUnsupported = errors.New("unsupported encryption")

func hexBytes(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

// blockCiphers are those that OpenSSL 3.0 has without its legacy provider and
// Go has too, all in CBC mode.
var blockCiphers = []struct {
	header string // in DEK-Info
	oid    string // in PKCS #5
	key    int    // size in bytes
	make   func(key []byte) (cipher.Block, error)
}{
	{"AES-128-CBC", "2.16.840.1.101.3.4.1.2", 16, aes.NewCipher},
	{"AES-192-CBC", "2.16.840.1.101.3.4.1.22", 24, aes.NewCipher},
	{"AES-256-CBC", "2.16.840.1.101.3.4.1.42", 32, aes.NewCipher},
	{"DES-EDE3-CBC", "1.2.840.113549.3.7", 24, des.NewTripleDESCipher},
}

// Decrypt gives what is in a block with an encryption header. The error wraps
// ErrPassphrase or ErrUnsupported.
func (b *Block) Decrypt(passphrase []byte) ([]byte, error) {
	for _, c := range blockCiphers {
		if c.header != b.Cipher {
			continue
		}
		const saltSize = 8
		if len(b.IV) < saltSize {
			return nil, fmt.Errorf("initialisation vector of %d bytes: %w", len(b.IV), ErrUnsupported)
		}
		block, err := c.make(traditionalKey(passphrase, b.IV[:saltSize], c.key))
		if err != nil {
			return nil, fmt.Errorf("cipher %s: %w", b.Cipher, err)
		}
		return decryptCBC(block, b.IV, b.Bytes)
	}
	return nil, fmt.Errorf("cipher %q: %w", b.Cipher, ErrUnsupported)
}

// traditionalKey is EVP_BytesToKey with MD5 and one round.
func traditionalKey(passphrase, salt []byte, size int) (key []byte) {
	var digest []byte
	for len(key) < size {
		h := md5.New()
		h.Write(digest)
		h.Write(passphrase)
		h.Write(salt)
		digest = h.Sum(nil)
		key = append(key, digest...)
	}
	return key[:size]
}

func decryptCBC(block cipher.Block, iv, data []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, fmt.Errorf("%d bytes of encrypted data: %w", len(data), ErrPassphrase)
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > size {
		return nil, ErrPassphrase
	}
	for _, c := range plain[len(plain)-padding:] {
		if int(c) != padding {
			return nil, ErrPassphrase
		}
	}
	return plain[:len(plain)-padding], nil
}

// digests are the hash functions of PBKDF2 (RFC 8018, B.1.2) by their OID.
var digests = map[string]func() hash.Hash{
	"":                    sha1.New, // the default
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
}

// maxIterations bounds how long a key derivation takes: a few seconds.
const maxIterations = 10_000_000

// DecryptPKCS8 decrypts the DER of an "ENCRYPTED PRIVATE KEY" that is
// encrypted by PBES2 with PBKDF2 (RFC 8018), as OpenSSL does by default. It
// gives the DER of a "PRIVATE KEY". The error wraps ErrPassphrase or
// ErrUnsupported, unless the DER is malformed.
func DecryptPKCS8(der, passphrase []byte) ([]byte, error) {
	var outer struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, fmt.Errorf("read an encrypted private key: %w", err)
	}
	const oidPBES2 = "1.2.840.113549.1.5.13"
	if id := outer.Algorithm.Algorithm.String(); id != oidPBES2 {
		return nil, fmt.Errorf("algorithm %s: %w", id, ErrUnsupported)
	}
	var scheme struct{ Derivation, Encryption pkix.AlgorithmIdentifier }
	if _, err := asn1.Unmarshal(outer.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, fmt.Errorf("read the encryption of a private key: %w", err)
	}
	return decryptPBES2(scheme.Derivation, scheme.Encryption, outer.Data, passphrase)
}

func decryptPBES2(derivation, encryption pkix.AlgorithmIdentifier, data, passphrase []byte) ([]byte, error) {
	for _, c := range blockCiphers {
		if c.oid != encryption.Algorithm.String() {
			continue
		}
		var iv []byte
		if _, err := asn1.Unmarshal(encryption.Parameters.FullBytes, &iv); err != nil {
			return nil, fmt.Errorf("read the initialisation vector of a private key: %w", err)
		}
		key, err := deriveKey(derivation, passphrase, c.key)
		if err != nil {
			return nil, err
		}
		block, err := c.make(key)
		if err != nil {
			return nil, fmt.Errorf("cipher %s: %w", c.oid, err)
		}
		return decryptCBC(block, iv, data)
	}
	return nil, fmt.Errorf("cipher %s: %w", encryption.Algorithm, ErrUnsupported)
}

func deriveKey(derivation pkix.AlgorithmIdentifier, passphrase []byte, size int) ([]byte, error) {
	const oidPBKDF2 = "1.2.840.113549.1.5.12"
	if id := derivation.Algorithm.String(); id != oidPBKDF2 {
		return nil, fmt.Errorf("key derivation %s: %w", id, ErrUnsupported)
	}
	var parameters struct {
		Salt       []byte
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		Digest     pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(derivation.Parameters.FullBytes, &parameters); err != nil {
		return nil, fmt.Errorf("read the key derivation of a private key: %w", err)
	}
	digest, known := digests[parameters.Digest.Algorithm.String()]
	if !known || parameters.Iterations < 1 || parameters.Iterations > maxIterations {
		return nil, fmt.Errorf("digest %s, %d iterations: %w", parameters.Digest.Algorithm, parameters.Iterations, ErrUnsupported)
	}
	return pbkdf2.Key(digest, string(passphrase), parameters.Salt, parameters.Iterations, size)
}
