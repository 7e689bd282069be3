package main

import "testing"

func TestPathMap(t *testing.T) {
	var m pathMap
	for _, pair := range [][2]string{{"/etc/opensips/tls", "certs"}, {"/etc/opensips/tls/own/", "own"}, {"/var//lib", "/data"}} {
		if err := m.add(pair[0], pair[1]); err != nil {
			t.Error(err)
		}
	}
	if err := m.add("etc", "x"); err == nil {
		t.Error("a relative path is mapped")
	}
	for name, want := range map[string]string{
		"/etc/opensips/tls/cert.pem":           "certs/cert.pem",
		"/etc/opensips/tls/../tls//cert.pem":   "certs/cert.pem",
		"/etc/opensips/tls/own/a/cert.pem":     "own/a/cert.pem",
		"/etc/opensips/tls/owner.pem":          "certs/owner.pem",
		"/etc/opensips/tls":                    "certs",
		"/etc/opensips/tls2/cert.pem":          "",
		"/etc/opensips/tls/../../../etc/x.pem": "",
		"/var/lib/tls.db":                      "/data/tls.db",
		"etc/opensips/tls/cert.pem":            "",
	} {
		have, ok := m.lookup(name)
		if have != want || ok != (want != "") {
			t.Errorf("%s is at %q, %v, want %q", name, have, ok, want)
		}
	}
	if place, ok := (pathMap{{"/", "image"}}).lookup("/etc/x"); place != "image/etc/x" || !ok {
		t.Errorf("below the root: %q, %v", place, ok)
	}
}
