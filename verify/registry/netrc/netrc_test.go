package netrc

import (
	"os"
	"path/filepath"
	"testing"
)

// The same file says two things to two programs.
func TestDialects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, host string
		uv, gocmd  Login // the zero Login is none
		broken     bool  // for uv
	}{
		"plain":         {"machine a.example login u password p", "a.example", Login{"u", "p"}, Login{"u", "p"}, false},
		"lines":         {"machine a.example\n\tlogin u\n\tpassword p\n", "a.example", Login{"u", "p"}, Login{"u", "p"}, false},
		"another":       {"machine a.example login u password p", "b.example", Login{}, Login{}, false},
		"default":       {"default login u password p", "a.example", Login{"u", "p"}, Login{}, false},
		"after default": {"machine a.example login u password p\ndefault\nmachine b.example login x password y", "b.example", Login{"x", "y"}, Login{}, false},
		"two":           {"machine a.example login u password p\nmachine a.example login v password q", "a.example", Login{"v", "q"}, Login{"u", "p"}, false},
		"quotes":        {`machine a.example login u password "p q"`, "a.example", Login{"u", "p q"}, Login{"u", `"p`}, false},
		"no password":   {"machine a.example login u", "a.example", Login{User: "u"}, Login{}, false},
		"a path":        {"machine a.example/x login u password p", "a.example/x", Login{"u", "p"}, Login{"u", "p"}, false},
		"an address":    {"machine https://a.example/x/ login u password p", "a.example/x", Login{}, Login{"u", "p"}, false},
		"a macro":       {"macdef m\nmachine a.example login x password y\n\nmachine a.example login u password p", "a.example", Login{"u", "p"}, Login{"u", "p"}, false},
		"nonsense":      {"machine a.example login u password p nonsense", "a.example", Login{}, Login{"u", "p"}, true},
		"nothing":       {"", "a.example", Login{}, Login{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			file := filepath.Join(home, ".netrc")
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			getenv := func(name string) string { return map[string]string{"HOME": home}[name] }
			hosts, named, err := LoadUV(getenv)
			if got, _ := hosts.Lookup(test.host, ""); got != test.uv || (err != nil) != test.broken || named != file {
				t.Errorf("uv: %v, want %v, of %s: %v", got, test.uv, named, err)
			}
			logins, named, err := LoadGo(getenv)
			if got := logins[test.host]; got != test.gocmd || err != nil || named != file {
				t.Errorf("go: %v, want %v, of %s: %v", got, test.gocmd, named, err)
			}
		})
	}
}
