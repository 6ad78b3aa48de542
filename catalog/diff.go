package catalog

import (
	"bytes"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"plimsoll/catalog/untrusted"
)

// Diff returns the difference of two texts of a file as a unified diff for
// people: each line is cleaned, so that it can be printed as it is. It is ""
// if nothing differs. path is shown in the head.
func Diff(path string, before, after []byte) string {
	name := untrusted.Clean(path)
	lines := strings.SplitAfter(string(diff.Diff("a/"+name, before, "b/"+name, after)), "\n")
	if dosOnly(before) && dosOnly(after) {
		for i, line := range lines {
			lines[i] = strings.Replace(line, "\r\n", "\n", 1)
		}
	}
	var b strings.Builder
	for _, line := range lines {
		text, ended := strings.CutSuffix(line, "\n")
		b.WriteString(untrusted.Clean(text))
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// dosOnly reports whether every line of a text ends in CR LF: only then is the CR
// no difference that a person must see.
func dosOnly(data []byte) bool {
	ends := bytes.Count(data, []byte("\n"))
	return ends > 0 && ends == bytes.Count(data, []byte("\r\n")) && ends == bytes.Count(data, []byte("\r"))
}
