package tlsctx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Files opens what the settings of a domain name: files, and directories, of
// which Open gives an fs.ReadDirFile.
type Files interface {
	Open(name string) (fs.File, error)
}

// OS is the file system of the machine.
type OS struct{}

// Open opens a file without waiting for a writer, should it be a pipe.
func (OS) Open(name string) (fs.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Root opens names, absolute ones too, below a directory, as a process would
// whose root directory it is: an absolute symbolic link leads to below the
// directory as well, and ".." does not lead out of it.
func Root(dir string) Files { return root(dir) }

type root string

func (r root) Open(name string) (fs.File, error) {
	base, err := os.OpenRoot(string(r))
	if err != nil {
		return nil, err
	}
	defer base.Close()
	resolved, err := resolve(base, name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	// The links are resolved; should somebody change them now, base still
	// opens nothing outside.
	f, err := base.OpenFile(resolved, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// resolve gives the path of a file without symbolic links, relative to the
// root.
func resolve(base *os.Root, name string) (string, error) {
	const maxLinks = 40 // as Linux has it
	ahead := components(name)
	var behind []string
	for links := 0; len(ahead) > 0; {
		next := ahead[0]
		ahead = ahead[1:]
		if next == ".." {
			behind = behind[:max(0, len(behind)-1)]
			continue
		}
		target, err := base.Readlink(filepath.Join(append(slices.Clone(behind), next)...))
		if err != nil { // no link, or nothing at all
			behind = append(behind, next)
			continue
		}
		if links++; links > maxLinks {
			return "", syscall.ELOOP
		}
		if path.IsAbs(target) {
			behind = nil
		}
		ahead = append(components(target), ahead...)
	}
	return filepath.Join(append([]string{"."}, behind...)...), nil
}

// components splits a path, without empty ones and dots.
func components(name string) []string {
	return slices.DeleteFunc(strings.Split(name, "/"), func(c string) bool { return c == "" || c == "." })
}

// FromFS opens names in a file system that knows no absolute ones, such as an
// fstest.MapFS: "/etc/x" is its "etc/x".
func FromFS(fsys fs.FS) Files { return fromFS{fsys} }

type fromFS struct{ fsys fs.FS }

func (f fromFS) Open(name string) (fs.File, error) {
	return f.fsys.Open(path.Join(".", path.Clean("/" + name)[1:]))
}

// maxFile is the size of the largest file that is read, in bytes: more than
// any list of certificates or revocations has.
const maxFile = 64 << 20

// file is what is known of a file that was read.
type file struct {
	digest digest
	err    error
	info   fs.FileInfo
	readAt time.Time
	text   []byte // kept by a loader until its load is finished
}

// unchanged reports whether the file is still as it was read. One that had
// been changed shortly before could have been changed again within the
// precision of its time, so that is not sure.
func (f *file) unchanged(now fs.FileInfo) bool {
	const precision = 2 * time.Second
	return f.err == nil && f.info.Size() == now.Size() && f.info.ModTime().Equal(now.ModTime()) &&
		f.readAt.Sub(f.info.ModTime()) > precision && (!os.SameFile(f.info, f.info) || os.SameFile(f.info, now))
}

// read reads a file, unless it is as it was when it was read before; then there
// is no text.
func read(files Files, name string, before *file) (f *file, text []byte) {
	f = &file{readAt: time.Now()}
	opened, err := files.Open(name)
	if err != nil {
		f.err = plainError(err)
		return f, nil
	}
	defer opened.Close()
	if f.info, err = opened.Stat(); err != nil {
		f.err = plainError(err)
		return f, nil
	}
	if before != nil && before.unchanged(f.info) {
		return before, nil
	}
	if text, f.err = readRegular(opened, f.info); f.err == nil {
		f.digest = digestOf(text)
	}
	return f, text
}

func readRegular(f fs.File, info fs.FileInfo) ([]byte, error) {
	switch {
	case info.IsDir():
		return nil, syscall.EISDIR
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("more than %d bytes", maxFile)
	}
	// Most files are smaller than the steps in which io.ReadAll grows.
	text := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	_, err := text.ReadFrom(io.LimitReader(f, maxFile))
	return text.Bytes(), plainError(err)
}

// plainError is the error without the path, which messages name themselves,
// and in the words of the system.
func plainError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return syscall.ENOENT
	case errors.Is(err, fs.ErrPermission):
		return syscall.EACCES
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// readDir lists a directory in the order of its names.
func readDir(files Files, name string) ([]fs.DirEntry, error) {
	opened, err := files.Open(name)
	if err != nil {
		return nil, plainError(err)
	}
	defer opened.Close()
	dir, ok := opened.(fs.ReadDirFile)
	if info, err := opened.Stat(); !ok || err == nil && !info.IsDir() {
		return nil, syscall.ENOTDIR
	}
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, plainError(err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}
