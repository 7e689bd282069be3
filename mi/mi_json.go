package mi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"
)

// serveTree answers GET /json/COMMAND in the form of mi_json. Its status is
// 200 even for errors, except where the httpd module of a real server refuses
// the method before mi_json sees it.
func (h *Handler) serveTree(w http.ResponseWriter, r *http.Request) {
	a := h.newAnswer(w)
	defer h.release(a)
	if failure := checkTree(r); failure != nil {
		if r.Method != http.MethodPost && r.Method != http.MethodGet {
			a.status = http.StatusNotAcceptable
		}
		logRefusal(r.Context(), a.status, failure.Error())
		a.bytes = failure.appendTree(a.bytes)
		a.send()
		return
	}
	failure := h.execute(r.Context(), mux.Vars(r)["command"], queryParams(r.URL.RawQuery), func(result Result) {
		a.bytes = result.AppendTree(a.bytes)
	})
	if failure != nil {
		a.bytes = failure.appendTree(a.bytes[:0])
	}
	a.send()
}

func checkTree(r *http.Request) *Error {
	if r.Method != http.MethodGet {
		return &Error{Code: http.StatusNotAcceptable, Message: "Unexpected method"}
	}
	if mux.Vars(r)["command"] == "" {
		return &Error{Code: CodeFailed, Message: "Internal server error"}
	}
	return nil
}

// queryParams reads the parameters of params=a,b. As in the httpd module what
// is escaped is decoded before the commas are looked for, and an escape that
// is none stands for itself.
func queryParams(query string) textParams {
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if unescape(name) != "params" {
			continue
		}
		if value = unescape(value); value == "" {
			return nil
		}
		return strings.Split(value, ",")
	}
	return nil
}

// unescape is url.QueryUnescape that never fails.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	var b strings.Builder
	for len(s) > 0 {
		size := 1
		if s[0] == '%' && len(s) > 2 {
			size = 3
		}
		text, err := url.QueryUnescape(s[:size])
		if err != nil {
			text, size = s[:1], 1
		}
		b.WriteString(text)
		s = s[size:]
	}
	return b.String()
}
