package goproxy

import (
	"net/url"
	"slices"
	"strings"

	"plimsoll/verify/registry"
	"plimsoll/verify/registry/netrc"
)

// loadAccess reads the credentials that the go command would send: those of a netrc,
// unless GOAUTH says otherwise. The programs that it may name are not run.
func (c *Config) loadAccess(getenv func(string) string) {
	auth := c.settings["GOAUTH"]
	if auth.value == "" {
		auth = setting{"netrc", "default"}
	}
	methods := strings.Split(auth.value, ";")
	for i := range methods {
		methods[i] = strings.TrimSpace(methods[i])
	}
	if slices.ContainsFunc(methods, func(m string) bool { return m != "netrc" && m != "off" }) {
		c.ignored = append(c.ignored, registry.Setting{Name: "GOAUTH", Value: "(set)", From: auth.from, Credentials: true,
			Why: "plimsoll runs no program for credentials: netrc alone is read"})
	}
	if !slices.Contains(methods, "netrc") {
		return
	}
	logins, file, err := netrc.LoadGo(getenv)
	if err != nil {
		c.ignored = append(c.ignored, registry.Setting{Name: "netrc", Value: "unreadable", From: file, Why: "no credentials are sent"})
	}
	c.logins = logins
}

// authorization returns the header's value for an address of a proxy or the database:
// of the login in its setting, else of the netrc by the longest beginning of it. ""
// is none.
func (c Config) authorization(u *url.URL, login *url.Userinfo) string {
	if login != nil {
		password, _ := login.Password()
		return netrc.Login{User: login.Username(), Password: password}.Basic()
	}
	if u.Scheme != "https" {
		return ""
	}
	for at := strings.TrimSuffix(u.Host+u.EscapedPath(), "/"); ; {
		if found, ok := c.logins[at]; ok {
			return found.Basic()
		}
		end := strings.LastIndexByte(at, '/')
		if end < 0 {
			return ""
		}
		at = at[:end]
	}
}

// Credentials reports whether a module proxy is asked with some.
func (c Config) Credentials(base *url.URL) bool {
	return slices.ContainsFunc(c.proxies, func(p proxy) bool {
		return p.base != nil && *p.base == *base && c.authorization(p.base, p.login) != ""
	})
}
