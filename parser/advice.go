package parser

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// advise says what to do about an error that whoever found it has no help for.
func (p *parse) advise(e *syntaxError) string {
	at, after := &e.at, e.after
	switch {
	case at.text == "/" && p.byteAfter(at) == '/':
		return "a comment begins with # or stands between /* and */"
	case after != nil && after.kind == kindString && strings.Contains(after.text, "\n"):
		return "the string before it goes on over the end of its line: is the quote missing that closes it?"
	case after != nil && after.kind == kindVar && strings.HasSuffix(after.text, "]") && e.want == `"]"`:
		return "put a blank between the variable and the bracket, which is part of its name otherwise"
	case wantsNumber(e) && p.dialect.words[strings.ToLower(at.text)] == kindNumber:
		return fmt.Sprintf("write %s in lower case", strings.ToLower(at.text))
	case wantsNumber(e) && at.kind == kindString && isNumber(at.text[1:len(at.text)-1]):
		return "write the number without quotes"
	case wantsString(e) && p.isUnquoted(at):
		return fmt.Sprintf("put it in quotes: \"%s\"", shorten(at.text))
	case wantsString(e) && (at.kind == kindNumber || at.text == "/"):
		return "put it in quotes"
	case e.want == wantValue && at.kind == kindIdent:
		return fmt.Sprintf("put it in quotes: \"%s\"", shorten(at.text))
	case e.want == wantHost && p.isUnquoted(at):
		return "put the name in quotes: it is a word of the language"
	case e.want == "a protocol" && at.kind == kindString:
		return "write it without quotes"
	}
	return adviceOf(e)
}

func wantsString(e *syntaxError) bool { return strings.HasPrefix(e.want, "a string") }
func wantsNumber(e *syntaxError) bool { return strings.Contains(e.want, "a number") }

// isUnquoted reports whether a word stands where it would have to be a string,
// and is not that of the next statement.
func (p *parse) isUnquoted(t *token) bool {
	return t.kind != kindEOF && t.kind < kindEqualOp && isLetter(t.text[0]) && !p.firstOnLine(t)
}

func isNumber(text string) bool {
	return text != "" && isDigit(text[0]) && numberLength(text) == len(text)
}

// adviceOf is the help for some pairs of what was expected and what was found.
func adviceOf(e *syntaxError) string {
	at := &e.at
	switch e.want {
	case "a protocol":
		return "a socket is proto:host or proto:host:port, such as udp:127.0.0.1:5060"
	case `":"`:
		if at.kind == kindIPv6 {
			return "put an IPv6 address in square brackets"
		}
	case wantDot:
		if at.kind == kindIdent {
			return "put a host name in quotes where a label begins with a digit"
		}
	case wantAssignment:
		if at.text == "==" {
			return "to set the variable write ="
		}
	case wantComparison:
		if at.text == "=" {
			return "to compare write =="
		}
	case wantCondition:
		if at.kind == kindString || at.kind == kindNull {
			return "a comparison has its variable on the left"
		}
	}
	return ""
}

func (p *parse) byteAfter(t *token) byte {
	src := p.sources.Source(t.at)
	if at := int(t.end() - src.Base()); at < len(src.Text) {
		return src.Text[at]
	}
	return 0
}

// explainStart completes the error of a word that begins no statement.
func (p *parse) explainStart(e *syntaxError) {
	if p.at > 0 && !p.firstOnLine(&e.at) {
		e.after = &p.tokens[p.at-1]
	}
	next := kindEOF
	if e.at.kind != kindEOF {
		next = p.tokens[p.at+1].kind
	}
	switch k := e.at.kind; {
	case k == kindRBrace:
		e.help = "there is one } more than {: the bracket that it should close is closed already"
	case k == kindSemicolon:
		e.help = "remove it: statements outside routes end without a semicolon"
	case k == kindComma && e.after != nil:
		e.help = "sockets have a listen each, and the names of an alias nothing but blanks between them"
	case k == kindIdent && (next == kindLBrace || next == kindLBracket):
		e.help = "the kinds of route are " + p.dialect.routeKinds()
	case k == kindIdent && (e.at.text == "as" || e.at.text == "use_children"):
		e.help = fmt.Sprintf("what belongs to %q stands on the same line, with a blank before it", e.at.text)
	case k == kindIdent && (next == kindNumber || next == kindString || next == kindIdent):
		e.help = "a global parameter is set with name = value"
	case k == kindIdent && next == kindLParen, k == kindStatement, k == kindIf, k == kindVar:
		e.help = "actions stand within a route: check whether a } closes the route too early"
		p.relateLastRoute(e)
	}
}

// relateLastRoute points at the end of the route before, if that is the
// statement before.
func (p *parse) relateLastRoute(e *syntaxError) {
	statements := p.file.Statements
	if len(statements) == 0 {
		return
	}
	if route, ok := statements[len(statements)-1].(*Route); ok {
		e.relate(Extent{route.To - 1, route.To}, "the route before ends here")
	}
}

// routeKinds lists the words that begin a route.
func (d *Dialect) routeKinds() string {
	var kinds []string
	for word := range maps.Keys(d.words) {
		if kind := d.words[word]; kind == kindRoute || kind == kindRouteKind {
			kinds = append(kinds, word)
		}
	}
	slices.Sort(kinds)
	return strings.Join(kinds, ", ")
}
