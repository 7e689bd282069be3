package lint_test

import (
	"fmt"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/lint"
)

func ExampleRun() {
	config, err := cfg.Parse("opensips.cfg", `
listen=tls:192.0.2.10:5061
loadmodule "/usr/lib/opensips/modules/proto_tls.so"
loadmodule "/usr/lib/opensips/modules/tls_mgm.so"
modparam("tls_mgm", "server_domain", "phones=192.0.2.10:5061")
modparam("tls_mgm", "tls_method", "[phones]TLSv1")
route {
	exit;
}
`, cfg.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	found := lint.Run(lint.Input{Config: config}, lint.Options{
		Expiry: 14 * 24 * time.Hour,
		Rules:  []*lint.Rule{lint.Lookup("TLS401")},
	})
	for _, f := range found {
		fmt.Println(f)
		fmt.Println("help:", f.Help)
		fmt.Println("fix:", f.Fix.Title, "safe:", f.Fix.Safe)
	}
	// Output:
	// opensips.cfg:6:35: warning: tls_method "TLSv1" has TLS 1.0, which is deprecated [TLS401]
	// help: write SSLv23
	// fix: write "SSLv23" for "TLSv1" safe: false
}
