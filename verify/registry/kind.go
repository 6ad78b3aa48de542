package registry

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"plimsoll/catalog/untrusted"
)

// WebPage is the error of an answer that is HTML or XML and not what was asked for.
type WebPage struct {
	ContentType string
	Body        []byte // at most maxPage bytes of its beginning
	plain       bool   // it was not JSON that was asked for
}

// maxPage is how much of a web page is kept to say what it is.
const maxPage = 64 << 10

func (p *WebPage) Error() string {
	expected := "expected JSON, "
	if p.plain {
		expected = ""
	}
	return expected + "found a web page: the address may not be a registry's, or a proxy or a login page stands before it"
}

// packings begin what servers send without saying so.
var packings = []struct{ begin, name string }{
	{gzipMagic, "gzip"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"BZh", "bzip2"}, {"\xfd7zXZ\x00", "xz"},
	{"x\x01", "deflate"}, {"x\x9c", "deflate"}, {"x\xda", "deflate"},
}

// packing returns how a body is compressed, or "" if it does not begin so.
func packing(body []byte) string {
	for _, p := range packings {
		if bytes.HasPrefix(body, []byte(p.begin)) {
			return p.name
		}
	}
	return ""
}

// utf16Begins are a byte order mark, or JSON without one.
var utf16Begins = []string{"\xfe\xff", "\xff\xfe", "{\x00", "[\x00", "\x00{", "\x00["}

// notJSON says what an answer is that is no JSON, or returns nil if it may be. A
// decoder would only name the character that is wrong.
func notJSON(body []byte, resp *http.Response, authorization string) error {
	contentType := resp.Header.Get("Content-Type")
	if isMarkup(body, contentType) {
		return &WebPage{ContentType: contentType, Body: bytes.Clone(body[:min(len(body), maxPage)])}
	}
	if name := packing(body); name != "" {
		says := "without saying so (no Content-Encoding)"
		if resp.Uncompressed {
			says = "within the gzip that it says it is (Content-Encoding)"
		}
		return fmt.Errorf("the answer is %s %s: its server, or a proxy before it, is set up wrongly", name, says)
	}
	begin := body[:min(len(body), 512)]
	text := bytes.TrimLeft(begin, " \t\r\n")
	switch first, _ := utf8.DecodeRune(text); {
	case bytes.HasPrefix(body, []byte("\ufeff")):
		return errors.New("expected JSON, found a byte order mark before it")
	case slices.ContainsFunc(utf16Begins, func(b string) bool { return bytes.HasPrefix(body, []byte(b)) }):
		return errors.New("expected JSON in UTF-8, found UTF-16")
	case len(text) == 0 && len(begin) == len(body):
		return errors.New("expected JSON, found an empty answer")
	case bytes.ContainsFunc(begin, isControl), len(text) > 0 && first == utf8.RuneError:
		return errors.New("expected JSON, found binary data")
	case len(text) > 0 && !strings.ContainsRune(`{["-0123456789tfn`, first):
		return fmt.Errorf("expected JSON, found the text: %v", untrusted.Excerpt(errorBody(begin, contentType, authorization)))
	}
	return nil
}

// isControl reports whether JSON may hold a character nowhere.
func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' }

// isMarkup reports whether an answer is HTML or XML: by its first byte, which
// no JSON begins with, or by its label if the body is no JSON either.
func isMarkup(body []byte, contentType string) bool {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
	if bytes.HasPrefix(body, []byte("{")) || bytes.HasPrefix(body, []byte("[")) {
		return false
	}
	return bytes.HasPrefix(body, []byte("<")) || IsWebPage(contentType)
}

// IsWebPage reports whether an answer calls itself HTML.
func IsWebPage(contentType string) bool {
	return strings.Contains(untrusted.LowerASCII(contentType), "html")
}
