package mi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// listenUnix listens on a socket in the file system. It is bound under another
// name, given its mode and only then put in place, so that nobody can connect
// before the mode holds. A socket that a dead server left behind is replaced.
func listenUnix(ctx context.Context, path string, mode fs.FileMode) (net.Listener, error) {
	if err := checkSocket(ctx, path); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".mi")
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", path, err)
	}
	defer os.RemoveAll(dir)
	var lc net.ListenConfig
	hidden := filepath.Join(dir, "s")
	listener, err := lc.Listen(ctx, "unix", hidden)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", path, err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(hidden, mode), os.Rename(hidden, path)); err != nil {
		return nil, fmt.Errorf("listen on %q: %w", path, errors.Join(err, listener.Close()))
	}
	return &socketListener{Listener: listener, path: path}, nil
}

// checkSocket refuses a path that something else uses.
func checkSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("listen on %q: %w", path, err)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("listen on %q: the file is not a socket", path)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		return errors.Join(fmt.Errorf("listen on %q: %w", path, syscall.EADDRINUSE), conn.Close())
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil // nobody listens any more
	}
	return fmt.Errorf("listen on %q: %w", path, err)
}

// socketListener takes its file away when it is closed.
type socketListener struct {
	net.Listener
	path string
	once sync.Once
}

func (l *socketListener) Close() error {
	err := l.Listener.Close()
	l.once.Do(func() {
		if gone := os.Remove(l.path); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	})
	return err
}
