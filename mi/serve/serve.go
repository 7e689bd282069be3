// Package serve runs the Management Interface for the TLS domains of a script:
// it starts as a server starts, answers over HTTP where the script has its
// interface served, and loads the domains anew when told to, by a command, by a
// signal or by files that changed.
package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/dbsource"
	"github.com/opensips-tools/tlsmgm/cfg/live"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/mi"
	"github.com/opensips-tools/tlsmgm/mi/commands"
	"github.com/opensips-tools/tlsmgm/mi/serve/filewatch"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Options say what to serve and how. The zero value of each serves what the
// script says, to local clients only.
type Options struct {
	// Start says what is looked at before; without a Source it is
	// [dbsource.Open], without Files those of the machine.
	Start start.Options
	// Handler says who may call. Its roots are the script's.
	Handler mi.HandlerConfig
	// Server says where to listen. Without an address it is that of the
	// script's module httpd, and loopback where it names none.
	Server mi.ServerConfig

	// TLS opens the TLS sockets of the script as well and runs its routes; nil
	// leaves them closed. Its log and clock are those below.
	TLS *live.Options

	// Watch is how often to look for changed files of the script's domains; 0
	// leaves them alone.
	Watch time.Duration
	// Hangups ask for a reload, files included, each time they bring something.
	Hangups <-chan os.Signal

	Build string           // the version of this program, for the command version
	Log   *slog.Logger     // nil for none
	Now   func() time.Time // nil is time.Now
}

// Service is a server that is ready to run.
type Service struct {
	options  Options
	config   *cfg.Config
	server   *mi.Server
	root     string
	reloader *reloader
	watcher  *filewatch.Watcher // nil where nothing is watched
	live     *live.Server       // nil without TLS sockets
}

// New starts as a server starts. Where it would not, there is no service and no
// error: the result says why. An error is about the interface: an address that
// strangers could reach, or roots that cannot be served side by side.
func New(ctx context.Context, config *cfg.Config, o Options) (*Service, start.Result, error) {
	o = o.withDefaults()
	s := &Service{options: o, config: config}
	if o.Watch > 0 {
		// Before they are read: what changes later is noticed.
		s.watcher = filewatch.New(o.Start.Files, scriptFiles(config))
	}
	result := start.Check(ctx, config, o.Start)
	if result.Verdict != start.Runs || result.Registry == nil {
		return nil, result, nil
	}
	s.reloader = &reloader{registry: result.Registry, log: o.Log, now: o.Now}
	s.reloader.tellStart()
	handler, err := s.handler(config)
	if err != nil {
		return nil, result, err
	}
	serverConfig := o.Server
	serverConfig.Listen = cmp.Or(o.Server.Listen, Address(config))
	if s.server, err = mi.NewServer(handler, serverConfig); err != nil {
		return nil, result, err
	}
	return s, result, nil
}

// OpenTLS opens the TLS sockets of the script, where [Options].TLS asks for them.
// The findings are what of its routes cannot be run as a server would.
func (s *Service) OpenTLS(ctx context.Context) (diag.List, error) {
	if s.options.TLS == nil {
		return nil, nil
	}
	o := *s.options.TLS
	o.Log, o.Now = s.options.Log, s.options.Now
	server, findings, err := live.Listen(ctx, s.config, s.reloader.registry, o)
	if err != nil {
		return findings, err
	}
	s.live = server
	s.options.Log.Info("TLS sockets are open", "sockets", server.Describe())
	return findings, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Start.Files == nil {
		o.Start.Files = tlsctx.OS{}
	}
	if o.Start.Source == nil {
		o.Start.Source = func(c *cfg.Config) (mgm.Source, error) { return dbsource.Open(c) }
	}
	return o
}

func (s *Service) handler(config *cfg.Config) (*mi.Handler, error) {
	table, err := mi.NewCommands(commands.All(commands.Server{
		Registry: s.reloader.registry, Version: config.Version, Build: s.options.Build,
		Started: s.options.Now(), Now: s.options.Now,
		Reload: s.reloader.command, LastFailure: s.reloader.lastFailure,
	})...)
	if err != nil {
		return nil, fmt.Errorf("commands: %w", err)
	}
	h := s.options.Handler
	h.Root = cmp.Or(config.HTTP.RPCRoot.Value, "mi")
	h.TreeRoot = cmp.Or(config.HTTP.JSONRoot.Value, "json")
	h.Log = s.options.Log
	s.root = strings.Trim(h.Root, "/")
	handler, err := mi.NewHandler(table, h)
	if err != nil {
		return nil, fmt.Errorf("mi_http_root and mi_json_root: %w", err)
	}
	return handler, nil
}

const (
	defaultHost = "127.0.0.1" // httpd's own is every address
	defaultPort = 8888        // httpd's own
)

// Address is where the script has its interface served: the ip and port of
// module httpd. Without an ip httpd listens on every address; here it is
// loopback.
func Address(config *cfg.Config) string {
	port := cmp.Or(config.HTTP.Port.Value, defaultPort)
	return net.JoinHostPort(cmp.Or(config.HTTP.IP.Value, defaultHost), strconv.Itoa(port))
}

// lastReload is how long the end waits for a reload that is under way.
const lastReload = 10 * time.Second

// Run serves until ctx ends, then lets requests that are under way finish. TLS
// sockets that are open are served as well.
// ready is called with the URL of the interface once it can be reached, which
// is unix:PATH for a socket in the file system.
func (s *Service) Run(ctx context.Context, ready func(url string)) error {
	listener, err := s.server.Listen(ctx)
	if err != nil {
		if s.live != nil {
			s.live.Close()
		}
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var background sync.WaitGroup
	defer s.reloader.close(lastReload)
	defer background.Wait()
	defer cancel(nil)
	background.Go(func() { s.onHangups(ctx) })
	if s.watcher != nil {
		background.Go(func() { s.onChanges(ctx) })
	}
	if s.live != nil {
		background.Go(func() {
			if err := s.live.Serve(ctx); err != nil {
				cancel(err)
			}
		})
	}
	ready(s.url(listener))
	return errors.Join(s.server.Serve(ctx, listener), ended(ctx))
}

// ended is why the context ended, if that was not its caller.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return nil
}

func (s *Service) url(listener net.Listener) string {
	if _, unix := listener.Addr().(*net.UnixAddr); unix {
		return cmp.Or(s.options.Server.Listen, listener.Addr().String())
	}
	scheme := "http"
	if s.options.Server.TLS != nil {
		scheme = "https"
	}
	return fmt.Sprintf("%s://%s/%s", scheme, listener.Addr(), s.root)
}

func (s *Service) onHangups(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.options.Hangups:
			_, _ = s.reloader.reload(ctx, mgm.ReloadOptions{Files: true}, "signal") // it is in the log
		}
	}
}

// retryChanges is when a reload that failed for another reason than the files
// is tried again: a database that is down comes back.
const retryChanges = 30 * time.Second

func (s *Service) onChanges(ctx context.Context) {
	o := filewatch.Options{Interval: s.options.Watch, Retry: retryChanges}
	s.watcher.Run(ctx, o, func(ctx context.Context, changed []string) error {
		s.options.Log.Info("files changed", "files", changed)
		return s.reloader.afterChange(ctx)
	})
}

// scriptFiles are the files and directories of the script's domains, the
// default ones included.
func scriptFiles(config *cfg.Config) []string {
	var paths []string
	for _, d := range config.TLSDomains() {
		paths = append(paths, d.Certificate.File, d.PrivateKey.File, d.CAList.File, d.DHParams.File, d.CADir.Value, d.CRLDir.Value)
	}
	return paths
}
