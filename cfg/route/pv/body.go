package pv

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// bodyPart is a part of the body of a message, or the whole if it has no parts.
type bodyPart struct{ contentType, text string }

// maxParts is how many parts of a body are looked at.
const maxParts = 64

// bodyParts are the parts of the body.
func bodyParts(s *Scope) []bodyPart {
	if s.Message == nil {
		return nil
	}
	body := s.Message.Body()
	contentType, ok := s.firstHeader("content-type")
	if len(body) == 0 || !ok {
		return nil
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		return []bodyPart{{contentType, string(body)}}
	}
	var parts []bodyPart
	for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); len(parts) < maxParts; {
		p, err := r.NextRawPart()
		if err != nil {
			break
		}
		text, err := io.ReadAll(p)
		if err != nil {
			break
		}
		parts = append(parts, bodyPart{p.Header.Get("Content-Type"), string(text)})
	}
	return parts
}

// compileBody is $rb, $rb(type), $(rb[n]) or $(rb(type)[n]).
func compileBody(b *builder) (access, error) {
	want, x := strings.ToLower(b.Inner), b.index
	if want == "" && (x.kind == noIndex || x.kind == allIndex) {
		return reads(func(s *Scope) Value {
			if s.Message == nil {
				return Value{}
			}
			return textOrNull(string(s.Message.Body()))
		})
	}
	if x.kind == allIndex {
		x = index{}
	}
	return reads(func(s *Scope) Value {
		var texts []string
		for _, p := range bodyParts(s) {
			kind, _, _ := strings.Cut(p.contentType, ";")
			if want == "" || strings.EqualFold(strings.Trim(kind, blanks), want) {
				texts = append(texts, p.text)
			}
		}
		return x.pick(s, texts)
	})
}

func compileContentType(b *builder) (access, error) {
	x := b.index
	if x.kind == noIndex {
		return reads(firstOf("content-type"))
	}
	return reads(func(s *Scope) Value {
		var types []string
		for _, p := range bodyParts(s) {
			types = append(types, p.contentType)
		}
		if x.kind != allIndex {
			return x.pick(s, types)
		}
		main, ok := s.firstHeader("content-type")
		if !ok {
			return Value{}
		}
		return bounded([]byte(strings.Join(append([]string{main}, types...), ",")))
	})
}
