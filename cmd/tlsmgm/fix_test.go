package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opensips-tools/tlsmgm/parser"
)

const fixable = `listen=tls:192.0.2.10:5061
mpath="/usr/lib/opensips/modules/"
loadmodule "proto_tls.so"
loadmodule "tls_mgm.so"
modparam("tls_mgm", "ca_list", "/etc/opensips/tls/old.pem")
modparam("tls_mgm", "ca_list", "/etc/opensips/tls/ca.pem")
route { exit; }
`

// fixerFor has checked a script in a file.
func fixerFor(t *testing.T, text string) (f fixer, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "opensips.cfg")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &checkCommand{Files: []string{file}}
	c.NoFiles, c.NoConfig = true, true
	std := streams{strings.NewReader(""), &strings.Builder{}, &strings.Builder{}}
	scripts, err := c.scripts(std)
	if err != nil {
		t.Fatal(err)
	}
	findings, err := c.checkAll(context.Background(), scripts, parser.OS{}, std)
	if err != nil {
		t.Fatal(err)
	}
	return fixer{scripts: scripts, findings: findings}, file
}

// Nothing is written where the server would do worse.
func TestVerifyFixes(t *testing.T) {
	f, file := fixerFor(t, fixable)
	for name, after := range map[string]string{
		"a syntax error":        strings.Replace(fixable, "exit;", "exit", 1),
		"another error":         strings.Replace(fixable, `"ca_list"`, `"ca_lst"`, 1),
		"what does not start":   strings.Replace(fixable, "exit;", "route(none);", 1),
		"an include that fails": fixable + "include_file \"none.cfg\"\n",
	} {
		err := f.verify(context.Background(), []change{{file: file, before: fixable, after: after}})
		if err == nil || !strings.HasPrefix(err.Error(), "nothing is fixed: the server would do worse with ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, after := range map[string]string{
		"no change":  fixable,
		"a new line": fixable + "\n",
		"one fewer":  strings.Replace(fixable, "modparam(\"tls_mgm\", \"ca_list\", \"/etc/opensips/tls/old.pem\")\n", "", 1),
	} {
		if err := f.verify(context.Background(), []change{{file: file, before: fixable, after: after}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A script that is bad already must not get worse.
func TestVerifyFixesOfBadScript(t *testing.T) {
	bad := strings.Replace(fixable, `"ca_list"`, `"ca_lst"`, 1)
	f, file := fixerFor(t, bad)
	if err := f.verify(context.Background(), []change{{file, bad, bad + "\n", 1}}); err != nil {
		t.Error(err)
	}
	worse := strings.Replace(bad, `"ca_list"`, `"ca_lst"`, 1)
	if err := f.verify(context.Background(), []change{{file, bad, worse, 1}}); err == nil {
		t.Error("a second error is no matter")
	}
}

// A read-only file is left alone, also where its directory would let it be
// replaced.
func TestFixReadOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "opensips.cfg")
	if err := os.WriteFile(file, []byte(fixable), 0o400); err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{{"--fix"}, {"--fix", "--dry-run"}} {
		var stdout, stderr strings.Builder
		code := run(append([]string{"check", "--no-config", "--no-files", file}, flags...), strings.NewReader(""), &stdout, &stderr)
		if code != 0 || !strings.Contains(stderr.String(), "opensips.cfg is not touched: it is read-only") {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q", flags, code, &stdout, &stderr)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != fixable {
		t.Errorf("the file is %q, %v", text, err)
	}
}

// TestAdviseRemark is about names in remarks that are none of a rule.
func TestAdviseRemark(t *testing.T) {
	for name, want := range map[string]string{
		"TLS4":             "a remark is for single rules: write their whole IDs",
		"TLS999":           `did you mean "TLS009"`,
		"no-client-usages": `did you mean "no-client-usage"`,
		"entirely else":    "tlsmgm rules lists them",
	} {
		if got := adviseRemark(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
