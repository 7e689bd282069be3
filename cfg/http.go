package cfg

import "github.com/opensips-tools/tlsmgm/parser"

// setHTTPParam notes where the script has the management interface served.
func (in *interpreter) setHTTPParam(s *parser.ModParam, name string, value Value) bool {
	at := in.span(s.Value)
	switch name {
	case "ip":
		in.HTTP.IP = Setting[string]{value.Text, at}
	case "port":
		in.HTTP.Port = Setting[int]{int(value.Int), at}
	case "mi_json_root":
		in.HTTP.JSONRoot = Setting[string]{value.Text, at}
	case "mi_http_root":
		in.HTTP.RPCRoot = Setting[string]{value.Text, at}
	}
	return true
}
