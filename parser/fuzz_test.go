package parser

import (
	"os"
	"path/filepath"
	"testing"
)

// fuzzDialects are the languages that the fuzz targets read with: each feature
// is in one of them.
func fuzzDialects(f *testing.F) []*Dialect {
	return []*Dialect{dialect23(f), dialect24(f), dialect3x(f)}
}

// addScripts makes seeds of the scripts of testdata.
func addScripts(f *testing.F) {
	names, err := filepath.Glob("testdata/*/*.cfg")
	if err != nil || len(names) == 0 {
		f.Fatal("no scripts in testdata", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
}

func FuzzLex(f *testing.F) {
	addScripts(f)
	dialects := fuzzDialects(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range dialects {
			checkTokens(t, d, text)
		}
	})
}

func FuzzParse(f *testing.F) {
	addScripts(f)
	dialects := fuzzDialects(f)
	f.Fuzz(func(t *testing.T, text string) {
		fs := files(map[string]string{"a.cfg": text, "b.cfg": "exit; ("})
		for _, d := range dialects {
			parseWith(t, "main.cfg", text, Options{Dialect: d, FS: fs})
		}
	})
}

func FuzzParseVar(f *testing.F) {
	for _, seed := range []string{"$ru", "$(avp(list)[0]{s.len})", "$(<reply>hdr(From)[*])", "$(rU{s.select,1,,}{s.int})", "$avp(a(b)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		v, n, err := ScanVar(raw)
		switch {
		case n < 0 || n > len(raw):
			t.Fatalf("%d of %d bytes", n, len(raw))
		case err == nil && (n == 0 || v.Name == ""):
			t.Fatalf("%d bytes, name %q", n, v.Name)
		}
		if whole, err := ParseVar(raw); err == nil {
			again, err := ParseVar(raw[:n])
			if err != nil || whole.Name != again.Name || n != len(raw) {
				t.Fatalf("%q: %+v, then %+v, %v", raw, whole, again, err)
			}
		}
	})
}
