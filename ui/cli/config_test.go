package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// once are the flags that are about one run: they have no place in a file, and
// the config command does not list them.
var once = []string{"demo", "record", "replay", "policy", "timeout", "ignore-triage"}

// settingsFrom runs the config command and returns its rows by name.
func settingsFrom(t *testing.T, vars map[string]string, args ...string) map[string]setting {
	t.Helper()
	code, stdout, stderr := invokeWith(t.Context(), vars, append([]string{"config", "--json"}, args...)...)
	if code != 0 {
		t.Fatalf("config %q: exit code %d: %s", args, code, stderr)
	}
	var document configDocument
	if err := json.Unmarshal([]byte(stdout), &document); err != nil {
		t.Fatal(err)
	}
	rows := map[string]setting{}
	for _, s := range document.Settings {
		rows[s.Name] = s
	}
	return rows
}

// Every flag that has a place in plimsoll.yaml is listed with its origin: the
// default, the file's line, or the flag, which comes first.
func TestConfigNamesEveryOrigin(t *testing.T) {
	var o options
	c := &cobra.Command{}
	o.bind(c)
	flags := regexp.MustCompile(`(?m)^ +--([a-z-]+)`).FindAllStringSubmatch(c.Flags().FlagUsages(), -1)
	for _, flag := range flags {
		if slices.Contains(configKeys, flag[1]) == slices.Contains(once, flag[1]) {
			t.Errorf("--%s must stand in plimsoll.yaml or be about one run", flag[1])
		}
	}
	if len(flags) != len(configKeys)+len(once) {
		t.Errorf("%d flags, %d keys of the file and %d flags of one run", len(flags), len(configKeys), len(once))
	}

	home := t.TempDir()
	t.Setenv("HOME", home) // npm's own configuration is read from the environment of the process
	folder := filepath.Join(home, ".config", "plimsoll")
	file := filepath.Join(folder, "plimsoll.yaml")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"HOME": home}
	values := map[string][2]string{ // in the file, and of the flag
		"npm-registry": {"https://file.example/", "https://flag.example/"}, "pypi-index": {"https://file.example/simple/", "https://flag.example/simple/"},
		"trusted-root": {"/file.json", "/flag.json"}, "npm-keys": {"/file-keys.json", "/flag-keys.json"},
		"tuf-mirror": {"https://tuf.file.example", "https://tuf.flag.example"}, "tuf-root": {"/file-root.json", "/flag-root.json"},
		"ca-file": {"/file.pem", "/flag.pem"}, "cache-dir": {"/file-cache", "/flag-cache"}, "cache-size": {"7", "9"},
		"offline": {"true", "true"}, "jobs": {"3", "5"}, "log-file": {"/file.log", "/flag.log"}, "no-color": {"true", "true"}, "ascii": {"true", "true"}, "theme": {"dark", "light"},
	}
	for _, key := range configKeys {
		t.Run(key, func(t *testing.T) {
			v, ok := values[key]
			if !ok {
				t.Fatal("no value to try")
			}
			os.Remove(file)
			if row, ok := settingsFrom(t, vars)[key]; !ok || row.Source != "default" {
				t.Errorf("nothing given: %+v", row)
			}
			text, args, line := "", []string{}, 1
			if key == "tuf-root" { // it needs a mirror beside it
				text, args, line = "tuf-mirror: https://tuf.file.example\n", []string{"--tuf-mirror", "https://tuf.flag.example"}, 2
			}
			if err := os.WriteFile(file, []byte(text+key+": "+v[0]+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("%s:%d", file, line)
			if row := settingsFrom(t, vars)[key]; row.Source != want || !strings.HasPrefix(row.Value, v[0]) {
				t.Errorf("in the file: %+v, want %s from %s", row, v[0], want)
			}
			if row := settingsFrom(t, vars, append(args, "--"+key+"="+v[1])...)[key]; row.Source != "--"+key || !strings.HasPrefix(row.Value, v[1]) {
				t.Errorf("by the flag: %+v, want %s", row, v[1])
			}
		})
	}
}

// A variable is an origin too.
func TestConfigNamesVariables(t *testing.T) {
	home := t.TempDir()
	vars := map[string]string{
		"HOME": home, "XDG_CACHE_HOME": filepath.Join(home, "c"), "NO_COLOR": "1", "UV_DEFAULT_INDEX": "https://uv.example/simple",
		"npm_config_registry": "https://variable.example/", "NO_PROXY": "localhost",
	}
	rows := settingsFrom(t, vars)
	for key, source := range map[string]string{"cache-dir": "XDG_CACHE_HOME", "no-color": "NO_COLOR", "pypi-index": "UV_DEFAULT_INDEX",
		"npm-registry": "npm_config_registry", "no-proxy": "NO_PROXY"} {
		if rows[key].Source != source {
			t.Errorf("%s: %+v, want it from %s", key, rows[key], source)
		}
	}
}

func TestXDGDir(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, xdg, home, want string }{
		{"the default", "", "/home/me", "/home/me/.local/state/plimsoll"},
		{"another folder", "/var/state", "/home/me", "/var/state/plimsoll"},
		{"a relative one is ignored", "state", "/home/me", "/home/me/.local/state/plimsoll"},
		{"no home", "", "", ""},
		{"a relative home", "", "me", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			vars := map[string]string{"XDG_STATE_HOME": tt.xdg, "HOME": tt.home}
			got, err := stateDir(Env{Getenv: func(name string) string { return vars[name] }})
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("stateDir = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// A long value moves its own source and no other, and a sentence stands below.
func TestSettingsText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxValue+1)
	got := settingsText([]setting{
		{Name: "a", Value: long, Source: "here"},
		{Name: "npm key", Value: "v", Source: "file:1", Ignored: "it says nothing", Credentials: isSet},
		{Name: "b", Value: "v", Source: "default"},
	})
	want := "a        " + long + "  here\n" +
		"npm key  v, credentials (set)  file:1\n" +
		"         not obeyed: it says nothing\n" +
		"b        v                     default\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
