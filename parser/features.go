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
		p.checkOptions(s)
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

// checkOptions tells about what follows a socket in a version or an order that
// it has no place in.
func (p *parse) checkOptions(l *Listen) {
	options := p.tokens[p.start:p.at]
	for options[0].end() != l.Socket.To {
		options = options[1:]
	}
	last := 0
	for i := range options {
		t := &options[i]
		rank := optionRank(t)
		if t.text == "anycast" && !p.dialect.has.Anycast {
			p.notYet(t.extent(), "\"anycast\"")
		} else if rank > 0 && rank <= last && !p.dialect.has.UseWorkers {
			p.found(t.extent(), fmt.Sprintf("expected a statement, found %s behind the other options of the socket", describe(t)),
				"what follows a socket stands once each, in the order as, use_children, anycast")
			return
		}
		last = max(last, rank)
	}
}

// optionRank is the place of an option of a socket before 3.0, 0 for what is
// none.
func optionRank(t *token) int {
	switch {
	case t.kind == kindAs:
		return 1
	case t.kind == kindUseChildren:
		return 2
	case t.text == "anycast":
		return 3
	}
	return 0
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
	p.add(at.Pos(), d)
}
