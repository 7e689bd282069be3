package cfg

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/parser"
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
		in.report(ruleRefusedGlobal, s.Name, "%s is refused by %s", name, in.Version).Help = in.advice(name)
	case catalogue.Deprecated:
		in.report(ruleDeprecatedGlobal, s.Name, "%s is deprecated in %s", name, in.Version).Help = in.advice(name)
	}
	text := globalText(s.Value)
	in.Globals = append(in.Globals, &Global{name, text, in.span(s.Value)})
	if check := globalChecks[name]; check != nil {
		if problem := check(s.Value, text); problem != "" {
			in.report(ruleGlobalValue, s.Value, "%s: %s", name, problem)
		}
	}
	if host, ok := s.Value.(parser.Host); ok {
		in.host(host)
	}
	switch name {
	case "mpath":
		in.mpath = true
	case "db_version_table":
		in.TLS.DB.VersionTable = Setting[string]{text, in.span(s.Value)}
	case "db_default_url":
		if !in.TLS.DB.URL.IsSet() {
			in.TLS.DB.URL = Setting[string]{text, in.span(s.Value)}
		}
	}
}

func (in *interpreter) advice(name string) string {
	return in.catalogue.Advice(catalogue.KindGlobal, "", name)
}

// unknownGlobal tells since when a parameter is there or gone, or which one was
// meant.
func (in *interpreter) unknownGlobal(name *parser.Ident) {
	var message, help string
	switch versions := catalogue.History(catalogue.KindGlobal, "", name.Name); {
	case versions.IsEmpty():
		message = fmt.Sprintf("unknown global parameter %q", name.Name)
		if near := catalogue.Nearest(name.Name, in.catalogue.Names(catalogue.KindGlobal)); near != "" {
			help = fmt.Sprintf("did you mean %q", near)
		}
	default:
		message = in.otherVersion(fmt.Sprintf("global parameter %q", name.Name), versions)
	}
	if advice := in.advice(name.Name); advice != "" {
		help = advice
	}
	in.report(ruleUnknownGlobal, name, "%s", message).Help = help
}

// otherVersion says that something is of another version.
func (in *interpreter) otherVersion(what string, versions catalogue.Ranges) string {
	switch {
	case versions.Since() > in.Version:
		return fmt.Sprintf("%s is new in %s, this is %s", what, versions.Since(), in.Version)
	case versions.Until() < in.Version:
		return fmt.Sprintf("%s is gone since %s, this is %s", what, next(versions.Until()), in.Version)
	default:
		return fmt.Sprintf("%s is in %s, this is %s", what, versions, in.Version)
	}
}

func next(v catalogue.Version) catalogue.Version {
	all := catalogue.Versions()
	if i := slices.Index(all, v); i+1 < len(all) {
		return all[i+1]
	}
	return v
}

func globalText(value parser.Expr) string {
	switch v := value.(type) {
	case *parser.Number:
		return fmt.Sprint(v.Int())
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
	return fmt.Sprintf("expected a syslog facility such as LOG_LOCAL0, found %q", text)
}

var pollMethods = []string{"poll", "epoll_lt", "epoll_et", "sigio_rt", "select", "kqueue", "/dev/poll", "epoll"}

func checkPollMethod(_ parser.Expr, text string) string {
	if slices.Contains(pollMethods, text) {
		return ""
	}
	return fmt.Sprintf("expected a poll method such as epoll_lt, found %q", text)
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
