// Package baseline keeps the findings that a project had when it began to look,
// so that new ones stand out.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Entry is a finding that is accepted. It is known by its fingerprint; the rest is
// for people who read the file.
type Entry struct {
	Fingerprint string `json:"fingerprint"`
	File        string `json:"file"`
	Rule        string `json:"rule"`
	Message     string `json:"message"`
}

// Baseline is a set of accepted findings. The zero value is empty.
type Baseline struct {
	entries map[string]Entry
	met     map[string]bool
}

// version is that of the file's form.
const version = 1

// file is what is written: sorted, and an entry a line, so that two of them can be
// compared and merged.
type file struct {
	Version  int     `json:"version"`
	Findings []Entry `json:"findings"`
}

// Parse reads what Write wrote.
func Parse(text []byte) (*Baseline, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var f file
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("not a baseline: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not a baseline: something follows it")
	}
	if f.Version != version {
		return nil, fmt.Errorf("baseline has version %d, expected %d: write it anew", f.Version, version)
	}
	b := &Baseline{}
	for i, e := range f.Findings {
		if e.Fingerprint == "" {
			return nil, fmt.Errorf("finding %d of the baseline has no fingerprint", i+1)
		}
		b.Add(e)
	}
	return b, nil
}

// Add accepts a finding.
func (b *Baseline) Add(e Entry) {
	if b.entries == nil {
		b.entries = map[string]Entry{}
	}
	b.entries[e.Fingerprint] = e
}

// Len is the number of accepted findings.
func (b *Baseline) Len() int { return len(b.entries) }

// Accepts reports whether a finding is accepted, and keeps in mind that it was
// met.
func (b *Baseline) Accepts(fingerprint string) bool {
	if _, known := b.entries[fingerprint]; !known {
		return false
	}
	if b.met == nil {
		b.met = map[string]bool{}
	}
	b.met[fingerprint] = true
	return true
}

// Gone is the number of accepted findings that were not met.
func (b *Baseline) Gone() int { return len(b.entries) - len(b.met) }

// Text is the file.
func (b *Baseline) Text() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\"version\": %d, \"findings\": [", version)
	for i, e := range b.sorted() {
		if i > 0 {
			out.WriteByte(',')
		}
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(e) // texts have no errors
		out.WriteString("\n  ")
		out.Write(bytes.TrimRight(line.Bytes(), "\n"))
	}
	out.WriteString("\n]}\n")
	return out.Bytes()
}

func (b *Baseline) sorted() []Entry {
	list := make([]Entry, 0, len(b.entries))
	for _, e := range b.entries {
		list = append(list, e)
	}
	slices.SortFunc(list, func(x, y Entry) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Message, y.Message), cmp.Compare(x.Fingerprint, y.Fingerprint))
	})
	return list
}
