package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

// directive begins the first line of a test script that is not to be checked as
// a user would without flags.
const directive = "# tlsmgm check "

// goldenCheck checks a file of the testdata folder with the flags that it asks
// for.
func goldenCheck(t *testing.T, file string) (code int, out, errOut string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"check", "--no-files"}
	first, _, _ := strings.Cut(string(text), "\n")
	if flags, ok := strings.CutPrefix(first, directive); ok {
		args = append(args, strings.Fields(flags)...)
	}
	var stdout, stderr strings.Builder
	code = run(append(args, file), strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func scripts(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

// TestCheckGolden checks the scripts in the testdata folder of the repository:
// those in ok and the demo have no findings, those in err exactly the ones
// beside them.
func TestCheckGolden(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", "testdata"))
	for _, file := range append(scripts(t, "ok/*.cfg"), scripts(t, "demo/*.cfg")...) {
		t.Run(file, func(t *testing.T) {
			code, out, errOut := goldenCheck(t, file)
			if code != exitOK || errOut != "" || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, file+": no findings;") {
				t.Errorf("exit code %d\n%s%s", code, out, errOut)
			}
		})
	}
	for _, file := range scripts(t, "err/*.cfg") {
		t.Run(file, func(t *testing.T) {
			code, out, errOut := goldenCheck(t, file)
			if errOut != "" {
				t.Error(errOut)
			}
			golden := strings.TrimSuffix(file, ".cfg") + ".txt"
			compareGolden(t, golden, fmt.Sprintf("%sexit code %d\n", out, code))
		})
	}
}

func compareGolden(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not what it was; go test -update accepts it\n-want +got\n%s", golden, diff)
	}
}

func readableVersions(tb testing.TB) []string {
	tb.Helper()
	versions := strings.Split(scriptVersions(), ", ")
	if len(versions) != 12 {
		tb.Fatalf("readable versions are %q", versions)
	}
	return versions
}

func TestScriptVersion(t *testing.T) {
	for _, v := range readableVersions(t) {
		var read scriptVersion
		if err := read.UnmarshalText([]byte(v)); err != nil || read.String() != v {
			t.Errorf("%s is read as %s, %v", v, read, err)
		}
	}
	for _, v := range catalogue.Versions() {
		if strings.Contains(scriptVersions(), v.String()) {
			continue
		}
		if err := new(scriptVersion).UnmarshalText([]byte(v.String())); err == nil {
			t.Errorf("%s is taken for a version whose scripts can be read", v)
		}
	}
}

// corpus has public scripts of all kinds and versions. They are not part of the
// repository.
const corpus = "../../../shared/corpus/files"

// TestCheckCorpus reads every public script as every version (as one of them
// under the race detector): whatever it is, there is an answer, and the exit code
// says which. The lint rules change nothing about what is said of the server, which
// is looked at for one version each.
func TestCheckCorpus(t *testing.T) {
	files, _ := filepath.Glob(corpus + "/*.cfg")
	if len(files) == 0 {
		t.Skip("the corpus is not there")
	}
	versions := readableVersions(t)
	for i, version := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			for j, file := range files {
				chosen := j%len(versions) == i
				if raceDetector && !chosen {
					continue
				}
				code, out, verdict := corpusVerdict(t, version, file)
				switch bad := strings.HasPrefix(verdict, "rejects") || strings.Contains(verdict, "does not start"); {
				case verdict == "", bad && code != exitFindings, !bad && code != exitOK && !strings.Contains(out, ": error: "):
					t.Errorf("%s: exit code %d\n%s", file, code, out)
				case strings.Contains(out, "[template]"):
					t.Errorf("%s is no template\n%s", file, out)
				}
				if !chosen {
					continue
				}
				plainCode, plain, plainVerdict := corpusVerdict(t, version, file, "--no-lint")
				accepted := strings.HasPrefix(plainVerdict, "accepts it") && !strings.Contains(plainVerdict, "does not")
				if plainVerdict != verdict || accepted != (plainCode == exitOK) || strings.Contains(plain, "[TLS") {
					t.Errorf("%s: with lint %s, exit code %d; without %s, exit code %d", file, verdict, code, plainVerdict, plainCode)
				}
			}
		})
	}
}

// corpusVerdict checks a script, and gives what is said of the server last.
func corpusVerdict(t *testing.T, version, file string, more ...string) (code int, out, verdict string) {
	t.Helper()
	var stdout, stderr strings.Builder
	args := append([]string{"check", "--no-files", "--no-config", "--opensips", version}, more...)
	code = run(append(args, file), strings.NewReader(""), &stdout, &stderr)
	if stderr.Len() > 0 {
		t.Errorf("%s: %s", file, stderr.String())
	}
	_, verdict, _ = cutLast(stdout.String(), "OpenSIPS "+version+" ")
	return code, stdout.String(), strings.TrimSpace(verdict)
}

func cutLast(text, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return text, "", false
}

// BenchmarkCheckDemo is a whole run but for the start of the process.
func BenchmarkCheckDemo(b *testing.B) {
	benchmarkCheck(b, filepath.Join("..", "..", "testdata", "demo", "opensips.cfg"))
}

// BenchmarkCheckCorpus is a whole run on the largest of the public scripts.
func BenchmarkCheckCorpus(b *testing.B) {
	files, _ := filepath.Glob(corpus + "/*.cfg")
	var largest string
	var size int64
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Size() > size {
			largest, size = file, info.Size()
		}
	}
	if largest == "" {
		b.Skip("the corpus is not there")
	}
	benchmarkCheck(b, largest)
}

func benchmarkCheck(b *testing.B, file string) {
	b.Helper()
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		var out, errOut strings.Builder
		if code := run([]string{"check", "--no-files", file}, strings.NewReader(""), &out, &errOut); code > exitFindings {
			b.Fatal(errOut.String())
		}
	}
}
