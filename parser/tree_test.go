package parser

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dump writes a node as (Type field …): operators and names as they are, flags
// by their names, missing parts not at all.
func dump(n Node) string {
	switch n := n.(type) {
	case *String:
		return n.Raw
	case *Number:
		return n.Raw
	case *Var:
		return n.Raw
	case *Ident:
		return n.Name
	case *Operand:
		return n.Name
	}
	v := reflect.ValueOf(n).Elem()
	parts := []string{v.Type().Name()}
	for i := range v.NumField() {
		if part := dumpField(v.Type().Field(i), v.Field(i)); part != "" {
			parts = append(parts, part)
		}
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func dumpField(field reflect.StructField, v reflect.Value) string {
	switch {
	case field.Anonymous || !field.IsExported():
		return ""
	case v.Kind() == reflect.Bool:
		if v.Bool() {
			return strings.ToLower(field.Name)
		}
		return ""
	case v.Kind() == reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			if parts[i] = "nil"; !v.Index(i).IsNil() {
				parts[i] = dump(v.Index(i).Interface().(Node))
			}
		}
		return "[" + strings.Join(parts, " ") + "]"
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return dump(v.Interface().(Node))
	}
	return fmt.Sprint(v.Interface())
}

func dumpFile(f *File) string {
	statements := make([]string, len(f.Statements))
	for i, s := range f.Statements {
		statements[i] = dump(s)
	}
	return strings.Join(statements, " ")
}

type treeTest struct{ text, want string }

// testTrees parses texts that have no findings and compares their trees.
func testTrees(t *testing.T, d *Dialect, before, after string, tests []treeTest) {
	t.Helper()
	for _, test := range tests {
		f := parseText(t, d, before+test.text+after)
		if len(f.Findings) > 0 {
			t.Errorf("%s: %s", test.text, findings(f))
		}
		have := dumpFile(f)
		if before != "" {
			have = strings.TrimSuffix(strings.TrimPrefix(have, "(Route route (Block ["), "]))")
		}
		if diff := cmp.Diff(test.want, have); diff != "" {
			t.Errorf("%s (-want +have):\n%s", test.text, diff)
		}
	}
}

func testActions(t *testing.T, d *Dialect, tests []treeTest) {
	t.Helper()
	testTrees(t, d, "route {", "\n}\n", tests)
}

func testConditions(t *testing.T, d *Dialect, tests []treeTest) {
	t.Helper()
	for i := range tests {
		tests[i].want = "(If " + tests[i].want + " (Empty))"
	}
	testTrees(t, d, "route { if ", "\n;}\n", tests)
}

func testValues(t *testing.T, d *Dialect, tests []treeTest) {
	t.Helper()
	for i := range tests {
		tests[i].want = "(Assign $x = " + tests[i].want + ")"
	}
	testTrees(t, d, "route { $x = ", "\n;}\n", tests)
}

func TestStatements(t *testing.T) {
	testTrees(t, dialect23(t), "", "\n", []treeTest{
		{`loadmodule "tm.so"`, `(LoadModule "tm.so")`},
		{`loadmodule 'tm.so'`, `(LoadModule 'tm.so')`},
		{`modparam("tm", "fr_timeout", 5)`, `(ModParam "tm" "fr_timeout" 5)`},
		{`modparam ( 'tm' , "fr_timeout" , - 5 )`, `(ModParam 'tm' "fr_timeout" -5)`},
		{`modparam("a|b", "c", "d")`, `(ModParam "a|b" "c" "d")`},
		{`modparam("a", "b", yes)`, `(ModParam "a" "b" yes)`},
		{`log_level=3`, `(Global log_level 3)`},
		{`log_level = -1`, `(Global log_level -1)`},
		{`log_level=on`, `(Global log_level on)`},
		{`log_name='x'`, `(Global log_name 'x')`},
		{`wdir="/" wdir=root`, `(Global wdir "/") (Global wdir root)`},
		{`tos=0x10 tos=IPTOS_LOWDELAY`, `(Global tos 0x10) (Global tos IPTOS_LOWDELAY)`},
		{`advertised_address="a" advertised_address=a.b-c`, `(Global advertised_address "a") (Global advertised_address (HostName a.b-c))`},
		{`advertised_address=10.0.0.1 advertised_address=::1`, `(Global advertised_address (IP 10.0.0.1)) (Global advertised_address (IP ::1))`},
		{`unheard_of=1 unheard_of_too`, `(Global unheard_of 1 unknown)`},
		{"unheard_of={\n a b }\nlog_level=1", `(Global unheard_of unknown) (Global log_level 1)`},
		{`mem-group="g": "tm" "sl"`, `(MemGroup "g" ["tm" "sl"])`},
		{
			`dst_blacklist=gw:{(tcp,10.0.0.1,5060,""),!(any,10.0.0.0/8,any,"x"),(udp,10.0.0.0/255.0.0.0,0,"")}`,
			`(Blacklist gw [(BlacklistRule tcp (Network (IP 10.0.0.1)) (Port 5060) "") ` +
				`(BlacklistRule negated any (Network (IP 10.0.0.0) 8) (Port 0) "x") ` +
				`(BlacklistRule udp (Network (IP 10.0.0.0) (IP 255.0.0.0)) (Port 0) "")])`,
		},
	})
}

func TestSockets(t *testing.T) {
	testTrees(t, dialect23(t), "", "\n", []treeTest{
		{`listen=udp:127.0.0.1:5060`, `(Listen listen (Socket udp (IP 127.0.0.1) (Port 5060)))`},
		{`listen = TLS : 127 . 0 . 0 . 1 : 5061`, `(Listen listen (Socket TLS (IP 127.0.0.1) (Port 5061)))`},
		{`listen=udp:0x7f.00.0.01`, `(Listen listen (Socket udp (IP 127.0.0.1)))`},
		{`listen=udp:[::1]:5060`, `(Listen listen (Socket udp (IP ::1) (Port 5060)))`},
		{`listen=udp: ::1`, `(Listen listen (Socket udp (IP ::1)))`},
		{`listen=udp:*:5060`, `(Listen listen (Socket udp (AnyHost) (Port 5060)))`},
		{`listen=udp:*`, `(Listen listen (Socket udp (AnyHost)))`},
		{`listen=udp:eth0:5060`, `(Listen listen (Socket udp (HostName eth0) (Port 5060)))`},
		{`listen=udp:sip-a1.example.com`, `(Listen listen (Socket udp (HostName sip-a1.example.com)))`},
		{`listen=udp:"1host.net":any`, `(Listen listen (Socket udp "1host.net" (Port 0)))`},
		{`listen=udp:a:5060 as b:5070`, `(Listen listen (Socket udp (HostName a) (Port 5060)) (Advertised (HostName b) (Port 5070)))`},
		{`listen=udp:a as [::1] use_children 4`, `(Listen listen (Socket udp (HostName a)) (Advertised (IP ::1)) 4)`},
		{`alias=a`, `(Alias [(AliasName (HostName a))])`},
		{
			`alias=a.b udp:c any:d.e:5060 "f" 10.0.0.1 tcp:10.0.0.2:0x10`,
			`(Alias [(AliasName (HostName a.b)) (AliasName udp (HostName c)) (AliasName any (HostName d.e) (Port 5060)) ` +
				`(AliasName "f") (AliasName (IP 10.0.0.1)) (AliasName tcp (IP 10.0.0.2) (Port 16))])`,
		},
	})
	testTrees(t, dialect24(t), "", "\n", []treeTest{
		{`listen=udp:127.0.0.1:5060 anycast`, `(Listen listen (Socket udp (IP 127.0.0.1) (Port 5060)) anycast)`},
		{`alias=10.0.0.1 udp:10.0.0.2`, `(Alias [(AliasName (IP 10.0.0.1)) (AliasName udp (IP 10.0.0.2))])`},
	})
}

func TestRoutes(t *testing.T) {
	testTrees(t, dialect23(t), "", "\n", []treeTest{
		{`route { ; }`, `(Route route (Block [(Empty)]))`},
		{`route[a] { ; } route["b c"] { ; } route[3] { ; } route[0x10] { ; }`, `(Route route (RouteName a) (Block [(Empty)])) (Route route (RouteName b c) (Block [(Empty)])) ` +
			`(Route route (RouteName 3) (Block [(Empty)])) (Route route (RouteName 16) (Block [(Empty)]))`},
		{`onreply_route { ; } onreply_route[a] { ; }`, `(Route onreply_route (Block [(Empty)])) (Route onreply_route (RouteName a) (Block [(Empty)]))`},
		{`failure_route[a] { ; } branch_route[b] { ; }`, `(Route failure_route (RouteName a) (Block [(Empty)])) (Route branch_route (RouteName b) (Block [(Empty)]))`},
		{`error_route { ; } local_route { ; } startup_route { ; }`, `(Route error_route (Block [(Empty)])) (Route local_route (Block [(Empty)])) (Route startup_route (Block [(Empty)]))`},
		{`timer_route[a, 60] { ; }`, `(Route timer_route (RouteName a) 60 (Block [(Empty)]))`},
		{`event_route[E] { ; } event_route[E, sync] { ; } event_route[E, async] { ; }`, `(Route event_route (RouteName E) (Block [(Empty)])) ` +
			`(Route event_route (RouteName E) sync (Block [(Empty)])) (Route event_route (RouteName E) async (Block [(Empty)]))`},
	})
}

func TestActions(t *testing.T) {
	testActions(t, dialect23(t), []treeTest{
		{`f();`, `(Call f [])`},
		{`f("a", 5, 'b');`, `(Call f ["a" 5 'b'])`},
		{`f("a",,"b");`, `(Call f ["a" nil "b"])`},
		{`f(,);`, `(Call f [nil nil])`},
		{`f(,"a",);`, `(Call f [nil "a" nil])`},
		{`exit; exit();`, `(Call exit core bare []) (Call exit core [])`},
		{`return; return(1); return(-1); return($a);`, `(Call return core bare []) (Call return core [1]) (Call return core [-1]) (Call return core [$a])`},
		{`setflag(1); setflag(NAT);`, `(Call setflag core [1]) (Call setflag core [NAT])`},
		{`log(-1, "a"); log("a");`, `(Call log core [-1 "a"]) (Call log core ["a"])`},
		{`xlog("a"); xlog("L_INFO", "a" 'b' "c"); xlog("a" "b");`, `(Call xlog core ["a"]) (Call xlog core ["L_INFO" (Strings ["a" 'b' "c"])]) (Call xlog core [(Strings ["a" "b"])])`},
		{`route(a); route("a b"); route(3); route(a, "x", 2, $y, NULL);`, `(Call route core [(RouteName a)]) (Call route core [(RouteName a b)]) (Call route core [(RouteName 3)]) ` +
			`(Call route core [(RouteName a) "x" 2 $y (Null)])`},
		{`async(f("x"), resume); launch(f()); launch(f(), done);`, `(Call async core [(Call f ["x"]) (RouteName resume)]) (Call launch core [(Call f [])]) (Call launch core [(Call f []) (RouteName done)])`},
		{`force_send_socket(udp:10.0.0.1:5060);`, `(Call force_send_socket core [(Socket udp (IP 10.0.0.1) (Port 5060))])`},
		{`set_advertised_address(a.b); set_advertised_address("c");`, `(Call set_advertised_address core [(HostName a.b)]) (Call set_advertised_address core ["c"])`},
		{`assert($x > 1 and f(), "msg");`, `(Call assert core [(Binary and (Binary > $x 1) (Call f [])) "msg"])`},
		{`cache_store("a", "b", "c", $t); cache_fetch("a", "b", $c);`, `(Call cache_store core ["a" "b" "c" $t]) (Call cache_fetch core ["a" "b" $c])`},
		{`;;`, `(Empty) (Empty)`},
		{`if (f()) ; else g();`, `(If (Paren (Call f [])) (Empty) (Call g []))`},
		{`if f() { } else if (g()) { h(); } else { };`, `(If (Call f []) (Block []) (If (Paren (Call g [])) (Block [(Call h [])]) (Block []))) (Empty)`},
		{`if (a()) if (b()) c(); else d();`, `(If (Paren (Call a [])) (If (Paren (Call b [])) (Call c []) (Call d [])))`},
		{`while ($x < 3) { $x += 1; }`, `(While (Paren (Binary < $x 3)) (Block [(Assign $x += 1)]))`},
		{`for ($x in $(avp(l)[*])) f();`, `(ForEach $x $(avp(l)[*]) (Call f []))`},
		{`switch ($x) { case 1: case -2: f(); break; case "a": default: g(); }`, `(Switch $x [(Case 1 []) (Case -2 [(Call f [])] break) (Case "a" []) (Case [(Call g [])])])`},
		{`switch ($x) { case 1: if (a()) { b(); } esac; }`, `(Switch $x [(Case 1 [(If (Paren (Call a [])) (Block [(Call b [])]))] break)])`},
	})
}

func TestConditions(t *testing.T) {
	testConditions(t, dialect23(t), []treeTest{
		{`$a`, `$a`},
		{`5`, `5`},
		{`-5`, `-5`},
		{`f()`, `(Call f [])`},
		{`!f()`, `(Unary ! (Call f []))`},
		{`not not $a`, `(Unary not (Unary not $a))`},
		{`$a and $b or $c`, `(Binary or (Binary and $a $b) $c)`},
		{`$a or $b and $c`, `(Binary and (Binary or $a $b) $c)`},
		{`$a || ($b && $c)`, `(Binary || $a (Paren (Binary && $b $c)))`},
		{`!$a && $b`, `(Binary && (Unary ! $a) $b)`},
		{`!$a == 1`, `(Unary ! (Binary == $a 1))`},
		{`$a == "x"`, `(Binary == $a "x")`},
		{`$a != NULL`, `(Binary != $a (Null))`},
		{`$a == myself`, `(Binary == $a (Myself))`},
		{`$a == word`, `(Binary == $a word)`},
		{`$a >= -1`, `(Binary >= $a -1)`},
		{`$a =~ "^x"`, `(Binary =~ $a "^x")`},
		{`$a !~ $b`, `(Binary !~ $a $b)`},
		{`$a = 1`, `(Assign $a = 1)`},
		{`($a += 1)`, `(Paren (Assign $a += 1))`},
		{`[$a + 1]`, `(Arith (Binary + $a 1))`},
		{`[1]`, `(Arith 1)`},
		{`{ f(); }`, `(Block [(Call f [])])`},
		{`exit`, `(Call exit core bare [])`},
		{`route(a)`, `(Call route core [(RouteName a)])`},
		{`method == "INVITE"`, `(Binary == method "INVITE")`},
		{`method == INVITE`, `(Binary == method INVITE)`},
		{`method =~ "a|b"`, `(Binary =~ method "a|b")`},
		{`uri == myself`, `(Binary == uri (Myself))`},
		{`from_uri != a.b`, `(Binary != from_uri (HostName a.b))`},
		{`status =~ "2.."`, `(Binary =~ status "2..")`},
		{`src_ip == 10.0.0.1`, `(Binary == src_ip (Network (IP 10.0.0.1)))`},
		{`src_ip == 10.0.0.0/8`, `(Binary == src_ip (Network (IP 10.0.0.0) 8))`},
		{`src_ip == 10.0.0.0/255.0.0.0`, `(Binary == src_ip (Network (IP 10.0.0.0) (IP 255.0.0.0)))`},
		{`src_ip == [::1]`, `(Binary == src_ip (Network (IP ::1)))`},
		{`dst_ip == ::1/64`, `(Binary == dst_ip (Network (IP ::1) 64))`},
		{`src_ip == "a"`, `(Binary == src_ip "a")`},
		{`src_ip == myself`, `(Binary == src_ip (Myself))`},
		{`src_port != 5060`, `(Binary != src_port 5060)`},
		{`proto == tls`, `(Binary == proto tls)`},
		{`af == INET6`, `(Binary == af INET6)`},
		{`msg:len > max_len`, `(Binary > msg:len max_len)`},
		{`msg:len <= 1024`, `(Binary <= msg:len 1024)`},
		{`myself == uri`, `(Binary == (Myself) uri)`},
		{`myself != src_ip`, `(Binary != (Myself) src_ip)`},
	})
	testConditions(t, dialect24(t), []treeTest{
		{`$a == 10.0.0.1`, `(Binary == $a (Network (IP 10.0.0.1)))`},
		{`$a == 10.0.0.0/8`, `(Binary == $a (Network (IP 10.0.0.0) 8))`},
		{`$a != 10.0.0.0/255.0.0.0`, `(Binary != $a (Network (IP 10.0.0.0) (IP 255.0.0.0)))`},
		{`$a == [::1]`, `(Binary == $a (Network (IP ::1)))`},
		{`$a == ::1/64`, `(Binary == $a (Network (IP ::1) 64))`},
	})
}

func TestValues(t *testing.T) {
	testValues(t, dialect23(t), []treeTest{
		{`1`, `1`},
		{`- 1`, `-1`},
		{`"a"`, `"a"`},
		{`word`, `word`},
		{`$b`, `$b`},
		{`NULL`, `(Null)`},
		{`f("x")`, `(Call f ["x"])`},
		{`f("x") + 1`, `(Binary + (Call f ["x"]) 1)`},
		{`1 + 2 * 3`, `(Binary * (Binary + 1 2) 3)`},
		{`1 - 2 - 3`, `(Binary - (Binary - 1 2) 3)`},
		{`1 + (2 * 3)`, `(Binary + 1 (Paren (Binary * 2 3)))`},
		{`1 | 2 + 3 & 4`, `(Binary & (Binary | 1 (Binary + 2 3)) 4)`},
		{`1 << 2 ^ 3 >> 4`, `(Binary >> (Binary ^ (Binary << 1 2) 3) 4)`},
		{`~1 % 2 / 3`, `(Binary / (Binary % (Unary ~ 1) 2) 3)`},
		{`~~$b`, `(Unary ~ (Unary ~ $b))`},
		{`"a" + $b + 'c'`, `(Binary + (Binary + "a" $b) 'c')`},
		{`1 + -2`, `(Binary + 1 -2)`},
		{`1 -2`, `(Binary - 1 2)`},
		{`$b == 1`, `(Binary == $b 1)`},
		{`uri == myself`, `(Binary == uri (Myself))`},
		{`method == INVITE`, `(Binary == method INVITE)`},
	})
	testActions(t, dialect23(t), []treeTest{
		{`$x := NULL; $x := 1;`, `(Assign $x := (Null)) (Assign $x := 1)`},
		{`$x+=1;$x-=1;$x*=1;$x/=1;$x%=1;$x&=1;$x|=1;$x^=1;`, `(Assign $x += 1) (Assign $x -= 1) (Assign $x *= 1) (Assign $x /= 1) ` +
			`(Assign $x %= 1) (Assign $x &= 1) (Assign $x |= 1) (Assign $x ^= 1)`},
	})
}

func TestValues24(t *testing.T) {
	testActions(t, dialect24(t), []treeTest{
		{`route(a, -1, +2);`, `(Call route core [(RouteName a) -1 +2])`},
		{`$x = f();`, `(Assign $x = (Call f []))`},
	})
}
