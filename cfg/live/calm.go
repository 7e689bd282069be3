package live

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How many lines of one message a flood may have.
const (
	calmLines  = 20
	calmWindow = time.Second
)

// calm is a log for what strangers can cause as often as they like. Of lines with
// the same message it lets a few a second through, and then says how many it left
// out. It has nothing below the level of information.
type calm struct {
	slog.Handler
	floods *floods
}

// newCalm makes a calm log of another one. Whoever makes it calls flush at the end.
func newCalm(log *slog.Logger) (calmed *slog.Logger, flush func()) {
	f := &floods{to: log.Handler(), all: map[string]*flood{}}
	return slog.New(calm{log.Handler(), f}), f.flush
}

// Enabled implements [slog.Handler].
func (c calm) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelInfo && c.Handler.Enabled(ctx, l)
}

// WithAttrs implements [slog.Handler].
func (c calm) WithAttrs(attrs []slog.Attr) slog.Handler {
	return calm{c.Handler.WithAttrs(attrs), c.floods}
}

// WithGroup implements [slog.Handler].
func (c calm) WithGroup(name string) slog.Handler {
	return calm{c.Handler.WithGroup(name), c.floods}
}

// Handle implements [slog.Handler].
func (c calm) Handle(ctx context.Context, r slog.Record) error {
	if !c.floods.allow(r) {
		return nil
	}
	return c.Handler.Handle(ctx, r)
}

// floods count lines by their message, of which there are few.
type floods struct {
	to slog.Handler

	mu  sync.Mutex
	all map[string]*flood
}

type flood struct {
	began  time.Time // of the window
	lines  int       // that came in it
	left   int       // those left out since it was last told
	level  slog.Level
	summon *time.Timer // tells of them; nil for nothing to tell
}

// allow counts a line, and says whether it is one to show.
func (f *floods) allow(r slog.Record) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.all[r.Message]
	if one == nil {
		one = &flood{}
		f.all[r.Message] = one
	}
	if now := time.Now(); now.Sub(one.began) >= calmWindow {
		one.began, one.lines = now, 0
	}
	one.lines++
	if one.lines <= calmLines {
		return true
	}
	one.left++
	one.level = max(one.level, r.Level)
	if one.summon == nil {
		one.summon = time.AfterFunc(calmWindow, func() { f.tell(r.Message) })
	}
	return false
}

// tell says how many lines of a message were left out.
func (f *floods) tell(message string) {
	f.mu.Lock()
	one := f.all[message]
	left, level := one.left, one.level
	one.left, one.level, one.summon = 0, 0, nil
	f.mu.Unlock()
	if left == 0 {
		return
	}
	slog.New(f.to).Log(context.Background(), level, "more lines like these were left out", "line", message, "count", left)
}

// flush tells what is left to tell.
func (f *floods) flush() {
	f.mu.Lock()
	var waiting []string
	for message, one := range f.all {
		if one.summon != nil && one.summon.Stop() {
			waiting = append(waiting, message)
		}
	}
	f.mu.Unlock()
	for _, message := range waiting {
		f.tell(message)
	}
}
