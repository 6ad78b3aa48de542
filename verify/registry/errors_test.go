package registry

import (
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
)

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
