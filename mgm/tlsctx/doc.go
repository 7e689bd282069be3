// Package tlsctx makes the TLS contexts of domains: it reads what a
// domain.Definition names, in files or in blobs of the tls_mgm table, and turns
// it into configurations of crypto/tls.
//
// A [Loader] reports all that is wrong with a domain, each as a [Problem] that
// says whether a real server would start with it (OpenSIPS built with OpenSSL
// 3.0 at security level 2). What OpenSSL can do and crypto/tls cannot is kept
// in the [Context] and told in a notice.
package tlsctx
