package baseline

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	var b Baseline
	if have := string(b.Text()); have != "{\"version\": 1, \"findings\": [\n]}\n" {
		t.Errorf("empty: %s", have)
	}
	b.Add(Entry{"f2", "b.cfg", "TLS001", "x"})
	b.Add(Entry{"f3", "a.cfg", "TLS002", "say \"<y>\"\xff"})
	b.Add(Entry{"f1", "a.cfg", "TLS001", "z"})
	b.Add(Entry{"f1", "a.cfg", "TLS001", "z"})
	want := `{"version": 1, "findings": [
  {"fingerprint":"f1","file":"a.cfg","rule":"TLS001","message":"z"},
  {"fingerprint":"f3","file":"a.cfg","rule":"TLS002","message":"say \"<y>\"\ufffd"},
  {"fingerprint":"f2","file":"b.cfg","rule":"TLS001","message":"x"}
]}
`
	if diff := cmp.Diff(want, string(b.Text())); diff != "" {
		t.Errorf("-want +have\n%s", diff)
	}
	if b.Len() != 3 || b.Accepts("f4") || !b.Accepts("f1") || !b.Accepts("f1") || b.Gone() != 2 {
		t.Errorf("%d findings, %d gone", b.Len(), b.Gone())
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "not a baseline: EOF",
		"[]":                             "not a baseline: json: cannot unmarshal array",
		`{"version": 2, "findings": []}`: "baseline has version 2, expected 1: write it anew",
		`{"findings": []}`:               "baseline has version 0, expected 1",
		`{"version": 1, "results": []}`:  "not a baseline: json: unknown field",
		`{"version": 1, "findings": [{"file": "a"}]}`: "finding 1 of the baseline has no fingerprint",
		`{"version": 1, "findings": []} x`:            "not a baseline: something follows it",
		`{"version": 1, "findings": [`:                "not a baseline: unexpected EOF",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// What is written is read as the same.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Baseline
		for range rapid.IntRange(0, 9).Draw(t, "n") {
			b.Add(Entry{
				rapid.StringMatching(`[0-9a-f]{4}`).Draw(t, "fingerprint"), rapid.String().Draw(t, "file"),
				rapid.String().Draw(t, "rule"), rapid.String().Draw(t, "message"),
			})
		}
		again, err := Parse(b.Text())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b.entries, again.entries); diff != "" {
			t.Fatalf("-want +have\n%s", diff)
		}
	})
}
