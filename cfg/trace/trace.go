package trace

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/live"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Options say what comes in, and what is expected of it.
type Options struct {
	Socket Socket
	// Source is where requests come from. If it is not valid, it is the address
	// of the topmost Via, or one that is no machine's.
	Source netip.AddrPort
	Client Client
	// GoOn runs the route although the server would refuse the client.
	GoOn bool
	// Route is another route than the request route, such as "relay" or
	// "branch_route[1]".
	Route  string
	Set    []Assignment
	Expect []Expectation

	Program route.Options
	RunTime time.Duration    // of a run; 0 is 5 s
	Now     func() time.Time // nil is time.Now
}

const defaultRunTime = 5 * time.Second

// Tracer runs requests.
type Tracer struct {
	config     *cfg.Config
	domains    *mgm.Domains
	program    *route.Program
	options    Options
	kind, name string // of the route
	connection connection
	messages   int64
}

// New makes a tracer for a script and its TLS domains, which are nil if it has
// none. The findings are what of the routes cannot be run as a server would; the
// error is about the options.
func New(config *cfg.Config, domains *mgm.Domains, o Options) (*Tracer, diag.List, error) {
	if o.RunTime == 0 {
		o.RunTime = defaultRunTime
	}
	t := &Tracer{config: config, domains: domains, options: o}
	if err := t.findRoute(); err != nil {
		return nil, nil, err
	}
	c := &t.connection
	if c.socket = o.Socket; c.socket == (Socket{}) {
		var err error
		if c.socket, c.notes, err = defaultSocket(config); err != nil {
			return nil, nil, err
		}
	} else if !isListened(config, c.socket) {
		c.note("no listen statement has the socket %v", c.socket)
	}
	if err := t.connect(); err != nil {
		return nil, nil, err
	}
	if domains != nil && config.TLS.DB.URL.Value != "" && domains.DefaultServer().Context == nil {
		c.note("the domains of the table (db_url) are left out")
	}
	var findings diag.List
	t.program, findings = route.Compile(config, o.Program)
	return t, findings, nil
}

// findRoute takes the name of the route apart.
func (t *Tracer) findRoute() error {
	t.kind, t.name = "route", t.options.Route
	if kind, rest, ok := strings.Cut(t.name, "["); ok {
		t.kind, t.name = kind, strings.TrimSuffix(rest, "]")
	}
	if t.options.Route == "" {
		return nil
	}
	var names []string
	for _, r := range t.config.Routes {
		if r.Kind == t.kind && r.Name == t.name {
			return nil
		}
		if r.Name == "" && r.Kind == t.options.Route {
			t.kind, t.name = r.Kind, ""
			return nil
		}
		names = append(names, title(r.Kind, r.Name))
	}
	return fmt.Errorf("the script has no route %q: expected one of %s", t.options.Route, strings.Join(names, ", "))
}

func title(kind, name string) string {
	if name == "" {
		return kind
	}
	return kind + "[" + name + "]"
}

// Trace runs the route for a request, as text with lines that may end in a line
// feed alone. name is what the request is called. An error is about the text.
func (t *Tracer) Trace(ctx context.Context, name string, text []byte) (*Run, error) {
	message, err := sipmsg.Parse(text)
	switch {
	case err != nil:
		return nil, err
	case !message.IsRequest() && t.options.Route == "":
		return nil, errors.New("expected a request, found a reply")
	}
	c := &t.connection
	source := t.source(message)
	run := &Run{
		Request: Request{name, message.Method(), message.RequestURI(), source},
		Socket:  c.socket, Domain: describe(c), Refused: refusalOf(c), Variables: VariablesOf(c.session), Notes: slices.Clone(c.notes),
		Steps: []route.Event{}, secrets: secretsOf(message),
	}
	if err := message.Check(); err != nil {
		run.Notes = append(run.Notes, err.Error()+"; OpenSIPS notices when it needs it")
	}
	if !run.IsRefused() || t.options.GoOn && c.session != nil {
		if err := t.run(ctx, run, message, source); err != nil {
			return nil, err
		}
		for _, e := range t.options.Expect {
			run.Expectations = append(run.Expectations, e.check(run))
		}
	}
	run.hideSecrets()
	return run, nil
}

func (t *Tracer) run(ctx context.Context, run *Run, m *sipmsg.Message, source netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, t.options.RunTime)
	defer cancel()
	t.messages++
	c := &t.connection
	scope := &pv.Scope{
		Version: t.config.Version, Message: m, TLS: c.session, Proto: c.socket.Proto,
		Source: source, Socket: c.socket.Address, RouteType: t.kind, MessageID: t.messages, Now: t.options.Now,
	}
	if t.kind == "route" {
		scope.RouteType = "request_route"
	}
	for i := range t.options.Set {
		if err := t.options.Set[i].apply(scope); err != nil {
			return err
		}
	}
	env := route.Env{Tracer: run}
	if t.domains != nil {
		env.Clients = live.Clients{Domains: t.domains}
	}
	if t.kind == "route" && t.name == "" {
		run.Result = new(t.program.Run(ctx, scope, env))
		return nil
	}
	result, err := t.program.RunRoute(ctx, t.kind, t.name, scope, env)
	run.Result = &result
	return err
}

// nowhere is an address of documentation (RFC 5737), for requests of which nobody
// says where they come from.
var nowhere = netip.MustParseAddr("198.51.100.1")

func (t *Tracer) source(m *sipmsg.Message) netip.AddrPort {
	if t.options.Source.IsValid() {
		return t.options.Source
	}
	via := m.Via()
	ip, err := netip.ParseAddr(strings.Trim(via.Host, "[]"))
	if err != nil {
		ip = nowhere
	}
	return netip.AddrPortFrom(ip, portOf(via.Port, t.connection.socket.Proto))
}
