package pypi

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/pyname"
)

// placement says which release a file of the page belongs to.
type placement uint8

const (
	nowhere placement = iota // no installer takes it for any release of the project
	another                  // another release than the one that was asked for
	here                     // an installer may take it for the release that was asked for
)

// place decides which release a file belongs to, and returns the name by which
// it does. Installers read three names: uv the file name, pip the last segment
// of the address and, before that, what follows "egg=" in it. One that puts the
// file into the release is enough.
func place(filename, address, project, version string) (name string, where placement, err error) {
	last, egg := lastSegment(address), eggOf(address)
	for _, name := range []string{filename, last, egg} {
		if len(name) > untrusted.MaxFilename {
			return "", nowhere, fmt.Errorf("a file name of %d bytes is too long: at most %d are read", len(name), untrusted.MaxFilename)
		}
	}
	shown := filename
	if shown == "" {
		shown = last
	}
	names := []string{filename}
	if last != filename {
		names = append(names, last)
	}
	if egg != "" {
		names = append(names, egg+".tar.gz") // read as the name of a source distribution, whatever the file is
	}
	for _, name := range names {
		file, err := pyname.ParseFilename(project, name)
		if err != nil {
			continue
		}
		same, err := pyname.Satisfies(file.Version, version)
		switch {
		case err != nil || !same:
			where = another
		case name == last:
			return last, here, nil
		default:
			return shown, here, nil
		}
	}
	return shown, where, nil
}

// dropped are the characters that Python takes out of an address.
var dropped = strings.NewReplacer("\t", "", "\r", "", "\n", "")

// lastSegment returns the last segment of an address's path as pip reads it.
func lastSegment(address string) string {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	address = strings.TrimRight(dropped.Replace(address), "/")
	segment := address[strings.LastIndexByte(address, '/')+1:]
	if name, err := url.PathUnescape(segment); err == nil {
		return name
	}
	return segment
}

var (
	eggFragment    = regexp.MustCompile(`[#&]egg=([^&]*)`)
	sha256Fragment = regexp.MustCompile(`[#&]sha256=([^&]*)`)
)

// eggOf returns what pip takes for name and version instead of the file's
// name, or "".
func eggOf(address string) string {
	if !strings.Contains(address, "egg=") { // nearly all, and a pattern costs
		return ""
	}
	if m := eggFragment.FindStringSubmatch(address); m != nil {
		return m[1]
	}
	return ""
}

// checkFragment refuses an address that names other bytes than the entry: pip
// believes the address.
func checkFragment(address, sum string) error {
	if !strings.Contains(address, "sha256=") {
		return nil
	}
	if m := sha256Fragment.FindStringSubmatch(address); m != nil && !strings.EqualFold(m[1], sum) {
		return fmt.Errorf("expected the SHA-256 %q in the address as well, found %q", sum, untrusted.Excerpt(m[1]))
	}
	return nil
}
