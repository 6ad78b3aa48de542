package npm

import (
	"cmp"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/veles/secrets/npmjsaccesstoken"
	"gopkg.in/ini.v1"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// Config says which registry serves a package. The zero value knows the public
// registry only.
type Config struct {
	// Base is the registry that a person named; it serves every package,
	// scoped or not. nil follows npm's own configuration.
	Base *url.URL
	// Whole is set if the registries serve manifests of versions as the public one
	// does: what one of them lacks is nowhere else.
	Whole bool

	layers []settings // npm's own configuration, what counts first before the rest
	fault  error      // why that cannot be read
}

// settings are the keys of one place of npm's configuration.
type settings map[string]setting

type setting struct {
	value string // not to be shown: it may be a token
	from  string // the variable, or the file with the line
}

// LoadConfig reads npm's own configuration: npm_config_* in the environment,
// the user's and the global .npmrc, and npm's built-in one. A project's .npmrc
// is never read: the one in a catalog or in the working directory may be
// anybody's, and could send requests, and tokens, elsewhere. What is wrong with
// it is the error of a package that needs it.
func LoadConfig() Config {
	var c Config
	c.fault = c.load()
	return c
}

func (c *Config) load() error {
	builtin, err := readSettings(builtinFile())
	if err != nil {
		return err
	}
	c.layers = []settings{environment(), builtin}
	file, err := c.path("userconfig", "~/.npmrc")
	if err != nil {
		return err
	}
	user, err := readSettings(file)
	if err != nil {
		return err
	}
	c.layers = slices.Insert(c.layers, 1, user)
	file, err = c.path("globalconfig", "")
	if err == nil && file == "" {
		if file, err = c.path("prefix", os.Getenv("PREFIX")); file != "" {
			file = filepath.Join(file, "etc", "npmrc")
		}
	}
	if err != nil {
		return err
	}
	global, err := readSettings(file)
	if err != nil {
		return err
	}
	c.layers = slices.Insert(c.layers, 2, global)
	return nil
}

// Transport returns how npm's registries are reached. others are certificate authorities
// beside the system's.
func (c Config) Transport(others []*x509.Certificate) registry.TransportOptions {
	return registry.TransportOptions{RootCAs: registry.Authorities(others...)}
}

// path returns the path that a setting names, or by default another one; "" if
// it has none. ~/ is the home folder, without which there is no default in it. A
// relative path would be the working directory's.
func (c Config) path(key, byDefault string) (string, error) {
	name := cmp.Or(c.get(key).value, byDefault)
	if below, ok := strings.CutPrefix(name, "~/"); ok {
		home, err := os.UserHomeDir()
		if err == nil && filepath.IsAbs(home) {
			return filepath.Join(home, below), nil
		}
		if name == byDefault {
			return "", nil
		}
	}
	if name != "" && !filepath.IsAbs(name) {
		return "", fmt.Errorf("expected an absolute path of npm's %s, found %q", key, untrusted.Text(name))
	}
	return name, nil
}

// environment reads npm_config_*, whose case does not matter. Without a value
// they say nothing.
func environment() settings {
	found := settings{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if key, ok := strings.CutPrefix(strings.ToLower(name), "npm_config_"); ok && value != "" {
			found[key] = setting{value, name}
		}
	}
	return found
}

// builtinFile is the npmrc beside the npm program, or "" if there is none.
func builtinFile() string {
	program, err := exec.LookPath("npm")
	if err == nil {
		program, err = filepath.EvalSymlinks(program)
	}
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(program), "..", "npmrc")
}

func readSettings(name string) (settings, error) {
	data, err := registry.ReadSettings(name)
	if err != nil {
		return nil, fmt.Errorf("read npm's configuration: %w", err)
	}
	file, err := ini.LoadSources(ini.LoadOptions{KeyValueDelimiters: "=", IgnoreContinuation: true}, data)
	if err != nil {
		// The library's text may quote a line of the file, and so a token.
		return nil, fmt.Errorf("read npm's configuration: expected key = value in every line of %q", name)
	}
	lines := linesOf(data)
	found := settings{}
	for _, key := range file.Section("").Keys() {
		from := name
		if line := lines[key.Name()]; line > 0 {
			from = fmt.Sprintf("%s:%d", name, line)
		}
		found[key.Name()] = setting{key.Value(), from}
	}
	return found, nil
}

// linesOf returns the line of each key before the first section.
func linesOf(data []byte) map[string]int {
	lines := map[string]int{}
	for i, line := range strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			break
		}
		key, _, _ := strings.Cut(line, "=")
		lines[strings.Trim(key, " \t\"`")] = i + 1
	}
	return lines
}

// variable is a variable of the environment in a value. npm knows no $NAME: a
// password may have a dollar sign.
var variable = regexp.MustCompile(`\$\{[^${}]+\}`)

// get returns a setting, or the zero one. Variables in it are replaced.
func (c Config) get(key string) setting {
	for _, layer := range c.layers {
		if s, ok := layer[key]; ok {
			value := variable.ReplaceAllStringFunc(s.value, func(v string) string { return os.Getenv(v[2 : len(v)-1]) })
			return setting{value, s.from}
		}
	}
	return setting{}
}

// publicAddress is the registry that npm uses if nothing is configured: a
// library knows where tokens for it are checked.
func publicAddress() string {
	address, _, _ := strings.Cut(npmjsaccesstoken.NewValidator().Endpoint, "-/")
	return address
}

// registryOf returns the setting with the registry of a scope, "" for the one
// of every package.
func (c Config) registryOf(scope string) setting {
	if scope == "" {
		return c.get("registry")
	}
	return c.get(scope + ":registry")
}

// base returns the registry of a package.
func (c Config) base(name string) (*url.URL, error) {
	if c.Base != nil {
		return registry.ParseBase(c.Base.String())
	}
	if c.fault != nil {
		return nil, c.fault
	}
	scope := ""
	if strings.HasPrefix(name, "@") {
		scope, _, _ = strings.Cut(name, "/")
	}
	address := c.registryOf(scope).value
	if address == "" {
		scope, address = "", cmp.Or(c.get("registry").value, publicAddress())
	}
	u, err := registry.ParseBase(address)
	if err != nil && scope != "" {
		return nil, fmt.Errorf("npm's configuration for %q: %w", scope, err)
	}
	if err != nil {
		return nil, fmt.Errorf("npm's configuration: %w", err)
	}
	return u, nil
}

// Ignored lists the settings of npm that are not obeyed.
func (c Config) Ignored() (list []registry.Ignored) {
	if s := c.get("strict-ssl"); s.value == "false" {
		list = append(list, registry.Ignored{Name: "strict-ssl", Value: s.value, From: s.from,
			Why: "certificates are always checked; name a private authority with --ca-file or npm's cafile"})
	}
	return list
}

// Served is one registry of npm's configuration.
type Served struct {
	Scope       string // "@scope", or "" for every package without a registry of its own
	Base        *url.URL
	Err         error  // why the registry cannot be asked; Base is then nil
	Credentials bool   // there are some for it
	From        string // a variable, or a file with the line; "" if it is npm's default
}

// Registries lists the registries of the configuration: the one for every
// package first, then by scope.
func (c Config) Registries() []Served {
	if c.Base == nil && c.fault != nil {
		return []Served{{Err: c.fault, From: "npm's configuration"}}
	}
	scopes := []string{""}
	if c.Base == nil {
		for _, layer := range c.layers {
			for key := range layer {
				if scope, ok := strings.CutSuffix(key, ":registry"); ok {
					scopes = append(scopes, scope)
				}
			}
		}
		slices.Sort(scopes)
		scopes = slices.Compact(scopes)
	}
	var list []Served
	for _, scope := range scopes {
		base, err := c.base(strings.TrimPrefix(scope+"/x", "/"))
		s := Served{Scope: scope, Base: base, Err: err, From: c.registryOf(scope).from}
		s.Credentials = err == nil && c.authorization(base) != ""
		list = append(list, s)
	}
	return list
}

// public reports whether base is the public registry, which serves whole
// manifests.
func public(base *url.URL) bool {
	u, err := registry.ParseBase(publicAddress())
	return err == nil && registry.SameHost(u, base)
}

// authorization returns the Authorization header for a request to u, or "" if
// npm has no credentials for that host and path. npm looks for them at the path
// and at every one above it, with a slash at the end and without.
func (c Config) authorization(u *url.URL) string {
	for path := "//" + u.Host + u.EscapedPath(); path != "//"; {
		value := func(key string) string { return c.get(path + ":" + key).value }
		if token := value("_authToken"); token != "" {
			return "Bearer " + token
		}
		if basic := value("_auth"); basic != "" {
			return "Basic " + basic
		}
		password, err := base64.StdEncoding.DecodeString(value("_password"))
		if user := value("username"); user != "" && err == nil && len(password) > 0 {
			return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+string(password)))
		}
		var found bool
		if path, found = strings.CutSuffix(path, "/"); !found {
			path = path[:strings.LastIndexByte(path, '/')+1]
		}
	}
	return ""
}
