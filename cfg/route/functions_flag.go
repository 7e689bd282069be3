package route

import (
	"slices"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
)

// flagKind says what a flag belongs to.
type flagKind int

const (
	messageFlag flagKind = iota
	branchFlag           // with the branch as an argument before it; 0 without
	scriptFlag
)

// flagSet is the set that a flag belongs to, with its name there.
func (r *run) flagSet(kind flagKind, args []pv.Value) (set *[]string, name string) {
	name = textOf(arg(args, len(args)-1))
	switch kind {
	case messageFlag:
		return &r.scope.Flags, name
	case branchFlag:
		if branch := textOf(arg(args, 0)); len(args) > 1 && branch != "0" {
			return &r.otherFlags, branch + "/" + name
		}
		return &r.scope.BranchFlags, name
	}
	return &r.otherFlags, name
}

func flagSetter(kind flagKind, on bool) func(*run, *callSite, []pv.Value) int {
	return func(r *run, _ *callSite, args []pv.Value) int {
		set, name := r.flagSet(kind, args)
		at := slices.Index(*set, name)
		switch {
		case on && at < 0:
			record(set, name)
		case !on && at >= 0:
			*set = slices.Delete(*set, at, at+1)
		}
		return codeOK
	}
}

func flagTest(kind flagKind) func(*run, *callSite, []pv.Value) int {
	return func(r *run, _ *callSite, args []pv.Value) int {
		set, name := r.flagSet(kind, args)
		return codeOf(slices.Contains(*set, name))
	}
}
