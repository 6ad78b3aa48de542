package view

import (
	"bytes"
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

// maxDrawn is the longest text, in bytes, that is drawn in place of JSON or as
// one value of it.
const maxDrawn = 1 << 20

// json draws a document indented, its numbers and escapes as they were served.
// Bytes that are not JSON are shown as lines of text.
func (p *Doc) json(data []byte) {
	var flat bytes.Buffer // a line for each member, element and closing bracket
	if json.Indent(&flat, data, "", "") != nil {
		p.Item(theme.Warn, "This is not JSON:")
		p.block(untrusted.Cut(string(data[:min(len(data), maxDrawn)]), maxDrawn), 500)
		return
	}
	depth, rest := 0, strings.TrimSpace(flat.String())
	for n := 0; rest != ""; n++ {
		if n == maxJSONLines || p.dropped > 0 {
			p.Item(theme.Warn, fmt.Sprintf("%d more bytes are not shown", len(rest)))
			return
		}
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		key, value := member(line)
		closes := value[0] == '}' || value[0] == ']'
		if closes {
			depth--
		}
		head := len(p.lines)
		p.jsonLine(depth, key, value)
		p.scalar(key, value)
		switch {
		case value == "{" || value == "[":
			if depth > 0 {
				p.open(levelJSON+depth, head)
			}
			depth++
		case closes && depth > 0:
			p.close(levelJSON + depth)
		}
	}
	p.close(levelJSON)
}

// member splits a line of JSON into its key, or "" if it has none, and value.
func member(line string) (key, value string) {
	if line[0] != '"' {
		return "", line
	}
	end := 1
	for ; line[end] != '"'; end++ {
		if line[end] == '\\' {
			end++
		}
	}
	if value, ok := strings.CutPrefix(line[end+1:], ": "); ok {
		return line[:end+1], value
	}
	return "", line
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

func (p *Doc) jsonLine(depth int, key, value string) {
	in := indent + strings.Repeat(indent, min(depth, maxNesting, p.Width/8))
	first := []Span{{theme.Plain, in}}
	if key != "" {
		first = append(first, muted(p.clean(key, 512)+": "))
	}
	limit, length := maxValue, len(value)
	if p.wrap {
		limit = maxDrawn
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
