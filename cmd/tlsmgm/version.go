package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set with -ldflags "-X main.version=…" by those who build from a
// tree without its history. Go knows it otherwise.
var version string

type versionCommand struct{}

// Run tells the versions.
func (versionCommand) Run(std streams) error {
	_, err := fmt.Fprintf(std.out, `tlsmgm %s
built with %s for %s/%s
checks scripts of OpenSIPS %s
knows the parameters of OpenSIPS %s
`, buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH, scriptVersions(), knownVersions())
	return err
}

// buildVersion is the version of the module that was built, such as v1.2.0, or
// v0.0.0-20260102030405-0123456789ab between two releases.
func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return develVersion
}

// develVersion is Go's word for a build that has no version.
const develVersion = "(devel)"

// releasedVersion is the version of the build, empty if it has none.
func releasedVersion() string {
	if v := buildVersion(); v != develVersion {
		return v
	}
	return ""
}
