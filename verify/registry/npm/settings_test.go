package npm

import (
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// place is where the files of a case lie.
type place struct {
	dir     string
	environ environment
}

// lay writes the files of a case: the user's .npmrc, the global and the built-in
// one, and the programs that the last two are found by. {dir} stands for the folder.
func lay(t *testing.T, user, global, builtin string, variables ...string) place {
	t.Helper()
	p := place{dir: t.TempDir()}
	in := func(text string) string { return strings.ReplaceAll(text, "{dir}", p.dir) }
	files := map[string]string{"node/bin/node": "", "npm/bin/npm-cli.js": "", "cwd/.keep": "", ".npmrc": user, "node/etc/npmrc": global, "npm/npmrc": builtin}
	for name, text := range files {
		if text == "" && strings.HasSuffix(name, "npmrc") {
			continue
		}
		name = filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(in(text)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../../npm/bin/npm-cli.js", filepath.Join(p.dir, "node/bin/npm")); err != nil {
		t.Fatal(err)
	}
	p.environ = environment{"HOME=" + p.dir, "PATH=" + filepath.Join(p.dir, "node/bin")}
	for _, variable := range variables {
		p.environ = append(p.environ, in(variable))
	}
	return p
}

// shown is a value as testdata/npm.js shows it.
func shown(value any) string {
	switch v := value.(type) {
	case undefined:
		return "undefined"
	case *object:
		return "{}"
	case []any:
		texts := make([]string, len(v))
		for i := range v {
			texts[i] = shown(v[i])
		}
		return "[" + strings.Join(texts, ",") + "]"
	case string:
		quoted, _ := jsontext.AppendQuote(nil, v)
		return string(quoted)
	}
	return toText(value)
}

// flatNames are the names under which npm hands on the keys that count here, and
// what they are without configuration.
var flatNames = map[string]struct {
	key       string
	byDefault any
}{
	"registry": {"registry", publicAddress()}, "scope": {"scope", ""}, "proxy": {"proxy", nil}, "httpsProxy": {"https-proxy", nil},
	"noProxy": {"noproxy", ""}, "ca": {"ca", nil}, "strictSSL": {"strict-ssl", true},
}

// flatValue is what npm hands on under a name.
func (c Config) flatValue(name string) any {
	known, ok := flatNames[name]
	if !ok {
		known.key, known.byDefault = name, undefined{}
	}
	s, ok := c.flat[known.key]
	switch {
	case !ok:
		return known.byDefault
	case name == "scope" && truthy(s.value) && !strings.HasPrefix(toText(s.value), "@"):
		return "@" + toText(s.value)
	case name == "noProxy":
		if _, isList := s.value.([]any); isList {
			return toText(s.value)
		}
	}
	return s.value
}

// answer answers a question as testdata/npm.js does.
func (c Config) answer(t *testing.T, ask string) string {
	t.Helper()
	verb, what, _ := strings.Cut(ask, " ")
	parse := func(raw string) *url.URL {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	if c.fault != nil {
		return "error"
	}
	switch verb {
	case "get":
		return shown(c.flatValue(what))
	case "all":
		names := strings.Fields(what)
		for key := range c.flat {
			if strings.HasPrefix(key, "//") || strings.Contains(key, "@") && strings.HasSuffix(strings.ToLower(key), ":registry") {
				names = append(names, key)
			}
		}
		slices.Sort(names)
		for i, name := range names {
			names[i] = name + "\n" + shown(c.flatValue(name))
		}
		return strings.Join(names, "\n")
	case "registry":
		scope := ""
		if strings.HasPrefix(what, "@") {
			scope, _, _ = strings.Cut(what, "/")
		}
		if s := c.registryOf(scope); truthy(s.value) {
			return toText(s.value)
		}
		return publicAddress()
	case "auth":
		base, err := c.base("x")
		if err != nil {
			base = parse(publicAddress())
		}
		return c.authorization(parse(what), base)
	case "proxy":
		u, err := c.proxyFor(parse(what))
		switch {
		case err != nil:
			return "error"
		case u == nil:
			return "none"
		case strings.HasPrefix(u.Scheme, "http"):
			u = u.JoinPath("/")
		}
		return u.String()
	case "authorities":
		switch n := len(c.connection.own); {
		case c.connection.fault != nil:
			return "error"
		case n > 0:
			return strconv.Itoa(n)
		}
		return "the system"
	case "refused":
		for _, ignored := range c.Ignored() {
			if strings.Contains(ignored.Why, "npm refuses") {
				return "ERR_INVALID_AUTH"
			}
		}
		return "no"
	}
	t.Fatalf("%q", ask)
	return ""
}

// certificatePEM is a certificate, and the same as npm wants it in one line.
func certificatePEM(t *testing.T) (lines, line string) {
	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	lines = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	return lines, strings.ReplaceAll(lines, "\n", `\n`)
}

// settingsCase is a configuration and what npm makes of it. Each answer was
// compared with npm's own; [TestNPMProgram] does it again where npm is.
type settingsCase struct {
	name, user, global, builtin string
	env                         []string
	answers                     map[string]string
}

func (c settingsCase) asks() (asks []string) {
	for ask := range c.answers {
		asks = append(asks, ask)
	}
	slices.Sort(asks)
	return asks
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range settingsCases(t) {
		t.Run(tt.name, func(t *testing.T) {
			p := lay(t, tt.user, tt.global, tt.builtin, tt.env...)
			c := LoadConfig(p.environ)
			for ask, want := range tt.answers {
				want = strings.ReplaceAll(strings.ReplaceAll(want, "{dir}", p.dir), "PUBLIC", publicAddress())
				if got := c.answer(t, ask); got != want {
					t.Errorf("%s: got %s, want %s (fault: %v)", ask, got, want, c.fault)
				}
			}
		})
	}
}

// FuzzSettings: any file is read without a crash, and what is shown of it holds
// no secret.
func FuzzSettings(f *testing.F) {
	for _, text := range []string{"registry=https://u:SECRET@r.example/\n", "//r.example/:_authToken=SECRET\n_auth=SECRET", "proxy=http://u:SECRET@p.example", "'{}'=1\n[a.b]\nc[]=1\n[a]",
		"a='[1,{\"b\":null}]'\na[]=\\${X}", "https-proxy=u:SECRET@p\nscope='x'\n@x:registry=http://u:SECRET@r.example"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := LoadConfig(lay(t, text, "", "").environ)
		u := &url.URL{Scheme: "https", Host: "r.example", Path: "/x"}
		_, err := c.base("@s/x")
		_, proxyErr := c.proxyFor(u)
		c.authorization(u, u)
		shown := fmt.Sprint(err, proxyErr, c.Ignored(), c.Connection(), c.Registries())
		if strings.Contains(text, "u:SECRET@") && strings.Contains(shown, "SECRET@") {
			t.Errorf("%q: %s", text, shown)
		}
	})
}
