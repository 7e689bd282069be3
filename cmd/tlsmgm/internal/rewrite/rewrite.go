// Package rewrite changes texts by edits, shows what changes, and writes files so
// that nobody meets half of one.
package rewrite

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Edit puts a text in the place of some bytes.
type Edit struct {
	From, To int // offsets
	New      string
}

// Group is edits that make sense only together.
type Group []Edit

// Merge makes one list of the edits of several groups, by their places. A group
// that overlaps with an earlier one, or is the same, is left out as a whole; taken
// says which were not.
func Merge(groups []Group) (edits []Edit, taken []bool) {
	taken = make([]bool, len(groups))
	for i, group := range groups {
		fits := !slices.ContainsFunc(group, func(e Edit) bool {
			return slices.ContainsFunc(edits, e.overlaps)
		})
		if fits {
			edits = append(edits, group...)
			taken[i] = true
		}
	}
	slices.SortFunc(edits, func(a, b Edit) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return edits, taken
}

// overlaps reports whether two edits cannot be made together. Two that insert at
// the same place cannot: the order of their texts would be by chance.
func (e Edit) overlaps(o Edit) bool {
	return e.From == o.From || e.From < o.To && o.From < e.To
}

// Apply makes the edits, which are as Merge gives them.
func Apply(text string, edits []Edit) (string, error) {
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.From < at || e.To < e.From || e.To > len(text) {
			return "", fmt.Errorf("edit of bytes %d to %d is out of place", e.From, e.To)
		}
		b.WriteString(text[at:e.From])
		b.WriteString(e.New)
		at = e.To
	}
	b.WriteString(text[at:])
	return b.String(), nil
}

// Diff shows in the unified form what changes in a file; empty if nothing does.
func Diff(name, before, after string) []byte {
	return diff.Diff(name, []byte(before), name, []byte(after))
}

// ErrChanged is the error of a file that is not as it was read.
var ErrChanged = errors.New("has changed since it was read")

// File writes a new text into a regular file that has the old one: as a whole, with
// the mode and the owner that it had. A symbolic link stays one.
func File(name, before, after string) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("is not a regular file")
	}
	const hidden = 0o600 // until it is whole, and has its owner
	return Swap(target, hidden, []byte(after), func(file *os.File) error {
		err := errors.Join(file.Sync(), keepOwner(file.Name(), info), file.Chmod(info.Mode().Perm()))
		if err != nil {
			return err
		}
		// As late as can be: somebody may be editing the file.
		if now, err := os.ReadFile(target); err != nil || string(now) != before {
			return cmp.Or(err, ErrChanged)
		}
		return nil
	})
}

// Swap puts a file of its own in the place of another, so that whoever reads it
// meets the old content or the new one. ready does what is to be done with the new
// file before; with an error it is dropped.
func Swap(target string, mode fs.FileMode, content []byte, ready func(*os.File) error) (err error) {
	file, err := os.OpenFile(filepath.Join(filepath.Dir(target), ".tlsmgm-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	if _, err = file.Write(content); err == nil {
		err = ready(file)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), target)
}

// Plain is an error of the system without the path, which the caller names.
func Plain(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}
