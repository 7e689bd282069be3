package openssl

import "crypto/tls"

var versionNames = [...]string{"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}

// VersionName is OpenSSL's name of a protocol version of crypto/tls, what
// $tls_version gives: TLSv1, TLSv1.1, TLSv1.2, TLSv1.3; also SSLv3. It is
// "unknown", as OpenSSL says, for any other number.
func VersionName(version uint16) string {
	if i := int(version) - versionSSL30; i >= 0 && i < len(versionNames) {
		return versionNames[i]
	}
	return "unknown"
}

// VersionByName gives crypto/tls's number of the version that OpenSSL calls
// name, in OpenSSL's spelling; TLSv1.0 is TLSv1.
func VersionByName(name string) (version uint16, ok bool) {
	if name == "TLSv1.0" {
		return tls.VersionTLS10, true
	}
	for i, n := range versionNames {
		if n == name {
			return uint16(versionSSL30 + i), true
		}
	}
	return 0, false
}

// VersionAllowedAt reports whether a connection of the version can come about
// at the security level. From level 1 on the signatures of TLS 1.0 and 1.1,
// which use SHA-1 and MD5, are too weak for OpenSSL 3.0, so a handshake ends
// with "no suitable signature algorithm". SSLv3 is not compiled in.
func VersionAllowedAt(version uint16, level int) bool {
	if level <= 0 {
		return version >= tls.VersionTLS10 && version <= tls.VersionTLS13
	}
	return version == tls.VersionTLS12 || version == tls.VersionTLS13
}
