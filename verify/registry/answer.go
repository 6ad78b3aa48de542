package registry

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

// Progress is told what is being done, or waited for, in a few words. It may
// be nil.
type Progress func(string)

// Tell calls p unless it is nil.
func (p Progress) Tell(text string) {
	if p != nil {
		p(text)
	}
}

// Tolerant reads metadata that other people wrote: broken UTF-8 in a
// description is no reason to stop. Duplicate names stay refused: two readers
// must not see two documents.
var Tolerant = jsontext.AllowInvalidUTF8(true)

// Text returns a JSON string, or "" for any other value.
func Text(v jsontext.Value) (text untrusted.Text) {
	if v.Kind() != '"' || json.Unmarshal(v, &text, Tolerant) != nil {
		return ""
	}
	return text
}

// Missing returns the sentence for evidence that is advertised and could not
// be fetched: the release is unchecked then, never none. advertised begins it:
// "provenance is advertised".
func Missing(advertised string, err error) string {
	if status, ok := errors.AsType[*statusError](err); ok && errors.Is(err, ErrNotFound) {
		return fmt.Sprintf("%s, but the registry answers %d", advertised, status.Code)
	}
	return advertised + ", but could not be fetched: " + untrusted.Message(err)
}
