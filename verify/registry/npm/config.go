package npm

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/veles/secrets/npmjsaccesstoken"
	"gopkg.in/ini.v1"

	"plimsoll/verify/registry"
)

// Config says which registry serves a package. The zero value knows the public
// registry only.
type Config struct {
	// Base is the registry that a person named; it serves every package,
	// scoped or not. nil follows npm's own configuration.
	Base *url.URL

	layers []settings // npm's own configuration, what counts first before the rest
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
// anybody's, and could send requests, and tokens, elsewhere.
func LoadConfig() (Config, error) {
	builtin, err := readSettings(builtinFile())
	if err != nil {
		return Config{}, err
	}
	c := Config{layers: []settings{environment(), builtin}}
	file := c.get("userconfig").value
	if home, err := os.UserHomeDir(); file == "" && err == nil && filepath.IsAbs(home) { // else it is the working directory's
		file = filepath.Join(home, ".npmrc")
	}
	user, err := readSettings(file)
	if err != nil {
		return Config{}, err
	}
	c.layers = slices.Insert(c.layers, 1, user)
	file = c.get("globalconfig").value
	if prefix := cmp.Or(c.get("prefix").value, os.Getenv("PREFIX")); file == "" && prefix != "" {
		file = filepath.Join(prefix, "etc", "npmrc")
	}
	global, err := readSettings(file)
	if err != nil {
		return Config{}, err
	}
	c.layers = slices.Insert(c.layers, 2, global)
	return c, nil
}

// environment reads npm_config_*, whose case does not matter.
func environment() settings {
	found := settings{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if key, ok := strings.CutPrefix(strings.ToLower(name), "npm_config_"); ok {
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
	file, err := ini.LoadSources(ini.LoadOptions{KeyValueDelimiters: "="}, data)
	if err != nil {
		// The library's text may quote a line of the file, and so a token.
		return nil, fmt.Errorf("read npm's configuration: expected key = value in every line of %q", name)
	}
	lines := map[string]int{}
	for i, line := range strings.Split(string(data), "\n") {
		key, _, _ := strings.Cut(line, "=")
		lines[strings.TrimSpace(key)] = i + 1
	}
	found := settings{}
	for _, key := range file.Section("").Keys() {
		found[key.Name()] = setting{key.Value(), fmt.Sprintf("%s:%d", name, lines[key.Name()])}
	}
	return found, nil
}

// get returns a setting, or the zero one. Variables in it are replaced.
func (c Config) get(key string) setting {
	for _, layer := range c.layers {
		if s, ok := layer[key]; ok {
			return setting{os.ExpandEnv(s.value), s.from}
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
