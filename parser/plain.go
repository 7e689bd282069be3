package parser

// plain reads a loadmodule or a modparam that is written as nearly all are;
// nil for any other statement, with nothing read. It does no more than the
// struct tags say: a large script has thousands of these lines, and participle
// takes ten times as long for each.
func (p *parse) plain() Statement {
	switch p.peek().text {
	case "loadmodule":
		if p.ahead(kindKeyword, kindString) {
			p.next()
			return &LoadModule{Module: p.stringToken()}
		}
	case "modparam":
		if p.ahead(kindKeyword, kindLParen, kindString, kindComma, kindString, kindComma, kindString, kindRParen) ||
			p.ahead(kindKeyword, kindLParen, kindString, kindComma, kindString, kindComma, kindNumber, kindRParen) {
			return p.plainModParam()
		}
	}
	return nil
}

func (p *parse) plainModParam() *ModParam {
	n := &ModParam{}
	p.at += 2
	n.Module = p.stringToken()
	p.next()
	n.Name = p.stringToken()
	p.next()
	n.Value = p.literal()
	p.next()
	return n
}

// ahead reports whether the next tokens are of these kinds.
func (r *reader) ahead(kinds ...kind) bool {
	if len(r.tokens)-r.at < len(kinds) {
		return false
	}
	for i, kind := range kinds {
		if r.tokens[r.at+i].kind != kind {
			return false
		}
	}
	return true
}
