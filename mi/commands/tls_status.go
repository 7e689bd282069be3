package commands

import (
	"context"

	"github.com/opensips-tools/tlsmgm/mi"
)

// tlsStatus tells how the last load went: what OpenSIPS only logs.
func tlsStatus(s Server) mi.Command {
	return mi.Command{
		Name:    "tls_status",
		Aliases: []string{"tls_mgm:status"},
		Module:  "tls_mgm",
		Help:    "shows when the TLS domains were loaded, which rows were skipped and why, and whether the last reload failed",
		Run: func(context.Context, mi.Request) (mi.Result, error) {
			return s.status(), nil
		},
	}
}

func (s Server) status() mi.Object {
	n := s.count()
	report, stats := s.Registry.LastReport(), s.Registry.Stats()
	o := mi.Object{
		{Name: "loaded_at", Value: timeValue(report.At)},
		{Name: "took_ms", Value: mi.Int(report.Took.Milliseconds())},
		{Name: "server_domains", Value: mi.Int(n.server)},
		{Name: "client_domains", Value: mi.Int(n.client)},
		{Name: "db_domains", Value: mi.Int(n.db)},
		{Name: "script_domains", Value: mi.Int(n.script)},
		{Name: "skipped", Value: rowProblems(report.Skipped)},
		{Name: "warnings", Value: rowProblems(report.Warnings)},
		{Name: "reloads", Value: mi.Int(stats.Reloads)},
		{Name: "failed_reloads", Value: mi.Int(stats.FailedReloads)},
	}
	if !stats.LastReload.IsZero() {
		o = append(o, mi.Member{Name: "last_reload", Value: timeValue(stats.LastReload)})
	}
	if f := s.LastFailure(); f != nil {
		o = append(o, mi.Member{Name: "last_reload_failed", Value: mi.Object{
			{Name: "at", Value: timeValue(f.At)},
			{Name: "error", Value: mi.String(f.Err.Error())},
		}})
	}
	return o
}
