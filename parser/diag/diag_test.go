package diag

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	rule  = &Rule{ID: "some-rule", Stage: Start, Severity: Warning, Doc: "Something is odd."}
	place = Span{Position{"a.cfg", 4, 2, 3}, Position{"a.cfg", 6, 2, 5}}
)

func TestPosition(t *testing.T) {
	tests := map[string]Position{
		"a.cfg:2:3": {"a.cfg", 4, 2, 3},
		"a.cfg":     {File: "a.cfg"},
		"":          {},
	}
	for want, p := range tests {
		if p.String() != want {
			t.Errorf("%#v: %q, want %q", p, p, want)
		}
		if valid := want == "a.cfg:2:3"; p.IsValid() != valid || (Span{Start: p}).IsValid() != valid {
			t.Errorf("%q: valid %v, want %v", want, p.IsValid(), valid)
		}
	}
}

func TestSeverity(t *testing.T) {
	names := map[Severity]string{Error: "error", Warning: "warning", Notice: "notice"}
	if len(names) != len(severityNames) {
		t.Errorf("%d severities have names, %d are tested", len(severityNames), len(names))
	}
	for s, name := range names {
		text, err := json.Marshal(s)
		if err != nil || string(text) != `"`+name+`"` || s.String() != name {
			t.Errorf("%s is %s, %v", name, text, err)
		}
		var back Severity
		if err := json.Unmarshal(text, &back); err != nil || back != s {
			t.Errorf("%s is read as %s, %v", text, back, err)
		}
	}
	var s Severity
	if err := json.Unmarshal([]byte(`"fatal"`), &s); err == nil {
		t.Error("an unknown severity was read")
	}
	if s != Error {
		t.Errorf("the zero severity is %s", s)
	}
}

func TestDiagnostic(t *testing.T) {
	d := New(rule, place, "it is odd")
	want := Diagnostic{Span: place, Severity: Warning, Stage: Start, Rule: "some-rule", Message: "it is odd"}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
	if have := d.String(); have != "a.cfg:2:3: warning: it is odd [some-rule]" {
		t.Error(have)
	}
	if have := d.WithHelp("write %q", "x").Help; have != `write "x"` || d.Help != "" {
		t.Errorf("help %q, and %q before", have, d.Help)
	}
}

// A diagnostic is a value: what is made of it leaves it as it was.
func TestWithRelated(t *testing.T) {
	d := New(rule, place, "it is odd").WithRelated(place, "first")
	one, other := d.WithRelated(place, "second"), d.WithRelated(place, "third").WithRelated(Span{}, "nowhere")
	if diff := cmp.Diff([]Related{{place, "first"}, {place, "second"}}, one.Related); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
	if diff := cmp.Diff([]Related{{place, "first"}, {place, "third"}}, other.Related); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
	if len(d.Related) != 1 {
		t.Errorf("%d places", len(d.Related))
	}
}

func TestList(t *testing.T) {
	at := func(offset int, stage Stage, severity Severity) Diagnostic {
		p := Position{"a.cfg", offset, 1, offset + 1}
		return Diagnostic{Span: Span{p, p}, Stage: stage, Severity: severity}
	}
	list := List{at(5, Read, Error), at(3, Read, Warning), at(5, Start, Warning), at(0, Lint, Notice)}
	if e, w, n := list.Count(); e != 1 || w != 2 || n != 1 {
		t.Errorf("%d errors, %d warnings, %d notices", e, w, n)
	}
	if !list.Has(Start, Warning) || list.Has(Start, Error) || List(nil).Has(Read, Error) {
		t.Error("a list has what it has not, or has not what it has")
	}
	list.SortByPosition()
	want := List{at(0, Lint, Notice), at(3, Read, Warning), at(5, Read, Error), at(5, Start, Warning)}
	if diff := cmp.Diff(want, list); diff != "" || !slices.IsSortedFunc(list, func(a, b Diagnostic) int { return a.Span.Start.Offset - b.Span.Start.Offset }) {
		t.Errorf("(-want +have):\n%s", diff)
	}
}
