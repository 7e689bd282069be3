package live

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opensips-tools/tlsmgm/cfg"
)

// machine is one with the interface eth0 and some names.
var machine = Machine{
	Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
		switch host {
		case "both.example":
			return addresses("2001:db8::1", "::ffff:192.0.2.30", "192.0.2.31"), nil
		case "six.example":
			return addresses("2001:db8::2", "2001:db8::3"), nil
		case "empty.example":
			return nil, nil
		}
		return nil, errors.New("no such host")
	},
	Interface: func(name string) ([]netip.Addr, error) {
		switch name {
		case "eth0":
			return addresses("192.0.2.20", "2001:db8::20"), nil
		case "eth9":
			return nil, errors.New("it is broken")
		}
		return nil, nil
	},
}

func addresses(texts ...string) (all []netip.Addr) {
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

func bindings(t testing.TB, texts ...string) (all []Binding) {
	t.Helper()
	for _, text := range texts {
		b, err := ParseBinding(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// everywhere is what * stands for on this machine.
func everywhere() string { return netip.AddrPortFrom(everyAddress(), 5061).String() }

func TestSockets(t *testing.T) {
	for name, c := range map[string]struct {
		listen string // host:port and more of each statement
		bind   []string
		offset int
		want   []string // sockets, as "tls:script at bind as advertised"
		errs   []string
	}{
		"as they are":                   {"tls:192.0.2.1:5061 wss:192.0.2.1:443 udp:192.0.2.1:5060 tls:192.0.2.1", nil, 0, []string{"tls:192.0.2.1:5061", "wss:192.0.2.1:443"}, nil},
		"IPv6":                          {"tls:[2001:db8::1]:5061", nil, 0, []string{"tls:[2001:db8::1]:5061"}, nil},
		"everywhere":                    {"tls:*:5061", nil, 0, []string{"tls:" + everywhere()}, nil},
		"offset":                        {"tls:192.0.2.1:5061 tls:192.0.2.2:5061", nil, 10000, []string{"tls:192.0.2.1:5061 at 192.0.2.1:15061", "tls:192.0.2.2:5061 at 192.0.2.2:15061"}, nil},
		"mapped":                        {"tls:192.0.2.1:5061 tls:192.0.2.2:5061", []string{"192.0.2.1:5061=127.0.0.1:7000", "192.0.2.2=[::1]"}, 10, []string{"tls:192.0.2.1:5061 at 127.0.0.1:7000", "tls:192.0.2.2:5061 at [::1]:5071"}, nil},
		"by port":                       {"tls:192.0.2.1:5061 tls:192.0.2.1:5062", []string{"192.0.2.1:5062=127.0.0.1", "*=127.0.0.2"}, 0, []string{"tls:192.0.2.1:5061 at 127.0.0.2:5061", "tls:192.0.2.1:5062 at 127.0.0.1:5062"}, nil},
		"all of port":                   {"tls:192.0.2.1:5061 tls:192.0.2.1:5062", []string{"*:5062=127.0.0.1"}, 0, []string{"tls:192.0.2.1:5061", "tls:192.0.2.1:5062 at 127.0.0.1:5062"}, nil},
		"map of *":                      {"tls:*:5061", []string{"0.0.0.0=127.0.0.1"}, 0, []string{"tls:" + everywhere() + " at 127.0.0.1:5061"}, nil},
		"any port":                      {"tls:192.0.2.1:5061 tls:192.0.2.2:5061", []string{"*=127.0.0.1"}, -5061, []string{"tls:192.0.2.1:5061 at 127.0.0.1:0", "tls:192.0.2.2:5061 at 127.0.0.1:0"}, nil},
		"interface":                     {"tls:eth0:5061", nil, 0, []string{"tls:192.0.2.20:5061", "tls:[2001:db8::20]:5061"}, nil},
		"names":                         {"tls:both.example:5061 tls:six.example:5061", nil, 0, []string{"tls:192.0.2.30:5061", "tls:[2001:db8::2]:5061"}, nil},
		"same twice":                    {"tls:192.0.2.30:5061 tls:both.example:5061 tls:192.0.2.30:5061", nil, 0, []string{"tls:192.0.2.30:5061"}, nil},
		"advertised":                    {"tls:192.0.2.1:5061@as@sip.example.org tls:192.0.2.2:5061@as@[2001:db8::5]:99", nil, 0, []string{"tls:192.0.2.1:5061 as sip.example.org:5061", "tls:192.0.2.2:5061 as [2001:db8::5]:99"}, nil},
		"no such name":                  {"tls:none.example:5061 tls:empty.example:5061 tls:192.0.2.1:5061", nil, 0, []string{"tls:192.0.2.1:5061"}, []string{"opensips.cfg:1:1: listen=tls:none.example:5061: look up the host: no such host", "opensips.cfg:2:1: listen=tls:empty.example:5061: the host has no address"}},
		"interface that cannot be read": {"tls:eth9:5061", nil, 0, nil, []string{`opensips.cfg:1:1: listen=tls:eth9:5061: read the addresses of interface "eth9": it is broken`}},
		"no port": {
			"tls:192.0.2.1:5061 tls:192.0.2.2:9", nil, 65000,
			[]string{"tls:192.0.2.2:9 at 192.0.2.2:65009"},
			[]string{"opensips.cfg:1:1: listen=tls:192.0.2.1:5061: 70061 is no port: 5061 with an offset of 65000"},
		},
		"same place": {
			"tls:192.0.2.1:5061 tls:192.0.2.2:5061 wss:192.0.2.1:5061",
			[]string{"*=127.0.0.1"},
			0,
			[]string{"tls:192.0.2.1:5061 at 127.0.0.1:5061"},
			[]string{
				"opensips.cfg:2:1: listen=tls:192.0.2.2:5061 cannot be opened at 127.0.0.1:5061: tls:192.0.2.1:5061 is to be opened there (opensips.cfg:1:1)",
				"opensips.cfg:3:1: listen=wss:192.0.2.1:5061 cannot be opened at 127.0.0.1:5061: tls:192.0.2.1:5061 is to be opened there (opensips.cfg:1:1)",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var script strings.Builder
			for l := range strings.FieldsSeq(c.listen) {
				script.WriteString("listen=" + strings.ReplaceAll(l, "@", " ") + "\n")
			}
			sockets, err := Sockets(t.Context(), read(t, script.String()), Options{Bindings: bindings(t, c.bind...), PortOffset: c.offset, Machine: machine})
			var got []string
			for _, s := range sockets {
				text := s.String()
				if s.Bind != s.Script {
					text += " at " + s.Bind.String()
				}
				if s.Advertised != "" {
					text += " as " + s.Advertised
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.Join(c.errs, "\n"), text(err)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if IsTaken(err) != (name == "same place") {
				t.Errorf("IsTaken is %t", IsTaken(err))
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// read reads a script, whatever is wrong with it.
func read(t testing.TB, script string) *cfg.Config {
	t.Helper()
	c, err := cfg.Parse("opensips.cfg", script, cfg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestThisMachine looks things up for real.
func TestThisMachine(t *testing.T) {
	sockets, err := Sockets(t.Context(), read(t, "listen=tls:lo:5061\n"), Options{})
	if err != nil {
		t.Skip(err) // no interface of that name here
	}
	if len(sockets) == 0 || sockets[0].Script.Addr() != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("lo is %v", sockets)
	}
	sockets, err = Sockets(t.Context(), read(t, "listen=tls:localhost:5061\n"), Options{})
	if err != nil || len(sockets) != 1 || !sockets[0].Script.Addr().IsLoopback() {
		t.Errorf("localhost is %v, %v", sockets, err)
	}
}

func TestParseBinding(t *testing.T) {
	for text, want := range map[string]Binding{
		"192.0.2.1=127.0.0.1":            {From: netip.MustParseAddrPort("192.0.2.1:0"), To: netip.MustParseAddrPort("127.0.0.1:0")},
		"192.0.2.1:5061=127.0.0.1:15061": {From: netip.MustParseAddrPort("192.0.2.1:5061"), To: netip.MustParseAddrPort("127.0.0.1:15061")},
		"[2001:db8::1]:5061=[::1]:15061": {From: netip.MustParseAddrPort("[2001:db8::1]:5061"), To: netip.MustParseAddrPort("[::1]:15061")},
		"2001:db8::1=[::1]":              {From: netip.MustParseAddrPort("[2001:db8::1]:0"), To: netip.MustParseAddrPort("[::1]:0")},
		"*=127.0.0.1":                    {To: netip.MustParseAddrPort("127.0.0.1:0")},
		"*:5061=127.0.0.1":               {From: netip.AddrPortFrom(netip.Addr{}, 5061), To: netip.MustParseAddrPort("127.0.0.1:0")},
	} {
		var b Binding
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%s: %+v, %v", text, b, err)
		}
	}
	for text, want := range map[string]string{
		"192.0.2.1":         `expected FROM=TO, such as 192.0.2.10:5061=127.0.0.1:15061, found "192.0.2.1"`,
		"host=127.0.0.1":    `expected IP:port or an IP, found "host"`,
		"192.0.2.1=*":       `expected IP:port or an IP, found "*"`,
		"192.0.2.1=":        `expected IP:port or an IP, found ""`,
		"*:x=127.0.0.1":     `expected a port after "*:", found "x"`,
		"*:0=127.0.0.1":     `expected a port after "*:", found "0"`,
		"*:70000=127.0.0.1": `expected a port after "*:", found "70000"`,
	} {
		if _, err := ParseBinding(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzParseBinding has whatever is accepted say where to listen.
func FuzzParseBinding(f *testing.F) {
	for _, seed := range []string{"192.0.2.1=127.0.0.1", "*:5061=[::1]:15061", "[2001:db8::1]=[::1]", "fe80::1%eth0=::", "=", "*=", "*:=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseBinding(text)
		if err != nil {
			return
		}
		if !b.To.Addr().IsValid() || !b.From.Addr().IsValid() && !strings.HasPrefix(text, "*") {
			t.Errorf("%q is %+v", text, b)
		}
	})
}
