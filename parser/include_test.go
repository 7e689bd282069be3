package parser

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// files is an FS of files with these texts.
func files(texts map[string]string) fstest.MapFS {
	fs := fstest.MapFS{}
	for name, text := range texts {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

// parseFiles parses main.cfg, or the file of that name, from these files.
func parseFiles(t *testing.T, name string, texts map[string]string) *File {
	t.Helper()
	f, err := ParseFile(name, Options{Dialect: dialect23(t), FS: files(texts)})
	if err != nil {
		t.Fatal(err)
	}
	checkFile(t, f)
	return f
}

func sourceNames(f *File) []string {
	var names []string
	for _, src := range f.Sources.All() {
		names = append(names, src.Name)
	}
	return names
}

// What an include has is read where it stands.
func TestIncludeInPlace(t *testing.T) {
	tests := map[string]struct {
		texts map[string]string
		want  string
	}{
		"statement": {
			map[string]string{"main.cfg": "log_level=1\ninclude_file \"a.cfg\"\nlog_level=3\n", "a.cfg": "log_level=2\n"},
			"(Global log_level 1) (Global log_level 2) (Global log_level 3)",
		},
		"action": {
			map[string]string{"main.cfg": "route {\n a();\n include_file \"a.cfg\"\n c();\n}\n", "a.cfg": "b();"},
			"(Route route (Block [(Call a []) (Call b []) (Call c [])]))",
		},
		"within an action": {
			map[string]string{"main.cfg": "route { a(include_file \"a.cfg\" ); }\n", "a.cfg": "\"x\", 5"},
			"(Route route (Block [(Call a [\"x\" 5])]))",
		},
		"end of a route": {
			map[string]string{"main.cfg": "route {\ninclude_file \"a.cfg\"\n", "a.cfg": "exit; } route[a] { exit; }"},
			"(Route route (Block [(Call exit core bare [])])) (Route route (RouteName a) (Block [(Call exit core bare [])]))",
		},
		"begin of a route": {
			map[string]string{"main.cfg": "include_file \"a.cfg\"\nb(); }\n", "a.cfg": "route { a();"},
			"(Route route (Block [(Call a []) (Call b [])]))",
		},
		"twice": {
			map[string]string{"main.cfg": "include_file \"a.cfg\"\nimport_file \"a.cfg\"\n", "a.cfg": "log_level=1"},
			"(Global log_level 1) (Global log_level 1)",
		},
		"import missing": {
			map[string]string{"main.cfg": "log_level=1\nimport_file \"a.cfg\"\nlog_level=2\n"},
			"(Global log_level 1) (Global log_level 2)",
		},
		"empty": {
			map[string]string{"main.cfg": "log_level=1 include_file \"a.cfg\"\n", "a.cfg": ""},
			"(Global log_level 1)",
		},
		"tokens do not join": {
			map[string]string{"main.cfg": "log_level=1 include_file \"a.cfg\"\n", "a.cfg": "children=4"},
			"(Global log_level 1) (Global children 4)",
		},
		"in a comment or a string": {
			map[string]string{"main.cfg": "# include_file \"a.cfg\"\nlog_name=\"include_file 'a.cfg' \"\n"},
			"(Global log_name \"include_file 'a.cfg' \")",
		},
		"on the next line": {
			map[string]string{"main.cfg": "include_file\n\t \"a.cfg\"\n", "a.cfg": "log_level=1"},
			"(Global log_level 1)",
		},
		"escapes of the name": {
			map[string]string{"main.cfg": "include_file \"\\a\\.c\\fg\" \n", "a.cfg": "log_level=1"},
			"(Global log_level 1)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := parseFiles(t, "main.cfg", test.texts)
			for _, finding := range f.Findings {
				if finding.Rule != ruleImportSkipped.ID {
					t.Error(finding)
				}
			}
			if diff := cmp.Diff(test.want, dumpFile(f)); diff != "" || f.Unread {
				t.Errorf("unread %v, tree (-want +have):\n%s", f.Unread, diff)
			}
		})
	}
}

// A name is looked up as it is given, then beside the file that includes it.
func TestIncludeLookup(t *testing.T) {
	tests := map[string]struct {
		main  string
		texts map[string]string
		want  []string
	}{
		"beside": {
			"etc/main.cfg",
			map[string]string{"etc/main.cfg": "include_file \"a.cfg\"\n", "etc/a.cfg": ""},
			[]string{"etc/main.cfg", "etc/a.cfg"},
		},
		"as given": {
			"etc/main.cfg",
			map[string]string{"etc/main.cfg": "include_file \"lib/a.cfg\"\n", "lib/a.cfg": ""},
			[]string{"etc/main.cfg", "lib/a.cfg"},
		},
		"as given first": {
			"etc/main.cfg",
			map[string]string{"etc/main.cfg": "include_file \"a.cfg\"\n", "a.cfg": "", "etc/a.cfg": ""},
			[]string{"etc/main.cfg", "a.cfg"},
		},
		"beside the file that includes": {
			"main.cfg",
			map[string]string{"main.cfg": "include_file \"etc/a.cfg\"\n", "etc/a.cfg": "include_file \"b.cfg\"\n", "etc/b.cfg": ""},
			[]string{"main.cfg", "etc/a.cfg", "etc/b.cfg"},
		},
		"above": {
			"etc/main.cfg",
			map[string]string{"etc/main.cfg": "include_file \"../a.cfg\"\n", "a.cfg": ""},
			[]string{"etc/main.cfg", "a.cfg"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := parseFiles(t, test.main, test.texts)
			if diff := cmp.Diff(test.want, sourceNames(f)); diff != "" {
				t.Errorf("files (-want +have):\n%s%s", diff, findings(f))
			}
		})
	}
}

func TestIncludeRefused(t *testing.T) {
	long := strings.Repeat("a", maxIncludeLength-2)
	tests := map[string]struct {
		texts map[string]string
		want  string
	}{
		"missing": {
			map[string]string{"main.cfg": "log_level=1\ninclude_file \"a.cfg\"\nlog_level=\n"},
			"main.cfg:2:14-21: error: cannot read include_file \"a.cfg\": file does not exist [include]\n",
		},
		"import missing": {
			map[string]string{"main.cfg": "import_file \"a.cfg\"\nlog_level=1\n"},
			"main.cfg:1:1-20: notice: import_file \"a.cfg\" does not exist and is skipped [import-skipped]\n",
		},
		"directory": {
			map[string]string{"main.cfg": "import_file \"a\"\n", "a/b.cfg": ""},
			"main.cfg:1:13-16: error: cannot read import_file \"a\": is a directory [include]\n",
		},
		"no quotes": {
			map[string]string{"main.cfg": "include_file a.cfg\n"},
			"main.cfg:1:14-19: error: expected a file name in double quotes after \"include_file\", found \"a.cfg\" [include]\n",
		},
		"single quotes": {
			map[string]string{"main.cfg": "include_file 'a.cfg'\n"},
			"main.cfg:1:14-21: error: expected a file name in double quotes after \"include_file\", found \"'a.cfg'\" [include]\n",
		},
		"one quote": {
			map[string]string{"main.cfg": "include_file \"\n"},
			"main.cfg:1:14-15: error: expected a file name in double quotes after \"include_file\", found \"\\\"\" [include]\n",
		},
		"no name": {
			map[string]string{"main.cfg": "include_file \"\"\n"},
			"main.cfg:1:14-16: error: file name after \"include_file\" is empty [include]\n",
		},
		"nothing": {
			map[string]string{"main.cfg": "include_file"},
			"main.cfg:1:13: error: expected a file name in double quotes after \"include_file\", found end of file [include]\n",
		},
		"blank in the name": {
			map[string]string{"main.cfg": "include_file \"a b\"\n"},
			"main.cfg:1:14-16: error: expected a file name in double quotes after \"include_file\", found \"\\\"a\" [include]\n",
		},
		"nothing behind the name": {
			map[string]string{"main.cfg": "include_file \"a.cfg\";\n"},
			"main.cfg:1:14-22: error: expected a file name in double quotes after \"include_file\", found \"\\\"a.cfg\\\";\" [include]\n" +
				"\thelp: white space has to follow the name\n",
		},
		"carriage return": {
			map[string]string{"main.cfg": "include_file \"a.cfg\"\r\n"},
			"main.cfg:1:14-22: error: expected a file name in double quotes after \"include_file\", found \"\\\"a.cfg\\\"\\r\" [include]\n" +
				"\thelp: the line ends in CR LF, and the CR counts as part of the name: save the file with plain newlines\n",
		},
		"longest name": {
			map[string]string{"main.cfg": "include_file \"" + long + "\"\n"},
			"main.cfg:1:14-141: error: cannot read include_file \"" + long + "\": file does not exist [include]\n",
		},
		"too long a name": {
			map[string]string{"main.cfg": "include_file \"" + long + "a\"\n", long + "a": ""},
			"main.cfg:1:14-142: error: file name after \"include_file\" has 128 bytes with its quotes, more than 127 [include]\n",
		},
		"itself": {
			map[string]string{"main.cfg": "log_level=1\ninclude_file \"main.cfg\"\n"},
			"main.cfg:2:14-24: error: include_file \"main.cfg\" leads back to this file, without end [include]\n",
		},
		"itself by another name": {
			map[string]string{"main.cfg": "include_file \"a/b.cfg\"\n", "a/b.cfg": "include_file \"../main.cfg\"\n"},
			"a/b.cfg:1:14-27: error: include_file \"../main.cfg\" leads back to this file, without end [include]\n" +
				"\tmain.cfg:1:1: included from here\n",
		},
		"in a circle": {
			map[string]string{"main.cfg": "\n include_file \"a.cfg\"\n", "a.cfg": "\n\ninclude_file \"b.cfg\"\n", "b.cfg": "include_file \"a.cfg\"\n"},
			"b.cfg:1:14-21: error: include_file \"a.cfg\" leads back to this file, without end [include]\n" +
				"\ta.cfg:3:1: included from here\n\tmain.cfg:2:2: included from here\n",
		},
		"error within": {
			map[string]string{"main.cfg": "log_level=\ninclude_file \"a.cfg\"\nlog_level=\n", "a.cfg": "children=x\ninclude_file \"b.cfg\"\n", "b.cfg": "children=y\n?"},
			"a.cfg:1:1-9: error: expected a number after \"=\", found \"children\" [syntax]\n\tmain.cfg:2:1: included from here\n" +
				"a.cfg:1:10-11: error: expected a number after \"=\", found \"x\" [syntax]\n\tmain.cfg:2:1: included from here\n" +
				"b.cfg:1:10-11: error: expected a number after \"=\", found \"y\" [syntax]\n" +
				"\ta.cfg:2:1: included from here\n\tmain.cfg:2:1: included from here\n" +
				"b.cfg:2:1-2: warning: \"?\" is no part of the language and is ignored [ignored-bytes]\n" +
				"\ta.cfg:2:1: included from here\n\tmain.cfg:2:1: included from here\n" +
				"main.cfg:4:1: error: expected a number after \"=\", found end of file [syntax]\n",
		},
		"error behind a statement that began within": {
			map[string]string{"main.cfg": "include_file \"a.cfg\"\n, 5 6)\n", "a.cfg": "modparam(\"a\", \"b\""},
			"main.cfg:2:5-6: error: expected \")\" after number 5, found number 6 [syntax]\n",
		},
		"error within a statement that began before": {
			map[string]string{"main.cfg": "modparam(\"a\", \"b\" include_file \"a.cfg\" )\n", "a.cfg": ", 5 6"},
			"a.cfg:1:5-6: error: expected \")\" after number 5, found number 6 [syntax]\n\tmain.cfg:1:19: included from here\n",
		},
		"error behind an include": {
			map[string]string{"main.cfg": "modparam(\"a\", include_file \"a.cfg\"\n , 5 6)\nlog_level=x\n", "a.cfg": "\"b\""},
			"main.cfg:2:6-7: error: expected \")\" after number 5, found number 6 [syntax]\n" +
				"main.cfg:3:11-12: error: expected a number after \"=\", found \"x\" [syntax]\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := parseFiles(t, "main.cfg", test.texts)
			if diff := cmp.Diff(test.want, findings(f)); diff != "" {
				t.Errorf("findings (-want +have):\n%s", diff)
			}
			refused := slices.ContainsFunc(f.Findings, func(f Finding) bool { return f.Rule == ruleInclude.ID })
			if f.Unread != refused {
				t.Errorf("unread %v, want %v", f.Unread, refused)
			}
		})
	}
}

// An include that fails ends the script: what is behind may depend on it.
func TestNothingIsReadBehindABrokenInclude(t *testing.T) {
	f := parseFiles(t, "main.cfg", map[string]string{"main.cfg": "log_level=1\ninclude_file \"a.cfg\"\nlog_level=x\n"})
	if have := dumpFile(f); have != "(Global log_level 1)" || len(f.Findings) != 1 || !f.Unread {
		t.Errorf("%s, unread %v, findings:\n%s", have, f.Unread, findings(f))
	}
}

func TestIncludeDepth(t *testing.T) {
	for _, depth := range []int{maxIncludeDepth, maxIncludeDepth + 1} {
		texts := map[string]string{"main.cfg": "include_file \"1.cfg\"\n"}
		for i := 1; i < depth; i++ {
			texts[fmt.Sprintf("%d.cfg", i)] = fmt.Sprintf("include_file \"%d.cfg\"\n", i+1)
		}
		texts[fmt.Sprintf("%d.cfg", depth)] = "log_level=1\n"
		f := parseFiles(t, "main.cfg", texts)
		if deep := depth > maxIncludeDepth; f.Unread != deep || (len(f.Findings) > 0) != deep {
			t.Errorf("depth %d: unread %v, findings:\n%s", depth, f.Unread, findings(f))
		}
	}
}

// Few small files can make up a huge script.
func TestIncludesAreLimited(t *testing.T) {
	texts := map[string]string{"main.cfg": strings.Repeat("include_file \"1.cfg\"\n", 20)}
	for i := 1; i < 6; i++ {
		texts[fmt.Sprintf("%d.cfg", i)] = strings.Repeat(fmt.Sprintf("include_file \"%d.cfg\"\n", i+1), 20)
	}
	texts["6.cfg"] = ""
	f := parseFiles(t, "main.cfg", texts)
	if len(f.Findings) != 1 || !strings.Contains(f.Findings[0].Message, "is one of more than 10000 files") || !f.Unread {
		t.Errorf("unread %v, findings:\n%s", f.Unread, findings(f))
	}
	if n := len(f.Sources.All()); n > maxSources {
		t.Errorf("%d sources", n)
	}
}

// All files of a script together may have MaxInput bytes.
func TestInputIsLimited(t *testing.T) {
	big := "#" + strings.Repeat("-", MaxInput/2-50) + "\n" // what is read fastest
	texts := map[string]string{"main.cfg": "include_file \"a.cfg\"\ninclude_file \"a.cfg\"\n", "a.cfg": big}
	f := parseFiles(t, "main.cfg", texts)
	if len(f.Findings) > 0 && f.Findings[0].Rule == ruleInclude.ID {
		t.Errorf("less than the limit: %s", findings(f))
	}
	texts["a.cfg"] = big + big
	f = parseFiles(t, "main.cfg", texts)
	if len(f.Findings) != 1 || !strings.Contains(f.Findings[0].Message, "is larger than 64 MB") {
		t.Errorf("more than the limit: %s", findings(f))
	}
	if _, err := Parse("main.cfg", strings.Repeat(" ", MaxInput+1), Options{Dialect: dialect23(t)}); err == nil {
		t.Error("a text that is larger than the limit was parsed")
	}
}

func TestIncludeWithoutFiles(t *testing.T) {
	f := parseText(t, dialect23(t), "include_file \"a.cfg\"\n")
	if len(f.Findings) != 1 || f.Findings[0].Rule != ruleInclude.ID {
		t.Errorf("findings:\n%s", findings(f))
	}
	f = parseText(t, dialect23(t), "import_file \"a.cfg\"\nlog_level=1\n")
	if len(f.Findings) != 1 || f.Findings[0].Rule != ruleImportSkipped.ID {
		t.Errorf("findings:\n%s", findings(f))
	}
	if _, err := ParseFile("main.cfg", Options{Dialect: dialect23(t)}); err == nil {
		t.Error("a file was read without files")
	}
}

// Places in files that include each other compare as the server meets them.
func TestSourcesCompare(t *testing.T) {
	f := parseFiles(t, "main.cfg", map[string]string{
		"main.cfg": "children=1\ninclude_file \"a.cfg\"\nchildren=4\n", "a.cfg": "children=2\ninclude_file \"b.cfg\"\n", "b.cfg": "children=3\n",
	})
	var places []Pos
	for _, s := range f.Statements {
		places = append(places, s.Pos(), s.End())
	}
	for i, a := range places {
		for j, b := range places {
			have := f.Sources.Compare(a, b)
			if (have < 0) != (i < j) || (have > 0) != (i > j) {
				t.Errorf("%s and %s: %d", f.Sources.Position(a), f.Sources.Position(b), have)
			}
		}
	}
}

func TestSourcesPosition(t *testing.T) {
	f := parseFiles(t, "main.cfg", map[string]string{"main.cfg": "log_level=1\n\n  include_file \"a.cfg\"\nchildren=2", "a.cfg": "\r\nport=1\r\n"})
	var have []string
	for _, s := range f.Statements {
		span := f.Sources.Span(s)
		have = append(have, fmt.Sprintf("%s-%d:%d %v", span.Start, span.End.Line, span.End.Column, f.Sources.Includes(s.Pos())))
	}
	want := []string{"main.cfg:1:1-1:12 []", "a.cfg:2:1-2:7 [main.cfg:3:3]", "main.cfg:4:1-4:11 []"}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("places (-want +have):\n%s", diff)
	}
	lines := f.Sources.All()[1]
	for n, want := range map[int]string{0: "", 1: "", 2: "port=1", 3: "", 4: ""} {
		if have := lines.Line(n); have != want {
			t.Errorf("line %d: %q, want %q", n, have, want)
		}
	}
	if p := f.Sources.Position(0); p.IsValid() {
		t.Errorf("no place is at %s", p)
	}
}
