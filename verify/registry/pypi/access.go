package pypi

import (
	"fmt"
	"net/url"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/netrc"
)

// access is where credentials are looked for.
type access struct {
	getenv  func(string) string // nil if no variable has any
	netrc   netrc.Hosts
	stored  []stored // by uv
	program string   // whose settings name the index, "" for uv
}

// loadAccess reads where credentials are kept. What cannot be read counts for
// nothing, as for uv.
func loadAccess(getenv func(string) string) (a access, unreadable []registry.Setting) {
	a.getenv = getenv
	add := func(name, file string, err error) {
		if err != nil {
			unreadable = append(unreadable, registry.Setting{
				Name: name, Value: "unreadable", From: file, Why: err.Error() + "; uv takes nothing of it either",
			})
		}
	}
	var file string
	var err error
	a.netrc, file, err = netrc.LoadUV(getenv)
	add("netrc", file, err)
	a.stored, file, err = loadStored(getenv)
	add("credentials.toml", file, err)
	return a, unreadable
}

// setCredentials gives an index its credentials by uv's rules: those of the
// variables that its name makes, else of its address. If they are missing, or the
// password is, netrc is looked into, then what uv keeps; those are sent once the
// index refuses to answer without, unless authenticate is "always".
func (a access) setCredentials(i *Index, c uvIndex, inAddress *url.Userinfo) {
	where := "in the index's address and in netrc"
	own, from := netrc.Login{User: inAddress.Username()}, "the index's address"
	own.Password, _ = inAddress.Password()
	if a.program == "" {
		prefix := "UV_INDEX_<NAME>"
		if c.Name != "" && a.getenv != nil {
			prefix = "UV_INDEX_" + variablePart(c.Name)
			if l := (netrc.Login{User: a.getenv(prefix + "_USERNAME"), Password: a.getenv(prefix + "_PASSWORD")}); l != (netrc.Login{}) {
				own, from = l, prefix+"_USERNAME and "+prefix+"_PASSWORD"
			}
		}
		where = "in " + prefix + "_USERNAME and " + prefix + "_PASSWORD, in the index's address, in netrc and in what uv auth login keeps"
	}
	i.Authorization, i.Access = "", "no credentials were sent: they are looked for "+where
	if i.Never = c.Authenticate == "never"; i.Never {
		i.Access = `no credentials were sent: authenticate is "never" for this index`
		return
	}
	found, kept := "", ""
	if l, ok := a.netrc.Lookup(i.URL.Hostname(), own.User); own.Password == "" && ok {
		found, kept = l.Basic(), "netrc"
	} else if own.Password == "" {
		found, kept = storedFor(a.stored, i.URL, own.User), "uv auth login"
	}
	switch {
	case found != "" && own.User == "" && c.Authenticate != "always":
		i.Fallback, i.Access = found, "it was asked without credentials, and again with those of "+kept
	case found != "":
		i.Authorization, i.Access = found, "the credentials of "+kept+" were sent"
	case own != (netrc.Login{}):
		i.Authorization, i.Access = own.Basic(), "the credentials of "+from+" were sent"
	case c.Authenticate == "always":
		i.Fault = fmt.Errorf(`%s: authenticate is "always", and the index has no credentials: they are looked for %s`,
			untrusted.Clean(c.from), where)
	}
}

// variablePart returns a name in the form in which it stands in a variable.
func variablePart(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z' || '0' <= r && r <= '9':
			return r
		default:
			return '_'
		}
	}, name)
}
