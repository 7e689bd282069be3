// Package parser turns the text of an opensips.cfg into a tree and finds every
// syntax error of a file in one run.
//
// It knows the language, not its meaning: which words are keywords and which
// arguments a core function takes is the [Dialect] of an OpenSIPS version,
// which the caller hands in; modules, parameters and domains are the business
// of package cfg. Files come through [FS], so that no disk is needed.
//
// A node carries its extent as two [Pos] values; [Sources] turns them into
// files, lines and columns, and tells through which includes a place was
// reached.
package parser
