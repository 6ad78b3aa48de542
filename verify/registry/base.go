package registry

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"plimsoll/catalog/untrusted"
)

// ParseBase reads the base URL of a registry or a simple index as a person or
// a configuration file gives it: https (plain http for loopback addresses
// only), no credentials, no query, no fragment, no "." or ".." in the path.
// The result's path ends in a slash. The error never shows what may be a
// password.
func ParseBase(raw string) (*url.URL, error) {
	u, login, err := ParseBaseWithCredentials(raw)
	if err == nil && login != nil {
		return nil, fmt.Errorf("the registry address for %q holds a user name or password: credentials belong in npm's configuration, not in an address", u.Host)
	}
	return u, err
}

// ParseBaseWithCredentials is [ParseBase] for an address that may hold a user
// name and a password, as pip and uv have them. They are taken out of the
// address; login is nil if there are none.
func ParseBaseWithCredentials(raw string) (u *url.URL, login *url.Userinfo, err error) {
	u, err = url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, nil, fmt.Errorf("expected a registry address such as https://registry.example/, found %q", NoAddress(raw))
	}
	login, u.User = u.User, nil
	if err := checkScheme(u); err != nil {
		return nil, nil, err
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, nil, fmt.Errorf("the registry address for %q has a query or a fragment: a base address ends with its path", u.Host)
	}
	if HasDotSegment(u) {
		return nil, nil, fmt.Errorf("the registry address for %q has \".\" or \"..\" in its path", u.Host)
	}
	u.Host = strings.ToLower(u.Host)
	if !strings.HasSuffix(u.Path, "/") {
		if u.RawPath != "" {
			u.RawPath += "/"
		}
		u.Path += "/"
	}
	return u, login, nil
}

// checkScheme allows https, and plain http to this machine.
func checkScheme(u *url.URL) error {
	switch u.Scheme {
	case "https":
		return nil
	case "http":
		if IsLoopback(u.Hostname()) {
			return nil
		}
		return fmt.Errorf("plain http to %q is refused: anybody on the way could change the answers; use https", u.Host)
	default:
		return fmt.Errorf("expected an https address, found the scheme %q", u.Scheme)
	}
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// SameHost reports whether two URLs have the same scheme, host and port.
func SameHost(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && hostPort(a) == hostPort(b)
}

// hostPort returns a URL's host in lower case with its port, or with the
// scheme's if it gives none.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// HasDotSegment reports whether a decoded path element of u is "." or "..", or
// whether the path holds a backslash, which some servers take for a slash.
func HasDotSegment(u *url.URL) bool {
	if strings.Contains(u.Path, `\`) {
		return true
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// Basic returns the Authorization of "user:password" (RFC 7617).
func Basic(login string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(login)) }

// NoAddress returns for people what cannot be read as an address, and may hold a
// password: before an @, and in the place of a port if a # took the rest away.
func NoAddress(text string) untrusted.Text {
	_, authority, _ := strings.Cut(text, "//")
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	_, port, _ := strings.Cut(authority, ":")
	switch {
	case strings.Contains(text, "@"):
		text = "one with an @ in it"
	case strings.Trim(port, "0123456789") != "":
		text = "one whose port is no number"
	}
	return untrusted.Excerpt(text)
}

// Redact returns u for people and for reports: without user, password and
// fragment, and with "…" for a query, which may hold a secret.
func Redact(u *url.URL) untrusted.Text {
	shown := *u
	shown.User, shown.Fragment, shown.RawFragment = nil, "", ""
	if shown.RawQuery != "" {
		shown.RawQuery = "…"
	}
	return untrusted.Text(shown.String())
}

const maxRedirects = 5

// checkRedirect keeps a redirect on the host that was asked: the same scheme,
// host and port, or from http to https on the same host.
func checkRedirect(from, to *url.URL, count int) error {
	if count > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if to.User != nil {
		return errors.New("the registry redirects to an address with credentials, which is refused")
	}
	upgrade := from.Scheme == "http" && to.Scheme == "https" && strings.EqualFold(from.Hostname(), to.Hostname()) &&
		(from.Port() == to.Port() || hostPort(from) == net.JoinHostPort(strings.ToLower(from.Hostname()), "80") && to.Port() == "443")
	if !upgrade && !SameHost(from, to) {
		return fmt.Errorf("the registry at %q redirects to %q, which is refused: %w",
			from.Scheme+"://"+from.Host, to.Scheme+"://"+to.Host, errElsewhere)
	}
	return checkScheme(to)
}
