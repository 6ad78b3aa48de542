package pypi

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// askPip prints what the real pip would ask in each of several environments, as
// JSON, in place of installing: null for an error.
const askPip = `import json, os, sys
from pip._internal.commands import create_command
answers = []
for environment in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(environment)
    try:
        options, _ = create_command("install").parser.parse_args(["x"])
        answers.append([] if options.no_index else [options.index_url] + options.extra_index_urls)
    except SystemExit:
        answers.append(None)
json.dump(answers, sys.__stdout__)`

// TestPipItself compares the reading of pip's settings with that of the real pip.
func TestPipItself(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err == nil {
		err = exec.Command(python, "-c", "import pip").Run()
	}
	if err != nil {
		t.Skip("pip is not here: ", err)
	}
	type m = map[string]string
	var names []string
	var environments []m
	for _, tt := range []struct {
		name string
		env  m
		file string // ~/.config/pip/pip.conf
		more m
	}{
		{"index-url", nil, "[global]\nindex-url = https://p.example/\n", nil},
		{"colons, case and underscores", nil, "[global]\nIndex_Url: https://p.example/\nEXTRA-INDEX-URL : https://e.example/", nil},
		{"two dashes", nil, "[global]\n--index-url = https://p.example/\n", nil},
		{"the older name", nil, "[global]\npypi-url = https://p.example/\n", nil},
		{"[install]", nil, "[install]\nindex-url = https://i.example/\n[global]\nindex-url = https://g.example/\nextra-index-url = https://e.example/\n", nil},
		{"[install] replaces a list", nil, "[install]\nextra-index-url = https://i.example/\n[global]\nextra-index-url = https://g.example/\n", nil},
		{"an empty value", nil, "[install]\nindex-url =\n[global]\nindex-url = https://g.example/\n", nil},
		{"several in lines", nil, "[global]\nextra-index-url =\n    https://a.example/\n\n    # comment\n    https://b.example/\n  ; comment\n\thttps://c.example/\n", nil},
		{"several in a line", nil, "[global]\nextra-index-url = https://a.example/   https://b.example/\n", nil},
		{"a comment behind a value is a part of it", nil, "[global]\nextra-index-url = https://a.example/ # b\n", nil},
		{"an indented key", nil, "[global]\n  index-url = https://p.example/\n  extra-index-url = https://e.example/\n", nil},
		{"a value that goes on", nil, "[global]\ncert = x\n  index-url = https://p.example/\n", nil},
		{"[DEFAULT]", nil, "[DEFAULT]\nindex-url = https://d.example/\n[global]\ntimeout = 6\n", nil},
		{"[DEFAULT] alone", nil, "[DEFAULT]\nindex-url = https://d.example/\n", nil},
		{"text behind a section", nil, "[global] # mine\nindex-url = https://p.example/\n", nil},
		{"CRLF", nil, "[global]\r\nindex-url = https://p.example/\r\n", nil},
		{"percent", nil, "[global]\nindex-url = https://u:%40%40@p.example/\n", nil},
		{"another command", nil, "[download]\nindex-url = https://p.example/\n", nil},
		{"no-index", nil, "[global]\nno-index = on\nindex-url = https://p.example/\n", nil},
		{"no-index = 0", nil, "[global]\nno-index = 0\nindex-url = https://p.example/\n", nil},
		{"variables", m{"PIP_INDEX_URL": "https://v.example/", "PIP_EXTRA_INDEX_URL": "https://a.example/ https://b.example/"}, "[install]\nindex-url = https://i.example/\n", nil},
		{"PIP_NO_INDEX", m{"PIP_NO_INDEX": "yes"}, "", nil},
		{"PIP_CONFIG_FILE", m{"PIP_CONFIG_FILE": "~/p.conf"}, "[install]\nindex-url = https://i.example/\n", m{"p.conf": "[global]\nindex-url = https://p.example/\n"}},
		{"PIP_CONFIG_FILE that is not there", m{"PIP_CONFIG_FILE": "~/p.conf"}, "[install]\nindex-url = https://i.example/\n", nil},
		{"PIP_CONFIG_FILE=/dev/null", m{"PIP_CONFIG_FILE": os.DevNull}, "[install]\nindex-url = https://i.example/\n", nil},
		{"the old folder", nil, "", m{".pip/pip.conf": "[global]\nindex-url = https://o.example/\n"}},
		{"the old folder and the new", nil, "[global]\nindex-url = https://n.example/\n", m{".pip/pip.conf": "[global]\nindex-url = https://o.example/\nextra-index-url = https://e.example/\n"}},
		{"the machine's", m{"XDG_CONFIG_DIRS": "~/x:~/y"}, "[global]\nextra-index-url = https://e.example/\n",
			m{"x/pip/pip.conf": "[global]\nindex-url = https://x.example/\n", "y/pip/pip.conf": "[global]\nindex-url = https://y.example/\n"}},
		{"another folder", m{"XDG_CONFIG_HOME": "~/c"}, "[global]\nindex-url = https://n.example/\n", m{"c/pip/pip.conf": "[global]\nindex-url = https://c.example/\n"}},
		{"no section", nil, "index-url = https://p.example/\n", nil},
		{"a broken section", nil, "[global\nindex-url = https://p.example/\n", nil},
		{"a key without a value", nil, "[global]\nindex-url\n", nil},
		{"a section twice", nil, "[global]\nindex-url = https://p.example/\n[global]\nindex-url = https://q.example/\n", nil},
		{"a key twice", nil, "[global]\nindex-url = https://p.example/\nindex-url = https://q.example/\n", nil},
	} {
		home := t.TempDir()
		env := m{"HOME": home, "XDG_CONFIG_DIRS": filepath.Join(home, "etc"), "PATH": os.Getenv("PATH"), "LC_ALL": "C.UTF-8"}
		for name, value := range tt.env {
			env[name] = strings.ReplaceAll(value, "~", home)
		}
		files := m{pipConf: tt.file}
		maps.Copy(files, tt.more)
		for name, text := range files {
			name = filepath.Join(home, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		names, environments = append(names, tt.name), append(environments, env)
	}
	asked, err := json.Marshal(environments)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(python, "-I", "-c", askPip)
	command.Stdin, command.Env = bytes.NewReader(asked), []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	out, err := command.Output()
	var answers [][]string
	if err == nil {
		err = json.Unmarshal(out, &answers)
	}
	if err != nil || len(answers) != len(names) {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	for n, want := range answers {
		env := environments[n]
		found := standardFiles(environment(env))
		found.pip = slices.DeleteFunc(found.pip, func(name string) bool { return !strings.HasPrefix(name, env["HOME"]) }) // not this machine's
		c, configured := pipConfig(environment(env), found, nil)
		got := []string{}
		for _, i := range c.Indexes {
			got = append(got, i.URL.String())
		}
		for _, i := range c.Ignored { // what is no address
			got = append(got, i.Value)
		}
		switch {
		case !configured:
			got = []string{DefaultIndex}
		case c.Fault != nil && strings.Contains(c.Fault.Error(), "no-index"):
			got = []string{}
		case c.Fault != nil:
			got = nil
		}
		for i, address := range want {
			want[i] = regexp.MustCompile("//[^/]*@").ReplaceAllString(address, "//")
			if strings.HasPrefix(address, "https") && !strings.HasSuffix(address, "/") {
				want[i] += "/"
			}
		}
		if !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("%s: got %q, %v; pip asks %q", names[n], got, c.Fault, want)
		}
	}
	t.Logf("%d cases compared with pip", len(answers))
}
