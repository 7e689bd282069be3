// Package live runs the TLS part of a script for real: it opens the TLS sockets
// of its listen statements, has each connection begin with the domain that the
// server would choose, and runs the request route for every SIP message that
// comes. Replies are sent; where a message would be relayed to is logged.
package live
