package mi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"
)

// call is one request of a JSON-RPC body.
type call struct {
	id     json.RawMessage // as sent; nil for a notification
	method string
	params params
	err    *Error // why it cannot be run
}

// decodeBody reads the calls of a body: one object, or a batch of at most
// maxBatch. Its error means that nothing of the body can be run. Decoding into
// structs would not do: that takes "ID" for "id" and the last of two equal
// members, and an id would come back changed.
func decodeBody(body []byte, maxBatch int) (calls []call, batch bool, failure *Error) {
	if !utf8.Valid(body) {
		return nil, false, parseError("the request is not UTF-8")
	}
	value, rest, err := firstValue(body)
	if err != nil {
		return nil, false, parseError("")
	}
	if len(rest) > 0 {
		return nil, false, parseError(fmt.Sprintf("something follows the request at byte %d", len(body)-len(rest)))
	}
	if value[0] != '[' {
		return []call{decodeCall(value)}, false, nil
	}
	calls, failure = decodeBatch(value, maxBatch)
	return calls, true, failure
}

// firstValue splits a text after its first JSON value.
func firstValue(text []byte) (value json.RawMessage, rest []byte, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&value); err != nil {
		return nil, nil, err
	}
	return value, bytes.TrimLeft(text[decoder.InputOffset():], " \t\r\n"), nil
}

func decodeBatch(array json.RawMessage, maxBatch int) ([]call, *Error) {
	elements, err := decodeElements(array, maxBatch+1)
	switch {
	case err != nil:
		return nil, parseError("")
	case len(elements) == 0:
		return nil, invalidRequest("")
	case len(elements) > maxBatch:
		return nil, invalidRequest(fmt.Sprintf("a batch may hold %d requests", maxBatch))
	}
	calls := make([]call, len(elements))
	for i, element := range elements {
		calls[i] = decodeCall(element)
	}
	return calls, nil
}

// decodeCall reads one request. What is wrong with it is in the call, and so
// is the id to answer to.
func decodeCall(raw json.RawMessage) call {
	if raw[0] != '{' {
		return call{id: json.RawMessage("null"), err: invalidRequest("")}
	}
	members, err := decodeMembers(raw)
	if err != nil {
		return call{id: json.RawMessage("null"), err: parseError("")}
	}
	c := call{params: namedParams(nil)}
	c.err = c.fill(members)
	switch ids := members.all("id"); {
	case len(ids) == 1 && isID(ids[0]):
		c.id = ids[0]
	case c.err != nil && c.err.Code == CodeInvalidRequest:
		c.id = json.RawMessage("null")
	}
	return c
}

func (c *call) fill(members namedParams) *Error {
	if name, ok := members.duplicate(); ok {
		return invalidRequest(fmt.Sprintf("two members %q", name))
	}
	var version string
	for _, m := range members {
		var ok bool
		switch m.name {
		case "jsonrpc":
			version, ok = decodeString(m.value)
		case "method":
			c.method, ok = decodeString(m.value)
		case "id":
			ok = isID(m.value)
		case "params":
			var err *Error
			if c.params, err = decodeParams(m.value); err != nil {
				return err
			}
			ok = true
		default:
			ok = true
		}
		if !ok {
			return invalidRequest("")
		}
	}
	if version != "2.0" || members.all("method") == nil {
		return invalidRequest("")
	}
	return nil
}

// isID says whether an id is a string, a number or null.
func isID(raw json.RawMessage) bool {
	c := raw[0]
	return c == '"' || c == 'n' || isNumber(raw)
}

func isNumber(raw json.RawMessage) bool {
	return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'
}

func decodeString(raw json.RawMessage) (s string, ok bool) {
	if raw[0] != '"' {
		return "", false
	}
	return s, json.Unmarshal(raw, &s) == nil
}

func decodeParams(raw json.RawMessage) (params, *Error) {
	switch raw[0] {
	case '[':
		elements, err := decodeElements(raw, math.MaxInt)
		if err != nil {
			return nil, parseError("")
		}
		return positionalParams(elements), nil
	case '{':
		members, err := decodeMembers(raw)
		if err != nil {
			return nil, parseError("")
		}
		if name, ok := members.duplicate(); ok {
			return nil, invalidParams(fmt.Sprintf("parameter %q is there twice", name))
		}
		return members, nil
	}
	return nil, invalidRequest("")
}

// decodeElements reads an array's elements as they stand, at most limit.
func decodeElements(array json.RawMessage, limit int) ([]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(array))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	var elements []json.RawMessage
	for decoder.More() && len(elements) < limit {
		var element json.RawMessage
		if err := decoder.Decode(&element); err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return elements, nil
}

// decodeMembers reads an object's members as they stand, duplicates included.
func decodeMembers(object json.RawMessage) (namedParams, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	var members namedParams
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		m := namedParam{name: name.(string)}
		if err := decoder.Decode(&m.value); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}

// all gives the values of the members of one name.
func (given namedParams) all(name string) (values []json.RawMessage) {
	for _, g := range given {
		if g.name == name {
			values = append(values, g.value)
		}
	}
	return values
}

// duplicate finds a name that is there twice.
func (given namedParams) duplicate() (name string, ok bool) {
	seen := make(map[string]bool, len(given))
	for _, g := range given {
		if seen[g.name] {
			return g.name, true
		}
		seen[g.name] = true
	}
	return "", false
}
