package cfg

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
	"github.com/opensips-tools/tlsmgm/parser/diag"
)

func (in *interpreter) global(s *parser.Global) {
	name := s.Name.Name
	if s.Unknown {
		in.unknownGlobal(s.Name)
		return
	}
	g, _ := in.catalogue.Core().Global(name)
	switch g.Support {
	case catalogue.Refused:
		in.report(ruleRefusedGlobal, s.Name, "%s is refused by %s", name, in.Version).Help = in.globalAdvice(name)
	case catalogue.Deprecated:
		in.report(ruleDeprecatedGlobal, s.Name, "%s is deprecated in %s", name, in.Version).Help = in.globalAdvice(name)
	}
	in.setGlobal(s, name)
}

func (in *interpreter) setGlobal(s *parser.Global, name string) {
	text := globalText(s.Value)
	if check := globalChecks[name]; check != nil {
		if problem := check(s.Value, text); problem != "" {
			in.report(ruleGlobalValue, s.Value, "%s: %s", name, problem)
		}
	}
	if host, ok := s.Value.(parser.Host); ok {
		in.host(host)
	}
	g := &Global{name, text, in.span(s.Value)}
	in.Globals = append(in.Globals, g)
	in.globals[name] = g
	switch name {
	case "mpath":
		in.hasModulePath = true
	case "db_version_table":
		in.TLS.DB.VersionTable = Setting[string]{text, g.At}
	}
}

func (in *interpreter) globalAdvice(name string) string {
	return in.catalogue.Advice(catalogue.KindGlobal, "", name)
}

// unknownGlobal tells since when a parameter is there or gone, or which one was
// meant.
func (in *interpreter) unknownGlobal(name *parser.Ident) {
	plain := "unknown global parameter " + diag.Quote(name.Name)
	a := in.advice.about(topic{kind: catalogue.KindGlobal, name: name.Name}, plain, func(a advice) advice {
		if versions := catalogue.History(catalogue.KindGlobal, "", name.Name); !versions.IsEmpty() {
			a.message = otherVersion(fmt.Sprintf("global parameter %q", name.Name), versions, in.Version)
		}
		a.help = in.globalAdvice(name.Name)
		return in.nearestOf(a, catalogue.KindGlobal, name.Name, "%q")
	})
	in.report(ruleUnknownGlobal, name, "%s", a.message).Help = a.help
}

func globalText(value parser.Expr) string {
	switch v := value.(type) {
	case *parser.Number:
		return strconv.FormatInt(v.Int(), 10)
	case *parser.String:
		return v.Value()
	case *parser.Ident:
		return v.Name
	case *parser.IP:
		return v.Text
	case *parser.HostName:
		return v.Name
	}
	return ""
}

// globalChecks are the values that the server looks at while reading. They give
// what is wrong, or nothing.
var globalChecks = map[string]func(parser.Expr, string) string{
	"log_facility":        checkFacility,
	"poll_method":         checkPollMethod,
	"tcp_poll_method":     checkPollMethod,
	"tos":                 checkTOS,
	"event_shm_threshold": checkPercentage,
	"event_pkg_threshold": checkPercentage,
}

var facilities = []string{
	"LOG_AUTH", "LOG_CRON", "LOG_DAEMON", "LOG_KERN", "LOG_LOCAL0", "LOG_LOCAL1", "LOG_LOCAL2", "LOG_LOCAL3",
	"LOG_LOCAL4", "LOG_LOCAL5", "LOG_LOCAL6", "LOG_LOCAL7", "LOG_LPR", "LOG_MAIL", "LOG_NEWS", "LOG_USER",
	"LOG_UUCP", "LOG_AUTHPRIV", "LOG_FTP", "LOG_SYSLOG",
}

func checkFacility(_ parser.Expr, text string) string {
	if slices.ContainsFunc(facilities, func(f string) bool { return strings.EqualFold(f, text) }) {
		return ""
	}
	return "expected a syslog facility such as LOG_LOCAL0, found " + diag.Quote(text)
}

var pollMethods = []string{"poll", "epoll_lt", "epoll_et", "sigio_rt", "select", "kqueue", "/dev/poll", "epoll"}

func checkPollMethod(_ parser.Expr, text string) string {
	if slices.ContainsFunc(pollMethods, func(m string) bool { return strings.EqualFold(m, text) }) {
		return ""
	}
	return "expected a poll method such as epoll_lt, found " + diag.Quote(text)
}

// checkTOS refuses numbers that are not positive. The server takes any word.
func checkTOS(value parser.Expr, text string) string {
	if n, ok := value.(*parser.Number); ok && n.Int() <= 0 {
		return fmt.Sprintf("expected a number above 0, found %s", text)
	}
	return ""
}

func checkPercentage(value parser.Expr, text string) string {
	if n, ok := value.(*parser.Number); ok && (n.Int() < 0 || n.Int() > 100) {
		return fmt.Sprintf("expected a percentage from 0 to 100, found %s", text)
	}
	return ""
}

// host reports an address that is none.
func (in *interpreter) host(h parser.Host) {
	ip, ok := h.(*parser.IP)
	if !ok {
		return
	}
	if _, err := netip.ParseAddr(ip.Text); err != nil {
		in.report(ruleAddress, ip, "%q is no IP address", ip.Text)
	}
}

func (in *interpreter) network(n *parser.Network) {
	in.host(n.IP)
	if n.Mask != nil {
		in.host(n.Mask)
	}
	if n.Bits == nil {
		return
	}
	ip, err := netip.ParseAddr(n.IP.Text)
	if err == nil && (n.Bits.Int() < 0 || n.Bits.Int() > int64(ip.BitLen())) {
		in.report(ruleAddress, n.Bits, "a netmask of %s bits is more than %q has", n.Bits.Raw, n.IP.Text)
	}
}

func (in *interpreter) blacklist(s *parser.Blacklist) {
	for _, rule := range s.Rules {
		if rule.Proto.Name != "any" {
			in.protocol(rule.Proto)
		}
		in.network(rule.Network)
	}
}
