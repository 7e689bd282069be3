package mgm

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// A tableLoad reads the rows of the table and makes domains of them.
type tableLoad struct {
	version   catalogue.Version
	configDir string
	loader    *tlsctx.Loader
	script    scriptDomains

	found    []*candidate // in the order of the table
	taken    map[domainKey]bool
	skipped  []RowProblem
	warnings []RowProblem
}

type domainKey struct {
	kind domain.Kind
	name string
}

// A candidate is a domain of a row whose context is being made.
type candidate struct {
	row      Row
	domain   *Domain
	problems tlsctx.Problems
}

// read makes the contexts on all cores while the rows still come in.
func (t *tableLoad) read(ctx context.Context, source Source) error {
	t.taken = map[domainKey]bool{}
	for _, list := range [][]*Domain{t.script.clients, t.script.servers} {
		for _, d := range list {
			t.taken[domainKey{d.Kind, d.Name}] = true
		}
	}
	work := make(chan *candidate, runtime.GOMAXPROCS(0)*8)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for c := range work {
				c.domain.digest = digestOf(&c.row)
				c.domain.Context, c.problems = t.loader.Load(c.domain.Definition)
				c.release()
			}
		})
	}
	err := t.rows(ctx, source, work)
	close(work)
	workers.Wait()
	return err
}

// release lets go of the PEM text, which nobody needs once it is parsed.
func (c *candidate) release() {
	c.row = Row{ID: c.row.ID, Domain: c.row.Domain}
	for _, m := range []*domain.Material{
		&c.domain.Certificate, &c.domain.PrivateKey, &c.domain.CAList, &c.domain.DHParams,
	} {
		m.Blob = nil
	}
}

func (t *tableLoad) rows(ctx context.Context, source Source, work chan<- *candidate) error {
	for row, err := range source.Rows(ctx) {
		if err == nil {
			err = t.row(row, work)
		}
		if rowErr, ok := errors.AsType[*RowError](err); ok {
			t.skipped = append(t.skipped, RowProblem{ID: rowErr.ID, Domain: rowErr.Domain, Column: rowErr.Column, Message: rowErr.Err.Error()})
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tableLoad) row(row Row, work chan<- *candidate) error {
	kinds, err := row.kinds()
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		if t.taken[domainKey{kind, t.keyName(&row)}] {
			return row.refuse("domain", t.alreadyDefined(&row, kind))
		}
	}
	for _, kind := range kinds {
		def, warning, err := row.define(kind, t.configDir, t.version)
		if err != nil {
			return err
		}
		if w, ok := errors.AsType[*RowError](warning); ok {
			t.warnings = append(t.warnings, RowProblem{ID: w.ID, Domain: w.Domain, Column: w.Column, Message: w.Err.Error()})
		}
		t.taken[domainKey{kind, t.keyName(&row)}] = true
		c := &candidate{row: row, domain: &Domain{Definition: def}}
		t.found = append(t.found, c)
		work <- c
	}
	return nil
}

// keyName tells a default domain, which has no name, from one that is called
// "default" in the script.
func (t *tableLoad) keyName(row *Row) string {
	if row.Domain == DefaultName && t.version < domain.MatchesSince {
		return ""
	}
	return row.Domain
}

func (t *tableLoad) alreadyDefined(row *Row, kind domain.Kind) error {
	if row.Domain == DefaultName && t.version < domain.MatchesSince {
		return errors.New("the default " + kind.String() + " domain is defined by an earlier row")
	}
	for _, list := range [][]*Domain{t.script.clients, t.script.servers} {
		for _, d := range list {
			if d.Kind == kind && d.Name == row.Domain {
				return errors.New("the script defines a " + kind.String() + " domain of that name")
			}
		}
	}
	return errors.New("an earlier row defines a " + kind.String() + " domain of that name")
}

// domains puts the domains of the table that can be used before those of the
// script; its defaults take the place of the script's.
func (t *tableLoad) domains() *Domains {
	defaultClient, defaultServer := t.script.defaultClient, t.script.defaultServer
	var clients, servers []*Domain
	for _, c := range slices.Backward(t.found) {
		if !t.usable(c) {
			continue
		}
		d := c.domain
		switch {
		case d.Default && d.Kind == domain.Client:
			defaultClient = d
		case d.Default:
			defaultServer = d
		case d.Kind == domain.Client:
			clients = append(clients, d)
		default:
			servers = append(servers, d)
		}
	}
	return newDomains(defaultClient, defaultServer, append(clients, t.script.clients...), append(servers, t.script.servers...))
}

// usable sorts out what a server would skip. It goes without DH parameters that
// cannot be read, as 2.3 and 2.4 do.
func (t *tableLoad) usable(c *candidate) bool {
	usable := true
	for _, p := range c.problems {
		problem := RowProblem{c.row.ID, c.row.Domain, ColumnOf(p.Param), p.Message, p.Help}
		switch {
		case p.Severity == diag.Error && p.Param != "dh_params":
			t.skipped = append(t.skipped, problem)
			usable = false
		case p.Severity != diag.Notice:
			t.warnings = append(t.warnings, problem)
		}
	}
	return usable
}

// ColumnOf is the column of a parameter, by its default name. They have the same
// name but for the method and the ciphers.
func ColumnOf(param string) string {
	switch param {
	case "tls_method":
		return "method"
	case "ciphers_list":
		return "cipher_list"
	}
	return param
}

type loaded struct {
	context  *tlsctx.Context
	problems tlsctx.Problems
}

// loadAll makes the contexts of all definitions, on all cores.
func loadAll(loader *tlsctx.Loader, all []*domain.Definition) []loaded {
	results := make([]loaded, len(all))
	work := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(all)) {
		workers.Go(func() {
			for i := range work {
				results[i].context, results[i].problems = loader.Load(all[i])
			}
		})
	}
	for i := range all {
		work <- i
	}
	close(work)
	workers.Wait()
	return results
}
