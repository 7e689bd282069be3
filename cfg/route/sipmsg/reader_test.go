package sipmsg

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// readAll writes down what a reader gives, until the stream cannot go on.
func readAll(source io.Reader, limit int) []string {
	var got []string
	r := NewReader(source, limit)
	for {
		m, err := r.Next()
		var malformed *MalformedError
		switch {
		case err == nil:
			got = append(got, string(m.Raw()))
		case errors.Is(err, ErrPing):
			got = append(got, "ping")
		case errors.As(err, &malformed) && !malformed.Close:
			got = append(got, "skip: "+err.Error())
		default:
			return append(got, err.Error())
		}
	}
}

func TestReader(t *testing.T) {
	const crlf = "\r\n"
	body := edit("Content-Length: 0", "l: 3") + "abc"
	bare := strings.ReplaceAll(body, crlf, "\n")
	bad := edit("Call-ID: 1@h", "Call-ID")
	badBody := strings.Replace(body, "Call-ID: 1@h", "Call-ID", 1)
	unended := strings.TrimSuffix(small, crlf)
	badLine := `skip: malformed SIP message: line 5: expected a header name with a colon, found "Call-ID"`
	for name, tt := range map[string]struct {
		stream string
		want   []string
	}{
		"nothing":         {"", []string{"EOF"}},
		"one":             {small, []string{small, "EOF"}},
		"pipelined":       {small + body + small, []string{small, body, small, "EOF"}},
		"line feeds":      {bare + bare, []string{bare, bare, "EOF"}},
		"mixed ends":      {strings.TrimSuffix(small, crlf) + "\n" + body, []string{strings.TrimSuffix(small, crlf) + "\n", body, "EOF"}},
		"one empty line":  {crlf + small + crlf + body + crlf, []string{small, body, "EOF"}},
		"ping":            {crlf + crlf, []string{"ping", "EOF"}},
		"pings":           {crlf + crlf + small + crlf + crlf + crlf + crlf + body, []string{"ping", small, "ping", "ping", body, "EOF"}},
		"three lines":     {crlf + crlf + crlf + small, []string{"ping", small, "EOF"}},
		"no ping":         {"\n\n\r\r\n \t" + small, []string{small, "EOF"}},
		"goes on":         {bad + badBody + small, []string{badLine, badLine, small, "EOF"}},
		"ends in headers": {small[:20], []string{"read the headers of a message, of which 20 bytes came: unexpected EOF"}},
		"ends in body":    {body[:len(body)-1], []string{fmt.Sprintf("read the body of a message, of which %d bytes came: unexpected EOF", len(body)-1)}},
		"ends unended":    {unended, []string{fmt.Sprintf("read the headers of a message, of which %d bytes came: unexpected EOF", len(unended))}},
		"no length":       {edit("Content-Length: 0", "") + small, []string{"malformed SIP message: expected a Content-Length, which a message on a stream needs"}},
		"negative length": {edit("Content-Length: 0", "l: -1") + small, []string{`malformed SIP message: Content-Length "-1": expected a number`}},
		"two lengths":     {edit("Content-Length: 0", "l: 1\r\nl: 2") + small, []string{"malformed SIP message: expected one Content-Length, found 1 and 2"}},
		"same lengths":    {edit("Content-Length: 0", "l: 1\r\nl: 01") + "x", []string{edit("Content-Length: 0", "l: 1\r\nl: 01") + "x", "EOF"}},
		"bad and length":  {strings.Replace(bad, "th: 0", "th: x", 1) + small, []string{`malformed SIP message: Content-Length "x": expected a number`}},
		"TLS":             {small + "\x16\x03\x01", []string{small, "not a SIP message: expected a SIP message, found what looks like a TLS handshake"}},
		"HTTP":            {"GET /x HTTP/1.1\r\nHost: h", []string{"not a SIP message: expected a SIP message, found what looks like an HTTP request"}},
		"binary body":     {edit("Content-Length: 0", "l: 4") + "\r\n\r\n" + small, []string{edit("Content-Length: 0", "l: 4") + "\r\n\r\n", small, "EOF"}},
	} {
		t.Run(name, func(t *testing.T) {
			for way, source := range map[string]io.Reader{
				"at once":       strings.NewReader(tt.stream),
				"by the byte":   iotest.OneByteReader(strings.NewReader(tt.stream)),
				"in halves":     iotest.HalfReader(strings.NewReader(tt.stream)),
				"with its end":  iotest.DataErrReader(strings.NewReader(tt.stream)),
				"by three":      &chunks{data: []byte(tt.stream), sizes: []int{3}},
				"zero in reads": &chunks{data: []byte(tt.stream), sizes: []int{0, 0, 5}},
			} {
				if got := readAll(source, 0); !slices.Equal(got, tt.want) {
					t.Errorf("%s:\ngot  %q\nwant %q", way, got, tt.want)
				}
			}
		})
	}
}

// chunks gives data in pieces of these sizes, over and over.
type chunks struct {
	data  []byte
	sizes []int
	next  int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.data[:min(c.sizes[c.next%len(c.sizes)], len(c.data))])
	c.data = c.data[n:]
	c.next++
	return n, nil
}

func TestReaderLimit(t *testing.T) {
	body := edit("Content-Length: 0", "l: 3") + "abc"
	headers := len(body) - 3
	for _, tt := range []struct {
		limit int
		want  string
	}{
		{len(body), ""},
		{len(body) - 1, fmt.Sprintf("malformed SIP message: expected a message of at most %d bytes, but the headers and a body of 3 bytes have more", len(body)-1)},
		{headers, fmt.Sprintf("malformed SIP message: expected a message of at most %d bytes, but the headers and a body of 3 bytes have more", headers)},
		{headers - 1, fmt.Sprintf("malformed SIP message: expected a message of at most %d bytes, but the headers have more", headers-1)},
	} {
		for _, source := range []io.Reader{strings.NewReader(body + small), iotest.OneByteReader(strings.NewReader(body + small))} {
			r := NewReader(source, tt.limit)
			m, err := r.Next()
			if tt.want == "" {
				if err != nil || string(m.Raw()) != body {
					t.Errorf("limit %d: got %v", tt.limit, err)
				}
				continue
			}
			var malformed *MalformedError
			if !errors.As(err, &malformed) || err.Error() != tt.want {
				t.Fatalf("limit %d: got error %v, want %s", tt.limit, err, tt.want)
			}
			if malformed.Kind != KindTooLarge || malformed.Status != 513 || !malformed.Close {
				t.Errorf("limit %d: got %+v", tt.limit, malformed)
			}
			if _, again := r.Next(); again != err {
				t.Errorf("limit %d: the next call gives %v", tt.limit, again)
			}
		}
	}
}

// An endless line is refused at the limit, and what was kept for it is let go.
func TestReaderBoundsMemory(t *testing.T) {
	source := &countingReader{}
	r := NewReader(source, 0)
	_, err := r.Next()
	var malformed *MalformedError
	if !errors.As(err, &malformed) || malformed.Kind != KindTooLarge {
		t.Fatalf("got error %v", err)
	}
	if source.n > 4*DefaultLimit || r.buf != nil {
		t.Errorf("read %d bytes, keeps %d", source.n, cap(r.buf))
	}
}

type countingReader struct{ n int }

func (c *countingReader) Read(p []byte) (int, error) {
	c.n += len(p)
	return copy(p, bytes.Repeat([]byte("A"), len(p))), nil
}

func TestReaderLetsBufferGo(t *testing.T) {
	large := edit("Content-Length: 0", "l: 50000") + strings.Repeat("x", 50000)
	r := NewReader(io.MultiReader(strings.NewReader(large), strings.NewReader(small)), 0)
	for _, want := range []string{large, small} {
		m, err := r.Next()
		if err != nil || string(m.Raw()) != want {
			t.Fatalf("got error %v", err)
		}
	}
	if cap(r.buf) > smallBuffer {
		t.Errorf("an idle reader keeps %d bytes", cap(r.buf))
	}
}

// Messages stay what they are when the buffer is used again.
func TestReaderMessagesOwnTheirBytes(t *testing.T) {
	other := strings.Replace(small, "1@h", "2@h", 1)
	r := NewReader(&chunks{data: []byte(small + other), sizes: []int{len(small)}}, 0)
	first, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if string(first.Raw()) != small || first.CallID() != "1@h" {
		t.Errorf("the first message became %q", first.Raw())
	}
}

func TestReaderOfALongStream(t *testing.T) {
	var want []string
	for i := range 300 {
		want = append(want, strings.Replace(invite, "X-Seen: one", "X-Seen: "+strings.Repeat("x", i%97), 1))
	}
	stream := strings.Join(want, "")
	if got := readAll(strings.NewReader(stream), 0); !slices.Equal(got, append(want, "EOF")) {
		t.Errorf("%d messages of %d came through", len(got)-1, len(want))
	}
}

// timeouts gives a deadline's error before each chunk.
type timeouts struct {
	chunks
	late bool
}

func (c *timeouts) Read(p []byte) (int, error) {
	if c.late = !c.late; c.late {
		return 0, os.ErrDeadlineExceeded
	}
	return c.chunks.Read(p)
}

func TestReaderGoesOnAfterTimeouts(t *testing.T) {
	body := edit("Content-Length: 0", "l: 3") + "abc"
	r := NewReader(&timeouts{chunks: chunks{data: []byte(body + small), sizes: []int{7}}}, 0)
	var got []string
	idle := 0
	for {
		m, err := r.Next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if r.Pending() == 0 {
				idle++
			}
			continue
		}
		if err != nil {
			if err != io.EOF {
				t.Error(err)
			}
			break
		}
		got = append(got, string(m.Raw()))
	}
	if !slices.Equal(got, []string{body, small}) || idle == 0 {
		t.Errorf("got %q, idle %d times", got, idle)
	}
}

func TestReaderGivesUpOnEmptyReads(t *testing.T) {
	_, err := NewReader(&chunks{data: []byte("x"), sizes: []int{0}}, 0).Next()
	if err != io.ErrNoProgress {
		t.Errorf("got error %v", err)
	}
}

// Reading byte by byte must not look at everything again for each byte: 64 KB in one
// line, or in thousands of headers, would take minutes.
func TestReaderIsLinear(t *testing.T) {
	for _, text := range []string{
		"OPTIONS sip:" + strings.Repeat("x", 60000) + " SIP/2.0\r\nl: 0\r\n\r\n",
		"OPTIONS sip:h SIP/2.0\r\nl: 0\r\n" + strings.Repeat("x:\r\n", 15000) + "\r\n",
		"OPTIONS sip:h SIP/2.0\r\nl: 0\r\nx: a" + strings.Repeat("\r\n b", 15000) + "\r\n\r\n",
		"OPTIONS sip:h SIP/2.0\r\nl: 0\r\nv: " + strings.Repeat(`"<`, 30000) + "\r\n\r\n",
		"OPTIONS sip:h" + strings.Repeat(";a", 30000) + " SIP/2.0\r\nl: 0\r\n\r\n",
		"OPTIONS sip:h SIP/2.0\r\nl: 0\r\nt: <sip:a@b>" + strings.Repeat(`;a=","`, 10000) + "\r\n\r\n",
	} {
		got := readAll(iotest.OneByteReader(strings.NewReader(text)), 0)
		if want := []string{text, "EOF"}; !slices.Equal(got, want) {
			t.Errorf("got %.100q", got)
		}
	}
}

func TestAnySplitGivesTheSame(t *testing.T) {
	pieces := []string{
		small, invite, "\r\n", "\r\n\r\n", "\n", edit("Content-Length: 0", "l: 3") + "abc", edit("Call-ID: 1@h", "x"),
		"GET / HTTP/1.1\r\n", "\x16\x03", edit("Content-Length: 0", ""), strings.ReplaceAll(small, "\r\n", "\n"), small[:40],
		edit("Content-Length: 0", "l: 900"), "\r", " ", "SIP/2.0 200 OK\r\nl: 1\r\n\r\nx",
	}
	rapid.Check(t, func(t *rapid.T) {
		stream := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 400), 1, 9).Draw(t, "sizes")
		limit := rapid.SampledFrom([]int{0, 500, 1000}).Draw(t, "limit")
		want := readAll(strings.NewReader(stream), limit)
		if got := readAll(&chunks{data: []byte(stream), sizes: sizes}, limit); !slices.Equal(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	})
}
