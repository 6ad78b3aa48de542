package npm

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/clients/datasource"

	"plimsoll/verify/registry"
)

// Config says which registry serves a package. The zero value knows the public
// registry only.
type Config struct {
	// Base is the registry that a person named; it serves every package,
	// scoped or not. nil follows npm's own configuration.
	Base *url.URL

	scopes map[string]string // "@scope", or "" for the default, to the address as configured
	auths  datasource.NPMRegistryAuths
}

// LoadConfig reads npm's own configuration: the user's and the global .npmrc,
// npm's built-in one, and npm_config_* in the environment. A project's .npmrc
// is never read: the one in a catalog or in the working directory may be
// anybody's, and could send requests, and tokens, elsewhere.
func LoadConfig() (Config, error) {
	// The library always reads a project's file as well, and skips it only
	// where it does not exist: so it is given a folder that nobody else can
	// write to, and that is empty.
	empty, err := os.MkdirTemp("", "plimsoll-npm-")
	if err != nil {
		return Config{}, fmt.Errorf("read npm's configuration: %w", err)
	}
	defer os.RemoveAll(empty)
	loaded, err := datasource.LoadNPMRegistryConfig(empty)
	if err != nil {
		// The library's text may quote a line of the file, and so a token.
		return Config{}, errors.New("read npm's configuration: the user's or the global .npmrc cannot be read")
	}
	return Config{scopes: loaded.ScopeURLs, auths: loaded.Auths}, nil
}

// publicAddress is the registry that npm uses where nothing is configured.
func publicAddress() string {
	return datasource.ParseNPMRegistryInfo(nil).ScopeURLs[""]
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
	address := c.scopes[scope]
	if address == "" {
		scope, address = "", c.scopes[""]
	}
	if address == "" {
		address = publicAddress()
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
	Scope       string // "@scope", "" for every package without a registry of its own
	Base        *url.URL
	Err         error // why the registry cannot be asked; Base is then nil
	Credentials bool  // there are some for it
}

// Registries lists the registries of the configuration: the one for every
// package first, then by scope.
func (c Config) Registries() []Served {
	scopes := []string{""}
	if c.Base == nil {
		for scope := range c.scopes {
			if scope != "" {
				scopes = append(scopes, scope)
			}
		}
		slices.Sort(scopes)
	}
	var list []Served
	for _, scope := range scopes {
		base, err := c.base(strings.TrimPrefix(scope+"/x", "/"))
		s := Served{Scope: scope, Base: base, Err: err}
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

// authorization returns the Authorization header for a request to u, "" where
// npm has no credentials for that host and path.
func (c Config) authorization(u *url.URL) string {
	auth := c.auths.GetAuth(u.String())
	switch {
	case auth == nil:
		return ""
	case auth.BearerToken != "":
		return "Bearer " + auth.BearerToken
	case auth.BasicAuth != "":
		return "Basic " + auth.BasicAuth
	default:
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(auth.Username+":"+auth.Password))
	}
}
