package openssl

import "strings"

// cipherParser reads the items of a cipher string and applies them.
type cipherParser struct {
	text       string
	at         int
	preference preference
	level      int
	skipped    []SkippedItem
}

func newCipherParser(text string) *cipherParser {
	p := &cipherParser{text: text, level: DefaultSecurityLevel}
	p.preference.init()
	return p
}

// run reads to the end. It stops at the first error: OpenSSL goes on, but
// refuses the whole string as well.
func (p *cipherParser) run() error {
	for p.at < len(p.text) {
		var err error
		switch c := p.text[p.at]; c {
		case ':', ',', ';', ' ':
			p.at++
		case '@':
			err = p.command()
		case '-', '+', '!':
			p.at++
			err = p.term(operation(c), p.at-1)
		default:
			err = p.term(add, p.at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// name reads a name, which may be empty.
func (p *cipherParser) name() string {
	start := p.at
	for p.at < len(p.text) && inName(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

func inName(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '='
}

// skipItem moves to the next separator.
func (p *cipherParser) skipItem() {
	if n := strings.IndexAny(p.text[p.at:], ":,; "); n >= 0 {
		p.at += n
	} else {
		p.at = len(p.text)
	}
}

// invalid is the error at the item that begins at start.
func (p *cipherParser) invalid(start int) error {
	p.skipItem()
	return &CipherListError{Offset: start, Item: p.text[start:p.at], Err: ErrInvalidCommand}
}

// command reads @STRENGTH or @SECLEVEL=n. What follows in the same item has no
// effect.
func (p *cipherParser) command() error {
	start := p.at
	p.at++
	name := p.name()
	level, isLevel := strings.CutPrefix(name, "SECLEVEL=")
	switch {
	case name == "STRENGTH":
		p.preference.sortByStrength()
	case isLevel && len(level) == 1 && level[0] >= '0' && level[0] <= '5':
		p.level = int(level[0] - '0')
	default:
		return p.invalid(start)
	}
	p.skipItem()
	return nil
}

// term reads names joined by + and applies the operation to what they select.
func (p *cipherParser) term(op operation, start int) error {
	var wanted selector
	for {
		name := p.name()
		if name == "" {
			return p.invalid(start)
		}
		more := p.at < len(p.text) && p.text[p.at] == '+'
		if more {
			p.at++
		}
		part, known := lookupTerm(name)
		if !known {
			p.skip(start, name)
			return nil
		}
		if !wanted.narrow(&part) {
			p.skipItem()
			p.note(start, name, SkipDisjoint)
			return nil
		}
		if !more {
			p.apply(op, &wanted, start, name)
			return nil
		}
	}
}

// apply carries out a term and notes it if it cannot have an effect.
func (p *cipherParser) apply(op operation, wanted *selector, start int, lastName string) {
	p.preference.apply(op, wanted)
	if wanted.selectsAny() {
		return
	}
	reason := SkipDisjoint
	if strings.TrimLeft(p.text[start:p.at], "+-!") == lastName {
		reason = SkipRetired // alone, so its suites are those not compiled in
	}
	p.note(start, lastName, reason)
}

// skip passes over an item because of a name that is not known.
func (p *cipherParser) skip(start int, name string) {
	nameAt := p.at - len(name)
	p.skipItem()
	switch {
	case name == "TLS" && strings.HasPrefix(p.text[nameAt:p.at], "TLS_"):
		p.noteIANA(start, p.text[nameAt:p.at])
	case name == "DEFAULT", strings.HasPrefix(name, "SUITEB"):
		p.note(start, name, SkipMisplaced)
	case retired(name):
		p.note(start, name, SkipRetired)
	default:
		p.note(start, name, SkipUnknown)
	}
}

// noteIANA notes a name in IANA's form, which OpenSSL 3.0 does not read
// beyond its first underscore.
func (p *cipherParser) noteIANA(start int, name string) {
	reason := SkipUnknown
	if s, ok := SuiteByName(name); ok && s.KeyExchange == KxAny {
		reason = SkipTLS13
	}
	p.note(start, name, reason)
}

func (p *cipherParser) note(start int, name string, reason SkipReason) {
	p.skipped = append(p.skipped, SkippedItem{start, p.text[start:p.at], name, reason})
}
