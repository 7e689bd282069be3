// Package lint looks for TLS settings with which a server starts but that are
// wrong, weak or about to break. What a server refuses is found by packages cfg,
// cfg/start and mgm/tlsctx, and not told again here.
//
// A [Rule] is data and stands in a file of its own, where it registers itself.
// [Run] has all rules look at a script and gives their findings, which change
// nothing about whether the server reads the script or starts.
package lint
