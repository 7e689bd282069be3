package commands

import (
	"fmt"
	"runtime"

	"github.com/opensips-tools/tlsmgm/mi"
)

// version names this program where a server names itself.
func version(s Server) mi.Command {
	return mi.Version(fmt.Sprintf("tlsmgm (%s (%s/%s)) for OpenSIPS %s", s.Build, runtime.GOARCH, runtime.GOOS, s.Version))
}
