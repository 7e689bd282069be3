package trace

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/parser"
)

// Assignment sets a variable before a route runs.
type Assignment struct {
	variable *pv.Variable
	value    pv.Value
}

// UnmarshalText reads NAME=VALUE, such as avp(tls_cli_dom)=dom4. The dollar sign
// may be there. A value that is a number is one as well as a text.
func (a *Assignment) UnmarshalText(text []byte) error {
	name, value, ok := strings.Cut(string(text), "=")
	if !ok {
		return fmt.Errorf("expected VARIABLE=VALUE, such as avp(name)=text, found %q", text)
	}
	parsed, err := parser.ParseVar("$" + strings.TrimPrefix(name, "$"))
	if err != nil {
		return err
	}
	if a.variable, err = pv.Compile(parsed); err != nil {
		return err
	}
	if a.variable.Set == nil {
		return fmt.Errorf("%s cannot be set", a.variable.Raw)
	}
	a.value = pv.TextValue(value)
	if n, err := strconv.ParseInt(value, 10, 32); err == nil {
		a.value = pv.BothValue(value, n)
	}
	return nil
}

func (a *Assignment) apply(s *pv.Scope) error {
	if err := a.variable.Set(s, a.value); err != nil {
		return fmt.Errorf("set %s: %w", a.variable.Raw, err)
	}
	return nil
}
