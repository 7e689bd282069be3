package parser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var kindNames = map[kind]string{
	kindIdent: "word", kindNumber: "number", kindString: "string", kindVar: "var", kindIPv6: "ipv6", kindIPv4: "ipv4",
	kindNetwork: "network", kindGlobal: "global", kindStatement: "function", kindRoute: "route", kindRouteKind: "routekind",
	kindOperand: "operand", kindMyself: "myself", kindNull: "null", kindAny: "any", kindMaxLen: "maxlen", kindIf: "if",
	kindIn: "in", kindBreak: "break", kindAs: "as", kindUseChildren: "children", kindSocketOption: "option", kindKeyword: "keyword",
	kindEqualOp: "equal", kindOrderOp: "order", kindMatchOp: "match", kindAssign: "assign", kindAssignOp: "assignop",
	kindAndOr: "andor", kindNot: "not", kindBitOp: "bit", kindArithOp: "arith", kindBitNot: "bitnot",
}

// lexed writes the tokens of a text as "kind:text", those without a kind of
// their own as their text, and the messages of the findings behind them.
func lexed(t *testing.T, d *Dialect, text string) string {
	t.Helper()
	checkTokens(t, d, text)
	s := newScanner(d, "test.cfg", text, nil)
	var parts []string
	for _, tok := range s.tokens() {
		switch name := kindNames[tok.kind]; {
		case tok.kind == kindEOF:
		case name != "":
			parts = append(parts, name+":"+tok.text)
		default:
			parts = append(parts, tok.text)
		}
	}
	for _, f := range s.findings {
		parts = append(parts, fmt.Sprintf("[%s at %d]", f.Rule, f.Span.Start.Offset))
	}
	return strings.Join(parts, " ")
}

type lexTest struct{ text, want string }

func testLex(t *testing.T, d *Dialect, tests []lexTest) {
	t.Helper()
	for _, test := range tests {
		if diff := cmp.Diff(test.want, lexed(t, d, test.text)); diff != "" {
			t.Errorf("%q (-want +have):\n%s", test.text, diff)
		}
	}
}

func TestLexWords(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{"abc a1 a_b A", "word:abc word:a1 word:a_b word:A"},
		{"_abc", "word:abc [ignored-bytes at 0]"},
		{"a-b a.b", "word:a arith:- word:b word:a . word:b"},
		{"log_level log_levels Log_level", "global:log_level word:log_levels word:Log_level"},
		{"mem-group mem-groups mem_group mem -group", "global:mem-group global:mem-group word:s word:mem_group word:mem arith:- word:group"},
		{"route routes route1 failure_route", "route:route word:routes word:route1 routekind:failure_route"},
		{"exit exits", "function:exit word:exits"},
		{"if If IF ifx", "if:if word:If word:IF word:ifx"},
		{"esac break", "break:esac break:break"},
		{"null NULL Null", "null:null null:NULL word:Null"},
		{"and or not && || !", "andor:and andor:or not:not andor:&& andor:|| not:!"},
		{"AND Not", "word:AND word:Not"},
		{"yes true on enable no false off disable", "number:yes number:true number:on number:enable number:no number:false number:off number:disable"},
		{"YES No OFF", "word:YES word:No word:OFF"},
		{"inet INET inet6 INET6 Inet inet4", "number:inet number:INET number:inet6 number:INET6 word:Inet word:inet4"},
		{"method myself max_len any msg:len", "operand:method myself:myself maxlen:max_len any:any operand:msg:len"},
		{"msg:lens msg :len msg: len", "operand:msg:len word:s word:msg : word:len word:msg : word:len"},
		{"uri:host uri:port uri:user", "keyword:uri:host keyword:uri:port operand:uri : word:user"},
		{"anycast tag frag use_workers", "word:anycast word:tag word:frag word:use_workers"},
	})
}

// Operands of their own went with 2.4.
func TestLexWords24(t *testing.T) {
	testLex(t, dialect24(t), []lexTest{
		{"method src_ip myself max_len msg:len", "word:method word:src_ip word:myself word:max_len word:msg : word:len"},
		{"anycast uri:host", "keyword:anycast keyword:uri:host"},
	})
}

// The tokens as and use_children include a blank before and one behind.
func TestLexSpacedWords(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{"x as y", "word:x as: as  word:y"},
		{"x AS y", "word:x as: AS  word:y"},
		{"x As y", "word:x word:As word:y"},
		{"x  as  y", "word:x as: as  word:y"},
		{"x\tas\ty", "word:x as:\tas\t word:y"},
		{"x\bas\ry", "word:x as:\bas\r word:y"},
		{"x as\ny", "word:x word:as word:y"},
		{"x\nas y", "word:x word:as word:y"},
		{"x\n as y", "word:x as: as  word:y"},
		{"as y", "word:as word:y"},
		{"x as", "word:x word:as"},
		{"x asy", "word:x word:asy"},
		{"x a s", "word:x word:a word:s"},
		{"x as as y", "word:x as: as  word:as word:y"},
		{"x as  as y", "word:x as: as  as: as  word:y"},
		{"x use_children 4", "word:x children: use_children  number:4"},
		{"x USE_CHILDREN 4", "word:x children: USE_CHILDREN  number:4"},
		{"x use_children\n4", "word:x word:use_children number:4"},
		{"x as/**/y", "word:x word:as word:y"},
		{"x/**/as y", "word:x word:as word:y"},
		{"x use_workers 4", "word:x word:use_workers number:4"},
	})
	without := testLanguage(false)
	without.Has.UseChildren = false
	testLex(t, newDialect(t, without), []lexTest{{"x use_children 4 as y", "word:x word:use_children number:4 as: as  word:y"}})
	later := testLanguage(true)
	later.Has.UseChildren, later.Has.UseWorkers, later.Has.SocketTag = false, true, true
	testLex(t, newDialect(t, later), []lexTest{
		{"x use_workers 4 use_children 4 tag a", "word:x children: use_workers  number:4 word:use_children number:4 option:tag word:a"},
		{"frag reuse_port use_auto_scaling_profile", "option:frag option:reuse_port option:use_auto_scaling_profile"},
	})
}

func TestLexNumbers(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{"0 7 10 4294967296", "number:0 number:7 number:10 number:4294967296"},
		{"007 0666 08 019", "number:007 number:0666 number:0 number:8 number:01 number:9"},
		{"0x1f 0xAb 0x 0X1 0xg", "number:0x1f number:0xAb number:0 word:x number:0 word:X1 number:0 word:xg"},
		{"1a 12ab", "number:1 word:a number:12 word:ab"},
		{"-1 +2", "arith:- number:1 arith:+ number:2"},
		{"1.5", "number:1 . number:5"},
		{"10.0.0.1/8", "number:10 . number:0 . number:0 . number:1 arith:/ number:8"},
	})
}

func TestLexAddresses(t *testing.T) {
	both := []lexTest{
		{"::", "ipv6:::"},
		{"::1", "ipv6:::1"},
		{"1::", "ipv6:1::"},
		{"2001:db8::10", "ipv6:2001:db8::10"},
		{"1:2:3:4:5:6:7:8", "ipv6:1:2:3:4:5:6:7:8"},
		{"1:2:3:4:5:6:7:8:9", "ipv6:1:2:3:4:5:6:7:8 : number:9"},
		{"abcd:ef01:2345:6789:abcd:ef01:2345:6789", "ipv6:abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
		{"fe80::1:2", "ipv6:fe80::1:2"},
		{"1:2", "number:1 : number:2"},
		{"a:b", "word:a : word:b"},
		{"12345::1", "number:12345 ipv6:::1"},
		{"[::1]:5061", "[ ipv6:::1 ] : number:5061"},
		{"[2001:db8::1]", "[ ipv6:2001:db8::1 ]"},
		{"tls:[::1]", "word:tls : [ ipv6:::1 ]"},
		{"case 1:", "case number:1 :"},
	}
	testLex(t, dialect23(t), both)
	testLex(t, dialect24(t), both)
	testLex(t, dialect24(t), []lexTest{
		{"10.0.0.1", "ipv4:10.0.0.1"},
		{"999.0.0.1", "ipv4:999.0.0.1"},
		{"10.0.0.1/8 10.0.0.1/255.0.0.0 10.0.0.1/x 10.0.0.1 /8", "network:10.0.0.1/8 network:10.0.0.1/255.0.0.0 ipv4:10.0.0.1 arith:/ word:x ipv4:10.0.0.1 arith:/ number:8"},
		{"10.0.0 10.0.0. 10.0.0.a", "number:10 . number:0 . number:0 number:10 . number:0 . number:0 . number:10 . number:0 . number:0 . word:a"},
		{"10.0.0.01 010.0.0.1", "ipv4:10.0.0.0 number:1 number:010 . number:0 . number:0 . number:1"},
		{"10.0.0.1.2", "ipv4:10.0.0.1 . number:2"},
		{"1.2.3.4:5060", "ipv4:1.2.3.4 : number:5060"},
	})
}

func TestLexStrings(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{`"a" 'b' "" ''`, `string:"a" string:'b' string:"" string:''`},
		{`"a\"b" "a\\" "c"`, `string:"a\"b" string:"a\\" string:"c"`},
		{`'a\' 'b'`, `string:'a\' string:'b'`},
		{`"it's" 'say "x"'`, `string:"it's" string:'say "x"'`},
		{"\"a\nb\" 'a\nb'", "string:\"a\nb\" string:'a\nb'"},
		{"\"a\\\nb\"", "string:\"a\\\nb\""},
		{`"a#b" '/*' "*/"`, `string:"a#b" string:'/*' string:"*/"`},
		{"\"\xff\x00\"", "string:\"\xff\x00\""},
		{`"a""b"`, `string:"a" string:"b"`},
		{`x "a`, `word:x [unclosed at 2]`},
		{`x 'a`, `word:x [unclosed at 2]`},
		{`"a\"`, `[unclosed at 0]`},
		{`"a\`, `[unclosed at 0]`},
		{`"`, `[unclosed at 0]`},
	})
}

func TestLexVariables(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{"$ru $avp(x) $(ru{s.len})", "var:$ru var:$avp(x) var:$(ru{s.len})"},
		{"$(hdr(From)[0]{s.len}) $(a(b(c)))", "var:$(hdr(From)[0]{s.len}) var:$(a(b(c)))"},
		{"$var( a b ) x", "var:$var( a b ) word:x"},
		{"$var(a\nb) x", "var:$var(a\nb) word:x"},
		{"$avp(x)y", "var:$avp(x) word:y"},
		{"$avp(x)[0]", "var:$avp(x) [ number:0 ]"},
		{"$ru; $ru, $ru)", "var:$ru ; var:$ru , var:$ru )"},
		{"$ru{s.len} $ru[0] $a.b $a:b;", "var:$ru{s.len} var:$ru[0] var:$a.b var:$a:b ;"},
		{"$a=1 $a==1 $a:=1 $a+=1", "var:$a assign:= number:1 var:$a equal:== number:1 var:$a assignop::= number:1 var:$a assignop:+= number:1"},
		{"$a!=1 $a=~x $a<1 $a>1", "var:$a equal:!= number:1 var:$a match:=~ word:x var:$a order:< number:1 var:$a order:> number:1"},
		{"$a+1 $a-1 $a*1 $a/1 $a%1 $a~1 $a^1 $a|1 $a&1", "var:$a arith:+ number:1 var:$a arith:- number:1 var:$a arith:* number:1 var:$a arith:/ number:1 " +
			"var:$a arith:% number:1 var:$a bitnot:~ number:1 var:$a bit:^ number:1 var:$a bit:| number:1 var:$a bit:& number:1"},
		{"$aand $land $xor $note", "var:$a andor:and var:$l andor:and var:$x andor:or var:$ word:note"},
		{"$(land) $avp(and)", "var:$(land) var:$avp(and)"},
		{"$a\"b\"", "[unclosed at 0]"},
		{"$a$b;", "var:$a$b ;"},
		{"$ a", "var:$ word:a"},
		{"$", "[unclosed at 0]"},
		{"$ru", "[unclosed at 0]"},
		{"$(ru", "[unclosed at 0]"},
		{"$avp(x", "[unclosed at 0]"},
		{"$avp(x)", "var:$avp(x)"},
	})
}

func TestLexOperators(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{"= == => =~ =! =", "assign:= equal:== assign:= order:> match:=~ assign:= not:! assign:="},
		{"===", "equal:== assign:="},
		{"! != !~ !!", "not:! equal:!= match:!~ not:! not:!"},
		{"> >= >> >>= < <= << <<", "order:> order:>= bit:>> bit:>> assign:= order:< order:<= bit:<< bit:<<"},
		{"& && &= &&&", "bit:& andor:&& assignop:&= andor:&& bit:&"},
		{"| || |= |||", "bit:| andor:|| assignop:|= andor:|| bit:|"},
		{"+ += - -= * *= / /= % %= ^ ^= ~", "arith:+ assignop:+= arith:- assignop:-= arith:* assignop:*= arith:/ assignop:/= arith:% assignop:%= bit:^ assignop:^= bitnot:~"},
		{": := ; , . ( ) { } [ ]", ": assignop::= ; , . ( ) { } [ ]"},
		{"++", "arith:+ arith:+"},
	})
}

func TestLexComments(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{"a # b\nc", "word:a word:c"},
		{"a#b\nc", "word:a word:c"},
		{"#\n##\na", "word:a"},
		{"# a \\\nb", "word:b"},
		{"# /*\na", "word:a"},
		{"a # b", "word:a [comment-at-end at 2]"},
		{"#", "[comment-at-end at 0]"},
		{"a /* b */ c", "word:a word:c"},
		{"a/**/b", "word:a word:b"},
		{"a /* b /* c */ d */ e", "word:a word:e"},
		{"a /* # b */ c", "word:a word:c"},
		{"a /* \" */ c", "word:a word:c"},
		{"a /*/ b */ c", "word:a word:c"},
		{"a */ b", "word:a arith:* arith:/ word:b"},
		{"a /* b", "word:a [unclosed-comment at 2]"},
		{"a /* b /* c */ d", "word:a [unclosed-comment at 2]"},
		{"/*", "[unclosed-comment at 0]"},
		{"// a", "arith:/ arith:/ word:a"},
	})
}

func TestLexBlanks(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{"", ""},
		{" \t\b\r\n", ""},
		{"a\r\nb\rc", "word:a word:b word:c"},
		{"a\\\nb", "word:a word:b"},
		{"a \\\n b", "word:a word:b"},
		{"a \\\r\nb", "word:a word:b [ignored-bytes at 2]"},
		{"a \\ b", "word:a word:b [ignored-bytes at 2]"},
		{"a\\", "word:a [ignored-bytes at 1]"},
		{"a\vb\fc", "word:a word:b word:c [ignored-bytes at 1] [ignored-bytes at 3]"},
	})
}

func TestLexOddBytes(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{"a ? @ b", "word:a word:b [ignored-bytes at 2] [ignored-bytes at 4]"},
		{"a?@`b", "word:a word:b [ignored-bytes at 1]"},
		{"\ufeffa", "word:a [ignored-bytes at 0]"},
		{"a\ufeff", "word:a [ignored-bytes at 1]"},
		{"caf\u00e9", "word:caf [ignored-bytes at 3]"},
		{"\xff\xfea\x00b", "word:a word:b [ignored-bytes at 0] [ignored-bytes at 3]"},
		{"\x00", "[ignored-bytes at 0]"},
		{"\u201ca\u201d", "word:a [ignored-bytes at 0] [ignored-bytes at 4]"},
	})
}

// Without files there are no includes: their names are skipped.
func TestLexIncludes(t *testing.T) {
	testLex(t, dialect23(t), []lexTest{
		{"a include_file \"x\" b", "word:a word:b"},
		{"a import_file \"x\"\nb", "word:a word:b"},
		{"include_files", "word:include_files"},
	})
}

func TestStringValue(t *testing.T) {
	tests := []struct{ raw, want string }{
		{`"abc"`, "abc"},
		{`""`, ""},
		{`"\n\r\t\a\"\\"`, "\n\r\t\a\"\\"},
		{`"\x41\x4\x4g\x"`, "A\x04\x04g\\x"},
		{`"\xff"`, "\xff"},
		{`"\101\12\1\18"`, "A\n\\1\\18"},
		{`"\777"`, "\xff"},
		{`"\1234"`, "S4"},
		{"\"a\\\nb\"", "ab"},
		{"\"a\nb\"", "a\nb"},
		{`"\.\d\$\ "`, `\.\d\$\ `},
		{`'\n\\"'`, `\n\\"`},
		{`''`, ""},
	}
	for _, test := range tests {
		if have := (&String{Raw: test.raw}).Value(); have != test.want {
			t.Errorf("%s: %q, want %q", test.raw, have, test.want)
		}
	}
}

func TestNumberInt(t *testing.T) {
	tests := map[string]int64{
		"0": 0, "42": 42, "-42": -42, "+42": 42, "0x1f": 31, "0xAB": 171, "0666": 438, "-0x10": -16,
		"yes": 1, "on": 1, "true": 1, "enable": 1, "no": 0, "off": 0, "false": 0, "disable": 0,
		"-yes": -1, "inet": 2, "INET": 2, "inet6": 10, "INET6": 10,
		"2147483647": 2147483647, "2147483648": -2147483648, "4294967295": -1, "4294967296": 0,
		"99999999999999999999": -1,
	}
	for raw, want := range tests {
		if have := (&Number{Raw: raw}).Int(); have != want {
			t.Errorf("%s: %d, want %d", raw, have, want)
		}
	}
}
