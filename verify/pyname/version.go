package pyname

import (
	"fmt"
	"strings"

	pep440 "github.com/aquasecurity/go-pep440-version"

	"plimsoll/catalog/untrusted"
)

// EqualVersions reports whether a and b are the same version by PEP 440: 1.0
// is 1.0.0, 1.0rc1 is 1.0.RC1, and 1.0+ubuntu-1 is 1.0+ubuntu.1, while an
// epoch or a local part on one side only makes a difference. It is an error
// if either is not a PEP 440 version.
func EqualVersions(a, b string) (bool, error) {
	order, err := CompareVersions(a, b)
	return err == nil && order == 0, err
}

// CompareVersions returns -1, 0 or 1 as a comes before, is, or comes after b
// by PEP 440. It is an error if either is not a PEP 440 version.
func CompareVersions(a, b string) (order int, err error) {
	va, err := parseVersion(a)
	if err != nil {
		return 0, err
	}
	if a == b {
		return 0, nil
	}
	vb, err := parseVersion(b)
	if err != nil {
		return 0, err
	}
	defer func() { // the library panics on kinds of segments that it does not know
		if r := recover(); r != nil {
			order, err = 0, fmt.Errorf("compare the versions %q and %q: %v", a, b, r)
		}
	}()
	return va.Compare(vb), nil
}

// Satisfies reports whether an installer takes version for ==wanted: PEP 440
// equality, in which a local part counts only if wanted has one. 1.0+x is taken
// for ==1.0, and preferred to 1.0. It is an error when wanted, or what counts of
// version, is not a PEP 440 version.
func Satisfies(version, wanted string) (bool, error) {
	if !strings.Contains(wanted, "+") {
		version, _, _ = strings.Cut(version, "+")
	}
	return EqualVersions(version, wanted)
}

// parseVersion is the library's parser behind the checks that it lacks. Its
// pattern is case-insensitive, which in Go lets the long s pass for an s and
// the Kelvin sign for a k, and it splits local versions at "." only, where PEP
// 440 has "-" and "_" mean the same.
func parseVersion(s string) (v pep440.Version, err error) {
	if len(s) > untrusted.MaxFilename { // what a file's name can hold: 1.0.0.0… is 1.0
		return v, fmt.Errorf("a version of %d bytes is too long: at most %d are read", len(s), untrusted.MaxFilename)
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return v, fmt.Errorf("expected a PEP 440 version such as 1.2.3, found %q", s)
		}
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parse the version %q: %v", s, r)
		}
	}()
	public, local, hasLocal := strings.Cut(s, "+")
	if hasLocal {
		public += "+" + strings.NewReplacer("-", ".", "_", ".").Replace(local)
	}
	v, err = pep440.Parse(public)
	if err != nil {
		return v, fmt.Errorf("expected a PEP 440 version such as 1.2.3, found %q", s)
	}
	return v, nil
}

// Major returns the first number of a version with its epoch, if it has
// one: "1" for 1.2.3, "1!2" for 1!2.0; and whether the version is a pre-release
// (PEP 440: alpha, beta, candidate or development).
func Major(version string) (major string, prerelease bool, err error) {
	v, err := parseVersion(version)
	if err != nil {
		return "", false, err
	}
	base := v.BaseVersion()
	epoch, numbers, ok := strings.Cut(base, "!")
	if !ok {
		epoch, numbers = "0", base
	}
	major, _, _ = strings.Cut(numbers, ".")
	if epoch != "0" {
		major = epoch + "!" + major
	}
	return major, v.IsPreRelease(), nil
}
