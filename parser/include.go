package parser

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// The limits of the server: its include stack, and the buffer of a name with
// its quotes.
const (
	maxIncludeDepth  = 10
	maxIncludeLength = 127
)

// maxSources is how many files a script may consist of. The server has no such
// limit; without one, a few small files that include each other often enough
// would keep the parser busy for hours.
const maxSources = 10_000

// MaxInput is how many bytes a script and all its includes may have together.
const MaxInput = 64 << 20

// FS opens the files that a script includes. Names are as the script gives
// them, absolute ones and those with ".." too; every fs.FS will do where
// neither occurs.
type FS interface {
	Open(name string) (fs.File, error)
}

// OS is the FS of the machine.
type OS struct{}

// Open opens a file of the machine without waiting for a writer, should it be
// a pipe.
func (OS) Open(name string) (fs.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// ReadFile reads a whole regular file of at most limit bytes; anything else (a
// directory, a pipe, a device, a larger file) is an error.
func ReadFile(files FS, name string, limit int) (string, error) {
	f, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	switch {
	case info.IsDir():
		return "", &fs.PathError{Op: "read", Path: name, Err: errors.New("is a directory")}
	case !info.Mode().IsRegular():
		return "", &fs.PathError{Op: "read", Path: name, Err: errors.New("is not a regular file")}
	case info.Size() > int64(limit):
		return "", &fs.PathError{Op: "read", Path: name, Err: errTooLarge}
	}
	var text strings.Builder
	text.Grow(int(info.Size()))
	n, err := io.Copy(&text, io.LimitReader(f, int64(limit)+1))
	if err == nil && n > int64(limit) {
		err = &fs.PathError{Op: "read", Path: name, Err: errTooLarge}
	}
	return text.String(), err
}

var errTooLarge = fmt.Errorf("is larger than %d MB, the most that is read", MaxInput>>20)

// An includer finds the files that a script includes.
type includer struct {
	files FS
	left  int // bytes that may still be read
}

// find looks a name up as given, then beside the including file, as the server
// does.
func (i *includer) find(name, including string) (found, text string, err error) {
	text, err = ReadFile(i.files, name, i.left)
	if err == nil || path.IsAbs(name) || !strings.Contains(including, "/") || !errors.Is(err, fs.ErrNotExist) {
		return name, text, err
	}
	beside := path.Join(path.Dir(including), name)
	text, err = ReadFile(i.files, beside, i.left)
	return beside, text, err
}

// include reads the name after an include keyword of n bytes and goes on in
// that file. The server knows no way on from an include that fails.
func (s *scanner) include(n int) {
	start, keyword := s.at, s.text[s.at:s.at+n]
	s.at += n
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t' || s.text[s.at] == '\n') {
		s.at++
	}
	nameStart := s.at
	for s.at < len(s.text) && s.text[s.at] != ' ' && s.text[s.at] != '\t' && s.text[s.at] != '\n' {
		s.at++
	}
	if s.files == nil {
		return
	}
	if err := s.enter(keyword, s.text[nameStart:s.at], start); err != nil {
		s.find(ruleInclude, nameStart, s.at, err.Error()).Help = adviseName(s.text[nameStart:s.at])
		s.halted = true
	}
}

func (s *scanner) enter(keyword, quoted string, start int) error {
	name, err := includeName(keyword, quoted)
	if err != nil {
		return err
	}
	if len(s.outer) >= maxIncludeDepth {
		return fmt.Errorf("%s %q is nested deeper than %d files", keyword, name, maxIncludeDepth)
	}
	if len(s.sources.all) >= maxSources {
		return fmt.Errorf("%s %q is one of more than %d files", keyword, name, maxSources)
	}
	found, text, err := s.files.find(name, s.src.Name)
	if errors.Is(err, fs.ErrNotExist) && keyword == "import_file" {
		s.find(ruleImportSkipped, start, s.at, fmt.Sprintf("import_file %q does not exist and is skipped", name))
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot read %s %q: %w", keyword, name, pathCause(err))
	}
	for src := s.src; src != nil; src = s.sources.Source(src.IncludedAt) {
		if path.Clean(src.Name) == path.Clean(found) {
			return fmt.Errorf("%s %q leads back to this file, without end", keyword, name)
		}
	}
	s.files.left -= len(text)
	s.outer = append(s.outer, frame{s.src, s.at})
	s.src = s.sources.add(found, text, s.src.base+Pos(start))
	s.text, s.at = text, 0
	return nil
}

// pathCause leaves out the path of an error that is told with it anyway.
func pathCause(err error) error {
	if perr, ok := errors.AsType[*fs.PathError](err); ok {
		return perr.Err
	}
	return err
}

func includeName(keyword, quoted string) (string, error) {
	switch {
	case quoted == "":
		return "", fmt.Errorf("expected a file name in double quotes after %q, found end of file", keyword)
	case len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"':
		return "", fmt.Errorf("expected a file name in double quotes after %q, found %s", keyword, quote(shorten(quoted)))
	case len(quoted) > maxIncludeLength:
		return "", fmt.Errorf("file name after %q has %d bytes with its quotes, more than %d", keyword, len(quoted), maxIncludeLength)
	}
	name := unescapeInclude(quoted[1 : len(quoted)-1])
	if name == "" {
		return "", fmt.Errorf("file name after %q is empty", keyword)
	}
	return name, nil
}

// adviseName says what to do about what stands where the name of a file should.
func adviseName(found string) string {
	switch {
	case strings.HasSuffix(found, "\"\r"):
		return "the line ends in CR LF, and the CR counts as part of the name: save the file with plain newlines"
	case len(found) > 1 && found[0] == '"' && strings.Contains(found[1:len(found)-1], "\""):
		return "white space has to follow the name"
	}
	return ""
}

// unescapeInclude knows \t, \n and \r; before any other byte a backslash only
// goes.
func unescapeInclude(name string) string {
	if !strings.Contains(name, "\\") {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] != '\\' || i+1 == len(name) {
			b.WriteByte(name[i])
			continue
		}
		i++
		switch name[i] {
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		default:
			b.WriteByte(name[i])
		}
	}
	return b.String()
}

// includedFrom tells through which includes a place was reached.
func includedFrom(sources *Sources, p Pos) []diag.Related {
	var related []diag.Related
	for _, at := range sources.Includes(p) {
		related = append(related, diag.Related{Span: diag.Span{Start: at, End: at}, Message: "included from here"})
	}
	return related
}
