// Package live runs the TLS part of a script for real: it opens the TLS sockets
// of its listen statements, has each connection begin with the domain that the
// server would choose, and runs the request route for every SIP message that
// comes. Replies are sent; where a message would be relayed to is logged.
//
// The timeouts and limits are those of the script and of OpenSIPS. The log has
// one line for each connection that opens, one for each that fails, and what the
// route does with a request in the order in which it does it.
package live
