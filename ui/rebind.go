package ui

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Binding binds an action to other keys than the usual ones.
type Binding struct {
	Name string // of the action, as the manual has it
	Keys []string
}

// CheckKeys returns the name of the first of the bindings that cannot be obeyed, and
// why; or "" and nil.
func CheckKeys(own []Binding) (name string, err error) { return newKeys(false).rebind(own) }

// aside are keys that neither text nor an answer to a question has.
var aside = regexp.MustCompile(`^(ctrl\+[a-z]|f[0-9]+)$`)

// rebind obeys bindings; see [CheckKeys].
func (k *Keys) rebind(own []Binding) (name string, err error) {
	if len(own) == 0 { // to look for clashes among the usual ones takes a good part of the first frame
		return "", nil
	}
	actions := k.names()
	place := map[string]int{}
	for i, o := range own {
		b, ok := actions[o.Name]
		if !ok {
			return o.Name, fmt.Errorf("no key has this name: expected one of %s", strings.Join(slices.Sorted(maps.Keys(actions)), ", "))
		}
		keys := make([]string, len(o.Keys))
		for i, name := range o.Keys {
			if keys[i], err = keyNamed(name); err == nil && b == &k.Quit && !aside.MatchString(keys[i]) {
				err = fmt.Errorf("expected ctrl and a letter, or a function key, found %q: it quits as well while text is typed or a question is asked", name)
			}
			if err != nil {
				return o.Name, err
			}
		}
		if b == &k.Tab && len(keys) != len(k.Tab.Keys()) {
			return o.Name, fmt.Errorf("expected %d keys, one a tab, found %d", len(k.Tab.Keys()), len(keys))
		}
		*b = key.NewBinding(key.WithKeys(keys...), key.WithHelp(k.label(b, keys), b.Help().Desc))
		place[o.Name] = i + 1
	}
	return k.clash(place)
}

// clash finds a key that two actions of a screen have, and blames the one that was
// bound anew, of two the later.
func (k *Keys) clash(place map[string]int) (name string, err error) {
	names := k.named()
	for _, screen := range screens {
		taken := map[string]string{}
		for _, l := range k.on(screen.scope) {
			for _, pressed := range l.binding.Keys() {
				name, other := names[l.binding], taken[pressed]
				if other == "" {
					taken[pressed] = name
					continue
				}
				if place[other] > place[name] {
					name, other = other, name
				}
				return name, fmt.Errorf("%s is also the key of %s (%s): give that one another", shown(pressed), other, screen.name)
			}
		}
	}
	return "", nil
}

// names are the actions by their names: those of the fields, in small letters.
func (k *Keys) names() map[string]*key.Binding {
	names := map[string]*key.Binding{}
	v := reflect.ValueOf(k).Elem()
	for _, field := range reflect.VisibleFields(v.Type()) {
		if !field.IsExported() {
			continue
		}
		var name strings.Builder
		for i, r := range field.Name {
			if i > 0 && unicode.IsUpper(r) {
				name.WriteByte('-')
			}
			name.WriteRune(unicode.ToLower(r))
		}
		names[name.String()] = v.FieldByIndex(field.Index).Addr().Interface().(*key.Binding)
	}
	return names
}

// named is the inverse of names.
func (k *Keys) named() map[*key.Binding]string {
	names := map[*key.Binding]string{}
	for name, b := range k.names() {
		names[b] = name
	}
	return names
}

// specialKeys are the keys that are no character, by the library's names.
var specialKeys = func() map[string]tea.KeyType {
	keys := map[string]tea.KeyType{}
	for t := tea.KeyType(-100); t <= 127; t++ {
		if name := (tea.KeyMsg{Type: t}).String(); t != tea.KeyRunes && name != "" && keys[name] == 0 {
			keys[name] = t
		}
	}
	return keys
}()

// shownKeys are the names of keys on the screen that the library has others for.
var shownKeys = map[string]string{"down": "↓", "up": "↑", "left": "←", "right": "→", " ": "space", "pgdown": "pgdn"}

// shown is a key as the screen names it.
func shown(name string) string {
	if s, ok := shownKeys[name]; ok {
		return s
	}
	return name
}

// keyNamed returns the library's name of a key.
func keyNamed(name string) (string, error) {
	for library, s := range shownKeys {
		if name == s {
			return library, nil
		}
	}
	if _, ok := specialKeys[name]; ok {
		return name, nil
	}
	if r, size := utf8.DecodeRuneInString(name); size == len(name) && unicode.IsGraphic(r) && !unicode.Is(unicode.M, r) {
		return name, nil
	}
	return "", fmt.Errorf("no key is called %q: expected a character, or a name such as enter, tab, space, esc, pgdn, ctrl+d", name)
}

// label names the keys of a binding.
func (k *Keys) label(b *key.Binding, keys []string) string {
	names := make([]string, len(keys))
	for i, name := range keys {
		names[i] = shown(name)
	}
	if b == &k.Tab {
		return names[0] + "-" + names[len(names)-1]
	}
	return strings.Join(names, "/")
}

// spellOut names the keys without signs.
func (k *Keys) spellOut() {
	for _, l := range k.on(anywhere) {
		help := l.binding.Help()
		l.binding.SetHelp(strings.NewReplacer("↓", "down", "↑", "up", "←", "left", "→", "right").Replace(help.Key), help.Desc)
	}
}

// keyOf is the message of a key with a library's name.
func keyOf(name string) tea.KeyMsg {
	if t, ok := specialKeys[name]; ok {
		return tea.KeyMsg{Type: t}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}
