package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/mgm/certtest"
)

const benchDomains = 10_000

// manyDomains writes a script with domains that have a certificate and a key each,
// in files of their own, and one ca_list. With sockets each has one that it is
// for; without, there is a finding for each.
func manyDomains(tb testing.TB, count int, sockets bool) string {
	tb.Helper()
	dir := tb.TempDir()
	valid := certtest.Valid(time.Now().AddDate(0, 0, -1), time.Now().AddDate(1, 0, 0)) // or each is a finding
	root := certtest.Root(tb, "Root", valid)
	inter := root.Authority(tb, "Issuing", valid)
	write := func(name string, content ...[]byte) string {
		var all []byte
		for _, c := range content {
			all = append(all, c...)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, all, 0o600); err != nil {
			tb.Fatal(err)
		}
		return path
	}
	write("ca.pem", root.PEM())
	var listen, domains strings.Builder
	for i := range count {
		id := inter.Issue(tb, fmt.Sprintf("sip%d.example.com", i), valid)
		write(fmt.Sprintf("cert%d.pem", i), id.PEM(), inter.PEM())
		write(fmt.Sprintf("key%d.pem", i), id.KeyPEM(tb))
		address := fmt.Sprintf("10.%d.%d.%d:5061", i>>16, i>>8&0xff, i&0xff)
		if sockets {
			fmt.Fprintf(&listen, "listen=tls:%s\n", address)
		}
		fmt.Fprintf(&domains, `modparam("tls_mgm", "server_domain", "dom%d=%s")
modparam("tls_mgm", "certificate", "[dom%[1]d]%[3]s/cert%[1]d.pem")
modparam("tls_mgm", "private_key", "[dom%[1]d]%[3]s/key%[1]d.pem")
modparam("tls_mgm", "ca_list", "[dom%[1]d]%[3]s/ca.pem")
`, i, address, dir)
	}
	if !sockets {
		listen.WriteString("listen=tls:192.0.2.10:5061\n")
	}
	return write("opensips.cfg", []byte(listen.String()+`mpath="/usr/lib/opensips/modules/"
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so"
modparam("tls_mgm", "certificate", "`+dir+`/cert0.pem")
modparam("tls_mgm", "private_key", "`+dir+`/key0.pem")
modparam("tls_mgm", "ca_list", "`+dir+`/ca.pem")
`+domains.String()+"route { exit; }\n"))
}

// BenchmarkCheckDomains is a whole run over 10,000 domains with distinct files, but
// for the start of the process. It is to take no more than 1.5 s on 2 cores.
func BenchmarkCheckDomains(b *testing.B) {
	for _, bench := range []struct {
		name    string
		sockets bool
		args    []string
		found   string
	}{
		{"read and start", true, []string{"--no-lint"}, "no findings"},
		{"lint", true, nil, "no findings"},
		{"lint with a finding each", false, nil, "10000 warnings"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			file := manyDomains(b, benchDomains, bench.sockets)
			args := append([]string{"check", "--no-config", "--max-severity", "error", file}, bench.args...)
			b.ReportAllocs()
			for b.Loop() {
				var out, errOut strings.Builder
				if code := run(args, strings.NewReader(""), &out, &errOut); code != exitOK {
					b.Fatalf("exit code %d\n%s", code, errOut.String())
				}
				summary := out.String()[strings.LastIndex(strings.TrimRight(out.String(), "\n"), "\n")+1:]
				if !strings.Contains(summary, "starts with it") || !strings.Contains(summary, bench.found) {
					b.Fatal(summary)
				}
			}
		})
	}
}
