package pyname

import (
	"fmt"
	"strings"

	pep440 "github.com/aquasecurity/go-pep440-version"
)

// CompareVersions returns -1, 0 or 1 as a comes before, is, or comes after b
// by PEP 440. It is an error when either is not a PEP 440 version.
func CompareVersions(a, b string) (int, error) {
	va, err := parseVersion(a)
	if err != nil {
		return 0, err
	}
	vb, err := parseVersion(b)
	if err != nil {
		return 0, err
	}
	return compare(va, vb)
}

// compare guards the comparison: see equal.
func compare(a, b pep440.Version) (order int, err error) {
	defer func() {
		if r := recover(); r != nil {
			order, err = 0, fmt.Errorf("compare the versions %q and %q: %v", a.Original(), b.Original(), r)
		}
	}()
	return a.Compare(b), nil
}

// Major returns the first number of a version with its epoch, where it has
// one: "1" for 1.2.3, "1!2" for 1!2.0. It also says whether the version is a
// pre-release (PEP 440: alpha, beta, candidate or development).
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
