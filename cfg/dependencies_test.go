package cfg_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestParamDependencies sets parameters that need another module for some
// values only.
func TestParamDependencies(t *testing.T) {
	for _, test := range []struct {
		version, module, param, value string
		needs                         string // empty: nothing
	}{
		{"2.3", "uac", "restore_mode", `"auto"`, "module rr"},
		{"2.3", "uac", "restore_mode", `"none"`, ""},
		{"2.3", "dialog", "cachedb_url", `"redis://localhost"`, "a cache (cachedb_…) module"},
		{"2.3", "dialog", "cachedb_url", `""`, ""},
		{"2.3", "dialog", "replicate_dialogs_to", "1", "module clusterer"},
		{"2.3", "dialog", "replicate_dialogs_to", "0", ""},
		{"2.3", "acc", "detect_direction", "1", "module rr"},
		{"2.3", "acc", "detect_direction", "0", ""},
		{"2.3", "usrloc", "db_mode", "2", "a database (db_…) module"},
		{"2.3", "presence_callinfo", "disable_dialog_support_for_sca", "0", "module dialog"},
		{"2.3", "presence_callinfo", "disable_dialog_support_for_sca", "1", ""},
		{"2.3", "siptrace", "trace_id", `"[t]uri=hep:127.0.0.1:9060"`, "module proto_hep"},
		{"2.3", "siptrace", "trace_id", `"[t]uri=sip:127.0.0.1:5060"`, ""},
		{"2.3", "siptrace", "trace_id", `"[t]uri=mysql://localhost/x;table=y"`, "a database (db_…) module"},
		{"2.3", "sipcapture", "hep_capture_on", "1", "module proto_hep"},
		{"2.4", "usrloc", "cluster_mode", `"federation-cachedb"`, "a cache (cachedb_…) module"},
		{"2.4", "usrloc", "cluster_mode", `"sql-only"`, "a database (db_…) module"},
		{"2.4", "usrloc", "cluster_mode", `"full-sharing"`, ""},
		{"2.4", "usrloc", "restart_persistency", `"load-from-sql"`, "a database (db_…) module"},
		{"2.4", "usrloc", "restart_persistency", `"sync-from-cluster"`, ""},
		{"3.0", "db_mysql", "use_tls", "1", "module tls_mgm"},
		{"3.0", "db_mysql", "use_tls", "0", ""},
	} {
		script := fmt.Sprintf("%sloadmodule %q\nmodparam(%q, %q, %s)\n", usual, test.module+".so", test.module, test.param, test.value)
		c := parseAny(t, test.version, script)
		var found []string
		for _, d := range c.Diagnostics {
			if strings.Contains(d.Message, "parameter") {
				found = append(found, d.Message)
			}
		}
		want := fmt.Sprintf("[parameter %q of %s needs %s, which is not loaded]", test.param, test.module, test.needs)
		if test.needs == "" {
			want = "[]"
		}
		if got := fmt.Sprint(found); got != want {
			t.Errorf("%s of %s = %s (%s): got %s, want %s\n\tall: %v", test.param, test.module, test.value, test.version, got, want, c.Diagnostics)
		}
	}
}
