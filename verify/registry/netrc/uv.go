package netrc

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"plimsoll/verify/registry"
)

// Hosts holds logins by host, as machine names it; "default" is the one of
// every other host.
type Hosts map[string]Login

// Lookup returns the login for a host, and that of user if it is not "".
func (h Hosts) Lookup(host, user string) (Login, bool) {
	found, ok := h[host]
	if !ok {
		found, ok = h["default"]
	}
	return found, ok && (user == "" || found.User == user)
}

// LoadUV reads the file that NETRC names if it exists, else ~/.netrc. No file
// is no login, and no error, which names nothing of the file.
func LoadUV(getenv func(string) string) (h Hosts, file string, err error) {
	home := getenv("HOME")
	names := []string{getenv("NETRC"), filepath.Join(home, ".netrc")}
	if rest, ok := strings.CutPrefix(names[0], "~/"); ok {
		names[0] = filepath.Join(home, rest)
	}
	for _, name := range names {
		if !filepath.IsAbs(name) { // one of the working directory never counts
			continue
		}
		data, err := registry.ReadSettings(name)
		if err != nil {
			return nil, name, errors.New("it cannot be read")
		}
		if data != nil {
			h, err = parseUV(string(data))
			return h, name, err
		}
	}
	return nil, "", nil
}

// parseUV reads netrc as uv does: quotes and backslashes, "user" for "login",
// comments between tokens, the last of several entries of a host. The error
// names no token, which may be a password.
func parseUV(text string) (Hosts, error) {
	h := Hosts{}
	s := scanner{rest: text, line: 1}
	for token, ok := s.entry(); ok; token, ok = s.entry() {
		switch token {
		case "macdef":
			s.skipMacro()
			continue
		case "default":
		case "machine":
			if token, ok = s.next(); !ok || token == "" {
				return nil, fmt.Errorf("line %d: a machine has no name", s.line)
			}
		default:
			return nil, fmt.Errorf("line %d: expected machine, default or macdef, found something else", s.line)
		}
		found, err := s.login()
		if err != nil {
			return nil, err
		}
		h[token] = found
	}
	return h, nil
}

// login reads what follows a machine, up to the next one.
func (s *scanner) login() (l Login, err error) {
	for {
		before := *s
		token, ok := s.entry()
		switch {
		case !ok:
			return l, nil
		case token == "machine" || token == "default" || token == "macdef":
			*s = before
			return l, nil
		case token == "login" || token == "user":
			l.User, _ = s.next()
		case token == "password":
			l.Password, _ = s.next()
		case token == "account":
			s.next()
		default:
			return l, fmt.Errorf("line %d: expected login, password or account, found something else", s.line)
		}
	}
}

// scanner takes tokens from the front of rest, which begins on line.
type scanner struct {
	rest string
	line int
}

// entry returns the next token that begins no comment.
func (s *scanner) entry() (token string, ok bool) {
	for {
		line := s.line
		token, ok = s.next()
		if !ok || !strings.HasPrefix(token, "#") {
			return token, ok
		}
		if s.line == line {
			s.skipLine()
		}
	}
}

// tokenForm is the next token, in quotes or up to a blank, which are taken with
// it. A backslash escapes.
var tokenForm = regexp.MustCompile(`(?s)^[ \t\r\n]*(?:"((?:\\.|[^"\\])*\\?)"?|((?:\\.|[^ \t\r\n\\])+\\?|\\)[ \t\r\n]?)`)

var escapeForm = regexp.MustCompile(`(?s)\\(.?)`)

// next returns the next token. line is then that of what follows.
func (s *scanner) next() (string, bool) {
	m := tokenForm.FindStringSubmatch(s.rest)
	if m == nil {
		s.line += strings.Count(s.rest, "\n")
		s.rest = ""
		return "", false
	}
	s.rest = s.rest[len(m[0]):]
	s.line += strings.Count(m[0], "\n")
	return escapeForm.ReplaceAllStringFunc(m[1]+m[2], func(escape string) string { return cmp.Or(escape[1:], " ") }), true
}

func (s *scanner) skipLine() (line string) {
	line, rest, found := strings.Cut(s.rest, "\n")
	if s.rest = rest; found {
		s.line++
	}
	return line
}

// skipMacro skips a macro, which ends with an empty line.
func (s *scanner) skipMacro() {
	s.next()
	for s.rest != "" && strings.TrimSpace(s.skipLine()) != "" {
	}
}
