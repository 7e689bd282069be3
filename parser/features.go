package parser

import (
	"fmt"

	"github.com/opensips-tools/tlsmgm/parser/diag"
)

// checkFeatures tells about constructs of other versions that the grammar lets
// pass. Every statement but a route goes through it; a route is read with the
// dialect at hand.
func (p *parse) checkFeatures(s Statement) {
	has := p.dialect.has
	switch s := s.(type) {
	case *Route:
		return
	case *Listen:
		if star, ok := s.Socket.Host.(*AnyHost); ok && !has.AnyAddress {
			p.notYet(star, "the address \"*\"")
		}
		if s.Anycast && !has.Anycast {
			p.notYet(Extent{s.To - Pos(len("anycast")), s.To}, "\"anycast\"")
		}
	}
	if has.AddressTokens {
		Walk(s, func(n Node) bool {
			if ip, ok := n.(*IP); ok && ip.dotted {
				p.dottedNumbers(ip)
			}
			return true
		})
	}
}

// notYet reports a construct that a later version brought.
func (p *parse) notYet(at Node, construct string) {
	p.found(at, fmt.Sprintf("%s is not in the grammar of %s", construct, p.dialect.version),
		"a later version has it: check with --opensips and the version that you run")
}

func (p *parse) dottedNumbers(ip *IP) {
	p.found(ip, fmt.Sprintf("expected an address or a host name, found number and dots that make no IPv4 address in %s", p.dialect.version),
		"write four decimal numbers without leading zeros, with one dot between each")
}

func (p *parse) found(at Node, message, help string) {
	d := diag.New(ruleSyntax, p.file.Sources.Span(at), message)
	d.Help = help
	d.Related = includedFrom(p.file.Sources, at.Pos())
	p.file.Findings = append(p.file.Findings, Finding{at.Pos(), d})
}
