package catalog

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"plimsoll/catalog/yamlfile"

	"gopkg.in/yaml.v3"
)

const byteOrderMark = "\ufeff"

// lines is the text of a file, cut where the YAML library counts a new line,
// so that its positions can be turned into bytes.
type lines struct {
	data   []byte
	starts []int // where each line begins; the first behind a byte order mark
}

// splitLines cuts after LF, CR LF, CR, NEL, LS and PS, as YAML 1.1 does.
func splitLines(data []byte) lines {
	l := lines{data: data, starts: []int{0}}
	if bytes.HasPrefix(data, []byte(byteOrderMark)) {
		l.starts[0] = len(byteOrderMark)
	}
	for i := l.starts[0]; i < len(data); {
		n := lineEnd(data[i:])
		if n == 0 {
			i++
			continue
		}
		if i += n; i < len(data) {
			l.starts = append(l.starts, i)
		}
	}
	return l
}

// lineEnd returns the length of the line end that data begins with, 0 for
// none.
func lineEnd(data []byte) int {
	for _, end := range []string{"\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.HasPrefix(data, []byte(end)) {
			return len(end)
		}
	}
	return 0
}

// after returns where line n ends, its line end included. Lines count from 1.
func (l lines) after(n int) int {
	if n >= len(l.starts) {
		return len(l.data)
	}
	return l.starts[n]
}

// line returns line n without its line end.
func (l lines) line(n int) []byte {
	whole := l.data[l.starts[n-1]:l.after(n)]
	return whole[:len(whole)-len(endOf(whole))]
}

// end returns the line end of line n, "" where the file ends without one.
func (l lines) end(n int) string { return endOf(l.data[l.starts[n-1]:l.after(n)]) }

func endOf(line []byte) string {
	for _, end := range []string{"\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.HasSuffix(line, []byte(end)) {
			return end
		}
	}
	return ""
}

// offset returns the byte at a position of the YAML library: lines and columns
// count from 1, and columns count characters. False where there is none.
func (l lines) offset(line, column int) (int, bool) {
	if line < 1 || line > len(l.starts) || column < 1 {
		return 0, false
	}
	at, limit := l.starts[line-1], l.after(line)
	for range column - 1 {
		if at >= limit {
			return 0, false
		}
		_, size := utf8.DecodeRune(l.data[at:])
		at += size
	}
	return at, true
}

// indent returns how many spaces line n begins with.
func (l lines) indent(n int) int {
	line := l.line(n)
	return len(line) - len(bytes.TrimLeft(line, " "))
}

func (l lines) blank(n int) bool { return len(bytes.TrimLeft(l.line(n), " \t")) == 0 }

// editor makes one change in one text.
type editor struct {
	lines
	root   *yaml.Node
	change Change
}

// splice returns the text with data[from:to] replaced.
func (e *editor) splice(from, to int, with string) []byte {
	return slices.Concat(e.data[:from], []byte(with), e.data[to:])
}

// replace sets the value of a key that is there.
func (e *editor) replace(key, value *yaml.Node) ([]byte, error) {
	if value.Kind != yaml.ScalarNode {
		return nil, yamlfile.At(value.Line, "expected one value, found %s", yamlfile.Describe(value))
	}
	if err := yamlfile.Plain(value); err != nil {
		return nil, err
	}
	if e.change.holds(value) {
		return e.data, nil
	}
	if value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || value.Line != key.Line {
		return nil, yamlfile.At(value.Line, "expected the value behind its key on one line, found it on others")
	}
	from, ok := e.offset(value.Line, value.Column)
	if !ok {
		return nil, yamlfile.At(value.Line, "expected the value at column %d, found the end of the line", value.Column)
	}
	if isNothing(value) {
		// The library places a missing value behind the colon or behind the
		// blanks that follow it.
		at := bytes.TrimRight(e.data[e.starts[value.Line-1]:from], " \t")
		if !bytes.HasSuffix(at, []byte(":")) {
			return nil, yamlfile.At(value.Line, "expected a colon before the missing value")
		}
		from = e.starts[value.Line-1] + len(at)
		return e.splice(from, from, " "+e.change.written(e.style())), nil
	}
	length := scalarLength(e.data[from:e.after(value.Line)], value)
	if length == 0 {
		return nil, yamlfile.At(value.Line, "expected the value behind its key on one line, found it on others")
	}
	style := value.Style
	if value.ShortTag() == "!!null" {
		style = e.style()
	}
	return e.splice(from, from+length, e.change.written(style)), nil
}

// scalarLength returns how many bytes of the line the value takes, 0 where it
// does not end on it.
func scalarLength(line []byte, value *yaml.Node) int {
	switch {
	case value.Style&yaml.DoubleQuotedStyle != 0:
		for i := 1; i < len(line) && line[0] == '"'; i++ {
			switch line[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
	case value.Style&yaml.SingleQuotedStyle != 0:
		for i := 1; i < len(line) && line[0] == '\''; i++ {
			if line[i] != '\'' {
				continue
			}
			if i+1 == len(line) || line[i+1] != '\'' {
				return i + 1
			}
			i++
		}
	case bytes.HasPrefix(line, []byte(value.Value)):
		return len(value.Value)
	}
	return 0
}

// following lists, for a key that may be added, the keys before it in the
// order of a spec. It is added behind the last of them that is there.
var following = map[string][]string{
	"provenance":     {"metadata", "spec"},
	"repository_uri": {},
	"attestations":   {"repository_uri", "repository_ref", "sigstore_url", "signer_identity", "runner_environment", "cert_issuer"},
	"available":      {},
	"verified":       {"available"},
	"publisher":      {"available", "verified"},
	"kind":           {},
	"repository":     {"kind"},
	"workflow":       {"kind", "repository"},
}

// add puts a key, of the rest of the path, into a section that has others.
// header is the section's own key, nil for the root.
func (e *editor) add(header, section *yaml.Node, path []string) ([]byte, error) {
	first := section.Content[0]
	column := first.Column - 1
	if e.indent(first.Line) != column {
		return nil, yamlfile.At(first.Line, "expected a key at the start of its line")
	}
	var last *yaml.Node
	for i := 0; i+1 < len(section.Content); i += 2 {
		if key := section.Content[i]; slices.Contains(following[path[0]], key.Value) || header == nil && last == nil {
			last = key
		}
	}
	if last == nil {
		return e.insert(header.Line, e.written(path, column)), nil
	}
	written := e.written(path, column)
	if header == nil && e.spaced(section) {
		written = append([]string{""}, written...)
	}
	return e.insert(e.lastLine(last), written), nil
}

// fill puts the rest of the path into a section that has no values.
func (e *editor) fill(key *yaml.Node, path []string) ([]byte, error) {
	if e.indent(key.Line) != key.Column-1 {
		return nil, yamlfile.At(key.Line, "expected a key at the start of its line")
	}
	return e.insert(key.Line, e.written(path, key.Column-1+e.step())), nil
}

// written returns the lines of the rest of the path, indented.
func (e *editor) written(path []string, column int) []string {
	var out []string
	for i, name := range path {
		line := strings.Repeat(" ", column+i*e.step()) + name + ":"
		if i == len(path)-1 {
			line += " " + e.change.written(e.style())
		}
		out = append(out, line)
	}
	return out
}

// insert puts new lines behind line n. A file that ends without a line end
// does so afterwards.
func (e *editor) insert(n int, added []string) []byte {
	end := e.end(n)
	at := e.after(n)
	if end != "" {
		return e.splice(at, at, strings.Join(added, end)+end)
	}
	end = "\n"
	if n > 1 {
		end = e.end(n - 1)
	}
	return e.splice(at, at, end+strings.Join(added, end))
}

// lastLine returns the last line of the entry of a key: what follows is
// indented deeper, or is a list, which may stand as deep as its key. Blank
// lines at its end are not of it.
func (e *editor) lastLine(key *yaml.Node) int {
	last := key.Line
	for n := key.Line + 1; n <= len(e.starts); n++ {
		line := bytes.TrimLeft(e.line(n), " ")
		switch {
		case e.blank(n):
			continue
		case e.indent(n) > key.Column-1:
		case e.indent(n) == key.Column-1 && (bytes.HasPrefix(line, []byte("- ")) || string(line) == "-"):
		default:
			return last
		}
		last = n
	}
	return last
}

// step returns how much deeper a section is indented than its key: as the
// first section of the file is.
func (e *editor) step() int {
	for i := 0; i+1 < len(e.root.Content); i += 2 {
		key, value := e.root.Content[i], e.root.Content[i+1]
		if value.Kind == yaml.MappingNode && value.Style&yaml.FlowStyle == 0 && len(value.Content) > 0 {
			if step := value.Content[0].Column - key.Column; step > 0 {
				return step
			}
		}
	}
	return 2
}

// spaced says whether a blank line stands between the sections of the file.
func (e *editor) spaced(root *yaml.Node) bool {
	for i := 2; i+1 < len(root.Content); i += 2 {
		for n := root.Content[i].Line - 1; n >= 1; n-- {
			if e.blank(n) {
				return true
			}
			if !bytes.HasPrefix(e.line(n), []byte("#")) {
				break
			}
		}
	}
	return false
}

// style returns the quotes in which the file writes such values: those of the
// first in provenance, else of the package, else double quotes.
func (e *editor) style() yaml.Style {
	for _, path := range [][]string{{"provenance", "repository_uri"}, {"provenance", "repository_ref"}, {"spec", "package"}} {
		_, section := entry(e.root, path[0])
		if section == nil {
			continue
		}
		_, value := entry(section, path[1])
		if value != nil && value.Kind == yaml.ScalarNode && value.ShortTag() == "!!str" {
			return value.Style
		}
	}
	return yaml.DoubleQuotedStyle
}
