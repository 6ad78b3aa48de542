package pypi

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestLoadConfig(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		env          map[string]string
		uv, pip      string
		from         string
		index, basic string
		fails        string
	}{
		{name: "nothing"},
		{name: "variables in their order", env: map[string]string{"UV_DEFAULT_INDEX": "https://a.example/s", "UV_INDEX_URL": "https://b.example", "PIP_INDEX_URL": "https://c.example"},
			from: "UV_DEFAULT_INDEX", index: "https://a.example/s/"},
		{name: "a named index", env: map[string]string{"UV_DEFAULT_INDEX": "company=https://a.example/s"}, from: "UV_DEFAULT_INDEX", index: "https://a.example/s/"},
		{name: "a variable before files", env: map[string]string{"PIP_INDEX_URL": "https://c.example/"}, uv: `index-url = "https://uv.example/"`,
			from: "PIP_INDEX_URL", index: "https://c.example/"},
		{name: "uv's default index", uv: "[[index]]\nurl = \"https://extra.example/\"\n[[index]]\nname = \"x\"\nurl = \"https://uv.example/s/\"\ndefault = true\n",
			pip: "[global]\nindex-url = https://pip.example/", from: "uv.toml:5", index: "https://uv.example/s/"},
		{name: "uv's older key", uv: "\nindex-url = \"https://uv.example/\"", from: "uv.toml:2", index: "https://uv.example/"},
		{name: "uv's extra indexes only", uv: "[[index]]\nurl = \"https://extra.example/\"\n", pip: "[global]\nindex-url=https://pip.example/",
			from: "pip.conf:2", index: "https://pip.example/"},
		{name: "pip's other spellings", pip: "# c\n[install]\nindex-url = https://no.example\n[global]\nindex_url : https://pip.example/x", from: "pip.conf:5", index: "https://pip.example/x/"},
		{name: "pip does not interpolate", pip: "[global]\nindex-url = https://u:a%40b@pip.example/", from: "pip.conf:2",
			index: "https://pip.example/", basic: "Basic dTphQGI="},
		{name: "credentials", uv: `index-url = "https://u:hunter2@uv.example/"`, from: "uv.toml:1", index: "https://uv.example/", basic: "Basic dTpodW50ZXIy"},
		{name: "plain http with credentials", uv: `index-url = "http://u:hunter2@uv.example/"`, from: "uv.toml:1", fails: "uv.toml:1: plain http"},
		{name: "no TOML", uv: "a = \"https://u:hunter2@x.example\nb", fails: "line 1 is no TOML"},
		{name: "another type", uv: `index-url = 7`, fails: "expected uv's configuration"},
		{name: "no INI", pip: "[global\nindex-url = https://u:hunter2@x.example", fails: "expected pip's configuration"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			found := files{uv: []string{filepath.Join(dir, "absent"), filepath.Join(dir, "uv.toml")}, pip: []string{filepath.Join(dir, "pip.conf")}}
			for name, text := range map[string]string{"uv.toml": tt.uv, "pip.conf": tt.pip} {
				if text != "" {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			got, err := loadConfig(environment(tt.env), found)
			if strings.TrimPrefix(got.From, dir+"/") != tt.from {
				t.Errorf("got %+v, want it from %s", got, tt.from)
			}
			if index := ""; err == nil {
				if got.Index != nil {
					index = got.Index.String()
				}
				if index != tt.index || got.Authorization != tt.basic {
					t.Errorf("got %q, %q", index, got.Authorization)
				}
			}
			if (err != nil) != (tt.fails != "") || err != nil && (!strings.Contains(err.Error(), tt.fails) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("got %v, want %q", err, tt.fails)
			}
		})
	}
}

// A file where a usual folder would be holds no configuration; a file that a
// variable names must be readable.
func TestFilesBelowAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "below")
	found := files{uv: []string{below}, pip: []string{below}}
	if c, err := loadConfig(environment(nil), found); err != nil || c.From != "" {
		t.Errorf("got %+v, %v", c, err)
	}
	for _, variable := range []string{"UV_CONFIG_FILE", "PIP_CONFIG_FILE"} {
		if _, err := loadConfig(environment(map[string]string{variable: below}), found); err == nil || !strings.Contains(err.Error(), "not a directory") {
			t.Errorf("%s: got %v", variable, err)
		}
	}
}

func TestStandardFiles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		env     map[string]string
		uv, pip []string
		fails   bool
	}{
		{"home", map[string]string{"HOME": "/h"},
			[]string{"/h/.config/uv/uv.toml", "/etc/xdg/uv/uv.toml", "/etc/uv/uv.toml"},
			[]string{"/h/.config/pip/pip.conf", "/h/.pip/pip.conf", "/etc/pip.conf", "/etc/xdg/pip/pip.conf"}, false},
		{"XDG", map[string]string{"HOME": "/h", "XDG_CONFIG_HOME": "/x", "XDG_CONFIG_DIRS": "/y:relative:/z"},
			[]string{"/x/uv/uv.toml", "/y/uv/uv.toml", "/z/uv/uv.toml", "/etc/uv/uv.toml"},
			[]string{"/x/pip/pip.conf", "/h/.pip/pip.conf", "/etc/pip.conf", "/y/pip/pip.conf", "/z/pip/pip.conf"}, false},
		{"relative folders do not count", map[string]string{"HOME": "h", "XDG_CONFIG_HOME": "x"},
			[]string{"/etc/xdg/uv/uv.toml", "/etc/uv/uv.toml"}, []string{"/etc/pip.conf", "/etc/xdg/pip/pip.conf"}, false},
		{"named files", map[string]string{"HOME": "/h", "UV_CONFIG_FILE": "/n/uv.toml", "PIP_CONFIG_FILE": "/n/pip.conf"},
			[]string{"/n/uv.toml"}, []string{"/n/pip.conf", "/h/.config/pip/pip.conf", "/h/.pip/pip.conf", "/etc/pip.conf", "/etc/xdg/pip/pip.conf"}, false},
		{"none", map[string]string{"HOME": "/h", "UV_NO_CONFIG": "1", "PIP_CONFIG_FILE": "/dev/null"}, nil, nil, false},
		{"a file of the working directory", map[string]string{"PIP_CONFIG_FILE": "pip.conf", "UV_NO_CONFIG": "1"}, nil, nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := standardFiles(environment(tt.env))
			if (err != nil) != tt.fails {
				t.Fatalf("got %v", err)
			}
			if err == nil && (!slices.Equal(got.uv, tt.uv) || !slices.Equal(got.pip, tt.pip)) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// Credentials go to the index's host with every request, and are shown
// nowhere.
func TestIndexCredentials(t *testing.T) {
	t.Parallel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		asked = append(asked, user+" "+password)
		if strings.HasPrefix(r.URL.Path, "/simple/") {
			io.WriteString(w, pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":"/integrity/foo"`)))
			return
		}
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "hunter2 is no longer valid")
	}))
	t.Cleanup(server.Close)
	config, err := ParseConfig(strings.Replace(server.URL, "://", "://u:hunter2@", 1)+"/simple", "PIP_INDEX_URL")
	if err != nil {
		t.Fatal(err)
	}
	evidence, err := New(client(), config).Fetch(t.Context(), rel("foo", "1.0"), nil)
	if err != nil || len(evidence.Artifacts) != 1 || evidence.Artifacts[0].Missing == "" {
		t.Fatalf("got %+v, %v", evidence, err)
	}
	if !slices.Equal(asked, []string{"u hunter2", "u hunter2"}) {
		t.Errorf("asked with %q", asked)
	}
	if shown := fmt.Sprintf("%+v", evidence); strings.Contains(shown, "hunter2") {
		t.Errorf("the password is shown: %s", shown)
	}
}
