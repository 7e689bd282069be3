package cfg_test

// tls are the modules that TLS needs.
const tls = `loadmodule "tls_mgm.so" loadmodule "proto_tls.so"` + "\n"

var paramExamples = []ruleExamples{
	{"module-not-loaded", []example{
		{name: "never", script: `modparam(«"tm"», "fr_timeout", 5)`, message: `no module matching "tm" is loaded`, help: `add loadmodule "tm.so" before it`},
		{name: "too late", script: "modparam(«\"tm\"», \"fr_timeout\", 5)\nloadmodule \"tm.so\"", help: "put the loadmodule before the modparam"},
		{name: "misspelt", script: tls + `modparam(«"tls_mgn"», "certificate", "/c")`, help: `did you mean "tls_mgm"`},
		{name: "file name", script: tls + `modparam(«"tls_mgm.so"», "certificate", "/c")`, help: `write "tls_mgm", without .so`},
		{name: "no module at all", script: `modparam(«"biloxi.example.com"», "x", 1)`, help: "name of a module that is loaded before it"},
		{name: "told once", script: "modparam(«\"tm\"», \"fr_timeout\", 5)\nmodparam(\"tm\", \"fr_inv_timeout\", 5)\nroute { t_relay(); t_reply(\"404\", \"x\"); }", help: "3 more places below need it"},
		{name: "by pattern", script: tls + `modparam(«"tls_(x|y)"», "certificate", "/c")`},
		{name: "loaded", script: tls + `modparam("tls_mgm", "certificate", "/c") modparam("TLS_MGM", "certificate", "/c") modparam("tls_mgm|x", "certificate", "/c")`},
	}},
	{"module-regex", []example{
		{name: "unclosed", script: tls + `modparam(«"tls_(mgm"», "certificate", "/c")`, message: "is no regular expression"},
		{name: "nothing to repeat", script: `modparam(«"*"», "x", "/c")`},
		{name: "closed", script: tls + `modparam("tls_(mgm|foo)", "certificate", "/c")`},
	}},
	{"unknown-parameter", []example{
		{name: "misspelt", script: tls + `modparam("tls_mgm", «"certificat"», "/c")`, message: `module tls_mgm has no parameter "certificat"`, help: `did you mean "certificate"`},
		{name: "in upper case", script: tls + `modparam("tls_mgm", «"CERTIFICATE"», "/c")`, help: `did you mean "certificate"`},
		{
			name: "later", script: tls + `modparam("tls_mgm", «"match_ip_address"», "[x]*")`,
			message: `parameter "match_ip_address" of tls_mgm is new in 3.0, this is 2.3`, help: `"DOMAIN=IP:PORT"`,
		},
		{name: "gone", versions: "3.0", script: tls + `modparam("tls_mgm", «"client_domain_avp"», "x")`, message: "is gone since 3.0, this is 3.0", help: "use client_tls_domain_avp"},
		{name: "as the manual has it", script: tls + `modparam("tls_mgm", «"cipher_list_col"», "c")`, help: "use ciphers_list_col"},
		{
			name: "of the module that the manual names", script: tls + `modparam("proto_tls", «"client_domain_avp"», "x")`,
			message: `parameter "client_domain_avp" of proto_tls is gone since 2.2, this is 2.3`, help: `use modparam("tls_mgm", "client_domain_avp"`,
		},
		{name: "of another module", script: tls + `modparam("tls_mgm", «"tls_port"», 5061)`, help: "module proto_tls has a parameter of that name"},
		{name: "by pattern", script: tls + `modparam("tls_mgm|proto_tls", «"certificate"», "/c")`, message: "of proto_tls"},
		{name: "known", script: tls + `modparam("proto_tls", "tls_port", 5061) modparam("tls_mgm", "ciphers_list_col", "c")`},
	}},
	{"parameter-type", []example{
		{
			name: "number for string", script: tls + `modparam("tls_mgm", "verify_cert", «1»)`,
			message: `parameter "verify_cert" of tls_mgm takes a string, found number 1`, help: `write it in quotes: "1"`,
		},
		{
			name: "string for number", script: tls + `modparam("tls_mgm", "tls_handshake_timeout", «"200"»)`,
			message: `takes an integer, found string "200"`, help: "write the number without quotes",
		},
		{name: "text for number", script: tls + `modparam("tls_mgm", "tls_handshake_timeout", «"soon"»)`},
		{
			name: "no password", script: `loadmodule "usrloc.so" modparam("usrloc", "db_mode", «"mysql://root:s@cret@localhost/opensips"»)`,
			message: `found string "mysql://root:…@localhost/opensips"`,
		},
		{name: "signed", script: tls + `modparam("tls_mgm", "tls_handshake_timeout", -0x10)`},
		{name: "either", script: `loadmodule "usrloc.so" modparam("usrloc", "nat_bflag", "NAT") modparam("usrloc", "db_mode", 0)`},
	}},
	{"parameter-value", []example{
		{name: "empty value", script: tls + `modparam("tls_mgm", "certificate", «""»)`, message: "empty value"},
		{name: "no value behind the name", script: tls + `modparam("tls_mgm", "server_domain", "d=127.0.0.1:5061") modparam("tls_mgm", "certificate", «"[d]"»)`, message: `no value after "[d]"`},
		{name: "open bracket", script: tls + `modparam("tls_mgm", "certificate", «"[d/c.pem"»)`, message: `expected "]" after the domain name`},
		{name: "method", script: tls + `modparam("tls_mgm", "tls_method", «"TLSv1.2"»)`, message: `unsupported method "TLSv1.2"`, help: `did you mean "TLSv1_2"`},
		{name: "method of the manual", script: tls + `modparam("tls_mgm", "tls_method", «"sslv3"»)`, help: "the manual has SSLv3, but no server takes it"},
		{name: "flag", script: tls + `modparam("tls_mgm", "verify_cert", «"yes"»)`, message: `expected a number, found "yes"`, help: "write 0 or 1"},
		{name: "negative flag", script: tls + `modparam("tls_mgm", "require_cert", «"-1"»)`},
		{name: "of a domain", script: tls + `modparam("tls_mgm", "client_domain", "d") modparam("tls_mgm", "crl_check_all", «"[d]x"»)`},
		{name: "definition without address", script: tls + `modparam("tls_mgm", "server_domain", «"dom1"»)`, message: `server domain "dom1" has no address`, help: "name=IP:port"},
		{name: "empty definition", script: tls + `modparam("tls_mgm", "client_domain", «""»)`, message: "empty domain definition"},
		{name: "definition without name", script: tls + `modparam("tls_mgm", "server_domain", «"=1.2.3.4:5061"»)`, message: "expected a domain name"},
		{name: "host name", script: tls + `modparam("tls_mgm", "server_domain", «"d=example.com:5061"»)`, message: `expected an IP address, found "example.com"`, help: "no host name"},
		{name: "no port", script: tls + `modparam("tls_mgm", "server_domain", «"d=1.2.3.4"»)`, message: "expected IP:port"},
		{name: "long port", script: tls + `modparam("tls_mgm", "server_domain", «"d=1.2.3.4:123456"»)`, message: "expected a port number"},
		{name: "IPv6", script: tls + `modparam("tls_mgm", "server_domain", «"d=[::1]:5061"»)`, help: "before 2.4 the first colon ends the address"},
		{name: "IPv6 from 2.4 on", versions: "2.4", script: tls + `modparam("tls_mgm", "server_domain", "d=[::1]:5061")`},
		{name: "settings of a refused domain", script: tls + `modparam("tls_mgm", "server_domain", «"d=nowhere:5061"»)
modparam("tls_mgm", "certificate", "[d]/c.pem")
modparam("tls_mgm", "tls_method", «"[d]TLSv9"»)`},
		{name: "good ones", script: tls + `modparam("tls_mgm", "server_domain", "d=1.2.3.4:5061")
modparam("tls_mgm", "server_domain", "e=1.2.3.4:99999")
modparam("tls_mgm", "client_domain", "c")
modparam("tls_mgm", "client_domain", "f=1.2.3.4:5061")
modparam("tls_mgm", "tls_method", "[c]tlsANY")
modparam("tls_mgm", "verify_cert", "  [d]0")
modparam("tls_mgm", "require_cert", "12345678901")
modparam("tls_mgm", "certificate", "[d][x]")`},
		{
			name: "no domain", versions: "3.0 3.4", script: bare + "mpath=\"/m/\" loadmodule \"tls_mgm.so\"\nmodparam(\"tls_mgm\", \"certificate\", «\"/c.pem\"»)\nmodparam(\"tls_mgm\", \"certificate\", «\"[]/c.pem\"»)",
			message: `no TLS domain is named in "/c.pem"`, help: "write [domain]value",
		},
		{name: "addresses from 3.0 on", versions: "3.0", script: tls + `modparam("tls_mgm", "server_domain", "d")
modparam("tls_mgm", "match_ip_address", «"[d]1.2.3.4:5061, nowhere:5061"»)`, help: "write IP:port, several apart by commas, or *"},
		{name: "good ones from 3.0 on", versions: "3.0", script: tls + `modparam("tls_mgm", "server_domain", "d=x")
modparam("tls_mgm", "match_ip_address", "[d=x]1.2.3.4:5061, [::1]:5061")
modparam("tls_mgm", "match_sip_domain", "[d=x]*.example.com")`},
		{name: "ranges from 3.0 on", versions: "3.0", script: tls + `modparam("tls_mgm", "server_domain", "d")
modparam("tls_mgm", "tls_method", "[d]TLSv1-TLSv1_3")
modparam("tls_mgm", "tls_method", "[d]TLSv1_2-")
modparam("tls_mgm", "tls_method", "[d]-")`},
	}},
	{"parameter-at-start", []example{
		{
			name: "method", versions: "3.0 3.4", script: bare + "mpath=\"/m/\" loadmodule \"tls_mgm.so\"\nmodparam(\"tls_mgm\", \"server_domain\", \"d\")\nmodparam(\"tls_mgm\", \"tls_method\", «\"[d]TLSv1.2\"»)",
			message: `unsupported method "TLSv1.2"`, help: `did you mean "TLSv1_2"`,
		},
		{name: "good method", versions: "3.0", script: tls + `modparam("tls_mgm", "server_domain", "d") modparam("tls_mgm", "tls_method", "[d]TLSv1_2")`},
	}},
}

var domainExamples = []ruleExamples{
	{"undefined-domain", []example{
		{name: "never", script: tls + `modparam("tls_mgm", "certificate", «"[nowhere]/c"»)`, message: `TLS domain "nowhere" is not defined`, help: `modparam("tls_mgm", "server_domain", "nowhere=IP:port")`},
		{name: "never, from 3.0 on", versions: "3.0", script: tls + `modparam("tls_mgm", "certificate", «"[nowhere]/c"»)`, message: `TLS domain "nowhere" is not defined`, help: `modparam("tls_mgm", "server_domain", "nowhere")`},
		{name: "with its address, from 3.0 on", versions: "3.0", script: tls + `modparam("tls_mgm", "server_domain", "d=1.2.3.4:5061")
modparam("tls_mgm", "certificate", «"[d]/c"»)`, message: `TLS domain "d" is not defined`, help: "give the address in match_ip_address"},
		{name: "too late", script: tls + `modparam("tls_mgm", "certificate", «"[d]/c"») modparam("tls_mgm", "client_domain", "d")`, help: "put the settings of a domain after its definition"},
		{name: "misspelt", script: tls + `modparam("tls_mgm", "client_domain", "atlanta") modparam("tls_mgm", "certificate", «"[atlnta]/c"»)`, help: `did you mean "atlanta"`},
		{name: "blanks", script: tls + `modparam("tls_mgm", "client_domain", "d") modparam("tls_mgm", "certificate", «"[ d ]/c"»)`, help: "without blanks"},
		{name: "another case", script: tls + `modparam("tls_mgm", "client_domain", "Atlanta") modparam("tls_mgm", "certificate", «"[atlanta]/c"»)`, help: `did you mean "Atlanta"`},
		{name: "no name", script: tls + `modparam("tls_mgm", "certificate", «"[]/c"»)`},
		{name: "told once", script: tls + `modparam("tls_mgm", "certificate", «"[d]/c"») modparam("tls_mgm", "private_key", "[d]/k")`, help: "1 more place below needs it"},
		{name: "defined", script: tls + `modparam("tls_mgm", "client_domain", "d") modparam("tls_mgm", "certificate", "[d]/c")`},
	}},
	{"duplicate-domain", []example{
		{name: "server", script: tls + `modparam("tls_mgm", "server_domain", "d=1.2.3.4:1") modparam("tls_mgm", "server_domain", «"d=1.2.3.4:2"»)`, message: `server domain "d" is defined already`},
		{name: "client", script: tls + `modparam("tls_mgm", "client_domain", "d") modparam("tls_mgm", "client_domain", «"d=1.2.3.4:2"»)`},
		{name: "one of each, and another case", script: tls + `modparam("tls_mgm", "client_domain", "d") modparam("tls_mgm", "server_domain", "d=1.2.3.4:2") modparam("tls_mgm", "client_domain", "D")`},
	}},
}

var wholeExamples = []ruleExamples{
	{"missing-dependency", []example{
		{name: "of a module", script: `loadmodule «"proto_tls.so"»`, message: "module proto_tls needs module tls_mgm, which is not loaded", help: `add loadmodule "tls_mgm.so"`},
		{name: "after a warning for the same", script: `loadmodule "dialplan.so" loadmodule "usrloc.so" modparam("usrloc", "db_mode", «1»)`},
		{name: "of a parameter", script: `loadmodule "usrloc.so" modparam("usrloc", "db_mode", «2»)`, message: `parameter "db_mode" of usrloc needs a database (db_…) module`},
		{name: "loaded later", script: `loadmodule "proto_tls.so" loadmodule "tls_mgm.so"`},
		{name: "not needed", script: `loadmodule "usrloc.so" modparam("usrloc", "db_mode", 0)`},
		{name: "any of the type", script: `loadmodule "usrloc.so" modparam("usrloc", "db_mode", 2) loadmodule "db_text.so"`},
	}},
	{"missing-companion", []example{
		{name: "of a module", script: `loadmodule «"dialplan.so"»`, message: "module dialplan expects a database (db_…) module", help: `loadmodule "db_mysql.so"`},
		{name: "of a parameter", script: `loadmodule "acc.so" modparam("acc", "db_url", «"mysql://localhost/x"»)`, message: `parameter "db_url" of acc expects a database (db_…) module`},
		{name: "told once", script: relay + `loadmodule "acc.so" modparam("acc", "db_url", «"mysql://a/x"») modparam("acc", "db_url", "mysql://b/x")`, help: "1 more place below needs it"},
		{name: "there", script: `loadmodule "dialplan.so" loadmodule "db_mysql.so" modparam("dialplan", "db_url", "mysql://localhost/x")`},
		{name: "no URL", script: relay + `loadmodule "acc.so" modparam("acc", "db_url", "")`},
	}},
	{"no-transport", []example{
		{name: "no module", script: bare + "«»mpath=\"/m/\"\nlisten=udp:127.0.0.1:5060"},
		{name: "no socket", script: bare + "«»mpath=\"/m/\"\nloadmodule \"proto_udp.so\"", message: "no socket to listen on", help: "listen=udp"},
		{name: "both", script: "log_level=3"},
		{name: "built in", versions: "1.11", script: bare + "listen=udp:127.0.0.1:5060"},
		{name: "any socket", versions: "1.11", script: bare + "debug=3"},
	}},
	{"no-protocol-module", []example{
		{name: "tls", script: "listen=«tls:127.0.0.1:5061»", message: `no module handles the protocol "tls"`, help: `add loadmodule "proto_tls.so"`},
		{name: "told once", script: "listen=«tcp:127.0.0.1:5061»\nlisten=tcp:127.0.0.1:5062", help: "1 more place below needs it"},
		{name: "of HEP", script: "listen=«hep_udp:127.0.0.1:9060»", help: "proto_hep.so"},
		{name: "loaded later", script: "listen=tcp:127.0.0.1:5061\nloadmodule \"proto_tcp.so\""},
		{name: "one for two", script: "loadmodule \"proto_hep.so\" listen=hep_udp:127.0.0.1:9060 listen=hep_tcp:127.0.0.1:9060"},
	}},
}
