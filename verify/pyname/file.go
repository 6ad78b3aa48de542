package pyname

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"plimsoll/catalog/untrusted"
)

// Kind tells the kinds of distribution files apart.
type Kind uint8

// The kinds of files that a release is made of. The zero value is no kind.
const (
	KindNone  Kind = iota
	KindSdist      // source distribution
	KindWheel      // built distribution
)

// File is what the name of a distribution file says.
type File struct {
	Kind Kind
	Name string // the project, normalised by [NormalizeName]
	// Version is a PEP 440 version as an installer reads it out of the name; what
	// follows a "+" is not looked at. Compare it with [Satisfies].
	Version string

	// The rest is for wheels only. A compressed tag set such as
	// "py2.py3-none-any" stands for every combination of its parts; the three
	// sets are kept apart, each sorted, lower case, without duplicates.
	Build    string // the build tag without leading zeros, "" if there is none
	Python   []string
	ABI      []string
	Platform []string
}

// sdistSuffixes are the archives that some installer takes for a source
// distribution: pip's, and .tar.zst, which is uv's alone. Only .tar.gz and .zip
// may be uploaded to the public index today; others have stayed there, and no
// private index has to refuse them.
var sdistSuffixes = []string{
	".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz",
	".tar.lz", ".tar.lzma", ".tlz", ".tar.zst", ".zip",
}

// ParseFilename reads the name of a file as installers read it for project,
// which is normalised by [NormalizeName]: a wheel
// (name-version(-build)?-python-abi-platform.whl) or a source distribution
// (name-version.tar.gz). Where installers differ, the name is read if any of
// them reads it: what is left out here is installed without having been looked
// at. Files of other projects, and names of anything else (eggs, installers,
// signatures), are errors.
func ParseFilename(project, name string) (File, error) {
	if len(name) > untrusted.MaxFilename {
		return File{}, fmt.Errorf("a file name of %d bytes is too long: at most %d are read", len(name), untrusted.MaxFilename)
	}
	plain := untrusted.LowerASCII(name) // uv takes .TAR.gz
	if stem, ok := strings.CutSuffix(plain, ".whl"); ok {
		return parseWheel(project, name, name[:len(stem)])
	}
	for _, suffix := range sdistSuffixes {
		if stem, ok := strings.CutSuffix(plain, suffix); ok {
			return parseSdist(project, name, name[:len(stem)])
		}
	}
	return File{}, fmt.Errorf("expected the name of a wheel (.whl) or a source distribution (.tar.gz, .zip), found %q", name)
}

// parseSdist cuts off the project's name, which is known: in name-1.0-1 the
// version is 1.0-1, an implicit post release, and not 1. Between the two stands
// one "-"; the uv of 2025 takes any other byte for it.
func parseSdist(project, name, stem string) (File, error) {
	rest, ok := cutName(project, stem)
	if !ok || rest == "" {
		return File{}, fmt.Errorf("expected %s-VERSION in the file name %q", project, name)
	}
	return placed(File{Kind: KindSdist, Name: project}, name, rest[1:])
}

// cutName removes a normalised name, in any spelling, from the start of s.
func cutName(name, s string) (rest string, ok bool) {
	for i := range len(name) {
		switch {
		case s == "":
			return "", false
		case name[i] == '-' && isSeparator(s[0]):
			for s != "" && isSeparator(s[0]) {
				s = s[1:]
			}
		case lower(s[0]) == name[i]:
			s = s[1:]
		default:
			return "", false
		}
	}
	return s, true
}

// parseWheel splits at "-". Of the tags only what installers need is held: pip
// takes a wheel if one tag of a set fits, whatever the others look like.
func parseWheel(project, name, stem string) (File, error) {
	parts := strings.Split(stem, "-")
	if len(parts) != 5 && len(parts) != 6 {
		return File{}, fmt.Errorf("expected 5 or 6 parts separated by \"-\" in the wheel name %q, found %d", name, len(parts))
	}
	if rest, ok := cutName(project, parts[0]); !ok || rest != "" {
		return File{}, fmt.Errorf("expected a wheel of %s, found %q", project, name)
	}
	f := File{Kind: KindWheel, Name: project}
	if len(parts) == 6 {
		if parts[2] == "" || !isDigit(parts[2][0]) {
			return File{}, fmt.Errorf("expected a build tag that starts with a digit in the wheel name %q, found %q", name, parts[2])
		}
		f.Build = trimBuild(parts[2])
	}
	tags := parts[len(parts)-3:]
	for i, set := range []*[]string{&f.Python, &f.ABI, &f.Platform} {
		if tags[i] == "" {
			return File{}, fmt.Errorf("expected tags for Python, ABI and platform in the wheel name %q, found an empty one", name)
		}
		*set = parseTags(tags[i])
	}
	// A "-" of a version is written as "_" in a wheel's name.
	return placed(f, name, strings.ReplaceAll(parts[1], "_", "-"))
}

// forPython is how names of old say which Python a file is for: pip cuts it off
// the version.
var forPython = regexp.MustCompile(`-py[123]\.?[0-9]?$`)

// asASCII turns the letters that Python's patterns take for ASCII ones into
// these: to pip, 1.0.po\u017ft1 is a version.
var asASCII = strings.NewReplacer("\u017f", "s", "\u212a", "k", "\u0131", "i")

// placed gives a file its version, read as pip reads one.
func placed(f File, name, version string) (File, error) {
	version = strings.TrimFunc(version, func(r rune) bool { return unicode.IsSpace(r) || '\x1c' <= r && r <= '\x1f' })
	if at := forPython.FindStringIndex(version); at != nil {
		version = version[:at[0]]
	}
	version = asASCII.Replace(version)
	public, _, _ := strings.Cut(version, "+")
	if _, err := parseVersion(public); err != nil {
		return File{}, fmt.Errorf("the file name %q: %w", name, err)
	}
	f.Version = version
	return f, nil
}

// trimBuild drops leading zeros: the digits that a build tag starts with are a
// number.
func trimBuild(build string) string {
	for len(build) > 1 && build[0] == '0' && isDigit(build[1]) {
		build = build[1:]
	}
	return untrusted.LowerASCII(build)
}

func parseTags(s string) []string {
	tags := strings.Split(untrusted.LowerASCII(s), ".")
	slices.Sort(tags)
	return slices.Compact(tags)
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
	// No set is empty, so the combinations are equal exactly if the parts
	// are: they need not be multiplied out.
	return a.Build == b.Build && slices.Equal(a.Python, b.Python) &&
		slices.Equal(a.ABI, b.ABI) && slices.Equal(a.Platform, b.Platform)
}
