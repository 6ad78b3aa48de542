package npm

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// npmRoot is the folder of the npm program; without one the test is skipped.
func npmRoot(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("npm")
	if err == nil {
		program, err = filepath.EvalSymlinks(program)
	}
	root := filepath.Join(filepath.Dir(program), "..")
	if err == nil {
		_, err = os.Stat(filepath.Join(root, "node_modules", "@npmcli", "config"))
	}
	if err != nil {
		t.Skipf("npm is not here to be asked: %v", err)
	}
	return root
}

// question is one configuration for testdata/npm.js.
type question struct {
	Home    string   `json:"home"`
	Builtin string   `json:"builtin"`
	Cwd     string   `json:"cwd"`
	Env     []string `json:"env"`
	Asks    []string `json:"asks"`
}

func (p place) question(asks ...string) question {
	return question{p.dir, filepath.Join(p.dir, "npm"), filepath.Join(p.dir, "cwd"), p.environ, asks}
}

// askNPM returns what npm's own modules answer.
func askNPM(t *testing.T, root string, questions []question) (found [][]string) {
	t.Helper()
	in, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "questions.json")
	if err := os.WriteFile(file, in, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "testdata/npm.js", root, file)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	if err != nil || len(found) != len(questions) {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	return found
}

// The table of settings is what npm's own modules answer, the newest that are
// installed.
func TestNPMProgram(t *testing.T) {
	t.Parallel()
	root := npmRoot(t)
	cases := settingsCases(t)
	var questions []question
	for i := range cases {
		p := lay(t, cases[i].user, cases[i].global, cases[i].builtin, cases[i].env...)
		var asks []string
		for _, ask := range cases[i].asks() {
			asks = append(asks, strings.ReplaceAll(ask, "PUBLIC", publicAddress()))
		}
		questions = append(questions, p.question(asks...))
	}
	for i, found := range askNPM(t, root, questions) {
		for j, ask := range cases[i].asks() {
			want := strings.NewReplacer("{dir}", questions[i].Home, "PUBLIC", publicAddress()).Replace(cases[i].answers[ask])
			if found[j] != want {
				t.Errorf("%s: %s: npm answers %s, the table says %s", cases[i].name, ask, found[j], want)
			}
		}
	}
}

// pieces are what npm's reader takes in ways of its own.
var pieces = []string{"registry", "scope", "noproxy", "proxy", "strict-ssl", "//r.example/:_authToken", "//r.example/:_auth", "@s:registry", "a.b", "__proto__",
	"=", "=", "=", "=", "\n", "\n", "\n", "\r", "\r\n", " ", "\t", ";", "#", "\\", "\\\\", "\"", "\"", "'", "'", "[", "]", "[]", "[registry]", "[a.b]", "[scope.x]", ".", "\\.",
	"${X}", "${E}", "${N}", "${N?}", "${K}", "\\${X}", "\\\\${X}", "$", "{", "}", "?", "true", "false", "null", "undefined", "1", "https://r.example/", "x", "\u00e9", "\ufeff", "\u2028", "\u0085", "\u00a0", "{}", "\\n", "\\u0041"}

// Whatever stands in a file, npm and plimsoll read the same in it.
func TestNPMProgramOnAnything(t *testing.T) {
	t.Parallel()
	root := npmRoot(t)
	random := rand.New(rand.NewPCG(1, 2))
	var places []place
	var texts []string
	var questions []question
	const ask = "all registry scope noProxy proxy httpsProxy strictSSL"
	for range 300 {
		var b strings.Builder
		for range 1 + random.IntN(40) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		p := lay(t, b.String(), "registry=https://g.example/\nscope=@g\nnoproxy=g\n//r.example/:_authToken=g\n@s:registry=https://g.example/\n", "", "X=x", "E=", "K=registry")
		places, texts = append(places, p), append(texts, b.String())
		questions = append(questions, p.question(ask))
	}
	faults := 0
	for i, found := range askNPM(t, root, questions) {
		c := LoadConfig(places[i].environ)
		if c.fault != nil {
			faults++
		}
		if got := c.answer(t, ask); got != found[0] {
			t.Errorf("%q:\ngot %s\nnpm %s\n(fault: %v)", texts[i], got, found[0], c.fault)
		}
	}
	if faults > len(texts)/4 {
		t.Errorf("npm reads nothing in %d of %d files: the comparison shows little", faults, len(texts))
	}
}

// The program itself says the same as its modules.
func TestNPMConfigGet(t *testing.T) {
	t.Parallel()
	npmRoot(t)
	p := lay(t, "registry=https://${H}/a\n'@s:registry' = \"https://s.example\" ; no\nnoproxy[]=a\nnoproxy[]=b\n", "", "", "H=r.example", "NPM_CONFIG_HTTPS_PROXY=http://p.example:1/")
	p.environ[1] = "PATH=" + os.Getenv("PATH")
	command := exec.CommandContext(t.Context(), "npm", "config", "get", "registry", "@s:registry", "https-proxy", "noproxy", "--no-update-notifier")
	command.Env, command.Dir = p.environ, filepath.Join(p.dir, "cwd")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	c := LoadConfig(p.environ)
	want := ""
	for _, key := range []string{"registry", "@s:registry", "https-proxy", "noproxy"} {
		want += key + "=" + toText(c.flat[key].value) + "\n"
	}
	if string(out) != want {
		t.Errorf("npm says %s, plimsoll %s", out, want)
	}
}
