package mi

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/mux"
)

// HandlerConfig says how a Handler serves. The zero value serves as a real
// server does by default, to local clients only.
type HandlerConfig struct {
	Root        string // of JSON-RPC, mi_http_root of 3.x; default "mi"
	TreeRoot    string // of the 2.x form, mi_json_root; default "json"
	DisableTree bool   // serve no 2.x form, in which a GET can change things

	// Hosts are names, beyond loopback ones, by which clients may call this
	// server. A page of another site can make its own name point here (DNS
	// rebinding), so requests for unknown names are refused. "*" allows all.
	Hosts []string
	// Origins are the origins, such as https://panel.example.com, whose pages
	// may call this server, beyond its own.
	Origins []string
	// Token, if set, must be given as a bearer token by every client that has
	// no verified TLS certificate.
	Token string

	MaxBody        int64         // bytes of a request; default 1 MiB
	MaxBatch       int           // requests in one batch; default 64
	MaxConcurrent  int           // requests at once, others get 503; default 32
	CommandTimeout time.Duration // after which a command's context ends; default 1 minute

	Log *slog.Logger // default: none

	// Mount adds further routes, which stand behind the same guards.
	Mount func(*mux.Router)
}

// Handler serves a table of commands over HTTP. It is safe for concurrent use.
type Handler struct {
	commands *Commands
	cfg      HandlerConfig
	router   *mux.Router
	guard    guard
	slots    chan struct{}
	answers  sync.Pool
}

// NewHandler makes a handler. It refuses roots that are empty, equal or not
// plain paths.
func NewHandler(commands *Commands, cfg HandlerConfig) (*Handler, error) {
	cfg.Root = "/" + strings.Trim(cmp.Or(cfg.Root, "mi"), "/")
	cfg.TreeRoot = "/" + strings.Trim(cmp.Or(cfg.TreeRoot, "json"), "/")
	cfg.MaxBody = cmp.Or(cfg.MaxBody, 1<<20)
	cfg.MaxBatch = cmp.Or(cfg.MaxBatch, 64)
	cfg.MaxConcurrent = cmp.Or(cfg.MaxConcurrent, 32)
	cfg.CommandTimeout = cmp.Or(cfg.CommandTimeout, time.Minute)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Root == "/" || cfg.TreeRoot == "/" || cfg.Root == cfg.TreeRoot || strings.ContainsAny(cfg.Root+cfg.TreeRoot, "{}") {
		return nil, fmt.Errorf("roots %q and %q: two different paths without braces are needed", cfg.Root, cfg.TreeRoot)
	}
	h := &Handler{
		commands: commands,
		cfg:      cfg,
		guard:    newGuard(cfg),
		slots:    make(chan struct{}, cfg.MaxConcurrent),
	}
	h.router = h.routes()
	return h, nil
}

func (h *Handler) routes() *mux.Router {
	router := mux.NewRouter().SkipClean(true)
	router.HandleFunc(h.cfg.Root, h.serveRPC)
	// A real server looks at the root alone; exporters post to /mi/.
	router.PathPrefix(h.cfg.Root + "/").HandlerFunc(h.serveRPC)
	if !h.cfg.DisableTree {
		router.HandleFunc(h.cfg.TreeRoot, h.serveTree)
		router.HandleFunc(h.cfg.TreeRoot+"/{command:.*}", h.serveTree)
	}
	if h.cfg.Mount != nil {
		h.cfg.Mount(router)
	}
	router.NotFoundHandler = http.HandlerFunc(serveUnknownPath)
	return router
}

// serveUnknownPath answers with the status and the page of the httpd module.
func serveUnknownPath(w http.ResponseWriter, r *http.Request) {
	logRefusal(r.Context(), http.StatusBadRequest, "unknown path")
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, "<html><body>Unable to parse URL!</body></html>")
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := rand.Text()[:12]
	log := h.cfg.Log.With("request_id", id, "remote", r.RemoteAddr, "method", r.Method, "path", clip(r.URL.Path))
	ctx := context.WithValue(r.Context(), exchangeKey{}, exchange{id, log})
	r = r.WithContext(ctx)
	header := w.Header()
	header.Set("X-Request-Id", id)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		header.Set("Retry-After", "1")
		refuse(w, r, http.StatusServiceUnavailable, "too many requests at once")
		return
	}
	if status, reason := h.guard.check(w, r); status != 0 {
		refuse(w, r, status, reason)
		return
	}
	defer recoverRequest(w, r)
	h.router.ServeHTTP(w, r)
}

// recoverRequest answers for a handler that panicked. Commands have their own
// net; this one is for what Mount added.
func recoverRequest(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	logger(r.Context()).Error("request panicked", "panic", redact(fmt.Sprint(p)), "stack", string(debug.Stack()))
	http.Error(w, "internal server error", http.StatusInternalServerError)
}

func refuse(w http.ResponseWriter, r *http.Request, status int, reason string) {
	logRefusal(r.Context(), status, reason)
	http.Error(w, reason, status)
}

// execute runs a command and has its result rendered. A panic of either is an
// error to the client and a stack in the log.
func (h *Handler) execute(ctx context.Context, name string, given params, render func(Result)) (failure *Error) {
	start := time.Now()
	defer func() {
		if p := recover(); p != nil {
			logger(ctx).Error("command panicked", "command", clip(name), "panic", redact(fmt.Sprint(p)), "stack", string(debug.Stack()))
			failure = asError(fmt.Errorf("panic: %v", p))
		}
		logCommand(ctx, name, time.Since(start), failure)
	}()
	ctx, cancel := context.WithTimeout(ctx, h.cfg.CommandTimeout)
	defer cancel()
	result, err := h.commands.run(ctx, name, given)
	switch {
	case err == nil && result == nil:
		result = OK{}
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{Code: CodeFailed, Message: "Command timed out", Cause: err}
	case err != nil:
		return asError(err)
	}
	render(result)
	return nil
}
