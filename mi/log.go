package mi

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"time"
)

// exchange is what belongs to one HTTP request; it travels in its context.
type exchange struct {
	id  string
	log *slog.Logger
}

type exchangeKey struct{}

// RequestID gives the id of the HTTP request that a command runs for, under
// which the handler logs it, or "" outside of one.
func RequestID(ctx context.Context) string {
	x, _ := ctx.Value(exchangeKey{}).(exchange)
	return x.id
}

func logger(ctx context.Context) *slog.Logger {
	if x, ok := ctx.Value(exchangeKey{}).(exchange); ok {
		return x.log
	}
	return slog.New(slog.DiscardHandler)
}

func logCommand(ctx context.Context, name string, took time.Duration, failure *Error) {
	attrs := []slog.Attr{slog.String("command", clip(name)), slog.Duration("duration", took)}
	if failure == nil {
		logger(ctx).LogAttrs(ctx, slog.LevelInfo, "command done", append(attrs, slog.String("status", "ok"))...)
		return
	}
	attrs = append(attrs, slog.Int("status", failure.Code), slog.String("error", failure.Error()))
	if failure.Cause != nil {
		attrs = append(attrs, slog.String("cause", redact(failure.Cause.Error())))
	}
	logger(ctx).LogAttrs(ctx, slog.LevelWarn, "command failed", attrs...)
}

func logRefusal(ctx context.Context, status int, reason string) {
	logger(ctx).LogAttrs(ctx, slog.LevelWarn, "request refused", slog.Int("status", status), slog.String("error", reason))
}

// userinfo is what stands before the host of a URL, up to its last @.
var userinfo = regexp.MustCompile(`://[^\s"]*@`)

// redact takes passwords of URLs out of other packages' errors.
func redact(s string) string { return userinfo.ReplaceAllString(s, "://…@") }

// clip keeps what strangers send from filling the log.
func clip(s string) string {
	const longest = 80
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}
