package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/live"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mi"
	"github.com/opensips-tools/tlsmgm/mi/serve"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

type serveCommand struct {
	File     string      `short:"f" required:"" placeholder:"FILE" complete:"file" help:"Script whose TLS domains to serve, such as /etc/opensips/opensips.cfg."`
	OpenSIPS liveVersion `name:"opensips" default:"2.3" placeholder:"VERSION" complete:"live" help:"OpenSIPS version that the script is for: ${live}. The default is ${default}."`

	fileFlags
	Watch bool `help:"Reload when a certificate, key, CA or CRL file of the script changes."`

	Listen     string     `placeholder:"ADDRESS" help:"Where to listen: HOST:PORT, or unix:PATH. The default is what the script says of module httpd, on 127.0.0.1 if it names no address."`
	SocketMode socketMode `default:"0600" placeholder:"MODE" help:"Mode of a unix socket, in octal: ${default}."`

	AllowRemote bool     `help:"Listen on an address that other machines can reach. Clients need a token or a certificate then."`
	TokenFile   string   `placeholder:"FILE" complete:"file" help:"File with the bearer token that clients must give."`
	TLSCert     string   `name:"tls-cert" placeholder:"FILE" complete:"file" help:"Certificate to serve HTTPS with."`
	TLSKey      string   `name:"tls-key" placeholder:"FILE" complete:"file" help:"Private key of --tls-cert."`
	ClientCA    string   `name:"client-ca" placeholder:"FILE" complete:"file" help:"Certificates of the CAs that sign the certificates of clients."`
	AllowHost   []string `placeholder:"NAME" help:"Name, besides addresses and localhost, by which clients may call the server."`
	AllowOrigin []string `placeholder:"ORIGIN" help:"Origin of web pages that may call the server, such as https://panel.example.com."`

	TLS        bool           `help:"Open the TLS sockets of the script too, and run its request route for what comes."`
	BindMap    []live.Binding `placeholder:"FROM=TO" help:"Open a TLS socket at another address than the script's, such as 192.0.2.10:5061=127.0.0.1:15061, or 192.0.2.10=127.0.0.1 for all its ports; * is every address."`
	PortOffset int            `placeholder:"N" help:"Add N to the ports of TLS sockets that no --bind-map gives one, to run beside a server."`
	Assume     map[string]int `placeholder:"FUNCTION=N" mapsep:"," help:"What a function returns that is not run here, such as lookup=-1. The default is 1."`

	LogFormat string   `enum:"text,json" default:"text" placeholder:"FORMAT" help:"Form of the log on standard error: text (the default) or json."`
	LogLevel  logLevel `default:"info" placeholder:"LEVEL" help:"Least level that is logged: debug, info (the default), warn or error."`
}

// Help is what --help says below the first line.
func (serveCommand) Help() string {
	return `Builds the TLS domains that the script and its tls_mgm table define, and serves tls_list, tls_reload and further commands over HTTP, as OpenSIPS does: JSON-RPC at /mi, the form of 2.x at /json. A script that a real server would not start with is not served; what is wrong is told as by check.

With --tls the TLS sockets of the script are open as well: each connection has the TLS domain that a server would choose, and for each SIP request the request route is run. What it logs, its replies and where it would relay to are in the log; replies are sent, nothing is relayed. See docs/live.md.

SIGHUP reloads, files included; SIGTERM and SIGINT end the server once requests that are under way are answered.

Examples:

    tlsmgm serve -f /etc/opensips/opensips.cfg
    tlsmgm serve -f opensips.cfg --listen unix:/run/tlsmgm/mi.sock --socket-mode 0660
    tlsmgm serve -f opensips.cfg --watch --log-format json
    tlsmgm serve -f opensips.cfg --tls --bind-map 192.0.2.10=127.0.0.1 --port-offset 10000
    tlsmgm serve -f opensips.cfg --listen 192.0.2.10:8888 --allow-remote --token-file token --tls-cert cert.pem --tls-key key.pem

Exit codes: 0 ended by a signal, 1 a server would not start with the script, 2 wrong usage, 3 a file could not be read or the address not be used.`
}

// Run serves until a signal comes.
func (c *serveCommand) Run(std streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	return c.serve(ctx, std, hangups)
}

func (c *serveCommand) serve(ctx context.Context, std streams, hangups <-chan os.Signal) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	options.Hangups, options.Log = hangups, c.logger(std.err)
	config, err := cfg.Load(c.File, cfg.Options{Version: c.OpenSIPS.Version, FS: parser.OS{}, ConfigDir: options.Start.ConfigDir})
	if err != nil {
		return err
	}
	service, result, err := serve.New(ctx, config, options)
	switch {
	case errors.Is(err, mi.ErrRemote):
		return &failure{exitUsage, fmt.Errorf("%w\n  help: for other machines give --allow-remote, and --token-file or --client-ca with --tls-cert and --tls-key", err)}
	case err != nil:
		return &failure{exitUsage, err}
	case service == nil && result.Verdict == start.Runs:
		return &failure{exitFindings, fmt.Errorf("%s does not load module tls_mgm: there are no TLS domains to serve", c.File)}
	case service == nil:
		return refuseScript(std.err, c.File, c.OpenSIPS.Version, config, result)
	}
	logFindings(options.Log, append(config.Diagnostics, result.Diagnostics...))
	findings, err := service.OpenTLS(ctx)
	logFindings(options.Log, findings)
	if err != nil {
		return c.notOpen(err)
	}
	return service.Run(ctx, func(url string) { c.announce(std.err, options.Log, url) })
}

// notOpen tells why there are no TLS sockets, and what to do.
func (c *serveCommand) notOpen(err error) error {
	if errors.Is(err, live.ErrNoSockets) {
		return &failure{exitFindings, fmt.Errorf("%s: --tls has nothing to open: %w", c.File, err)}
	}
	help := ""
	switch {
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		help = "this machine does not have the address: open the socket at another one, as with --bind-map '*=127.0.0.1'"
	case errors.Is(err, syscall.EADDRINUSE):
		help = "somebody listens there already, such as the real server: --port-offset 10000 goes out of its way"
	case errors.Is(err, syscall.EACCES):
		help = "ports below 1024 need privileges: --port-offset 10000 goes around them"
	case live.IsTaken(err):
		help = "give each its own place, such as --bind-map 192.0.2.10=127.0.0.1 --bind-map 192.0.2.11=127.0.0.2"
	}
	if help == "" {
		return err
	}
	return fmt.Errorf("%w\n  help: %s", err, help)
}

// announce tells people and scripts that wait for it where the interface is. A
// log that programs read has it as one of its lines.
func (c *serveCommand) announce(w io.Writer, log *slog.Logger, url string) {
	line := "mi: listening on " + url
	if c.LogFormat == "json" {
		log.Log(context.Background(), max(c.LogLevel.Level, slog.LevelInfo), line)
		return
	}
	fmt.Fprintln(w, line)
}

func (c *serveCommand) options() (serve.Options, error) {
	o := serve.Options{
		Build: buildVersion(),
		Handler: mi.HandlerConfig{
			Hosts: c.AllowHost, Origins: c.AllowOrigin,
		},
		Server: mi.ServerConfig{Listen: c.Listen, SocketMode: c.SocketMode.FileMode, AllowRemote: c.AllowRemote},
	}
	if c.Watch {
		const interval = 2 * time.Second
		o.Watch = interval
	}
	if err := checkAssumed(c.Assume, c.OpenSIPS.Version); err != nil {
		return o, err
	}
	switch {
	case c.TLS:
		o.TLS = &live.Options{Bindings: c.BindMap, PortOffset: c.PortOffset, Route: route.Options{Assume: c.Assume}}
	case len(c.BindMap) > 0 || c.PortOffset != 0 || len(c.Assume) > 0:
		return o, wrongUsage("--bind-map, --port-offset and --assume are for --tls")
	}
	var err error
	if o.Start, err = c.fileFlags.options(); err != nil {
		return o, err
	}
	token, err := secretFrom(c.TokenFile)
	if err != nil {
		return o, err
	}
	o.Handler.Token = string(token)
	switch {
	case c.TLSCert == "" && c.TLSKey == "" && c.ClientCA == "":
		return o, nil
	case c.TLSCert == "" || c.TLSKey == "":
		return o, wrongUsage("HTTPS and --client-ca need both --tls-cert and --tls-key")
	}
	files := serve.TLSFiles{Certificate: c.TLSCert, Key: c.TLSKey, ClientCA: c.ClientCA, CertificateOptional: c.TokenFile != ""}
	if o.Server.TLS, err = files.Config(); err != nil {
		return o, &failure{exitUsage, err}
	}
	return o, nil
}

// secretFrom reads a file of one line.
func secretFrom(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	secret := bytes.TrimRight(text, "\r\n")
	if len(secret) == 0 {
		return nil, fmt.Errorf("%s is empty: expected a secret in its first line", path)
	}
	return secret, nil
}

// logFindings puts what is worth knowing of a script that is served into the
// log. Rows of the table are there already.
func logFindings(log *slog.Logger, findings diag.List) {
	levels := map[diag.Severity]slog.Level{diag.Error: slog.LevelError, diag.Warning: slog.LevelWarn, diag.Notice: slog.LevelDebug}
	for _, d := range findings {
		if d.Rule == "row-skipped" || d.Rule == "row-setting" {
			continue
		}
		log.Log(context.Background(), levels[d.Severity], "finding", "at", d.Span.Start.String(), "rule", d.Rule, "message", d.Message)
	}
}

func (c *serveCommand) logger(w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel.Level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// logLevel is a level by its name.
type logLevel struct {
	slog.Level
}

// UnmarshalText reads a level such as "warn".
func (l *logLevel) UnmarshalText(text []byte) error {
	if l.Level.UnmarshalText(text) != nil {
		return fmt.Errorf("expected debug, info, warn or error, found %q", text)
	}
	return nil
}

// socketMode is a file mode in octal.
type socketMode struct {
	fs.FileMode
}

// UnmarshalText reads a mode such as "0660".
func (m *socketMode) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil || n&^0o777 != 0 || n == 0 {
		return errors.New("expected a file mode in octal, such as 0660")
	}
	m.FileMode = fs.FileMode(n)
	return nil
}
