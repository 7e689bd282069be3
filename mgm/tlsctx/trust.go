package tlsctx

import (
	"crypto/x509"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/internal/pemtext"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

const pemCRL = "X509 CRL"

// trustedCertificate is a certificate of a ca_list.
type trustedCertificate struct {
	*x509.Certificate
	trust *verify.Trust
}

// caList is what a ca_list holds. It does not change.
type caList struct {
	certs  []trustedCertificate
	crls   []*verify.CRL
	faults []fault
	// pool indexes it, when it is needed first.
	pool func() *verify.Pool
}

type caListKey struct {
	digest digest
	blob   bool
}

func (l *Loader) caListFor(c content) *caList {
	return l.caLists.get(caListKey{c.digest, c.path == ""}, func() *caList {
		list := new(caList)
		text, err := l.read(c)
		switch {
		case err != nil:
			list.fail(faultf(ruleCAListMissing, "%v", err))
		case c.path == "":
			l.readBlob(list, text)
		default:
			list.readFile(text)
		}
		list.pool = sync.OnceValue(func() *verify.Pool { return newPool(list.certs, list.crls) })
		return list
	})
}

func newPool(trusted []trustedCertificate, crls []*verify.CRL) *verify.Pool {
	certs := make([]*verify.Certificate, len(trusted))
	for i, c := range trusted {
		certs[i] = verify.NewCertificate(c.Certificate, c.trust)
	}
	return verify.NewPool(certs, crls)
}

func (list *caList) fail(f fault) { list.faults = append(list.faults, f) }

// readFile reads certificates and CRLs. All of the file must be sound, and
// there must be at least one of either.
func (list *caList) readFile(text []byte) {
	for rest := text; ; {
		b, more, err := pemtext.Next(rest)
		if errors.Is(err, pemtext.ErrNoStartLine) {
			break
		}
		if err == nil {
			err = list.add(b)
		}
		if err != nil {
			list.fail(faultf(ruleCAListUnreadable, "block %d: %v", len(list.certs)+len(list.crls)+1, err))
			return
		}
		rest = more
	}
	if len(list.certs)+len(list.crls) == 0 {
		list.fail(unreadable(ruleCAListUnreadable, "certificate or CRL", text, pemtext.ErrNoStartLine))
	}
}

// add takes a certificate or a CRL; blocks of other types do not count.
func (list *caList) add(b pemtext.Block) error {
	switch {
	case b.Type == pemCRL:
		l, err := verify.ParseCRL(b.Bytes)
		if err != nil {
			return err
		}
		list.crls = append(list.crls, l)
	case isCertificate(b), b.Type == pemTrusted:
		return list.addCertificate(b)
	}
	return nil
}

func (list *caList) addCertificate(b pemtext.Block) error {
	cert, trust, _, err := verify.ParseTrusted(b.Bytes)
	if err != nil {
		return err
	}
	list.certs = append(list.certs, trustedCertificate{cert, trust})
	if cert.PublicKey == nil {
		list.fail(faultf(ruleCAOdd, "crypto/x509 has no %s keys: nothing that %q signed verifies here", keyKind(cert), cert.Subject))
	}
	return nil
}

// readBlob reads certificates up to the first that is damaged.
func (l *Loader) readBlob(list *caList, text []byte) {
	isAny := func(b pemtext.Block) bool { return isCertificate(b) || b.Type == pemTrusted }
	for rest := text; ; {
		b, more, err := nextBlock(rest, isAny)
		if err == nil {
			err = list.addCertificate(b)
		}
		if err != nil {
			list.endOfBlob(text, err)
			break
		}
		rest = more
	}
	if len(list.certs) > 1 && l.options.Version < wholeBlobsSince {
		list.fail(faultf(ruleCAListIgnored, "a real %s trusts only the first of %d certificates of a blob", l.options.Version, len(list.certs)))
	}
}

// endOfBlob tells why there are no more certificates.
func (list *caList) endOfBlob(text []byte, err error) {
	switch {
	case len(list.certs) == 0:
		list.fail(unreadable(ruleCAListUnreadable, "certificate", text, err))
	case !errors.Is(err, pemtext.ErrNoStartLine):
		list.fail(faultf(ruleCAListDamaged, "certificate %d: %v; it and what follows are left out", len(list.certs)+1, err))
	}
}

// expired counts the certificates that are not valid at a time.
func (list *caList) expired(now time.Time) (count int, first *x509.Certificate) {
	for _, c := range list.certs {
		if !c.NotAfter.After(now) {
			count++
			if first == nil {
				first = c.Certificate
			}
		}
	}
	return count, first
}

// caDir finds certificates and CRLs in a directory by hashed names. Like
// OpenSSL it looks there only when one is needed, so that new files count at
// once.
type caDir struct {
	files Files
	path  string // several directories are separated by colons

	mu   sync.Mutex
	seen map[string]*hashedFile

	faults []fault
	hashed int // files with hashed names when it was made
}

// hashedFile is a file that was read. It is nil where nothing was to be read.
type hashedFile struct {
	*file
	certs []*verify.Certificate
	crls  []*verify.CRL
}

func (l *Loader) caDirFor(name string) *caDir {
	return l.caDirs.get(name, func() *caDir {
		d := &caDir{files: l.options.Files, path: name, seen: make(map[string]*hashedFile)}
		for _, dir := range d.dirs() {
			d.inspect(dir)
		}
		return d
	})
}

func (d *caDir) dirs() []string { return strings.Split(d.path, ":") }

var hashedName = regexp.MustCompile(`^[0-9a-f]{8}\.[0-9]+$`)

func (d *caDir) inspect(dir string) {
	entries, err := readDir(d.files, dir)
	if err != nil {
		d.faults = append(d.faults, faultf(ruleCADir, "%v", err))
		return
	}
	count := 0
	for _, e := range entries {
		if hashedName.MatchString(e.Name()) {
			count++
		}
	}
	if count == 0 {
		d.faults = append(d.faults, faultf(ruleCADir, "no file has a hashed name such as 0a1b2c3d.0").withHelp(fmt.Sprintf("make the names with openssl rehash %s", dir)))
	}
	d.hashed += count
}

func (d *caDir) certificates(subject verify.Name) (found []*verify.Certificate) {
	d.each(subject.Hash()+".%d", func(f *hashedFile) {
		for _, c := range f.certs {
			if c.SubjectName() == subject {
				found = append(found, c)
			}
		}
	})
	return found
}

func (d *caDir) lists(issuer verify.Name) (found []*verify.CRL) {
	d.each(issuer.Hash()+".r%d", func(f *hashedFile) {
		for _, l := range f.crls {
			if l.IssuerName() == issuer {
				found = append(found, l)
			}
		}
	})
	return found
}

// each reads the files of a pattern, numbered from 0, up to the first that is
// missing or has nothing sound in it.
func (d *caDir) each(pattern string, visit func(*hashedFile)) {
	for _, dir := range d.dirs() {
		for n := 0; ; n++ {
			f := d.read(path.Join(dir, fmt.Sprintf(pattern, n)))
			if len(f.certs)+len(f.crls) == 0 {
				break
			}
			visit(f)
		}
	}
}

// read reads a file, unless it is as it was when it was read before.
func (d *caDir) read(name string) *hashedFile {
	d.mu.Lock()
	before := d.seen[name]
	d.mu.Unlock()
	var known *file
	if before != nil {
		known = before.file
	}
	f, text := read(d.files, name, known)
	if before != nil && f == known {
		return before
	}
	now := &hashedFile{file: f}
	now.parse(text)
	if f.err == nil { // a file that is missing need not be remembered
		d.mu.Lock()
		d.seen[name] = now
		d.mu.Unlock()
	}
	return now
}

// parse takes what is sound before the first damaged block.
func (f *hashedFile) parse(text []byte) {
	var list caList
	for {
		b, rest, err := pemtext.Next(text)
		if err != nil || list.add(b) != nil {
			break
		}
		text = rest
	}
	for _, c := range list.certs {
		f.certs = append(f.certs, verify.NewCertificate(c.Certificate, c.trust))
	}
	f.crls = list.crls
}
