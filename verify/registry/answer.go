package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
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

// Found names a JSON value for people: a string as it is, any other by its
// beginning and its kind, such as 5 (a number).
func Found(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		return fmt.Sprintf("%q", untrusted.Excerpt(string(Text(v))))
	case 'n':
		return "null"
	}
	return fmt.Sprintf("%s (%s)", untrusted.Shorten(string(v), 80), untrusted.JSONKind(v.Kind()))
}

// Absent reports whether a member of metadata says that there is none: it is not
// there, or null, false or empty, which some registries write in its place.
func Absent(v jsontext.Value) bool {
	switch v.Kind() {
	case 0, 'n', 'f':
		return true
	case '"', '[', '{':
		return len(v) < 16 && len(strings.Join(strings.Fields(string(v)), "")) == 2
	}
	return false
}

// Readable reports whether there are attestations, each of which could be read.
func Readable(offered []verify.OfferedAttestation) bool {
	return len(offered) > 0 && !slices.ContainsFunc(offered, func(o verify.OfferedAttestation) bool { return o.Problem != "" })
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
