package trace

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/route"
)

// Expectation is what a run should come to.
type Expectation struct {
	what, want string
}

// Outcome says whether an expectation was met.
type Outcome struct {
	Expected string   `json:"expected"` // such as "client_domain=dom4"
	Found    []string `json:"found"`    // of what was expected, all that there is
	Met      bool     `json:"met"`
}

// String is "expected client_domain=dom4, found client_domain=dom3" for one that
// was not met.
func (o Outcome) String() string {
	found := "none"
	if len(o.Found) > 0 {
		found = strings.Join(o.Found, ", ")
	}
	return fmt.Sprintf("expected %s, found %s", o.Expected, found)
}

// none is what an expectation wants where there should not be any.
const none = "none"

// A property is something of a run that may be expected.
type property struct {
	name string
	find func(r *Run) []string
	// equal compares; nil is by the text, without regard to case.
	equal func(have, want string) bool
}

var properties = []property{
	{"server_domain", serverDomains, nil},
	{"client_domain", clientDomains, nil},
	{"relay", relays, equalRelay},
	{"reply", replies, equalReply},
	{"end", ends, nil},
	{"log", logs, strings.Contains},
}

// Properties are the names of what may be expected.
func Properties() []string {
	names := make([]string, len(properties))
	for i, p := range properties {
		names[i] = p.name
	}
	return names
}

// UnmarshalText reads PROPERTY=VALUE: client_domain=dom4, relay=tls:1.2.3.4:6677,
// reply=403, end=exit. "none" is for what should not be there.
func (e *Expectation) UnmarshalText(text []byte) error {
	what, want, ok := strings.Cut(string(text), "=")
	known := slices.Contains(Properties(), what)
	if !ok || !known || want == "" {
		return fmt.Errorf("expected PROPERTY=VALUE with one of %s, found %q", strings.Join(Properties(), ", "), text)
	}
	ways := []string{string(route.EndOfRoute), string(route.EndExit), string(route.EndDrop), string(route.EndLimit), string(route.EndError)}
	if what == "end" && !slices.Contains(ways, want) {
		return fmt.Errorf("expected end=%s, found %q", strings.Join(ways, ", end="), text)
	}
	code, _, _ := strings.Cut(want, " ")
	if _, err := strconv.ParseUint(code, 10, 16); what == "reply" && want != none && err != nil {
		return fmt.Errorf("expected reply=CODE, such as reply=403, found %q", text)
	}
	*e = Expectation{what, want}
	return nil
}

// String is what UnmarshalText reads.
func (e Expectation) String() string { return e.what + "=" + e.want }

// check looks among all that there is: one that is as expected is enough.
func (e Expectation) check(r *Run) Outcome {
	o := Outcome{Expected: e.String(), Found: []string{}}
	p := properties[slices.IndexFunc(properties, func(p property) bool { return p.name == e.what })]
	equal := p.equal
	if equal == nil {
		equal = strings.EqualFold
	}
	found := p.find(r)
	for _, have := range found {
		o.Found = append(o.Found, e.what+"="+have)
		o.Met = o.Met || equal(have, e.want)
	}
	if e.want == none {
		o.Met = o.Met || len(found) == 0
	}
	return o
}

func serverDomains(r *Run) []string {
	if r.Domain == nil {
		return nil
	}
	return []string{r.Domain.Name}
}

// clientDomains are those of the relays, also of those that go over TLS only if
// DNS says so.
func clientDomains(r *Run) []string {
	var names []string
	for i := range r.Result.Relays {
		if c := ClientOf(&r.Result.Relays[i]); c != nil {
			names = append(names, c.Name)
		}
	}
	return names
}

// ClientOf is the client domain of a relay, also of one that goes over TLS only if
// DNS says so; nil if there is none.
func ClientOf(relay *route.Relay) *route.Client {
	if relay.Client != nil {
		return relay.Client
	}
	return relay.IfTLS
}

func relays(r *Run) []string {
	var all []string
	for i := range r.Result.Relays {
		if relay := &r.Result.Relays[i]; relay.Error == "" {
			all = append(all, Destination(relay))
		}
	}
	return all
}

// Destination is proto:host:port of a relay.
func Destination(relay *route.Relay) string {
	host := relay.Host
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		host = "[" + host + "]"
	}
	return relay.Proto + ":" + host + ":" + strconv.Itoa(int(relay.Port))
}

// equalRelay lets the port be left out.
func equalRelay(have, want string) bool {
	return strings.EqualFold(have, want) || strings.EqualFold(have[:strings.LastIndexByte(have, ':')], want)
}

func replies(r *Run) []string {
	var all []string
	for _, reply := range r.Result.Replies {
		all = append(all, strings.TrimSpace(strconv.Itoa(reply.Code)+" "+reply.Reason))
	}
	return all
}

// equalReply lets the phrase be left out.
func equalReply(have, want string) bool {
	code, _, _ := strings.Cut(have, " ")
	return have == want || code == want
}

func ends(r *Run) []string { return []string{string(r.Result.End)} }

func logs(r *Run) []string {
	var all []string
	for _, l := range r.Result.Logs {
		all = append(all, strings.TrimSpace(l.Text))
	}
	return all
}
