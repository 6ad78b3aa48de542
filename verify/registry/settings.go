package registry

import (
	"errors"
	"io/fs"

	"plimsoll/catalog/untrusted"
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
