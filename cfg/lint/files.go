package lint

import (
	"bytes"
	"io"
	"io/fs"
)

// largest is the size of a certificate file that is still looked into.
const largest = 1 << 20

// modeOf is the mode of the file that a setting names; false if it cannot be
// opened, which a start tells.
func (p *Pass) modeOf(d *Domain, path string) (fs.FileMode, bool) {
	mode := p.modes.get(path, func(path string) fs.FileMode {
		f, err := d.files.Open(path)
		if err != nil {
			return fs.ModeIrregular
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return fs.ModeIrregular
		}
		return info.Mode()
	})
	return mode, mode.IsRegular()
}

// pemFacts are what a PEM text holds, without the contents.
type pemFacts struct {
	key       bool // a private key
	encrypted bool // that needs a passphrase
}

// pemIn looks into the file or the blob of a setting.
func (p *Pass) pemIn(d *Domain, path string, blob []byte) pemFacts {
	if path == "" {
		return factsOf(blob)
	}
	return p.pems.get(path, func(path string) pemFacts {
		f, err := d.files.Open(path)
		if err != nil {
			return pemFacts{}
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return pemFacts{}
		}
		text, err := io.ReadAll(io.LimitReader(f, largest))
		if err != nil {
			return pemFacts{}
		}
		return factsOf(text)
	})
}

func factsOf(text []byte) pemFacts {
	key := bytes.Contains(text, []byte("PRIVATE KEY-----"))
	return pemFacts{key, key && (bytes.Contains(text, []byte("ENCRYPTED PRIVATE KEY-----")) || bytes.Contains(text, []byte("4,ENCRYPTED")))}
}
