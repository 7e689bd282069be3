package tlsctx

import (
	"crypto/tls"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

// What differs between versions of OpenSIPS. The sources are recorded starts
// and reloads of 2.3, 2.4 and 3.4.
const (
	// methodsBindSince is the version from which tls_method restricts the
	// protocol versions also where OpenSSL is of release 1.1 or later.
	methodsBindSince = catalogue.Version(3 << 8)
	// wholeBlobsSince is the version from which all certificates of a blob
	// count, not only the first, and a ca_list without any is no error.
	wholeBlobsSince = catalogue.Version(2<<8 | 4)
	// emptyCRLDirsSince is the version from which a crl_dir without a CRL is no
	// error, but switches revocation checks off.
	emptyCRLDirsSince = catalogue.Version(2<<8 | 4)
	// bareClientsSince is the version from which a client domain needs no
	// certificate (its releases of 2026).
	bareClientsSince = catalogue.Version(3<<8 | 4)
	// rootBeyondDepthSince is the version from which the root does not count
	// for the depth of a chain.
	rootBeyondDepthSince = catalogue.Version(3 << 8)
)

// verifyDepth is how many certificates of authorities a chain may have.
const verifyDepth = 3

// VersionRange is a range of protocol versions, in the numbers of crypto/tls; it is
// written only where there is something to say.
type VersionRange struct{ Lowest, Highest uint16 }

// String is "TLS 1.2 to TLS 1.3", or the highest alone.
func (r VersionRange) String() string {
	if r.Lowest >= r.Highest {
		return tls.VersionName(r.Highest)
	}
	return tls.VersionName(r.Lowest) + " to " + tls.VersionName(r.Highest)
}
