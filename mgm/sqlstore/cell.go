package sqlstore

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

var errTooLarge = errors.New("holds a number that is too large")

// cell reads one column of a row into field. Its Scan never fails, so that
// all cells of a row are read and the row can be named in the error.
type cell struct {
	field any // *string, *[]byte, *int64 or **int64
	err   error
	// last is the blob of the row before: thousands of rows in a table often have
	// one certificate, key or ca_list.
	last []byte
}

// Scan implements [database/sql.Scanner]. It copies src, which is the driver's;
// rows of equal blobs share one copy, which nobody changes.
func (c *cell) Scan(src any) error {
	switch field := c.field.(type) {
	case *string:
		*field, c.err = textOf(src)
	case *[]byte:
		if v, ok := src.([]byte); ok && len(v) > 0 && bytes.Equal(v, c.last) {
			*field, c.err = c.last, nil
			return nil
		}
		*field, c.err = bytesOf(src)
		c.last = *field
	case *int64:
		var n *int64
		if n, c.err = numberOf(src); n != nil {
			*field = *n
		}
	case **int64:
		*field, c.err = numberOf(src)
	default:
		c.err = fmt.Errorf("no way to read into %T", field)
	}
	return nil
}

// textOf takes a blob for text: databases that were filled by hand have both.
func textOf(src any) (string, error) {
	switch v := src.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	}
	return "", fmt.Errorf("holds a %s where text is expected", typeName(src))
}

// bytesOf gives nil for what is empty, as for NULL.
func bytesOf(src any) ([]byte, error) {
	switch v := src.(type) {
	case nil:
		return nil, nil
	case string:
		if v == "" {
			return nil, nil
		}
		return []byte(v), nil
	case []byte:
		if len(v) == 0 {
			return nil, nil
		}
		return bytes.Clone(v), nil
	}
	return nil, fmt.Errorf("holds a %s where PEM is expected", typeName(src))
}

// numberOf gives nil for NULL and for empty text. Numbers written as text
// count, since the column may have been made as one.
func numberOf(src any) (*int64, error) {
	switch v := src.(type) {
	case nil:
		return nil, nil
	case int64:
		return &v, nil
	case uint64:
		if v > math.MaxInt64 {
			return nil, errTooLarge
		}
		return new(int64(v)), nil
	case float64:
		if n := int64(v); float64(n) == v && math.Abs(v) < 1<<53 {
			return &n, nil
		}
	case bool:
		return new(boolNumber(v)), nil
	case string:
		return parseNumber(v)
	case []byte:
		return parseNumber(string(v))
	}
	return nil, fmt.Errorf("holds a %s that is not an integer", typeName(src))
}

func boolNumber(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func parseNumber(s string) (*int64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err == nil:
		return &n, nil
	case errors.Is(err, strconv.ErrRange):
		return nil, errTooLarge
	}
	return nil, fmt.Errorf("holds %d bytes of text or blob that are not an integer", len(s))
}

func typeName(src any) string {
	switch src.(type) {
	case int64, uint64:
		return "number"
	case float64:
		return "fraction"
	case bool:
		return "boolean"
	}
	return fmt.Sprintf("%T", src)
}
