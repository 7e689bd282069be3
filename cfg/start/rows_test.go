package start_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// rows are a table.
type rows []mgm.Row

func (r rows) Rows(context.Context) iter.Seq2[mgm.Row, error] {
	return func(yield func(mgm.Row, error) bool) {
		for _, row := range r {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// TestRows has what is wrong with rows told with the advice that there is for
// domains of the script.
func TestRows(t *testing.T) {
	const script = `listen=udp:127.0.0.1:5060
mpath="/m/"
loadmodule "proto_udp.so"
loadmodule "db_sqlite.so"
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so"
modparam("tls_mgm", "certificate", "/tls/cert.pem")
modparam("tls_mgm", "private_key", "/tls/key.pem")
modparam("tls_mgm", "verify_cert", "0")
modparam("tls_mgm", "db_url", "sqlite:///x.db")
route { exit; }
`
	root := certtest.Root(t, "root")
	id := root.Issue(t, "sip.example.com")
	expired := root.Issue(t, "old.example.com", certtest.Expired())
	files := fstest.MapFS{"tls/cert.pem": {Data: id.PEM()}, "tls/key.pem": {Data: id.KeyPEM(t)}}
	table := rows{
		{ID: 1, Domain: "other", Address: "127.0.0.1:5061", Type: new(int64(2)), Certificate: id.PEM(), PrivateKey: root.KeyPEM(t), CAList: root.PEM()},
		{ID: 2, Domain: "old", Address: "127.0.0.1:5062", Type: new(int64(2)), Certificate: expired.PEM(), PrivateKey: expired.KeyPEM(t), CAList: root.PEM()},
	}
	config, err := cfg.Parse("opensips.cfg", script, cfg.Options{Version: catalogue.Default})
	if err != nil {
		t.Fatal(err)
	}
	result := start.Check(t.Context(), config, start.Options{
		Files: tlsctx.FromFS(files), Now: certtest.Now, Source: func(*cfg.Config) (mgm.Source, error) { return table, nil },
	})
	for rule, want := range map[string][2]string{
		"row-skipped": {`row is skipped: domain "other" (id 1), column "private_key"`, "requested with"},
		"row-setting": {`domain "old" (id 2), column "certificate"`, "renew it"},
	} {
		i := slices.IndexFunc(result.Diagnostics, func(d diag.Diagnostic) bool { return d.Rule == rule })
		if i < 0 {
			t.Errorf("no %s among %v", rule, result.Diagnostics)
			continue
		}
		if d := result.Diagnostics[i]; !strings.Contains(d.Message, want[0]) || !strings.Contains(d.Help, want[1]) {
			t.Errorf("%s: %q, help %q", rule, d.Message, d.Help)
		}
	}
}

// TestToldOnce has a method that is refused at the start told by the reader alone,
// which knows what to write.
func TestToldOnce(t *testing.T) {
	root := certtest.Root(t, "root")
	id := root.Issue(t, "sip.example.com")
	files := fstest.MapFS{"tls/cert.pem": {Data: id.PEM()}, "tls/key.pem": {Data: id.KeyPEM(t)}, "tls/ca.pem": {Data: root.PEM()}}
	const script = `socket=tls:127.0.0.1:5061
mpath="/m/"
loadmodule "proto_tls.so"
loadmodule "tls_openssl.so"
loadmodule "tls_mgm.so"
modparam("tls_mgm", "server_domain", "d")
modparam("tls_mgm", "certificate", "[d]/tls/cert.pem")
modparam("tls_mgm", "private_key", "[d]/tls/key.pem")
modparam("tls_mgm", "ca_list", "[d]/tls/ca.pem")
modparam("tls_mgm", "tls_method", "[d]TLSv1.2")
route { exit; }
`
	config, err := cfg.Parse("opensips.cfg", script, cfg.Options{Version: 3<<8 | 4})
	if err != nil || !config.Accepted() {
		t.Fatal(err, config.Diagnostics)
	}
	result := start.Check(t.Context(), config, start.Options{Files: tlsctx.FromFS(files), Now: certtest.Now})
	if len(config.Diagnostics) != 1 || config.Diagnostics[0].Rule != "parameter-at-start" || len(result.Diagnostics) != 0 {
		t.Errorf("reading told %v, the start %v", config.Diagnostics, result.Diagnostics)
	}
	unopened := start.Check(t.Context(), config, start.Options{})
	if result.Verdict != start.Stops || unopened.Verdict != start.Stops {
		t.Errorf("the verdict is %s, without files %s", result.Verdict, unopened.Verdict)
	}
}
