package untrusted

import (
	"fmt"

	"github.com/go-json-experiment/json"
)

// Shape bounds a JSON text by what it holds. A decoder takes twenty to two
// hundred bytes of memory for a value that is two bytes long, so that a bound on
// the bytes alone bounds nothing.
type Shape struct {
	Values int // in the whole text, names of members not counted
	Width  int // members of one object, elements of one list
}

// The shapes of what is decoded, each several times the largest seen in
// production. No text is nested deeper than [MaxJSONDepth].
var (
	ManifestShape  = Shape{Values: 200_000, Width: 10_000}    // of a version, or of a release's metadata
	PackumentShape = Shape{Values: 16_000_000, Width: 50_000} // read version by version: its values are never there at once
	IndexShape     = Shape{Values: 2_000_000, Width: 100_000}
	EvidenceShape  = Shape{Values: 20_000, Width: 256} // an attestations response, a provenance object, a bundle
	StatementShape = Shape{Values: 200_000, Width: 20_000}
	LogBodyShape   = Shape{Values: 2_000, Width: 256} // a log entry's body
	TrustShape     = Shape{Values: 20_000, Width: 1_000}
	RecordingShape = Shape{Values: 1_000_000, Width: 100_000}
)

// Check refuses, with an error that wraps [ErrTooLarge], a JSON text that holds
// more. It allocates nothing. Of a text that is not JSON it sees as much as a
// decoder does before it stops.
func (s Shape) Check(data []byte) error {
	var width [MaxJSONDepth + 1]int // of what is open, from outside
	depth, values, inString := 0, 1, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > MaxJSONDepth {
				return fmt.Errorf("%w: nested deeper than %d levels", ErrTooLarge, MaxJSONDepth)
			}
			width[depth] = 1
			values++
		case c == ',':
			values++
			if width[depth]++; width[depth] > s.Width {
				return fmt.Errorf("%w: more than %d values in one list or object", ErrTooLarge, s.Width)
			}
		case (c == '}' || c == ']') && depth > 0:
			depth--
		}
		if values > s.Values {
			return fmt.Errorf("%w: more than %d values", ErrTooLarge, s.Values)
		}
	}
	return nil
}

// DecodeJSON is [json.Unmarshal] for a text of a bounded shape.
func DecodeJSON(data []byte, shape Shape, v any, options ...json.Options) error {
	if err := shape.Check(data); err != nil {
		return err
	}
	return json.Unmarshal(data, v, options...)
}
