package report

import (
	"encoding/json"
	"io"
)

// WriteJSON writes the report as one JSON object on a line of its own. Bytes
// that are not UTF-8 become U+FFFD; columns count the bytes of the file.
func WriteJSON(w io.Writer, r *Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(newDocument(r, asItIs))
}

// asItIs leaves text to the encoder, which escapes what has to be.
func asItIs(text string) string { return text }
