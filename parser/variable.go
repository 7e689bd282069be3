package parser

import (
	"errors"
	"fmt"
	"strings"
)

// Variable is a script variable in its parts: $name, $name(inner),
// $(<context>name(inner)[index]{class.name,args}).
type Variable struct {
	Context         string // "request" or "reply": of which message; empty for the one at hand
	Name            string
	Inner           string // between the brackets behind the name
	HasInner        bool
	Index           string // empty for none
	Transformations []Transformation
}

// Transformation is {class.name,args}.
type Transformation struct {
	Class, Name string
	Args        string // after the first comma
}

// ParseVar reads the text of a script variable. Behind a name without outer
// brackets anything may follow: the server does not look at it.
func ParseVar(raw string) (Variable, error) {
	text, ok := strings.CutPrefix(raw, "$")
	if !ok {
		return Variable{}, errors.New("expected \"$\"")
	}
	v := Variable{}
	inner, bracketed := strings.CutPrefix(text, "(")
	if bracketed {
		text = inner
		if strings.HasPrefix(text, "<") {
			if v.Context, text, ok = strings.Cut(text[1:], ">"); !ok {
				return v, errors.New("expected \">\" to close the context")
			}
		}
	}
	v.Name, text = cutName(text)
	if v.Name == "" {
		return v, fmt.Errorf("expected a name after \"$\", found %s", foundChar(text))
	}
	if strings.HasPrefix(text, "(") {
		v.HasInner = true
		if v.Inner, text, ok = cutBracket(text, '(', ')'); !ok {
			return v, errors.New("expected \")\" to close the inner name")
		}
		if v.Inner == "" {
			return v, errors.New("expected an inner name, found none in the brackets")
		}
	}
	if !bracketed {
		return v, nil
	}
	return v, v.parseRest(text)
}

// parseRest reads index, transformations and the closing bracket.
func (v *Variable) parseRest(text string) (err error) {
	ok := true
	if strings.HasPrefix(text, "[") {
		if v.Index, text, ok = cutBracket(text, '[', ']'); !ok {
			return errors.New("expected \"]\" to close the index")
		}
		if v.Index == "" {
			return errors.New("expected an index, found none in the brackets")
		}
	}
	for strings.HasPrefix(text, "{") {
		var t string
		if t, text, ok = cutBracket(text, '{', '}'); !ok {
			return errors.New("expected \"}\" to close the transformation")
		}
		if err := v.addTransformation(t); err != nil {
			return err
		}
	}
	if !strings.HasPrefix(text, ")") {
		return fmt.Errorf("expected \")\", found %s", foundChar(text))
	}
	return nil
}

func (v *Variable) addTransformation(text string) error {
	name, args, _ := strings.Cut(strings.TrimSpace(text), ",")
	class, name, ok := strings.Cut(name, ".")
	if !ok {
		return fmt.Errorf("expected a transformation such as {s.len}, found %s", quote("{"+text+"}"))
	}
	v.Transformations = append(v.Transformations, Transformation{strings.TrimSpace(class), strings.TrimSpace(name), args})
	return nil
}

func cutName(text string) (name, rest string) {
	n := 0
	for n < len(text) && (isWord(text[n]) || text[n] == '.') {
		n++
	}
	return text[:n], text[n:]
}

// cutBracket cuts what stands in the brackets at the start of the text, which
// may nest.
func cutBracket(text string, open, end byte) (inner, rest string, ok bool) {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return text[1:i], text[i+1:], true
			}
		}
	}
	return "", "", false
}

func foundChar(text string) string {
	if text == "" {
		return "nothing"
	}
	return quote(text[:1])
}
