package registry

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestParseBase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"as it is", "https://registry.example/", "https://registry.example/"},
		{"slash added", "https://registry.example", "https://registry.example/"},
		{"path prefix", "https://host.example/api/npm/main", "https://host.example/api/npm/main/"},
		{"escaped path", "https://host.example/a%2fb", "https://host.example/a%2fb/"},
		{"host in lower case", "https://Registry.Example/", "https://registry.example/"},
		{"spaces around", " https://registry.example/\n", "https://registry.example/"},
		{"http to this machine", "http://127.0.0.1:4873", "http://127.0.0.1:4873/"},
		{"http to another loopback address", "http://127.9.9.9/", "http://127.9.9.9/"},
		{"http to IPv6 loopback", "http://[::1]:80/x", "http://[::1]:80/x/"},
		{"http to localhost", "http://localhost:8080/", "http://localhost:8080/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, err := ParseBase(tt.in)
			if err != nil || u.String() != tt.want {
				t.Errorf("got %v, %v; want %s", u, err, tt.want)
			}
		})
	}
}

func TestParseBaseRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", "expected a registry address"},
		{"no scheme", "registry.example", "expected a registry address"},
		{"path only", "/simple/", "expected a registry address"},
		{"plain http", "http://registry.example/", "plain http"},
		{"plain http to a private address", "http://192.168.1.1/", "plain http"},
		{"a name that begins like a loopback address", "http://127.0.0.1.example/", "plain http"},
		{"a name that begins with localhost", "http://localhost.example/", "plain http"},
		{"file", "file://host/x", "scheme"},
		{"user", "https://user@registry.example/", "user name or password"},
		{"password", "https://user:hunter2@registry.example/", "user name or password"},
		{"password that breaks the URL", "https://user:hunter2/x@registry.example/", "expected a registry address"},
		{"password that a # ends", "https://user:hunter2", "one whose port is no number"},
		{"password without a scheme", "user:hunter2@registry.example", "expected a registry address"},
		{"query", "https://registry.example/?token=hunter2", "query"},
		{"bare question mark", "https://registry.example/?", "query"},
		{"fragment", "https://registry.example/#x", "fragment"},
		{"dots", "https://registry.example/a/../b/", ".."},
		{"escaped dots", "https://registry.example/a/%2e%2e/b/", ".."},
		{"backslash", `https://registry.example/a\b/`, ".."},
		{"escape code", "https://registry.example\x1b[2J/", "expected a registry address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, err := ParseBase(tt.in)
			if err == nil {
				t.Fatalf("accepted as %v", u)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want it to say %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.ContainsRune(err.Error(), '\x1b') {
				t.Errorf("the error shows a password or an escape code: %q", err)
			}
		})
	}
}

func TestSameHost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"https://h.example/a", "https://H.example:443/b", true},
		{"https://h.example/", "http://h.example/", false},
		{"https://h.example/", "https://h.example:8443/", false},
		{"https://h.example/", "https://h.example.evil.test/", false},
		{"https://h.example/", "https://sub.h.example/", false},
		{"http://[::1]/", "http://[::1]:80/", true},
	} {
		a, errA := url.Parse(tt.a)
		b, errB := url.Parse(tt.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if SameHost(a, b) != tt.want || SameHost(b, a) != tt.want {
			t.Errorf("SameHost(%s, %s) is not %v", tt.a, tt.b, tt.want)
		}
	}
}

func TestCheckRedirect(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, from, to string
		count          int
		want           string
	}{
		{"same host", "https://h.example/a", "https://h.example/b", 1, ""},
		{"default port spelt out", "https://h.example/a", "https://h.example:443/b", 5, ""},
		{"sixth", "https://h.example/a", "https://h.example/b", 6, "more than 5"},
		{"another host", "https://h.example/a", "https://evil.test/b", 1, "evil.test"},
		{"a sub domain", "https://h.example/a", "https://x.h.example/b", 1, "refused"},
		{"another port", "https://h.example/a", "https://h.example:8443/b", 1, "refused"},
		{"down to http", "https://h.example/a", "http://h.example/b", 1, "refused"},
		{"up to https", "http://127.0.0.1/a", "https://127.0.0.1/b", 1, ""},
		{"up to https on the same port", "http://127.0.0.1:8080/a", "https://127.0.0.1:8080/b", 1, ""},
		{"up to https, default ports", "http://127.0.0.1:80/a", "https://127.0.0.1:443/b", 1, ""},
		{"up to https on another port", "http://127.0.0.1:8080/a", "https://127.0.0.1:9090/b", 1, "refused"},
		{"up to https elsewhere", "http://127.0.0.1/a", "https://evil.test/b", 1, "refused"},
		{"credentials", "https://h.example/a", "https://u:hunter2@h.example/b", 1, "credentials"},
		{"file", "https://h.example/a", "file:///etc/passwd", 1, "refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from, errFrom := url.Parse(tt.from)
			to, errTo := url.Parse(tt.to)
			if errFrom != nil || errTo != nil {
				t.Fatal(errFrom, errTo)
			}
			err := checkRedirect(from, to, tt.count)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	u, err := url.Parse("https://user:hunter2@h.example/a%2fb?token=hunter2#hunter2")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(Redact(u)); got != "https://h.example/a%2fb?…" {
		t.Errorf("got %q", got)
	}
	if u.User == nil {
		t.Error("the URL itself was changed")
	}
}

func FuzzParseBase(f *testing.F) {
	f.Add("https://registry.example/api")
	f.Add("http://u:p@127.0.0.1/%2e%2e?x#y")
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ParseBase(raw)
		if err != nil {
			return
		}
		if u.User != nil || u.RawQuery != "" || u.Fragment != "" || !strings.HasSuffix(u.EscapedPath(), "/") || HasDotSegment(u) || checkScheme(u) != nil {
			t.Fatalf("ParseBase(%q) = %v", raw, u)
		}
		again, err := ParseBase(u.String())
		if err != nil || again.String() != u.String() {
			t.Fatalf("ParseBase(%q) = %v, %v", u, again, err)
		}
	})
}

func TestParseBaseWithCredentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, base, login, want string }{
		{"https://index.example/simple", "https://index.example/simple/", "", ""},
		{"https://u:p@index.example/simple", "https://index.example/simple/", "u:p", ""},
		{"https://u@index.example/", "https://index.example/", "u", ""},
		{"https://__token__:a%40b@index.example/", "https://index.example/", "__token__:a%40b", ""},
		{"http://u:hunter2@index.example/", "", "", "plain http"},
		{"https://u:hunter2@index.example/?q", "", "", "query"},
		{"https://u:hunter2@/simple", "", "", "found"},
		{"u:hunter2@index.example", "", "", "found"},
	} {
		u, login, err := ParseBaseWithCredentials(tt.raw)
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: got %v, want %q", tt.raw, err, tt.want)
			}
			continue
		}
		if err != nil || u.String() != tt.base || fmt.Sprint(login) != tt.login {
			t.Errorf("%s: got %v, %q, %v", tt.raw, u, login, err)
		}
	}
}
