package pypi

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// Config says which indexes are asked for a project, and in which order. The
// zero value is the public index.
type Config struct {
	Indexes      []Index // nil means the public one
	Strategy     Strategy
	StrategyFrom string // as Index.From
	// Ignored is what is configured and not obeyed, so that an installer may take
	// other files.
	Ignored []registry.Setting
	// Unread is what is configured and read by neither uvx nor plimsoll.
	Unread []registry.Setting
	// Notices are sentences about the configuration that concern every package.
	Notices []string
	// Fault is why it is not known which index to ask, or nil. Then no project is
	// looked up.
	Fault error
}

// Transport returns how the indexes are reached. others are certificate
// authorities beside the system's.
func (c Config) Transport(others []*x509.Certificate) registry.TransportOptions {
	return registry.TransportOptions{RootCAs: registry.Authorities(others...)}
}

// Index is a simple index.
type Index struct {
	Name string   // as uv names it, or ""
	URL  *url.URL // without credentials, ends in a slash
	From string   // "UV_INDEX", "/home/u/.config/uv/uv.toml:3", or "" for the public one
	// Explicit indexes are asked for no package: uv needs a source for it, which is
	// a project's.
	Explicit bool
	// Authorization is the header's value for requests to the index, Fallback that
	// of a second request if one without was refused, or "".
	Authorization, Fallback string
	Never                   bool // uv is told never to look for credentials
	// Access says which credentials the index was asked with, and where they are
	// looked for. It is for people and holds no secret.
	Access string
	// Shared is set if uv would ask again with the credentials of another index on
	// the same host, were the project not found without. They are not sent here.
	Shared bool
	// NotHere are the answers that mean, beside 404, that the index does not have
	// the project.
	NotHere []int
	// Fault is why the index cannot be asked, or nil.
	Fault error
}

// Strategy says which of several indexes are asked for a release. The names are
// uv's.
type Strategy string

// The strategies. "" is FirstIndex.
const (
	FirstIndex Strategy = "first-index"        // the first that has the project, and no other
	FirstMatch Strategy = "unsafe-first-match" // the first that has the release
	BestMatch  Strategy = "unsafe-best-match"  // all of them together
)

// maxIndexes bounds the requests for one package, maxListed what is read of the
// settings at all, and maxSaid what is said of every package.
const (
	maxIndexes = 64
	maxListed  = 1024
	maxSaid    = 16
)

// ParseConfig reads the address of the one index to ask, which may hold
// credentials and stands at from; "" is the public one. The error never holds
// credentials.
func ParseConfig(address, from string) (Config, error) {
	if address == "" {
		return Config{}, nil
	}
	i := newIndex(uvIndex{URL: address, from: from}, access{})
	return Config{Indexes: []Index{i}}, i.Fault
}

// ForIndex is [ParseConfig] with the credentials that uv is configured to have for
// the index. Settings that cannot be read are no error: they have none for it.
func ForIndex(address, from string, getenv func(string) string) (Config, error) {
	c, err := ParseConfig(address, from)
	if err != nil || address == "" || c.Indexes[0].Authorization != "" {
		return c, err
	}
	for _, known := range LoadConfig(getenv).Indexes {
		if known.Fault == nil && known.URL.String() == c.Indexes[0].URL.String() {
			known.From, known.Explicit, known.Shared = from, false, false
			return Config{Indexes: []Index{known}}, nil
		}
	}
	secrets, _ := loadAccess(getenv)
	c.Indexes[0] = newIndex(uvIndex{URL: address, from: from}, secrets)
	return c, c.Indexes[0].Fault
}

// LoadConfig returns the indexes that uv asks: of the environment, of the user's
// and of the machine's uv.toml. If uv is not configured, they are those of pip.
// What cannot be read is the Fault of the result.
func LoadConfig(getenv func(string) string) Config {
	if err := registry.UnreadOnWindows(runtime.GOOS, windowsFiles(getenv)...); err != nil {
		return Config{Fault: err, StrategyFrom: "the configuration of uv and pip"}
	}
	return loadConfig(getenv, standardFiles(getenv))
}

func loadConfig(getenv func(string) string, found files) Config {
	secrets, unreadable := loadAccess(getenv)
	c, configured := uvConfig(getenv, found, secrets)
	switch pip, set := pipConfig(getenv, found, secrets.netrc); {
	case !configured && set:
		pip.Unread = append(c.Unread, pip.Unread...)
		c = pip
	case set:
		c.Unread = append(c.Unread, registry.Setting{
			Name: "index-url", Value: "pip's", From: pip.StrategyFrom, Why: "uv is configured, and reads nothing of pip's",
		})
	default:
		c.Unread = append(c.Unread, pip.Unread...)
	}
	c.Ignored = append(c.Ignored, unreadable...)
	return c
}

// files are the configuration files of uv and of pip that may count.
type files struct {
	uvUser, uvMachine []string // of each the first that is there
	pip               []string // what stands in a later one comes before
}

// standardFiles returns the files of the user and of the machine: never one of a
// project, since the working directory may be anybody's catalog.
func standardFiles(getenv func(string) string) (f files) {
	f.uvUser, f.uvMachine = uvFiles(getenv)
	f.pip = pipFiles(getenv)
	return f
}

// windowsFiles are the files of uv and pip on Windows.
func windowsFiles(getenv func(string) string) (names []string) {
	for _, folder := range []string{getenv("APPDATA"), getenv("PROGRAMDATA")} {
		names = append(names, filepath.Join(folder, "uv", "uv.toml"), filepath.Join(folder, "pip", "pip.ini"))
	}
	return names
}

func userFolder(getenv func(string) string) string {
	if user := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(user) {
		return user
	}
	return filepath.Join(getenv("HOME"), ".config")
}

func machineFolders(getenv func(string) string) []string {
	return strings.Split(cmp.Or(getenv("XDG_CONFIG_DIRS"), "/etc/xdg"), ":")
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

// readSettings reads a settings file. One that does not exist is nil, unless the
// variable names it.
func readSettings(getenv func(string) string, variable, name string) ([]byte, error) {
	if !filepath.IsAbs(name) { // only a variable names one
		return nil, fmt.Errorf("%s: expected an absolute path, found %q", variable, untrusted.Text(name))
	}
	data, err := registry.ReadSettings(name)
	named := getenv(variable) == name
	switch {
	case errors.Is(err, syscall.ENOTDIR) && !named:
		return nil, nil // a file where one of the usual folders would be
	case err == nil && data == nil && named:
		return nil, fmt.Errorf("%s: %q does not exist", variable, untrusted.Text(name))
	}
	return data, err
}

// lineOf returns the number of the first line that holds text, or 1.
func lineOf(data []byte, text string) int {
	before, _, found := bytes.Cut(data, []byte(text))
	if !found {
		return 1
	}
	return bytes.Count(before, []byte("\n")) + 1
}

// newIndex makes an index of what is configured. The Fault of one that cannot be
// asked never holds credentials.
func newIndex(c uvIndex, secrets access) Index {
	i := Index{Name: c.Name, From: c.from, Explicit: c.Explicit, NotHere: c.IgnoreErrorCodes}
	base, user, err := registry.ParseBaseWithCredentials(c.URL)
	if err != nil {
		i.Fault = fmt.Errorf("%s: %w", untrusted.Clean(c.from), err)
		return i
	}
	i.URL = base
	if c.IgnoreErrorCodes == nil && i.URL.Hostname() == "download.pytorch.org" {
		i.NotHere = []int{http.StatusForbidden} // its way to say 404: uv knows it
	}
	secrets.setCredentials(&i, c, user)
	return i
}

// shown returns an address or a path for people, without credentials.
func shown(address string) string {
	if u, err := url.Parse(address); err == nil && u.Scheme != "" && u.Opaque == "" {
		return untrusted.Excerpt(string(registry.Redact(u))).String()
	}
	return registry.NoAddress(address).String()
}

// finish checks an order of indexes that is complete.
func (c Config) finish() Config {
	if more := len(c.Ignored) - maxSaid; more > 0 {
		c.Ignored = c.Ignored[:maxSaid]
		c.Notices = append(c.Notices, fmt.Sprintf("%s of uv and pip are not obeyed either", untrusted.Plural(more, "more setting")))
	}
	switch asked := c.Asked(); {
	case c.Fault != nil:
	case len(asked) == 0:
		c.Fault = errors.New("what is configured leaves no index to ask: each is explicit, a flat one or a local folder")
	case len(asked) > maxIndexes:
		c.Fault = fmt.Errorf("expected at most %d indexes, found %d", maxIndexes, len(asked))
	}
	for n, i := range c.Indexes {
		c.Indexes[n].Shared = !i.Credentials() && !i.Never && slices.ContainsFunc(c.Indexes, func(other Index) bool {
			return other.Authorization != "" && i.URL != nil && registry.SameHost(i.URL, other.URL)
		})
	}
	return c
}

// Asked returns the indexes that are asked, in their order.
func (c Config) Asked() []Index {
	return slices.DeleteFunc(slices.Clone(c.Indexes), func(i Index) bool { return i.Explicit })
}

// Credentials reports whether the index is asked with any.
func (i Index) Credentials() bool { return i.Authorization+i.Fallback != "" }

// Findings are what has to be said of every package.
func (c Config) Findings() (list []verify.Finding) {
	for _, i := range c.Ignored {
		list = append(list, i.Finding())
	}
	for _, text := range c.Notices {
		list = append(list, verify.Finding{Rule: "registry.setting", Severity: verify.Warning, Message: text})
	}
	return list
}
