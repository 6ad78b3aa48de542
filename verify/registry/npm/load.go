package npm

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// environment is that of a process, "NAME=value".
type environment []string

func (e environment) lookup(name string) (string, bool) {
	for _, variable := range e {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

func (e environment) get(name string) string {
	value, _ := e.lookup(name)
	return value
}

// home is the home folder, or "" if there is none.
func (e environment) home() string {
	if home := e.get("HOME"); filepath.IsAbs(home) {
		return home
	}
	return ""
}

// program returns the path of a program without symbolic links, or "" if it is
// in no folder of PATH. A folder that is not absolute does not count.
func (e environment) program(name string) string {
	for _, folder := range filepath.SplitList(e.get("PATH")) {
		path := filepath.Join(folder, name)
		info, err := os.Stat(path)
		if !filepath.IsAbs(folder) || err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			continue
		}
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return path
		}
	}
	return ""
}

// setting is a value of npm's configuration. It is not to be shown: it may be a
// secret.
type setting struct {
	value any
	from  string // the variable, or the file with the line; cleaned
}

// layer is one place of npm's configuration: its keys in their order.
type layer struct {
	keys     []string
	settings map[string]setting
}

func (l *layer) set(key string, s setting) {
	if _, ok := l.settings[key]; !ok {
		l.keys = append(l.keys, key)
	}
	l.settings[key] = s
}

// variables reads npm_config_*, whose case does not matter. Without a value they
// say nothing. _ is - in their names, except at the beginning and in the address
// of a registry.
func (e environment) variables() layer {
	l := layer{settings: map[string]setting{}}
	for _, variable := range e {
		name, value, _ := strings.Cut(variable, "=")
		const prefix = "npm_config_"
		if len(name) < len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) || value == "" {
			continue
		}
		key := name[len(prefix):]
		if !strings.HasPrefix(key, "//") && key != "" {
			key = strings.ToLower(key[:1] + strings.ReplaceAll(key[1:], "_", "-"))
		}
		key = e.replace(key)
		l.set(key, setting{e.field(value, key), untrusted.Clean(name)})
	}
	return l
}

// file reads a configuration file. One that does not exist says nothing, and
// neither does one below what is no folder, unless its place was named. What a
// file says before it cannot be read any further is not known: npm obeys it whole
// or not at all.
func (e environment) file(name string, named bool) (layer, error) {
	l := layer{settings: map[string]setting{}}
	data, err := registry.ReadSettings(name)
	if errors.Is(err, syscall.ENOTDIR) && !named {
		return l, nil
	}
	if err != nil {
		return l, fmt.Errorf("read npm's configuration: %w", err)
	}
	o, err := parseINI(strings.ToValidUTF8(string(data), "\ufffd"))
	if err != nil {
		return l, fmt.Errorf("read npm's configuration %q: %w", untrusted.Text(name), err)
	}
	for _, raw := range o.keys {
		key := e.replace(raw)
		l.set(key, setting{e.field(o.value[raw], key), fmt.Sprintf("%s:%d", untrusted.Clean(name), o.line[raw])})
	}
	return l, nil
}

// LoadConfig reads npm's own configuration, as npm reads it: npm_config_* in the
// environment of a process ("NAME=value"), the user's and the global .npmrc, and
// the built-in one beside the npm program. A project's .npmrc is never read: the
// one in a catalog or in the working directory may be anybody's, and could send
// requests, and tokens, elsewhere. What is wrong with it is the error of a package
// that needs it.
func LoadConfig(environ []string) Config {
	c := Config{environment: environ}
	layers, err := c.environment.load()
	global := filepath.Join(c.environment.get("APPDATA"), "npm", "etc", "npmrc")
	c.fault = cmp.Or(err, registry.UnreadOnWindows(runtime.GOOS, global), c.flatten(layers))
	c.connect()
	c.readAddresses()
	return c
}

// load returns the places of npm's configuration, what counts last before the
// rest. After an error they are those that could be read.
func (e environment) load() (layers []layer, err error) {
	read := func(name string, named bool, wrong error) (l layer) {
		if err = cmp.Or(err, wrong); name != "" {
			l, wrong = e.file(name, named)
			err = cmp.Or(err, wrong)
		}
		return l
	}
	var builtin layer
	if program := e.program("npm"); program != "" {
		builtin = read(filepath.Join(filepath.Dir(program), "..", "npmrc"), false, nil)
	}
	variables := e.variables()
	name, named, wrong := namedPath("userconfig", variables, builtin)
	if !named && e.home() != "" {
		name = filepath.Join(e.home(), ".npmrc")
	}
	user := read(name, named, wrong)
	global := read(e.global(variables, user, builtin))
	return []layer{builtin, global, user, variables}, err
}

// global returns the path of the global file: the one that is named, else
// etc/npmrc below npm's prefix. Which of two names counts is npm's oddity: the
// first of the places in which one is loaded counts last.
func (e environment) global(variables, user, builtin layer) (name string, named bool, err error) {
	order := []layer{user, variables}
	if _, ok := builtin.settings["globalconfig"]; ok {
		order = []layer{variables, user, builtin}
	}
	if name, named, err = namedPath("globalconfig", order...); named || err != nil {
		return name, named, err
	}
	prefix, named, err := namedPath("prefix", variables, user, builtin)
	if named && prefix != "" {
		prefix = filepath.Join(prefix, "etc", "npmrc")
	}
	if named || err != nil {
		return prefix, named, err
	}
	if prefix = e.get("PREFIX"); prefix != "" {
		if !filepath.IsAbs(prefix) {
			return "", false, fmt.Errorf("expected an absolute path of npm's prefix in PREFIX, found %q", untrusted.Excerpt(prefix))
		}
		return filepath.Join(prefix, "etc", "npmrc"), false, nil
	}
	node := e.program("node")
	if node == "" {
		return "", false, nil
	}
	return filepath.Join(e.get("DESTDIR"), filepath.Dir(filepath.Dir(node)), "etc", "npmrc"), false, nil
}

// namedPath returns the path that the first of the layers which has a key names.
// named reports whether one has it; a value that is no text names none. A relative
// path would be the working directory's.
func namedPath(key string, layers ...layer) (name string, named bool, err error) {
	for _, l := range layers {
		s, ok := l.settings[key]
		if !ok {
			continue
		}
		name, isText := s.value.(string)
		if isText && !filepath.IsAbs(name) {
			return "", true, fmt.Errorf("%s: expected an absolute path of npm's %s, found %q", s.from, key, untrusted.Excerpt(name))
		}
		return name, true, nil
	}
	return "", false, nil
}

// flatten makes one of the places of the configuration: what counts, as npm
// hands it to those who ask registries. A section in the place of the scope, in
// any of them, is where npm itself ends.
func (c *Config) flatten(layers []layer) (err error) {
	c.flat = map[string]setting{}
	for _, l := range layers {
		for _, key := range l.keys {
			s := l.settings[key]
			if _, isSection := s.value.(*object); isSection && key == "scope" {
				err = fmt.Errorf("npm's scope (%s): %w", s.from, errCrash)
			}
			if key != "cafile" {
				c.flat[key] = s
				continue
			}
			// A file of authorities takes the place of those that stand in "ca", and
			// the reverse: the later counts.
			if !truthy(s.value) {
				continue
			}
			name := toText(s.value)
			data, err := readAuthorities(name)
			if errors.Is(err, fs.ErrNotExist) {
				c.ignored = append(c.ignored, registry.Setting{Name: key, Value: name, From: s.from,
					Why: "there is no such file, and npm goes on without it as well"})
				continue
			}
			c.flat["ca"] = setting{authorities{name, string(data), err}, s.from}
		}
	}
	return err
}
