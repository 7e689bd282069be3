// Package verify checks certificate chains as OpenSSL 3.0 does when a TLS
// handshake asks it to, with the same errors in the same order: building the
// chain, extensions, security level, revocation, signatures and times, name
// constraints.
//
// crypto/x509 could check chains too, but it finds chains that OpenSSL does
// not find, knows neither revocation lists nor OpenSSL's trust settings, and
// its errors do not tell apart what OpenSIPS tells scripts.
package verify
