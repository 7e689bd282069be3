package openssl_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"github.com/opensips-tools/tlsmgm/mgm/openssl"
)

func ExampleParseCipherList() {
	list, err := openssl.ParseCipherList("ECDHE+AESGCM:!RC4:TSLv1.2:@SECLEVEL=1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("level", list.SecurityLevel)
	for _, suite := range list.UsableWith(x509.ECDSA) {
		fmt.Println(suite)
	}
	for _, item := range list.Skipped {
		fmt.Printf("%s at %d: %s\n", item.Item, item.Offset, item.Reason)
	}
	// Output:
	// level 1
	// TLS_AES_256_GCM_SHA384
	// TLS_CHACHA20_POLY1305_SHA256
	// TLS_AES_128_GCM_SHA256
	// ECDHE-ECDSA-AES256-GCM-SHA384
	// ECDHE-ECDSA-AES128-GCM-SHA256
	// !RC4 at 13: retired
	// TSLv1.2 at 18: unknown
}

func ExampleCipherList_GoIDs() {
	list, err := openssl.ParseCipherList("HIGH:!aNULL:!kRSA:!SHA1:!SHA256:!SHA384")
	if err != nil {
		fmt.Println(err)
		return
	}
	config := &tls.Config{CipherSuites: list.GoIDs()}
	for _, id := range config.CipherSuites {
		fmt.Println(tls.CipherSuiteName(id))
	}
	// Output:
	// TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
	// TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
	// TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
	// TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
	// TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
	// TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
}

func ExampleSuiteByID() {
	state := tls.ConnectionState{Version: tls.VersionTLS12, CipherSuite: tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384}
	suite, _ := openssl.SuiteByID(state.CipherSuite)
	fmt.Println(openssl.VersionName(state.Version), suite, suite.SecretBits())
	fmt.Println(suite.Description())
	// Output:
	// TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 256
	// ECDHE-RSA-AES256-GCM-SHA384    TLSv1.2 Kx=ECDH     Au=RSA   Enc=AESGCM(256)            Mac=AEAD
}

func ExampleLookupCurve() {
	curve, err := openssl.LookupCurve("prime256v1")
	fmt.Println(curve.NIST, curve.Bits, curve.GoID(), err)
	_, err = openssl.LookupCurve("P-256")
	fmt.Println(err)
	// Output:
	// P-256 256 CurveP256 <nil>
	// curve "P-256": unknown name, did you mean "prime256v1"
}

func ExampleDHParams_Check() {
	const weak = `-----BEGIN DH PARAMETERS-----
MEYCQQDHZarqyEfOgyxYMGelYAv+kdte9JXn0Vb4lqEuIdJiHtu3N3xIXRDzNULz
sCKwVprdpy397K/zG1NmfkqUZonPAgEC
-----END DH PARAMETERS-----
`
	parameters, err := openssl.ParseDHParams([]byte(weak))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(parameters.Check(openssl.DefaultSecurityLevel))
	// Output:
	// dh key too small: DH prime of 512 bits is worth 0 bits, security level 2 asks for 112
}
