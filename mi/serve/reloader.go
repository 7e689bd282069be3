package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mi"
	"github.com/opensips-tools/tlsmgm/mi/commands"
)

// A reloader reloads a registry and writes to the log what came of it.
type reloader struct {
	registry *mgm.Registry
	log      *slog.Logger
	now      func() time.Time

	loads sync.WaitGroup

	mu sync.Mutex
	// told are the last loads that are in the log: callers that wait at the same
	// time share one, and may hear of it after the next has ended.
	told    []outcome
	failure *commands.Failure
}

// keepTold is more than the callers that can wait at the same time.
const keepTold = 64

// outcome is what came of a load.
type outcome struct {
	report mgm.Report
	err    error
}

func (o outcome) isSameLoad(other outcome) bool {
	return errors.Is(o.err, other.err) && o.report.At.Equal(other.report.At) && o.report.Took == other.report.Took
}

// command is what tls_reload does.
func (r *reloader) command(ctx context.Context, o mgm.ReloadOptions) (mgm.Report, error) {
	return r.reload(ctx, o, "command")
}

// afterChange reloads because files changed. An error asks for another try;
// files that do not fit stay as they are until they change again.
func (r *reloader) afterChange(ctx context.Context) error {
	_, err := r.reload(ctx, mgm.ReloadOptions{Files: true}, "files")
	if _, ok := errors.AsType[*mgm.ScriptError](err); ok {
		return nil
	}
	return err
}

// reload writes to the log what came of the load even if the caller does not
// wait for it.
func (r *reloader) reload(ctx context.Context, o mgm.ReloadOptions, trigger string) (mgm.Report, error) {
	done := make(chan outcome, 1)
	r.loads.Go(func() {
		var result outcome
		result.report, result.err = r.registry.Reload(context.WithoutCancel(ctx), o)
		log := r.log.With("trigger", trigger)
		if id := mi.RequestID(ctx); id != "" {
			log = log.With("request_id", id)
		}
		r.tell(result, o, log)
		done <- result
	})
	select {
	case result := <-done:
		return result.report, result.err
	case <-ctx.Done():
		return mgm.Report{}, fmt.Errorf("wait for the reload: %w", context.Cause(ctx))
	}
}

// close lets the loads that were asked for come to their end, but does not wait
// for a database that answers to nobody.
func (r *reloader) close(patience time.Duration) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.registry.Close()
		r.loads.Wait()
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		r.log.Warn("a reload is still under way at the end")
	}
}

func (r *reloader) tell(result outcome, o mgm.ReloadOptions, log *slog.Logger) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.Is(result.err, mgm.ErrNoDatabase) || slices.ContainsFunc(r.told, result.isSameLoad) {
		return
	}
	r.told = append(r.told[max(0, len(r.told)-keepTold+1):], result)
	if o.DryRun {
		log.Info("reload tried", counts(result.report)...)
		return
	}
	if result.err != nil {
		r.failure = &commands.Failure{At: r.now(), Err: result.err}
		log.Error("reload failed, the domains stay as they are", "error", result.err.Error())
		tellProblems(log, result.err)
		return
	}
	r.failure = nil
	log.Info("domains reloaded", counts(result.report)...)
	for _, change := range []struct {
		message string
		domains []string
	}{
		{"domain added", result.report.Added},
		{"domain changed", result.report.Changed},
		{"domain removed", result.report.Removed},
	} {
		for _, name := range change.domains {
			log.Info(change.message, "domain", name)
		}
	}
	tellRows(log, result.report)
}

// tellStart writes to the log what the first load did. Its domains are all new,
// and not named one by one.
func (r *reloader) tellStart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := r.registry.LastReport()
	log := r.log.With("trigger", "start")
	log.Info("domains loaded", counts(report)...)
	tellRows(log, report)
}

func (r *reloader) lastFailure() *commands.Failure {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure
}

func counts(r mgm.Report) []any {
	return []any{
		"duration", r.Took,
		"added", len(r.Added), "changed", len(r.Changed), "removed", len(r.Removed),
		"skipped", len(r.Skipped), "warnings", len(r.Warnings),
	}
}

func tellRows(log *slog.Logger, r mgm.Report) {
	for _, p := range r.Skipped {
		log.Warn("row skipped", rowAttributes(p)...)
	}
	for _, p := range r.Warnings {
		log.Warn("row taken otherwise than it says", rowAttributes(p)...)
	}
}

func rowAttributes(p mgm.RowProblem) []any {
	return []any{"domain", p.Domain, "id", p.ID, "column", p.Column, "reason", p.Message}
}

// tellProblems names everything that an error stands for, as its own text has
// the first only.
func tellProblems(log *slog.Logger, err error) {
	if e, ok := errors.AsType[*mgm.SkippedError](err); ok {
		tellRows(log, mgm.Report{Skipped: e.Rows})
	}
	if e, ok := errors.AsType[*mgm.ScriptError](err); ok {
		for _, p := range e.Problems {
			log.Error("domain of the script cannot be used", "domain", name(p.Domain), "parameter", p.Param,
				"set_at", p.From.String(), "reason", p.Message)
		}
	}
}

// name is how reports call a domain.
func name(d *domain.Definition) string {
	if d.Default {
		return "default " + d.Kind.String()
	}
	return d.Kind.String() + " " + d.Name
}
