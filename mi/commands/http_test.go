package commands

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// post gives the body of the answer to a JSON-RPC request.
func post(t testing.TB, h http.Handler, body string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost/mi", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("status %d for %s", w.Code, body)
	}
	return w.Body.String()
}
