package mi

import (
	"context"
	"iter"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// DomainInfo is what tls_list shows of one TLS domain. It has no place for
// keys and certificates themselves.
type DomainInfo struct {
	Name   string
	Client bool // a client domain, else a server domain

	// Address is IP:port, empty where the domain has none. It stands for the
	// filters of 3.x where those are empty, and their first one for it.
	Address        string
	MatchIPAddress []string // IP:port each, or "*"
	MatchSIPDomain []string // host names, wildcards or "*"; empty means "*"

	Method      string // as tls_method spells it, such as SSLv23 or TLSv1_2
	VerifyCert  bool
	RequireCert bool
	CRLCheckAll bool

	// FromDatabase marks a domain whose certificate, CA list, key and DH
	// parameters are blobs of the database: there are no files to name.
	FromDatabase bool

	Certificate, CAList, PrivateKey, DHParams string // paths of files

	CRLDir, CADir, CipherList, ECCurve string
}

// TLSList is the command that lists the TLS domains, in the order that domains
// gives them; OpenSIPS lists the default client, the default server, the client
// and then the server domains. The sequence is read after domains has returned,
// so it must be that of a snapshot.
func TLSList(domains func(context.Context) (iter.Seq[DomainInfo], error)) Command {
	return Command{
		Name:    "tls_list",
		Aliases: []string{"tls_mgm:list"},
		Module:  "tls_mgm",
		Help:    "lists the TLS domains",
		Run: func(ctx context.Context, _ Request) (Result, error) {
			list, err := domains(ctx)
			if err != nil {
				return nil, err
			}
			return domainList(list), nil
		},
	}
}

// domainList writes the domains straight into the answer: a table of 10,000
// makes some four megabytes.
type domainList iter.Seq[DomainInfo]

// AppendJSON implements Result.
func (list domainList) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"Domains":[`...)
	between := false
	for d := range list {
		if between {
			dst = append(dst, ',')
		}
		between = true
		dst = d.appendJSON(dst)
	}
	return append(dst, "]}"...)
}

// AppendTree implements Result. A real 2.x writes a member "Domain" for each
// domain into one object, of which JSON readers keep the last; a list under
// that name holds them all.
func (list domainList) AppendTree(dst []byte) []byte {
	dst = append(dst, `{"Domain": [`...)
	between := false
	for d := range list {
		if between {
			dst = append(dst, ", "...)
		}
		between = true
		dst = d.appendTree(dst)
	}
	return append(dst, "]}"...)
}

func (d *DomainInfo) appendJSON(dst []byte) []byte {
	dst = appendText(dst, `{"name":`, d.Name)
	dst = appendText(dst, `,"type":`, d.kind())
	dst = d.appendIPFilters(append(dst, `,"IP ADDRESS FILTERS":`...))
	dst = appendFilters(append(dst, `,"SIP DOMAIN FILTERS":`...), d.MatchSIPDomain)
	dst = appendText(dst, `,"METHOD":`, d.Method)
	dst = appendFlag(dst, `,"VERIFY_CERT":`, d.VerifyCert)
	dst = appendFlag(dst, `,"REQ_CLI_CERT":`, d.RequireCert)
	dst = appendFlag(dst, `,"CRL_CHECKALL":`, d.CRLCheckAll)
	if !d.FromDatabase {
		dst = appendText(dst, `,"CERT_FILE":`, d.Certificate)
	}
	dst = appendText(dst, `,"CRL_DIR":`, d.CRLDir)
	if !d.FromDatabase {
		dst = appendText(dst, `,"CA_FILE":`, d.CAList)
	}
	dst = appendText(dst, `,"CA_DIR":`, d.CADir)
	if !d.FromDatabase {
		dst = appendText(dst, `,"PKEY_FILE":`, d.PrivateKey)
	}
	dst = appendText(dst, `,"CIPHER_LIST":`, d.CipherList)
	if !d.FromDatabase {
		dst = appendText(dst, `,"DH_PARAMS_FILE":`, d.DHParams)
	}
	dst = appendText(dst, `,"EC_CURVE":`, d.ECCurve)
	return append(dst, '}')
}

func (d *DomainInfo) appendTree(dst []byte) []byte {
	dst = appendText(dst, `{"value":`, d.Name)
	dst = appendText(dst, `, "children":{"Type": `, d.kind())
	dst = appendText(dst, `, "Address": `, d.ip())
	dst = appendLeaf(dst, `, "METH": `, d.Method)
	dst = appendText(dst, `, "VERIFY_CERT": `, yesNo(d.VerifyCert))
	dst = appendText(dst, `, "REQ_CLI_CERT": `, yesNo(d.RequireCert))
	dst = appendText(dst, `, "CRL_CHECKALL": `, yesNo(d.CRLCheckAll))
	if !d.FromDatabase {
		dst = appendLeaf(dst, `, "CERT_FILE": `, d.Certificate)
	}
	dst = appendLeaf(dst, `, "CRL_DIR": `, d.CRLDir)
	if !d.FromDatabase {
		dst = appendLeaf(dst, `, "CA_FILE": `, d.CAList)
	}
	dst = appendLeaf(dst, `, "CA_DIR": `, d.CADir)
	if !d.FromDatabase {
		dst = appendLeaf(dst, `, "PKEY_FILE": `, d.PrivateKey)
	}
	dst = appendLeaf(dst, `, "CIPHER_LIST": `, d.CipherList)
	if !d.FromDatabase {
		dst = appendLeaf(dst, `, "DH_PARAMS": `, d.DHParams)
	}
	dst = appendLeaf(dst, `, "EC_CURVE": `, d.ECCurve)
	return append(dst, "}}"...)
}

func (d *DomainInfo) kind() string {
	if d.Client {
		return "TLS_DOMAIN_CLI"
	}
	return "TLS_DOMAIN_SRV"
}

// ip is the address that 2.x shows: without its port, 0.0.0.0 where there is
// none.
func (d *DomainInfo) ip() string {
	address := d.Address
	if address == "" && len(d.MatchIPAddress) > 0 {
		address = d.MatchIPAddress[0]
	}
	if address == "" || address == "*" {
		return "0.0.0.0"
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		return groups(host)
	}
	return groups(strings.Trim(address, "[]"))
}

// groups writes an IPv6 address in full, as a real server does: ::1 is
// 0:0:0:0:0:0:0:1.
func groups(host string) string {
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Is6() {
		return host
	}
	b := ip.As16()
	var text []byte
	for i := 0; i < len(b); i += 2 {
		if i > 0 {
			text = append(text, ':')
		}
		text = strconv.AppendUint(text, uint64(b[i])<<8|uint64(b[i+1]), 16)
	}
	return string(text)
}

func (d *DomainInfo) appendIPFilters(dst []byte) []byte {
	if len(d.MatchIPAddress) == 0 && d.Address != "" {
		dst = appendString(append(dst, '['), d.Address)
		return append(dst, ']')
	}
	return appendFilters(dst, d.MatchIPAddress)
}

func appendFilters(dst []byte, filters []string) []byte {
	if len(filters) == 0 {
		return append(dst, `["*"]`...)
	}
	dst = append(dst, '[')
	for i, f := range filters {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, f)
	}
	return append(dst, ']')
}
