package filewatch

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type osFiles struct{}

func (osFiles) Open(name string) (fs.File, error) { return os.Open(name) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestChanged(t *testing.T) {
	tests := []struct {
		name   string
		before func(t *testing.T, dir string)
		change func(t *testing.T, dir string)
		want   bool
	}{
		{
			"nothing",
			func(t *testing.T, dir string) { write(t, dir+"/watched", "a") },
			func(*testing.T, string) {}, false,
		},
		{
			"a file beside it",
			func(t *testing.T, dir string) { write(t, dir+"/watched", "a") },
			func(t *testing.T, dir string) { write(t, dir+"/other", "b") }, false,
		},
		{
			"written over",
			func(t *testing.T, dir string) { write(t, dir+"/watched", "a") },
			func(t *testing.T, dir string) { write(t, dir+"/watched", "bb") }, true,
		},
		{
			"written over with the same length",
			func(t *testing.T, dir string) {
				write(t, dir+"/watched", "a")
				old := time.Now().Add(-time.Hour)
				must(t, os.Chtimes(dir+"/watched", old, old))
			},
			func(t *testing.T, dir string) { write(t, dir+"/watched", "b") }, true,
		},
		{
			"renamed over, same length and time",
			func(t *testing.T, dir string) {
				write(t, dir+"/watched", "a")
				write(t, dir+"/new", "b")
				at := time.Now()
				must(t, os.Chtimes(dir+"/watched", at, at))
				must(t, os.Chtimes(dir+"/new", at, at))
			},
			func(t *testing.T, dir string) { must(t, os.Rename(dir+"/new", dir+"/watched")) }, true,
		},
		{
			"removed",
			func(t *testing.T, dir string) { write(t, dir+"/watched", "a") },
			func(t *testing.T, dir string) { must(t, os.Remove(dir+"/watched")) }, true,
		},
		{
			"made",
			func(*testing.T, string) {},
			func(t *testing.T, dir string) { write(t, dir+"/watched", "a") }, true,
		},
		{
			"link to another file, as certbot does it",
			func(t *testing.T, dir string) {
				write(t, dir+"/archive/cert1", "a")
				write(t, dir+"/archive/cert2", "b")
				must(t, os.Symlink("archive/cert1", dir+"/watched"))
			},
			func(t *testing.T, dir string) {
				must(t, os.Remove(dir+"/watched"))
				must(t, os.Symlink("archive/cert2", dir+"/watched"))
			}, true,
		},
		{
			"link in the path, as Kubernetes does it",
			func(t *testing.T, dir string) {
				write(t, dir+"/..2026_01/tls.crt", "a")
				write(t, dir+"/..2026_02/tls.crt", "b")
				must(t, os.Symlink("..2026_01", dir+"/..data"))
				must(t, os.Symlink("..data/tls.crt", dir+"/watched"))
			},
			func(t *testing.T, dir string) {
				must(t, os.Symlink("..2026_02", dir+"/..data_tmp"))
				must(t, os.Rename(dir+"/..data_tmp", dir+"/..data"))
			}, true,
		},
		{
			"file in a directory",
			func(t *testing.T, dir string) { write(t, dir+"/watched/crl1", "a") },
			func(t *testing.T, dir string) { write(t, dir+"/watched/crl1", "bb") }, true,
		},
		{
			"new file in a directory",
			func(t *testing.T, dir string) { write(t, dir+"/watched/crl1", "a") },
			func(t *testing.T, dir string) { write(t, dir+"/watched/crl2", "a") }, true,
		},
		{
			"file gone from a directory",
			func(t *testing.T, dir string) { write(t, dir+"/watched/crl1", "a") },
			func(t *testing.T, dir string) { must(t, os.Remove(dir+"/watched/crl1")) }, true,
		},
		{
			"file behind a hash link of a directory",
			func(t *testing.T, dir string) {
				write(t, dir+"/ca.pem", "a")
				write(t, dir+"/watched/README", "")
				must(t, os.Symlink("../ca.pem", dir+"/watched/01234567.0"))
			},
			func(t *testing.T, dir string) { write(t, dir+"/ca.pem", "bb") }, true,
		},
		{
			"file turned directory",
			func(t *testing.T, dir string) { write(t, dir+"/watched", "a") },
			func(t *testing.T, dir string) {
				must(t, os.Remove(dir+"/watched"))
				must(t, os.Mkdir(dir+"/watched", 0o700))
			}, true,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tt.before(t, dir)
			watched := filepath.Join(dir, "watched")
			w := New(osFiles{}, []string{"", watched, watched})
			tt.change(t, dir)
			var want []string
			if tt.want {
				want = []string{watched}
			}
			if got := w.Changed(); !slices.Equal(got, want) {
				t.Errorf("changed: %q, want %q", got, want)
			}
			if got := w.Changed(); got != nil {
				t.Errorf("changed again: %q", got)
			}
		})
	}
}

// TestRun runs a watcher on a clock of its own: apply is called once files have
// settled, again when it failed, and in the end though they never settle.
func TestRun(t *testing.T) {
	const interval = time.Second
	o := Options{Interval: interval, Retry: 5 * interval}
	start := func(t *testing.T, paths []string, result func(call int) error) (calls func() [][]string) {
		var mu sync.Mutex
		var applied [][]string
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		w := New(osFiles{}, paths)
		go func() {
			defer close(done)
			w.Run(ctx, o, func(_ context.Context, changed []string) error {
				mu.Lock()
				defer mu.Unlock()
				applied = append(applied, changed)
				return result(len(applied))
			})
		}()
		t.Cleanup(func() { cancel(); <-done })
		return func() [][]string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(applied)
		}
	}
	pass := func(d time.Duration) {
		time.Sleep(d)
		synctest.Wait()
	}
	ok := func(int) error { return nil }

	t.Run("certificate and key make one change", func(t *testing.T) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			calls := start(t, []string{dir + "/cert", dir + "/key"}, ok)
			pass(interval / 2)
			write(t, dir+"/cert", "1")
			pass(interval)
			write(t, dir+"/key", "1")
			pass(interval)
			if len(calls()) != 0 {
				t.Errorf("applied before the files settled: %q", calls())
			}
			pass(interval)
			if len(calls()) != 1 || !slices.Equal(calls()[0], []string{dir + "/cert", dir + "/key"}) {
				t.Errorf("applied %q", calls())
			}
			pass(20 * interval)
			if len(calls()) != 1 {
				t.Errorf("applied again: %q", calls())
			}
		})
	})
	t.Run("a failure is tried again", func(t *testing.T) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			calls := start(t, []string{dir + "/cert"}, func(call int) error {
				if call < 3 {
					return errors.New("no")
				}
				return nil
			})
			write(t, dir+"/cert", "1")
			pass(2*interval + interval/2)
			if len(calls()) != 1 {
				t.Fatalf("applied %q", calls())
			}
			pass(4 * interval)
			if len(calls()) != 1 {
				t.Errorf("tried again at once")
			}
			pass(20 * interval)
			if len(calls()) != 3 {
				t.Errorf("applied %d times, want 3", len(calls()))
			}
		})
	})
	t.Run("files that never settle", func(t *testing.T) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			calls := start(t, []string{dir + "/cert"}, ok)
			pass(interval / 2)
			for i := range maxUnsettled {
				write(t, dir+"/cert", string(make([]byte, i+1)))
				pass(interval)
			}
			if len(calls()) != 1 {
				t.Errorf("applied %d times, want 1", len(calls()))
			}
		})
	})
}
