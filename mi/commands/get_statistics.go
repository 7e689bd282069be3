package commands

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/domain"
	"github.com/opensips-tools/tlsmgm/mi"
)

// getStatistics shows counters in OpenSIPS's groups. core:timestamp is the one
// of its core statistics that a server without SIP has: the seconds it runs.
func getStatistics(s Server, requests *atomic.Int64) mi.Command {
	return mi.GetStatistics(func(context.Context) ([]mi.Statistic, error) {
		return append([]mi.Statistic{
			{Group: "core", Name: "timestamp", Value: int64(s.Now().Sub(s.Started) / time.Second)},
		}, s.tlsStatistics(requests.Load())...), nil
	})
}

func (s Server) tlsStatistics(requests int64) []mi.Statistic {
	n := s.count()
	report, stats := s.Registry.LastReport(), s.Registry.Stats()
	var lastReload int64
	if !stats.LastReload.IsZero() {
		lastReload = stats.LastReload.Unix()
	}
	var list []mi.Statistic
	add := func(name string, value int64) {
		list = append(list, mi.Statistic{Group: "tls_mgm", Name: name, Value: value})
	}
	add("server_domains", n.server)
	add("client_domains", n.client)
	add("db_domains", n.db)
	add("script_domains", n.script)
	add("skipped_rows", int64(len(report.Skipped)))
	add("warned_rows", int64(len(report.Warnings)))
	add("reloads", int64(stats.Reloads))
	add("failed_reloads", int64(stats.FailedReloads))
	add("last_reload", lastReload)
	add("last_reload_failed", boolInt(s.LastFailure() != nil))
	add("last_load", report.At.Unix())
	add("last_load_ms", report.Took.Milliseconds())
	if n.hasCertificate {
		add("days_until_first_expiry", n.firstExpiry)
		add("expired_certificates", n.expired)
	}
	add("mi_requests", requests)
	return list
}

// counts are what can be counted of the domains of one moment, the default
// ones included.
type counts struct {
	server, client, db, script int64

	hasCertificate       bool
	firstExpiry, expired int64 // in days, and domains
}

func (s Server) count() counts {
	n := counts{firstExpiry: math.MaxInt64}
	now := s.Now()
	for d := range s.Registry.Domains().All() {
		if d.Kind == domain.Client {
			n.client++
		} else {
			n.server++
		}
		if d.FromDB() {
			n.db++
		} else {
			n.script++
		}
		if d.Context == nil || d.Context.Certificate() == nil {
			continue
		}
		left := daysLeft(d.Context.Certificate(), now)
		n.hasCertificate, n.firstExpiry = true, min(n.firstExpiry, left)
		n.expired += boolInt(left < 0)
	}
	return n
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
