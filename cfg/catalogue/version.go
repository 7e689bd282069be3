package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue/internal/span"
)

// Version is a release series of OpenSIPS, major<<8|minor, so that versions
// compare as numbers. The zero Version is none.
type Version uint16

// Default is the version that scripts are read as unless told otherwise.
const Default Version = 2<<8 | 3

// Versions lists the versions the catalogue knows, in ascending order.
func Versions() []Version { return slices.Clone(facts().versions) }

// ParseVersion reads "2.3", or a release of it such as "2.3.5". The error for
// a version that the catalogue does not know lists those that it does.
func ParseVersion(text string) (Version, error) {
	series := text
	if parts := strings.SplitN(text, ".", 3); len(parts) == 3 && parts[2] != "" {
		series = parts[0] + "." + parts[1]
	}
	n, ok := span.Number(series)
	if !ok || !slices.Contains(facts().versions, Version(n)) {
		return 0, fmt.Errorf("unknown OpenSIPS version %q: expected one of %s", text, listOf(facts().versions))
	}
	return Version(n), nil
}

func listOf(versions []Version) string {
	texts := make([]string, len(versions))
	for i, v := range versions {
		texts[i] = v.String()
	}
	return strings.Join(texts, ", ")
}

// String is "major.minor", such as "2.3".
func (v Version) String() string { return span.Text(uint16(v)) }

// MarshalText writes the version as "2.3".
func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what [ParseVersion] does.
func (v *Version) UnmarshalText(text []byte) error {
	known, err := ParseVersion(string(text))
	if err != nil {
		return err
	}
	*v = known
	return nil
}
