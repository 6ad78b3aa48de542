package npm

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// connection is what npm is told of how registries are reached.
type connection struct {
	own   []*x509.Certificate // npm's authorities, which take the place of the system's
	extra []*x509.Certificate // those of Node
	fault error               // why the authorities are not known
}

// extraAuthorities is the variable that names Node's.
const extraAuthorities = "NODE_EXTRA_CA_CERTS"

// authorities is the value of "ca" that was read from a file.
type authorities struct {
	name string
	pem  string
	err  error
}

// readAuthorities reads a file of certificate authorities.
func readAuthorities(name string) ([]byte, error) {
	if !filepath.IsAbs(name) {
		return nil, fmt.Errorf("expected an absolute path, found %q", untrusted.Excerpt(name))
	}
	return untrusted.ReadRegularFile(name, untrusted.MaxTrustFile)
}

// connect reads the certificate authorities that npm and Node are told to trust.
func (c *Config) connect() {
	if s := c.flat["ca"]; truthy(s.value) {
		c.connection.own, c.connection.fault = c.ownAuthorities(s)
	}
	file := c.environment.get(extraAuthorities)
	if file == "" {
		return
	}
	data, err := readAuthorities(file)
	if c.connection.extra, _ = registry.ParseCertificates(data); len(c.connection.extra) == 0 {
		why := "it holds no certificate in PEM"
		if err != nil {
			why = untrusted.Message(err)
		}
		c.ignored = append(c.ignored, registry.Setting{Name: extraAuthorities, Value: file, From: "the environment", Why: why})
	}
}

func (c *Config) ownAuthorities(s setting) (list []*x509.Certificate, err error) {
	name := "ca"
	texts, _ := s.value.([]any)
	if file, ok := s.value.(authorities); ok {
		if name = "cafile"; file.err != nil {
			return nil, fmt.Errorf("npm's cafile (%s): %w", s.from, file.err)
		}
		texts = []any{file.pem}
	}
	for _, text := range texts {
		more, _ := registry.ParseCertificates([]byte(toText(text))) // as npm, which leaves out what is none
		list = append(list, more...)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("npm's %s (%s): expected certificates in PEM, found none: npm then trusts no server", name, s.from)
	}
	return list, nil
}

// Transport returns how npm's registries are reached. others are certificate
// authorities that are trusted as well. What is wrong with npm's settings is the
// error of each request, unless the registry was named: then they do not count.
func (c Config) Transport(others []*x509.Certificate) registry.TransportOptions {
	o := registry.TransportOptions{Proxy: func(req *http.Request) (*url.URL, error) {
		if req.URL.Scheme == "https" && c.Base == nil && c.connection.fault != nil {
			return nil, c.connection.fault
		}
		return c.proxyFor(req.URL)
	}}
	others = slices.Concat(c.connection.own, c.connection.extra, others)
	if !c.replacesSystem() {
		o.RootCAs = registry.Authorities(others...)
		return o
	}
	o.RootCAs = x509.NewCertPool()
	for _, certificate := range others {
		o.RootCAs.AddCert(certificate)
	}
	return o
}

// replacesSystem reports whether npm's authorities take the place of the
// system's, as "ca" and "cafile" do for npm. What the environment names count
// beside them: npm would not look at it, but somebody has named it for all.
func (c Config) replacesSystem() bool {
	return len(c.connection.own) > 0 && c.environment.get("SSL_CERT_FILE") == "" && c.environment.get("SSL_CERT_DIR") == ""
}

// explain adds to the error of a request to the registry at base what npm's
// configuration has to do with it.
func (c Config) explain(err error, base *url.URL, authorization string) error {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	status := registry.StatusCode(err)
	switch proxy := c.proxySetting(); {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Errorf("%w; %s", err, c.sent(base, authorization))
	case isOp && op.Op == "proxyconnect" && proxy != "":
		return fmt.Errorf("%w; npm's %s (%s) names that proxy", err, proxy, c.flat[proxy].from)
	case unknown && c.replacesSystem():
		return fmt.Errorf("%w; npm's ca or cafile (%s) takes the place of the system's authorities", err, c.flat["ca"].from)
	case unknown:
		return fmt.Errorf("%w, or to npm as its cafile", err)
	}
	return err
}

// unset is a variable that stands in a token because it is not set.
var unset = regexp.MustCompile(`^Bearer \$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// sent says which credentials a request was made with, and shows none.
func (c Config) sent(base *url.URL, authorization string) string {
	switch name := unset.FindStringSubmatch(authorization); {
	case name != nil:
		return fmt.Sprintf("the token in npm's configuration is the variable %s, which is not set", name[1])
	case authorization != "":
		return "the credentials of npm's configuration were sent"
	case c.fault != nil: // the registry was named
		return "no credentials were sent: " + untrusted.Message(c.fault)
	}
	under := base.Host + base.EscapedPath()
	return fmt.Sprintf("no credentials were sent: npm's configuration has none for %q (//%s:_authToken)", base.Host, under)
}

// proxyFor returns the proxy for a request, or nil for none. This machine is
// asked directly: plain HTTP is spoken with it alone, and not through others.
func (c Config) proxyFor(u *url.URL) (*url.URL, error) {
	if registry.IsLoopback(u.Hostname()) || c.isDirect(u.Hostname()) {
		return nil, nil
	}
	name := c.proxySetting()
	if name != "" {
		s := c.flat[name]
		proxy, err := parseProxy(toText(s.value))
		if err == nil {
			return proxy, nil
		}
		if c.Base == nil {
			return nil, fmt.Errorf("npm's %s (%s): %w", name, s.from, err)
		}
	}
	variable, text := c.environment.folded("https_proxy")
	if text == "" {
		return nil, nil
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	proxy, err := parseProxy(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return proxy, nil
}

// proxySetting returns the key of npm's configuration that names the proxy, or ""
// if none does.
func (c Config) proxySetting() string {
	for _, key := range []string{"https-proxy", "proxy"} {
		if truthy(c.flat[key].value) {
			return key
		}
	}
	return ""
}

// parseProxy reads the address of a proxy. The error shows no password.
func parseProxy(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, fmt.Errorf("expected the address of a proxy such as http://proxy.example:8080, found %q", registry.NoAddress(text))
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u, nil
	case "socks":
		u.Scheme = "socks5h"
		return u, nil
	}
	return nil, fmt.Errorf("a proxy of the kind %q is not supported: expected http, https or socks5", untrusted.Excerpt(u.Scheme))
}

// isDirect reports whether a host is asked without the proxy. npm compares names
// element by element from their ends: no port, no network and no * counts.
func (c Config) isDirect(host string) bool {
	list := c.noProxy()
	elements := strings.Split(strings.ToLower(host), ".")
	if strings.Contains(host, ":") {
		elements = []string{"[" + host + "]"}
	}
	for entry := range strings.SplitSeq(list, ",") {
		suffix := slices.DeleteFunc(strings.Split(trim(entry), "."), func(s string) bool { return s == "" })
		n := len(elements) - len(suffix)
		if len(suffix) > 0 && n >= 0 && slices.Equal(elements[n:], suffix) {
			return true
		}
	}
	return false
}

func (c Config) noProxy() string {
	if s := c.flat["noproxy"]; truthy(s.value) && toText(s.value) != "" {
		return toText(s.value)
	}
	_, value := c.environment.folded("no_proxy")
	return value
}

// folded returns the last variable of a name whose case does not matter.
func (e environment) folded(lower string) (name, value string) {
	for _, variable := range e {
		if n, v, _ := strings.Cut(variable, "="); strings.ToLower(n) == lower {
			name, value = n, v
		}
	}
	return name, value
}

// isSet stands for a secret.
const isSet = "(set)"

// Ignored lists the settings of npm that are not obeyed.
func (c Config) Ignored() []registry.Setting { return c.ignoredFor(c.Base) }

// ignoredFor lists the settings that are not obeyed and concern a registry, or
// any if base is nil.
func (c Config) ignoredFor(base *url.URL) []registry.Setting {
	list := slices.Clone(c.ignored)
	add := func(key, value, why string) {
		list = append(list, registry.Setting{Name: key, Value: value, From: c.flat[key].from, Why: why})
	}
	if c.flat["strict-ssl"].value == false {
		add("strict-ssl", "false", "certificates are always checked; name a private authority with --ca-file or npm's cafile")
	}
	for _, key := range []string{"_auth", "_authToken", "_authtoken", "-authtoken", "username", "_password"} {
		if s := c.flat[key]; truthy(s.value) {
			does := "npm refuses"
			if !filepath.IsAbs(s.from) { // a variable
				does = "npm does not send"
			}
			add(key, isSet, does+" credentials without a registry: they go under its address, as //registry.example/:_authToken (npm config fix)")
		}
	}
	for _, key := range []string{"cert", "key"} {
		if truthy(c.flat[key].value) {
			add(key, isSet, noCertificate)
		}
	}
	under := ""
	if base != nil {
		_, under = c.credentials(base)
	}
	for _, key := range slices.Sorted(maps.Keys(c.flat)) {
		at, ok := strings.CutSuffix(key, ":certfile")
		if ok && strings.HasPrefix(at, "//") && c.hasCertificate(at) && (base == nil || at == under) {
			add(key, toText(c.flat[key].value), noCertificate)
		}
	}
	if c.Base == nil {
		return list
	}
	if err := c.connection.fault; err != nil {
		list = append(list, registry.Setting{Name: "ca", Value: isSet, From: c.flat["ca"].from, Why: untrusted.Message(err)})
	}
	if name := c.proxySetting(); name != "" {
		if _, err := parseProxy(toText(c.flat[name].value)); err != nil {
			add(name, isSet, untrusted.Message(err))
		}
	}
	return list
}

const noCertificate = "plimsoll shows no client certificate to a registry"

// Connection lists how npm is told to reach registries.
func (c Config) Connection() (list []registry.Setting) {
	for _, key := range []string{"https-proxy", "proxy", "noproxy", "ca", "always-auth"} {
		s := c.flat[key]
		if !truthy(s.value) {
			continue
		}
		row := registry.Setting{Name: key, Value: toText(s.value), From: s.from}
		switch key {
		case "https-proxy", "proxy":
			if u, err := parseProxy(row.Value); err != nil {
				row.Value = untrusted.Message(err)
			} else {
				row.Value, row.Credentials = string(registry.Redact(u)), u.User != nil
			}
		case "ca":
			row.Name, row.Value = c.authorities(s)
		case "always-auth":
			row.Value = "npm itself does not obey it: credentials always go along"
		}
		if row.Value != "" {
			list = append(list, row)
		}
	}
	if n := len(c.connection.extra); n > 0 {
		list = append(list, registry.Setting{Name: extraAuthorities,
			Value: c.environment.get(extraAuthorities) + ": " + untrusted.Plural(n, "authority"), From: "the environment"})
	}
	return list
}

// authorities returns for people the name and the value of the setting that names
// npm's authorities.
func (c Config) authorities(s setting) (name, value string) {
	name, place := "ca", ", beside the system's"
	if c.replacesSystem() {
		place = ", in place of the system's"
	}
	value = untrusted.Plural(len(c.connection.own), "authority") + place
	if file, ok := s.value.(authorities); ok {
		name, value = "cafile", file.name+": "+value
	}
	if c.connection.fault != nil {
		value = untrusted.Message(c.connection.fault)
	}
	return name, value
}
