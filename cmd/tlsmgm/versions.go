package main

import (
	"fmt"
	"strings"

	"github.com/opensips-tools/tlsmgm/cfg/catalogue"
)

// The versions between which scripts can be read, and those whose TLS domains
// can be put to use: from 3.0 on a server finds the domain of a connection in
// another way. The catalogue knows further versions.
const (
	oldestScript catalogue.Version = 2<<8 | 1
	newestLive   catalogue.Version = 2<<8 | 4
	newestScript catalogue.Version = 4 << 8
)

// A scriptVersion is a version of OpenSIPS whose scripts can be read.
type scriptVersion struct {
	catalogue.Version
}

// UnmarshalText reads a version such as "2.3".
func (v *scriptVersion) UnmarshalText(text []byte) (err error) {
	v.Version, err = parseVersion(string(text), newestScript, "read scripts")
	return err
}

// A liveVersion is a version of OpenSIPS whose TLS domains can be put to use.
type liveVersion struct {
	catalogue.Version
}

// UnmarshalText reads a version such as "2.3".
func (v *liveVersion) UnmarshalText(text []byte) (err error) {
	v.Version, err = parseVersion(string(text), newestLive, "use the TLS domains")
	return err
}

func parseVersion(text string, newest catalogue.Version, what string) (catalogue.Version, error) {
	version, err := catalogue.ParseVersion(text)
	if err != nil || version < oldestScript || version > newest {
		return 0, fmt.Errorf("cannot %s of OpenSIPS %q: expected one of %s", what, text, versionsUntil(newest))
	}
	return version, nil
}

// scriptVersions lists the versions whose scripts can be read.
func scriptVersions() string { return versionsUntil(newestScript) }

// liveVersions lists the versions whose TLS domains can be put to use.
func liveVersions() string { return versionsUntil(newestLive) }

func versionsUntil(newest catalogue.Version) string {
	var names []string
	for _, v := range catalogue.Versions() {
		if v >= oldestScript && v <= newest {
			names = append(names, v.String())
		}
	}
	return strings.Join(names, ", ")
}
