package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

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
		{&jsontext.SyntacticError{JSONPointer: "/a", Err: bad}, `no valid JSON at "/a": bad\x1b`},
		{&jsontext.SyntacticError{JSONPointer: "/a", Err: jsontext.ErrDuplicateName}, `at "/a": the name occurs twice`},
		{bad, `bad\x1b`},
		{fmt.Errorf("it is %w", untrusted.ErrTooLarge), "it is too large"},
	} {
		if got := JSONError(fmt.Errorf("%w", tt.err)).Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	for kind, want := range map[jsontext.Kind]string{
		'n': "null", 't': "a boolean", 'f': "a boolean", '"': "a string", '0': "a number",
		'{': "an object", '}': "an object", '[': "a list", ']': "a list", 0: "something else",
	} {
		if got := kindName(kind); got != want {
			t.Errorf("%v is %q, want %q", kind, got, want)
		}
	}
}

// A server's text is shown without what was sent to it, in whatever form it
// comes back, also where the end of what is read cuts it.
func TestErrorBody(t *testing.T) {
	t.Parallel()
	const basic = "Basic dXNlcjpodW50ZXIyMg==" // user:hunter22
	filled := func(text string, size int) string { return strings.Repeat(" ", size-len(text)) + text }
	for name, tt := range map[string]struct{ body, authorization, want string }{
		"nothing was sent":             {"no", "", "no"},
		"a scheme alone":               {"the token is bad", "token", "the … is bad"},
		"the header":                   {"bad: Bearer hunter22", "Bearer hunter22", "bad: …"},
		"the token":                    {"bad: hunter22", "Bearer hunter22", "bad: …"},
		"the Basic header":             {"bad: " + basic, basic, "bad: …"},
		"the encoded password":         {"bad: dXNlcjpodW50ZXIyMg==", basic, "bad: …"},
		"the password":                 {"bad: hunter22", basic, "bad: …"},
		"the user":                     {"bad: user", basic, "bad: user"},
		"a user without a password":    {"bad: user", "Basic dXNlcjo=", "bad: user"},
		"no Basic credentials at all":  {"bad: x", "Basic %", "bad: x"},
		"a password of another scheme": {"bad: hunter22", "Other dXNlcjpodW50ZXIyMg==", "bad: hunter22"},
		"cut":                          {filled("bad: hunter2", untrusted.MaxErrorBody), "Bearer hunter22", ""},
		"a byte before the cut":        {filled("bad: hunter2", untrusted.MaxErrorBody-1), "Bearer hunter22", "bad: hunter2"},
	} {
		got := strings.TrimSpace(errorBody([]byte(tt.body), "text/plain", tt.authorization))
		if got != tt.want && !(tt.want == "" && !strings.Contains(got, "hunter")) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
