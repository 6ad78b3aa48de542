package pypi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
	"gopkg.in/ini.v1"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// Configured is the simple index that pip and uv are configured to use.
type Configured struct {
	Address string // as it is written, credentials included: not to be shown
	From    string // "PIP_INDEX_URL" or "/home/u/.config/uv/uv.toml:3", or "" if it is not configured
}

// Config reads the address. Its error says where the address is written, and
// never holds credentials.
func (c Configured) Config() (Config, error) {
	if c.Address == "" {
		return Config{}, nil
	}
	index, authorization, err := registry.ParseBaseWithCredentials(c.Address)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", c.From, err)
	}
	return Config{Index: index, Authorization: authorization}, nil
}

// Files are the configuration files of uv and of pip, the one that counts
// first. A file that does not exist says nothing.
type Files struct{ UV, Pip []string }

// StandardFiles returns the files of the user and of the machine, as uv and
// pip look for them: never one of a project, since the working directory may
// be anybody's catalog. A variable that names a file must name it absolutely.
func StandardFiles(getenv func(string) string) (Files, error) {
	home := getenv("HOME")
	var user string
	if x := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(x) {
		user = x
	} else if filepath.IsAbs(home) {
		user = filepath.Join(home, ".config")
	}
	var machine []string
	for _, dir := range strings.Split(cmp.Or(getenv("XDG_CONFIG_DIRS"), "/etc/xdg"), ":") {
		if filepath.IsAbs(dir) {
			machine = append(machine, dir)
		}
	}
	var f Files
	var err error
	named := func(variable string) string {
		name := getenv(variable)
		if name != "" && !filepath.IsAbs(name) {
			err = fmt.Errorf("%s: expected an absolute path, found %q", variable, untrusted.Text(name))
		}
		return name
	}
	if name := named("UV_CONFIG_FILE"); name != "" {
		f.UV = []string{name}
	} else if getenv("UV_NO_CONFIG") == "" {
		f.UV = below(user, "uv/uv.toml")
		for _, dir := range machine {
			f.UV = append(f.UV, filepath.Join(dir, "uv/uv.toml"))
		}
		f.UV = append(f.UV, "/etc/uv/uv.toml")
	}
	name := named("PIP_CONFIG_FILE")
	if name == os.DevNull { // pip's own way to say: no file at all
		return f, err
	}
	if name != "" {
		f.Pip = []string{name}
	}
	f.Pip = append(f.Pip, below(user, "pip/pip.conf")...)
	if filepath.IsAbs(home) {
		f.Pip = append(f.Pip, filepath.Join(home, ".pip/pip.conf"))
	}
	f.Pip = append(f.Pip, "/etc/pip.conf")
	for _, dir := range machine {
		f.Pip = append(f.Pip, filepath.Join(dir, "pip/pip.conf"))
	}
	return f, err
}

func below(dir, name string) []string {
	if dir == "" {
		return nil
	}
	return []string{filepath.Join(dir, name)}
}

// named is the form NAME=URL, in which uv gives an index a name.
var named = regexp.MustCompile(`^[A-Za-z0-9._-]+=(https?://.*)$`)

// LoadConfigured returns the index that the environment names, else the one
// of uv's files, else the one of pip's: UV_DEFAULT_INDEX, UV_INDEX_URL,
// PIP_INDEX_URL; [[index]] with default = true, or index-url; [global]
// index-url. Extra indexes are not asked: which of several indexes a package
// comes from is nothing that a verdict should guess.
func LoadConfigured(getenv func(string) string, files Files) (Configured, error) {
	for _, name := range []string{"UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"} {
		if address := getenv(name); address != "" {
			if m := named.FindStringSubmatch(address); m != nil {
				address = m[1]
			}
			return Configured{address, name}, nil
		}
	}
	for _, kind := range []struct {
		files []string
		read  func([]byte) (string, error)
	}{{files.UV, uvIndex}, {files.Pip, pipIndex}} {
		for _, name := range kind.files {
			data, err := registry.ReadSettings(name)
			if err != nil {
				return Configured{}, err
			}
			address, err := kind.read(data)
			if err != nil {
				return Configured{}, fmt.Errorf("%q: %w", untrusted.Text(name), err)
			}
			if address != "" {
				return Configured{address, fmt.Sprintf("%s:%d", name, lineOf(data, address))}, nil
			}
		}
	}
	return Configured{}, nil
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
