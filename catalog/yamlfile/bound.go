package yamlfile

import (
	"fmt"

	"plimsoll/catalog/untrusted"
)

// bytesPerMark is how many bytes a YAML file may have for each mark that can
// begin a value: people's files have about 25 of them, and are far below the
// limit on bytes.
const bytesPerMark = 64

// checkSize refuses, with an error that wraps [untrusted.ErrTooLarge], a YAML text with
// more values than a file of that limit in bytes has: the library makes of
// every value, if it is two bytes long, a node of two hundred. It counts the
// marks that can begin a value, wherever they stand; no node begins without one.
func checkSize(data []byte, limit int) error {
	marks, most := 0, max(100, limit/bytesPerMark)
	for i, c := range data {
		switch c {
		case '\n', ',', '[', '{', ':':
			marks++
		case '-', '?':
			if i+1 == len(data) || data[i+1] <= ' ' || data[i+1] >= 0x80 {
				marks++
			}
		}
	}
	if marks > most {
		return fmt.Errorf("%w: more than %d lines, keys and values", untrusted.ErrTooLarge, most)
	}
	return nil
}
