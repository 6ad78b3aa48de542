package npm

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Values are as npm holds them: string, bool, float64, nil (null), undefined,
// []any, map[string]any of JSON, or the *object of a section.

// undefined is a value that hides others and is none.
type undefined struct{}

// object is a file or a section of one: keys in the order in which they first
// came.
type object struct {
	keys  []string
	value map[string]any
	line  map[string]int // where each was last set
}

func newObject() *object { return &object{value: map[string]any{}, line: map[string]int{}} }

func (o *object) set(key string, value any, line int) {
	if _, ok := o.value[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.value[key], o.line[key] = value, line
}

// errCrash is the error of a file that npm's own reader ends at.
var errCrash = errors.New("npm itself ends at it: a key or a section stands where none may")

// prototype is the key that npm leaves out.
const prototype = "__proto__"

// parseINI reads a configuration file as npm's reader ("ini", the package) does,
// which general readers do not: a line that begins with a blank is no section,
// quotes hold JSON, comments begin anywhere and may be escaped, keys are cleaned
// as values are, and the place of a key is its first.
func parseINI(text string) (*object, error) {
	root := newObject()
	var in any = root // the object that keys go to, or what stands in its place and takes none
	for number, row := range strings.Split(text, "\n") {
		for line := range strings.SplitSeq(row, "\r") {
			if begin := strings.TrimLeftFunc(line, isSpace); begin == "" || begin[0] == ';' || begin[0] == '#' {
				continue
			}
			if end := strings.IndexByte(line, ']'); line[0] == '[' && end > 0 && trim(line[end+1:]) == "" {
				in = root.section(toText(unquote(line[1:end])), number+1)
				continue
			}
			if err := assign(in, line, number+1); err != nil {
				return nil, err
			}
		}
	}
	return root, root.nest()
}

// section returns what the keys below a section's heading go to.
func (o *object) section(name string, line int) any {
	if name == prototype {
		return newObject()
	}
	if !truthy(o.value[name]) {
		o.set(name, newObject(), line)
	}
	return o.value[name]
}

// assign obeys a line with a key: "key", which is true, "key = value", or
// "key[] = value", which adds to a list.
func assign(in any, line string, number int) error {
	name, text, hasValue := strings.Cut(line, "=")
	if name == "" || hasValue && strings.ContainsAny(text, "\u2028\u2029") {
		return nil // no line of npm's
	}
	raw := unquote(name)
	if raw == nil {
		return errCrash
	}
	key := toText(raw)
	_, isText := raw.(string)
	isList := isText && len(key) > 2 && strings.HasSuffix(key, "[]")
	if isList {
		key = key[:len(key)-2]
	}
	o, ok := in.(*object)
	if !ok || key == prototype {
		return nil
	}
	var value any = true
	if hasValue {
		value = unquote(text)
	}
	switch value {
	case "true", "false":
		value = value == "true"
	case "null":
		value = nil
	}
	old, exists := o.value[key]
	list, wasList := old.([]any)
	if isList && exists && !wasList {
		list = []any{old}
	}
	if isList || wasList {
		value = append(list, value)
	}
	o.set(key, value, number)
	return nil
}

// nest puts sections, and keys that hold null, into those that their dots name:
// what stood there is gone.
func (o *object) nest() error {
	moved := map[string]bool{}
	for _, key := range slices.Clone(o.keys) {
		value := o.value[key]
		switch value.(type) {
		case *object, map[string]any, nil:
		default:
			continue
		}
		parts := splitSections(key)
		last := parts[len(parts)-1]
		name := strings.ReplaceAll(last, `\.`, ".")
		in := o
		for _, part := range parts[:len(parts)-1] {
			if part == prototype {
				continue
			}
			if in == nil {
				return errCrash
			}
			switch inner := in.value[part].(type) {
			case *object:
				in = inner
			case []any, map[string]any:
				in = newObject() // it takes the key, and does not show it
			default:
				if _, exists := in.value[part]; exists && inner == nil {
					in = nil
					continue
				}
				next := newObject()
				in.set(part, next, o.line[key])
				in = next
			}
		}
		if in == o && name == last {
			continue
		}
		if in == nil {
			return errCrash
		}
		in.set(name, value, o.line[key])
		moved[key] = true
	}
	o.keys = slices.DeleteFunc(o.keys, func(key string) bool { return moved[key] })
	return nil
}

// splitSections splits a name at its dots. One behind a backslash is none.
func splitSections(name string) (parts []string) {
	begin := 0
	for i := range len(name) {
		if name[i] == '.' && (i == 0 || name[i-1] != '\\') {
			parts = append(parts, name[begin:i])
			begin = i + 1
		}
	}
	return append(parts, name[begin:])
}

// unquote returns the value of a text. In quotes it is JSON, or if it is none
// itself; else it ends at a comment, and ; # and \ may be escaped.
func unquote(text string) any {
	text = trim(text)
	if text != "" && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
		if text[0] == '\'' {
			text = text[1:max(1, len(text)-1)]
		}
		var value any
		if json.Unmarshal([]byte(text), &value, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) == nil {
			return value
		}
		return text
	}
	var b strings.Builder
	escaped := false
	for _, c := range []byte(text) {
		special := c == ';' || c == '#'
		switch {
		case escaped && !special && c != '\\':
			b.WriteByte('\\')
			fallthrough
		case escaped:
			b.WriteByte(c)
			escaped = false
		case special:
			return trim(b.String())
		case c == '\\':
			escaped = true
		default:
			b.WriteByte(c)
		}
	}
	if escaped {
		b.WriteByte('\\')
	}
	return trim(b.String())
}

// isSpace reports whether JavaScript's trim removes a character.
func isSpace(r rune) bool { return r == '\ufeff' || r != '\u0085' && unicode.IsSpace(r) }

func trim(text string) string { return strings.TrimFunc(text, isSpace) }

// truthy reports whether JavaScript takes a value for true.
func truthy(value any) bool {
	switch v := value.(type) {
	case nil, undefined:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case float64:
		return v != 0 && !math.IsNaN(v)
	}
	return true
}

// toText returns a value as JavaScript writes it into a text.
func toText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		switch size := math.Abs(v); {
		case size == 0:
			return "0"
		case size >= 1e21 || size < 1e-6:
			return strings.Replace(strconv.FormatFloat(v, 'e', -1, 64), "e-0", "e-", 1)
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case nil:
		return "null"
	case []any:
		texts := make([]string, len(v))
		for i, element := range v {
			if element != nil {
				texts[i] = toText(element)
			}
		}
		return strings.Join(texts, ",")
	case undefined:
		return "undefined"
	}
	return "[object Object]"
}
