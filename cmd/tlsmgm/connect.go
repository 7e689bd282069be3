package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/probe"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/tracetext"
)

type connectCommand struct {
	Target   probe.Target `arg:"" placeholder:"tls:HOST:PORT" help:"Server to connect to: tls:HOST:PORT, or tls:HOST for port 5061."`
	File     string       `short:"f" required:"" placeholder:"FILE" complete:"file" help:"Script whose client domains to choose from, such as /etc/opensips/opensips.cfg."`
	OpenSIPS liveVersion  `name:"opensips" default:"2.3" placeholder:"VERSION" complete:"live" help:"OpenSIPS version that the script is for: ${live}. The default is ${default}."`
	Format   string       `enum:"text,json" default:"text" placeholder:"FORMAT" help:"Form of the report: text (the default) or json."`

	Domain     string        `placeholder:"NAME" help:"Value of the client_domain_avp: the name of the client domain. Without it the address of the server decides."`
	ServerName string        `placeholder:"NAME" help:"Name to ask the server for (SNI). The default is none, as OpenSIPS 2.x has it."`
	GoOn       bool          `help:"Keep the connection although the certificate of the server does not verify, to see its variables."`
	Timeout    time.Duration `placeholder:"TIME" help:"Time for connecting and for the handshake, such as 5s, in place of tcp_connect_timeout and tls_handshake_timeout of the script (100ms each by default)."`

	Options      bool          `xor:"what" help:"Send an OPTIONS request, and show the reply."`
	Request      string        `xor:"what" placeholder:"FILE" complete:"file" help:"File with a request to send, or - for standard input, and show the reply."`
	ReplyTimeout time.Duration `default:"5s" placeholder:"TIME" help:"How long to wait for the reply: ${default}."`

	fileFlags
}

// Help is what --help says below the first line.
func (connectCommand) Help() string {
	return `Makes a real TLS connection with the client domain that the script would choose for it, by --domain or the address of the server, and shows the domain, how the certificate of the server was verified, and every $tls_ variable. The host name is looked up as an address; NAPTR and SRV records are not.

The timeouts are those of the script, as a server has them. Where they are too short for a server, --timeout shows what it would say.

Examples:

    tlsmgm connect tls:192.0.2.7:5061 -f opensips.cfg
    tlsmgm connect tls:sip.carrier.example -f opensips.cfg --domain carrier --options
    tlsmgm connect tls:sip.carrier.example -f opensips.cfg --domain carrier --go-on --timeout 5s

Exit codes: 0 the connection is as it should be, 1 the handshake or the verification failed, no reply came, or the server of the script would not start, 2 wrong usage, 3 the server could not be reached or a file not be read.`
}

// Run connects.
func (c *connectCommand) Run(std streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	startOptions, err := c.fileFlags.options()
	if err != nil {
		return err
	}
	config, result, err := startScript(ctx, std.err, c.File, c.OpenSIPS.Version, startOptions)
	switch {
	case err != nil:
		return err
	case result.Registry == nil:
		return &failure{exitFindings, fmt.Errorf("%s does not load module tls_mgm: there are no TLS domains to connect with", c.File)}
	}
	options := probe.Options{
		Target: c.Target, Domain: c.Domain, ServerName: c.ServerName, GoOn: c.GoOn, Timeout: c.Timeout, ReplyTimeout: c.ReplyTimeout,
	}
	if options.Request, err = c.request(std); err != nil {
		return err
	}
	report, err := probe.Connect(ctx, config, result.Registry, options)
	if err != nil {
		return err
	}
	if err := c.write(std.out, report); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	switch {
	case !report.Reached():
		return &failure{exitUnreadable, fmt.Errorf("%v: %s", c.Target, printable(report.Failure.Reason))}
	case report.OK():
		return nil
	}
	return &failure{exitFindings, fmt.Errorf("%v: %s", c.Target, printable(report.Problem()))}
}

func (c *connectCommand) write(w io.Writer, report *probe.Report) error {
	if c.Format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(report)
	}
	return tracetext.WriteProbe(w, report)
}

// request makes what is sent, nil for nothing.
func (c *connectCommand) request(std streams) (func(netip.AddrPort) ([]byte, error), error) {
	switch {
	case c.Options:
		return c.optionsRequest, nil
	case c.Request == "":
		return nil, nil //nolint:nilnil // there is nothing to send
	}
	text, name, err := readRequest(c.Request, std.in)
	if err != nil {
		return nil, err
	}
	m, err := sipmsg.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case !m.IsRequest():
		return nil, fmt.Errorf("%s: %w", name, errors.New("expected a request, found a reply"))
	}
	if _, ok := m.Header("Content-Length"); !ok {
		return nil, fmt.Errorf("%s: the request has no Content-Length, without which a server cannot tell where it ends", name)
	}
	text = onTheWire(m)
	return func(netip.AddrPort) ([]byte, error) { return text, nil }, nil
}

// onTheWire is the message with the line ends that SIP has, where an editor left
// line feeds alone.
func onTheWire(m *sipmsg.Message) []byte {
	head := m.Raw()[:m.Len()-len(m.Body())]
	head = bytes.ReplaceAll(head, []byte("\r\n"), []byte("\n"))
	return append(bytes.ReplaceAll(head, []byte("\n"), []byte("\r\n")), m.Body()...)
}

func (c *connectCommand) optionsRequest(local netip.AddrPort) ([]byte, error) {
	host := net.JoinHostPort(c.Target.Host, fmt.Sprint(c.Target.Port))
	from := local.Addr().String()
	if local.Addr().Is6() {
		from = "[" + from + "]"
	}
	return sipmsg.Options("sip:"+host+";transport=tls", "sip:tlsmgm@"+from, sipmsg.RequestOptions{SentBy: local.String(), UserAgent: "tlsmgm"})
}
