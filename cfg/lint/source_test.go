package lint_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
	"github.com/opensips-tools/tlsmgm/mgm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noRows is a table without any.
type noRows struct{}

func (noRows) Rows(context.Context) iter.Seq2[mgm.Row, error] {
	return func(func(mgm.Row, error) bool) {}
}

// rowText words a row for the documentation.
func rowText(row mgm.Row) string {
	text := fmt.Sprintf("domain `%s`", row.Domain)
	for _, c := range []struct{ column, value string }{
		{"address", row.Address},
		{"method", row.Method},
		{"certificate", string(row.Certificate)},
		{"private_key", string(row.PrivateKey)},
		{"ca_list", string(row.CAList)},
		{"cipher_list", row.CipherList},
	} {
		const longest = 60
		switch {
		case c.value == "":
		case len(c.value) > longest:
			text += fmt.Sprintf(", %s of %d bytes", c.column, len(c.value))
		default:
			text += fmt.Sprintf(", %s `%s`", c.column, c.value)
		}
	}
	return text
}

// includedScript has its TLS settings in an included file.
func includedScript(t *testing.T) *cfg.Config {
	t.Helper()
	files := fstest.MapFS{"tls.cfg": {Data: []byte("modparam(\"tls_mgm\", \"verify_cert\", \"0\")\nmodparam(\"tls_mgm\", \"verify_cert\", \"1\")\nmodparam(\"tls_mgm\", \"tls_method\", \"TLSv1\")\n")}}
	script := whole("include_file \"tls.cfg\"\n", catalogue.Default)
	config, err := cfg.Parse("opensips.cfg", script, cfg.Options{FS: files})
	if err != nil {
		t.Fatal(err)
	}
	if !config.Accepted() {
		t.Fatal(config.Diagnostics)
	}
	return config
}
