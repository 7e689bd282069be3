package commands

import (
	"os"

	"github.com/opensips-tools/tlsmgm/mi"
)

// ps lists the one process there is, under the name that OpenSIPS has for its
// first.
func ps() mi.Command {
	return mi.PS(func() []mi.Process {
		return []mi.Process{{PID: os.Getpid(), Type: "attendant"}}
	})
}
