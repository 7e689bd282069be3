package mi

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestClients sends what the clients in the field send, byte for byte, on one
// connection where they keep it.
func TestClients(t *testing.T) {
	const names = `["get_statistics","uptime","version","which","ps","help","tls_reload","tls_mgm:reload","tls_list","tls_mgm:list"]`
	// Python's urllib, as opensips-cli uses it.
	python := func(body string) string {
		return fmt.Sprintf("POST /mi HTTP/1.1\r\nAccept-Encoding: identity\r\nContent-Length: %d\r\nHost: 127.0.0.1:8888\r\nUser-Agent: Python-urllib/3.11\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n%s", len(body), body)
	}
	axios := func(body string) string {
		return fmt.Sprintf("POST /mi HTTP/1.1\r\nAccept: application/json, text/plain, */*\r\nContent-Type: application/json;charset=utf-8\r\nUser-Agent: axios/0.19.2\r\nContent-Length: %d\r\nHost: 127.0.0.1:8888\r\nConnection: close\r\n\r\n%s", len(body), body)
	}
	exporter := func(body string) string {
		return fmt.Sprintf("POST /mi/ HTTP/1.1\r\nHost: 127.0.0.1:8888\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: %d\r\nAccept: application/json\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n%s", len(body), body)
	}
	curl := func(body string) string {
		return fmt.Sprintf("POST /mi HTTP/1.1\r\nHost: localhost:8888\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	// PHP's curl has no User-Agent.
	panel := func(command string) string {
		return "GET /json/" + command + " HTTP/1.1\r\nHost: 127.0.0.1:8888\r\nAccept: */*\r\n\r\n"
	}
	tests := []struct {
		client   string
		requests []string // on one connection
		want     []string // the bodies
	}{
		{"opensips-cli looks whether the port is open", nil, nil},
		{"opensips-cli asks what there is", []string{python(`{"jsonrpc": "2.0", "id": "9022", "method": "which", "params": {}}`)}, []string{`{"jsonrpc":"2.0","result":` + names + `,"id":"9022"}`}},
		{"opensips-cli -x mi tls_reload", []string{python(`{"jsonrpc": "2.0", "id": "26336", "method": "tls_reload", "params": {}}`)}, []string{`{"jsonrpc":"2.0","result":"OK","id":"26336"}`}},
		{"opensips-cli -x mi tls_mgm:reload", []string{python(`{"jsonrpc": "2.0", "id": "1", "method": "tls_mgm:reload", "params": {}}`)}, []string{`{"jsonrpc":"2.0","result":"OK","id":"1"}`}},
		{"opensips-cli -x mi help tls_list", []string{python(`{"jsonrpc": "2.0", "id": "77", "method": "help", "params": ["tls_list"]}`)}, []string{`{"jsonrpc":"2.0","result":{"Help":"lists the TLS domains","Exported by":"tls_mgm"},"id":"77"}`}},
		{"opensips-cli -x mi get_statistics core:", []string{python(`{"jsonrpc": "2.0", "id": "78", "method": "get_statistics", "params": [["core:"]]}`)}, []string{`{"jsonrpc":"2.0","result":{"core:rcv_requests":"12"},"id":"78"}`}},
		{"opensips-cli completes parameters", []string{python(`{"jsonrpc": "2.0", "id": "5", "method": "which", "params": {"command": "get_statistics"}}`)}, []string{`{"jsonrpc":"2.0","result":[["statistics"]],"id":"5"}`}},
		{"curl", []string{curl(`{"jsonrpc":"2.0","id":"10","method":"tls_list"}`), curl(`{"jsonrpc":"2.0","id":1,"method":"nosuch"}`)}, []string{
			`{"jsonrpc":"2.0","result":{"Domains":[{"name":"dom1","type":"TLS_DOMAIN_SRV","IP ADDRESS FILTERS":["*"],"SIP DOMAIN FILTERS":["*"],"METHOD":"SSLv23","VERIFY_CERT":false,"REQ_CLI_CERT":false,"CRL_CHECKALL":false,"CERT_FILE":"","CRL_DIR":"","CA_FILE":"","CA_DIR":"","PKEY_FILE":"","CIPHER_LIST":"","DH_PARAMS_FILE":"","EC_CURVE":""}]},"id":"10"}`,
			`{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1}`,
		}},
		{"Control Panel 9", []string{curl(`{"jsonrpc":"2.0","id":1,"method":"tls_reload"}`)}, []string{`{"jsonrpc":"2.0","result":"OK","id":1}`}},
		{"Control Panel 7 and 8", []string{panel("tls_reload"), panel("get_statistics?params=core:,shmem:"), panel("nosuch")}, []string{
			`{}`,
			`{"core:rcv_requests": "12", "shmem:used_size": "7"}`,
			`{"error": {"code": 500, "message": "Command not found"}}`,
		}},
		{"opensips-mi-client", []string{axios(`{"jsonrpc":"2.0","method":"which","id":20017}`)}, []string{`{"jsonrpc":"2.0","result":` + names + `,"id":20017}`}},
		{"opensips_exporter", []string{exporter(`{"jsonrpc":"2.0","method":"get_statistics","params":[["core:","shmem:"]],"id":0}`), exporter(`{"jsonrpc":"2.0","method":"get_statistics","params":[["core:"]],"id":0}`)}, []string{
			`{"jsonrpc":"2.0","result":{"core:rcv_requests":"12","shmem:used_size":"7"},"id":0}`,
			`{"jsonrpc":"2.0","result":{"core:rcv_requests":"12"},"id":0}`,
		}},
	}
	h, err := NewHandler(table(t), HandlerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	address := serve(t, h)
	for _, tt := range tests {
		t.Run(tt.client, func(t *testing.T) {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			reader := bufio.NewReader(conn)
			for i, request := range tt.requests {
				if _, err := conn.Write([]byte(request)); err != nil {
					t.Fatal(err)
				}
				method, _, _ := strings.Cut(request, " ")
				want := httpAnswer{http.StatusOK, "application/json", tt.want[i]}
				if diff := cmp.Diff(want, readAnswer(t, reader, method)); diff != "" {
					t.Errorf("answer %d (-want +got):\n%s", i+1, diff)
				}
			}
		})
	}
}
