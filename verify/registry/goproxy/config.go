package goproxy

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/note"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/netrc"
)

// The public checksum database, whose key is built into the go command as well.
const (
	publicSumDB    = "sum.golang.org"
	publicSumDBKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
)

// variables are the settings that count, in the order in which they are shown. GOINSECURE,
// and -insecure in GOFLAGS, do not: they are about what the go command fetches from
// repositories itself.
var variables = []string{"GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOAUTH"}

// setting is a value with where it comes from: the variable, or a file and its line.
type setting struct{ value, from string }

// proxy is one entry of GOPROXY.
type proxy struct {
	base  *url.URL // nil for direct and off
	login *url.Userinfo
	word  string // "direct", "off" or ""
	// anyError has the next entry tried after every error, and not only if the module
	// is not there (404, 410): it is followed by a | in the list.
	anyError bool
}

// Config says which module proxies and which checksum database are asked, as the go
// command is configured (https://go.dev/ref/mod#environment-variables).
type Config struct {
	proxies   []proxy
	ProxyFrom string // the variable or file that names the proxies
	// Fault is why no proxy can be asked, or nil.
	Fault error

	// Key is the verifier key of the checksum database, or "" if it is switched off;
	// Direct is its own address.
	Key    string
	Direct *url.URL
	// addressed is set if GOSUMDB gives the address: then no proxy is asked for it.
	addressed   bool
	directLogin *url.Userinfo
	SumFrom     string
	SumFault    error // why there is no key though it is not switched off

	noProxy, noSumDB setting // lists of patterns
	settings         map[string]setting
	logins           map[string]netrc.Login // by the beginning of an address
	ignored          []registry.Setting
}

// Sources are what [Load] reads from.
type Sources struct {
	Getenv func(string) string
	// GoEnv returns the values of the go command for variables that nobody set ("go
	// env"), or an error if there is no go command.
	GoEnv func(names ...string) (map[string]string, error)
}

// Load reads the settings as the go command does: the variables of the environment,
// then the file that GOENV names, or go/env in the user's configuration folder, then
// the defaults of the go command that is installed.
func Load(sources Sources) (c Config) {
	c.settings = map[string]setting{}
	file, err := readEnvFile(sources.Getenv)
	if err != nil {
		c.Fault, c.SumFault = err, err
	}
	for _, name := range variables {
		if value := sources.Getenv(name); value != "" {
			c.settings[name] = setting{value, name}
		} else if s, ok := file[name]; ok && s.value != "" {
			c.settings[name] = s
		}
	}
	noGo := c.loadDefaults(sources)
	c.loadProxies(noGo)
	c.loadSumDB()
	private := c.settings["GOPRIVATE"]
	c.noProxy, c.noSumDB = cmpSetting(c.settings["GONOPROXY"], private), cmpSetting(c.settings["GONOSUMDB"], private)
	c.loadAccess(sources.Getenv)
	return c
}

// cmpSetting returns the first setting that is set.
func cmpSetting(settings ...setting) setting {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.value != "" })
	if i < 0 {
		return setting{}
	}
	return settings[i]
}

// loadDefaults asks the go command for the settings that nobody made: whoever installed
// it may have chosen others than those of its authors.
func (c *Config) loadDefaults(sources Sources) (noGo error) {
	if c.settings["GOPROXY"].value != "" && c.settings["GOSUMDB"].value != "" {
		return nil
	}
	values, err := sources.GoEnv(variables...)
	for _, name := range variables {
		derived := (name == "GONOPROXY" || name == "GONOSUMDB") && values[name] == values["GOPRIVATE"]
		if c.settings[name].value == "" && values[name] != "" && !derived {
			c.settings[name] = setting{values[name], "go env"}
		}
	}
	return err
}

// readEnvFile reads the file that go env -w writes: NAME=value, a line each, the last
// one of a name. The go command takes a GOENV that is relative, and then a file of the
// working folder, which may be somebody else's catalog.
func readEnvFile(getenv func(string) string) (map[string]setting, error) {
	name := getenv("GOENV")
	switch {
	case name == "off":
		return nil, nil
	case name == "":
		dir := cmp.Or(getenv("XDG_CONFIG_HOME"), filepath.Join(getenv("HOME"), ".config"))
		if runtime.GOOS == "darwin" {
			dir = filepath.Join(getenv("HOME"), "Library", "Application Support")
		}
		if name = filepath.Join(dir, "go", "env"); !filepath.IsAbs(name) {
			return nil, nil // as the go command does
		}
	case !filepath.IsAbs(name):
		return nil, fmt.Errorf("GOENV: expected the absolute path of a file, or off, found %q", untrusted.Excerpt(name))
	}
	data, err := registry.ReadSettings(name)
	if err != nil {
		return nil, fmt.Errorf("the go command's settings %q: %w", untrusted.Text(name), err)
	}
	found, line := map[string]setting{}, 0
	for text := range strings.Lines(string(data)) {
		line++
		key, value, ok := strings.Cut(strings.TrimSuffix(text, "\n"), "=")
		if ok && text[0] >= 'A' && text[0] <= 'Z' {
			found[key] = setting{value, fmt.Sprintf("%s:%d", name, line)}
		}
	}
	return found, nil
}

const howToSet = "set GOPROXY to the address of a module proxy, or install the go command, which knows the public one"

// loadProxies reads GOPROXY: a list with , or | between its entries. noGo is why the go
// command could not be asked.
func (c *Config) loadProxies(noGo error) {
	list := c.settings["GOPROXY"]
	c.ProxyFrom = list.from
	fail := func(err error) { c.Fault = firstError(c.Fault, fmt.Errorf("%s: %w", untrusted.Clean(list.from), err)) }
	switch {
	case list.value == "" && noGo != nil:
		c.Fault = firstError(c.Fault, fmt.Errorf("no module proxy is known: GOPROXY is not set, and go env: %w; %s", noGo, howToSet))
		return
	case list.value == "":
		c.Fault = firstError(c.Fault, fmt.Errorf("no module proxy is known: GOPROXY is not set, and go env names none; %s", howToSet))
		return
	}
	rest := list.value
	for rest != "" {
		entry, separator := rest, byte(0)
		if i := strings.IndexAny(rest, ",|"); i >= 0 {
			entry, separator, rest = rest[:i], rest[i], rest[i+1:]
		} else {
			rest = ""
		}
		p := proxy{anyError: separator == '|'}
		switch entry = strings.TrimSpace(entry); entry {
		case "":
			continue
		case "direct", "off":
			c.proxies = append(c.proxies, proxy{word: entry})
			return // nothing is asked after it
		}
		if strings.ContainsAny(entry, ".:/") && !strings.Contains(entry, ":/") && !path.IsAbs(entry) {
			entry = "https://" + entry
		}
		var err error
		if p.base, p.login, err = registry.ParseBaseWithCredentials(entry); err == nil && p.login != nil && p.base.Scheme != "https" {
			err = fmt.Errorf("the address for %q holds a user name or password, which the go command does not send by plain http", p.base.Host)
		}
		if err != nil {
			fail(err)
			return
		}
		c.proxies = append(c.proxies, p)
	}
	if len(c.proxies) == 0 {
		fail(fmt.Errorf("it names no module proxy: %s", howToSet))
	}
}

// loadSumDB reads GOSUMDB: "off", a name, a key, or a key and an address.
func (c *Config) loadSumDB() {
	s := c.settings["GOSUMDB"]
	if s.value == "" {
		s = setting{publicSumDB, "default"}
	}
	if c.SumFrom = s.from; s.value == "off" {
		return
	}
	if s.value == "sum.golang.google.cn" { // the same database, at an address that China reaches
		s.value = publicSumDB + " https://" + s.value
	}
	fail := func(err error) {
		c.SumFault = firstError(c.SumFault, fmt.Errorf("%s: %w", untrusted.Clean(s.from), err))
	}
	words := strings.Fields(s.value)
	if len(words) == 0 || len(words) > 2 {
		fail(fmt.Errorf("expected a checksum database's key, and its address if it is another than its name, found %q",
			registry.NoAddress(s.value)))
		return
	}
	key := words[0]
	if key == publicSumDB {
		key = publicSumDBKey
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		fail(fmt.Errorf("expected the name of the public database or name+hash+key, found %q", registry.NoAddress(words[0])))
		return
	}
	name := verifier.Name()
	if name == publicSumDB && key != publicSumDBKey { // people read the name, and would take it for that database
		fail(fmt.Errorf("expected the key of %s, which plimsoll knows, found another one of that name", publicSumDB))
		return
	}
	if _, err := url.Parse("https://" + name); err != nil || strings.HasSuffix(name, "/") || strings.ContainsAny(name, "@?#%") {
		fail(fmt.Errorf("expected a database whose name is its host, found %q", untrusted.Excerpt(name)))
		return
	}
	address := "https://" + name + "/"
	if c.addressed = len(words) == 2; c.addressed {
		address = words[1]
	}
	if c.Direct, c.directLogin, err = registry.ParseBaseWithCredentials(address); err != nil {
		fail(err)
		return
	}
	c.Key = key
}

// Excluded returns the setting that excludes a module from the checksum database, or
// "" if none does.
func (c Config) Excluded(at string) string {
	switch {
	case c.settings["GOSUMDB"].value == "off":
		return "GOSUMDB is off"
	case module.MatchPrefixPatterns(c.noSumDB.value, at):
		return fmt.Sprintf("%s excludes it: %s", untrusted.Clean(c.noSumDB.from), untrusted.Excerpt(c.noSumDB.value))
	}
	return ""
}

// SumDB is the database that records are verified against, or why there is none.
func (c Config) SumDB() verify.SumDB {
	db := verify.SumDB{Key: c.Key}
	if c.SumFault != nil {
		db.Error = untrusted.Message(c.SumFault)
	} else if c.Key == "" {
		db.Error = "GOSUMDB is off: there is no key to verify with"
	}
	return db
}

// GOSUMDB is the setting with the key written out, and the address if one was given;
// "off" or "unreadable" without a key.
func (c Config) GOSUMDB() string {
	switch {
	case c.Key == "" && c.SumFault != nil:
		return "unreadable" // it may hold a password
	case c.Key == "":
		return "off"
	case c.addressed:
		return c.Key + " " + c.Direct.String()
	}
	return c.Key
}

// sumDBName is the name of the checksum database, or "" if there is no key.
func (c Config) sumDBName() string {
	name, _, _ := strings.Cut(c.Key, "+")
	return name
}

// sumDBPath is where a proxy that passes the checksum database on has it.
func (c Config) sumDBPath() string { return "sumdb/" + c.sumDBName() + "/" }

// Ignored are the settings that are not obeyed.
func (c Config) Ignored() []registry.Setting { return c.ignored }

func firstError(errs ...error) error {
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	return errs[max(i, 0)]
}

// Asked lists the addresses of all that may be asked.
func (c Config) Asked() (bases []*url.URL) {
	bases = c.Proxies()
	if c.Direct != nil {
		bases = append(bases, c.Direct)
	}
	return bases
}

// Recorded are the settings as a recording keeps them, by their variables and without
// credentials: [Load] gives the same Config of them.
func (c Config) Recorded() map[string]string {
	settings := map[string]string{
		"GOSUMDB": c.GOSUMDB(), "GONOPROXY": c.noProxy.value, "GONOSUMDB": c.noSumDB.value, "GOENV": "off",
	}
	for _, p := range c.proxies {
		entry, separator := p.word, ","
		if p.base != nil {
			entry = p.base.String()
		}
		if p.anyError {
			separator = "|"
		}
		settings["GOPROXY"] += entry + separator
	}
	return settings
}
