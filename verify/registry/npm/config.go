package npm

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/veles/secrets/npmjsaccesstoken"

	"plimsoll/verify/registry"
)

// Config says which registry serves a package, and how it is reached. The zero
// value knows the public registry only.
type Config struct {
	// Base is the registry that a person named; it serves every package, scoped or
	// not, and needs nothing of npm's configuration but credentials. nil follows
	// that configuration.
	Base *url.URL
	// Whole is set if the registries serve manifests of versions as the public one
	// does: what one of them lacks is nowhere else.
	Whole bool

	environment environment
	flat        map[string]setting // what counts of npm's configuration
	fault       error              // why that cannot be read
	ignored     []registry.Setting // of what was read
	connection  connection
	inAddress   map[string]string // Authorization headers that addresses of registries hold, by those without
}

// publicAddress is the registry that npm uses if nothing is configured: a
// library knows where tokens for it are checked.
func publicAddress() string {
	address, _, _ := strings.Cut(npmjsaccesstoken.NewValidator().Endpoint, "-/")
	return address
}

// registryOf returns the setting with the registry of a scope, "" for packages
// without one; the zero one if it is npm's default. A scope that is configured
// for the whole of npm serves what has no registry of its own.
func (c Config) registryOf(scope string) setting {
	own := toText(c.flat["scope"].value)
	for _, key := range []string{scope + ":registry", "@" + strings.TrimPrefix(own, "@") + ":registry", "registry"} {
		if s := c.flat[key]; truthy(s.value) && key != ":registry" && key != "@:registry" {
			return s
		}
	}
	return setting{}
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
	s := c.registryOf(scope)
	if s.value == nil {
		return registry.ParseBase(publicAddress())
	}
	u, _, err := registry.ParseBaseWithCredentials(toText(s.value))
	if err != nil {
		return nil, fmt.Errorf("npm's registry (%s): %w", s.from, err)
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
	if c.Base == nil && c.fault != nil {
		return []Served{{Err: c.fault, From: "npm's configuration"}}
	}
	scopes := []string{""}
	if c.Base == nil {
		scopes = append(scopes, c.scopes()...)
	}
	var list []Served
	for _, scope := range scopes {
		base, err := c.base(strings.TrimPrefix(scope+"/x", "/"))
		s := Served{Scope: scope, Base: base, Err: err, From: c.registryOf(scope).from}
		s.Credentials = err == nil && c.authorization(base, base) != ""
		list = append(list, s)
	}
	return list
}

// scopes lists the scopes with a registry of their own, sorted.
func (c Config) scopes() (list []string) {
	for _, key := range slices.Sorted(maps.Keys(c.flat)) {
		if scope, ok := strings.CutSuffix(key, ":registry"); ok && strings.HasPrefix(scope, "@") && truthy(c.flat[key].value) {
			list = append(list, scope)
		}
	}
	return list
}

// public reports whether base is the public registry, which serves whole
// manifests.
func public(base *url.URL) bool {
	u, err := registry.ParseBase(publicAddress())
	return err == nil && registry.SameHost(u, base)
}

// authorization returns the Authorization header for a request to u at the
// registry base, or "" if npm has no credentials for it: those under the address,
// else those that the registry's address itself holds.
func (c Config) authorization(u, base *url.URL) string {
	if header, under := c.credentials(u); header != "" || under != "" || !registry.SameHost(u, base) {
		return header
	}
	return c.inAddress[base.String()]
}

// readAddresses takes the credentials out of the addresses of the registries.
func (c *Config) readAddresses() {
	c.inAddress = map[string]string{}
	for _, scope := range append([]string{""}, c.scopes()...) {
		address := toText(c.registryOf(scope).value)
		base, login, err := registry.ParseBaseWithCredentials(address)
		if err != nil || login == nil || c.inAddress[base.String()] != "" {
			continue
		}
		// npm sends them as they stand, whatever is escaped in them.
		_, rest, _ := strings.Cut(address, "//")
		user, _, _ := strings.Cut(rest, "/")
		user = user[:strings.LastIndexByte(user, '@')]
		if !strings.Contains(user, ":") {
			user += ":"
		}
		c.inAddress[base.String()] = registry.Basic(user)
	}
}

// credentials returns the Authorization header that stands under the address of
// u, and the longest key that has credentials, "" for none. npm looks for them at
// the address and at every one above it, with a slash at the end and without; a
// client certificate ends its way.
func (c Config) credentials(u *url.URL) (header, under string) {
	host := strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	key := "//" + host + u.EscapedPath()
	for key != "//" && key != "" {
		value := func(name string) any { return c.flat[key+":"+name].value }
		switch user, password := value("username"), value("_password"); {
		case truthy(value("_authToken")):
			return "Bearer " + toText(value("_authToken")), key
		case truthy(value("_auth")):
			return "Basic " + toText(value("_auth")), key
		case truthy(user) && truthy(password):
			return registry.Basic(toText(user) + ":" + decodeBase64(toText(password))), key
		case c.hasCertificate(key):
			return "", key
		}
		if shorter, ok := strings.CutSuffix(key, "/"); ok {
			key = shorter
		} else {
			key = key[:strings.LastIndexByte(key, '/')+1]
		}
	}
	return "", ""
}

// hasCertificate reports whether npm shows a client certificate under an
// address.
func (c Config) hasCertificate(key string) bool {
	return truthy(c.flat[key+":certfile"].value) && truthy(c.flat[key+":keyfile"].value)
}

var noBase64 = regexp.MustCompile(`[^A-Za-z0-9+/]`)

// decodeBase64 decodes as Node does: both alphabets, and what belongs to neither
// is left out.
func decodeBase64(text string) string {
	text = noBase64.ReplaceAllString(strings.NewReplacer("-", "+", "_", "/").Replace(text), "")
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(string(decoded), "\ufffd")
}
