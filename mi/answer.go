package mi

import (
	"net/http"
	"strconv"
)

const (
	// flushSize is how much of a batch's answer is gathered before it is sent.
	flushSize = 1 << 20
	// keepSize is the largest buffer kept for the next answer: that of
	// tls_list with some 20,000 domains.
	keepSize = 8 << 20
)

// answer gathers the JSON to send.
type answer struct {
	w      http.ResponseWriter
	status int
	bytes  []byte
	begun  bool // some of it is sent already
}

// newAnswer takes a buffer from the handler's store; release gives it back.
func (h *Handler) newAnswer(w http.ResponseWriter) *answer {
	a, _ := h.answers.Get().(*answer)
	if a == nil {
		a = &answer{}
	}
	a.w, a.status, a.begun = w, http.StatusOK, false
	return a
}

func (h *Handler) release(a *answer) {
	if cap(a.bytes) > keepSize {
		return
	}
	a.w, a.bytes = nil, a.bytes[:0]
	h.answers.Put(a)
}

// send writes what has been gathered. A client that has gone away is nobody to
// tell, so errors of the connection are dropped.
func (a *answer) send() {
	if !a.begun {
		a.w.Header().Set("Content-Type", "application/json")
		a.w.Header().Set("Content-Length", strconv.Itoa(len(a.bytes)))
		a.w.WriteHeader(a.status)
	}
	_, _ = a.w.Write(a.bytes)
}

// sendIfLarge keeps a long answer in parts from filling the memory.
func (a *answer) sendIfLarge() {
	if len(a.bytes) < flushSize {
		return
	}
	if !a.begun {
		a.w.Header().Set("Content-Type", "application/json")
		a.w.WriteHeader(a.status)
		a.begun = true
	}
	_, _ = a.w.Write(a.bytes)
	a.bytes = a.bytes[:0]
}
