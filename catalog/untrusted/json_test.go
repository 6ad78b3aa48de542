package untrusted

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/testdata/hostile"
)

func TestShape(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, c := range []struct {
		name, text string
		shape      Shape
		refused    string // part of the error, "" for none
	}{
		{"a list at the limit", `[1,2,3]`, Shape{100, 3}, ""},
		{"a list over it", `[1,2,3,4]`, Shape{100, 3}, "more than 3 values in one list"},
		{"an object at the limit", `{"a":1,"b":2,"c":3}`, Shape{100, 3}, ""},
		{"an object over it", `{"a":1,"b":2,"c":3,"d":4}`, Shape{100, 3}, "more than 3 values in one list or object"},
		{"lists after each other", `[[1,2],[3,4],[5,6]]`, Shape{100, 3}, ""},
		{"a list that goes on after another", `[1,[2],3,4]`, Shape{100, 3}, "more than 3"},
		{"values at the limit", `[[1,2],[3,4]]`, Shape{7, 10}, ""},
		{"values over it", `[[1,2],[3,4],5]`, Shape{7, 10}, "more than 7 values"},
		{"empty lists", "[" + strings.Repeat("[],", 99) + "[]]", Shape{100, 1000}, "more than 100 values"},
		{"commas in a text", `["a,b,c,[[[{{{,,,,\",,,,"]`, Shape{3, 1}, ""},
		{"a backslash at the end of a text", `["\\",1]`, Shape{3, 1}, "more than 1"},
		{"as deep as is read", nested(MaxJSONDepth), Shape{1000, 10}, ""},
		{"deeper", nested(MaxJSONDepth + 1), Shape{1000, 10}, "nested deeper than 100 levels"},
		{"brackets that close nothing", strings.Repeat("]", 200) + "[1,2]", Shape{10, 1}, "more than 1"},
		{"a text that does not end", `["` + strings.Repeat(",", 50), Shape{3, 1}, ""},
		{"nothing", "", Shape{3, 1}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.shape.Check([]byte(c.text))
			if (err != nil) != (c.refused != "") || err != nil && (!strings.Contains(err.Error(), c.refused) || !errors.Is(err, ErrTooLarge)) {
				t.Errorf("expected %q, found %v", c.refused, err)
			}
			var v any
			if decoded := DecodeJSON([]byte(c.text), c.shape, &v); err != nil && !errors.Is(decoded, ErrTooLarge) {
				t.Errorf("it was decoded: %v", decoded)
			}
		})
	}
	text := []byte(`{"a":[` + strings.Repeat(`{"b":"c"},`, 1000) + `null]}`)
	if n := testing.AllocsPerRun(10, func() { _ = PackumentShape.Check(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A stream may be long, and no element of it.
func TestJSONReader(t *testing.T) {
	element := func(n int) string { return `{"a":[` + strings.TrimSuffix(strings.Repeat("1,", n), ",") + `]}` }
	list := func(elements ...string) string { return `{"b":1,"c":[` + strings.Join(elements, ",") + `],"d":2}` }
	small := strings.Split(strings.Repeat(element(5)+" ", 20_000), " ")[:20_000]
	for _, c := range []struct {
		name, text, refused string
	}{
		{"many elements", list(small...), ""},
		{"many values in one", list(element(5), element(150), element(5)), "more than 110 values"},
		{"a long text in one", list(element(5), `"`+strings.Repeat("a", 300<<10)+`"`), "more than 400 bytes"},
		{"spaces without end", list(element(5), strings.Repeat(" ", 300<<10)+"1"), "more than 400 bytes"},
		{"a deep one", list(strings.Repeat("[", 200)), "nested deeper"},
	} {
		_, err := io.Copy(io.Discard, JSONReader(iotest.HalfReader(strings.NewReader(c.text)), Shape{110, 110}, 2, 400))
		if (err != nil) != (c.refused != "") || err != nil && (!errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), c.refused)) {
			t.Errorf("%s: expected %q, found %v", c.name, c.refused, err)
		}
	}
}

// FuzzShape holds the count against a decoder's: of what both can read, no text
// passes that holds more than the shape allows.
func FuzzShape(f *testing.F) {
	for _, text := range []string{`{"a":[1,2,{"b":"\",[\\"}],"c":{}}`, `[[],[],[[[]]]]`, `"a,b"`, `[1,2`, `{"a":1,}`, "[\"\\\\\",\"\\u005b\"]"} {
		f.Add([]byte(text), uint16(6), uint16(2))
	}
	f.Fuzz(func(t *testing.T, data []byte, values, width uint16) {
		if (Shape{int(values), int(width)}).Check(data) != nil {
			return
		}
		d := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		found, names := 0, 0
		for {
			token, err := d.ReadToken()
			if err != nil { // what was read before was within bounds
				break
			}
			kind, length := d.StackIndex(d.StackDepth())
			if kind == '{' && length%2 == 1 && token.Kind() == '"' {
				names++
			} else if token.Kind() != '}' && token.Kind() != ']' {
				found++
			}
			if kind == '{' {
				length = (length + 1) / 2
			}
			if d.StackDepth() > MaxJSONDepth || d.StackDepth() > 0 && length > int64(max(width, 1)) || found > int(max(values, 1)) {
				t.Fatalf("%d values, %d in one, %d deep passed for at most %d and %d", found, length, d.StackDepth(), values, width)
			}
			if d.StackDepth() == 0 {
				break // a second text is refused by every decoder
			}
		}
	})
}

// What is written acts on no terminal, holds no null for a list, and is the same
// each time.
func TestWriteJSON(t *testing.T) {
	document := struct {
		Text  string
		List  []int
		Sorts map[string]bool
	}{Text: "<\x1b[2J\u202e\ufffd\xff>", Sorts: map[string]bool{"b": true, "c": false, "a": true}}
	var b bytes.Buffer
	if err := WriteJSON(&b, document); err != nil {
		t.Fatal(err)
	}
	want := `{
  "Text": "<\u001b[2J\u202e\ufffd\ufffd>",
  "List": [],
  "Sorts": {
    "a": true,
    "b": true,
    "c": false
  }
}
`
	if b.String() != want {
		t.Errorf("found %s", b.String())
	}
	b.Reset()
	if err := WriteJSON(&b, []int{1, 2}, jsontext.Multiline(false)); err != nil || b.String() != "[1,2]\n" {
		t.Errorf("on one line: %q, %v", b.String(), err)
	}
	if err := WriteJSON(&b, func() {}); err == nil {
		t.Error("a function was written")
	}
	r, w := io.Pipe()
	r.Close()
	if err := WriteJSON(w, 1); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("to a closed pipe: %v", err)
	}
}

func TestJSONError(t *testing.T) {
	t.Parallel()
	bad := errors.New("bad\x1b")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&json.SemanticError{JSONPointer: "/a/b", Err: bad}, `at "/a/b": bad\x1b`},
		{&json.SemanticError{JSONPointer: "/a", JSONKind: '0', Err: bad}, `at "/a": found a number: bad\x1b`},
		{&json.SemanticError{JSONKind: '"'}, "at the top: found a string, which does not belong there"},
		{&json.SemanticError{JSONPointer: "/a\x1b", JSONKind: '{'}, `at "/a\x1b": found an object, which does not belong there`},
		{json.Unmarshal([]byte(`{"a":[1]}`), new(map[string][]string)), `at "/a/0": expected a string, found a number`},
		{json.Unmarshal([]byte(`{"a":1}`), new(map[string][]string)), `at "/a": expected a list, found a number`},
		{json.Unmarshal([]byte(`[]`), new(struct{})), `at the top: expected an object, found a list`},
		{json.Unmarshal([]byte(`"a"`), new(bool)), `at the top: expected a boolean, found a string`},
		{json.Unmarshal([]byte(`1`), new([]byte)), `at the top: found a number, which does not belong there`},
		{&jsontext.SyntacticError{JSONPointer: "/a", Err: bad}, `no valid JSON at "/a": bad\x1b`},
		{&jsontext.SyntacticError{JSONPointer: "/a", Err: jsontext.ErrDuplicateName}, `at "/a": the name occurs twice`},
		{bad, `bad\x1b`},
		{fmt.Errorf("it is %w", ErrTooLarge), "it is too large"},
		{fmt.Errorf("jsontext: read error: %w: more than 3 values\x1b", ErrTooLarge), `too large: more than 3 values\x1b`},
	} {
		if got := JSONError(fmt.Errorf("%w", tt.err)).Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	for kind, want := range map[jsontext.Kind]string{
		'n': "null", 't': "a boolean", 'f': "a boolean", '"': "a string", '0': "a number",
		'{': "an object", '}': "an object", '[': "a list", ']': "a list", 0: "no JSON value",
	} {
		if got := JSONKind(kind); got != want {
			t.Errorf("%v is %q, want %q", kind, got, want)
		}
	}
}

// JSON is escaped part by part, and a part may end within a character. After a
// failed write the error is the stream's own, and what was written is not whole.
func TestWriteJSONInParts(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	text := strings.Repeat("a\u202eé\U0001f600\u0301\x1b\xff|", 20_000)
	for _, v := range []any{text, []string{text, text}, map[string]string{text: "x"}} {
		var whole bytes.Buffer
		if err := WriteJSON(&whole, v); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(v, jsontext.AllowInvalidUTF8(true), jsontext.WithIndent("  "))
		if err != nil || !bytes.Equal(append(EscapeJSON(data), '\n'), whole.Bytes()) {
			t.Errorf("parts differ from the whole: %v", err)
		}
		full := errors.New("no space left")
		for _, room := range []int{0, 1, 100_000, whole.Len() - 1} {
			out := &fullWriter{room: room, err: full}
			if err := WriteJSON(out, v); err != full {
				t.Errorf("room for %d of %d bytes: error %v", room, whole.Len(), err)
			}
			if jsontext.Value(out.Bytes()).IsValid() && room < whole.Len()-1 {
				t.Errorf("room for %d of %d bytes: what was written looks whole", room, whole.Len())
			}
		}
	}
}

type fullWriter struct {
	bytes.Buffer
	room int
	err  error
}

func (w *fullWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.room)
	w.room -= n
	w.Buffer.Write(p[:n])
	if n < len(p) {
		return n, w.err
	}
	return n, nil
}
