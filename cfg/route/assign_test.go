package route_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/cfg/route"
)

// value runs actions and says what $var(x) is then, with its code.
func value(t *testing.T, version catalogue.Version, actions string) string {
	t.Helper()
	r := runText(t, version, actions+` $var(code) = $rc; xlog("$var(x) ($var(code))");`)
	if r.End != route.EndOfRoute {
		return string(r.End)
	}
	return logged(r)
}

func TestArithmetic(t *testing.T) {
	const before = `$var(n) = 7; $var(t) = "ab"; $var(x) = "old"; `
	for expression, want := range map[string]string{
		`1 + 2`:                    "3 (1)",
		`$var(n) - 10`:             "-3 (1)",
		`6 * 7`:                    "42 (1)",
		`-7 / 2`:                   "-3 (1)",
		`-7 % 4`:                   "-3 (1)",
		`7 / 0`:                    "old (-1)",
		`7 % 0`:                    "old (-1)",
		`12 & 10`:                  "8 (1)",
		`12 | 3`:                   "15 (1)",
		`12 ^ 10`:                  "6 (1)",
		`~0`:                       "-1 (1)",
		`4 + ( 7 & ( ~2 ) )`:       "9 (1)",
		`1 << 4`:                   "16 (1)",
		`256 >> 4`:                 "16 (1)",
		`1 << 33`:                  "2 (1)",
		`2147483647 + 1`:           "-2147483648 (1)",
		`-2147483648 / -1`:         "-2147483648 (1)",
		`0x10 + 010`:               "24 (1)",
		`1 + 2 * 3`:                "9 (1)", // from the left: + and * bind alike
		`1 + (2 * 3)`:              "7 (1)",
		`1 & 3 + 1`:                "0 (1)", // & binds less than +
		`"sip:" + $rU + "@" + $rd`: "sip:bob@biloxi.com (1)",
		`$var(t) + $var(n)`:        "ab7 (1)",
		`$var(t) + 7`:              "old (-1)", // a number of the script is no text
		`7 + $var(t)`:              "old (-1)",
		`$var(n) + "x"`:            "old (-1)", // the left side is a number
		`$var(t) - "a"`:            "old (-1)",
		`$var(t) & "ab"`:           "ab (1)",
		`$var(t) | "  "`:           "ab (1)",
		`$var(t) ^ "ab"`:           "\x00\x00 (1)",
		`$var(t) & "abc"`:          "old (-1)",
		`~$var(t)`:                 "old (-1)",
		`$var(n) + $avp(none)`:     "7 (1)", // NULL on the right side is 0 or empty
		`$var(t) + $avp(none)`:     "ab (1)",
		`$avp(none) + $var(t)`:     "ab (1)",
		`$avp(none) + 1`:           "old (-1)",
		`$avp(none)`:               "<null> (1)",
		`NULL`:                     "<null> (1)",
		`$rm == "INVITE"`:          "1 (1)",
		`$rm == "ACK"`:             "0 (1)",
		`$rm == 5`:                 "old (-1)",
		`is_method("INVITE")`:      "1 (1)",
		`is_method("ACK")`:         "-1 (1)",
		`route(many) + 1`:          "8 (1)",
		`word`:                     "word (1)",
		`'single'`:                 "single (1)",
	} {
		text := "route {\n" + before + "$var(x) = " + expression + `; $var(code) = $rc; xlog("$var(x) ($var(code))");` + "\n}\n" + codes
		p, _ := compile(t, v23, text, route.Options{})
		if got := logged(p.Run(t.Context(), scope(t, v23), route.Env{})); got != want {
			t.Errorf("%s: %q, want %q", expression, got, want)
		}
	}
}

func TestAssignments(t *testing.T) {
	for actions, want := range map[string]string{
		`$var(x) = 5; $var(x) += 2;`:                                      "7 (1)",
		`$var(x) = 5; $var(x) -= 2;`:                                      "3 (1)",
		`$var(x) = 5; $var(x) *= 2;`:                                      "10 (1)",
		`$var(x) = 5; $var(x) /= 2;`:                                      "2 (1)",
		`$var(x) = 5; $var(x) %= 2;`:                                      "1 (1)",
		`$var(x) = 5; $var(x) &= 4;`:                                      "4 (1)",
		`$var(x) = 5; $var(x) |= 2;`:                                      "7 (1)",
		`$var(x) = 5; $var(x) ^= 1;`:                                      "4 (1)",
		`$var(x) = 5; $var(x) /= 0;`:                                      "5 (-1)",
		`$var(x) = "a"; $var(x) += "b";`:                                  "ab (1)",
		`$var(x) = "a"; $var(x) -= "b";`:                                  "a (-1)",
		`$var(x) = "a"; $var(x) += 1;`:                                    "a (-1)",
		`$var(x) = 5; $var(x) += $avp(none);`:                             "5 (-1)",
		`$var(x) = 5; $var(x) = NULL;`:                                    "<null> (1)",
		`$var(x) := 5;`:                                                   "5 (1)",
		`$rm = "x"; $var(x) = $rm;`:                                       "INVITE (1)",
		`$rd = "new.org"; $var(x) = $ru;`:                                 "sip:bob@new.org (1)",
		`$ru = "sip:x@y:5070"; $var(x) = $rp;`:                            "5070 (1)",
		`$avp(a) = 1; $avp(a) = 2; $var(x) = $(avp(a)[1]);`:               "1 (1)",
		`$avp(a) = 1; $avp(a) = 2; $avp(a) := 3; $var(x) = $(avp(a)[*]);`: "3 (1)",
		`$avp(a) = 1; $avp(a) = 2; $avp(a) := NULL; $var(x) = $avp(a);`:   "<null> (1)",
		`$var(x) = $rc;`:                                                  "0 (1)",
		`is_method("ACK"); $var(x) = $rc;`:                                "-1 (1)",
		`is_method("ACK"); $var(y) = 1; $var(x) = $rc;`:                   "1 (1)",
	} {
		if got := value(t, v23, actions); got != want {
			t.Errorf("%s: %q, want %q", actions, got, want)
		}
	}
}

// What a variable refuses is told, and the value stays.
func TestAssignmentWarnings(t *testing.T) {
	for actions, want := range map[string]string{
		`$var(x) = 1 / 0;`:                             "division by 0",
		`$var(x) = 1; $var(x) %= 0;`:                   "division by 0",
		`$var(x) = 1 + "a";`:                           "+ cannot be done with a number and a text",
		`$var(x) = "a" * 2;`:                           "* cannot be done with a text and a number",
		`$var(x) = "a"; $var(x) -= 1;`:                 "-= cannot be done with a text and a number",
		`$var(x) += $avp(none);`:                       "+= takes no NULL",
		`if ($rm == 5) { exit; }`:                      "a text cannot be compared with a number by ==",
		`$var(x) = "("; if ($rm =~ $var(x)) { exit; }`: `regular expression "("`,
		`while (1) { $var(x) = 2; }`:                   "the loop was left after 100 rounds",
		`send_reply("99", "x");`:                       `"99" is no code of a reply`,
		`sethost("");`:                                 `"" is not what sethost takes`,
	} {
		r := runText(t, v23, actions)
		var told []string
		for _, w := range r.Warnings {
			told = append(told, fmt.Sprintf("%d: %s", w.At.Line, w.Message))
		}
		if !strings.Contains(strings.Join(told, "\n"), "2: "+want) {
			t.Errorf("%s: %q, want %q", actions, told, want)
		}
		if r.End != route.EndOfRoute {
			t.Errorf("%s: it ended by %s", actions, r.End)
		}
	}
}
