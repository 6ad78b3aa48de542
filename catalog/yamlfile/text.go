package yamlfile

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"unicode/utf16"
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
	return unescape(data)
}

// unescape replaces in valid JSON the escapes that the library refuses: a slash,
// and the two halves of a character.
func unescape(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		at := bytes.IndexByte(text, '\\')
		if at < 0 {
			return append(out, text...)
		}
		out, text = append(out, text[:at]...), text[at:]
		size := 2
		switch r := pair(text); {
		case r != utf8.RuneError:
			out, size = utf8.AppendRune(out, r), 12
		case text[1] == '/':
			out = append(out, '/')
		default:
			out = append(out, text[:2]...)
		}
		text = text[size:]
	}
	return out
}

// pair returns the character of which a text begins with the two halves, or
// [utf8.RuneError].
func pair(text []byte) rune {
	if len(text) < 12 || text[1] != 'u' || text[6] != '\\' || text[7] != 'u' {
		return utf8.RuneError
	}
	high, _ := strconv.ParseUint(string(text[2:6]), 16, 16)
	low, _ := strconv.ParseUint(string(text[8:12]), 16, 16)
	return utf16.DecodeRune(rune(high), rune(low))
}
