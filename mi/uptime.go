package mi

import (
	"context"
	"fmt"
	"time"
)

// clockLayout is the form of C's ctime, which OpenSIPS prints times in.
const clockLayout = time.ANSIC

// Uptime is the command that says since when the server runs. now gives the
// present time, in the zone to print.
func Uptime(started time.Time, now func() time.Time) Command {
	return Command{
		Name:   "uptime",
		Module: "core",
		Help:   "shows when the server started and for how many seconds it has been up",
		Run: func(context.Context, Request) (Result, error) {
			t := now()
			return Object{
				{"Now", String(t.Format(clockLayout))},
				{"Up since", String(started.In(t.Location()).Format(clockLayout))},
				{"Up time", String(fmt.Sprintf("%d [sec]", int64(t.Sub(started)/time.Second)))},
			}, nil
		},
	}
}
