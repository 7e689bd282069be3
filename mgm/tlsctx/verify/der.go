package verify

import (
	"encoding/asn1"
	"errors"
	"fmt"
)

// sequence splits a SEQUENCE in DER into its elements. Nothing may follow it.
func sequence(der []byte) ([]asn1.RawValue, error) { return elements(der, asn1.TagSequence) }

// elements splits a SEQUENCE or SET in DER.
func elements(der []byte, tag int) ([]asn1.RawValue, error) {
	var all asn1.RawValue
	rest, err := asn1.Unmarshal(der, &all)
	switch {
	case err != nil:
		return nil, err
	case len(rest) > 0:
		return nil, errors.New("bytes after the end")
	case all.Class != asn1.ClassUniversal || all.Tag != tag || !all.IsCompound:
		return nil, fmt.Errorf("tag %d of class %d where %d is expected", all.Tag, all.Class, tag)
	}
	return list(all.Bytes)
}

// list splits what is inside a SEQUENCE.
func list(content []byte) ([]asn1.RawValue, error) {
	var values []asn1.RawValue
	for len(content) > 0 {
		var value asn1.RawValue
		rest, err := asn1.Unmarshal(content, &value)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		content = rest
	}
	return values, nil
}

// compose encodes a constructed value: a SEQUENCE, a SET or an explicit tag.
func compose(class, tag int, content []byte) []byte {
	der, err := asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: content})
	if err != nil {
		panic(fmt.Sprintf("encode tag %d: %v", tag, err)) // no RawValue is refused
	}
	return der
}
