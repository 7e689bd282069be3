// Package catalogue knows what each version of OpenSIPS offers to a script:
// the core's global parameters, statements and functions, and every module's
// parameters, functions, MI commands, variables and dependencies.
//
// The facts are data with version ranges. catalogue.txt is folded from one
// snapshot a version by the command in fold. Two files are kept by hand:
// extra.txt has what the snapshots should list but do not, language.txt what
// they cannot say: features of the language, reserved words, advice. A new
// version of OpenSIPS is a new snapshot; no code asks which version it is.
//
// Work with one version starts at [For]:
//
//	c := catalogue.For(catalogue.Default)
//	m, ok := c.Module("tls_mgm")
//	p, ok := m.Param("verify_cert")
//
// Nothing is read before it is asked for, and a module is read without the
// others. What a catalogue returns is shared between its callers and must not
// be changed; everything here is safe for concurrent use.
//
// [History], [Places], [Catalogue.Providers] and [Nearest] serve messages
// about what a version does not have. They read all of the data and are meant
// for errors only.
package catalogue

//go:generate go run ./fold -snapshots ../../../shared/facts/catalogue -o catalogue.txt
