package main

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opensips-tools/tlsmgm/cfg"
	"github.com/opensips-tools/tlsmgm/cfg/start"
	"github.com/opensips-tools/tlsmgm/mgm/tlsctx"
	"github.com/opensips-tools/tlsmgm/parser"
)

// With what is made, a server starts with the demo script, and nothing is worth
// a warning.
func TestDemoStarts(t *testing.T) {
	root := t.TempDir()
	if err := makeDemo(root, time.Now()); err != nil {
		t.Fatal(err)
	}
	config, err := cfg.Load("../../testdata/demo/opensips.cfg", cfg.Options{FS: parser.OS{}})
	if err != nil {
		t.Fatal(err)
	}
	result := start.Check(t.Context(), config, start.Options{Files: tlsctx.Root(root)})
	errors, warnings, _ := result.Diagnostics.Count()
	if result.Verdict == start.Stops || errors+warnings > 0 {
		t.Errorf("start: %s, %v", result.Verdict, result.Diagnostics)
	}
}

func TestKeysAreForTheOwnerAlone(t *testing.T) {
	root := t.TempDir()
	if err := makeDemo(root, time.Now()); err != nil {
		t.Fatal(err)
	}
	for directory := range domains {
		base := filepath.Join(root, "etc", "opensips", "tls", directory)
		if _, err := tls.LoadX509KeyPair(filepath.Join(base, "cert.pem"), filepath.Join(base, "key.pem")); err != nil {
			t.Errorf("%s: %v", directory, err)
		}
		if info, err := os.Stat(filepath.Join(base, "key.pem")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("key of %s: %v, %v", directory, info.Mode(), err)
		}
	}
}
