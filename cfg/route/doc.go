// Package route runs the routes of a script for a SIP message, as far as its TLS
// logic needs. A script is compiled once, into functions that call each other;
// running it looks nothing up and parses nothing.
//
// Statements, conditions and arithmetic mean what they mean to OpenSIPS. Nothing
// leaves the program: a relay is a [Relay], the decision where the message would
// go and with which client domain; a reply is a [Reply] that an [Env] may send. A
// function that is not run for real is a stub, which returns 1 or what
// [Options].Assume says.
package route
