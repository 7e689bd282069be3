// Package report writes what a run found, as text for people and as JSON for
// programs.
package report

import (
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Reading is what `opensips -C` says of a script.
type Reading string

// The readings.
const (
	Accepted Reading = "accepted"
	Rejected Reading = "rejected"
)

// Starting is what a start of the server with a script comes to.
type Starting string

// The ways a start ends. A server does not start on a script that it rejects.
const (
	Runs    Starting = "runs"
	Stops   Starting = "stops"
	Unknown Starting = "unknown" // it was not looked at
)

// File is what was found in a script and all that it includes.
type File struct {
	Name        string
	Diagnostics diag.List
	Sources     []*parser.Source // the texts, for excerpts
	Read        Reading          // empty if the file could not be read at all
	Start       Starting         // empty if it was not looked at
}

// starting is what a start comes to as far as is known.
func (f *File) starting() Starting {
	switch {
	case f.Read != Accepted:
		return Stops
	case f.Start == "":
		return Unknown
	}
	return f.Start
}

// Report is what a run found.
type Report struct {
	OpenSIPS catalogue.Version
	Files    []File
}

// Verdict is the worst of the verdicts on the files. A file that could not be
// read counts as rejected, as the server would have it.
func (r *Report) Verdict() (Reading, Starting) {
	read, start := Accepted, Runs
	for i := range r.Files {
		f := &r.Files[i]
		if f.Read != Accepted {
			read = Rejected
		}
		switch s := f.starting(); {
		case s == Stops:
			start = Stops
		case s == Unknown && start == Runs:
			start = Unknown
		}
	}
	return read, start
}

// Count is the number of findings of each severity.
func (r *Report) Count() (errors, warnings, notices int) {
	for i := range r.Files {
		e, w, n := r.Files[i].Diagnostics.Count()
		errors, warnings, notices = errors+e, warnings+w, notices+n
	}
	return errors, warnings, notices
}

// Unread is the number of files that could not be read.
func (r *Report) Unread() int {
	n := 0
	for i := range r.Files {
		if r.Files[i].Read == "" {
			n++
		}
	}
	return n
}
