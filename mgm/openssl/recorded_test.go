package openssl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// factsDir is a folder of recordings, or the test is skipped.
func factsDir(t *testing.T, elements ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{filepath.FromSlash("../../../shared/facts")}, elements...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no recordings here")
	}
	return dir
}

// TestRecordedStarts compares what this package makes of the values of
// ciphers_list, ec_curve and dh_params with whether a real server started.
func TestRecordedStarts(t *testing.T) {
	t.Parallel()
	certificates := factsDir(t, "certs")
	accepts := map[string]func(value string) error{
		"ciphers_list": func(value string) error { _, err := ParseCipherList(value); return err },
		"ec_curve":     func(value string) error { _, err := LookupCurve(value); return err },
		"dh_params": func(value string) error {
			data, err := os.ReadFile(strings.Replace(value, "@CERTS@", certificates, 1))
			if err != nil {
				return err
			}
			d, err := ParseDHParams(data)
			if err != nil {
				return err
			}
			return d.Check(DefaultSecurityLevel)
		},
	}
	assignment := regexp.MustCompile(`(?m)^modparam\("tls_mgm", "(ciphers_list|ec_curve|dh_params)", "(?:\[\w+\])?([^"\\\n]+)"\)`)
	for _, version := range []string{"2.3", "2.4", "3.4"} {
		dir := factsDir(t, "check", version)
		compared := 0
		for name, verdict := range recordedVerdicts(t, filepath.Join(dir, "verdicts.jsonl")) {
			script, err := os.ReadFile(filepath.Join(dir, name+".cfg"))
			if err != nil {
				t.Fatal(err)
			}
			m := assignment.FindSubmatch(script)
			if m == nil || verdict.Check != "accepted" {
				continue
			}
			compared++
			parameter, value := string(m[1]), string(m[2])
			if err := accepts[parameter](value); (err == nil) != (verdict.Start == "runs") {
				t.Errorf("%s, %s: %s %q: the server %s, we say %v", version, name, parameter, value, verdict.Start, err)
			}
		}
		if compared < 10 {
			t.Errorf("%s: only %d recordings compared", version, compared)
		}
	}
}

type recordedVerdict struct{ Case, Check, Start string }

// recordedVerdicts are the verdicts by the name of their case.
func recordedVerdicts(t *testing.T, file string) map[string]recordedVerdict {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]recordedVerdict{}
	for line := range bytes.Lines(data) {
		var v recordedVerdict
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		verdicts[v.Case] = v
	}
	return verdicts
}

// TestRecordedConnections compares names and bits with the variables of
// recorded connections.
func TestRecordedConnections(t *testing.T) {
	t.Parallel()
	dir := factsDir(t, "live")
	compared := 0
	for _, file := range []string{"2.3.jsonl", "3.4.jsonl"} {
		data, err := os.Open(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		defer data.Close()
		for lines := bufio.NewScanner(data); lines.Scan(); {
			var recorded struct {
				Vars struct {
					Version string `json:"tls_version"`
					Cipher  string `json:"tls_cipher_info"`
					Bits    int    `json:"tls_cipher_bits,string"`
				}
			}
			if err := json.Unmarshal(lines.Bytes(), &recorded); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			vars := recorded.Vars
			if vars.Cipher == "" {
				continue
			}
			compared++
			suite, ok := SuiteByName(vars.Cipher)
			if !ok || suite.SecretBits() != vars.Bits {
				t.Errorf("%s: %q has %d bits, recorded are %d", file, vars.Cipher, suite.SecretBits(), vars.Bits)
			}
			if version, ok := VersionByName(vars.Version); !ok || VersionName(version) != vars.Version || version < suite.Since {
				t.Errorf("%s: version %q is %04x", file, vars.Version, version)
			}
		}
	}
	if compared == 0 {
		t.Error("no connection compared")
	}
}
