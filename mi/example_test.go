package mi_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/mi"
)

// The same command in both forms of the interface.
func ExampleHandler() {
	commands, err := mi.NewCommands(mi.Which(), mi.TLSList(func(context.Context) (iter.Seq[mi.DomainInfo], error) {
		return slices.Values([]mi.DomainInfo{{Name: "dom1", Address: "1.2.3.4:5061", Method: "TLSv1_2", FromDatabase: true}}), nil
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	handler, err := mi.NewHandler(commands, mi.HandlerConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	post := httptest.NewRequest(http.MethodPost, "http://localhost/mi", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tls_list"}`))
	post.Header.Set("Content-Type", "application/json")
	get := httptest.NewRequest(http.MethodGet, "http://localhost/json/tls_list", nil)
	for _, r := range []*http.Request{post, get} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Body)
	}
	// Output:
	// {"jsonrpc":"2.0","result":{"Domains":[{"name":"dom1","type":"TLS_DOMAIN_SRV","IP ADDRESS FILTERS":["1.2.3.4:5061"],"SIP DOMAIN FILTERS":["*"],"METHOD":"TLSv1_2","VERIFY_CERT":false,"REQ_CLI_CERT":false,"CRL_CHECKALL":false,"CRL_DIR":"","CA_DIR":"","CIPHER_LIST":"","EC_CURVE":""}]},"id":1}
	// {"Domain": [{"value":"dom1", "children":{"Type": "TLS_DOMAIN_SRV", "Address": "1.2.3.4", "METH": "TLSv1_2", "VERIFY_CERT": "no", "REQ_CLI_CERT": "no", "CRL_CHECKALL": "no", "CRL_DIR": {}, "CA_DIR": {}, "CIPHER_LIST": {}, "EC_CURVE": {}}}]}
}
