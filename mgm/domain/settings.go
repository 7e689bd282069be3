package domain

import (
	"fmt"
	"math"
	"strconv"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func rowText(id int64) string { return "row " + strconv.FormatInt(id, 10) }

// A setting is a parameter of tls_mgm that each domain has of its own.
type setting struct {
	param string
	set   func(d *Definition, value string, from Origin, v catalogue.Version) error
	from  func(d *Definition) Origin
}

// settings are all of them. A new one is one more line.
var settings = []setting{
	{"tls_method", setMethod, func(d *Definition) Origin { return d.Method.From }},
	{"verify_cert", flag(func(d *Definition) *Flag { return &d.VerifyCert }), func(d *Definition) Origin { return d.VerifyCert.From }},
	{"require_cert", flag(func(d *Definition) *Flag { return &d.RequireCert }), func(d *Definition) Origin { return d.RequireCert.From }},
	{"crl_check_all", flag(func(d *Definition) *Flag { return &d.CRLCheckAll }), func(d *Definition) Origin { return d.CRLCheckAll.From }},
	{"certificate", file(func(d *Definition) *Material { return &d.Certificate }), func(d *Definition) Origin { return d.Certificate.From }},
	{"private_key", file(func(d *Definition) *Material { return &d.PrivateKey }), func(d *Definition) Origin { return d.PrivateKey.From }},
	{"ca_list", file(func(d *Definition) *Material { return &d.CAList }), func(d *Definition) Origin { return d.CAList.From }},
	{"dh_params", file(func(d *Definition) *Material { return &d.DHParams }), func(d *Definition) Origin { return d.DHParams.From }},
	{"ca_dir", text(func(d *Definition) *Text { return &d.CADir }), func(d *Definition) Origin { return d.CADir.From }},
	{"crl_dir", text(func(d *Definition) *Text { return &d.CRLDir }), func(d *Definition) Origin { return d.CRLDir.From }},
	{"ciphers_list", text(func(d *Definition) *Text { return &d.CiphersList }), func(d *Definition) Origin { return d.CiphersList.From }},
	{"match_ip_address", setMatchIPAddress, func(d *Definition) Origin { return d.MatchIPAddress.From }},
	{"match_sip_domain", text(func(d *Definition) *Text { return &d.MatchSIPDomain }), func(d *Definition) Origin { return d.MatchSIPDomain.From }},
	{"ec_curve", text(func(d *Definition) *Text { return &d.ECCurve }), func(d *Definition) Origin { return d.ECCurve.From }},
}

type setter = func(d *Definition, value string, from Origin, v catalogue.Version) error

func text(field func(*Definition) *Text) setter {
	return func(d *Definition, value string, from Origin, _ catalogue.Version) error {
		*field(d) = Text{value, from}
		return nil
	}
}

func file(field func(*Definition) *Material) setter {
	return func(d *Definition, value string, from Origin, _ catalogue.Version) error {
		*field(d) = Material{File: value, From: from}
		return nil
	}
}

func flag(field func(*Definition) *Flag) setter {
	return func(d *Definition, value string, from Origin, _ catalogue.Version) error {
		n, err := number(value)
		if err != nil {
			return err
		}
		*field(d) = Flag{n != 0, from}
		return nil
	}
}

// number is an unsigned decimal number; one too large wraps, as 2.x does.
func number(value string) (uint32, error) {
	var n uint32
	for i := range len(value) {
		c := value[i]
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("expected a number, found %s", diag.Quote(value))
		}
		n = n*10 + uint32(c-'0')
	}
	return n, nil
}

func setMethod(d *Definition, value string, from Origin, v catalogue.Version) error {
	_, err := ParseMethod(value, v)
	if err != nil && v < MethodsAtStartSince {
		return err
	}
	d.Method = Text{value, from}
	return nil
}

func setMatchIPAddress(d *Definition, value string, from Origin, v catalogue.Version) error {
	if _, _, err := ParseMatchIPAddress(value, v); err != nil {
		return err
	}
	d.MatchIPAddress = Text{value, from}
	return nil
}

// IsSetting reports whether a parameter of tls_mgm takes a [domain] prefix and
// sets something of a domain.
func IsSetting(param string) bool { return find(param) != nil }

// Settings are the names of the parameters that set something of a domain.
func Settings() []string {
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.param
	}
	return names
}

func find(param string) *setting {
	for i := range settings {
		if settings[i].param == param {
			return &settings[i]
		}
	}
	return nil
}

// Set sets what the parameter of tls_mgm sets to a value without its [domain]
// prefix. The error says why a server of the version refuses the value.
func (d *Definition) Set(param, value string, from Origin, v catalogue.Version) error {
	s := find(param)
	if s == nil {
		return fmt.Errorf("parameter %q sets nothing of a domain", param)
	}
	return s.set(d, value, from, v)
}

// Origin says where the parameter was set for this domain.
func (d *Definition) Origin(param string) Origin {
	if s := find(param); s != nil {
		return s.from(d)
	}
	return Origin{}
}

// Port reads a port as 2.x does: up to five digits, modulo 65536.
func Port(text string) (uint16, error) {
	const digits = 5
	n, err := number(text)
	if err != nil || text == "" || len(text) > digits {
		return 0, fmt.Errorf("expected a port number, found %s", diag.Quote(text))
	}
	return uint16(n & math.MaxUint16), nil
}
