package report

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Base says how the names of files become the paths that services for code
// know, which are relative to the root of a repository. The zero Base leaves
// names as they are.
type Base struct {
	Dir  string // absolute; what names are relative to
	Root string // absolute; what paths are to be relative to
}

// relative gives the path of a file below the root, with slashes. For one that
// is not below it, ok is false, and the path is absolute if Dir is known.
func (b Base) relative(name string) (path string, ok bool) {
	if strings.HasPrefix(name, "<") && strings.HasSuffix(name, ">") {
		return name, true // such as <stdin>, which is no file
	}
	path = filepath.Clean(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(b.Dir, path)
	}
	below, err := filepath.Rel(b.Root, path)
	if err != nil || !filepath.IsLocal(below) {
		return filepath.ToSlash(path), false
	}
	return filepath.ToSlash(below), true
}

// uri gives the URI of a file, and whether it is one relative to the root.
func (b Base) uri(name string) (uri string, relative bool) {
	path, relative := b.relative(name)
	u := url.URL{Path: path}
	if strings.HasPrefix(path, "/") {
		u.Scheme = "file"
	}
	return u.String(), relative
}

// fileOf is the file in which a finding is, which may be an included one.
func (f *File) fileOf(span diag.Span) string {
	if !span.IsValid() || span.Start.File == "" {
		return f.Name
	}
	return span.Start.File
}

// column is the column of a position, from 1, in UTF-16 code units. Those are
// what services count; positions count bytes. In a file whose text is not known
// they are taken for the same.
func (f *File) column(p diag.Position) int {
	source := find(f.Sources, p.File)
	if source == nil {
		return p.Column
	}
	line := source.Line(p.Line)
	units := 0
	for _, r := range line[:min(p.Column-1, len(line))] {
		units++
		if r > 0xffff {
			units++
		}
	}
	return units + 1
}

// line is the text of the line in which a finding begins, without passwords;
// empty if it is not known.
func (f *File) line(span diag.Span) string {
	source := find(f.Sources, span.Start.File)
	if source == nil || !span.IsValid() {
		return ""
	}
	return redactAround(source.Line(span.Start.Line), span.Start.Column-1)
}
