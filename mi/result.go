package mi

import "strconv"

// Result is what a command answers with. It can be written in both forms of
// the interface, which differ in more than their punctuation: names, types and
// nesting are not the same, so each result says both.
type Result interface {
	// AppendJSON appends the value of the member "result" of a JSON-RPC
	// response, as 3.x writes it.
	AppendJSON(dst []byte) []byte
	// AppendTree appends the whole document that 2.x answers with: a JSON
	// object with a member for each node.
	AppendTree(dst []byte) []byte
}

// Value is a Result made of plain JSON values. Its tree form follows from it:
// scalars are strings, booleans are yes and no, an object's members are nodes,
// a list is a row of nodes of one name.
type Value interface {
	Result
	// appendNode appends what stands after the name of a node in the tree form.
	appendNode(dst []byte) []byte
	// appendListed appends the value as one of several nodes of one name.
	appendListed(dst []byte) []byte
}

// String is a text.
type String string

// Int is a whole number; the tree form writes it as a string.
type Int int64

// Bool is true or false; the tree form writes yes or no, as tls_list of 2.x.
type Bool bool

// List is a list of values.
type List []Value

// Object holds named values in the order in which they are written.
type Object []Member

// Member is one named value of an Object.
type Member struct {
	Name  string
	Value Value
}

// OK is the answer of a command that has nothing to say: "OK" in 3.x. A 2.x
// server answers with an empty body; the tree form says {}, which is JSON.
type OK struct{}

// AppendJSON implements Result.
func (OK) AppendJSON(dst []byte) []byte { return append(dst, `"OK"`...) }

// AppendTree implements Result.
func (OK) AppendTree(dst []byte) []byte { return append(dst, "{}"...) }

// AppendJSON implements Result.
func (s String) AppendJSON(dst []byte) []byte { return appendString(dst, string(s)) }

// AppendTree implements Result.
func (s String) AppendTree(dst []byte) []byte { return appendRoot(dst, s) }

func (s String) appendNode(dst []byte) []byte   { return appendLeaf(dst, "", string(s)) }
func (s String) appendListed(dst []byte) []byte { return appendListedText(dst, string(s)) }

// AppendJSON implements Result.
func (n Int) AppendJSON(dst []byte) []byte { return strconv.AppendInt(dst, int64(n), 10) }

// AppendTree implements Result.
func (n Int) AppendTree(dst []byte) []byte { return appendRoot(dst, n) }

func (n Int) appendNode(dst []byte) []byte   { return appendString(dst, n.text()) }
func (n Int) appendListed(dst []byte) []byte { return appendListedText(dst, n.text()) }
func (n Int) text() string                   { return strconv.FormatInt(int64(n), 10) }

// AppendJSON implements Result.
func (b Bool) AppendJSON(dst []byte) []byte { return strconv.AppendBool(dst, bool(b)) }

// AppendTree implements Result.
func (b Bool) AppendTree(dst []byte) []byte { return appendRoot(dst, b) }

func (b Bool) appendNode(dst []byte) []byte   { return appendString(dst, yesNo(bool(b))) }
func (b Bool) appendListed(dst []byte) []byte { return appendListedText(dst, yesNo(bool(b))) }

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// AppendJSON implements Result.
func (l List) AppendJSON(dst []byte) []byte {
	dst = append(dst, '[')
	for i, v := range l {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = v.AppendJSON(dst)
	}
	return append(dst, ']')
}

// AppendTree implements Result.
func (l List) AppendTree(dst []byte) []byte { return appendRoot(dst, l) }

func (l List) appendNode(dst []byte) []byte {
	dst = append(dst, '[')
	for i, v := range l {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = v.appendListed(dst)
	}
	return append(dst, ']')
}

func (l List) appendListed(dst []byte) []byte { return Object{{Value: l}}.appendListed(dst) }

// AppendJSON implements Result.
func (o Object) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i, m := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, m.Name), ':')
		dst = m.Value.AppendJSON(dst)
	}
	return append(dst, '}')
}

// AppendTree implements Result.
func (o Object) AppendTree(dst []byte) []byte {
	dst = append(dst, '{')
	for i, m := range o {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(appendString(dst, m.Name), ": "...)
		dst = m.Value.appendNode(dst)
	}
	return append(dst, '}')
}

func (o Object) appendNode(dst []byte) []byte {
	dst = append(dst, `{"children":`...)
	return append(o.AppendTree(dst), '}')
}

func (o Object) appendListed(dst []byte) []byte { return o.appendNode(dst) }

// appendRoot writes a value that has no name of its own under the empty name,
// as 2.x does for which.
func appendRoot(dst []byte, v Value) []byte { return Object{{Value: v}}.AppendTree(dst) }

func appendListedText(dst []byte, s string) []byte {
	return append(appendString(append(dst, `{"value":`...), s), '}')
}
