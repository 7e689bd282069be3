package variables_test

import (
	"crypto/tls"
	"fmt"

	"github.com/opensips-tools/tlsmgm/mgm/variables"
)

func ExampleVariable_Value() {
	session := &variables.Session{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_256_GCM_SHA384}
	for _, name := range []string{"tls_version", "tls_cipher_info", "tls_cipher_bits", "tls_peer_subject"} {
		v, _ := variables.Lookup(name)
		if value := v.Value(session); value.IsNull() {
			fmt.Println(name, "is NULL")
		} else {
			fmt.Println(name, "is", value.Text)
		}
	}
	// Output:
	// tls_version is TLSv1.3
	// tls_cipher_info is TLS_AES_256_GCM_SHA384
	// tls_cipher_bits is 256
	// tls_peer_subject is NULL
}
