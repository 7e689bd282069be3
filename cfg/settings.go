package cfg

import "strings"

// HTTP is what the script sets of the modules that serve the management
// interface over HTTP.
type HTTP struct {
	IP       Setting[string] // ip of httpd; empty: every address
	Port     Setting[int]    // port of httpd
	JSONRoot Setting[string] // mi_json_root of mi_json, the first part of the path
	RPCRoot  Setting[string] // mi_http_root of mi_http, or its root from 3.0 on
}

// ProtoTLS is what the script sets of proto_tls.
type ProtoTLS struct {
	Port             Setting[int] // of a socket without one
	MaxMsgChunks     Setting[int] // reads that a message may come in
	CRLFPingPong     Setting[int] // 1: a double CRLF is answered with a CRLF
	CRLFDrop         Setting[int] // 1: a CRLF is dropped without a word
	CertCheckOnReuse Setting[int] // 1: a connection is reused for its own domain only; from 2.4 on
}

// ProtoWSS is what the script sets of proto_wss.
type ProtoWSS struct {
	Port             Setting[int]    // of a socket without one
	MaxMsgChunks     Setting[int]    // reads that a message may come in
	Resource         Setting[string] // the path that a client asks for
	HandshakeTimeout Setting[int]    // milliseconds, of the WebSocket handshake
	CertCheckOnReuse Setting[int]    // as of proto_tls
}

// Drivers is what the script sets of the database modules that our server
// stands in for.
type Drivers struct {
	MySQLTimeout         Setting[int]    // timeout_interval of db_mysql, seconds
	MySQLTLSClientDomain Setting[string] // tls_client_domain of db_mysql, 2.3 and 2.4; empty: no TLS
	PostgresTimeout      Setting[int]    // timeout of db_postgres, seconds
	SQLiteExtension      Setting[string] // load_extension of db_sqlite; the last one
	SQLiteAllocLimit     Setting[int]    // alloc_limit of db_sqlite, rows
}

// defaultSettings sets what the manuals of the modules give as defaults.
func (c *Config) defaultSettings() {
	c.HTTP.Port.Value, c.HTTP.JSONRoot.Value, c.HTTP.RPCRoot.Value = 8888, "json", "mi"
	c.ProtoTLS.Port.Value, c.ProtoTLS.MaxMsgChunks.Value, c.ProtoTLS.CRLFPingPong.Value = 5061, 4, 1
	c.ProtoWSS.Port.Value, c.ProtoWSS.MaxMsgChunks.Value = 443, 4
	c.ProtoWSS.Resource.Value, c.ProtoWSS.HandshakeTimeout.Value = "/", 100
	c.Drivers.MySQLTimeout.Value, c.Drivers.PostgresTimeout.Value, c.Drivers.SQLiteAllocLimit.Value = 2, 5, 10
	c.TLS.HandshakeTimeout.Value, c.TLS.SendTimeout.Value = 100, 100
	c.TLS.DB.Table.Value, c.TLS.DB.VersionTable.Value = "tls_mgm", "version"
}

// A setter puts the value of a module parameter where the Config has it.
type setter func(c *Config, p *Param)

func number(field func(*Config) *Setting[int]) setter {
	return func(c *Config, p *Param) { *field(c) = Setting[int]{int(p.Value.Int), p.At} }
}

func text(field func(*Config) *Setting[string]) setter {
	return func(c *Config, p *Param) { *field(c) = Setting[string]{p.Value.Text, p.At} }
}

// setters are the parameters with a place of their own in Config.
var setters = map[paramKey]setter{
	{"httpd", "ip"}:             text(func(c *Config) *Setting[string] { return &c.HTTP.IP }),
	{"httpd", "port"}:           number(func(c *Config) *Setting[int] { return &c.HTTP.Port }),
	{"mi_json", "mi_json_root"}: text(func(c *Config) *Setting[string] { return &c.HTTP.JSONRoot }),
	{"mi_http", "mi_http_root"}: text(func(c *Config) *Setting[string] { return &c.HTTP.RPCRoot }),
	{"mi_http", "root"}:         text(func(c *Config) *Setting[string] { return &c.HTTP.RPCRoot }),

	{"proto_tls", "tls_port"}:                   number(func(c *Config) *Setting[int] { return &c.ProtoTLS.Port }),
	{"proto_tls", "tls_max_msg_chunks"}:         number(func(c *Config) *Setting[int] { return &c.ProtoTLS.MaxMsgChunks }),
	{"proto_tls", "tls_crlf_pingpong"}:          number(func(c *Config) *Setting[int] { return &c.ProtoTLS.CRLFPingPong }),
	{"proto_tls", "tls_crlf_drop"}:              number(func(c *Config) *Setting[int] { return &c.ProtoTLS.CRLFDrop }),
	{"proto_tls", "cert_check_on_conn_reusage"}: number(func(c *Config) *Setting[int] { return &c.ProtoTLS.CertCheckOnReuse }),
	{"proto_tls", "tls_handshake_timeout"}:      number(func(c *Config) *Setting[int] { return &c.TLS.HandshakeTimeout }),
	{"proto_tls", "tls_send_timeout"}:           number(func(c *Config) *Setting[int] { return &c.TLS.SendTimeout }),

	{"proto_wss", "wss_port"}:                   number(func(c *Config) *Setting[int] { return &c.ProtoWSS.Port }),
	{"proto_wss", "wss_max_msg_chunks"}:         number(func(c *Config) *Setting[int] { return &c.ProtoWSS.MaxMsgChunks }),
	{"proto_wss", "wss_resource"}:               text(func(c *Config) *Setting[string] { return &c.ProtoWSS.Resource }),
	{"proto_wss", "wss_handshake_timeout"}:      number(func(c *Config) *Setting[int] { return &c.ProtoWSS.HandshakeTimeout }),
	{"proto_wss", "cert_check_on_conn_reusage"}: number(func(c *Config) *Setting[int] { return &c.ProtoWSS.CertCheckOnReuse }),

	{"db_mysql", "timeout_interval"}:  number(func(c *Config) *Setting[int] { return &c.Drivers.MySQLTimeout }),
	{"db_mysql", "tls_client_domain"}: text(func(c *Config) *Setting[string] { return &c.Drivers.MySQLTLSClientDomain }),
	{"db_postgres", "timeout"}:        number(func(c *Config) *Setting[int] { return &c.Drivers.PostgresTimeout }),
	{"db_sqlite", "load_extension"}:   text(func(c *Config) *Setting[string] { return &c.Drivers.SQLiteExtension }),
	{"db_sqlite", "alloc_limit"}:      number(func(c *Config) *Setting[int] { return &c.Drivers.SQLiteAllocLimit }),

	{"tls_mgm", "client_domain_avp"}:     text(func(c *Config) *Setting[string] { return &c.TLS.ClientDomainAVP }),
	{"tls_mgm", "client_tls_domain_avp"}: text(func(c *Config) *Setting[string] { return &c.TLS.ClientDomainAVP }),
	{"tls_mgm", "client_sip_domain_avp"}: text(func(c *Config) *Setting[string] { return &c.TLS.ClientSIPDomainAVP }),
	{"tls_mgm", "tls_library"}:           text(func(c *Config) *Setting[string] { return &c.TLS.Library }),
	{"tls_mgm", "tls_handshake_timeout"}: number(func(c *Config) *Setting[int] { return &c.TLS.HandshakeTimeout }),
	{"tls_mgm", "tls_send_timeout"}:      number(func(c *Config) *Setting[int] { return &c.TLS.SendTimeout }),
	{"tls_mgm", "db_url"}:                text(func(c *Config) *Setting[string] { return &c.TLS.DB.URL }),
	{"tls_mgm", "db_table"}:              text(func(c *Config) *Setting[string] { return &c.TLS.DB.Table }),
}

// setTyped puts a parameter in its place, if it has one.
func (c *Config) setTyped(p *Param) {
	if set := setters[paramKey{p.Module, p.Name}]; set != nil {
		set(c, p)
	}
	if p.Module == "tls_mgm" && strings.HasSuffix(p.Name, "_col") {
		c.TLS.DB.Columns[p.Name] = Setting[string]{p.Value.Text, p.At}
	}
}
