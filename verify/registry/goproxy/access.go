package goproxy

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"plimsoll/verify/registry"
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
	name := getenv("NETRC")
	if name == "" {
		name = filepath.Join(getenv("HOME"), ".netrc")
	}
	if !filepath.IsAbs(name) { // one of the working directory never counts
		return
	}
	data, err := registry.ReadSettings(name)
	if err != nil {
		c.ignored = append(c.ignored, registry.Setting{Name: "netrc", Value: name, From: name, Why: "it cannot be read, and no credentials are sent"})
		return
	}
	c.logins = parseNetrc(string(data))
}

// parseNetrc reads netrc as the go command does, and as nothing else does: lines of
// words without quotes, no default, the first of several entries of a machine, which
// may be a host and the beginning of a path. It returns headers' values.
func parseNetrc(text string) map[string]string {
	logins := map[string]string{}
	var machine, user, password string
	macro := false
	for line := range strings.SplitSeq(text, "\n") {
		if macro {
			macro = line != ""
			continue
		}
		words, i := strings.Fields(line), 0
		for ; i+1 < len(words); i += 2 {
			switch value := words[i+1]; words[i] {
			case "machine":
				machine, user, password = value, "", ""
			case "login":
				user = value
			case "password":
				password = value
			case "macdef":
				macro = true
			}
			if machine == "" || user == "" || password == "" {
				continue
			}
			at := strings.TrimSuffix(strings.TrimPrefix(machine, "https://"), "/")
			if _, earlier := logins[at]; !earlier {
				logins[at] = registry.Basic(user + ":" + password)
			}
			machine, user, password = "", "", ""
		}
		if i < len(words) && words[i] == "default" {
			break
		}
	}
	return logins
}

// authorization returns the header's value for an address of a proxy or the database:
// of the login in its setting, else of the netrc by the longest beginning of it. ""
// is none.
func (c Config) authorization(u *url.URL, login *url.Userinfo) string {
	if login != nil {
		password, _ := login.Password()
		return registry.Basic(login.Username() + ":" + password)
	}
	if u.Scheme != "https" {
		return ""
	}
	for at := strings.TrimSuffix(u.Host+u.EscapedPath(), "/"); ; {
		if header, ok := c.logins[at]; ok {
			return header
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
