package catalogue_test

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

func ExampleFor() {
	c := catalogue.For(catalogue.Default)
	m, ok := c.Module("tls_mgm")
	fmt.Println(c.Version(), m.Name, ok)

	p, _ := m.Param("verify_cert")
	fmt.Println(p.Name, "takes a", p.Types)

	for _, f := range m.Function("is_peer_verified") {
		fmt.Println(f.Name, "takes", f.Args, "arguments in", f.Routes)
	}
	// Output:
	// 2.3 tls_mgm true
	// verify_cert takes a string
	// is_peer_verified takes 0 arguments in route
}

func ExampleParseVersion() {
	v, err := catalogue.ParseVersion("2.4.11")
	fmt.Println(v, err)
	_, err = catalogue.ParseVersion("2.5")
	fmt.Println(err)
	// Output:
	// 2.4 <nil>
	// unknown OpenSIPS version "2.5": expected one of 1.11, 2.1, 2.2, 2.3, 2.4, 3.0, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 4.0
}

// What a message can say of a parameter that a version does not have.
func ExampleHistory() {
	const module, param = "tls_mgm", "match_ip_address"
	c := catalogue.For(catalogue.Default)
	if _, ok := c.Module(module); ok && !catalogue.History(catalogue.KindParam, module, param).Contains(c.Version()) {
		fmt.Printf("%s %q: %s; in %s, %s\n", module, param,
			catalogue.History(catalogue.KindParam, module, param), c.Version(),
			c.Advice(catalogue.KindParam, module, param))
	}
	// Output:
	// tls_mgm "match_ip_address": since 3.0; in 2.3, give the address in server_domain or client_domain: "DOMAIN=IP:PORT"
}

func ExampleCatalogue_Providers() {
	c := catalogue.For(catalogue.Default)
	for _, module := range c.Providers(catalogue.KindFunction, "is_peer_verified") {
		fmt.Printf("loadmodule %q is missing\n", module+".so")
	}
	// Output:
	// loadmodule "tls_mgm.so" is missing
}

func ExampleCatalogue_Has() {
	for _, version := range []string{"2.3", "2.4"} {
		v, err := catalogue.ParseVersion(version)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(v, "reads method == \"INVITE\":", catalogue.For(v).Has(catalogue.OldConditions))
	}
	// Output:
	// 2.3 reads method == "INVITE": true
	// 2.4 reads method == "INVITE": false
}

func ExampleNearest() {
	c := catalogue.For(catalogue.Default)
	fmt.Printf("did you mean %q?\n", catalogue.Nearest("cipher_list_col", c.Names(catalogue.KindParam)))
	// Output:
	// did you mean "ciphers_list_col"?
}
