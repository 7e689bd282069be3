// Package transport makes and accepts the TLS connections of the domains of a
// registry (manual 1.3). A [Server] takes the server domain by the socket that
// a connection came in on; a [Client] the client domain by name, destination or
// default, and uses its connections again. A handshake that fails is explained
// in words of the script: see [HandshakeError].
package transport
