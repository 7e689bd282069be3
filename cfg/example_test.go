package cfg_test

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/mgm/domain"
)

func ExampleParse() {
	c, err := cfg.Parse("opensips.cfg", `
mpath="/usr/lib/opensips/modules/"
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so"
listen=tls:127.0.0.1:5061
modparam("tls_mgm", "server_domain", "atlanta=127.0.0.1:5061")
modparam("tls_mgm", "certificate", "[atlanta]/etc/opensips/tls/atlanta.pem")
modparam("tls_mgm", "certificate", "[biloxi]/etc/opensips/tls/biloxi.pem")
`, cfg.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("accepted:", c.Accepted())
	for _, d := range c.Diagnostics {
		fmt.Println(d)
	}
	for _, d := range c.TLS.Ordered(domain.Server) {
		fmt.Println(d.Name, d.Address, d.Certificate.File, "set at", d.Certificate.From)
	}
	// Output:
	// accepted: false
	// opensips.cfg:8:36: error: TLS domain "biloxi" is not defined [undefined-domain]
	// atlanta 127.0.0.1:5061 /etc/opensips/tls/atlanta.pem set at opensips.cfg:7:36
}
