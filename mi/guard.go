package mi

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// guard decides who may call. Browsers are the danger on a loopback address:
// any page can make them send requests there.
type guard struct {
	hosts   []string
	origins []string
	token   [sha256.Size]byte
	private bool // a token is asked for
}

func newGuard(cfg HandlerConfig) guard {
	g := guard{private: cfg.Token != "", token: sha256.Sum256([]byte(cfg.Token))}
	for _, host := range cfg.Hosts {
		g.hosts = append(g.hosts, hostName(host))
	}
	for _, origin := range cfg.Origins {
		g.origins = append(g.origins, strings.ToLower(strings.TrimRight(origin, "/")))
	}
	return g
}

// check gives the status and the reason to refuse a request with, or 0.
func (g *guard) check(w http.ResponseWriter, r *http.Request) (status int, reason string) {
	switch {
	case !g.hostAllowed(r):
		return http.StatusForbidden, fmt.Sprintf("host %q is not served here", clip(r.Host))
	case !g.originAllowed(r):
		return http.StatusForbidden, "requests of other sites are not served"
	case !g.authorized(r):
		w.Header().Set("WWW-Authenticate", `Bearer realm="mi"`)
		return http.StatusUnauthorized, "a valid bearer token is needed"
	}
	return 0, ""
}

// hostAllowed refuses names that are not this server's. Addresses need no
// list if they are local ones: no name service can make them point elsewhere.
func (g *guard) hostAllowed(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if _, unix := local.(*net.UnixAddr); unix || r.Host == "" {
		return true // HTTP/1.0, which no browser speaks
	}
	host := hostName(r.Host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		own, _ := local.(*net.TCPAddr)
		if ip.Unmap().IsLoopback() || own != nil && own.AddrPort().Addr().Unmap() == ip.Unmap() {
			return true
		}
	}
	return slices.Contains(g.hosts, host) || slices.Contains(g.hosts, "*")
}

// hostName is the name or address of a Host header, without its port.
func hostName(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// originAllowed refuses what a browser sends on behalf of another site. A GET
// for an image has no Origin, but Sec-Fetch-Site tells.
func (g *guard) originAllowed(r *http.Request) bool {
	origin := strings.ToLower(r.Header.Get("Origin"))
	if origin == "" {
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "same-origin" || site == "none"
	}
	if slices.Contains(g.origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == strings.ToLower(r.Host)
}

func (g *guard) authorized(r *http.Request) bool {
	if !g.private || r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		return true
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1
}
