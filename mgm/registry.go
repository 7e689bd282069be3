package mgm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

// Script is what the script says of TLS domains.
type Script struct {
	Domains []*domain.Definition // in the order of the script
	// DefaultServer and DefaultClient are nil from 3.0 on, where there are none.
	DefaultServer, DefaultClient *domain.Definition

	HandshakeTimeout, SendTimeout time.Duration // 0 for the default of 100 ms
}

// DefaultTimeout is what handshakes and sending may take where the script does
// not say (manual 1.8.11, 1.8.12).
const DefaultTimeout = 100 * time.Millisecond

// Options say how a registry loads.
type Options struct {
	Version   catalogue.Version
	ConfigDir string // with a slash at its end
	Files     tlsctx.Files
	// Passphrase is for private keys that are encrypted.
	Passphrase []byte
	// Source is the table; nil if the script has no db_url.
	Source Source
	// Loader is for the first load, so that others who look at the same files
	// need not read them again. It must have been made with the same files,
	// version and passphrase; nil makes one.
	Loader *tlsctx.Loader
	// LoadTimeout bounds a load; 0 is 30 s.
	LoadTimeout time.Duration
	Now         func() time.Time // nil is time.Now
}

const defaultLoadTimeout = 30 * time.Second

// ErrNoDatabase is the error of a reload where the script has no db_url.
var ErrNoDatabase = errors.New("DB url not set")

// Registry holds the TLS domains. Reading takes no lock: [Registry.Domains]
// gives all of one load, which a reload replaces as a whole.
type Registry struct {
	options Options
	script  Script
	current atomic.Pointer[state]
	queue   queue
	stats   stats
}

// state is what one load made.
type state struct {
	domains *Domains
	loader  *tlsctx.Loader
	script  scriptDomains
	report  Report
}

// scriptDomains are those of the script, in the order of the server.
type scriptDomains struct {
	defaultClient, defaultServer *Domain
	clients, servers             []*Domain
}

// NewRegistry loads the domains of the script and of the table, as the server
// does when it starts. Problems are all that is wrong with the script's domains;
// with an error among them there is no registry, as the server does not start.
// The error is about the table as a whole, where the server does not start
// either.
func NewRegistry(ctx context.Context, script Script, o Options) (*Registry, []DomainProblem, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.LoadTimeout == 0 {
		o.LoadTimeout = defaultLoadTimeout
	}
	r := &Registry{options: o, script: script}
	loader := o.Loader
	if loader == nil {
		loader = r.newLoader(nil)
	}
	scripted, problems := r.loadScript(loader)
	if slices.ContainsFunc(problems, DomainProblem.stopsStart) {
		return nil, problems, nil
	}
	next, err := r.load(ctx, loader, scripted, nil)
	if err != nil {
		return nil, problems, err
	}
	r.current.Store(next)
	return r, problems, nil
}

func (r *Registry) newLoader(previous *tlsctx.Loader) *tlsctx.Loader {
	return tlsctx.NewLoader(tlsctx.Options{
		Files: r.options.Files, Version: r.options.Version, Passphrase: r.options.Passphrase, Now: r.options.Now,
	}, previous)
}

// Domains are the domains as they are now.
func (r *Registry) Domains() *Domains { return r.current.Load().domains }

// HandshakeTimeout is how long a handshake may take (manual 2.1.3).
func (r *Registry) HandshakeTimeout() time.Duration { return timeout(r.script.HandshakeTimeout) }

// SendTimeout is how long sending may take, handshakes aside (manual 2.1.4).
func (r *Registry) SendTimeout() time.Duration { return timeout(r.script.SendTimeout) }

func timeout(d time.Duration) time.Duration {
	if d == 0 {
		return DefaultTimeout
	}
	return d
}

// LastReport tells what the load that made the current domains did.
func (r *Registry) LastReport() Report { return r.current.Load().report }

// DomainProblem is what is wrong with a setting of a domain.
type DomainProblem struct {
	Domain *domain.Definition
	tlsctx.Problem
}

// definitions are those of the default domains that there are, and of the others.
func (s Script) definitions() []*domain.Definition {
	all := slices.Concat([]*domain.Definition{s.DefaultClient, s.DefaultServer}, s.Domains)
	return slices.DeleteFunc(all, func(d *domain.Definition) bool { return d == nil })
}

// loadScript makes the contexts of the script's domains.
func (r *Registry) loadScript(loader *tlsctx.Loader) (scriptDomains, []DomainProblem) {
	all := r.script.definitions()
	contexts := loadAll(loader, all)
	var problems []DomainProblem
	domains := make([]*Domain, len(all))
	for i, def := range all {
		for _, p := range contexts[i].problems {
			problems = append(problems, DomainProblem{def, p})
		}
		domains[i] = &Domain{Definition: def, Context: contexts[i].context}
	}
	return arrange(domains), problems
}

// arrange takes domains in the order of the script.
func arrange(all []*Domain) (s scriptDomains) {
	for _, d := range all {
		switch {
		case d.Default && d.Kind == domain.Client:
			s.defaultClient = d
		case d.Default:
			s.defaultServer = d
		case d.Kind == domain.Client:
			s.clients = append(s.clients, d)
		default:
			s.servers = append(s.servers, d)
		}
	}
	slices.Reverse(s.clients)
	slices.Reverse(s.servers)
	return s
}

// WithoutContexts are the domains of the script alone, with no TLS context: it
// takes no files to tell which one a connection would use. Those of the table
// are not among them.
func WithoutContexts(s Script) *Domains {
	var all []*Domain
	for _, def := range s.definitions() {
		all = append(all, &Domain{Definition: def})
	}
	d := arrange(all)
	return newDomains(d.defaultClient, d.defaultServer, d.clients, d.servers)
}

// load reads the table and puts its domains before those of the script. before
// is what it is compared with for the report.
func (r *Registry) load(ctx context.Context, loader *tlsctx.Loader, script scriptDomains, before *Domains) (*state, error) {
	started := r.options.Now()
	table := &tableLoad{version: r.options.Version, configDir: r.options.ConfigDir, loader: loader, script: script}
	if r.options.Source != nil {
		ctx, cancel := context.WithTimeout(ctx, r.options.LoadTimeout)
		defer cancel()
		if err := table.read(ctx, r.options.Source); err != nil {
			return nil, fmt.Errorf("load TLS domains from the database: %w", err)
		}
	}
	loader.Finish()
	next := &state{domains: table.domains(), loader: loader, script: script}
	next.report = compare(before, next.domains)
	next.report.Skipped, next.report.Warnings = table.skipped, table.warnings
	next.report.At, next.report.Took = started, r.options.Now().Sub(started)
	return next, nil
}
