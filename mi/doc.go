// Package mi speaks the Management Interface of OpenSIPS: JSON-RPC 2.0 over
// HTTP as mi_http does from 3.0 on (POST /mi), and the tree form that mi_json
// had up to 2.4 (GET /json/COMMAND).
//
// A command is data (Command), a server's commands are a table (Commands), and
// a command's answer (Result) can be written in both forms. Handler serves the
// table over HTTP, Server listens with it, Client calls any server that speaks
// JSON-RPC. The package knows nothing of the registry of TLS domains: tls_list
// and tls_reload are made from functions handed in.
//
// What differs from a real server on the wire, and why, is data too:
// testdata/differences.json, which the replay test holds against recorded
// exchanges of real servers.
package mi
