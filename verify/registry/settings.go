package registry

import (
	"errors"
	"fmt"
	"io/fs"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// maxSettings bounds, in bytes, a configuration file of another program.
const maxSettings = 1 << 20

// ReadSettings reads a configuration file of another program. One that does
// not exist says nothing.
func ReadSettings(name string) ([]byte, error) {
	data, err := untrusted.ReadFile(name, maxSettings)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Ignored is a setting of another program that is there and that plimsoll does
// not obey.
type Ignored struct {
	Name  string // as the other program calls it: "strict-ssl"
	Value string // for people: never a secret
	From  string // a variable, or a file with the line
	Why   string // what happens instead, and what to do: "certificates are always checked"
}

// String says in one line what is not obeyed.
func (i Ignored) String() string {
	return fmt.Sprintf("%s: %s is %q, which is not obeyed: %s",
		untrusted.Clean(i.From), untrusted.Clean(i.Name), untrusted.Excerpt(i.Value), untrusted.Clean(i.Why))
}

// Finding warns of the setting on a package that it concerns.
func (i Ignored) Finding() verify.Finding {
	return verify.Finding{Rule: "registry.setting", Severity: verify.Warning, Message: i.String()}
}
