package netrc

import (
	"cmp"
	"path/filepath"
	"strings"

	"plimsoll/verify/registry"
)

// LoadGo reads the file that NETRC names, else ~/.netrc. The logins are by the
// beginnings of addresses, without https://. No file is no login, and no error.
func LoadGo(getenv func(string) string) (logins map[string]Login, file string, err error) {
	file = cmp.Or(getenv("NETRC"), filepath.Join(getenv("HOME"), ".netrc"))
	if !filepath.IsAbs(file) { // one of the working directory never counts
		return nil, "", nil
	}
	data, err := registry.ReadSettings(file)
	return parseGo(string(data)), file, err
}

// parseGo reads netrc as the go command does: lines of words without quotes, no default,
// the first of several entries of a machine.
func parseGo(text string) map[string]Login {
	logins := map[string]Login{}
	var machine string
	var login Login
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
				machine, login = value, Login{}
			case "login":
				login.User = value
			case "password":
				login.Password = value
			case "macdef":
				macro = true
			}
			if machine == "" || login.User == "" || login.Password == "" {
				continue
			}
			at := strings.TrimSuffix(strings.TrimPrefix(machine, "https://"), "/")
			if _, earlier := logins[at]; !earlier {
				logins[at] = login
			}
			machine, login = "", Login{}
		}
		if i < len(words) && words[i] == "default" {
			break
		}
	}
	return logins
}
