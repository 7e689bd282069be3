// Package cfg says what an opensips.cfg means to one version of OpenSIPS: it
// runs the statements in the order in which they stand, as the server does, into
// sockets, modules, parameters, TLS domains and routes, and reports what the
// server would refuse.
//
// [Load] and [Parse] give a [Config]. Its Diagnostics are of the stage
// [diag.Read], which is what `opensips -C` looks at, and [Config.Accepted] is
// the verdict of that. A cause that several places suffer from, such as a module
// that is not loaded, is told about once.
//
// What differs between versions is data of package catalogue; what the catalogue
// does not say of script variables is in variablefacts.go. Where it is not known
// what a server does, the script is taken to be right. What needs the machine
// that the script is for (interfaces, host names, module files) is told in a
// notice at most.
//
// To have a module parameter in a place of its own in Config, add it to the
// setters in settings.go; to have a new finding, add its rule to rules.go and
// examples of it to the tests.
package cfg
