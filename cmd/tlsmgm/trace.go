package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/cfg/trace"
	"github.com/opensips-tools/tlsmgm/cmd/tlsmgm/internal/tracetext"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/openssl"
	"github.com/opensips-tools/tlsmgm/parser"
)

type traceCommand struct {
	File     string      `short:"f" required:"" placeholder:"FILE" complete:"file" help:"Script whose request route to run, such as /etc/opensips/opensips.cfg."`
	OpenSIPS liveVersion `name:"opensips" default:"2.3" placeholder:"VERSION" complete:"live" help:"OpenSIPS version that the script is for: ${live}. The default is ${default}."`
	Request  []string    `required:"" sep:"none" placeholder:"FILE" complete:"file" help:"File with the request, or - for standard input. With several, they are run one after the other."`
	Format   string      `enum:"text,json" default:"text" placeholder:"FORMAT" help:"Form of the trace: text (the default), or json, an object in a line for each request."`

	AsClient   string         `sep:"none" placeholder:"CERT[,KEY]" complete:"file" help:"Certificate of the client, with those that it sends too, in PEM. A key is only compared with it."`
	TLSVersion tlsVersion     `name:"tls-version" placeholder:"VERSION" help:"Protocol version that the client offers, such as TLSv1.2. The default is the highest of the domain."`
	Cipher     cipherSuite    `placeholder:"SUITE" help:"Cipher suite that the client offers, by OpenSSL's name. The default is the first of the domain."`
	Socket     trace.Socket   `placeholder:"PROTOCOL:IP:PORT" help:"Socket that the request comes in on. The default is the first TLS socket of the script, or its first one."`
	Source     netip.AddrPort `placeholder:"IP:PORT" help:"Where the request comes from. The default is the address of the topmost Via, if it is one."`
	GoOn       bool           `help:"Run the route although the server would not start with the script, or refuse the connection."`

	Route  string              `placeholder:"NAME" help:"Route to run in place of the request route, such as relay or branch_route[1]."`
	Assume map[string]int      `placeholder:"FUNCTION=N" mapsep:"," help:"What a function returns, such as lookup=-1. Those that are not run here return 1 otherwise."`
	Set    []trace.Assignment  `sep:"none" placeholder:"VARIABLE=VALUE" help:"Variable to set before the route runs, such as avp(name)=text."`
	Expect []trace.Expectation `sep:"none" placeholder:"WHAT=VALUE" help:"What has to come of each request: client_domain=NAME, relay=PROTOCOL:HOST[:PORT], reply=CODE, end=exit, server_domain=NAME or log=TEXT; none is for nothing."`

	startFlags
}

// Help is what --help says below the first line.
func (traceCommand) Help() string {
	return `Runs a SIP request through the request route as if it had come in on a socket of the script, and prints each step: conditions with their value, what they read, what is set and logged, replies, and where the request would go with which client domain. Nothing is sent. Functions that are not run here are shown with their arguments, and return 1 or what --assume says.

On a TLS socket the $tls_ variables are those of the connection that a client would have with the server domain of the socket; --as-client gives it a certificate. A server that would refuse the connection is told in the words of its log.

Examples:

    tlsmgm trace -f opensips.cfg --request invite.sip
    tlsmgm trace -f opensips.cfg --request invite.sip --as-client phone.pem --source 192.0.2.99:5061
    tlsmgm trace -f opensips.cfg --request invite.sip --assume lookup=-1 --expect reply=404
    tlsmgm trace -f opensips.cfg --request to-biloxi.sip --expect client_domain=dom4 --format json

Exit codes: 0 the requests were run and came to what was expected, 1 something else came of one, its connection would be refused, or the server would not start, 2 wrong usage, 3 a file could not be read.`
}

// Validate refuses what no single flag can see.
func (c *traceCommand) Validate() error {
	if i := slices.Index(c.Request, stdinArgument); i >= 0 && slices.Contains(c.Request[i+1:], stdinArgument) {
		return errors.New("standard input can be read only once")
	}
	return nil
}

// Run traces the requests.
func (c *traceCommand) Run(std streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := checkAssumed(c.Assume, c.OpenSIPS.Version); err != nil {
		return err
	}
	config, domains, err := c.domains(ctx, std.err)
	if err != nil {
		return err
	}
	options := trace.Options{
		Socket: c.Socket, Source: c.Source, GoOn: c.GoOn, Route: c.Route, Set: c.Set, Expect: c.Expect,
		Client: trace.Client{Version: c.TLSVersion.number, CipherSuite: c.Cipher.ID}, Program: route.Options{Assume: c.Assume},
	}
	if options.Client.Certificates, err = clientCertificates(c.AsClient); err != nil {
		return err
	}
	tracer, findings, err := trace.New(config, domains, options)
	if err != nil {
		return &failure{exitUsage, err}
	}
	for _, d := range findings {
		fmt.Fprintf(std.err, "tlsmgm: %v\n", d)
	}
	failed := false
	for i, name := range c.Request {
		run, err := c.trace(ctx, tracer, name, std.in)
		if err != nil {
			return err
		}
		if err := c.write(std.out, i, run); err != nil {
			return fmt.Errorf("write the trace: %w", err)
		}
		failed = c.judge(std.err, run) || failed
	}
	if failed {
		return &failure{code: exitFindings}
	}
	return nil
}

// domains are the script and its TLS domains, without their contexts if files are
// to be left alone; nil if it has none.
func (c *traceCommand) domains(ctx context.Context, errOut io.Writer) (*cfg.Config, *mgm.Domains, error) {
	options := start.Options{ConfigDir: c.configDir()}
	if !c.NoFiles {
		var err error
		if options, err = c.fileFlags.options(); err != nil {
			return nil, nil, err
		}
	}
	config, result, err := startScript(ctx, errOut, c.File, c.OpenSIPS.Version, options)
	_, told := errors.AsType[*failure](err)
	switch {
	case err != nil && !(told && c.GoOn):
		return nil, nil, err
	case result.Registry != nil:
		return config, result.Registry.Domains(), nil
	case config.Loaded("tls_mgm") != nil:
		return config, mgm.WithoutContexts(start.Script(config)), nil
	}
	return config, nil, nil
}

// startScript reads a script and does what a start does. One that a server would
// not start with is told as check does, and comes with a failure.
func startScript(ctx context.Context, errOut io.Writer, name string, version catalogue.Version, o start.Options) (*cfg.Config, start.Result, error) {
	config, err := cfg.Load(name, cfg.Options{Version: version, FS: parser.OS{}, ConfigDir: o.ConfigDir})
	if err != nil {
		return nil, start.Result{}, err
	}
	result := start.Check(ctx, config, o)
	if result.Verdict == start.Stops {
		return config, result, refuseScript(errOut, name, version, config, result)
	}
	return config, result, nil
}

func (c *traceCommand) trace(ctx context.Context, t *trace.Tracer, name string, in io.Reader) (*trace.Run, error) {
	text, name, err := readRequest(name, in)
	if err != nil {
		return nil, err
	}
	run, err := t.Trace(ctx, name, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return run, nil
}

// readRequest reads a message from a file or standard input, and gives it its
// name.
func readRequest(name string, in io.Reader) (text []byte, called string, err error) {
	if name != stdinArgument {
		text, err = os.ReadFile(name)
		return text, name, err
	}
	all, err := readAll(in)
	if err != nil {
		return nil, "", fmt.Errorf("read standard input: %w", err)
	}
	return []byte(all), "<stdin>", nil
}

func (c *traceCommand) write(w io.Writer, number int, run *trace.Run) error {
	if c.Format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(run)
	}
	if number > 0 {
		fmt.Fprintln(w)
	}
	return tracetext.Write(w, run)
}

// judge tells what is not as it should be, and reports whether there is something.
func (c *traceCommand) judge(w io.Writer, run *trace.Run) (failed bool) {
	complain := func(format string, args ...any) {
		failed = true
		fmt.Fprintf(w, "tlsmgm: %s: %s\n", printable(run.Request.Name), printable(fmt.Sprintf(format, args...)))
	}
	if run.Refused != nil && !c.GoOn {
		complain("the connection would be refused at the step %q: %s", run.Refused.Step, run.Refused.Reason)
	}
	for _, o := range run.Unmet() {
		complain("%v", o)
	}
	if r := run.Result; r != nil && r.Message != "" && !slices.ContainsFunc(run.Expectations, func(o trace.Outcome) bool {
		return o.Met && o.Expected == "end="+string(r.End)
	}) {
		complain("%s", r.Message)
	}
	return failed
}

// clientCertificates reads CERT[,KEY].
func clientCertificates(argument string) ([]*x509.Certificate, error) {
	if argument == "" {
		return nil, nil
	}
	path, keyPath, _ := strings.Cut(argument, ",")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if keyPath != "" {
		key, err := os.ReadFile(keyPath)
		if err != nil {
			return nil, err
		}
		if _, err := tls.X509KeyPair(text, key); err != nil {
			return nil, fmt.Errorf("%s with the key %s: %w", path, keyPath, err)
		}
	}
	var certs []*x509.Certificate
	for block, rest := pem.Decode(bytes.TrimSpace(text)); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: certificate %d: %w", path, len(certs)+1, err)
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("%s has no certificate", path)
	}
	return certs, nil
}

// tlsVersion is a protocol version.
type tlsVersion struct{ number uint16 }

// UnmarshalText reads OpenSSL's name of a version.
func (v *tlsVersion) UnmarshalText(text []byte) error {
	number, ok := openssl.VersionByName(string(text))
	if !ok || number < tls.VersionTLS10 {
		return fmt.Errorf("expected one of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3, found %q", text)
	}
	v.number = number
	return nil
}

// cipherSuite is a cipher suite.
type cipherSuite struct{ openssl.Suite }

// UnmarshalText reads OpenSSL's name of a suite.
func (s *cipherSuite) UnmarshalText(text []byte) error {
	suite, ok := openssl.SuiteByName(string(text))
	if !ok {
		return fmt.Errorf("expected OpenSSL's name of a cipher suite, such as ECDHE-RSA-AES128-GCM-SHA256, found %q", text)
	}
	s.Suite = suite
	return nil
}
