package start_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/dbsource"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/sqlstore"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser"
)

// otherVerdicts are the cases, by VERSION/CASE, in which ours is not the recorded
// verdict, with the reason.
var otherVerdicts = map[string]string{
	"2.3/comment_hash_eol": commentAtEnd,
	"2.4/comment_hash_eol": commentAtEnd,

	"2.3/mpath_missing": moduleFiles,
	"2.4/mpath_missing": moduleFiles,
	"3.4/mpath_missing": moduleFiles,
	"2.3/mpath_nodir":   moduleFiles,
	"2.4/mpath_nodir":   moduleFiles,
	"3.4/mpath_nodir":   moduleFiles,

	"3.4/str_backslash_newline": "3.4 puts a mark of its own for the next line into the string, which is no cipher then",
}

const (
	commentAtEnd = "a comment without a newline at the end of the file is taken for one, with a warning"
	moduleFiles  = "module files are not looked for"
)

type recording struct {
	Case, Start string
	StartErrors []string `json:"start_errors"`
}

// TestRecordedStarts compares the verdicts with those of real servers.
func TestRecordedStarts(t *testing.T) {
	facts, err := filepath.Abs("../../../shared/facts")
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"2.3", "2.4", "3.4"} {
		t.Run(version, func(t *testing.T) {
			f, err := os.Open(filepath.Join(facts, "check", version, "verdicts.jsonl"))
			if err != nil {
				t.Skip("no recordings here")
			}
			defer f.Close()
			v, err := catalogue.ParseVersion(version)
			if err != nil {
				t.Fatal(err)
			}
			run := scratch(t, v)
			places := strings.NewReplacer(
				"@CASES@", run, "@CERTS@", filepath.Join(facts, "certs"),
				"@MODULES@", "/modules/", "@RUN@", run, "@CFGDIR@", run)
			copyIncludes(t, filepath.Join(facts, "check", version), run, places)
			lines := bufio.NewScanner(f)
			lines.Buffer(nil, 1<<20)
			n := 0
			for lines.Scan() {
				var r recording
				if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
					t.Fatal(err)
				}
				n++
				t.Run(r.Case, func(t *testing.T) { compareStart(t, facts, v, run, places, r) })
			}
			if n < 150 {
				t.Errorf("only %d recordings", n)
			}
		})
	}
}

// scratch is the folder that the recorded servers ran in: with a database for
// the cases that read one.
func scratch(t *testing.T, version catalogue.Version) string {
	t.Helper()
	run := t.TempDir()
	u, err := sqlstore.ParseURL("sqlite://" + run + "/" + version.String() + "cases.db")
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.New(u, sqlstore.Options{SchemaVersion: int(version >> 8)})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return run
}

// copyIncludes puts the included files where the cases look for them.
func copyIncludes(t *testing.T, from, to string, places *strings.Replacer) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(from, "*.inc"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no included files: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), []byte(places.Replace(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func compareStart(t *testing.T, facts string, v catalogue.Version, run string, places *strings.Replacer, r recording) {
	text, err := os.ReadFile(filepath.Join(facts, "check", v.String(), r.Case+".cfg"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := cfg.Parse(r.Case+".cfg", places.Replace(string(text)), cfg.Options{Version: v, FS: parser.OS{}, ConfigDir: run + "/"})
	if err != nil {
		t.Fatal(err)
	}
	result := start.Check(t.Context(), config, start.Options{
		Files: tlsctx.OS{}, ConfigDir: run + "/",
		Source: func(c *cfg.Config) (mgm.Source, error) { return dbsource.Open(c) },
	})
	same := string(result.Verdict) == r.Start
	if reason, other := otherVerdicts[v.String()+"/"+r.Case]; other {
		if same {
			t.Errorf("listed as different (%s), but it is as recorded", reason)
		}
		return
	}
	if !same {
		t.Errorf("verdict %s, recorded %s\nours: %v\nread: %v\nrecorded: %q", result.Verdict, r.Start, result.Diagnostics, config.Diagnostics, r.StartErrors)
	}
}
