package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mi"
)

// tlsReload reads the table anew (manual 1.7.2). OpenSIPS has no parameters for
// it: they can be given by name only, and without them the answer is its own.
func tlsReload(s Server) mi.Command {
	flag := func(name string) mi.Param {
		return mi.Param{Name: name, Kind: mi.Flag, Optional: true, ByName: true}
	}
	cmd := mi.TLSReload(nil)
	cmd.Help = "reads the TLS domains of the database anew; those of the script stay. " +
		"report=1 answers with what was added, changed, removed and skipped, " +
		"dry_run=1 with the same and changes nothing, strict=1 fails if a row would be skipped"
	cmd.Params = []mi.Param{flag("report"), flag("dry_run"), flag("strict")}
	cmd.Run = func(ctx context.Context, r mi.Request) (mi.Result, error) {
		return mi.TLSReload(func(ctx context.Context) (mi.Result, error) { return s.reload(ctx, r) }).Run(ctx, r)
	}
	return cmd
}

func (s Server) reload(ctx context.Context, r mi.Request) (mi.Result, error) {
	o := mgm.ReloadOptions{DryRun: r.Flag("dry_run"), Strict: r.Flag("strict")}
	wantsReport := r.Flag("report") || o.DryRun
	report, err := s.Reload(ctx, o)
	switch {
	case errors.Is(err, mgm.ErrNoDatabase):
		return nil, mi.NoDatabaseError()
	case err != nil && (wantsReport || o.Strict):
		return nil, &mi.Error{Code: mi.CodeFailed, Message: "Failed to reload", Data: reason(err), Cause: err}
	case err != nil:
		return nil, err
	case wantsReport:
		return reportResult(report), nil
	}
	return nil, nil
}

// reason words an error for those who asked for more than OpenSIPS tells.
func reason(err error) string {
	skipped, ok := errors.AsType[*mgm.SkippedError](err)
	if !ok {
		return err.Error()
	}
	const shown = 20
	var rows []string
	for _, row := range skipped.Rows[:min(shown, len(skipped.Rows))] {
		rows = append(rows, row.String())
	}
	if more := len(skipped.Rows) - shown; more > 0 {
		rows = append(rows, fmt.Sprintf("and %d more", more))
	}
	return "nothing is changed, as rows would be skipped: " + strings.Join(rows, "; ")
}

func reportResult(r mgm.Report) mi.Object {
	return mi.Object{
		{Name: "dry_run", Value: mi.Bool(r.DryRun)},
		{Name: "at", Value: timeValue(r.At)},
		{Name: "took_ms", Value: mi.Int(r.Took.Milliseconds())},
		{Name: "added", Value: texts(r.Added)},
		{Name: "changed", Value: texts(r.Changed)},
		{Name: "removed", Value: texts(r.Removed)},
		{Name: "skipped", Value: rowProblems(r.Skipped)},
		{Name: "warnings", Value: rowProblems(r.Warnings)},
	}
}

func rowProblems(problems []mgm.RowProblem) mi.List {
	list := mi.List{}
	for _, p := range problems {
		list = append(list, mi.Object{
			{Name: "id", Value: mi.Int(p.ID)},
			{Name: "domain", Value: mi.String(p.Domain)},
			{Name: "column", Value: mi.String(p.Column)},
			{Name: "message", Value: mi.String(p.Message)},
		})
	}
	return list
}

func texts(list []string) mi.List {
	values := mi.List{}
	for _, s := range list {
		values = append(values, mi.String(s))
	}
	return values
}

// timeValue is a time to the second, in UTC.
func timeValue(t time.Time) mi.String { return mi.String(t.UTC().Format(time.RFC3339)) }
