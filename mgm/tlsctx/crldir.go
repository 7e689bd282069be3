package tlsctx

import (
	"errors"
	"path"
	"sync"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/internal/pemtext"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"
)

// crlDir is what the files of a crl_dir hold. It does not change.
type crlDir struct {
	crls   []*verify.CRL
	faults []fault
	// pool indexes them, when it is needed first.
	pool func() *verify.Pool
}

// crlFile is one of the files.
type crlFile struct {
	crls []*verify.CRL
	err  error // why there is none
}

// crlDirFor reads the regular files of a directory; like OpenSIPS it leaves
// symbolic links and folders alone.
func (l *Loader) crlDirFor(dir string) *crlDir {
	return l.crlDirs.get(dir, func() *crlDir {
		d := new(crlDir)
		d.pool = sync.OnceValue(func() *verify.Pool { return verify.NewPool(nil, d.crls) })
		entries, err := readDir(l.options.Files, dir)
		if err != nil {
			d.faults = []fault{faultf(ruleCRLDirMissing, "%v", err)}
			return d
		}
		for _, e := range entries {
			if e.IsDir() {
				continue
			}
			if !e.Type().IsRegular() {
				d.skip(e.Name(), errors.New("no regular file, so OpenSIPS does not read it"))
				continue
			}
			d.add(e.Name(), l.crlFile(path.Join(dir, e.Name())))
		}
		if len(d.crls) == 0 {
			d.faults = append(d.faults, faultf(ruleCRLDirEmpty, "no CRL in PEM form"))
		}
		return d
	})
}

func (d *crlDir) skip(name string, err error) {
	d.faults = append(d.faults, faultf(ruleCRLSkipped, "file %q is left out: %v", name, err))
}

func (d *crlDir) add(name string, f crlFile) {
	if f.err != nil {
		d.skip(name, f.err)
		return
	}
	if len(f.crls) > 1 {
		d.faults = append(d.faults, faultf(ruleCRLSkipped, "file %q has %d CRLs, of which a real server takes only the first", name, len(f.crls)))
	}
	d.crls = append(d.crls, f.crls...)
}

// crlFile reads a file. OpenSIPS takes only the first CRL of each; here all
// count that come before something damaged.
func (l *Loader) crlFile(name string) crlFile {
	c, err := l.fileContent(name)
	if err != nil {
		return crlFile{err: err}
	}
	return l.crls.get(c.digest, func() (f crlFile) {
		text, err := l.read(c)
		for err == nil {
			var b pemtext.Block
			if b, text, err = nextBlock(text, func(b pemtext.Block) bool { return b.Type == pemCRL }); err != nil {
				break
			}
			var list *verify.CRL
			if list, err = verify.ParseCRL(b.Bytes); err == nil {
				f.crls = append(f.crls, list)
			}
		}
		if len(f.crls) == 0 {
			f.err = err
		}
		return f
	})
}

// crlFaults tells of lists that are not in force.
func crlFaults(crls []*verify.CRL, now time.Time) (faults []fault) {
	for _, l := range crls {
		switch {
		case !l.NextUpdate.IsZero() && !l.NextUpdate.After(now):
			faults = append(faults, faultf(ruleCRLExpired, "the CRL of %q expired %s: certificates of this issuer do not verify", l.Issuer, timeText(l.NextUpdate)))
		case l.ThisUpdate.After(now):
			faults = append(faults, faultf(ruleCRLExpired, "the CRL of %q is in force only from %s: certificates of this issuer do not verify until then", l.Issuer, timeText(l.ThisUpdate)))
		}
	}
	return faults
}

func timeText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
