package mi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// serveRPC answers POST /mi. Every request that can be read gets status 200
// whatever becomes of it, as clients take any other status for a server that
// is down.
func (h *Handler) serveRPC(w http.ResponseWriter, r *http.Request) {
	if status, failure := h.checkRPC(r); failure != nil {
		if status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodPost)
		}
		h.refuseRPC(w, r, status, failure)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.cfg.MaxBody))
	if err != nil {
		status, failure := bodyFailure(err)
		h.refuseRPC(w, r, status, failure)
		return
	}
	calls, batch, failure := decodeBody(body, h.cfg.MaxBatch)
	switch {
	case failure == nil:
		h.answerRPC(w, r, calls, batch)
	case len(body) == 0:
		h.refuseRPC(w, r, http.StatusBadRequest, failure)
	default:
		h.refuseRPC(w, r, http.StatusOK, failure)
	}
}

// checkRPC says what stands against a request before its body is read.
func (h *Handler) checkRPC(r *http.Request) (status int, failure *Error) {
	switch {
	case r.Method == http.MethodGet:
		return http.StatusMethodNotAllowed, invalidRequest("GET is not understood here, POST is")
	case r.Method != http.MethodPost:
		// The status that the httpd module has for all but GET and POST.
		return http.StatusNotAcceptable, invalidRequest(fmt.Sprintf("%s is not understood here, POST is", r.Method))
	case !isJSONType(r.Header.Get("Content-Type")):
		return http.StatusUnsupportedMediaType, invalidRequest("Content-Type must be application/json")
	case r.ContentLength > h.cfg.MaxBody:
		return bodyFailure(&http.MaxBytesError{Limit: h.cfg.MaxBody})
	}
	return 0, nil
}

// isJSONType accepts the types that JSON-RPC over HTTP is sent with. Types
// that a page may send to other sites unasked, such as text/plain, are not
// among them.
func isJSONType(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return false
	}
	switch mediaType {
	case "application/json", "application/json-rpc", "application/jsonrequest":
		return true
	}
	return false
}

func bodyFailure(err error) (status int, failure *Error) {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge, invalidRequest(fmt.Sprintf("the request is longer than %d bytes", tooLarge.Limit))
	}
	return http.StatusBadRequest, parseError("the request ended early")
}

func (h *Handler) refuseRPC(w http.ResponseWriter, r *http.Request, status int, failure *Error) {
	logRefusal(r.Context(), status, failure.Error())
	a := answer{w: w, status: status}
	a.bytes = appendFailure(nil, failure, json.RawMessage("null"))
	a.send()
}

// answerRPC runs the calls in their order and answers all but notifications.
func (h *Handler) answerRPC(w http.ResponseWriter, r *http.Request, calls []call, batch bool) {
	a := h.newAnswer(w)
	defer h.release(a)
	answered := 0
	for _, c := range calls {
		if c.id == nil {
			h.notify(r, c)
			continue
		}
		if batch {
			a.sendIfLarge()
			a.bytes = append(a.bytes, "[,"[min(answered, 1)])
		}
		answered++
		h.call(r, c, a)
	}
	switch {
	case answered == 0:
		w.WriteHeader(http.StatusAccepted)
		return
	case batch:
		a.bytes = append(a.bytes, ']')
	}
	a.send()
}

// call runs one call and appends its response.
func (h *Handler) call(r *http.Request, c call, a *answer) {
	start := len(a.bytes)
	failure := c.err
	if failure == nil {
		failure = h.execute(r.Context(), c.method, c.params, func(result Result) {
			a.bytes = append(a.bytes, `{"jsonrpc":"2.0","result":`...)
			a.bytes = result.AppendJSON(a.bytes)
			a.bytes = appendID(a.bytes, c.id)
		})
	} else {
		logRefusal(r.Context(), http.StatusOK, failure.Error())
	}
	if failure != nil {
		a.bytes = appendFailure(a.bytes[:start], failure, c.id)
	}
}

// notify runs a call that wants no answer.
func (h *Handler) notify(r *http.Request, c call) {
	if c.err != nil {
		logRefusal(r.Context(), http.StatusAccepted, c.err.Error())
		return
	}
	_ = h.execute(r.Context(), c.method, c.params, func(Result) {}) // nobody is told
}

func appendFailure(dst []byte, failure *Error, id json.RawMessage) []byte {
	dst = append(dst, `{"jsonrpc":"2.0","error":`...)
	return appendID(failure.appendJSON(dst), id)
}

func appendID(dst []byte, id json.RawMessage) []byte {
	dst = append(append(dst, `,"id":`...), id...)
	return append(dst, '}')
}
