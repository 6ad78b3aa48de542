package npm

import (
	"path/filepath"
	"regexp"
	"strings"
)

// variable is a variable of the environment in a key or a value: ${NAME}, or
// ${NAME?} which is nothing if it is not set. Backslashes before it escape it.
var variable = regexp.MustCompile(`(\\*)\$\{([^${}?]+)(\?)?\}`)

// replace replaces the variables in a text. One that is not set stays; npm knows
// no $NAME.
func (e environment) replace(text string) string {
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		m := variable.FindStringSubmatch(found)
		slashes := len(m[1])
		if slashes%2 == 1 {
			return found[(slashes+1)/2:]
		}
		value, ok := e.lookup(m[2])
		if !ok && m[3] == "" {
			value = "${" + m[2] + "}"
		}
		return m[1][:slashes/2] + value
	})
}

// Keys whose values npm reads in a way of their own. It takes all others for
// true, false, null, undefined or a text.
var (
	pathKeys = map[string]bool{"userconfig": true, "globalconfig": true, "prefix": true, "cafile": true}
	listKeys = map[string]bool{"ca": true, "noproxy": true}
	textKeys = map[string]bool{"scope": true, "_auth": true, "cert": true, "key": true}
)

// field returns the value of a key as npm makes it of what stands in a file or in
// the environment. A path that is relative stays so.
func (e environment) field(value any, key string) any {
	text, isText := value.(string)
	list, _ := value.([]any)
	switch {
	case isText && listKeys[key]:
		for element := range strings.SplitSeq(trim(text), "\n\n") {
			list = append(list, e.replace(trim(element)))
		}
		return list
	case isText:
		return e.text(trim(text), key)
	case listKeys[key]:
		for i, element := range list {
			if text, ok := element.(string); ok {
				list[i] = e.replace(trim(text))
			}
		}
	}
	return value
}

func (e environment) text(text, key string) any {
	if key == "strict-ssl" && text == "" {
		return true
	}
	if !pathKeys[key] && !textKeys[key] {
		switch text {
		case "true", "false":
			return text == "true"
		case "null":
			return nil
		case "undefined":
			return undefined{}
		}
	}
	text = e.replace(text)
	if !pathKeys[key] {
		return text
	}
	if below, ok := strings.CutPrefix(text, "~/"); ok && e.home() != "" {
		return filepath.Join(e.home(), below)
	}
	if filepath.IsAbs(text) {
		return filepath.Clean(text)
	}
	return text
}
