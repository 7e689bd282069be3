package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/opensips-tools/tlsmgm/mi"
)

type miCommand struct {
	URL       string        `name:"url" default:"http://127.0.0.1:8888/mi" env:"TLSMGM_MI_URL" placeholder:"URL" help:"Server to call: a URL, or unix:PATH. The default is ${default}."`
	TokenFile string        `placeholder:"FILE" complete:"file" help:"File with the bearer token that the server asks for."`
	CA        string        `name:"ca" placeholder:"FILE" complete:"file" help:"Certificates of the CAs to trust in place of the system's, for https."`
	TLSCert   string        `name:"tls-cert" placeholder:"FILE" complete:"file" help:"Certificate to show to the server."`
	TLSKey    string        `name:"tls-key" placeholder:"FILE" complete:"file" help:"Private key of --tls-cert."`
	Timeout   time.Duration `default:"30s" placeholder:"TIME" help:"How long the call may take: ${default}."`
	Format    string        `enum:"json,text" default:"json" placeholder:"FORMAT" help:"Form of the answer: json (the default), or text, which makes a table of tls_list."`
	Command   string        `arg:"" help:"Command to run, such as tls_list; which lists all."`
	Args      []string      `arg:"" optional:"" name:"parameter" help:"Parameters of the command: all by their position, or all as NAME=VALUE."`
}

// Help is what --help says below the first line.
func (miCommand) Help() string {
	return `Runs a command of the management interface, of tlsmgm serve or of a real OpenSIPS from 3.0 on, and prints its answer.

Examples:

    tlsmgm mi tls_list --format text
    tlsmgm mi tls_reload report=1
    tlsmgm mi tls_show sv1 --url unix:/run/tlsmgm/mi.sock
    tlsmgm mi get_statistics tls_mgm:

Exit codes: 0 the command succeeded, 1 it failed, 2 wrong usage, 3 the server could not be reached.`
}

// Run calls the server.
func (c *miCommand) Run(std streams) error {
	params, err := c.params()
	if err != nil {
		return err
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	result, err := client.Call(ctx, c.Command, params)
	if e, ok := errors.AsType[*mi.Error](err); ok {
		return &failure{exitFindings, fmt.Errorf("%s: %w", c.Command, e)}
	}
	if err != nil {
		return err
	}
	return c.print(std.out, result)
}

func (c *miCommand) client() (*mi.Client, error) {
	token, err := secretFrom(c.TokenFile)
	if err != nil {
		return nil, err
	}
	settings, err := c.tls()
	if err != nil {
		return nil, err
	}
	client, err := mi.NewClient(mi.ClientConfig{URL: c.URL, Token: string(token), Timeout: c.Timeout, TLS: settings})
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	return client, nil
}

func (c *miCommand) tls() (*tls.Config, error) {
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, err
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificate", c.CA)
		}
	}
	if cmp.Or(c.TLSCert, c.TLSKey) != "" {
		pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return nil, err
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return settings, nil
}

// takeAll are the parameters that are lists, which take all that is given, by
// command.
var takeAll = map[string]string{"get_statistics": "statistics", "statistics:get": "statistics"}

var namedParam = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

// params makes JSON's parameters of the arguments: nil, a list or an object.
func (c *miCommand) params() (any, error) {
	if len(c.Args) == 0 {
		return nil, nil
	}
	if name, ok := takeAll[c.Command]; ok {
		return map[string]any{name: c.Args}, nil
	}
	named := slices.IndexFunc(c.Args, namedParam.MatchString) >= 0
	if !named {
		return c.Args, nil
	}
	params := map[string]string{}
	for _, arg := range c.Args {
		if !namedParam.MatchString(arg) {
			return nil, wrongUsage("parameter %q has no name, but others have one", arg)
		}
		name, value, _ := strings.Cut(arg, "=")
		if _, twice := params[name]; twice {
			return nil, wrongUsage("parameter %q is given twice", name)
		}
		params[name] = value
	}
	return params, nil
}

func (c *miCommand) print(w io.Writer, result json.RawMessage) error {
	switch {
	case c.Format == "text" && (c.Command == "tls_list" || c.Command == "tls_mgm:list"):
		return printDomains(w, result)
	case c.Format == "text":
		return printText(w, result)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, result, "", "  "); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	indented.WriteByte('\n')
	_, err := indented.WriteTo(w)
	return err
}

// printText makes a line of each text in a list and of each value in an object,
// and JSON of what is deeper.
func printText(w io.Writer, result json.RawMessage) error {
	table := newTable(w)
	var object map[string]any
	var list []any
	var single any
	switch {
	case json.Unmarshal(result, &object) == nil && object != nil:
		for _, name := range slices.Sorted(maps.Keys(object)) {
			fmt.Fprintf(table, "%s\t%s\n", name, plain(object[name]))
		}
	case json.Unmarshal(result, &list) == nil:
		for _, value := range list {
			fmt.Fprintln(table, plain(value))
		}
	default:
		if err := json.Unmarshal(result, &single); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		fmt.Fprintln(table, plain(single))
	}
	return table.Flush()
}

// plain is a text as it is, with what could command a terminal written out, and
// anything else as JSON.
func plain(value any) string {
	if s, ok := value.(string); ok {
		return printable(s)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// printable quotes a text that has other than printable characters.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// domainLine is what the table shows of a domain of tls_list.
type domainLine struct {
	Name        string
	Type        string
	Addresses   []string `json:"IP ADDRESS FILTERS"`
	Domains     []string `json:"SIP DOMAIN FILTERS"`
	Method      string
	VerifyCert  bool   `json:"VERIFY_CERT"`
	RequireCert bool   `json:"REQ_CLI_CERT"`
	Certificate string `json:"CERT_FILE"`
}

func printDomains(w io.Writer, result json.RawMessage) error {
	var list struct{ Domains []domainLine }
	if err := json.Unmarshal(result, &list); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	table := newTable(w)
	fmt.Fprintln(table, "NAME\tTYPE\tADDRESS\tSIP DOMAIN\tMETHOD\tVERIFY\tREQUIRE\tCERTIFICATE")
	for _, d := range list.Domains {
		kind := "server"
		if d.Type == "TLS_DOMAIN_CLI" {
			kind = "client"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(d.Name), kind,
			printable(strings.Join(d.Addresses, ",")), printable(strings.Join(d.Domains, ",")), printable(d.Method),
			yesNo(d.VerifyCert), yesNo(d.RequireCert), printable(cmp.Or(d.Certificate, "(database)")))
	}
	return table.Flush()
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
