package yamlfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"unicode/utf8"
)

// checkEncoding refuses what is not UTF-8.
func checkEncoding(data []byte) error {
	switch mark := data[:min(2, len(data))]; {
	case string(mark) == "\xff\xfe", string(mark) == "\xfe\xff", bytes.IndexByte(data[:min(4, len(data))], 0) >= 0:
		return At(0, "expected UTF-8 text, found UTF-16 or UTF-32: save the file as UTF-8")
	case !utf8.Valid(data):
		return At(0, "expected UTF-8 text, found other bytes")
	}
	return nil
}

// yaml12 is a file that begins with the directive of YAML 1.2, behind comments
// and other directives. Its group is the 2.
var yaml12 = regexp.MustCompile(`^\x{feff}?(?:[ \t]*(?:#.*)?\r?\n|%TAG.*\n)*%YAML[ \t]+1\.(2)(?:[ \t\r\n]|$)`)

// readable returns data as the library reads it, every line where it was. The
// library refuses the directive of YAML 1.2 and reads what is behind it as it does
// without, by the rules of 1.2; and it refuses two of JSON's escapes.
func readable(data []byte) []byte {
	if bytes.Contains(data, []byte("%YAML")) {
		if at := yaml12.FindSubmatchIndex(data); at != nil {
			data = bytes.Clone(data)
			data[at[2]] = '1'
			return data
		}
	}
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) || !bytes.ContainsRune(text, '\\') || !json.Valid(text) {
		return data
	}
	return jsonEscape.ReplaceAllFunc(data, func(escape []byte) []byte {
		switch {
		case string(escape) == `\/`:
			return []byte("/")
		case len(escape) == 2:
			return escape
		}
		var character string // which is valid, as the whole is
		_ = json.Unmarshal(fmt.Appendf(nil, `"%s"`, escape), &character)
		return []byte(character)
	})
}

// jsonEscape is an escape of JSON: the two halves of a character, or the beginning
// of any other.
var jsonEscape = regexp.MustCompile(`(?s)\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|.)`)
