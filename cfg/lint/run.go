package lint

import (
	"cmp"
	"crypto/x509"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// Input is what is looked at.
type Input struct {
	Config *cfg.Config
	// Files opens certificates, keys and the like; nil leaves them alone.
	Files tlsctx.Files
	// Loader reads the files. With the one that package start had nothing is
	// read twice; nil makes one.
	Loader *tlsctx.Loader
	// ConfigDir is the directory that the server was built with, with a slash
	// at its end; empty is [cfg.DefaultConfigDir].
	ConfigDir string
	// Rows are those of the script's db_url; nil if nobody looked.
	Rows []mgm.Row
}

// Options say how to look.
type Options struct {
	Now time.Time // zero is now
	// Expiry is how long before its end a certificate is told about; zero is
	// [DefaultExpiry].
	Expiry time.Duration
	// Names are host names and addresses that the server answers for, beside
	// those that the script has.
	Names []string
	// Profile holds the domains against a profile; nil is none.
	Profile *Profile
	// Passphrase is that of private keys, for the loader that is made.
	Passphrase []byte
	// Roots are certificates that the peers are known to trust.
	Roots []*x509.Certificate
	// Rules are those that look; nil is all.
	Rules []*Rule
	// Severities replace those of the rules, by ID.
	Severities map[string]diag.Severity
}

// DefaultExpiry is a month: long enough to renew by hand.
const DefaultExpiry = 30 * 24 * time.Hour

// Run has the rules look. The findings are in the order of the text, those at
// the same place in the order of the IDs.
func Run(in Input, o Options) []Finding {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Expiry == 0 {
		o.Expiry = DefaultExpiry
	}
	if o.Rules == nil {
		o.Rules = sortedRules()
	}
	s := newSubject(in, o)
	jobs := s.jobs()
	passes := make([]*Pass, len(jobs))
	parallel(len(jobs), func(i int) {
		passes[i] = &Pass{subject: s, Rule: jobs[i].rule}
		jobs[i].do(passes[i])
	})
	var all []Finding
	for _, p := range passes {
		for _, f := range p.findings {
			if severity, changed := o.Severities[f.Rule]; changed {
				f.Severity = severity
			}
			all = append(all, *f)
		}
	}
	s.sort(all)
	return mergeDefaults(all)
}

// The default domains in messages. A setting without a [domain] is one of both.
const (
	ofDefaultClient = "default client domain: "
	ofDefaultServer = "default server domain: "
	ofBothDefaults  = "default client and server domain: "
)

// mergeDefaults tells once what is the same for both default domains. Those that
// are alike stand one behind the other.
func mergeDefaults(sorted []Finding) []Finding {
	merged := sorted[:0]
	for _, f := range sorted {
		if last := len(merged) - 1; last >= 0 && merged[last].Rule == f.Rule && merged[last].Span == f.Span {
			before := &merged[last]
			client, isClient := strings.CutPrefix(before.Message, ofDefaultClient)
			server, isServer := strings.CutPrefix(f.Message, ofDefaultServer)
			switch {
			case before.Message == f.Message:
				continue
			case isClient && isServer && client == server:
				before.Message = ofBothDefaults + server
				continue
			}
		}
		merged = append(merged, f)
	}
	return merged
}

// sort orders the findings by source, place, rule and message.
func (s *subject) sort(all []Finding) {
	order := map[string]int{}
	for i, source := range s.Config.File.Sources.All() {
		if _, known := order[source.Name]; !known {
			order[source.Name] = i
		}
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(order[a.Span.Start.File], order[b.Span.Start.File]),
			cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset),
			strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Message, b.Message),
		)
	})
}

// job is a part of what a rule has to do.
type job struct {
	rule *Rule
	do   func(*Pass)
}

// batch is how many domains or certificates one job looks at.
const batch = 512

func (s *subject) jobs() (jobs []job) {
	for _, r := range s.Options.Rules {
		if !s.fits(r) {
			continue
		}
		switch {
		case r.Run != nil:
			jobs = append(jobs, job{r, r.Run})
		case r.Domain != nil:
			for some := range slices.Chunk(s.Domains, batch) {
				jobs = append(jobs, job{r, func(p *Pass) {
					for _, d := range some {
						r.Domain(p, d)
					}
				}})
			}
		case r.Certificate != nil:
			for some := range slices.Chunk(s.Certificates, batch) {
				jobs = append(jobs, job{r, func(p *Pass) {
					for _, c := range some {
						r.Certificate(p, c)
					}
				}})
			}
		}
	}
	return jobs
}

// fits reports whether a rule is for the script and gets what it needs.
func (s *subject) fits(r *Rule) bool {
	if !r.AppliesTo(s.Config.Version) {
		return false
	}
	switch r.Needs {
	case Files:
		return s.Opened
	case Rows:
		return s.Rows != nil
	case WholeScript:
		return s.Config.Accepted() && !s.Config.File.Unread
	}
	return true
}

// parallel calls do for the numbers below n on all cores.
func parallel(n int, do func(i int)) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}
