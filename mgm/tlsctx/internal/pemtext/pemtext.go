// Package pemtext reads PEM text by OpenSSL's rules. encoding/pem passes over a
// damaged block and goes on with the next, so that a damaged certificate would
// be replaced by the one behind it; OpenSSL stops there.
package pemtext

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
)

// What OpenSSL says of a text that it cannot read.
var (
	ErrNoStartLine = errors.New("no start line")
	ErrBadEndLine  = errors.New("bad end line")
	ErrBadBase64   = errors.New("bad base64 decode")
	ErrBadHeader   = errors.New("header that is none of an encrypted block")
)

// Block is a PEM block.
type Block struct {
	Type  string // what the line BEGIN names: CERTIFICATE
	Bytes []byte // as encoded; encrypted if Cipher is set
	// Cipher and IV are those of the header DEK-Info of an encrypted block.
	Cipher string
	IV     []byte
}

// Encrypted reports whether the block has a header that says so. PKCS #8 has
// a Type of its own instead.
func (b *Block) Encrypted() bool { return b.Cipher != "" }

const (
	begin = "-----BEGIN "
	end   = "-----END "
	tail  = "-----"
)

// Next reads the first block of a text and gives what follows it. Lines before
// a block are passed over. The error is ErrNoStartLine if there is none, else
// what is wrong with it; rest then is what follows the place that is wrong.
func Next(text []byte) (b Block, rest []byte, err error) {
	byteOrderMark := []byte("\xef\xbb\xbf")
	text = bytes.TrimPrefix(text, byteOrderMark)
	for {
		line, more, ok := cutLine(text)
		if !ok {
			return Block{}, nil, ErrNoStartLine
		}
		text = more
		if name, found := bytes.CutPrefix(line, []byte(begin)); found {
			if name, found = bytes.CutSuffix(name, []byte(tail)); found {
				b.Type = string(name)
				break
			}
		}
	}
	header, data, rest, err := body(b.Type, text)
	if err != nil {
		return Block{}, rest, err
	}
	if err := b.readHeader(header); err != nil {
		return Block{}, rest, err
	}
	if b.Bytes, err = decode(data); err != nil {
		return Block{}, rest, err
	}
	return b, rest, nil
}

// cutLine takes a line off a text, without what OpenSSL drops at its end:
// blanks, control characters and bytes beyond ASCII.
func cutLine(text []byte) (line, rest []byte, ok bool) {
	if len(text) == 0 {
		return nil, nil, false
	}
	line, rest, _ = bytes.Cut(text, []byte{'\n'})
	n := len(line)
	for n > 0 && (line[n-1] <= ' ' || line[n-1] >= 0x80) {
		n--
	}
	return line[:n], rest, true
}

// body reads up to the line END. Before an empty line there is the header, and
// after it lines have 64 characters, except for the last; without an empty line
// all is data.
func body(name string, text []byte) (header, data, rest []byte, err error) {
	const fullLine = 64
	lines := make([]byte, 0, endOf(text))
	afterHeader, short := false, false
	for {
		line, more, ok := cutLine(text)
		if !ok {
			return nil, nil, nil, ErrBadEndLine
		}
		text = more
		switch {
		case len(line) == 0 && afterHeader:
			return nil, nil, text, ErrBadEndLine
		case len(line) == 0:
			afterHeader = true
			header, lines = lines, nil
		case bytes.HasPrefix(line, []byte(end)):
			if string(line) != end+name+tail {
				return nil, nil, text, ErrBadEndLine
			}
			return header, lines, text, nil
		case afterHeader && (short || len(line) > fullLine):
			return nil, nil, text, ErrBadEndLine
		default:
			short = afterHeader && len(line) < fullLine
			lines = append(append(lines, line...), '\n')
		}
	}
}

// endOf is how far away the end of a block may be, for a buffer.
func endOf(text []byte) int {
	if i := bytes.Index(text, []byte(end)); i >= 0 {
		return i + 1
	}
	return 0
}

// decode reads base64, where blanks do not count.
func decode(data []byte) ([]byte, error) {
	data = withoutBlanks(data)
	if len(data) == 0 {
		return nil, ErrBadBase64 // as empty as a block cannot be
	}
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(data)))
	n, err := base64.StdEncoding.Decode(decoded, data)
	if err != nil {
		return nil, ErrBadBase64
	}
	return decoded[:n:n], nil
}

func withoutBlanks(data []byte) []byte {
	n := 0
	for _, c := range data {
		if c != '\n' && c != ' ' && c != '\t' && c != '\r' {
			data[n] = c
			n++
		}
	}
	return data[:n]
}

// readHeader reads the header of an encrypted block (RFC 1421, 4.6).
func (b *Block) readHeader(header []byte) error {
	if len(header) == 0 {
		return nil
	}
	kind, rest, _ := strings.Cut(string(header), "\n")
	cipher, _, _ := strings.Cut(rest, "\n")
	if strings.ReplaceAll(kind, " ", "") != "Proc-Type:4,ENCRYPTED" {
		return ErrBadHeader
	}
	value, found := strings.CutPrefix(cipher, "DEK-Info:")
	if !found {
		return ErrBadHeader
	}
	name, iv, _ := strings.Cut(value, ",")
	if b.IV = hexBytes(strings.TrimSpace(iv)); b.IV == nil {
		return ErrBadHeader
	}
	b.Cipher = strings.TrimSpace(name)
	return nil
}
