package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue/internal/span"
)

// kinds lists the kinds of line in the order in which a block has them.
var kinds = []string{
	"type", "dir", "depends", "param", "param_depends", "global", "statement",
	"function", "async", "mi", "variable", "route", "protocol",
}

// header explains the file to who reads it or its diffs.
const header = `# What each version of OpenSIPS offers to a script. Made by "go generate"; do not edit.
#
# A block for the core and one for each module, apart by empty lines. A line is a kind, the
# versions that have it and its fields, apart by tabs. Versions: "-" is as long as the block,
# "3.0-" since, "-2.4" until, "2.2-2.4" both, "2.3" that one, a comma between several.
#
# module         name
# type           what the module is, where that is not "default"
# dir            source folder, where that is not the name
# depends        type, module or *, what happens if it is missing
# param          name, type, "callback" if each setting of it counts
# param_depends  name, condition, what it then requires
# global         name, a kind of value
# statement      name, a shape of arguments ("-": without brackets)
# function       name, number of arguments or (their types, [an optional one]), route kinds
# async          the same, for functions that async() and launch() may call
# mi, variable, route, protocol   name
`

// line is one line of the data file without its versions.
type line struct{ kind, fields string }

func compareLines(a, b line) int {
	return cmp.Or(
		cmp.Compare(slices.Index(kinds, a.kind), slices.Index(kinds, b.kind)),
		cmp.Compare(a.fields, b.fields))
}

// block gathers the lines of the core or of a module. Sets of versions are bit
// sets over the folded versions.
type block struct {
	versions uint64
	lines    map[line]uint64
}

func (b *block) add(version uint64, lines []line) {
	b.versions |= version
	for _, l := range lines {
		b.lines[l] |= version
	}
}

// fold makes the data file of the snapshots.
func fold(snapshots []snapshot) ([]byte, error) {
	versions, err := order(snapshots)
	if err != nil {
		return nil, err
	}
	theCore, modules := newBlock(), map[string]*block{}
	for i, s := range snapshots {
		if err := normalise(&s); err != nil {
			return nil, err
		}
		theCore.add(1<<i, s.Core.lines())
		for name, m := range s.Modules {
			if modules[name] == nil {
				modules[name] = newBlock()
			}
			modules[name].add(1<<i, m.lines(name))
		}
	}
	var out bytes.Buffer
	out.WriteString(header)
	fmt.Fprintf(&out, "versions\t%s\t%s\n", span.Life, versionList(versions))
	theCore.write(&out, versions, "core")
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		modules[name].write(&out, versions, "module", name)
	}
	return out.Bytes(), nil
}

func newBlock() *block { return &block{lines: map[line]uint64{}} }

// order sorts the snapshots by version and returns the versions' numbers.
func order(snapshots []snapshot) ([]uint16, error) {
	number := func(s snapshot) uint16 { n, _ := span.Number(s.Version); return n }
	slices.SortFunc(snapshots, func(a, b snapshot) int { return cmp.Compare(number(a), number(b)) })
	versions := make([]uint16, len(snapshots))
	for i, s := range snapshots {
		var ok bool
		if versions[i], ok = span.Number(s.Version); !ok {
			return nil, fmt.Errorf("snapshot with the version %q: expected MAJOR.MINOR", s.Version)
		}
		if i > 0 && versions[i] == versions[i-1] {
			return nil, fmt.Errorf("two snapshots of version %q", s.Version)
		}
	}
	if len(versions) > 64 {
		return nil, fmt.Errorf("%d versions: the catalogue has room for 64", len(versions))
	}
	return versions, nil
}

func versionList(versions []uint16) string {
	texts := make([]string, len(versions))
	for i, n := range versions {
		texts[i] = span.Text(n)
	}
	return strings.Join(texts, " ")
}

// write writes the block under a line of its own kind and name.
func (b *block) write(out *bytes.Buffer, versions []uint16, kind string, name ...string) {
	all := uint64(1)<<len(versions) - 1
	fmt.Fprintf(out, "\n%s\n", tabs(slices.Concat([]string{kind, span.Format(b.versions, all, versions)}, name)...))
	for _, l := range slices.SortedFunc(maps.Keys(b.lines), compareLines) {
		fmt.Fprintf(out, "%s\n", tabs(l.kind, span.Format(b.lines[l], b.versions, versions), l.fields))
	}
}
