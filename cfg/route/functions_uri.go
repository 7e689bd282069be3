package route

import (
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route/pv"
	"github.com/opensips-tools/tlsmgm/cfg/route/sipmsg"
)

func setURI(r *run, _ *callSite, args []pv.Value) int {
	uri := textOf(arg(args, 0))
	r.scope.Request.URI = uri
	return codeOf(uri != "")
}

func revertURI(r *run, _ *callSite, _ []pv.Value) int {
	r.scope.Request.URI = ""
	return codeOK
}

func setDestination(r *run, _ *callSite, args []pv.Value) int {
	uri := textOf(arg(args, 0))
	r.scope.Request.Destination = uri
	return codeOf(uri != "")
}

func resetDestination(r *run, _ *callSite, _ []pv.Value) int {
	r.scope.Request.Destination = ""
	return codeOK
}

func isDestinationSet(r *run, _ *callSite, _ []pv.Value) int {
	return codeOf(r.scope.Request.Destination != "")
}

// uriSetter is a function that changes a part of the request URI. A URI that
// cannot be read is an error, as in a server.
func uriSetter(change func(u *sipmsg.URI, v pv.Value) bool) func(*run, *callSite, []pv.Value) int {
	return func(r *run, site *callSite, args []pv.Value) int {
		u, err := sipmsg.ParseURI(r.scope.CurrentURI())
		if err != nil {
			r.warn(site.site, "the request URI cannot be read: %v", err)
			return codeFalse
		}
		if !change(&u, arg(args, 0)) {
			r.warn(site.site, "%s is not what %s takes", quoted(arg(args, 0).String()), site.name)
			return codeFalse
		}
		text := u.String()
		if !r.use(site.site, text) {
			return codeFalse
		}
		r.scope.Request.URI = text
		return codeOK
	}
}

func setHost(u *sipmsg.URI, v pv.Value) bool {
	u.Host = textOf(v)
	return u.Host != ""
}

func setHostPort(u *sipmsg.URI, v pv.Value) bool {
	host, port := splitPort(textOf(v))
	u.Host, u.Port = host, port
	return host != ""
}

// splitPort divides host:port; an IPv6 address stands in brackets.
func splitPort(text string) (host, port string) {
	at := strings.LastIndexByte(text, ':')
	if at < 0 || strings.LastIndexByte(text, ']') > at {
		return text, ""
	}
	return text[:at], text[at+1:]
}

func setPort(u *sipmsg.URI, v pv.Value) bool { u.Port = textOf(v); return true }

func setUser(u *sipmsg.URI, v pv.Value) bool { u.User = textOf(v); return true }

func setUserPassword(u *sipmsg.URI, v pv.Value) bool {
	u.User, u.Password, _ = strings.Cut(textOf(v), ":")
	return true
}

func prefixUser(u *sipmsg.URI, v pv.Value) bool { u.User = textOf(v) + u.User; return true }

func stripUser(u *sipmsg.URI, v pv.Value) bool {
	n, ok := numberOf(v)
	if ok && n >= 0 {
		u.User = u.User[min(int(n), len(u.User)):]
	}
	return ok && n >= 0
}

func stripUserTail(u *sipmsg.URI, v pv.Value) bool {
	n, ok := numberOf(v)
	if ok && n >= 0 {
		u.User = u.User[:max(len(u.User)-int(n), 0)]
	}
	return ok && n >= 0
}
