package cfg_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/parser"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds all that is said of the scripts of testdata, word by word,
// against the files beside them. A first line "# opensips 2.4" says for which
// version a script is.
func TestGolden(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.cfg")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, name := range scripts {
		t.Run(filepath.Base(name), func(t *testing.T) {
			got := findings(t, name)
			golden := strings.TrimSuffix(name, ".cfg") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// findings reads a script and writes what is found, a line each, with the help
// and the related places below.
func findings(t *testing.T, name string) string {
	t.Helper()
	text := read(t, name)
	first, _, _ := strings.Cut(text, "\n")
	version, isVersion := strings.CutPrefix(first, "# opensips ")
	if !isVersion {
		version = "2.3"
	}
	c, err := cfg.Load(name, cfg.Options{Version: parseVersion(t, version), FS: parser.OS{}})
	if err != nil {
		t.Fatal(err)
	}
	checkSpans(t, c)
	var b strings.Builder
	for _, d := range c.Diagnostics {
		fmt.Fprintln(&b, d)
		if d.Help != "" {
			fmt.Fprintf(&b, "\thelp: %s\n", d.Help)
		}
		for _, r := range d.Related {
			fmt.Fprintf(&b, "\t%s: %s\n", r.Span.Start, r.Message)
		}
	}
	fmt.Fprintf(&b, "accepted: %t\n", c.Accepted())
	return b.String()
}
