package route

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
)

// printf is avp_printf and pv_printf: the first argument is a variable, with or
// without quotes.
func printf(r *run, site *callSite, args []pv.Value) int {
	target := site.target(0)
	if target == nil || target.Set == nil {
		r.warn(site.site, "%s has no variable to write to", site.name)
		return codeFalse
	}
	v, code := r.assign(&assignment{at: site.site, target: target, write: target.Set}, pv.TextValue(arg(args, 1).String()))
	if r.tracer != nil {
		result := int64(code)
		r.trace(site.site, len(r.reads), Event{Kind: KindAssign, Target: target.Raw, Value: plain(v), Code: &result})
	}
	return code
}

// target is the variable that an argument is, nil if it is none.
func (s *callSite) target(i int) *pv.Variable {
	if i < len(s.args) {
		return s.args[i].variable
	}
	return nil
}

// avpDelete is avp_delete("$avp(x)/g").
func avpDelete(r *run, site *callSite, args []pv.Value) int {
	target := site.target(0)
	if target == nil || target.Set == nil {
		r.warn(site.site, "%s has no AVP to delete", site.name)
		return codeFalse
	}
	if target.Get(r.scope).IsNull() {
		return codeFalse
	}
	remove := target.Set
	if target.Replace != nil && strings.Contains(site.flags+textOf(arg(args, 1)), "g") {
		remove = target.Replace
	}
	return codeOf(remove(r.scope, pv.Value{}) == nil)
}

// isAVPSet is is_avp_set("$avp(x)/sne"): s asks for a text, n for a number, e for
// an empty one.
func isAVPSet(_ *run, site *callSite, args []pv.Value) int {
	v := arg(args, 0)
	flags := site.flags + textOf(arg(args, 1))
	switch {
	case v.IsNull():
		return codeFalse
	case strings.Contains(flags, "n") && !v.IsInt, strings.Contains(flags, "s") && v.IsInt:
		return codeFalse
	case strings.Contains(flags, "e"):
		return codeOf(!v.IsInt && v.Text == "" || v.IsInt && v.Int == 0)
	}
	return codeOK
}
