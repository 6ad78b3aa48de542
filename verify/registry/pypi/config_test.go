package pypi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/verify/registry/netrc"
)

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// configured writes files below a home folder and returns what is asked then. "~"
// in a value of the environment is the home folder; what /etc has does not count.
func configured(t *testing.T, env, home map[string]string) Config {
	t.Helper()
	dir := t.TempDir()
	for name, text := range home {
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	values := map[string]string{"HOME": dir, "XDG_CONFIG_DIRS": filepath.Join(dir, "etc")}
	for name, value := range env {
		values[name] = strings.ReplaceAll(value, "~", dir)
	}
	found := standardFiles(environment(values))
	notMachine := func(name string) bool { return !strings.HasPrefix(name, dir) && filepath.IsAbs(name) }
	found.uvMachine, found.pip = slices.DeleteFunc(found.uvMachine, notMachine), slices.DeleteFunc(found.pip, notMachine)
	c := loadConfig(environment(values), found)
	for n, i := range c.Indexes {
		c.Indexes[n].From = strings.ReplaceAll(i.From, dir+"/", "")
	}
	for n, f := range c.Ignored {
		c.Ignored[n].From = strings.ReplaceAll(f.From, dir+"/", "")
	}
	if shown := fmt.Sprint(c.Fault, c.Findings(), c.Unread); strings.Contains(shown, "hunter2") {
		t.Errorf("a password is shown: %s", shown)
	}
	return c
}

const (
	uvToml  = ".config/uv/uv.toml"
	uvMach  = "etc/uv/uv.toml"
	pipConf = ".config/pip/pip.conf"
)

// order is the indexes as they are asked, "NAME URL FROM" each.
func order(c Config) (list []string) {
	for _, i := range c.Asked() {
		text := "?"
		if i.URL != nil {
			text = i.URL.String()
		}
		list = append(list, strings.TrimSpace(i.Name+" "+text+" "+i.From))
	}
	return list
}

func TestUVIndexes(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	const public = DefaultIndex
	for _, tt := range []struct {
		name      string
		env, home m
		want      []string
		fails     string
	}{
		{"nothing", nil, nil, []string{public}, ""},
		{"an index, then the public one", nil, m{uvToml: "[[index]]\nname = 'a'\nurl = 'https://a.example/s'\n"},
			[]string{"a https://a.example/s/ .config/uv/uv.toml:3", public}, ""},
		{"the default last, wherever it stands", nil, m{uvToml: "[[index]]\nurl = 'https://d.example/'\ndefault = true\n[[index]]\nurl = 'https://a.example/'\n"},
			[]string{"https://a.example/ .config/uv/uv.toml:5", "https://d.example/ .config/uv/uv.toml:2"}, ""},
		{"one address twice, each on its line", nil, m{uvToml: "[[index]]\nname = 'a'\nurl = 'https://a.example/'\nexplicit = true\n[[index]]\nurl = 'https://a.example/'\n"},
			[]string{"https://a.example/ .config/uv/uv.toml:6", public}, ""},
		{"the first default", nil, m{uvToml: "[[index]]\nurl = 'https://d.example/'\ndefault = true\n", uvMach: "[[index]]\nurl = 'https://e.example/'\ndefault = true\n"},
			[]string{"https://d.example/ .config/uv/uv.toml:2"}, ""},
		{"the user's before the machine's", nil, m{uvToml: "[[index]]\nurl = 'https://a.example/'\n", uvMach: "[[index]]\nurl = 'https://b.example/'\n"},
			[]string{"https://a.example/ .config/uv/uv.toml:2", "https://b.example/ etc/uv/uv.toml:2", public}, ""},
		{"variables before files", m{"UV_INDEX": "https://a.example/ b=https://b.example/s", "UV_EXTRA_INDEX_URL": "https://e.example/"},
			m{uvToml: "extra-index-url = ['https://f.example/']\n[[index]]\nurl = 'https://c.example/'\n"},
			[]string{"https://a.example/ UV_INDEX", "b https://b.example/s/ UV_INDEX", "https://c.example/ .config/uv/uv.toml:3",
				"https://e.example/ UV_EXTRA_INDEX_URL", "https://f.example/ .config/uv/uv.toml:1", public}, ""},
		{"UV_DEFAULT_INDEX before the file's default", m{"UV_DEFAULT_INDEX": "co=https://v.example/s"}, m{uvToml: "[[index]]\nurl = 'https://d.example/'\ndefault = true\n"},
			[]string{"co https://v.example/s/ UV_DEFAULT_INDEX"}, ""},
		{"the file's default before UV_INDEX_URL", m{"UV_INDEX_URL": "https://v.example/"}, m{uvToml: "[[index]]\nurl = 'https://d.example/'\ndefault = true\n"},
			[]string{"https://d.example/ .config/uv/uv.toml:2"}, ""},
		{"UV_INDEX_URL before index-url", m{"UV_INDEX_URL": "https://v.example/"}, m{uvToml: "index-url = 'https://d.example/'"},
			[]string{"https://v.example/ UV_INDEX_URL"}, ""},
		{"index-url", nil, m{uvToml: "\nindex-url = 'https://d.example/'"}, []string{"https://d.example/ .config/uv/uv.toml:2"}, ""},
		{"explicit", nil, m{uvToml: "[[index]]\nname = 'torch'\nurl = 'https://t.example/'\nexplicit = true\n"}, []string{public}, ""},
		{"explicit and default", nil, m{uvToml: "[[index]]\nurl = 'https://t.example/'\nexplicit = true\ndefault = true\n"}, nil, "leaves no index to ask"},
		{"of one name the first", m{"UV_INDEX": "a=https://v.example/"}, m{uvToml: "[[index]]\nname = 'a'\nurl = 'https://t.example/'\ndefault = true\n"},
			[]string{"a https://v.example/ UV_INDEX", public}, ""},
		{"of one address the first", nil, m{uvToml: "[[index]]\nurl = 'https://t.example'\n[[index]]\nname = 'b'\nurl = 'https://t.example/'\ndefault = true\n"},
			[]string{"https://t.example/ .config/uv/uv.toml:2"}, ""},
		{"of one address, one of them explicit", nil, m{uvToml: "[[index]]\nname = 'a'\nurl = 'https://t.example'\nexplicit = true\n[[index]]\nurl = 'https://t.example/'\ndefault = true\n"},
			[]string{"https://t.example/ .config/uv/uv.toml:6"}, ""},
		{"of one address, with other credentials", nil, m{uvToml: "[[index]]\nurl = 'https://u:hunter2@t.example/'\n[[index]]\nurl = 'https://t.example/'\ndefault = true\n"},
			[]string{"https://t.example/ .config/uv/uv.toml:2", "https://t.example/ .config/uv/uv.toml:4"}, ""},
		{"by its name", m{"UV_INDEX": "torch"}, m{uvToml: "[[index]]\nname = 'torch'\nurl = 'https://t.example/'\nexplicit = true\n"},
			[]string{"torch https://t.example/ UV_INDEX and .config/uv/uv.toml:3", public}, ""},
		{"UV_CONFIG_FILE alone", m{"UV_CONFIG_FILE": "~/my.toml", "UV_NO_CONFIG": "1"}, m{"my.toml": "index-url = 'https://m.example/'", uvToml: "index-url = 'https://d.example/'"},
			[]string{"https://m.example/ my.toml:1"}, ""},
		{"UV_CONFIG_FILE that is not there", m{"UV_CONFIG_FILE": "~/my.toml"}, nil, nil, "UV_CONFIG_FILE: "},
		{"UV_CONFIG_FILE of the working directory", m{"UV_CONFIG_FILE": "uv.toml"}, nil, nil, `UV_CONFIG_FILE: expected an absolute path, found "uv.toml"`},
		{"UV_NO_CONFIG", m{"UV_NO_CONFIG": "true", "UV_INDEX": "https://v.example/"}, m{uvToml: "index-url = 'https://d.example/'"}, []string{"https://v.example/ UV_INDEX", public}, ""},
		{"UV_NO_CONFIG=0", m{"UV_NO_CONFIG": "0"}, m{uvToml: "index-url = 'https://d.example/'"}, []string{"https://d.example/ .config/uv/uv.toml:1"}, ""},
		{"UV_NO_SYSTEM_CONFIG", m{"UV_NO_SYSTEM_CONFIG": "1"}, m{uvMach: "index-url = 'https://d.example/'"}, []string{public}, ""},
		{"XDG_CONFIG_HOME", m{"XDG_CONFIG_HOME": "~/x"}, m{"x/uv/uv.toml": "index-url = 'https://x.example/'", uvToml: "index-url = 'https://d.example/'"},
			[]string{"https://x.example/ x/uv/uv.toml:1"}, ""},
		{"a file in place of a folder", nil, m{".config": ""}, []string{public}, ""},
		{"no-index", nil, m{uvToml: "no-index = true"}, []string{public}, "uv.toml:1: no-index is set"},
		{"no-index = false", nil, m{uvToml: "no-index = false", uvMach: "no-index = true"}, []string{public}, ""},
		{"an index that is refused keeps its place", nil, m{uvToml: "[[index]]\nurl = 'http://u:hunter2@a.example/'\n"}, []string{"? .config/uv/uv.toml:2", public}, ""},
		{"a name that is an address", nil, m{uvToml: "[[index]]\nname = 'http://u:hunter2@x'\nurl = 'https://a.example/'\n"}, nil, "in the name of an index"},
		{"no TOML", nil, m{uvToml: "a = 'https://u:hunter2@x.example\nb"}, nil, "line 1 is no TOML"},
		{"another type", nil, m{uvToml: "index-url = 7"}, nil, "expected uv's configuration"},
		{"no url", nil, m{uvToml: "[[index]]\nname = 'a'"}, []string{public}, "expected the url of an index"},
		{"a name with other characters", nil, m{uvToml: "[[index]]\nname = 'a b'\nurl = 'https://a.example/'"}, []string{public}, "in the name of an index"},
		{"another strategy", m{"UV_INDEX_STRATEGY": "best"}, nil, []string{public}, "UV_INDEX_STRATEGY: expected first-index"},
		{"another policy", nil, m{uvToml: "[[index]]\nurl = 'https://a.example/'\nauthenticate = 'sometimes'"}, []string{public}, "expected auto, always or never"},
		{"far too many", m{"UV_EXTRA_INDEX_URL": strings.Repeat("https://a.example/ ", maxListed+1)}, nil, nil, "expected at most 64 indexes, found 1025"},
		{"only a folder", nil, m{uvToml: "index-url = './wheels'"}, nil, "leaves no index to ask"},
		{"too many", m{"UV_INDEX": strings.Repeat("https://a.example/ ", 3) + manyIndexes(maxIndexes)}, nil, nil, "expected at most 64 indexes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := configured(t, tt.env, tt.home)
			if tt.fails == "" && c.Fault != nil || tt.fails != "" && (c.Fault == nil || !strings.Contains(c.Fault.Error(), tt.fails)) {
				t.Errorf("got %v, want %q", c.Fault, tt.fails)
			}
			if got := order(c); !slices.Equal(got, tt.want) && tt.want != nil {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// manyIndexes returns the addresses of n indexes.
func manyIndexes(n int) (text string) {
	for i := range n {
		text += fmt.Sprintf(" https://n%d.example/", i)
	}
	return text
}

// What is not obeyed is said: each with its place, and all together within bounds.
func TestIgnoredSettings(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	for _, tt := range []struct {
		name      string
		env, home m
		want      []string
	}{
		{"nothing", m{"UV_FIND_LINKS": ""}, nil, nil},
		{"find-links", m{"UV_FIND_LINKS": "/srv/w,https://u:hunter2@l.example/x"}, m{uvToml: "find-links = ['./own']"}, []string{
			`UV_FIND_LINKS: find-links is "/srv/w", which is not obeyed: uv also takes files from there, and they are not looked into`,
			`UV_FIND_LINKS: find-links is "https://l.example/x", which`, `.config/uv/uv.toml:1: find-links is "./own", which`}},
		{"a flat index", nil, m{uvToml: "[[index]]\nurl = 'https://u:hunter2@l.example/x'\nformat = 'flat'"},
			[]string{`.config/uv/uv.toml:2: index is "https://l.example/x", which is not obeyed: uv also takes files from there, and a flat index is not looked into`}},
		{"a folder", m{"UV_INDEX": "./w file:///srv/x unknown"}, nil, []string{`UV_INDEX: index is "./w"`, `UV_INDEX: index is "file:///srv/x"`, `UV_INDEX: index is "unknown"`}},
		{"a folder that no package comes from", nil, m{uvToml: "[[index]]\nurl = './w'\nexplicit = true"}, nil},
		{"a keyring", m{"UV_KEYRING_PROVIDER": "subprocess"}, nil, []string{`UV_KEYRING_PROVIDER: keyring-provider is "subprocess"`}},
		{"no keyring", m{"UV_KEYRING_PROVIDER": "disabled"}, nil, nil},
		{"what is no address", m{"UV_INDEX": "u:hunter2@a.example/simple"}, nil, []string{`UV_INDEX: index is "one with an @ in it"`}},
		{"hosts without certificates", m{"UV_INSECURE_HOST": "a.example u:hunter2@b.example"}, m{uvToml: "allow-insecure-host = ['localhost:8080']"}, []string{
			`UV_INSECURE_HOST: allow-insecure-host is "a.example", which is not obeyed: certificates are always checked`,
			`UV_INSECURE_HOST: allow-insecure-host is "one with an @ in it"`, `.config/uv/uv.toml:1: allow-insecure-host is "localhost:8080"`}},
		{"uv's proxy", nil, m{uvToml: "https-proxy = 'http://u:hunter2@p.example'"}, []string{`.config/uv/uv.toml:1: https-proxy is "http://p.example"`}},
		{"how pip reaches an index", m{"PIP_TRUSTED_HOST": "a.example b.example", "PIP_INDEX_URL": "https://a.example/"},
			m{pipConf: "[global]\nproxy = http://u:hunter2@p.example\ncert = /ca.pem\nclient_cert = /c.pem"}, []string{
				`PIP_TRUSTED_HOST: trusted-host is "a.example", which`, `PIP_TRUSTED_HOST: trusted-host is "b.example", which`,
				`.config/pip/pip.conf:4: client-cert is "/c.pem"`, `.config/pip/pip.conf:2: proxy is "http://p.example", which is not obeyed: name the proxy`,
				"uv is not configured"}},
		{"netrc", nil, m{".netrc": "machine x\nhunter2"}, []string{`.netrc: netrc is "unreadable", which is not obeyed: line 2: expected login, password or account, found something else; uv takes nothing of it either`}},
		{"pip in place of uv", nil, m{pipConf: "[global]\nindex-url = https://u:hunter2@p.example"}, []string{"uv is not configured, and so the indexes are those of pip ("}},
		{"pip's links", nil, m{pipConf: "[global]\nindex-url = https://p.example\nfind-links = /srv/w"}, []string{`.config/pip/pip.conf:3: find-links is "/srv/w"`, "uv is not configured"}},
		{"pip's links alone, which change nothing for uvx", nil, m{pipConf: "[global]\nfind-links = /srv/w"}, nil},
		{"very many", m{"UV_FIND_LINKS": strings.Repeat("/srv/w,", 500)}, nil, append(slices.Repeat([]string{"UV_FIND_LINKS"}, maxSaid), "484 more settings of uv and pip are not obeyed either")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := configured(t, tt.env, tt.home)
			findings := c.Findings()
			for i, f := range findings {
				if i < len(tt.want) && !strings.HasPrefix(f.Message, tt.want[i]) || f.Rule != "registry.setting" {
					t.Errorf("got %+v", f)
				}
			}
			if len(findings) != len(tt.want) {
				t.Errorf("got %d: %+v", len(findings), findings)
			}
		})
	}
	c := configured(t, nil, m{uvToml: "[pip]\nextra-index-url = ['https://p.example']\n", pipConf: "[global]\ntimeout = 6"})
	if len(c.Findings()) != 0 || len(c.Unread) != 1 || c.Unread[0].Name != "[pip]" {
		t.Errorf("got %+v", c)
	}
	c = configured(t, nil, m{pipConf: "[global]\nindex-url = https://a.example/\ncert = /ca.pem"})
	if len(c.Findings()) != 1 || len(c.Unread) != 1 || c.Unread[0].Name != "cert" {
		t.Errorf("got %+v", c)
	}
}

// The first strategy that is named counts: the environment's before a file's.
func TestStrategyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	c := configured(t, map[string]string{"UV_INDEX_STRATEGY": "first-index"}, map[string]string{uvToml: "index-strategy = 'unsafe-best-match'"})
	if c.Strategy != FirstIndex || c.StrategyFrom != "UV_INDEX_STRATEGY" {
		t.Errorf("got %q of %q", c.Strategy, c.StrategyFrom)
	}
}

func TestIndexAccess(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	index := func(more string) m {
		return m{uvToml: "[[index]]\nname = 'my-index.x'\nurl = 'https://a.example:8443/s'\n" + more}
	}
	both := m{"UV_INDEX_MY_INDEX_X_USERNAME": "u", "UV_INDEX_MY_INDEX_X_PASSWORD": "hunter2"}
	with := func(home m, name, text string) m { home[name] = text; return home }
	const store = ".local/share/uv/credentials/credentials.toml"
	kept := func(service, user, rest string) string {
		return "[[credential]]\nservice = '" + service + "'\nusername = '" + user + "'\n" + rest + "\n"
	}
	const netrcFile = "machine a.example login n password hunter2"
	basic := netrc.Login{User: "u", Password: "hunter2"}.Basic()
	fromNetrc := netrc.Login{User: "n", Password: "hunter2"}.Basic()
	for _, tt := range []struct {
		name               string
		env, home          m
		sent, again, words string
		fails              string
	}{
		{"none", nil, index(""), "", "", "no credentials were sent: they are looked for in UV_INDEX_MY_INDEX_X_USERNAME and UV_INDEX_MY_INDEX_X_PASSWORD, in the index's address, in netrc and in what uv auth login keeps", ""},
		{"variables", both, index(""), basic, "", "the credentials of UV_INDEX_MY_INDEX_X_USERNAME and UV_INDEX_MY_INDEX_X_PASSWORD", ""},
		{"variables before the address", both, m{uvToml: "[[index]]\nname = 'my-index.x'\nurl = 'https://x:y@a.example/s'\n"}, basic, "", "credentials of UV_INDEX", ""},
		{"the address", nil, m{uvToml: "[[index]]\nurl = 'https://u:hunter2@a.example/s'\n"}, basic, "", "credentials of the index's address", ""},
		{"the address, encoded", nil, m{uvToml: "[[index]]\nurl = 'https://u:a%40b@a.example/s'\n"}, "Basic dTphQGI=", "", "", ""},
		{"netrc", nil, with(index(""), ".netrc", netrcFile), "", fromNetrc, "it was asked without credentials, and again with those of netrc", ""},
		{"NETRC", m{"NETRC": "~/n"}, with(index(""), "n", netrcFile), "", fromNetrc, "", ""},
		{"NETRC that is not there", m{"NETRC": "~/n"}, with(index(""), ".netrc", netrcFile), "", fromNetrc, "", ""},
		{"NETRC of the working directory", m{"NETRC": "netrc"}, with(index(""), ".netrc", netrcFile), "", fromNetrc, "", ""},
		{"netrc's default", nil, with(index(""), ".netrc", "default login n password hunter2"), "", fromNetrc, "", ""},
		{"another host's", nil, with(index(""), ".netrc", "machine b.example login n password hunter2"), "", "", "", ""},
		{"a user whose password is in netrc", m{"UV_INDEX_MY_INDEX_X_USERNAME": "n"}, with(index(""), ".netrc", netrcFile), fromNetrc, "", "credentials of netrc", ""},
		{"another user in netrc", m{"UV_INDEX_MY_INDEX_X_USERNAME": "u"}, with(index(""), ".netrc", netrcFile), netrc.Login{User: "u", Password: ""}.Basic(), "", "", ""},
		{"always", nil, with(index("authenticate = 'always'"), ".netrc", netrcFile), fromNetrc, "", "credentials of netrc", ""},
		{"always and none", nil, index("authenticate = 'always'"), "", "", "", `authenticate is "always", and the index has no credentials`},
		{"never", both, with(index("authenticate = 'never'"), ".netrc", netrcFile), "", "", `authenticate is "never"`, ""},
		{"uv auth login", nil, with(index(""), store, kept("https://a.example:8443", "u", "password = 'hunter2'")), "", basic, "again with those of uv auth login", ""},
		{"its folder", m{"UV_CREDENTIALS_DIR": "~/k"}, with(index(""), "k/credentials.toml", kept("https://a.example:8443/s", "u", "password = 'hunter2'")), "", basic, "", ""},
		{"its password", m{"UV_INDEX_MY_INDEX_X_USERNAME": "u"}, with(index(""), store, kept("https://a.example:8443", "u", "password = 'hunter2'")), basic, "", "credentials of uv auth login", ""},
		{"its token", nil, with(index(""), store, kept("https://a.example:8443/", "", "scheme = 'bearer'\ntoken = 'hunter2'")), "", "Bearer hunter2", "", ""},
		{"the longest", nil, with(index(""), store, kept("https://a.example:8443", "x", "password = 'y'")+kept("https://a.example:8443/s", "u", "password = 'hunter2'")), "", basic, "", ""},
		{"two as long", nil, with(index(""), store, kept("https://a.example:8443", "x", "password = 'y'")+kept("https://a.example:8443", "u", "password = 'hunter2'")), "", "", "", ""},
		{"another path", nil, with(index(""), store, kept("https://a.example:8443/si", "u", "password = 'hunter2'")), "", "", "", ""},
		{"a path that begins alike", nil, with(m{uvToml: "[[index]]\nurl = 'https://a.example:8443/simple'\n"}, store, kept("https://a.example:8443/s", "u", "password = 'hunter2'")), "", "", "", ""},
		{"another user's", m{"UV_INDEX_MY_INDEX_X_USERNAME": "x"}, with(index(""), store, kept("https://a.example:8443", "u", "password = 'hunter2'")), netrc.Login{User: "x", Password: ""}.Basic(), "", "", ""},
		{"a password before netrc's", both, with(index(""), ".netrc", "machine a.example login u password other"), basic, "", "credentials of UV_INDEX", ""},
		{"another port", nil, with(index(""), store, kept("a.example", "u", "password = 'hunter2'")), "", "", "", ""},
		{"netrc before uv", nil, with(with(index(""), store, kept("https://a.example:8443", "u", "password = 'hunter2'")), ".netrc", netrcFile), "", fromNetrc, "", ""},
		{"broken credentials", nil, with(index(""), store, "hunter2"), "", "", "", ""},
		{"broken netrc", nil, with(index(""), ".netrc", netrcFile+" hunter2"), "", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := configured(t, tt.env, tt.home).Indexes[0]
			if i.Authorization != tt.sent || i.Fallback != tt.again || !strings.Contains(i.Access, tt.words) || strings.Contains(i.Access, "hunter2") {
				t.Errorf("got %q, %q, %q", i.Authorization, i.Fallback, i.Access)
			}
			if tt.fails == "" && i.Fault != nil || tt.fails != "" && (i.Fault == nil || !strings.Contains(i.Fault.Error(), tt.fails)) {
				t.Errorf("got %v, want %q", i.Fault, tt.fails)
			}
		})
	}
}

func TestPipIndexes(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	for _, tt := range []struct {
		name      string
		env, home m
		want      []string
		fails     string
	}{
		{"index-url", nil, m{pipConf: "[global]\nindex-url = https://p.example/"}, []string{"https://p.example/ .config/pip/pip.conf:2"}, ""},
		{"a section twice", nil, m{pipConf: "[global]\nindex-url = https://p.example/\n[global]\nextra-index-url = https://q.example/"}, nil, "line 3: expected [section]"},
		{"its other spellings", nil, m{pipConf: "# c\n[global]\n; d\nIndex_URL : https://p.example/x"}, []string{"https://p.example/x/ .config/pip/pip.conf:4"}, ""},
		{"[install] before [global], [download] never", nil, m{pipConf: "[install]\nindex-url=https://i.example\n[global]\nindex-url=https://g.example\n[download]\nindex-url=https://d.example"},
			[]string{"https://i.example/ .config/pip/pip.conf:2"}, ""},
		{"lines", nil, m{pipConf: "[global]\nextra-index-url =\n  https://a.example\n  # c\n  https://b.example\n"},
			[]string{DefaultIndex, "https://a.example/ .config/pip/pip.conf:2", "https://b.example/ .config/pip/pip.conf:2"}, ""},
		{"no interpolation", nil, m{pipConf: "[global]\nindex-url = https://u:a%40b@p.example/"}, []string{"https://p.example/ .config/pip/pip.conf:2"}, ""},
		{"variables", m{"PIP_INDEX_URL": "https://v.example", "PIP_EXTRA_INDEX_URL": "https://w.example https://x.example"}, m{pipConf: "[install]\nindex-url=https://i.example\nextra-index-url=https://e.example"},
			[]string{"https://v.example/ PIP_INDEX_URL", "https://w.example/ PIP_EXTRA_INDEX_URL", "https://x.example/ PIP_EXTRA_INDEX_URL"}, ""},
		{"files in their order", m{"VIRTUAL_ENV": "~/venv"}, m{pipConf: "[global]\nindex-url=https://u.example", ".pip/pip.conf": "[global]\nindex-url=https://l.example",
			"etc/pip/pip.conf": "[install]\nindex-url=https://m.example", "venv/pip.conf": "[global]\nindex-url=https://s.example"}, []string{"https://m.example/ etc/pip/pip.conf:2"}, ""},
		{"the environment's file last", m{"VIRTUAL_ENV": "~/venv"}, m{pipConf: "[global]\nindex-url=https://u.example", "venv/pip.conf": "[global]\nindex-url=https://s.example"},
			[]string{"https://s.example/ venv/pip.conf:2"}, ""},
		{"PIP_CONFIG_FILE in place of the user's", m{"PIP_CONFIG_FILE": "~/my.conf"}, m{pipConf: "[install]\nindex-url=https://u.example", "my.conf": "[global]\nindex-url=https://m.example"},
			[]string{"https://m.example/ my.conf:2"}, ""},
		{"PIP_CONFIG_FILE that is not there", m{"PIP_CONFIG_FILE": "~/my.conf"}, m{pipConf: "[global]\nindex-url=https://u.example"}, []string{"https://u.example/ .config/pip/pip.conf:2"}, ""},
		{"no file at all", m{"PIP_CONFIG_FILE": os.DevNull}, m{pipConf: "[global]\nindex-url=https://u.example"}, []string{DefaultIndex}, ""},
		{"a file of the working directory", m{"PIP_CONFIG_FILE": "pip.conf"}, nil, nil, "PIP_CONFIG_FILE: expected an absolute path"},
		{"no-index", m{"PIP_NO_INDEX": "1"}, nil, nil, "PIP_NO_INDEX: no-index is set"},
		{"no-index = no", nil, m{pipConf: "[global]\nno-index = no"}, []string{DefaultIndex}, ""},
		{"uv comes before pip", m{"UV_INDEX": "https://v.example"}, m{pipConf: "[global\n"}, []string{"https://v.example/ UV_INDEX", DefaultIndex}, ""},
		{"a uv.toml without an index", nil, m{uvToml: "python-preference = 'managed'", pipConf: "[global]\nindex-url=https://u.example"}, []string{"https://u.example/ .config/pip/pip.conf:2"}, ""},
		{"no INI", nil, m{pipConf: "[global\nindex-url = https://u:hunter2@x.example"}, nil, "line 1: expected [section]"},
		{"twice", nil, m{pipConf: "[global]\nindex-url = https://u:hunter2@x.example\nindex-url = https://y.example"}, nil, "line 3: expected [section]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := configured(t, tt.env, tt.home)
			if tt.fails == "" && c.Fault != nil || tt.fails != "" && (c.Fault == nil || !strings.Contains(c.Fault.Error(), tt.fails)) {
				t.Errorf("got %v, want %q", c.Fault, tt.fails)
			}
			if got := order(c); !slices.Equal(got, tt.want) && tt.want != nil {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// Credentials go to the index's host with every request, and are shown
// nowhere.
func TestIndexCredentials(t *testing.T) {
	t.Parallel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		asked = append(asked, user+" "+password)
		if strings.HasPrefix(r.URL.Path, "/simple/") {
			io.WriteString(w, pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":"/integrity/foo"`)))
			return
		}
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "hunter2 is no longer valid")
	}))
	t.Cleanup(server.Close)
	config, err := ParseConfig(strings.Replace(server.URL, "://", "://u:hunter2@", 1)+"/simple", "PIP_INDEX_URL")
	if err != nil {
		t.Fatal(err)
	}
	evidence, err := New(client(), config).Fetch(t.Context(), rel("foo", "1.0"), nil)
	if err != nil || len(evidence.Artifacts) != 1 || evidence.Artifacts[0].Missing == "" {
		t.Fatalf("got %+v, %v", evidence, err)
	}
	if !slices.Equal(asked, []string{"u hunter2", "u hunter2"}) {
		t.Errorf("asked with %q", asked)
	}
	if shown := fmt.Sprintf("%+v", evidence); strings.Contains(shown, "hunter2") {
		t.Errorf("the password is shown: %s", shown)
	}
}
