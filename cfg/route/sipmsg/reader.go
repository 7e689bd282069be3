package sipmsg

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// DefaultLimit is the size in bytes up to which OpenSIPS reads a message from a stream.
const DefaultLimit = 65535

// ErrPing is what Next gives for two empty lines (CRLF CRLF) between messages, the
// keep-alive of RFC 5626. The answer is CRLF, unless tcp_crlf_pingpong is off.
var ErrPing = errors.New("keep-alive")

const (
	smallBuffer = 4096
	emptyReads  = 100 // in a row, until the source is given up
)

// Reader takes a stream apart into messages. It starts no goroutines and sets no
// deadlines: a caller that sets one on the connection gets its error from Next.
type Reader struct {
	source io.Reader
	limit  int
	buf    []byte // what was read and is not yet taken
	start  int    // of the message in buf
	scan   headScan
	pinged int   // bytes of a keep-alive so far
	head   *head // of the message whose body is awaited
	size   int   // of that message
	failed error // after which nothing can be read
}

// NewReader reads from source. Messages above limit bytes, headers and body together,
// are an error; 0 stands for DefaultLimit.
func NewReader(source io.Reader, limit int) *Reader {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &Reader{source: source, limit: limit}
}

// Pending is the number of bytes that came of a message that is not yet complete. If
// it is 0, a peer that sends nothing is idle and not slow.
func (r *Reader) Pending() int { return len(r.buf) - r.start }

// Next gives the next message. Besides errors of the source it gives
//
//   - io.EOF if the stream ends after a message, io.ErrUnexpectedEOF, wrapped, if it
//     ends inside one;
//   - ErrPing for a keep-alive;
//   - a *MalformedError for what is no proper message. Unless it says Close, the next
//     call goes on after that message.
//
// After an error of the source that passes, such as a deadline, the next call goes on
// where this one stopped.
func (r *Reader) Next() (*Message, error) {
	for {
		if r.failed != nil {
			return nil, r.failed
		}
		m, err := r.take()
		var malformed *MalformedError
		if errors.As(err, &malformed) && malformed.Close {
			r.failed, r.buf, r.start = err, nil, 0
		}
		if m != nil || err != nil {
			return m, err
		}
		if err := r.fill(); err != nil {
			return nil, r.sourceError(err)
		}
	}
}

func (r *Reader) sourceError(err error) error {
	if r.Pending() == 0 {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	part := "headers"
	if r.head != nil {
		part = "body"
	}
	return fmt.Errorf("read the %s of a message, of which %d bytes came: %w", part, r.Pending(), err)
}

// take gives a message or an error out of the bytes that are there, or neither if they
// are not enough.
func (r *Reader) take() (*Message, error) {
	if r.head == nil {
		if r.scan.searched == 0 && r.skipEmpty() {
			return nil, ErrPing
		}
		if r.Pending() == 0 {
			return nil, nil //nolint:nilnil // neither is an answer of its own here
		}
		if err := r.takeHead(); err != nil || r.head == nil {
			return nil, err
		}
	}
	if r.Pending() < r.size {
		return nil, nil //nolint:nilnil // as above
	}
	return r.finish()
}

// skipEmpty passes over what may stand between messages, as OpenSIPS does, and reports
// a keep-alive.
func (r *Reader) skipEmpty() bool {
	const ping = "\r\n\r\n"
	for ; r.start < len(r.buf); r.start++ {
		switch c := r.buf[r.start]; {
		case c == ping[r.pinged]:
			r.pinged++
			if r.pinged == len(ping) {
				r.pinged = 0
				r.start++
				return true
			}
		case c == '\r':
			r.pinged = 1
		case c == '\n', c == ' ', c == '\t':
			r.pinged = 0
		default:
			r.pinged = 0
			return false
		}
	}
	return false
}

// takeHead reads the header section if it is complete.
func (r *Reader) takeHead() error {
	data := r.buf[r.start:]
	data = data[:min(len(data), r.limit)]
	if problem := foreign(data); problem != "" {
		return &MalformedError{Kind: KindNotSIP, Problem: problem, Close: true}
	}
	firstLine := r.scan.line == 0
	end := r.scan.next(data)
	// It is looked at once, when it is complete: what is no SIP may never end its headers.
	if firstLine && r.scan.line > 0 {
		if problem := foreignLine(data); problem != "" {
			return &MalformedError{Kind: KindNotSIP, Problem: problem, Close: true}
		}
	}
	if end < 0 && len(data) < r.limit {
		return nil
	}
	if end < 0 {
		h := readHead(string(data[:r.scan.line]))
		h.msg.raw = bytes.Clone(data)
		return r.tooLarge(h, "the headers have")
	}
	h := readHead(string(data[:end]))
	h.msg.raw = bytes.Clone(data[:end])
	if h.length < 0 {
		h.failLength("expected a Content-Length, which a message on a stream needs")
	}
	if h.badLength != nil {
		h.badLength.Close = true
		h.bad = h.badLength
		return h.malformed()
	}
	if h.length > r.limit-end {
		return r.tooLarge(h, fmt.Sprintf("the headers and a body of %d bytes have", h.length))
	}
	r.head, r.size = h, end+h.length
	return nil
}

func (r *Reader) tooLarge(h *head, what string) error {
	h.bad = &MalformedError{
		Kind: KindTooLarge, Close: true,
		Problem: fmt.Sprintf("expected a message of at most %d bytes, but %s more", r.limit, what),
	}
	return h.malformed()
}

// finish hands the message out. It gets bytes of its own, for the buffer is used again.
func (r *Reader) finish() (*Message, error) {
	h := r.head
	h.msg.raw = bytes.Clone(r.buf[r.start : r.start+r.size])
	h.msg.body = h.msg.raw[r.size-h.length:]
	r.start += r.size
	r.head, r.size, r.scan = nil, 0, headScan{}
	if err := h.malformed(); err != nil {
		return nil, err
	}
	return h.msg, nil
}

// fill reads once from the source.
func (r *Reader) fill() error {
	r.makeRoom()
	for range emptyReads {
		n, err := r.source.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if n > 0 {
			return nil // an error comes again
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// makeRoom leaves free space in the buffer. A connection without an unfinished message
// holds no more than a small one.
func (r *Reader) makeRoom() {
	pending := r.buf[r.start:]
	switch {
	case len(pending) == 0 && cap(r.buf) > smallBuffer:
		r.buf = make([]byte, 0, smallBuffer)
	case len(r.buf) < cap(r.buf):
		return
	case r.start > cap(r.buf)/2 || len(pending) == 0 && cap(r.buf) > 0:
		r.buf = r.buf[:copy(r.buf, pending)]
	default:
		r.buf = append(make([]byte, 0, max(smallBuffer, 2*cap(r.buf))), pending...)
	}
	r.start = 0
}
