//go:build unix

package parser

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What is no text file ends in an error at once.
func TestOSRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("sparse", "")
	if err := os.Truncate(filepath.Join(dir, "sparse"), 1<<40); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"pipe":      "is not a regular file",
		"/dev/zero": "is not a regular file",
		"folder":    "is a directory",
		"sparse":    "is larger than 64 MB",
		"loop":      "too many levels of symbolic links",
		"missing":   "no such file or directory",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			write("main.cfg", "include_file \""+name+"\"\n")
			o := Options{Dialect: dialect23(t), FS: OS{}}
			f, err := ParseFile(filepath.Join(dir, "main.cfg"), o)
			if err != nil {
				t.Fatal(err)
			}
			checkFile(t, f)
			if len(f.Findings) != 1 || !strings.Contains(f.Findings[0].Message, want) || !f.Unread {
				t.Errorf("unread %v, findings:\n%s", f.Unread, findings(f))
			}
			if !filepath.IsAbs(name) {
				name = filepath.Join(dir, name)
			}
			if _, err := ParseFile(name, o); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("as the script itself: %v", err)
			}
		})
	}
}

func TestOSReads(t *testing.T) {
	dir := t.TempDir()
	main, beside := filepath.Join(dir, "main.cfg"), filepath.Join(dir, "beside.cfg")
	for name, text := range map[string]string{main: "include_file \"beside.cfg\"\n", beside: "log_level=1\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := ParseFile(main, Options{Dialect: dialect23(t), FS: OS{}})
	if err != nil {
		t.Fatal(err)
	}
	if have := dumpFile(f); have != "(Global log_level 1)" || len(f.Findings) > 0 {
		t.Errorf("%s, findings:\n%s", have, findings(f))
	}
	if have := f.Sources.Position(f.Statements[0].Pos()); have.File != beside || have.Line != 1 {
		t.Errorf("the statement is at %s", have)
	}
}

// A program is no script, and says so with a bearable number of findings.
func TestBinaryFile(t *testing.T) {
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := ReadFile(OS{}, name, MaxInput)
	if err != nil {
		t.Skip(err)
	}
	f := parseText(t, dialect23(t), text[:min(len(text), 4<<20)])
	if n := len(f.Findings); n < 2 || n > 2*maxErrors+2 {
		t.Errorf("%d findings", n)
	}
}
