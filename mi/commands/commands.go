// Package commands are the commands of the Management Interface that a registry
// of TLS domains answers: those of OpenSIPS, and further ones that show what a
// real server keeps to itself.
package commands

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mi"
)

// Server is what the commands show and act on.
type Server struct {
	Registry *mgm.Registry
	Version  catalogue.Version // the OpenSIPS that the domains are for
	Build    string            // the version of this program
	Started  time.Time
	Now      func() time.Time // in the zone to print

	// Reload loads the domains anew, as [mgm.Registry.Reload] does.
	Reload func(context.Context, mgm.ReloadOptions) (mgm.Report, error)
	// LastFailure is the last load that failed; nil if the last one went well.
	LastFailure func() *Failure
}

// Failure is a load that failed.
type Failure struct {
	At  time.Time
	Err error
}

// All are the commands of a server, in the order in which they are listed. A
// new one is a file and a line here.
func All(s Server) []mi.Command {
	var requests atomic.Int64
	list := []mi.Command{
		getStatistics(s, &requests),
		mi.Uptime(s.Started, s.Now),
		version(s),
		mi.Which(),
		ps(),
		mi.Help(),
		tlsReload(s),
		tlsList(s),
		tlsShow(s),
		tlsStatus(s),
	}
	for i := range list {
		list[i].Run = counted(list[i].Run, &requests)
	}
	return list
}

func counted(run func(context.Context, mi.Request) (mi.Result, error), requests *atomic.Int64) func(context.Context, mi.Request) (mi.Result, error) {
	return func(ctx context.Context, r mi.Request) (mi.Result, error) {
		requests.Add(1)
		return run(ctx, r)
	}
}
