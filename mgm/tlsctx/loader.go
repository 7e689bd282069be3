package tlsctx

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

// Options say how to load.
type Options struct {
	Files   Files             // nil is OS
	Version catalogue.Version // zero is catalogue.Default
	// Passphrase is for private keys that are encrypted.
	Passphrase []byte
	Now        func() time.Time // nil is time.Now
}

// Loader makes contexts. What several domains name, it reads once: equal blobs,
// equal files, the same path. It is safe for concurrent use.
type Loader struct {
	options Options

	files      *memo[string, *file]
	identities *memo[identityKey, *identity]
	issuers    *memo[digest, issuer]
	caLists    *memo[caListKey, *caList]
	caDirs     *memo[string, *caDir]
	crlDirs    *memo[string, *crlDir]
	crls       *memo[digest, crlFile]
	dhParams   *memo[digest, *dhParams]
	curves     *memo[string, *curve]
	ciphers    *memo[string, *ciphers]
}

// NewLoader makes a loader for one load of all domains. From previous, the
// loader of the load before, nil if there was none, it takes over what has not
// changed: blobs by their content; files by path, size, time and identity.
// Previous must have the same Files and Passphrase and have done its work.
func NewLoader(o Options, previous *Loader) *Loader {
	if o.Files == nil {
		o.Files = OS{}
	}
	if o.Version == 0 {
		o.Version = catalogue.Default
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if previous == nil {
		previous = &Loader{}
	}
	return &Loader{
		options:    o,
		files:      newRenewal(previous.files),
		identities: newMemo(previous.identities),
		issuers:    newMemo(previous.issuers),
		caLists:    newMemo(previous.caLists),
		caDirs:     newMemo[string, *caDir](nil), // looked at anew
		crlDirs:    newMemo[string, *crlDir](nil),
		crls:       newMemo(previous.crls),
		dhParams:   newMemo(previous.dhParams),
		curves:     newMemo(previous.curves),
		ciphers:    newMemo(previous.ciphers),
	}
}

// Finish ends the load: what the load before had and this one did not ask for
// is dropped. The loader still loads afterwards.
func (l *Loader) Finish() {
	l.files.forget()
	l.files.each(func(f *file) { f.text = nil })
	l.identities.forget()
	l.issuers.forget()
	l.caLists.forget()
	l.crls.forget()
	l.dhParams.forget()
	l.curves.forget()
	l.ciphers.forget()
}

// content is the content of a file or a blob.
type content struct {
	digest digest
	blob   []byte
	path   string // empty for a blob
	text   []byte // of the file, if this load read it
}

// content gives what a setting names. The error is about its file.
func (l *Loader) content(m domain.Material) (content, error) {
	if m.File == "" {
		return content{digest: digestOf(m.Blob), blob: m.Blob}, nil
	}
	return l.fileContent(m.File)
}

func (l *Loader) fileContent(path string) (content, error) {
	f := l.file(path)
	return content{digest: f.digest, path: path, text: f.text}, f.err
}

// file is what is known of a file, with its text if this load had to read it.
func (l *Loader) file(path string) *file {
	return l.files.get(path, func() *file {
		f, text := read(l.options.Files, path, l.files.before(path))
		if text != nil {
			f.text = text
		}
		return f
	})
}

// Mode is the mode of a file that a setting names, as it was when it was read.
func (l *Loader) Mode(path string) (fs.FileMode, error) {
	f := l.file(path)
	if f.err != nil {
		return 0, fmt.Errorf("mode of %s: %w", path, f.err)
	}
	return f.info.Mode(), nil
}

// read gives the text. It is asked for only where nothing is known of the
// digest, so that the text is at hand until the load is finished.
func (l *Loader) read(c content) ([]byte, error) {
	switch {
	case c.path == "":
		return c.blob, nil
	case c.text != nil:
		return c.text, nil
	}
	f, text := read(l.options.Files, c.path, nil)
	if f.err == nil && f.digest != c.digest {
		return nil, errChanged
	}
	return text, f.err
}
