package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm/certtest"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
)

const benchDomains = 10_000

// manyDomains is a script with domains that have a certificate and a key each in
// files of their own, and a ca_list in common.
func manyDomains(t testing.TB, count int) *cfg.Config {
	t.Helper()
	dir := t.TempDir()
	root := certtest.Root(t, "Root")
	inter := root.Authority(t, "Issuing")
	write := func(name string, content ...[]byte) {
		var all []byte
		for _, c := range content {
			all = append(all, c...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), all, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ca.pem", root.PEM())
	var b strings.Builder
	b.WriteString("\nlisten=tls:192.0.2.10:5061\nalias=tls:sip.example.com:5061\n")
	for i := range count {
		id := inter.Issue(t, fmt.Sprintf("sip%d.example.com", i), both())
		write(fmt.Sprintf("cert%d.pem", i), id.PEM(), inter.PEM())
		write(fmt.Sprintf("key%d.pem", i), id.KeyPEM(t))
		fmt.Fprintf(&b, `modparam("tls_mgm", "server_domain", "dom%d=10.%d.%d.%d:5061")
modparam("tls_mgm", "certificate", "[dom%[1]d]%[5]s/cert%[1]d.pem")
modparam("tls_mgm", "private_key", "[dom%[1]d]%[5]s/key%[1]d.pem")
modparam("tls_mgm", "ca_list", "[dom%[1]d]%[5]s/ca.pem")
`, i, i>>16, i>>8&0xff, i&0xff, dir)
	}
	config := parseExample(t, lint.Example{Script: b.String()})
	if !config.Accepted() {
		t.Fatal(config.Diagnostics)
	}
	return config
}

// BenchmarkStart is a start alone, which reads all files.
func BenchmarkStart(b *testing.B) {
	config := manyDomains(b, benchDomains)
	for b.Loop() {
		files := tlsctx.OS{}
		start.Check(b.Context(), config, start.Options{Files: files, Now: certtest.Now})
	}
}

// BenchmarkStartAndRun is a start and all rules, with the files read once.
func BenchmarkStartAndRun(b *testing.B) {
	config := manyDomains(b, benchDomains)
	found := 0
	for b.Loop() {
		files := tlsctx.OS{}
		loader := tlsctx.NewLoader(tlsctx.Options{Files: files, Version: config.Version, Now: certtest.Now}, nil)
		start.Check(b.Context(), config, start.Options{Files: files, Loader: loader, Now: certtest.Now})
		found = len(lint.Run(lint.Input{Config: config, Files: files, Loader: loader}, lint.Options{Now: certtest.Now()}))
	}
	b.ReportMetric(float64(found), "findings")
}

// BenchmarkRun is all rules alone, which read all files.
func BenchmarkRun(b *testing.B) {
	config := manyDomains(b, benchDomains)
	for b.Loop() {
		lint.Run(lint.Input{Config: config, Files: tlsctx.OS{}}, lint.Options{Now: certtest.Now()})
	}
}
