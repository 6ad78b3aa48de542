package pypi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/netrc"
)

// pipFiles returns the files that pip reads: what stands in a later one comes
// before what stands in an earlier one.
func pipFiles(getenv func(string) string) (names []string) {
	own := getenv("PIP_CONFIG_FILE")
	if own == os.DevNull { // pip's way to say: no file at all
		return nil
	}
	if filepath.IsAbs(own) {
		if _, err := os.Stat(own); err != nil { // then pip does without
			own = ""
		}
	}
	names = append(in("pip/pip.conf", machineFolders(getenv)...), in("pip.conf", "/etc")...)
	if own != "" {
		return slices.Concat(names, in("pip.conf", getenv("VIRTUAL_ENV")), []string{own})
	}
	names = slices.Concat(names, in(".pip/pip.conf", getenv("HOME")), in("pip/pip.conf", userFolder(getenv)))
	return append(names, in("pip.conf", getenv("VIRTUAL_ENV"))...)
}

// pipValue is a value of pip's configuration.
type pipValue struct{ text, from string }

// pipConfig returns what pip is configured to ask, and reports whether anything
// is. pip takes the files of all its indexes together.
func pipConfig(getenv func(string) string, found files, logins netrc.Hosts) (c Config, configured bool) {
	values, err := loadPip(getenv, found.pip)
	if err != nil {
		return Config{Fault: err, StrategyFrom: "pip's configuration"}, true
	}
	only, extra, links := values["index-url"], values["extra-index-url"], values["find-links"]
	off, switchedOff := values["no-index"]
	if only.text+extra.text == "" && !switchedOff {
		for _, link := range strings.Fields(links.text) {
			c.Unread = append(c.Unread, registry.Setting{
				Name: "find-links", Value: shown(link), From: links.from, Why: "it is pip's, and uvx reads nothing of pip's"})
		}
		return c, false
	}
	secrets := access{netrc: logins, program: "pip"}
	if only.text == "" {
		only.text = DefaultIndex
	}
	c.Strategy, c.StrategyFrom = BestMatch, cmp.Or(only.from, extra.from, off.from)
	c.add(uvIndex{URL: only.text, from: only.from}, secrets)
	for _, address := range strings.Fields(extra.text) {
		c.add(uvIndex{URL: address, from: extra.from}, secrets)
	}
	for _, link := range strings.Fields(links.text) {
		c.ignore("find-links", shown(link), links.from, "pip"+alsoTakes)
	}
	for _, host := range strings.Fields(values["trusted-host"].text) {
		c.ignore("trusted-host", shown(host), values["trusted-host"].from, alwaysChecked)
	}
	for _, name := range []string{"client-cert", "proxy"} {
		if v := values[name]; v.text != "" {
			c.ignore(name, shown(v.text), v.from, pipConnection[name])
		}
	}
	if v := values["cert"]; v.text != "" { // whole machines have it, often for what the system trusts anyway
		c.Unread = append(c.Unread, registry.Setting{Name: "cert", Value: shown(v.text), From: v.from, Why: pipConnection["cert"]})
	}
	switch strings.ToLower(off.text) {
	case "", "n", "no", "f", "false", "off", "0":
	default:
		c.Fault = fmt.Errorf("%s: no-index is set: pip asks no index", untrusted.Clean(off.from))
	}
	c.Notices = append(c.Notices, fmt.Sprintf("uv is not configured, and so the indexes are those of pip (%s): "+
		"uvx reads nothing of pip's, and asks %s", untrusted.Clean(c.StrategyFrom), DefaultIndex))
	return c.finish(), true
}

// pipKeys are the settings that count, and the older name of one.
var pipKeys = map[string]string{
	"index-url": "index-url", "pypi-url": "index-url", "extra-index-url": "extra-index-url",
	"find-links": "find-links", "no-index": "no-index",
	"trusted-host": "trusted-host", "cert": "cert", "client-cert": "client-cert", "proxy": "proxy",
}

// pipConnection says why pip's settings of how an index is reached are not obeyed.
var pipConnection = map[string]string{
	"cert":        "name a private authority with --ca-file",
	"client-cert": "plimsoll shows no client certificate to an index",
	"proxy":       "name the proxy in HTTPS_PROXY",
}

// loadPip returns the settings for pip install. Those of variables come before
// those of [install], which come before those of [global], whichever file they
// stand in. Empty ones do not count.
func loadPip(getenv func(string) string, names []string) (map[string]pipValue, error) {
	sections := map[string]map[string]pipValue{"global": {}, "install": {}, "": {}}
	for _, name := range names {
		data, err := readSettings(getenv, "PIP_CONFIG_FILE", name)
		if err != nil {
			return nil, err
		}
		file, err := parsePip(filepath.Clean(name), data)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", untrusted.Text(name), err)
		}
		for section, values := range file {
			for key, value := range values {
				if key = pipKeys[key]; key != "" && sections[section] != nil {
					sections[section][key] = value
				}
			}
		}
	}
	for key, stands := range pipKeys {
		if variable := "PIP_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_")); getenv(variable) != "" {
			sections[""][stands] = pipValue{getenv(variable), variable}
		}
	}
	values := map[string]pipValue{}
	for _, section := range []string{"global", "install", ""} {
		for key, value := range sections[section] {
			if value.text != "" {
				values[key] = value
			}
		}
	}
	return values, nil
}

// parsePip reads a file as Python's configparser does for pip: no inline
// comments, no interpolation, values that go on in indented lines, nothing twice,
// [DEFAULT] for every section. Keys are in lower case, with dashes. The error
// quotes nothing, since it may be a password.
func parsePip(name string, data []byte) (map[string]map[string]pipValue, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("expected pip's configuration in UTF-8")
	}
	file := map[string]map[string]pipValue{}
	section, key, indent := "", "", 0
	number := 0
	for raw := range bytes.Lines(data) {
		number++
		line := strings.TrimRight(string(raw), "\r\n")
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' || text[0] == ';' {
			continue
		}
		at := strings.Index(line, text)
		if key != "" && at > indent {
			value := file[section][key]
			value.text = strings.TrimSpace(value.text + "\n" + text)
			file[section][key] = value
			continue
		}
		indent = at
		fault := fmt.Errorf("line %d: expected [section] or key = value, once, found something else", number)
		if end := strings.LastIndexByte(text, ']'); text[0] == '[' && end > 1 {
			section, key = text[1:end], ""
			switch {
			case file[section] == nil:
				file[section] = map[string]pipValue{}
			case section != "DEFAULT":
				return nil, fault
			}
			continue
		}
		end := max(strings.IndexAny(text, "=:"), 0)
		key = strings.TrimPrefix(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text[:end])), "_", "-"), "--")
		if _, twice := file[section][key]; key == "" || section == "" || twice {
			return nil, fault
		}
		file[section][key] = pipValue{strings.TrimSpace(text[end+1:]), fmt.Sprintf("%s:%d", name, number)}
	}
	for section, values := range file {
		for key, value := range file["DEFAULT"] {
			if _, ok := values[key]; !ok && section != "DEFAULT" {
				values[key] = value
			}
		}
	}
	return file, nil
}
