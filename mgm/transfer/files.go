package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// FilesExistError says that files are there already and were not to be
// replaced. Nothing is written then.
type FilesExistError struct {
	Paths []string
}

func (e *FilesExistError) Error() string {
	const shown = 5
	text := strings.Join(e.Paths[:min(shown, len(e.Paths))], ", ")
	if more := len(e.Paths) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "nothing written: there are already " + text
}

// WriteFiles writes files and the folders they are in. All are written under
// other names first and then renamed, so that a full disk leaves none of them
// behind and no reader meets half a file.
func WriteFiles(files []File, replace bool) error {
	if !replace {
		var exist FilesExistError
		for _, f := range files {
			if _, err := os.Lstat(f.Path); !errors.Is(err, fs.ErrNotExist) {
				exist.Paths = append(exist.Paths, f.Path)
			}
		}
		if exist.Paths != nil {
			return &exist
		}
	}
	temporary := make([]string, 0, len(files))
	defer func() {
		for _, name := range temporary {
			_ = os.Remove(name) // those that were renamed are gone
		}
	}()
	for _, f := range files {
		name, err := writeBeside(f)
		if name != "" {
			temporary = append(temporary, name)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	for i, f := range files {
		if err := os.Rename(temporary[i], f.Path); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	return nil
}

// writeBeside writes a file under another name in the same folder, with its
// mode from the beginning.
func writeBeside(f File) (name string, err error) {
	dir := filepath.Dir(f.Path)
	if err := os.MkdirAll(dir, 0o755); err != nil { // the keys in it have modes of their own
		return "", err
	}
	file, err := os.CreateTemp(dir, ".tlsmgm-*")
	if err != nil {
		return "", err
	}
	_, writeErr := file.Write(f.Content)
	return file.Name(), errors.Join(writeErr, file.Chmod(f.Mode), file.Sync(), file.Close())
}
