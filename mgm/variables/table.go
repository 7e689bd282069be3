package variables

import "github.com/opensips-tools/tlsmgm/mgm/tlsctx/verify"

// When variables are NULL.
const (
	never    = ""
	noPeer   = "the peer gave no certificate"
	noMy     = "this side presented no certificate"
	noInPeer = "the peer gave no certificate, or there is none in it"
	noInMy   = "this side presented no certificate, or there is none in it"
)

// table has the variables, in the manual's order. Serial numbers in subjects,
// which the manual leaves out, stand behind the other parts of names.
var table = [...]Variable{
	{"tls_version", String, "version of the protocol, such as `TLSv1.3`", never, protocol},
	{"tls_description", String, "line that `openssl ciphers -v` prints for the cipher suite, with the line feed at its end", never, cipherDescription},
	{"tls_cipher_info", String, "OpenSSL's name of the cipher suite, such as `ECDHE-RSA-AES256-GCM-SHA384`", never, cipherName},
	{"tls_cipher_bits", StringAndInteger, "number of secret bits of the cipher", never, cipherBits},

	{"tls_peer_version", String, "version field of the peer's certificate: 2 stands for version 3", noPeer, peer(certVersion)},
	{"tls_my_version", String, "version field of this side's certificate: 2 stands for version 3", noMy, my(certVersion)},
	{"tls_peer_serial", StringAndInteger, "serial number of the peer's certificate, decimal", noPeer, peer(certSerial)},
	{"tls_my_serial", StringAndInteger, "serial number of this side's certificate, decimal", noMy, my(certSerial)},

	{"tls_peer_subject", String, "subject of the peer's certificate, such as `/C=AT/O=enum.at/CN=enum.at`", noPeer, peer(subject(whole))},
	{"tls_peer_issuer", String, "issuer of the peer's certificate", noPeer, peer(issuer(whole))},
	{"tls_my_subject", String, "subject of this side's certificate", noMy, my(subject(whole))},
	{"tls_my_issuer", String, "issuer of this side's certificate", noMy, my(issuer(whole))},

	{"tls_peer_subject_cn", String, "first common name (CN) of the subject of the peer's certificate", noInPeer, peer(subject(commonName))},
	{"tls_peer_issuer_cn", String, "first common name (CN) of the issuer of the peer's certificate", noInPeer, peer(issuer(commonName))},
	{"tls_my_subject_cn", String, "first common name (CN) of the subject of this side's certificate", noInMy, my(subject(commonName))},
	{"tls_my_issuer_cn", String, "first common name (CN) of the issuer of this side's certificate", noInMy, my(issuer(commonName))},

	{"tls_peer_subject_locality", String, "first locality (L) of the subject of the peer's certificate", noInPeer, peer(subject(locality))},
	{"tls_peer_issuer_locality", String, "first locality (L) of the issuer of the peer's certificate", noInPeer, peer(issuer(locality))},
	{"tls_my_subject_locality", String, "first locality (L) of the subject of this side's certificate", noInMy, my(subject(locality))},
	{"tls_my_issuer_locality", String, "first locality (L) of the issuer of this side's certificate", noInMy, my(issuer(locality))},

	{"tls_peer_subject_country", String, "first country (C) of the subject of the peer's certificate", noInPeer, peer(subject(country))},
	{"tls_peer_issuer_country", String, "first country (C) of the issuer of the peer's certificate", noInPeer, peer(issuer(country))},
	{"tls_my_subject_country", String, "first country (C) of the subject of this side's certificate", noInMy, my(subject(country))},
	{"tls_my_issuer_country", String, "first country (C) of the issuer of this side's certificate", noInMy, my(issuer(country))},

	{"tls_peer_subject_state", String, "first state or province (ST) of the subject of the peer's certificate", noInPeer, peer(subject(state))},
	{"tls_peer_issuer_state", String, "first state or province (ST) of the issuer of the peer's certificate", noInPeer, peer(issuer(state))},
	{"tls_my_subject_state", String, "first state or province (ST) of the subject of this side's certificate", noInMy, my(subject(state))},
	{"tls_my_issuer_state", String, "first state or province (ST) of the issuer of this side's certificate", noInMy, my(issuer(state))},

	{"tls_peer_subject_organization", String, "first organization (O) of the subject of the peer's certificate", noInPeer, peer(subject(organization))},
	{"tls_peer_issuer_organization", String, "first organization (O) of the issuer of the peer's certificate", noInPeer, peer(issuer(organization))},
	{"tls_my_subject_organization", String, "first organization (O) of the subject of this side's certificate", noInMy, my(subject(organization))},
	{"tls_my_issuer_organization", String, "first organization (O) of the issuer of this side's certificate", noInMy, my(issuer(organization))},

	{"tls_peer_subject_unit", String, "first organizational unit (OU) of the subject of the peer's certificate", noInPeer, peer(subject(unit))},
	{"tls_peer_issuer_unit", String, "first organizational unit (OU) of the issuer of the peer's certificate", noInPeer, peer(issuer(unit))},
	{"tls_my_subject_unit", String, "first organizational unit (OU) of the subject of this side's certificate", noInMy, my(subject(unit))},
	{"tls_my_issuer_unit", String, "first organizational unit (OU) of the issuer of this side's certificate", noInMy, my(issuer(unit))},

	{"tls_peer_subject_serial", String, "first serialNumber in the subject of the peer's certificate, such as that of a device", noInPeer, peer(subject(serialNumber))},
	{"tls_my_subject_serial", String, "first serialNumber in the subject of this side's certificate", noInMy, my(subject(serialNumber))},

	{"tls_peer_san_email", String, "first mail address among the alternative names of the peer's certificate", noInPeer, peer(altName(email))},
	{"tls_my_san_email", String, "first mail address among the alternative names of this side's certificate", noInMy, my(altName(email))},
	{"tls_peer_san_hostname", String, "first DNS name among the alternative names of the peer's certificate", noInPeer, peer(altName(hostname))},
	{"tls_my_san_hostname", String, "first DNS name among the alternative names of this side's certificate", noInMy, my(altName(hostname))},
	{"tls_peer_san_uri", String, "first URI among the alternative names of the peer's certificate", noInPeer, peer(altName(uri))},
	{"tls_my_san_uri", String, "first URI among the alternative names of this side's certificate", noInMy, my(altName(uri))},
	{"tls_peer_san_ip", String, "first IP address among the alternative names of the peer's certificate, such as `192.0.2.7` or `2001:DB8:0:0:0:0:0:7`", noInPeer, peer(altName(ip))},
	{"tls_my_san_ip", String, "first IP address among the alternative names of this side's certificate", noInMy, my(altName(ip))},

	{"tls_peer_verified", StringAndInteger, "1 if the peer gave a certificate that could be verified, else 0", never, verification(verify.OK)},
	{"tls_peer_revoked", StringAndInteger, "1 if verification ended with a certificate that is revoked, else 0", never, verification(verify.Revoked)},
	{"tls_peer_expired", StringAndInteger, "1 if verification ended with a certificate that has expired, else 0", never, verification(verify.Expired)},
	{"tls_peer_selfsigned", StringAndInteger, "1 if verification ended with the peer's certificate, signed by itself and not trusted, else 0", never, verification(verify.SelfSigned)},
	{"tls_peer_notBefore", String, "time from which the peer's certificate is valid, such as `Nov 23 06:52:23 2026 GMT`", noPeer, peer(certNotBefore)},
	{"tls_peer_notAfter", String, "time until which the peer's certificate is valid", noPeer, peer(certNotAfter)},
}
