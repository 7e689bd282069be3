// Package cfg says what an opensips.cfg means to one version of OpenSIPS: it
// runs the statements in the order in which they stand, as the server does, into
// sockets, modules, parameters, TLS domains and routes, and reports what the
// server would refuse.
//
// What differs between versions is data of package catalogue. What needs the
// machine that the script is for (interfaces, host names, module files) is told
// in a notice at most.
package cfg
