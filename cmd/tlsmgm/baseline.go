package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/baseline"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/report"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// baselineFlags say which findings are accepted because they are old.
type baselineFlags struct {
	Baseline      string `placeholder:"FILE" complete:"file" help:"Leave out the findings that FILE has, and tell only new ones."`
	WriteBaseline bool   `help:"Write the findings there are into the file of --baseline, but for errors of reading and starting."`
}

// applyBaselines takes out of a report what the baseline of each script accepts,
// after the baselines are written where that is asked for.
func applyBaselines(findings *report.Report, scripts []*script, std streams) error {
	known := map[string]*baseline.Baseline{}
	var order []string
	for i, script := range scripts {
		name := script.Baseline
		switch {
		case name == "" && script.WriteBaseline:
			return wrongUsage("--write-baseline needs --baseline=FILE, or a baseline in the settings")
		case name == "":
			continue
		case known[name] == nil:
			order = append(order, name)
			old, err := readBaseline(name)
			if script.WriteBaseline && (err == nil || errors.Is(err, fs.ErrNotExist)) {
				old, err = &baseline.Baseline{}, nil
			}
			if err != nil { // also where something else would be written over
				return err
			}
			known[name] = old
		}
		acceptBaseline(findings, &findings.Files[i], known[name], script.WriteBaseline)
	}
	for _, name := range order {
		b := known[name]
		switch {
		case scripts[0].WriteBaseline:
			if err := replaceFile(name, b.Text()); err != nil {
				return fmt.Errorf("write the baseline: %w", err)
			}
			fmt.Fprintf(std.err, "tlsmgm: %s has %s now\n", name, counted(b.Len(), "finding"))
		case b.Gone() > 0:
			fmt.Fprintf(std.err, "tlsmgm: %s has %s that %s not there any more: write it anew with --write-baseline\n",
				name, counted(b.Gone(), "finding"), map[bool]string{true: "is", false: "are"}[b.Gone() == 1])
		}
	}
	return nil
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// maxBaseline is more than any baseline has, in bytes.
const maxBaseline = 64 << 20

func readBaseline(name string) (*baseline.Baseline, error) {
	text, err := parser.ReadFile(parser.OS{}, name, maxBaseline)
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: make it with --write-baseline", err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the baseline %s: %w", name, err)
	}
	b, err := baseline.Parse([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("read the baseline %s: %w", name, err)
	}
	return b, nil
}

// acceptBaseline takes the accepted findings out of a file, adding all there are
// to the baseline first if it is to be written. Errors of reading and starting
// stay: the server does not care how old they are.
func acceptBaseline(findings *report.Report, file *report.File, b *baseline.Baseline, write bool) {
	fingerprints := findings.Fingerprints(file)
	left := make([]bool, len(file.Diagnostics))
	var kept []string
	for i, d := range file.Diagnostics {
		serious := d.Stage != diag.Lint && d.Severity == diag.Error
		if write && !serious {
			b.Add(baseline.Entry{
				Fingerprint: fingerprints[i], File: findings.PathOf(file, d), Rule: d.Rule, Message: report.Clean(d.Message),
			})
		}
		if left[i] = serious || !b.Accepts(fingerprints[i]); left[i] {
			kept = append(kept, fingerprints[i])
		}
	}
	keep(file, left)
	file.Fingerprints = kept
}
