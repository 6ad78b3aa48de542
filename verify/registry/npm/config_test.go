package npm

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// loaded is the configuration of a user's .npmrc.
func loaded(t *testing.T, npmrc string, variables ...string) Config {
	t.Helper()
	c := LoadConfig(lay(t, npmrc, "", "", variables...).environ)
	if c.fault != nil {
		t.Fatal(c.fault)
	}
	return c
}

func TestBase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, npmrc, pkg, want string }{
		{"nothing configured", "", "x", "public"},
		{"nothing configured, scoped", "", "@s/x", "public"},
		{"registry", "registry=https://r.example/npm", "x", "https://r.example/npm/"},
		{"scope", "registry=https://r.example\n@s:registry=https://s.example", "@s/x", "https://s.example/"},
		{"no scope", "@s:registry=https://s.example", "s", "public"},
		{"plain http", "registry=http://r.example", "x", "error: .npmrc:1): plain http"},
		{"a bare key", "\nregistry", "x", `error: .npmrc:2): expected a registry address such as https://registry.example/, found "true"`},
		{"a section", "[registry]", "x", `error: found "[object Object]"`},
		{"credentials in the address", "@s:registry=https://u:hunter2@s.example", "@s/x", "https://s.example/"},
		{"a broken address with credentials", "@s:registry=u:hunter2@s.example", "@s/x", "error: expected a registry address"},
		{"a variable that is not set", "registry=https://${NOT_SET}/", "x", "error: expected a registry address"},
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

// Each value says where it stands.
func TestOrigins(t *testing.T) {
	t.Parallel()
	p := lay(t, "\ufeff\n\r\n\"registry\"=https://r.example/\n[s]\n@s:registry=https://no.example/\n", "\n@g:registry=https://g.example/", ";\n@b:registry=https://b.example/\n", "NPM_CONFIG_@E:registry=https://e.example/")
	var got []string
	for _, served := range LoadConfig(p.environ).Registries() {
		got = append(got, served.Scope+" "+strings.TrimPrefix(served.From, p.dir))
	}
	if want := []string{" /.npmrc:3", "@b /npm/npmrc:2", "@e NPM_CONFIG_@E:registry", "@g /node/etc/npmrc:2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A file that cannot be read is not one that is absent, and a path is not the
// working directory's. What is wrong is the error of packages, unless their
// registry is named: the credentials that could be read still count.
func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ npmrc, variable, want string }{
		{"", "npm_config_userconfig={dir}", ", found a folder"},
		{"", "npm_config_userconfig=/dev/null/npmrc", "not a directory"},
		{"", "npm_config_globalconfig={dir}", ", found a folder"},
		{"", "npm_config_userconfig=npmrc", `npm_config_userconfig: expected an absolute path of npm's userconfig, found "npmrc"`},
		{"", "npm_config_globalconfig=./npmrc", `expected an absolute path of npm's globalconfig, found "./npmrc"`},
		{"", "npm_config_prefix=here", `expected an absolute path of npm's prefix, found "here"`},
		{"", "PREFIX=here", `expected an absolute path of npm's prefix in PREFIX, found "here"`},
		{"prefix=~here", "X=", `expected an absolute path of npm's prefix, found "~here"`},
		{"prefix=", "X=", `expected an absolute path of npm's prefix, found ""`},
		{"globalconfig=${X}/npmrc", "X=here", `found "here/npmrc"`},
		{"'null'=1", "X=", "npm itself ends at it"},
		{"[scope]", "X=", "npm itself ends at it"},
		{"", "HOME=/dev/null", ""},
		{"", "npm_config_userconfig=/dev/null", ""},
		{"", "npm_config_userconfig=/nowhere/npmrc", ""},
		{"prefix=~/here", "X=", ""},
		{"", "npm_config_globalconfig=~/npmrc", ""},
		{"globalconfig=/nowhere", "npm_config_prefix=not needed", ""},
		{"globalconfig=null", "npm_config_prefix=not needed", ""},
	} {
		p := lay(t, tt.npmrc, "", "", strings.ReplaceAll(tt.variable, "{dir}", t.TempDir()), "npm_config_//r.example/:_authToken=t")
		if strings.HasPrefix(tt.variable, "HOME=") {
			p.environ[0] = tt.variable
		}
		c := LoadConfig(p.environ)
		_, err := c.base("x")
		if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %s: got %v, want %q", tt.npmrc, tt.variable, err, tt.want)
		}
		if list := c.Registries(); err != nil && (len(list) != 1 || list[0].Err == nil || list[0].From != "npm's configuration") {
			t.Errorf("got %+v", list)
		}
		c.Base = &url.URL{Scheme: "https", Host: "r.example", Path: "/"}
		if u, err := c.base("x"); err != nil || u.Host != "r.example" || c.authorization(u, u) != "Bearer t" {
			t.Errorf("%s, %s, named: got %v, %v", tt.npmrc, tt.variable, u, err)
		}
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

func TestWorkingDirectoryIsNotRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".npmrc"), []byte("registry=https://evil.test/"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, environ := range [][]string{nil, {"HOME="}, {"HOME=."}, {"HOME=relative", "PATH=.:"}} {
		if u, err := LoadConfig(environ).base("x"); err != nil || u.String() != publicAddress() {
			t.Errorf("%q: got %v, %v: the working directory may hold anybody's catalog", environ, u, err)
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
	if !strings.Contains(a.Missing, "403") || !strings.Contains(a.Missing, "the credentials of npm's configuration were sent") || strings.Contains(a.Missing, "hunter2") {
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
	refuses := serve(t, map[string]answer{"/x/1.0.0": {http.StatusUnauthorized, "{}"}})
	c.Base = refuses.url
	want := "no credentials were sent: npm's configuration has none for \"" + refuses.url.Host + "\" (//" + refuses.url.Host + "/:_authToken)"
	if _, err := New(client(), c).Fetch(context.Background(), release2("x", "1.0.0"), nil, nil); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	for npmrc, want := range map[string]string{
		"//" + refuses.url.Host + "/:_authToken=${NPM_TOKEN}": "; the token in npm's configuration is the variable NPM_TOKEN, which is not set",
		"'null'=1": "; no credentials were sent: read npm's configuration ",
	} {
		c := LoadConfig(lay(t, npmrc, "", "").environ)
		c.Base = refuses.url
		if _, err := New(client(), c).Fetch(context.Background(), release2("x", "1.0.0"), nil, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Who cannot reach the proxy learns whose it is.
func TestProxyThatIsNotThere(t *testing.T) {
	t.Parallel()
	c := loaded(t, "registry=https://r.example/\nhttps-proxy=http://u:hunter2@127.0.0.1:1")
	asking := registry.New(registry.Options{Transport: registry.NewTransport(c.Transport(nil))})
	_, err := New(asking, c).Fetch(t.Context(), release2("x", "1.0.0"), nil, nil)
	if err == nil || !strings.Contains(err.Error(), `the proxy "127.0.0.1:1"`) || !strings.HasSuffix(err.Error(), "npmrc:2) names that proxy") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

// Credentials in the address go with every request to that registry, and to no
// other; nobody sees them.
func TestCredentialsInTheAddress(t *testing.T) {
	f := serve(t, map[string]answer{"/x/1.0.0": ok(manifestJSON("x", "1.0.0", `,"signatures":[{"keyid":"k","sig":"s"}]`))})
	c := loaded(t, "registry="+strings.Replace(f.url.String(), "://", "://u:hunter2@", 1)+"\n@s:registry=https://s.example/")
	e, err := New(client(), c).Fetch(context.Background(), release2("x", "1.0.0"), nil, nil)
	if err != nil || f.tokens["/x/1.0.0"] != "Basic dTpodW50ZXIy" || e.Registry != untrusted.Text(f.url.String()) {
		t.Errorf("got %v, tokens %v, registry %s", err, f.tokens, e.Registry)
	}
	elsewhere := &url.URL{Scheme: f.url.Scheme, Host: "elsewhere.example", Path: "/"}
	if header := c.authorization(elsewhere, f.url); header != "" {
		t.Errorf("another host is sent %q", header)
	}
	list := c.Registries()
	if len(list) != 2 || !list[0].Credentials || list[1].Credentials || list[0].Base.User != nil {
		t.Errorf("got %+v", list)
	}
}

func TestRegistries(t *testing.T) {
	t.Parallel()
	c := loaded(t, strings.Join([]string{
		"registry=https://r.example/npm",
		"@b:registry=https://b.example",
		"@a:registry=http://a.example",
		"@c:registry=",
		"//b.example/:_authToken=hunter2",
	}, "\n"))
	got := c.Registries()
	if len(got) != 3 || got[0].Scope != "" || got[0].Base.String() != "https://r.example/npm/" || got[0].Credentials ||
		got[1].Scope != "@a" || got[1].Err == nil || !strings.Contains(got[1].Err.Error(), "/.npmrc:3): plain http") ||
		got[2].Scope != "@b" || got[2].Base.String() != "https://b.example/" || !got[2].Credentials ||
		!strings.HasSuffix(got[0].From, "/.npmrc:1") || !strings.HasSuffix(got[2].From, "/.npmrc:2") {
		t.Errorf("got %+v", got)
	}
	c.Base = got[2].Base
	if got := c.Registries(); len(got) != 1 || got[0].Base.String() != "https://b.example/" || !got[0].Credentials {
		t.Errorf("got %+v", got)
	}
	if u, err := c.base("@s/x"); err != nil || u.String() != "https://b.example/" {
		t.Errorf("got %v, %v", u, err)
	}
}

// What is not obeyed is said, on the packages that it concerns, and no secret of
// it.
func TestIgnored(t *testing.T) {
	t.Parallel()
	c := loaded(t, "strict-ssl=false\n_auth=hunter2\nkey=hunter2\n//r.example/a/:certfile=/c\n//r.example/a/:keyfile=/k\n"+
		"//s.example/:certfile=/half\ncafile=/nowhere/ca.pem\n", "NODE_EXTRA_CA_CERTS=/nowhere/extra.pem", "npm_config__authtoken=hunter2")
	names := func(list []registry.Setting) string {
		var b strings.Builder
		for _, i := range list {
			b.WriteString(i.Name + " ")
			if text := i.String(); strings.Contains(text, "hunter2") || i.Why == "" || i.From == "" {
				t.Errorf("%+v", i)
			}
		}
		return b.String()
	}
	const always = "cafile NODE_EXTRA_CA_CERTS strict-ssl _auth _authtoken key "
	if got := names(c.Ignored()); got != always+"//r.example/a/:certfile " {
		t.Errorf("got %q", got)
	}
	for address, more := range map[string]string{"https://r.example/a/b/": "//r.example/a/:certfile ", "https://r.example/": "", "https://s.example/": ""} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		named := c
		named.Base = u
		if got := names(named.Ignored()); got != always+more || names(c.ignoredFor(u)) != got {
			t.Errorf("%s: got %q", address, got)
		}
	}
	if list := loaded(t, "strict-ssl=true\ncafile=null\nregistry=https://r.example/\n//r.example/:_authToken=t\n").Ignored(); len(list) != 0 {
		t.Errorf("got %+v", list)
	}
}

// selfSigned is a certificate of nobody, in PEM.
func selfSigned(t *testing.T) []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// npm's authorities take the place of the system's, unless the environment names
// those; Node's and those of the command line count in any case.
func TestAuthorities(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	right, _ := certificatePEM(t) // the same for every server of httptest
	file, another := filepath.Join(t.TempDir(), "ca.pem"), filepath.Join(t.TempDir(), "another.pem")
	if err := errors.Join(os.WriteFile(file, []byte("a comment\n"+right), 0o600), os.WriteFile(another, selfSigned(t), 0o600)); err != nil {
		t.Fatal(err)
	}
	reach := func(c Config, others ...*x509.Certificate) string {
		resp, err := (&http.Client{Transport: registry.NewTransport(c.Transport(others))}).Get(server.URL)
		if err != nil {
			return err.Error()
		}
		resp.Body.Close()
		return "reached"
	}
	named := &url.URL{Scheme: "https", Host: "r.example", Path: "/"}
	for _, tt := range []struct {
		name, npmrc string
		variable    string
		base        *url.URL
		want        string
	}{
		{"none", "", "X=", nil, "certificate signed by unknown authority"},
		{"cafile", "cafile=" + file, "X=", nil, "reached"},
		{"ca", "ca=\"" + strings.ReplaceAll(right, "\n", `\n`) + "\"", "X=", nil, "reached"},
		{"Node's", "", "NODE_EXTRA_CA_CERTS=" + file, nil, "reached"},
		{"a file that is not there", "cafile=/nowhere", "NODE_EXTRA_CA_CERTS=" + file, nil, "reached"},
		{"another file, and Node's", "cafile=" + another, "NODE_EXTRA_CA_CERTS=" + file, nil, "reached"},
		{"another file", "cafile=" + another, "X=", nil, "certificate signed by unknown authority"},
		{"a ca that is none", "ca=nothing", "NODE_EXTRA_CA_CERTS=" + file, nil, "npmrc:1): expected certificates in PEM, found none"},
		{"a file that is none", "cafile=/dev/null", "X=", nil, "npmrc:1): expected certificates in PEM, found none"},
		{"a folder", "cafile=/", "X=", nil, "npm's cafile"},
		{"a relative path", "cafile=ca.pem", "X=", nil, `npmrc:1): expected an absolute path, found "ca.pem"`},
		{"a fault and a registry that is named", "ca=nothing", "X=", named, "certificate signed by unknown authority"},
	} {
		c := loaded(t, tt.npmrc, tt.variable)
		c.Base = tt.base
		if got := reach(c); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
		if said := len(c.Ignored()); tt.base != nil && said != 1 {
			t.Errorf("%s: %d settings are said", tt.name, said)
		}
	}
	if got := reach(loaded(t, ""), server.Certificate()); got != "reached" {
		t.Error(got)
	}
	for npmrc, want := range map[string]string{"": "with --ca-file FILE, or to npm as its cafile", "cafile=" + another: "npmrc:1) takes the place of the system's authorities"} {
		c := loaded(t, npmrc+"\nregistry="+server.URL)
		asking := registry.New(registry.Options{Transport: registry.NewTransport(c.Transport(nil))})
		if _, err := New(asking, c).Fetch(t.Context(), release2("x", "1.0.0"), nil, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for variable, want := range map[string]bool{"X=": true, "SSL_CERT_FILE=" + file: false, "SSL_CERT_DIR=/nowhere": false} {
		if c := loaded(t, "cafile="+file, variable); c.replacesSystem() != want || loaded(t, "", variable).replacesSystem() {
			t.Errorf("%s: npm's take the place of the system's: %v", variable, !want)
		}
	}
}

// This machine is asked directly, whatever is configured; an error shows no
// password, and a registry that is named needs none of npm's.
func TestProxy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		npmrc, variable, address string
		named                    bool
		want                     string
	}{
		{"proxy=http://p.example:1", "X=", "http://127.0.0.1:8080/", false, "none"},
		{"proxy=http://p.example:1", "X=", "https://localhost/", false, "none"},
		{"proxy=http://p.example:1", "X=", "https://[::1]/", false, "none"},
		{"proxy=http://p.example:1\nnoproxy=[2001:db8::1]", "X=", "https://[2001:db8::1]/", false, "none"},
		{"proxy=socks://p.example:1", "X=", "https://r.example/", false, "socks5h://p.example:1"},
		{"proxy=socks4://p.example:1", "X=", "https://r.example/", false, `npmrc:1): a proxy of the kind "socks4" is not supported`},
		{"https-proxy=u:hunter2@p.example:1", "X=", "https://r.example/", false, "found \"one with an @ in it\""},
		{"", "HTTPS_PROXY=p.example:1", "https://r.example/", false, "http://p.example:1"},
		{"", "https_proxy=ftp://u:hunter2@p.example:1", "https://r.example/", false, `https_proxy: a proxy of the kind "ftp"`},
		{"proxy=p.example:1", "https_proxy=http://e.example", "https://r.example/", true, "http://e.example"},
		{"proxy=p.example:1", "X=", "https://r.example/", true, "none"},
		{"proxy=http://p.example:1", "https_proxy=http://e.example", "https://r.example/", true, "http://p.example:1"},
	} {
		c := loaded(t, tt.npmrc, tt.variable)
		u, err := url.Parse(tt.address)
		if err != nil {
			t.Fatal(err)
		}
		if tt.named {
			c.Base = u
		}
		proxy, err := c.Transport(nil).Proxy(&http.Request{URL: u})
		got := "none"
		switch {
		case err != nil:
			got = err.Error()
		case proxy != nil:
			got = proxy.String()
		}
		if !strings.Contains(got, tt.want) || strings.Contains(got, "hunter2") {
			t.Errorf("%+v: got %s", tt, got)
		}
	}
}

// What is shown of the connection holds no secret.
func TestConnection(t *testing.T) {
	t.Parallel()
	c := loaded(t, "https-proxy=http://u:hunter2@p.example:1\nproxy=u:hunter2@p.example\nnoproxy=a.example,b.example\nca=hunter2\nalways-auth\n")
	var got []string
	for _, row := range c.Connection() {
		got = append(got, row.Name+" "+row.Value)
		if strings.Contains(row.Value, "hunter2") || !strings.Contains(row.From, "npmrc:") || row.Credentials != (row.Name == "https-proxy") {
			t.Errorf("%+v", row)
		}
	}
	if len(got) != 5 || got[0] != "https-proxy http://p.example:1" || !strings.HasPrefix(got[1], "proxy expected") || got[2] != "noproxy a.example,b.example" ||
		!strings.HasPrefix(got[3], "ca npm's ca") || !strings.HasPrefix(got[4], "always-auth ") {
		t.Errorf("got %q", got)
	}
	if list := loaded(t, "proxy=false\nnoproxy=\nca=null\n").Connection(); len(list) != 0 {
		t.Errorf("got %+v", list)
	}
}
