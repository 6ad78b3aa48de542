package view

import (
	"encoding/json"
	"fmt"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
)

// maxNesting is how deep JSON is indented; what lies deeper keeps this
// indent, so that deep nesting costs no more than its length.
const maxNesting = 24

// maxWhole is the longest value, in bytes, that is shown whole on a page that
// cuts long ones.
const maxWhole = 160

// maxValidated is the largest document, in bytes, that is checked to be JSON
// before it is drawn as JSON.
const maxValidated = 1 << 20

// json draws a document indented, its numbers and escapes as they were served.
// Bytes that are not JSON are shown as lines of text.
func (p *Doc) json(data []byte) {
	if !looksLikeJSON(data) {
		p.Item(theme.Warn, "This is not JSON:")
		p.block(untrusted.Cut(string(data[:min(len(data), maxValidated)]), maxValidated), 500)
		return
	}
	t := tree{data: data}
	for n := 0; t.next(); n++ {
		if n == maxJSONLines || p.dropped > 0 {
			p.Item(theme.Warn, fmt.Sprintf("%d more bytes are not shown", len(data)-t.start))
			return
		}
		head := len(p.lines)
		p.jsonLine(t.depth, t.key, t.value)
		p.scalar(t.key, t.value)
		switch {
		case t.depth == 0 || t.value == "":
		case t.value == "{" || t.value == "[":
			p.open(levelJSON+t.depth, head)
		case t.value[0] == '}' || t.value[0] == ']':
			p.close(levelJSON + t.depth)
		}
	}
	p.close(levelJSON)
}

// scalar keeps a value of the document for copying, without quotes and
// escapes.
func (p *Doc) scalar(key, value string) {
	value = strings.TrimSuffix(value, ",")
	if !p.values.wanted || value == "" || strings.ContainsRune("{}[]", rune(value[0])) {
		return
	}
	p.values.put(unquote(key), unquote(value))
}

// unquote returns the text of a JSON string; what is none stays as it is.
func unquote(s string) string {
	var text string
	if json.Unmarshal([]byte(s), &text) != nil {
		return s
	}
	return text
}

func looksLikeJSON(data []byte) bool {
	if len(data) <= maxValidated {
		return json.Valid(data)
	}
	head := strings.TrimLeft(string(data[:64]), " \t\r\n")
	return strings.HasPrefix(head, "{") || strings.HasPrefix(head, "[")
}

func (p *Doc) jsonLine(depth int, key, value string) {
	in := indent + strings.Repeat(indent, min(depth, maxNesting, p.Width/8))
	first := []Span{{theme.Plain, in}}
	if key != "" {
		first = append(first, muted(p.clean(key, 512)+": "))
	}
	limit, length := maxValue, len(value)
	if p.wrap {
		limit = maxValidated
	}
	value = p.clean(value, limit)
	rest := []Span{{theme.Plain, in + indent}}
	room := p.Width - width(first)
	if theme.Width(value) <= room {
		p.Row(append(first, plain(value))...)
		return
	}
	if p.wrap || length <= maxWhole {
		if width(first) > p.Width/2 {
			p.flow(first[:1], rest, muted(strings.TrimSuffix(spanText(first[1:]), " ")), 0)
			first = rest
		}
		p.flow(first, rest, plain(value), 0)
		return
	}
	size := fmt.Sprintf("… (%d bytes)", length)
	if room < len(size)+8 {
		size = "…"
	}
	start, _ := theme.Split(value, room-theme.Width(size))
	p.Row(append(first, plain(start), muted(size))...)
}

func spanText(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// tree walks through JSON and gives it line by line: one line a member, an
// element or a closing bracket. It needs no valid input to be safe: it only
// ever goes forward.
type tree struct {
	data  []byte
	at    int
	level int

	start      int    // where the line begins in data
	depth      int    // how deep the line is
	key, value string // key is "" in arrays
}

// next reads one line; false at the end.
func (t *tree) next() bool {
	t.blanks()
	if t.at >= len(t.data) {
		return false
	}
	t.start, t.depth, t.key = t.at, t.level, ""
	if c := t.data[t.at]; c == '}' || c == ']' {
		t.level = max(t.level-1, 0)
		t.depth = t.level
		t.at++
		t.value = string(c) + t.comma()
		return true
	}
	token := t.token()
	t.blanks()
	if t.at < len(t.data) && t.data[t.at] == ':' {
		t.at++
		t.blanks()
		t.key, token = token, ""
		if t.at < len(t.data) {
			token = t.token()
		}
	}
	if token == "{" || token == "[" {
		t.blanks()
		if t.at < len(t.data) && (t.data[t.at] == '}' || t.data[t.at] == ']') {
			token += string(t.data[t.at])
			t.at++
		} else {
			t.level++
			t.value = token
			return true
		}
	}
	t.value = token + t.comma()
	return true
}

func (t *tree) comma() string {
	t.blanks()
	if t.at < len(t.data) && t.data[t.at] == ',' {
		t.at++
		return ","
	}
	return ""
}

func (t *tree) blanks() {
	for t.at < len(t.data) && strings.IndexByte(" \t\r\n", t.data[t.at]) >= 0 {
		t.at++
	}
}

// token reads a string, a bracket, or anything up to the next punctuation; at
// least one byte.
func (t *tree) token() string {
	from := t.at
	switch t.data[t.at] {
	case '{', '[', '}', ']', ',', ':':
		t.at++
	case '"':
		for t.at++; t.at < len(t.data) && t.data[t.at] != '"'; t.at++ {
			if t.data[t.at] == '\\' {
				t.at++
			}
		}
		t.at = min(t.at+1, len(t.data))
	default:
		for t.at < len(t.data) && strings.IndexByte("{}[],: \t\r\n\"", t.data[t.at]) < 0 {
			t.at++
		}
	}
	return string(t.data[from:t.at])
}
