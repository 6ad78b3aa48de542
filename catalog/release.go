package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	pep440 "github.com/aquasecurity/go-pep440-version"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"plimsoll/catalog/untrusted"
)

// maxNPMName is npm's own limit on the length of a package name, in bytes.
const maxNPMName = 214

var (
	// npm's rule for new names, for the name and for its scope, with the upper
	// case of old ones. What a shell or a URL could take for its own is not in it,
	// nor a - at the start, which would be an option of npm.
	npmName = regexp.MustCompile(`^(?:@[\w~-][\w.~-]*/[\w~-][\w.~-]*|[\w~][\w.~-]*)$`)
	// PEP 508's rule for names.
	pypiName = regexp.MustCompile(`^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$`)
)

// checkName refuses a package name that could mean anything but a package
// if it is put into an address, a path or a command. Whether there is such a
// package, the registry knows.
func checkName(protocol Protocol, name string) error {
	switch protocol {
	case Go:
		if len(name) > untrusted.MaxPackageName || module.CheckPath(name) != nil {
			return fmt.Errorf("expected the path of a Go module, or of a package in one, as go install takes it (no version, no address), "+
				"found %q", untrusted.Excerpt(name))
		}
		return nil
	case UVX:
		if len(name) > untrusted.MaxPackageName || !pypiName.MatchString(name) {
			return fmt.Errorf("expected the name of a PyPI project (letters, digits, and . _ - within; no extras, no version), found %q",
				untrusted.Excerpt(name))
		}
		return nil
	}
	if len(name) > maxNPMName || !npmName.MatchString(name) {
		return fmt.Errorf("expected the name of an npm package (name or @scope/name, no version), found %q", untrusted.Excerpt(name))
	}
	return nil
}

// checkVersion demands one exact version: evidence belongs to a version, and a
// range or a tag means another one tomorrow.
func checkVersion(protocol Protocol, version string) error {
	if len(version) > untrusted.MaxVersion {
		return fmt.Errorf("expected an exact version, found %d bytes", len(version))
	}
	for i := 0; i < len(version); i++ {
		// The PEP 440 parser takes surrounding blanks, and its pattern the
		// long s for an s.
		if version[i] <= ' ' || version[i] >= 0x7f || version[i] == '/' {
			return inexact(protocol, version)
		}
	}
	switch protocol {
	case Go:
		build := semver.Build(version)
		if !semver.IsValid(version) || semver.Canonical(version)+build != version || build != "" && build != "+incompatible" {
			return inexact(protocol, version)
		}
		return nil
	case UVX:
		if _, err := pep440.Parse(version); err != nil {
			return inexact(protocol, version)
		}
		return nil
	}
	v := "v" + version
	// semver.IsValid takes 1.2 for 1.2.0; npm does not.
	if !semver.IsValid(v) || semver.Canonical(v)+semver.Build(v) != v {
		return inexact(protocol, version)
	}
	return nil
}

var (
	// What an installer takes for a range of versions or a requirement.
	rangeForm = regexp.MustCompile(`^[vV]?[0-9]+[ -~]*(?:[<>=~^*,|;\[]| [!-~])|^[<>=~^*!]|^[vV]?(?:[0-9]+\.)*[xX](?:\.|$)`)
	// npm completes 1 and 1.2 to the newest that begins so; for PyPI they are versions.
	shortForm   = regexp.MustCompile(`^[vV]?[0-9]+(?:\.[0-9]+)?$`)
	addressForm = regexp.MustCompile(`^[ -~]*[/:]`)
	tagForm     = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]*$`)
	// What is written as versions are.
	versionForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.!+_-]*$`)
)

// inexact returns what a text is that is no version of its registry.
func inexact(protocol Protocol, version string) error {
	found := ""
	switch {
	case version == "":
		return errors.New("expected an exact version, found nothing")
	case protocol == Go && semver.IsValid("v"+version) && strings.Count(version, ".") >= 2:
		return fmt.Errorf("expected v%s, found %q: versions of Go modules begin with a v", untrusted.Excerpt(version), untrusted.Excerpt(version))
	case protocol == Go && semver.Build(version) != "":
		return fmt.Errorf("expected a version without build metadata, which no module has but +incompatible, found %q", untrusted.Excerpt(version))
	case protocol == Go:
		return fmt.Errorf("expected an exact version such as v1.2.3, found the query %q: it can mean another version tomorrow, and "+
			"go list -m MODULE@QUERY says which it means now", untrusted.Excerpt(version))
	case addressForm.MatchString(version):
		found = "the address or path "
	case rangeForm.MatchString(version), shortForm.MatchString(version):
		found = "the range or requirement "
	case tagForm.MatchString(version):
		found = "the tag "
	case versionForm.MatchString(version):
		rules := "Semantic Versioning"
		if protocol == UVX {
			rules = "PEP 440"
		}
		return fmt.Errorf("expected a version by %s such as 1.2.3, found %q: it is exact, and not a version by %[1]s",
			rules, untrusted.Excerpt(version))
	}
	return fmt.Errorf("expected an exact version, found %s%q", found, untrusted.Excerpt(version))
}
