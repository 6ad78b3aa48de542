package cli

import (
	"cmp"
	"strings"

	"github.com/spf13/pflag"

	"plimsoll/catalog/yamlfile"
	"plimsoll/ui/theme"
)

// themeFlag is the colours that a person chose.
type themeFlag struct{ theme.Look }

func (f *themeFlag) bind(set *pflag.FlagSet) {
	set.Var(f, "theme", "the colours `NAME`: "+strings.Join(theme.Looks(), ", ")+"; with others behind it: dark,good=#87ff87")
}

// Set implements pflag.Value.
func (f *themeFlag) Set(text string) (err error) {
	f.Look, err = theme.ParseLook(text)
	return err
}

// Type implements pflag.Value.
func (f *themeFlag) Type() string { return "NAME" }

// configuredTheme reads the theme of plimsoll.yaml as the flag has it: a name, or
// a mapping of a base and colours.
func configuredTheme(m yamlfile.Map) string {
	const key, base = "theme", "base"
	if !m.IsMap(key) {
		name := m.Text(key)
		if _, err := theme.ParseLook(name); name != "" && err != nil {
			m.Fail(key, "%v", err)
		}
		return name
	}
	own := m.Map(key)
	own.Only(append([]string{base}, theme.Tokens()...)...)
	text := cmp.Or(own.Text(base), theme.Looks()[0])
	if _, err := theme.ParseLook(text); err != nil {
		own.Fail(base, "%v", err)
		return ""
	}
	for _, token := range theme.Tokens() {
		if colour := own.Text(token); colour != "" {
			text += "," + token + "=" + colour
		}
	}
	if _, err := theme.ParseLook(text); err != nil {
		token, problem, _ := strings.Cut(err.Error(), ": ")
		own.Fail(token, "%s", problem)
	}
	return text
}
