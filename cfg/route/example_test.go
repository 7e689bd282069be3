package route_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/route"
	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

// byName has a client domain for each name.
type byName struct{}

func (byName) FindClient(name string, _ netip.AddrPort) (route.Client, bool) {
	return route.Client{Name: name, Rule: "the name in the AVP"}, name != ""
}

func Example() {
	const script = `
loadmodule "tls_mgm.so"
modparam("tls_mgm", "client_domain_avp", "tls_cli_dom")
route {
	if ($rd == "biloxi.com")
		$avp(tls_cli_dom) = "dom4";
	xlog("L_INFO", "call to $ru\n");
	t_relay();
}`
	config, err := cfg.Parse("opensips.cfg", script, cfg.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	message, err := sipmsg.Parse([]byte("INVITE sips:bob@biloxi.com SIP/2.0\r\nCall-ID: 1\r\n\r\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	program, _ := route.Compile(config, route.Options{})
	scope := &pv.Scope{Version: config.Version, Message: message, Proto: "tls"}
	result := program.Run(context.Background(), scope, route.Env{Clients: byName{}})
	for _, l := range result.Logs {
		fmt.Print(l.Level, " ", l.Text)
	}
	for _, d := range result.Relays {
		fmt.Printf("%s:%s:%d with %s, by %s\n", d.Proto, d.Host, d.Port, d.Client.Name, d.Client.Rule)
	}
	// Output:
	// L_INFO call to sips:bob@biloxi.com
	// tls:biloxi.com:5061 with dom4, by the name in the AVP
}
