package theme

import "strings"

// Span is a part of a painted line: From and To (exclusive) count bytes of its
// plain text.
type Span struct {
	Token    Token
	From, To int
}

// Highlight paints parts of a painted line anew. The parts are in order and do
// not overlap.
func (t *Theme) Highlight(painted string, parts []Span) string {
	var b strings.Builder
	for at := 0; painted != ""; {
		var sequence, prefix, text string
		sequence, painted = takeLink(painted)
		b.WriteString(sequence)
		prefix, text, painted = run(painted)
		for text != "" {
			for len(parts) > 0 && parts[0].To <= at {
				parts = parts[1:]
			}
			n, token := len(text), Plain
			if len(parts) > 0 {
				if part := parts[0]; at < part.From {
					n = min(n, part.From-at)
				} else {
					n, token = min(n, part.To-at), part.Token
				}
			}
			switch {
			case token != Plain:
				b.WriteString(t.Paint(token, text[:n]))
			case prefix != "":
				b.WriteString(prefix + text[:n] + reset)
			default:
				b.WriteString(text[:n])
			}
			at, text = at+n, text[n:]
		}
	}
	return b.String()
}

// run splits the first run of one style off a painted line.
func run(painted string) (prefix, text, rest string) {
	if strings.HasPrefix(painted, "\x1b[") {
		if end := strings.IndexByte(painted, 'm'); end >= 0 {
			prefix, painted = painted[:end+1], painted[end+1:]
		}
	}
	next := strings.IndexByte(painted, '\x1b')
	if next < 0 {
		next = len(painted)
	}
	text, rest = painted[:next], painted[next:]
	if prefix == reset {
		prefix = ""
	} else if prefix != "" {
		rest = strings.TrimPrefix(rest, reset)
	}
	return prefix, text, rest
}
