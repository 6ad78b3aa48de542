package pypi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// uvIndex is an index as uv.toml has it in [[index]].
type uvIndex struct {
	Name             string `toml:"name"`
	URL              string `toml:"url"` // or the path of a folder
	Default          bool   `toml:"default"`
	Explicit         bool   `toml:"explicit"`
	Format           string `toml:"format"`
	Authenticate     string `toml:"authenticate"`
	IgnoreErrorCodes []int  `toml:"ignore-error-codes"`
	from             string // as Index.From
}

// uvSettings is what one uv.toml, or the environment, says of indexes.
type uvSettings struct {
	Index     []uvIndex      `toml:"index"`
	URL       string         `toml:"index-url"`
	Extra     []string       `toml:"extra-index-url"`
	FindLinks []string       `toml:"find-links"`
	NoIndex   *bool          `toml:"no-index"`
	Strategy  string         `toml:"index-strategy"`
	Keyring   string         `toml:"keyring-provider"`
	Insecure  []string       `toml:"allow-insecure-host"`
	Proxy     string         `toml:"https-proxy"`
	Pip       map[string]any `toml:"pip"`

	name string // of the file, "" for the environment
	text []byte // of the file
}

// uvConfig returns what uv is configured to ask, and reports whether anything is.
// As in uv, lists are joined, the environment's before the user's before the
// machine's, and of single values the first counts. A default index is asked
// last, and the first one is it: that of UV_DEFAULT_INDEX, of an [[index]], of
// UV_INDEX_URL, of index-url.
func uvConfig(getenv func(string) string, found files, secrets access) (c Config, configured bool) {
	all, err := loadUV(getenv, found)
	if err != nil {
		return Config{Fault: err}, true
	}
	configured = slices.ContainsFunc(all, uvSettings.configured)
	var list []uvIndex
	for _, s := range all {
		list = append(list, s.Index...)
	}
	for _, s := range all {
		for _, address := range s.Extra {
			list = append(list, uvIndex{URL: address, from: s.from("UV_EXTRA_INDEX_URL", address)})
		}
	}
	if at := slices.IndexFunc(all, func(s uvSettings) bool { return s.URL != "" }); at >= 0 {
		list = append(list, uvIndex{URL: all[at].URL, Default: true, from: all[at].from("UV_INDEX_URL", all[at].URL)})
	}
	if len(list) > maxListed {
		return Config{Fault: fmt.Errorf("expected at most %d indexes, found %d", maxIndexes, len(list))}, true
	}
	c.order(list, secrets)
	c.remainder(all)
	if getenv("UV_NO_INDEX") != "" {
		c.ignore("no-index", getenv("UV_NO_INDEX"), "UV_NO_INDEX", "uv has no such variable")
	}
	return c.finish(), configured
}

// order puts indexes into the order in which they are asked. Of several with one
// name only the first counts, and of several defaults.
func (c *Config) order(list []uvIndex, secrets access) {
	named := map[string]bool{}
	var last *uvIndex
	for _, i := range list {
		if i.Name != "" && named[i.Name] {
			continue
		}
		named[i.Name] = true
		switch {
		case !i.Default:
			c.add(i, secrets)
		case last == nil:
			last = &i
		}
	}
	if last == nil {
		last = &uvIndex{URL: DefaultIndex}
	}
	c.add(*last, secrets)
}

// add appends an index, once, or names it if it is of a kind that is not read.
func (c *Config) add(i uvIndex, secrets access) {
	if err := i.check(); err != nil {
		c.Fault = cmp.Or(c.Fault, err)
		return
	}
	kind := ""
	if !isAddress(i.URL) {
		kind = "a local folder"
	} else if i.Format == "flat" {
		kind = "a flat index"
	}
	if kind != "" {
		if !i.Explicit {
			c.ignore("index", shown(i.URL), i.from,
				cmp.Or(secrets.program, "uv")+" also takes files from there, and "+kind+" is not looked into")
		}
		return
	}
	index := newIndex(i, secrets)
	same := func(other Index) bool {
		return index.Fault == nil && other.Fault == nil && other.Explicit == index.Explicit &&
			other.URL.String() == index.URL.String() && other.Authorization == index.Authorization
	}
	if !slices.ContainsFunc(c.Indexes, same) {
		c.Indexes = append(c.Indexes, index)
	}
}

// check refuses what uv refuses.
func (i uvIndex) check() error {
	expected, value := "", ""
	switch {
	case i.URL == "":
		expected = "the url of an index"
	case !indexName.MatchString(i.Name):
		expected, value = "letters, digits, - _ and . in the name of an index", i.Name
	case i.Format != "" && i.Format != "simple" && i.Format != "flat":
		expected, value = "the format simple or flat", i.Format
	case !slices.Contains([]string{"", "auto", "always", "never"}, i.Authenticate):
		expected, value = "auto, always or never in authenticate", i.Authenticate
	default:
		return nil
	}
	return fmt.Errorf("%s: expected %s, found %q", untrusted.Clean(i.from), expected, registry.NoAddress(value))
}

var (
	indexName = regexp.MustCompile(`^[A-Za-z0-9._-]*$`)
	scheme    = regexp.MustCompile(`^(https?):`)
)

// isAddress reports whether uv takes text for the address of an index, and not
// for the path of a folder.
func isAddress(text string) bool { return scheme.MatchString(strings.TrimSpace(text)) }

// remainder takes what is left: what switches indexes off, and what is not
// honoured.
func (c *Config) remainder(all []uvSettings) {
	for _, s := range all {
		for _, link := range s.FindLinks {
			c.ignore("find-links", shown(link), s.from("UV_FIND_LINKS", link), "uv"+alsoTakes)
		}
		if s.Keyring != "" && s.Keyring != "disabled" {
			c.ignore("keyring-provider", s.Keyring, s.from("UV_KEYRING_PROVIDER", "keyring-provider"), "no keyring is asked for credentials")
		}
		if s.Proxy != "" {
			c.ignore("https-proxy", shown(s.Proxy), s.from("", "https-proxy"), "name the proxy in HTTPS_PROXY")
		}
		for _, host := range s.Insecure {
			c.ignore("allow-insecure-host", shown(host), s.from("UV_INSECURE_HOST", "allow-insecure-host"), alwaysChecked)
		}
		if s.pip() {
			c.Unread = append(c.Unread, registry.Setting{
				Name: "[pip]", Value: "an index", From: s.from("", "[pip]"), Why: "it is for uv pip only, and uvx does not read it",
			})
		}
	}
	if at := slices.IndexFunc(all, func(s uvSettings) bool { return s.NoIndex != nil }); at >= 0 && *all[at].NoIndex {
		c.Fault = cmp.Or(c.Fault, fmt.Errorf("%s: no-index is set: uv asks no index", untrusted.Clean(all[at].from("", "no-index"))))
	}
	for _, s := range all {
		strategy, from := Strategy(s.Strategy), s.from("UV_INDEX_STRATEGY", "index-strategy")
		if strategy == "unsafe-any-match" { // its old name
			strategy = FirstMatch
		}
		switch {
		case !slices.Contains([]Strategy{"", FirstIndex, FirstMatch, BestMatch}, strategy):
			c.Fault = cmp.Or(c.Fault, fmt.Errorf("%s: expected %s, %s or %s, found %q", untrusted.Clean(from),
				FirstIndex, FirstMatch, BestMatch, untrusted.Excerpt(s.Strategy)))
		case c.Strategy == "" && strategy != "":
			c.Strategy, c.StrategyFrom = strategy, from
		}
	}
}

// Why settings of uv and of pip are not obeyed.
const (
	alwaysChecked = "certificates are always checked, and plain http is spoken with this machine alone; " +
		"name a private authority with --ca-file"
	alsoTakes = " also takes files from there, and they are not looked into"
)

// ignore names a setting that is not obeyed.
func (c *Config) ignore(name, value, from, why string) {
	c.Ignored = append(c.Ignored, registry.Setting{Name: name, Value: value, From: from, Why: why})
}

// configured reports whether settings say anything of indexes to uvx.
func (s uvSettings) configured() bool {
	return len(s.Index)+len(s.Extra)+len(s.FindLinks) > 0 || s.URL != "" || s.NoIndex != nil || s.Strategy != ""
}

func (s uvSettings) pip() bool {
	keys := []string{"index-url", "extra-index-url", "index", "no-index", "find-links", "index-strategy"}
	return slices.ContainsFunc(keys, func(key string) bool { return s.Pip[key] != nil })
}

// from says where a setting stands: its variable, or the line of the file.
func (s uvSettings) from(variable, text string) string {
	if s.name == "" {
		return variable
	}
	return fmt.Sprintf("%s:%d", s.name, lineOf(s.text, text))
}

// uvFiles returns the files of the user and of the machine, as uv looks for them:
// of each the first that is there counts. None is one of a project, which uvx does
// not read either.
func uvFiles(getenv func(string) string) (user, machine []string) {
	if name := getenv("UV_CONFIG_FILE"); name != "" {
		return []string{name}, nil
	}
	if isTrue(getenv("UV_NO_CONFIG")) {
		return nil, nil
	}
	user = in("uv/uv.toml", userFolder(getenv))
	if !isTrue(getenv("UV_NO_SYSTEM_CONFIG")) {
		machine = append(in("uv/uv.toml", machineFolders(getenv)...), in("uv/uv.toml", "/etc")...)
	}
	return user, machine
}

// isTrue reports whether a variable switches something on, as uv reads it.
func isTrue(value string) bool {
	return slices.Contains([]string{"y", "yes", "t", "true", "on", "1"}, strings.ToLower(value))
}

// loadUV returns the settings that count, the first ones first.
func loadUV(getenv func(string) string, found files) ([]uvSettings, error) {
	var fromFiles []uvSettings
	for _, candidates := range [][]string{found.uvUser, found.uvMachine} {
		for _, name := range candidates {
			s, err := readUV(getenv, name)
			if err != nil {
				return nil, err
			}
			if s != nil {
				fromFiles = append(fromFiles, *s)
				break
			}
		}
	}
	return append([]uvSettings{uvVariables(getenv, fromFiles)}, fromFiles...), nil
}

// readUV reads a uv.toml. It returns nil if there is none.
func readUV(getenv func(string) string, name string) (*uvSettings, error) {
	data, err := readSettings(getenv, "UV_CONFIG_FILE", name)
	if err != nil || data == nil {
		return nil, err
	}
	s := uvSettings{name: name, text: data}
	if _, err := toml.Decode(string(data), &s); err != nil {
		// The library's text may quote a line, and so a password.
		if at, ok := errors.AsType[toml.ParseError](err); ok {
			return nil, fmt.Errorf("%q: line %d is no TOML", untrusted.Text(name), at.Position.Line)
		}
		return nil, fmt.Errorf("%q: expected uv's configuration, found something else for one of its indexes", untrusted.Text(name))
	}
	from := 0
	for n, i := range s.Index {
		if at := bytes.Index(data[from:], []byte(i.URL)); at >= 0 { // each after the one before
			from += at + len(i.URL)
		}
		s.Index[n].from = fmt.Sprintf("%s:%d", name, bytes.Count(data[:from], []byte("\n"))+1)
	}
	return &s, nil
}

// uvVariables reads the environment. A name alone stands for an index of the
// files.
func uvVariables(getenv func(string) string, fromFiles []uvSettings) uvSettings {
	s := uvSettings{
		URL: getenv("UV_INDEX_URL"), Extra: strings.Fields(getenv("UV_EXTRA_INDEX_URL")), Strategy: getenv("UV_INDEX_STRATEGY"),
		Keyring: getenv("UV_KEYRING_PROVIDER"), Insecure: strings.Fields(getenv("UV_INSECURE_HOST")),
		FindLinks: strings.FieldsFunc(getenv("UV_FIND_LINKS"), func(r rune) bool { return r == ',' }),
	}
	add := func(variable, value string) {
		i := uvIndex{URL: value, from: variable}
		if name, address, ok := strings.Cut(value, "="); ok && !strings.Contains(name, ":") {
			i.Name, i.URL = name, address
		} else if known, ok := indexNamed(value, fromFiles); ok {
			i = known
			i.from = variable + " and " + known.from
		}
		i.Default, i.Explicit = variable == "UV_DEFAULT_INDEX", false
		s.Index = append(s.Index, i)
	}
	if address := getenv("UV_DEFAULT_INDEX"); address != "" {
		add("UV_DEFAULT_INDEX", address)
	}
	for _, address := range strings.Fields(getenv("UV_INDEX")) {
		add("UV_INDEX", address)
	}
	return s
}

func indexNamed(name string, all []uvSettings) (uvIndex, bool) {
	for _, s := range all {
		for _, i := range s.Index {
			if i.Name != "" && i.Name == name {
				return i, true
			}
		}
	}
	return uvIndex{}, false
}
