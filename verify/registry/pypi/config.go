package pypi

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/BurntSushi/toml"
	"gopkg.in/ini.v1"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// Config says which index to ask. The zero value is the public one.
type Config struct {
	Index         *url.URL // nil means DefaultIndex
	Authorization string   // the header's value for requests to the index's host, or ""
	From          string   // "PIP_INDEX_URL" or "/home/u/.config/uv/uv.toml:3", or "" if nothing is configured
	Fault         error    // why it is not known which index to ask: the error of every package
	Ignored       []registry.Ignored
}

// Transport returns how the index is reached. others are certificate authorities
// beside the system's.
func (c Config) Transport(others []*x509.Certificate) registry.TransportOptions {
	return registry.TransportOptions{RootCAs: registry.Authorities(others...)}
}

// ParseConfig reads the address of an index, which may hold credentials and
// stands at from; "" is the public one. The error never holds credentials.
func ParseConfig(address, from string) (c Config, err error) {
	if c.From = from; address == "" {
		return c, nil
	}
	if c.Index, c.Authorization, err = registry.ParseBaseWithCredentials(address); err != nil {
		return c, fmt.Errorf("%s: %w", from, err)
	}
	return c, nil
}

// files are the configuration files of uv and of pip, the one that counts
// first. A file that does not exist says nothing.
type files struct{ uv, pip []string }

// standardFiles returns the files of the user and of the machine, as uv and
// pip look for them: never one of a project, since the working directory may
// be anybody's catalog. A variable that names a file must name it absolutely.
func standardFiles(getenv func(string) string) (f files, err error) {
	for _, variable := range []string{"UV_CONFIG_FILE", "PIP_CONFIG_FILE"} {
		if name := getenv(variable); name != "" && !filepath.IsAbs(name) {
			return f, fmt.Errorf("%s: expected an absolute path, found %q", variable, untrusted.Text(name))
		}
	}
	home, user := getenv("HOME"), getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(user) {
		user = filepath.Join(home, ".config")
	}
	machine := strings.Split(cmp.Or(getenv("XDG_CONFIG_DIRS"), "/etc/xdg"), ":")
	if name := getenv("UV_CONFIG_FILE"); name != "" {
		f.uv = []string{name}
	} else if getenv("UV_NO_CONFIG") == "" {
		f.uv = slices.Concat(in("uv/uv.toml", user), in("uv/uv.toml", machine...), in("uv/uv.toml", "/etc"))
	}
	if name := getenv("PIP_CONFIG_FILE"); name != os.DevNull { // pip's own way to say: no file at all
		f.pip = slices.Concat(in("", name), in("pip/pip.conf", user), in(".pip/pip.conf", home), in("pip.conf", "/etc"), in("pip/pip.conf", machine...))
	}
	return f, nil
}

// in returns a file's paths in folders. A folder that is not absolute does not
// count.
func in(file string, folders ...string) (paths []string) {
	for _, folder := range folders {
		if filepath.IsAbs(folder) {
			paths = append(paths, filepath.Join(folder, file))
		}
	}
	return paths
}

// named is the form NAME=URL, in which uv gives an index a name.
var named = regexp.MustCompile(`^[A-Za-z0-9._-]+=(https?://.*)$`)

// LoadConfig returns the index that the environment names, else the one of uv's
// files, else the one of pip's: UV_DEFAULT_INDEX, UV_INDEX_URL, PIP_INDEX_URL;
// [[index]] with default = true, or index-url; [global] index-url. Extra indexes
// are not asked: which of several indexes a package comes from is nothing that a
// verdict should guess. What is wrong with the settings is in Fault.
func LoadConfig(getenv func(string) string) (c Config) {
	found, err := standardFiles(getenv)
	if err == nil {
		c, err = loadConfig(getenv, found)
	}
	c.Fault = err
	return c
}

func loadConfig(getenv func(string) string, found files) (Config, error) {
	for _, name := range []string{"UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"} {
		if address := getenv(name); address != "" {
			if m := named.FindStringSubmatch(address); m != nil {
				address = m[1]
			}
			return ParseConfig(address, name)
		}
	}
	for _, kind := range []struct {
		files []string
		read  func([]byte) (string, error)
	}{{found.uv, uvIndex}, {found.pip, pipIndex}} {
		for _, name := range kind.files {
			data, err := registry.ReadSettings(name)
			if errors.Is(err, syscall.ENOTDIR) && name != getenv("UV_CONFIG_FILE") && name != getenv("PIP_CONFIG_FILE") {
				continue // a file where one of the usual folders would be
			}
			if err != nil {
				return Config{}, err
			}
			address, err := kind.read(data)
			if err != nil {
				return Config{}, fmt.Errorf("%q: %w", untrusted.Text(name), err)
			}
			if address != "" {
				return ParseConfig(address, fmt.Sprintf("%s:%d", name, lineOf(data, address)))
			}
		}
	}
	return Config{}, nil
}

// uvIndex takes the default index out of a uv.toml.
func uvIndex(data []byte) (string, error) {
	var file struct {
		Index []struct {
			URL     string `toml:"url"`
			Default bool   `toml:"default"`
		} `toml:"index"`
		IndexURL string `toml:"index-url"`
	}
	if _, err := toml.Decode(string(data), &file); err != nil {
		// The library's text may quote a line, and so a password.
		if at, ok := errors.AsType[toml.ParseError](err); ok {
			return "", fmt.Errorf("line %d is no TOML", at.Position.Line)
		}
		return "", errors.New("expected uv's configuration, found something else for index or index-url")
	}
	for _, index := range file.Index {
		if index.Default {
			return index.URL, nil
		}
	}
	return file.IndexURL, nil
}

// pipIndex takes the index out of a pip.conf, which Python's configparser
// reads: no interpolation, comments on lines of their own.
func pipIndex(data []byte) (string, error) {
	file, err := ini.LoadSources(ini.LoadOptions{
		InsensitiveKeys: true, IgnoreInlineComment: true, AllowPythonMultilineValues: true, AllowBooleanKeys: true,
	}, data)
	if err != nil {
		return "", errors.New("expected pip's configuration ([section], key = value), found something else")
	}
	if !file.HasSection("global") {
		return "", nil
	}
	for _, key := range file.Section("global").Keys() {
		if strings.ReplaceAll(key.Name(), "_", "-") == "index-url" {
			return strings.TrimSpace(key.Value()), nil
		}
	}
	return "", nil
}

// lineOf returns the number of the first line that holds text, or 1.
func lineOf(data []byte, text string) int {
	before, _, found := bytes.Cut(data, []byte(text))
	if !found {
		return 1
	}
	return bytes.Count(before, []byte("\n")) + 1
}
