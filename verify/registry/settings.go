package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// maxSettings bounds, in bytes, a configuration file of another program.
const maxSettings = 1 << 20

// ReadSettings reads a configuration file of another program, a regular one. One that
// does not exist says nothing.
func ReadSettings(name string) ([]byte, error) {
	data, err := untrusted.ReadRegularFile(name, maxSettings)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// UnreadOnWindows returns an error that names the first of some files that is there, if
// the system is Windows. There a program's settings lie where they are not looked for,
// and a package must not be asked of another registry than they name.
func UnreadOnWindows(system string, files ...string) error {
	for _, name := range files {
		if system != "windows" || !filepath.IsAbs(name) {
			continue
		}
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%q is there, and no settings are read from it on Windows: name the registry with a flag", untrusted.Text(name))
		}
	}
	return nil
}

// Setting is a setting of another program, for people: it holds no secret.
type Setting struct {
	Name        string // as the other program calls it: "strict-ssl"
	Value       string
	From        string // a variable, or a file with the line
	Credentials bool   // it has some, which Value leaves out
	// Why is why it is not obeyed: what happens instead, and what to do, such as
	// "certificates are always checked". "" is a setting that is obeyed.
	Why string
}

// String says in one line what is not obeyed.
func (s Setting) String() string {
	return fmt.Sprintf("%s: %s is %q, which is not obeyed: %s",
		untrusted.Clean(s.From), untrusted.Clean(s.Name), untrusted.Excerpt(s.Value), untrusted.Clean(s.Why))
}

// Finding warns of the setting on a package that it concerns.
func (s Setting) Finding() verify.Finding {
	return verify.Finding{Rule: "registry.setting", Severity: verify.Warning, Message: s.String()}
}
