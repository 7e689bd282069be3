package mgm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// ReloadOptions say how to reload.
type ReloadOptions struct {
	// DryRun loads and compares, and changes nothing.
	DryRun bool
	// Strict changes nothing either if a row would be skipped.
	Strict bool
	// Files reads the files of the script's domains anew as well. tls_reload
	// keeps them as they are (manual 1.7.2).
	Files bool
}

// SkippedError is the error of a strict reload that would have skipped rows.
type SkippedError struct {
	Rows []RowProblem
}

func (e *SkippedError) Error() string {
	return fmt.Sprintf("%d rows of the table cannot be used, the first is %s", len(e.Rows), e.Rows[0])
}

// ScriptError is the error of a reload of files after which the server would
// not start.
type ScriptError struct {
	Problems []DomainProblem
}

func (e *ScriptError) Error() string {
	return fmt.Sprintf("%d problems with the domains of the script, the first is %s", len(e.Problems), e.Problems[0].Message)
}

// Reload loads the domains anew. Reloads run one after the other; calls with
// the same options that wait at the same time share one load, which begins after
// they came. If it fails the domains stay as they are. It is not interrupted
// when the caller's context ends, which only ends the waiting.
func (r *Registry) Reload(ctx context.Context, o ReloadOptions) (Report, error) {
	if r.options.Source == nil && !o.Files {
		return Report{}, ErrNoDatabase
	}
	return r.queue.do(ctx, o, func() (Report, error) {
		report, err := r.reload(context.WithoutCancel(ctx), o)
		if !o.DryRun {
			r.stats.count(r.options.Now(), report, err)
		}
		return report, err
	})
}

func (r *Registry) reload(ctx context.Context, o ReloadOptions) (Report, error) {
	now := r.current.Load()
	loader, script := r.newLoader(now.loader), now.script
	if o.Files {
		var problems []DomainProblem
		script, problems = r.loadScript(loader)
		var fatal []DomainProblem
		for _, p := range problems {
			if p.stopsStart() {
				fatal = append(fatal, p)
			}
		}
		if len(fatal) > 0 {
			return Report{}, &ScriptError{fatal}
		}
	}
	next, err := r.load(ctx, loader, script, now.domains)
	if err != nil {
		return Report{}, err
	}
	next.report.DryRun = o.DryRun
	if o.Strict && len(next.report.Skipped) > 0 {
		return next.report, &SkippedError{next.report.Skipped}
	}
	if !o.DryRun {
		r.current.Store(next)
	}
	return next.report, nil
}

// Close lets the reloads that were asked for come to their end and refuses
// further ones; the domains stay (manual 2.3.4, destroy_tls: what belongs to a
// domain is freed when nobody uses it any more).
func (r *Registry) Close() { r.queue.close() }

// ErrClosed is the error of a reload after Close.
var ErrClosed = errors.New("the registry is closed")

// A queue runs loads one after the other and lets calls share them.
type queue struct {
	mu      sync.Mutex
	closed  bool
	idle    *sync.Cond // running turned false; nil until somebody waits
	running bool
	waiting []*flight // in order; those of equal options are one
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.idle = sync.NewCond(&q.mu)
	for q.running {
		q.idle.Wait()
	}
}

// A flight is a load that one or more calls wait for.
type flight struct {
	options ReloadOptions
	load    func() (Report, error)
	done    chan struct{}
	report  Report
	err     error
}

func (q *queue) do(ctx context.Context, o ReloadOptions, load func() (Report, error)) (Report, error) {
	f, err := q.join(o, load)
	if err != nil {
		return Report{}, err
	}
	select {
	case <-f.done:
		return f.report, f.err
	case <-ctx.Done():
		return Report{}, fmt.Errorf("wait for the reload: %w", context.Cause(ctx))
	}
}

func (q *queue) join(o ReloadOptions, load func() (Report, error)) (*flight, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, ErrClosed
	}
	for _, f := range q.waiting {
		if f.options == o {
			return f, nil
		}
	}
	f := &flight{options: o, load: load, done: make(chan struct{})}
	q.waiting = append(q.waiting, f)
	if !q.running {
		q.running = true
		go q.run()
	}
	return f, nil
}

func (q *queue) run() {
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 {
			q.running = false
			if q.idle != nil {
				q.idle.Broadcast()
			}
			q.mu.Unlock()
			return
		}
		f := q.waiting[0]
		q.waiting = q.waiting[1:]
		q.mu.Unlock()
		f.run()
	}
}

func (f *flight) run() {
	defer close(f.done)
	defer func() {
		if p := recover(); p != nil {
			f.err = fmt.Errorf("reload panicked: %v", p)
		}
	}()
	f.report, f.err = f.load()
}

// Stats counts what a registry did since it was made.
type Stats struct {
	Reloads, FailedReloads, SkippedRows uint64
	LastReload                          time.Time // zero if there was none
}

type stats struct {
	reloads, failed, skipped atomic.Uint64
	last                     atomic.Int64
}

func (s *stats) count(now time.Time, r Report, err error) {
	s.reloads.Add(1)
	if err != nil && !errors.Is(err, ErrNoDatabase) {
		s.failed.Add(1)
	}
	s.skipped.Add(uint64(len(r.Skipped)))
	s.last.Store(now.UnixNano())
}

// Stats are the counters as they are now.
func (r *Registry) Stats() Stats {
	s := Stats{Reloads: r.stats.reloads.Load(), FailedReloads: r.stats.failed.Load(), SkippedRows: r.stats.skipped.Load()}
	if at := r.stats.last.Load(); at != 0 {
		s.LastReload = time.Unix(0, at)
	}
	return s
}
