package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
	"plimsoll/verify/registry"
)

// maxConfigFile bounds plimsoll.yaml, in bytes.
const maxConfigFile = 1 << 20

// A key of plimsoll.yaml is the flag of the same name. What only makes sense
// for one run has none.
var configKeys = []string{"npm-registry", "pypi-index", "trusted-root", "npm-keys", "tuf-mirror", "tuf-root",
	"ca-file", "cache-dir", "cache-size", "offline", "jobs", "log-file", "no-color", "ascii", "theme"}

// ConfigKeys returns the keys of plimsoll.yaml that are the flags of the same names.
func ConfigKeys() []string { return slices.Clone(configKeys) }

// Keys whose values are paths, which are relative to the file, and addresses.
var (
	pathKeys    = []string{"trusted-root", "npm-keys", "tuf-root", "ca-file", "cache-dir", "log-file"}
	addressKeys = []string{"npm-registry", "pypi-index", "tuf-mirror"}
	boolKeys    = []string{"offline", "no-color", "ascii"}
)

// configFile is the path of plimsoll.yaml, or "" if there is no place for one.
// The working directory and the catalog are never looked into: they may be
// anybody's.
func configFile(env Env) string {
	if dir := xdgDir(env, "XDG_CONFIG_HOME", ".config"); dir != "" {
		return filepath.Join(dir, "plimsoll.yaml")
	}
	return ""
}

// xdgDir is plimsoll's folder in the one that a variable names, else in one of
// the home folder (XDG Base Directory Specification); "" if there is neither.
func xdgDir(env Env, variable, inHome string) string {
	if dir := env.Getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "plimsoll")
	}
	if home := env.Getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, inHome, "plimsoll")
	}
	return ""
}

// stateDir is the folder of what is kept of earlier runs.
func stateDir(env Env) (string, error) {
	dir := xdgDir(env, "XDG_STATE_HOME", filepath.Join(".local", "state"))
	if dir == "" {
		return "", errors.New("no folder for state: neither XDG_STATE_HOME nor HOME is an absolute path")
	}
	return dir, nil
}

// configured is one value of plimsoll.yaml.
type configured struct {
	value string
	line  int
}

// config is plimsoll.yaml.
type config struct {
	values map[string]configured // of flags, by name
	screen screenConfig
}

// readConfig reads plimsoll.yaml, strictly: an unknown key is an error with
// its line. A file that is not there says nothing.
func readConfig(name string) (c config, err error) {
	if name == "" {
		return c, nil
	}
	data, err := untrusted.ReadRegularFile(name, maxConfigFile)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR): // a file in place of a folder holds none
		return c, nil
	case err != nil:
		return c, err
	case len(bytes.TrimSpace(data)) == 0:
		return c, nil
	}
	file, m := yamlfile.Parse(data, untrusted.Text(name), maxConfigFile)
	m.Only(append([]string{"keys", "views"}, configKeys...)...)
	values := map[string]configured{}
	for _, key := range configKeys {
		value := ""
		if key == "theme" {
			value = configuredTheme(m)
		} else if !slices.Contains(boolKeys, key) {
			value = m.Text(key)
		} else if b, ok := m.Bool(key); ok {
			value = strconv.FormatBool(b)
		}
		if value == "" {
			continue
		}
		if slices.Contains(addressKeys, key) {
			if err := checkAddress(key, value); err != nil {
				m.Fail(key, "%s", untrusted.Message(err))
			}
		}
		if slices.Contains(pathKeys, key) && !filepath.IsAbs(value) {
			value = filepath.Join(filepath.Dir(name), value)
		}
		values[key] = configured{value, m.Line(key)}
	}
	if _, ok := values["trusted-root"]; ok && values["tuf-mirror"].value != "" {
		m.Fail("tuf-mirror", "expected this or trusted-root, found both")
	}
	if values["tuf-root"].value != "" && values["tuf-mirror"].value == "" {
		m.Fail("tuf-root", "expected a tuf-mirror beside it, found none")
	}
	return config{values, readScreen(m)}, file.Err()
}

// applyConfig sets the flags of a command that were not given to the values of
// plimsoll.yaml. Flags, and what excludes a value, come before the file.
func applyConfig(env Env, c *cobra.Command) error {
	if c.Flags().Lookup("cache-dir") == nil && c.Flags().Lookup("ascii") == nil {
		return nil // it neither verifies, nor shows the cache, nor draws
	}
	name := configFile(env)
	config, err := readConfig(name)
	if err != nil {
		return unreadable(err)
	}
	for _, key := range configKeys {
		v, ok := config.values[key]
		flag := c.Flags().Lookup(key)
		if !ok || flag == nil || excluded(c, key) {
			continue
		}
		if err := flag.Value.Set(v.value); err != nil {
			return unreadable(fmt.Errorf("%s:%d: %s: %q: %w", untrusted.Clean(name), v.line, key, untrusted.Text(v.value), err))
		}
	}
	return nil
}

// excluded reports whether a flag that was given takes the place of a key of
// the file.
func excluded(c *cobra.Command, key string) bool {
	given := func(names ...string) bool { return slices.ContainsFunc(names, c.Flags().Changed) }
	return given(key) || slices.Contains(sourceFlags, key) && given("demo", "replay") || slices.Contains(rootFlags, key) && given(rootFlags...)
}

// setting is one row of the config command.
type setting struct {
	Name        string `json:"name"`
	Value       string `json:"value"`                 // never a secret
	Source      string `json:"source"`                // "--npm-registry", "PIP_INDEX_URL", "/home/u/…:3", "default"
	Credentials string `json:"credentials,omitempty"` // "(set)"
	Ignored     string `json:"ignored,omitempty"`     // why the setting is not obeyed
}

// isSet stands for a secret.
const isSet = "(set)"

// secret returns what stands for credentials if there are some.
func secret(some bool) string {
	if some {
		return isSet
	}
	return ""
}

type configDocument struct {
	Schema   string    `json:"schema"`
	File     string    `json:"file"`
	Settings []setting `json:"settings"`
}

func configCommand(env Env) *cobra.Command {
	var o options
	var asJSON bool
	c := &cobra.Command{
		Use:   "config",
		Short: "Show which settings are in force, and where each comes from",
		Long: "Show which settings are in force, and where each comes from: a flag, a variable, a file and\n" +
			"its line, or the default. Secrets are shown as (set).\n\n" +
			"plimsoll.yaml in plimsoll's folder in XDG_CONFIG_HOME (default: ~/.config) holds values for flags:\n" +
			strings.Join(configKeys, ", ") + ";\n" +
			"and, for the screen, keys (an action's name: a list of keys) and views (name, filter, sort, columns).",
		Example: `  # what is in force, and where it comes from
  plimsoll config
  # which registries are asked, as JSON
  plimsoll config --json | jq '.settings[] | select(.name | startswith("npm-registry"))'`,
		Args: none,
		RunE: func(c *cobra.Command, _ []string) error {
			settings, err := settingsOf(env, c, o)
			if err != nil {
				return unreadable(err)
			}
			if asJSON {
				return env.writeJSON(configDocument{"plimsoll/config/v1", configFile(env), settings})
			}
			return env.writeText(settingsText(settings))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	o.bind(c, "demo", "record", "replay", "policy", "ignore-triage", "timeout") // these are about one run
	return c
}

// settingsOf lists what is in force. What it cannot be is listed as well, with
// the reason: this is the place to look when something is wrong.
func settingsOf(env Env, c *cobra.Command, o options) ([]setting, error) {
	file := configFile(env)
	config, err := readConfig(file)
	if err != nil {
		return nil, err
	}
	source := func(key string) string {
		if c.Flags().Changed(key) {
			return "--" + key
		}
		if v, ok := config.values[key]; ok && !excluded(c, key) {
			return fmt.Sprintf("%s:%d", file, v.line)
		}
		return ""
	}
	list := npmSettings(env, o, source("npm-registry"))
	list = append(list, indexSettings(env, o, source("pypi-index"))...)
	list = append(list, managerSettings("go", goSetup(env, nil, "").Settings())...)
	for _, key := range configKeys[2:] {
		s := setting{Name: key, Value: c.Flags().Lookup(key).Value.String(), Source: cmp.Or(source(key), "default")}
		switch {
		case key == "cache-dir" && s.Value == "":
			s.Value = cacheDir(env, o)
			if filepath.IsAbs(env.Getenv("XDG_CACHE_HOME")) {
				s.Source = "XDG_CACHE_HOME"
			}
		case key == "cache-size":
			s.Value += " MiB"
		case key == "jobs" && o.jobs == 0:
			s.Value = ""
		case key == "no-color" && !o.noColor && env.Getenv("NO_COLOR") != "":
			s.Value, s.Source = "true", cmp.Or(source(key), "NO_COLOR")
		}
		s.Value = cmp.Or(s.Value, unset[key], "none")
		list = append(list, s)
	}
	for _, s := range config.screen.rows {
		s.Source = file + ":" + s.Source
		list = append(list, s)
	}
	list = append(list, trustSetting(c.Context(), env, o))
	return append(list, proxySettings(env)...), nil
}

// unset is what stands for a value that was not given.
var unset = map[string]string{
	"trusted-root": "from TUF", "npm-keys": "from TUF", "tuf-mirror": "the Sigstore public good instance", "tuf-root": "built in",
	"ca-file": "the system's authorities", "jobs": "16",
}

// npmSettings lists the npm registry, and those of scopes.
func npmSettings(env Env, o options, source string) []setting {
	config, err := npmConfig(env, o, nil)
	if err != nil {
		return []setting{{Name: "npm-registry", Value: untrusted.Message(err), Source: source}}
	}
	var list []setting
	for _, served := range config.Registries() {
		list = append(list, setting{
			Name: strings.TrimSpace("npm-registry " + served.Scope), Value: addressOr(served.Err, served.Base),
			Source: cmp.Or(source, served.From, "default"), Credentials: secret(served.Credentials),
		})
	}
	return append(list, managerSettings("npm", slices.Concat(config.Connection(), config.Ignored()))...)
}

// addressOr returns the address of a registry, or why there is none.
func addressOr(fault error, at *url.URL) string {
	if fault != nil {
		return untrusted.Message(fault)
	}
	return string(registry.Redact(at))
}

// managerSettings lists settings of a package manager.
func managerSettings(manager string, settings []registry.Setting) (list []setting) {
	for _, s := range settings {
		list = append(list, setting{manager + " " + s.Name, s.Value, s.From, secret(s.Credentials), s.Why})
	}
	return list
}

// proxySettings lists the proxies of the environment, which net/http obeys.
func proxySettings(env Env) []setting {
	var list []setting
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"} {
		value := env.Getenv(name)
		if value == "" {
			continue
		}
		s := setting{Name: strings.ReplaceAll(strings.ToLower(name), "_", "-"), Value: value, Source: name}
		if !strings.HasPrefix(s.Name, "no-") {
			u, err := url.Parse(value)
			switch {
			case err == nil && u.User != nil && u.Host != "":
				s.Value, s.Credentials = string(registry.Redact(u)), isSet
			case strings.Contains(value, "@"):
				s.Value, s.Credentials = "in another form than https://…", isSet
			}
		}
		list = append(list, s)
	}
	return list
}

// maxValue bounds the column of values: the source of a longer one follows it.
const maxValue = 40

// settingsText is a line for each setting; why one is not obeyed stands below it.
func settingsText(settings []setting) string {
	names, values := 0, 0
	for _, s := range settings {
		names = max(names, utf8.RuneCountInString(untrusted.Clean(s.Name)))
		if n := utf8.RuneCountInString(s.shown()); n <= maxValue {
			values = max(values, n)
		}
	}
	var b strings.Builder
	for _, s := range settings {
		fmt.Fprintf(&b, "%-*s  %-*s  %s\n", names, untrusted.Clean(s.Name), values, s.shown(), untrusted.Clean(s.Source))
		if s.Ignored != "" {
			fmt.Fprintf(&b, "%*s  not obeyed: %s\n", names, "", untrusted.Clean(s.Ignored))
		}
	}
	return b.String()
}

// shown is the value with what has to be said of it, cleaned.
func (s setting) shown() string {
	if s.Credentials != "" {
		return untrusted.Clean(s.Value + ", credentials " + s.Credentials)
	}
	return untrusted.Clean(s.Value)
}
