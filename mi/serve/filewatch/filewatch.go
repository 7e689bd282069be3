// Package filewatch notices that files were changed, replaced or removed.
//
// It looks at them from time to time instead of asking the kernel: that sees a
// file that is renamed over another, a symbolic link anywhere in the path that
// points elsewhere (certbot, Kubernetes), and file systems of other machines,
// all in the same way.
package filewatch

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"
)

// Files opens what is watched.
type Files interface {
	Open(name string) (fs.File, error)
}

// Watcher remembers what files were like. It is not safe for concurrent use.
type Watcher struct {
	files Files
	seen  map[string]look
}

// New looks at files and directories for the first time. A path that is not
// there is watched too; an empty one is left out.
func New(files Files, paths []string) *Watcher {
	w := &Watcher{files: files, seen: make(map[string]look, len(paths))}
	for _, path := range paths {
		if path != "" {
			w.seen[path] = w.look(path)
		}
	}
	return w
}

// Changed gives the paths that are not as they were when it was last asked,
// sorted.
func (w *Watcher) Changed() []string {
	var changed []string
	for path, before := range w.seen {
		now := w.look(path)
		if !now.same(before) {
			w.seen[path] = now
			changed = append(changed, path)
		}
	}
	slices.Sort(changed)
	return changed
}

// look is what a path was like: nothing, a file, or a directory with what is
// in it.
type look struct {
	info    fs.FileInfo
	entries map[string]fs.FileInfo
}

func (w *Watcher) look(path string) look {
	f, err := w.files.Open(path)
	if err != nil {
		return look{}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return look{}
	}
	l := look{info: info}
	if dir, ok := f.(fs.ReadDirFile); ok && info.IsDir() {
		l.entries = w.entries(path, dir)
	}
	return l
}

// entries looks behind the symbolic links of a directory, which is full of them
// where OpenSSL's hashes name its files.
func (w *Watcher) entries(path string, dir fs.ReadDirFile) map[string]fs.FileInfo {
	entries := map[string]fs.FileInfo{}
	list, _ := dir.ReadDir(-1) // what could be read counts
	for _, entry := range list {
		entries[entry.Name()] = w.look(path + "/" + entry.Name()).info
	}
	return entries
}

func (l look) same(other look) bool {
	return sameFile(l.info, other.info) && maps.EqualFunc(l.entries, other.entries, sameFile)
}

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if a.IsDir() && b.IsDir() {
		return os.SameFile(a, b) // its entries are compared one by one
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// Options say how [Watcher.Run] watches.
type Options struct {
	Interval time.Duration // between two looks
	// Retry is the time after which an apply that failed is called again.
	Retry time.Duration
}

// maxUnsettled is after how many looks files are taken as they are though they
// still change.
const maxUnsettled = 10

// Run calls apply with the paths that changed, once a look finds them
// unchanged: a certificate and its key are never replaced at the same moment.
// It returns when ctx ends.
func (w *Watcher) Run(ctx context.Context, o Options, apply func(ctx context.Context, changed []string) error) {
	ticker := time.NewTicker(o.Interval)
	defer ticker.Stop()
	pending, unsettled := map[string]bool{}, 0
	var notBefore time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		changed := w.Changed()
		for _, path := range changed {
			pending[path] = true
		}
		if len(changed) > 0 {
			notBefore = time.Time{}
			if unsettled++; unsettled < maxUnsettled {
				continue
			}
		}
		unsettled = 0
		if len(pending) == 0 || time.Now().Before(notBefore) {
			continue
		}
		if err := apply(ctx, slices.Sorted(maps.Keys(pending))); err != nil {
			notBefore = time.Now().Add(o.Retry)
			continue
		}
		clear(pending)
	}
}
