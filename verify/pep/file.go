package pep

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/verify/untrusted"
)

// Kind tells the kinds of distribution files apart.
type Kind uint8

// The kinds of files that a release is made of. The zero value is no kind.
const (
	KindNone  Kind = iota
	KindSdist      // source distribution
	KindWheel      // built distribution
)

// String returns "sdist", "wheel" or "none".
func (k Kind) String() string {
	switch k {
	case KindSdist:
		return "sdist"
	case KindWheel:
		return "wheel"
	default:
		return "none"
	}
}

// File is what the name of a distribution file says.
type File struct {
	Kind    Kind
	Name    string // the project, normalised by [NormalizeName]
	Version string // as written, a valid PEP 440 version: compare with [EqualVersions]

	// The rest is for wheels only. A compressed tag set such as
	// "py2.py3-none-any" stands for every combination of its parts; the three
	// sets are kept apart, each sorted, lower case, without duplicates.
	Build    string // the build tag without leading zeros, "" where there is none
	Python   []string
	ABI      []string
	Platform []string
}

// sdistSuffixes are the archives that installers take for a source
// distribution. Only the first two may be uploaded today; a release that still
// has another is not proven without it.
var sdistSuffixes = []string{".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".tbz", ".txz", ".tar"}

// ParseFilename reads the name of a wheel (binary distribution format:
// name-version(-build)?-python-abi-platform.whl) or of a source distribution
// (name and version, split at the last "-"). Names of anything else (eggs,
// installers, signatures) and names outside these formats are errors.
func ParseFilename(name string) (File, error) {
	if len(name) > untrusted.MaxFilename {
		return File{}, fmt.Errorf("a file name of %d bytes is too long: at most %d are read", len(name), untrusted.MaxFilename)
	}
	if stem, ok := strings.CutSuffix(name, ".whl"); ok {
		return parseWheel(name, stem)
	}
	for _, suffix := range sdistSuffixes {
		if stem, ok := strings.CutSuffix(name, suffix); ok {
			return parseSdist(name, stem)
		}
	}
	return File{}, fmt.Errorf("expected the name of a wheel (.whl) or a source distribution (.tar.gz, .zip), found %q", name)
}

func parseSdist(name, stem string) (File, error) {
	i := strings.LastIndexByte(stem, '-')
	if i < 0 {
		return File{}, fmt.Errorf("expected name-version in the file name %q, found no \"-\"", name)
	}
	project, version := stem[:i], stem[i+1:]
	if err := checkNameVersion(name, project, version); err != nil {
		return File{}, err
	}
	return File{Kind: KindSdist, Name: NormalizeName(project), Version: version}, nil
}

func parseWheel(name, stem string) (File, error) {
	parts := strings.Split(stem, "-")
	if len(parts) != 5 && len(parts) != 6 {
		return File{}, fmt.Errorf("expected 5 or 6 parts separated by \"-\" in the wheel name %q, found %d", name, len(parts))
	}
	if err := checkNameVersion(name, parts[0], parts[1]); err != nil {
		return File{}, err
	}
	if strings.Contains(parts[0], "__") {
		return File{}, fmt.Errorf("the wheel name %q has \"__\" in the project's name", name)
	}
	f := File{Kind: KindWheel, Name: NormalizeName(parts[0]), Version: parts[1]}
	if len(parts) == 6 {
		if parts[2] == "" || !isDigit(parts[2][0]) || !isTag(parts[2]) {
			return File{}, fmt.Errorf("expected a build tag that starts with a digit in the wheel name %q, found %q", name, parts[2])
		}
		f.Build = trimBuild(parts[2])
	}
	tags := parts[len(parts)-3:]
	for i, set := range []*[]string{&f.Python, &f.ABI, &f.Platform} {
		var err error
		if *set, err = parseTags(tags[i]); err != nil {
			return File{}, fmt.Errorf("the wheel name %q: %w", name, err)
		}
	}
	return f, nil
}

func checkNameVersion(file, project, version string) error {
	if !ValidName(project) {
		return fmt.Errorf("expected a project name in the file name %q, found %q", file, project)
	}
	if _, err := parseVersion(version); err != nil {
		return fmt.Errorf("the file name %q: %w", file, err)
	}
	return nil
}

// trimBuild drops leading zeros: the digits that a build tag starts with are a
// number.
func trimBuild(build string) string {
	for len(build) > 1 && build[0] == '0' && isDigit(build[1]) {
		build = build[1:]
	}
	return lowerASCII(build)
}

func parseTags(s string) ([]string, error) {
	tags := strings.Split(lowerASCII(s), ".")
	for _, tag := range tags {
		if tag == "" || !isTag(tag) {
			return nil, fmt.Errorf("expected tags of letters, digits and \"_\" separated by \".\", found %q", s)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags), nil
}

func isTag(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isAlphanumeric(c) && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// SameFile reports whether two names name the same file: for a source
// distribution the project and the version, for a wheel these, the build tag
// and the set of tags, whose order does not matter. Files of no kind are never
// the same.
func SameFile(a, b File) bool {
	if a.Kind == KindNone || a.Kind != b.Kind || a.Name != b.Name {
		return false
	}
	if same, err := EqualVersions(a.Version, b.Version); err != nil || !same {
		return false
	}
	// No set is empty, so the combinations are equal exactly where the parts
	// are: they need not be multiplied out.
	return a.Build == b.Build && slices.Equal(a.Python, b.Python) &&
		slices.Equal(a.ABI, b.ABI) && slices.Equal(a.Platform, b.Platform)
}
