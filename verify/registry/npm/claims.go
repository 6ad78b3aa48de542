package npm

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// claims returns what a manifest says of the release and nothing signs. odd
// lists what it says in a form that nobody can read.
func (m *manifest) claims() (c verify.Claims, odd []string) {
	read := func(name string, v jsontext.Value, within string) untrusted.Text {
		if inner := member(v, within); inner != nil {
			v = inner
		}
		text := registry.Text(v)
		if text == "" && !registry.Absent(v) {
			odd = append(odd, name+" "+registry.Found(v))
		}
		return text
	}
	c = verify.Claims{
		Repository: read("repository", m.Repository, "url"),
		Homepage:   read("homepage", m.Homepage, "url"),
		License:    read("license", m.License, "type"),
		NPMUser:    readUser(m.User),
	}
	if m.Deprecated.Kind() == 't' {
		c.Deprecated = "deprecated"
	} else {
		c.Deprecated = read("deprecated", m.Deprecated, "message")
	}
	return c, odd
}

// readUser reads _npmUser: {"name", "trustedPublisher": {"id", "oidcConfigId"},
// "approver": {"name"}}. Some registries keep a bare true of the latter two.
func readUser(v jsontext.Value) verify.NPMUser {
	trusted := member(v, "trustedPublisher")
	return verify.NPMUser{
		Name:                   short(textOr(v, "name")),
		TrustedPublisher:       claimed(trusted, "id"),
		TrustedPublisherConfig: short(registry.Text(member(trusted, "oidcConfigId"))),
		Approver:               claimed(member(v, "approver"), "name"),
	}
}

// claimed returns who is claimed, by the string under name, or "not named", or ""
// if nobody is.
func claimed(v jsontext.Value, name string) untrusted.Text {
	text := textOr(v, name)
	if text == "" && !registry.Absent(v) {
		return "not named"
	}
	return short(text)
}

// short bounds a name that is only shown: every version of a history has some.
func short(t untrusted.Text) untrusted.Text {
	if len(t) > untrusted.MaxPackageName {
		return untrusted.Text(untrusted.Cut(string(t), untrusted.MaxPackageName)) + "…"
	}
	return t
}

// textOr returns a claim that is a string, or an object with the string under
// name; or "" for anything else.
func textOr(v jsontext.Value, name string) untrusted.Text {
	if v.Kind() == '{' {
		v = member(v, name)
	}
	return registry.Text(v)
}

// member returns a member of an object, or nil if v is none or has none.
func member(v jsontext.Value, name string) jsontext.Value {
	var object map[string]jsontext.Value
	if v.Kind() != '{' || json.Unmarshal(v, &object, registry.Tolerant) != nil {
		return nil
	}
	return object[name]
}
