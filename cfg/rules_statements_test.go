package cfg_test

var globalExamples = []ruleExamples{
	{"unknown-global", []example{
		{name: "misspelt", script: `«log_levl»=3`, message: `unknown global parameter "log_levl"`, help: `did you mean "log_level"`},
		{name: "nothing like it", script: `«frobnicate»=3`, message: `unknown global parameter "frobnicate"`},
		{name: "each", script: "«foo_a»=1\nchildren=4\n«foo_a»=2\nchildren=5\n«foo_b»=x"},
		{name: "gone", script: `«disable_tcp»=yes`, message: "is gone since 2.1, this is 2.3", help: "proto_tcp.so"},
		{name: "of TLS", script: `«tls_certificate»="/c.pem"`, message: "is gone since 2.1", help: `modparam("tls_mgm", "certificate"`},
		{name: "later", script: `«udp_workers»=4`, message: "is new in 3.0, this is 2.3", help: "use children"},
		{name: "in upper case", script: `«CHILDREN»=4`, help: `did you mean "children"`},
		{name: "known", script: "log_level=-1\nchildren=4\nauto_aliases=no\nserver_header=\"Server: x\"\ndns=off"},
		{name: "of 2.1", versions: "2.1", script: "debug=3\nfork=yes\navp_aliases=\"x=I:1\""},
	}},
	{"refused-global", []example{
		{name: "debug", script: `«debug»=3`, message: "debug is refused by 2.3", help: "use log_level"},
		{name: "fork", versions: "2.2 2.3 2.4", script: `«fork»=yes`, help: "use debug_mode"},
		{name: "new names", script: "log_level=3\ndebug_mode=no"},
		{name: "old version", versions: "2.1", script: "debug=3\nfork=no"},
	}},
	{"deprecated-global", []example{
		{name: "children", versions: "3.0", script: `«children»=4`, message: "children is deprecated in 3.0", help: "use udp_workers"},
		{name: "not yet", script: `children=4`},
	}},
	{"global-value", []example{
		{name: "facility", script: `log_facility=«LOG_LOCAL9»`, message: `expected a syslog facility such as LOG_LOCAL0, found "LOG_LOCAL9"`},
		{name: "facilities", script: "log_facility=LOG_LOCAL0\nlog_facility=log_daemon"},
		{name: "poll method", script: `poll_method=«fastest»`, message: "expected a poll method"},
		{name: "poll methods", script: "poll_method=epoll_lt\npoll_method=POLL"},
		{name: "tos", script: `tos=«0»`, message: "expected a number above 0, found 0"},
		{name: "tos by name", script: "tos=IPTOS_LOWDELAY\ntos=16"},
		{name: "threshold", script: "event_shm_threshold=«101»\nevent_pkg_threshold=«200»", message: "expected a percentage from 0 to 100"},
		{name: "thresholds", script: "event_shm_threshold=100\nevent_pkg_threshold=0"},
	}},
}

var socketExamples = []ruleExamples{
	{"unknown-protocol", []example{
		{name: "misspelt", script: `listen=«udo»:127.0.0.1:5070`, message: `unknown protocol "udo"`, help: `did you mean "udp"`},
		{name: "no protocol", script: `listen=«example»:"5070"`, help: "proto:host:port"},
		{name: "in an alias", script: `alias=«sipx»:example.com:5060`},
		{name: "in a blacklist", script: `dst_blacklist = gw:{ («foo», 192.0.2.0/24, 5060, "") }`},
		{name: "in a condition", script: `route { if (proto == «quic») exit; }`},
		{name: "in force_send_socket", script: `route { force_send_socket(«quic»:127.0.0.1:5060); }`},
		{name: "of a later version", versions: "2.1", script: `listen=«hep_udp»:127.0.0.1:9060`, message: "is new in 2.2, this is 2.1"},
		{name: "any case", script: "listen=UDP:127.0.0.1:5070\nalias=Tls:example.com:5061 any:example.net"},
		{name: "in conditions", script: `route { if (proto == TLS or proto == udp) force_send_socket(UDP:127.0.0.1:5060); }`},
	}},
	{"bad-address", []example{
		{name: "too large a number", script: `listen=udp:«127.0.0.300»:5060`, message: `"127.0.0.300" is no IP address`},
		{name: "advertised", script: `listen=udp:127.0.0.1:5070 as «1.2.3.256»`},
		{name: "alias", script: `alias=«1.2.3.256»`},
		{name: "global", script: `advertised_address=«1.2.3.256»`},
		{name: "condition", script: `route { if (src_ip == «1.2.3.256») exit; }`},
		{name: "bits", script: `route { if (src_ip == 10.0.0.0/«33») exit; }`, message: `a netmask of 33 bits is more than "10.0.0.0" has`},
		{name: "mask", script: `dst_blacklist = gw:{ (udp, 10.0.0.0/«255.0.0.256», 5060, "") }`},
		{name: "in 2.4", versions: "2.4", script: `route { if ($si == «10.0.0.256»/8) exit; }`},
		{name: "good ones", script: "listen=udp:[::1]:5060\nlisten=udp:10.0.0.1 as 1.2.3.4\nadvertised_address=1.2.3.4\nalias=udp:1.2.3.4:5060 10.0.0.1\n" +
			`dst_blacklist = gw:{ (udp, 10.0.0.0/255.0.0.0, 5060, "") }` + "\nroute { if (src_ip == 10.0.0.0/32) exit; }"},
		{name: "octal and hexadecimal", script: "listen=udp:0x7f.0.0.01:5060"},
	}},
	{"host-name", []example{
		{name: "interface", script: `listen=udp:«eth0»:5060`, message: `"eth0" is taken for a host name or an interface`},
		{name: "name", script: `listen=udp:«sip.example.com»:5060`},
		{name: "quoted name", script: `listen=udp:«"1host.example"»:5060`},
		{name: "addresses", script: "listen=udp:*:5060\nlisten=udp:10.0.0.1\nlisten=udp:[::1]:5060\nlisten=udp:\"10.0.0.2\":5060"},
	}},
}

var moduleExamples = []ruleExamples{
	{"unknown-module", []example{
		{name: "misspelt", script: `loadmodule «"tls_mgn.so"»`, message: `unknown module "tls_mgn"`, help: `did you mean "tls_mgm.so"`},
		{name: "nothing like it", script: `loadmodule «"my_own_thing.so"»`, help: "none of the modules of 2.3"},
		{name: "without .so", script: `loadmodule «"tls_mgm"»`, message: `module "tls_mgm" is not found`, help: `loadmodule "tls_mgm.so"`},
		{name: "no name", script: `loadmodule «"/etc/opensips/tls/ckey.pem"»`, help: "expected the name of a module file"},
		{name: "gone", script: `loadmodule «"xlog.so"»`, message: `unknown module "xlog"`, help: "xlog() is built in"},
		{name: "later", script: `loadmodule «"tls_openssl.so"»`, message: "is new in 3.2, this is 2.3", help: "tls_mgm.so"},
		{name: "built in", script: bare + "loadmodule \"proto_udp\" listen=udp:127.0.0.1"},
		{name: "in a folder", script: `loadmodule "modules/tm.so" loadmodule '/usr/lib/opensips/modules/sl.so' loadmodule "signaling.so"`},
	}},
	{"loaded-twice", []example{
		{name: "twice", script: "loadmodule \"tm.so\"\nloadmodule \"sl.so\"\nloadmodule \"signaling.so\"\nloadmodule «\"tm.so\"»", message: `module "tm" is loaded already`},
		{name: "from another folder", script: "loadmodule \"signaling.so\"\nloadmodule «\"/opt/signaling.so\"»"},
		{name: "once", script: `loadmodule "signaling.so" loadmodule "sl.so"`},
	}},
	{"module-path", []example{
		{name: "not set", script: bare + "loadmodule \"proto_udp.so\"\nloadmodule «\"signaling.so\"»\nloadmodule \"sl.so\"\nlisten=udp:127.0.0.1", message: "mpath is not set"},
		{name: "set too late", script: bare + "loadmodule «\"signaling.so\"»\nloadmodule \"proto_udp\"\nmpath=\"/m/\"\nlisten=udp:127.0.0.1"},
		{name: "full path", script: bare + "loadmodule \"/m/signaling.so\"\nloadmodule \"proto_udp.so\"\nlisten=udp:127.0.0.1"},
		{name: "set", script: `loadmodule "signaling.so"`},
	}},
}
