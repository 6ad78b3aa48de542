package untrusted

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
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
	EvidenceShape  = Shape{Values: 200_000, Width: 20_000} // an attestations response, a provenance object, a file of evidence
	BundleShape    = Shape{Values: 20_000, Width: 256}
	StatementShape = Shape{Values: 200_000, Width: 20_000}
	LogBodyShape   = Shape{Values: 2_000, Width: 256} // a log entry's body
	TrustShape     = Shape{Values: 20_000, Width: 1_000}
	ResultShape    = Shape{Values: 500_000, Width: 50_000} // one package of results that are read back
	RecordingShape = Shape{Values: 1_000_000, Width: 100_000}
)

// Check refuses, with an error that wraps [ErrTooLarge], a JSON text that holds
// more. It allocates nothing. Of a text that is not JSON it sees as much as a
// decoder does before it stops.
func (s Shape) Check(data []byte) error {
	c := counter{shape: s, values: 1}
	return c.count(data)
}

// counter counts the values of a JSON text as it passes.
type counter struct {
	shape    Shape
	outside  int // levels in which nothing is counted, but each element anew
	depth    int
	values   int
	size     int                   // bytes of the element
	width    [MaxJSONDepth + 1]int // of what is open, from outside
	inString bool
	escaped  bool
}

func (c *counter) count(data []byte) error {
	for _, b := range data {
		switch {
		case c.escaped:
			c.escaped = false
		case c.inString && b == '\\':
			c.escaped = true
		case b == '"':
			c.inString = !c.inString
		case c.inString:
		case b == '{' || b == '[':
			if c.depth++; c.depth > MaxJSONDepth {
				return fmt.Errorf("%w: nested deeper than %d levels", ErrTooLarge, MaxJSONDepth)
			}
			c.width[c.depth] = 1
			c.values++
		case b == ',' && c.depth <= c.outside:
			c.values, c.size = 0, 0
		case b == ',':
			c.values++
			if c.width[c.depth]++; c.width[c.depth] > c.shape.Width {
				return fmt.Errorf("%w: more than %d values in one list or object", ErrTooLarge, c.shape.Width)
			}
		case (b == '}' || b == ']') && c.depth > 0:
			c.depth--
		}
		if c.values > c.shape.Values {
			return fmt.Errorf("%w: more than %d values", ErrTooLarge, c.shape.Values)
		}
	}
	return nil
}

// JSONReader returns a reader of a JSON text that is decoded element by element,
// those of lists and objects in its outermost levels: it fails in an element of
// more bytes or of another shape, before a decoder has it.
func JSONReader(r io.Reader, shape Shape, levels, bytes int) io.Reader {
	return &jsonReader{r, counter{shape: shape, outside: levels}, bytes}
}

type jsonReader struct {
	r     io.Reader
	c     counter
	bytes int
}

// Read implements io.Reader.
func (j *jsonReader) Read(p []byte) (int, error) {
	n, err := j.r.Read(p[:min(len(p), 64<<10)])
	j.c.size += n
	if wrong := j.c.count(p[:n]); wrong != nil {
		return 0, wrong
	}
	if j.c.size > j.bytes+64<<10 {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, j.bytes)
	}
	return n, err
}

// DecodeJSON is [json.Unmarshal] for a text of a bounded shape.
func DecodeJSON(data []byte, shape Shape, v any, options ...json.Options) error {
	if err := shape.Check(data); err != nil {
		return err
	}
	return json.Unmarshal(data, v, options...)
}

// WriteJSON writes v as indented JSON that acts on no terminal, see
// [EscapeJSON], and a newline. Maps are sorted; of bytes that are not UTF-8 a
// reader gets U+FFFD. It is written as it is made: after an error what was written
// is no whole JSON text.
func WriteJSON(w io.Writer, v any, options ...json.Options) error {
	options = append([]json.Options{json.Deterministic(true), jsontext.AllowInvalidUTF8(true), jsontext.WithIndent("  ")}, options...)
	out := &jsonEscaper{out: bufio.NewWriterSize(w, 16<<10)}
	if err := json.MarshalWrite(out, v, options...); err != nil {
		return cmp.Or(out.err, err) // that of the stream, without what the library says of it
	}
	return out.end()
}

// jsonEscaper writes JSON text as EscapeJSON does, part by part.
type jsonEscaper struct {
	out  *bufio.Writer
	rest []byte // the beginning of a character whose other bytes come with the next part
	err  error
}

// Write implements io.Writer.
func (e *jsonEscaper) Write(p []byte) (int, error) {
	whole := p
	if len(e.rest) > 0 {
		whole = append(e.rest, p...)
	}
	last := len(whole)
	for i := last - 1; i >= 0 && last-i < utf8.UTFMax; i-- {
		if utf8.RuneStart(whole[i]) {
			if !utf8.FullRune(whole[i:]) {
				last = i
			}
			break
		}
	}
	_, e.err = e.out.Write(EscapeJSON(whole[:last]))
	e.rest = append(e.rest[:0], whole[last:]...)
	return len(p), e.err
}

func (e *jsonEscaper) end() error {
	e.out.Write(EscapeJSON(e.rest))
	e.out.WriteByte('\n')
	return e.out.Flush()
}

// JSONError turns an error of decoding JSON into one for people: where it is and
// what is wrong there; cleaned, and without Go's names for things.
func JSONError(err error) error {
	if errors.Is(err, ErrTooLarge) {
		if _, why, ok := strings.Cut(Message(err), ErrTooLarge.Error()+": "); ok { // behind what the decoder was doing
			return fmt.Errorf("%w: %s", ErrTooLarge, why)
		}
		return err
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		where, found := "at "+pointer(semantic.JSONPointer), JSONKind(semantic.JSONKind)
		switch {
		case semantic.Err != nil && semantic.JSONKind == 0:
			return fmt.Errorf("%s: %s", where, Message(semantic.Err))
		case semantic.Err != nil:
			return fmt.Errorf("%s: found %s: %s", where, found, Message(semantic.Err))
		case wanted(semantic.GoType) != "":
			return fmt.Errorf("%s: expected %s, found %s", where, wanted(semantic.GoType), found)
		default:
			return fmt.Errorf("%s: found %s, which does not belong there", where, found)
		}
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		where := "at " + pointer(syntactic.JSONPointer)
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Errorf("%s: the name occurs twice", where)
		}
		return fmt.Errorf("no valid JSON %s: %s", where, Message(syntactic.Err))
	}
	return errors.New(Message(err))
}

func pointer(p jsontext.Pointer) string {
	if p == "" {
		return "the top"
	}
	return fmt.Sprintf("%q", Excerpt(string(p)))
}

// wanted returns what JSON has in the place of a Go type, "" if that is not sure.
func wanted(t reflect.Type) string {
	if t == nil {
		return ""
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // else base64, or any value
			return "a list"
		}
	}
	return ""
}

// JSONKind returns in plain words what a value is.
func JSONKind(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{', '}':
		return "an object"
	case '[', ']':
		return "a list"
	default:
		return "no JSON value"
	}
}
