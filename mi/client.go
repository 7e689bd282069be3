package mi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// ClientConfig says which server a Client calls.
type ClientConfig struct {
	// URL is where to post to, such as http://127.0.0.1:8888/mi (the default),
	// or unix:PATH for a socket in the file system.
	URL     string
	Root    string        // where the URL has no path, as that of a unix socket; default "mi"
	Token   string        // bearer token, if the server asks for one
	Timeout time.Duration // of a whole call; default 30 seconds
	TLS     *tls.Config   // for https
	MaxBody int64         // bytes of an answer; default 64 MiB
}

// Client calls commands of an MI server over JSON-RPC: ours, or a real one
// from 3.0 on. It is safe for concurrent use.
type Client struct {
	cfg    ClientConfig
	http   *http.Client
	lastID atomic.Int64
}

// StatusError is an HTTP answer that is not JSON-RPC's.
type StatusError struct {
	Status int    // of HTTP
	Text   string // the first line of the body
}

func (e *StatusError) Error() string {
	text := strconv.Itoa(e.Status) + " " + http.StatusText(e.Status)
	if e.Text == "" {
		return "the server answered " + text
	}
	return fmt.Sprintf("the server answered %s: %s", text, e.Text)
}

// NewClient makes a client. It does not connect yet.
func NewClient(cfg ClientConfig) (*Client, error) {
	cfg.URL = cmp.Or(cfg.URL, "http://127.0.0.1:8888/mi")
	cfg.Timeout = cmp.Or(cfg.Timeout, 30*time.Second)
	cfg.MaxBody = cmp.Or(cfg.MaxBody, 64<<20)
	transport := &http.Transport{
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: cfg.TLS,
	}
	if path, ok := strings.CutPrefix(cfg.URL, "unix:"); ok {
		cfg.URL = "http://localhost/" + strings.Trim(cmp.Or(cfg.Root, "mi"), "/")
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", path)
		}
	}
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, errors.New("the URL of the server cannot be read: expected one such as http://127.0.0.1:8888/mi, or unix:PATH")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("server %q: expected a URL such as http://127.0.0.1:8888/mi, or unix:PATH", u.Redacted())
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/" + strings.Trim(cmp.Or(cfg.Root, "mi"), "/")
		cfg.URL = u.String()
	}
	return &Client{cfg: cfg, http: &http.Client{
		Transport: transport,
		Timeout:   cfg.Timeout,
		// A redirect would take the token along to who knows where.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// clientRequest is a JSON-RPC request; an ID of 0 makes it a notification.
type clientRequest struct {
	Version string `json:"jsonrpc"`
	ID      int64  `json:"id,omitempty"`
	Method  string `json:"method"`
	Params  any    `json:"params,omitempty"`
}

type clientResponse struct {
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	} `json:"error"`
	ID json.RawMessage `json:"id"`
}

// Call runs a command and gives its result as JSON. params is a slice or a map,
// or nil for none. What the server reports as an error is an *Error, an answer
// that is not JSON-RPC's a *StatusError.
func (c *Client) Call(ctx context.Context, method string, params any) (json.RawMessage, error) {
	id := c.lastID.Add(1)
	body, status, err := c.post(ctx, clientRequest{"2.0", id, method, params})
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", method, err)
	}
	result, err := readResponse(body, status, id)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", method, err)
	}
	return result, nil
}

// Notify runs a command without waiting for what becomes of it.
func (c *Client) Notify(ctx context.Context, method string, params any) error {
	body, status, err := c.post(ctx, clientRequest{Version: "2.0", Method: method, Params: params})
	if err == nil && status/100 != 2 {
		err = statusError(status, body)
	}
	if err != nil {
		return fmt.Errorf("notify %s: %w", method, err)
	}
	return nil
}

func (c *Client) post(ctx context.Context, request clientRequest) (body []byte, status int, err error) {
	data, err := json.Marshal(request)
	if err != nil {
		return nil, 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.URL, bytes.NewReader(data))
	if err != nil {
		return nil, 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if c.cfg.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.cfg.Token)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, c.cfg.MaxBody+1))
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("read the answer: %w", err)
	case int64(len(body)) > c.cfg.MaxBody:
		return nil, 0, fmt.Errorf("the answer is longer than %d bytes", c.cfg.MaxBody)
	}
	return body, response.StatusCode, nil
}

func readResponse(body []byte, status int, id int64) (json.RawMessage, error) {
	var response clientResponse
	err := json.Unmarshal(body, &response)
	switch {
	case err == nil && response.Error != nil:
		return nil, &Error{
			Code:    response.Error.Code,
			Message: response.Error.Message,
			Data:    dataText(response.Error.Data),
		}
	case status != http.StatusOK:
		return nil, statusError(status, body)
	case err != nil:
		return nil, fmt.Errorf("the answer is not JSON: %w", err)
	case response.Result == nil:
		return nil, errors.New("the answer has neither result nor error")
	case string(response.ID) != strconv.FormatInt(id, 10):
		return nil, fmt.Errorf("the answer is to request %s, not to %d", response.ID, id)
	}
	return response.Result, nil
}

// dataText shows an error's data, which any JSON value can be.
func dataText(data json.RawMessage) string {
	if len(data) == 0 {
		return ""
	}
	if s, ok := decodeString(data); ok {
		return s
	}
	return string(data)
}

func statusError(status int, body []byte) *StatusError {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	return &StatusError{Status: status, Text: clip(line)}
}
