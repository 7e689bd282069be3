package mi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// post gives a body to a handler without a network between.
func post(t testing.TB, h http.Handler, body string) httpAnswer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost/mi", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return do(h, r)
}

func get(t testing.TB, h http.Handler, target string) httpAnswer {
	t.Helper()
	return do(h, httptest.NewRequest(http.MethodGet, "http://localhost"+target, nil))
}

func do(h http.Handler, r *http.Request) httpAnswer {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return httpAnswer{w.Code, w.Header().Get("Content-Type"), w.Body.String()}
}
