// Package openssl knows OpenSSL's vocabularies: cipher strings, cipher suites,
// protocol versions, curves, Diffie-Hellman parameters and security levels.
//
// OpenSIPS hands the values of ciphers_list, ec_curve and dh_params to OpenSSL
// as they are, and a start fails where OpenSSL refuses them. This package
// tells, without OpenSSL, what it would do with a value and which of it
// crypto/tls can do as well.
//
// Everything is as in OpenSSL 3.0 built with its default options and, as
// Debian does, with security level 2 by default: no SSLv2 and SSLv3, no RC4,
// 3DES, DES, IDEA, SEED or export suites, no GOST engine.
package openssl
