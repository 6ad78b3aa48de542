package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
)

func TestStatusError(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*statusError{
		"the server answers 401 Unauthorized: no":                             {Code: 401, Body: "no"},
		"the server answers 404 Not Found":                                    {Code: 404},
		"the server answers 520: x":                                           {Code: 520, Body: "x"},
		"the server answers 429 Too Many Requests and asks to wait 2 h 5 min": {Code: 429, RetryAfter: 125 * time.Minute},
		"the server answers 429 Too Many Requests":                            {Code: 429, RetryAfter: maxRetryAfter},
		"the proxy \"p:1\" answers 403 Forbidden":                             {Code: 403, proxy: "p:1"},
		"the proxy \"p:1\" answers 407 Proxy Authentication Required (it asks for a user name and a password: give them in the address of the proxy)": {
			Code: 407, proxy: "p:1"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for err, want := range map[error]int{
		nil: 0, ErrNotFound: 0, &statusError{Code: 404}: 404, fmt.Errorf("x: %w", &statusError{Code: 405}): 405, &statusError{Code: 404, proxy: "p"}: 0,
	} {
		if got := StatusCode(err); got != want || errors.Is(&statusError{Code: 404, proxy: "p"}, ErrNotFound) {
			t.Errorf("%v: got %d, want %d", err, got, want)
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
		"a token as the user":          {"bad: hunter22:", "Basic aHVudGVyMjI6", "bad: …:"},
		"a token without a colon":      {"bad: hunter22", "Basic aHVudGVyMjI=", "bad: …"},
		"a password of another scheme": {"bad: hunter22", "Other dXNlcjpodW50ZXIyMg==", "bad: hunter22"},
		"an empty document":            {" {}\n", "", ""},
		"gzip":                         {"\x1f\x8b\x08\x00abc", "", ""},
		"cut":                          {filled("bad: hunter2", untrusted.MaxErrorBody), "Bearer hunter22", ""},
		"a byte before the cut":        {filled("bad: hunter2", untrusted.MaxErrorBody-1), "Bearer hunter22", "bad: hunter2"},
	} {
		got := strings.TrimSpace(errorBody([]byte(tt.body), "text/plain", tt.authorization))
		if got != tt.want && !(name == "cut" && !strings.Contains(got, "hunter")) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
