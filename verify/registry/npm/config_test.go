package npm

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// configure writes a user's .npmrc and keeps everything else that npm reads
// away.
func configure(t *testing.T, npmrc string) {
	t.Helper()
	home := t.TempDir()
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(strings.ToLower(name), "npm_config_") {
			t.Setenv(name, "") // restores it afterwards
			os.Unsetenv(name)
		}
	}
	t.Setenv("HOME", home)
	t.Setenv("PREFIX", "")
	t.Setenv("PATH", t.TempDir()) // no npm, so no built-in configuration
	if npmrc != "" {
		if err := os.WriteFile(filepath.Join(home, ".npmrc"), []byte(npmrc), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func loaded(t *testing.T, npmrc string) Config {
	t.Helper()
	configure(t, npmrc)
	c := LoadConfig()
	if c.fault != nil {
		t.Fatal(c.fault)
	}
	return c
}

func TestBase(t *testing.T) {
	for _, tt := range []struct{ name, npmrc, pkg, want string }{
		{"nothing configured", "", "x", "public"},
		{"nothing configured, scoped", "", "@s/x", "public"},
		{"registry", "registry=https://r.example/npm", "x", "https://r.example/npm/"},
		{"empty registry", "registry=", "x", "public"},
		{"scope", "registry=https://r.example\n@s:registry=https://s.example", "@s/x", "https://s.example/"},
		{"another scope", "registry=https://r.example\n@s:registry=https://s.example", "@t/x", "https://r.example/"},
		{"no scope", "@s:registry=https://s.example", "s", "public"},
		{"plain http", "registry=http://r.example", "x", "error: plain http"},
		{"password in the address", "@s:registry=https://u:hunter2@s.example", "@s/x", "error: user name or password"},
		{"the error of one scope is not another's", "@s:registry=http://s.example", "x", "public"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := New(client(), loaded(t, tt.npmrc))
			u, err := r.Base(untrusted.Text(tt.pkg))
			if want, isError := strings.CutPrefix(tt.want, "error: "); isError {
				if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("got %v, want %q", err, want)
				}
				return
			}
			want := tt.want
			if want == "public" {
				want = publicAddress()
			}
			if err != nil || u.String() != want {
				t.Errorf("got %v, %v; want %s", u, err, want)
			}
		})
	}
}

func TestEnvironmentOverridesFile(t *testing.T) {
	configure(t, "registry=https://r.example")
	t.Setenv("npm_config_registry", "https://e.example/")
	c := LoadConfig()
	if c.fault != nil {
		t.Fatal(c.fault)
	}
	if u, err := c.base("x"); err != nil || u.String() != "https://e.example/" {
		t.Errorf("got %v, %v", u, err)
	}
}

// What counts first: the environment, the user's file, the global one, the one
// beside the npm program. Each may say where the later ones are.
func TestLayers(t *testing.T) {
	configure(t, "a=user\nuserconfig=/nowhere")
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		return name
	}
	builtin := write("lib/npmrc", "a=builtin\nb=builtin\nc=builtin\nd=builtin")
	for _, err := range []error{os.Mkdir(filepath.Join(dir, "bin"), 0o700), os.Symlink(write("lib/bin/npm", ""), filepath.Join(dir, "bin", "npm"))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	global := write("other/etc/npmrc", "\na=global\nb=global\nc=global")
	t.Setenv("PATH", filepath.Join(dir, "bin"))
	t.Setenv("X", "replaced")
	expect := func(want map[string]setting) {
		t.Helper()
		c := LoadConfig()
		if c.fault != nil {
			t.Fatal(c.fault)
		}
		for key, w := range want {
			if got := c.get(key); got != w {
				t.Errorf("%s: got %v, want %v", key, got, w)
			}
		}
	}
	user := filepath.Join(os.Getenv("HOME"), ".npmrc")
	expect(map[string]setting{"a": {"user", user + ":1"}, "b": {"builtin", builtin + ":2"}, "e": {}})
	t.Setenv("PREFIX", filepath.Join(dir, "other"))
	t.Setenv("NPM_CONFIG_B", "variable of ${X}")
	expect(map[string]setting{"a": {"user", user + ":1"}, "b": {"variable of replaced", "NPM_CONFIG_B"}, "c": {"global", global + ":4"}, "d": {"builtin", builtin + ":4"}})
	t.Setenv("npm_config_prefix", filepath.Join(dir, "nowhere"))
	expect(map[string]setting{"c": {"builtin", builtin + ":3"}})
	t.Setenv("npm_config_globalconfig", write("global", "c=named"))
	expect(map[string]setting{"c": {"named", filepath.Join(dir, "global:1")}})
	t.Setenv("npm_config_userconfig", write("user", "a=another"))
	expect(map[string]setting{"a": {"another", filepath.Join(dir, "user:1")}})
	for _, key := range []string{"npm_config_userconfig", "npm_config_globalconfig"} {
		before := os.Getenv(key)
		t.Setenv(key, dir) // no file
		if err := LoadConfig().fault; err == nil {
			t.Errorf("%s names a folder: no error", key)
		}
		t.Setenv(key, before)
	}
	if err := os.WriteFile(builtin, []byte("[broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := LoadConfig().fault; err == nil {
		t.Error("a broken built-in file: no error")
	}
}

// An unreadable file is not an absent one, and a path is not the working
// directory's.
func TestFilesThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ npmrc, variable, value, want string }{
		{"", "HOME", "/dev/null", "not a directory"},
		{"", "npm_config_userconfig", "/dev/null/npmrc", "not a directory"},
		{"", "npm_config_userconfig", "npmrc", `expected an absolute path of npm's userconfig, found "npmrc"`},
		{"", "npm_config_globalconfig", "./npmrc", `expected an absolute path of npm's globalconfig, found "./npmrc"`},
		{"", "npm_config_prefix", "here", `expected an absolute path of npm's prefix, found "here"`},
		{"", "PREFIX", "here", `expected an absolute path of npm's prefix, found "here"`},
		{"prefix=~here", "X", "", `expected an absolute path of npm's prefix, found "~here"`},
		{"globalconfig=${X}/npmrc", "X", "here", `found "here/npmrc"`},
		{"prefix=~/here", "X", "", ""},
		{"", "npm_config_userconfig", "", ""},
		{"", "npm_config_globalconfig", "~/npmrc", ""},
		{"prefix=/nowhere", "npm_config_prefix", "", ""},
		{"globalconfig=/nowhere", "npm_config_prefix", "not needed", ""},
	} {
		t.Run(tt.variable+tt.npmrc, func(t *testing.T) {
			configure(t, tt.npmrc)
			t.Setenv(tt.variable, tt.value)
			t.Chdir(t.TempDir())
			err := LoadConfig().fault
			if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s=%s: got %v, want %q", tt.variable, tt.value, err, tt.want)
			}
		})
	}
}

// A path below ~/ is one below the home folder.
func TestHomeInPaths(t *testing.T) {
	configure(t, "prefix=~/npm")
	name := filepath.Join(os.Getenv("HOME"), "npm", "etc", "npmrc")
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("a=global"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := LoadConfig(); c.fault != nil || c.get("a") != (setting{"global", name + ":1"}) {
		t.Errorf("got %+v, %v", c.get("a"), c.fault)
	}
}

// What the file says is what npm reads in it, and where it stands is its line.
func TestSettings(t *testing.T) {
	const file = "/.npmrc"
	for _, tt := range []struct{ name, npmrc, key, value, from string }{
		{"a backslash at the end", "a=x\\\nregistry=https://r.example", "registry", "https://r.example", file + ":2"},
		{"a byte order mark", "\ufeffa=1", "a", "1", file + ":1"},
		{"blanks", " \ta = 1\r\n\tb\t= 2 \r\n", "b", "2", file + ":2"},
		{"quotes", "\n\"a\"=1", "a", "1", file + ":2"},
		{"another key of a section", "a=1\n [s]\na=2", "a", "1", file + ":1"},
		{"a comment", "a=1\n#a=2\n;a=3", "a", "1", file + ":1"},
		{"a key twice", "a=1\na=2", "a", "2", file + ":2"},
		{"a line that is not found", "\"a=b\"=1", "a=b", "1", file},
		{"a variable", "a=<${X}>", "a", "<x>", file + ":1"},
		{"a variable that is not set", "a=<${NOT_SET}>", "a", "<>", file + ":1"},
		{"no variable", "a=$X$$ ${} ${X", "a", "$X$$ ${} ${X", file + ":1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("X", "x")
			got := loaded(t, tt.npmrc).get(tt.key)
			if want := (setting{tt.value, os.Getenv("HOME") + tt.from}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestEmptyVariablesSayNothing(t *testing.T) {
	configure(t, "registry=https://r.example")
	t.Setenv("npm_config_registry", "")
	c := LoadConfig()
	if c.fault != nil {
		t.Fatal(c.fault)
	}
	if u, err := c.base("x"); err != nil || u.String() != "https://r.example/" {
		t.Errorf("got %v, %v", u, err)
	}
}

// The address comes from a library: it must stay the base of a registry.
func TestPublicAddress(t *testing.T) {
	t.Parallel()
	u, err := registry.ParseBase(publicAddress())
	if err != nil || u.Scheme != "https" || u.Path != "/" || u.String() != publicAddress() || !public(u) {
		t.Errorf("got %v, %v", u, err)
	}
}

func TestExplicitBaseOverridesScopes(t *testing.T) {
	c := loaded(t, "@s:registry=https://s.example")
	base, err := registry.ParseBase("https://explicit.example")
	if err != nil {
		t.Fatal(err)
	}
	c.Base = base
	if u, err := c.base("@s/x"); err != nil || u.String() != "https://explicit.example/" {
		t.Errorf("got %v, %v", u, err)
	}
}

func TestWorkingDirectoryIsNotRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".npmrc"), []byte("registry=https://evil.test/"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	configure(t, "")
	for _, home := range []string{os.Getenv("HOME"), "", "."} {
		t.Setenv("HOME", home)
		c := LoadConfig()
		if c.fault != nil {
			t.Fatal(c.fault)
		}
		if u, err := c.base("x"); err != nil || u.String() != publicAddress() {
			t.Errorf("HOME=%q: got %v, %v: the working directory may hold anybody's catalog", home, u, err)
		}
	}
}

func TestUnreadableConfiguration(t *testing.T) {
	configure(t, "//r.example/:_authToken=hunter2\n[broken\nhunter2")
	if err := LoadConfig().fault; err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, want an error that quotes nothing of the file", err)
	}
}

func TestAuthorization(t *testing.T) {
	c := loaded(t, strings.Join([]string{
		"//bearer.example/:_authToken=t1",
		"//prefix.example/a/:_authToken=t2",
		"//basic.example/:_auth=dTpw",
		"//user.example/:username=u",
		"//user.example/:_password=cA==",
		"//half.example/:username=u",
		"//port.example:8443/:_authToken=t3",
	}, "\n"))
	for _, tt := range []struct{ url, want string }{
		{"https://bearer.example/", "Bearer t1"},
		{"https://bearer.example/x/1.0.0", "Bearer t1"},
		{"https://bearer.example/@s%2fx", "Bearer t1"},
		{"https://bearer.example.evil.test/", ""},
		{"https://sub.bearer.example/", ""},
		{"https://bearer.example:8443/", ""},
		{"https://port.example:8443/", "Bearer t3"},
		{"https://port.example/", ""},
		{"https://prefix.example/a/x", "Bearer t2"},
		{"https://prefix.example/ab/x", ""},
		{"https://prefix.example/", ""},
		{"https://basic.example/x", "Basic dTpw"},
		{"https://user.example/x", "Basic dTpw"},
		{"https://half.example/x", ""},
	} {
		u, err := registry.ParseBase(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.authorization(u); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.url, got, tt.want)
		}
	}
}

func TestTokensStayHome(t *testing.T) {
	f := serve(t, map[string]answer{
		"/x/1.0.0": ok(manifestJSON("x", "1.0.0", `,"attestations":{"url":"https://evil.test/a"}`)),
		"/a":       {http.StatusForbidden, "the token hunter2hunter2 has expired"},
	})
	c := loaded(t, "registry="+f.url.String()+"\n//"+f.url.Host+"/:_authToken=hunter2hunter2")
	r := New(client(), c)
	e, err := r.Fetch(context.Background(), release2("x", "1.0.0"), nil, nil)
	a := one(t, e, err)
	if f.tokens["/x/1.0.0"] != "Bearer hunter2hunter2" || f.tokens["/a"] != "Bearer hunter2hunter2" {
		t.Errorf("tokens %v", f.tokens)
	}
	if !strings.Contains(a.Missing, "403") || strings.Contains(a.Missing, "hunter2") {
		t.Errorf("Missing is %q", a.Missing)
	}
	other := serve(t, map[string]answer{"/x/1.0.0": ok(manifestJSON("x", "1.0.0", `,"signatures":[{"keyid":"k","sig":"s"}]`))})
	c.Base = other.url
	if _, err := New(client(), c).Fetch(context.Background(), release2("x", "1.0.0"), nil, nil); err != nil {
		t.Fatal(err)
	}
	if other.tokens["/x/1.0.0"] != "" {
		t.Error("the token went to another registry")
	}
}

func TestRegistries(t *testing.T) {
	c := loaded(t, strings.Join([]string{
		"registry=https://r.example/npm",
		"@b:registry=https://b.example",
		"@a:registry=http://a.example",
		"//b.example/:_authToken=hunter2",
	}, "\n"))
	got := c.Registries()
	if len(got) != 3 || got[0].Scope != "" || got[0].Base.String() != "https://r.example/npm/" || got[0].Credentials ||
		got[1].Scope != "@a" || got[1].Err == nil || !strings.HasPrefix(got[1].Err.Error(), `npm's configuration for "@a": plain http`) ||
		got[2].Scope != "@b" || got[2].Base.String() != "https://b.example/" || !got[2].Credentials ||
		!strings.HasSuffix(got[0].From, "/.npmrc:1") || !strings.HasSuffix(got[2].From, "/.npmrc:2") {
		t.Errorf("got %+v", got)
	}
	if broken := loaded(t, "registry=http://r.example").Registries(); len(broken) != 1 || broken[0].Err == nil || !strings.HasPrefix(broken[0].Err.Error(), "npm's configuration: plain http") {
		t.Errorf("got %+v", broken)
	}
	c.Base = got[2].Base
	if got := c.Registries(); len(got) != 1 || got[0].Base.String() != "https://b.example/" || !got[0].Credentials {
		t.Errorf("got %+v", got)
	}
}
