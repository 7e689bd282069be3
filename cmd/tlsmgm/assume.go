package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

// checkAssumed refuses --assume for a function that the version does not have: a
// slip would leave the real one as it is.
func checkAssumed(assumed map[string]int, v catalogue.Version) error {
	if len(assumed) == 0 {
		return nil
	}
	c := catalogue.For(v)
	known := slices.Concat(c.Names(catalogue.KindFunction), c.Names(catalogue.KindStatement))
	for _, name := range slices.Sorted(maps.Keys(assumed)) {
		if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			continue
		}
		hint := ""
		if near := catalogue.Nearest(name, known); near != "" {
			hint = fmt.Sprintf(": did you mean %q", near)
		}
		return wrongUsage("--assume: OpenSIPS %s has no function %q%s", v, name, hint)
	}
	return nil
}
