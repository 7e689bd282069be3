package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func span(file string, line, column, endLine, endColumn int) diag.Span {
	return diag.Span{
		Start: diag.Position{File: file, Line: line, Column: column},
		End:   diag.Position{File: file, Line: endLine, Column: endColumn},
	}
}

// tlsReport has a finding with everything, one without a place, and two files.
func tlsReport() *Report {
	return &Report{
		OpenSIPS: catalogue.Default,
		Files: []File{
			{
				Name: "a.cfg", Read: Rejected,
				Sources: []*parser.Source{
					{Name: "a.cfg", Text: "include_file \"tls.cfg\"\n"},
					{Name: "tls.cfg", Text: "listen=tls:192.0.2.1:5061\nroute {\n\texit;\n"},
				},
				Diagnostics: diag.List{
					{
						Span: span("tls.cfg", 2, 7, 4, 1), Severity: diag.Error, Stage: diag.Read, Rule: "unclosed",
						Message: "the route is not closed", Help: "add a }\nor remove the {",
						Related: []diag.Related{{Span: span("a.cfg", 1, 1, 1, 1), Message: "included from here"}},
					},
					{Severity: diag.Notice, Stage: diag.Lint, Rule: "whole", Message: "about the file"},
				},
			},
			{Name: "b.cfg", Read: Accepted},
		},
	}
}

func TestWriteText(t *testing.T) {
	want := `tls.cfg:2:7: error: the route is not closed [unclosed]
    2 | route {
      |       ^
      = help: add a }
              or remove the {
      = a.cfg:1:1: included from here
a.cfg: notice: about the file [whole]
2 files: 1 error, 1 notice; OpenSIPS 2.3 rejects a.cfg
`
	var got strings.Builder
	if err := WriteText(&got, tlsReport(), false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWriteTextInColor(t *testing.T) {
	var plain, colored strings.Builder
	if err := errors.Join(WriteText(&plain, tlsReport(), false), WriteText(&colored, tlsReport(), true)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(colored.String(), "\x1b[1;31merror\x1b[0m") {
		t.Errorf("the error is not red:\n%q", colored.String())
	}
	removed := strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[1;31m", "", "\x1b[1;36m", "").Replace(colored.String())
	if diff := cmp.Diff(plain.String(), removed); diff != "" {
		t.Errorf("without the colours it is another text, -plain +coloured\n%s", diff)
	}
}

func TestSummary(t *testing.T) {
	found := func(severities ...diag.Severity) (l diag.List) {
		for _, s := range severities {
			l = append(l, diag.Diagnostic{Severity: s})
		}
		return l
	}
	for _, tt := range []struct {
		files []File
		want  string
	}{
		{[]File{{Name: "a", Read: Accepted}}, "a: no findings; OpenSIPS 2.3 accepts it"},
		{
			[]File{{Name: "a", Read: Accepted, Diagnostics: found(diag.Warning, diag.Warning, diag.Notice)}},
			"a: 2 warnings, 1 notice; OpenSIPS 2.3 accepts it",
		},
		{
			[]File{{Name: "a\x1b", Read: Rejected, Diagnostics: found(diag.Error)}},
			`a\x1b: 1 error; OpenSIPS 2.3 rejects it`,
		},
		{[]File{{Name: "a", Read: Accepted}, {Name: "b", Read: Accepted}}, "2 files: no findings; OpenSIPS 2.3 accepts them"},
		{
			[]File{{Name: "a", Read: Rejected}, {Name: "b", Read: Accepted}, {Name: "c", Read: Rejected}},
			"3 files: no findings; OpenSIPS 2.3 rejects a, c",
		},
		{[]File{{Name: "a"}, {Name: "b", Read: Accepted}}, "1 of 2 files: no findings; OpenSIPS 2.3 accepts them"},
		{[]File{{Name: "a"}}, ""},
	} {
		var got strings.Builder
		if err := WriteText(&got, &Report{OpenSIPS: catalogue.Default, Files: tt.files}, false); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(got.String(), "\n"), "\n")
		if last := lines[len(lines)-1]; last != tt.want {
			t.Errorf("%+v\n got %s\nwant %s", tt.files, last, tt.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		files []File
		read  Reading
		start Starting
	}{
		{[]File{{Read: Accepted}}, Accepted, Unknown},
		{[]File{{Read: Accepted, Start: Runs}}, Accepted, Runs},
		{[]File{{Read: Accepted, Start: Runs}, {Read: Accepted, Start: Stops}}, Accepted, Stops},
		{[]File{{Read: Accepted, Start: Runs}, {Read: Accepted}}, Accepted, Unknown},
		{[]File{{Read: Accepted}, {Read: Rejected}}, Rejected, Stops},
		{[]File{{Read: Rejected}, {Read: Accepted}}, Rejected, Stops},
		{[]File{{Name: "unreadable"}}, Rejected, Stops},
	} {
		if read, start := (&Report{Files: tt.files}).Verdict(); read != tt.read || start != tt.start {
			t.Errorf("%+v: %s, %s; want %s, %s", tt.files, read, start, tt.read, tt.start)
		}
	}
}

func TestWriteJSON(t *testing.T) {
	want := `{"opensips":"2.3","files":["a.cfg","b.cfg"],"diagnostics":[` +
		`{"file":"tls.cfg","line":2,"column":7,"end_line":4,"end_column":1,"severity":"error","stage":"read","rule":"unclosed",` +
		`"message":"the route is not closed","help":"add a }\nor remove the {","related":[` +
		`{"file":"a.cfg","line":1,"column":1,"end_line":1,"end_column":1,"message":"included from here"}],` +
		`"fixes":[],"help_url":"","fingerprint":"8c3d12066040baa9084612c28b678f76"},` +
		`{"file":"a.cfg","line":1,"column":1,"end_line":1,"end_column":1,"severity":"notice","stage":"lint","rule":"whole",` +
		`"message":"about the file","help":"","related":[],` +
		`"fixes":[],"help_url":"","fingerprint":"6f4614b4e8106a16b3720e6bbf7f97a1"}],` +
		`"verdict":{"read":"rejected","start":"stops"},"summary":{"errors":1,"warnings":0,"notices":1}}` + "\n"
	var got strings.Builder
	if err := WriteJSON(&got, tlsReport()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWriteJSONOfNothing(t *testing.T) {
	var got strings.Builder
	if err := WriteJSON(&got, &Report{OpenSIPS: catalogue.Default}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got.String(), "null") {
		t.Errorf("a list is null: %s", got.String())
	}
}

// Names and messages hold bytes of scripts, which may be anything.
func TestWriteJSONOfAnything(t *testing.T) {
	text := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
	rapid.Check(t, func(t *rapid.T) {
		r := &Report{OpenSIPS: catalogue.Default, Files: []File{{
			Name: text.Draw(t, "name"),
			Diagnostics: diag.List{{
				Message: text.Draw(t, "message"), Help: text.Draw(t, "help"),
				Related: []diag.Related{{Message: text.Draw(t, "related")}},
			}},
		}}}
		var got bytes.Buffer
		if err := WriteJSON(&got, r); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(got.Bytes()) || bytes.Count(got.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("not one line of JSON: %q", got.Bytes())
		}
	})
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

var errBroken = errors.New("broken pipe")
