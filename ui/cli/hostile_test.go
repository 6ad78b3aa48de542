package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
)

// checkOutput holds that what a run wrote acts on no terminal.
func checkOutput(t *testing.T, what string, streams ...string) {
	t.Helper()
	for _, out := range streams {
		if !utf8.ValidString(out) {
			t.Errorf("%s: invalid UTF-8: %.300q", what, out)
		}
		for line := range strings.SplitSeq(strings.ReplaceAll(out, "\r\n", "\n"), "\n") {
			if untrusted.Clean(line) != line {
				t.Errorf("%s: not clean: %.300q", what, line)
				return
			}
		}
	}
}

// hostileRun runs a command in an empty folder, with an environment, and checks
// what it writes.
func hostileRun(t *testing.T, what string, vars map[string]string, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := bare(&out, &errs, vars)
	env.Now = time.Now
	run(t.Context(), args, env)
	checkOutput(t, what, out.String(), errs.String())
	if lines := strings.Count(errs.String(), "\n"); lines > 5 || errs.Len() > 2000 {
		t.Errorf("%s: %d lines and %d bytes on stderr: %.300q", what, lines, errs.Len(), errs.String())
	}
}

// hostileTexts are those that may name a file: none leads out of the folder.
func hostileTexts() (texts []hostile.Text) {
	for _, text := range hostile.Texts() {
		if !strings.Contains(text.Value, "../") && text.Name != "one long line" {
			texts = append(texts, text)
		}
	}
	return texts
}

// Every flag that takes a text, and arguments: what is wrong with them is told
// without doing what they say.
func TestHostileFlags(t *testing.T) {
	hostile.WithoutRace(t)
	one := []string{"-c", "dockyard/uvx/mcp-clickhouse/spec.yaml"}
	texts, runs := hostileTexts(), 0
	t.Chdir(t.TempDir())
	root := Command(Env{Getenv: func(string) string { return "" }})
	common := valueFlags(find(t, root, "report"))
	try := func(text hostile.Text, args ...string) {
		hostileRun(t, fmt.Sprintf("%s: %.60q", text.Name, args), map[string]string{}, args...)
		runs++
	}
	for i, text := range texts {
		try(text, text.Value)
		try(text, "report", text.Value)
		try(text, "verify-provenance", "-c", text.Value)
		try(text, "verify-provenance", "--demo", "--json", text.Value, "npm:x@1.0.0")
		try(text, "verify-provenance", "--demo", "npm:"+text.Value+"@1.0.0")
		try(text, "verify-provenance", "--demo", "pypi:x=="+text.Value)
		try(text, "verify-provenance", "--demo", "pkg:npm/"+text.Value+"@1.0.0")
		try(text, "--"+text.Value)
		try(text, "help", text.Value)
		for n, c := range root.Commands() {
			args := []string{c.Name()}
			switch c.Name() {
			case "verify-provenance", "build":
				args = append(append(args, one...), "--demo")
			case "help", "completion":
				continue
			}
			for _, flag := range valueFlags(c) {
				if n++; slices.Contains(common, flag) && c.Name() != "verify-provenance" || (i+n)%4 > 0 {
					continue
				}
				try(text, append(args[:len(args):len(args)], "--"+flag+"="+text.Value)...)
			}
		}
	}
	t.Logf("%d texts: %d runs", len(texts), runs)
	if runs < 400 {
		t.Errorf("only %d runs", runs)
	}
}

var valueFlag = regexp.MustCompile(`--([a-z-]+) [A-Za-z]`)

// valueFlags are the flags of a command that take a value.
func valueFlags(c *cobra.Command) (names []string) {
	for _, m := range valueFlag.FindAllStringSubmatch(c.Flags().FlagUsages(), -1) {
		names = append(names, m[1])
	}
	return names
}

func find(t *testing.T, root *cobra.Command, name string) *cobra.Command {
	t.Helper()
	c, _, err := root.Find([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The environment and plimsoll.yaml, as config shows them and as the commands
// that read them complain of them.
func TestHostileConfiguration(t *testing.T) {
	hostile.WithoutRace(t)
	sample := hostile.Sample(t) // a quarter of the variables with each text, in turn
	t.Chdir(t.TempDir())
	for n, text := range hostileTexts() {
		for i, key := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "TERM", "NO_COLOR", "TMUX",
			"UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_CONFIG_FILE", "PIP_INDEX_URL", "PIP_CONFIG_FILE"} {
			if sample && (n+i)%4 > 0 {
				continue
			}
			value := text.Value
			if strings.HasSuffix(key, "HOME") {
				value = os.DevNull + "/" + value // only absolute ones count, and nothing can be made there, by the go command either
			}
			for _, args := range [][]string{{"config"}, {"config", "--json"}, {"cache"}, {"cache", "--json"}, {"doctor", "--offline"}} {
				hostileRun(t, text.Name+" in "+key, map[string]string{key: value}, args...)
			}
		}
		for i, key := range append(configKeys, "unknown") {
			home := t.TempDir()
			if err := os.Mkdir(filepath.Join(home, "plimsoll"), 0o755); err != nil {
				t.Fatal(err)
			}
			quoted, _ := json.Marshal(text.Value)
			lines := fmt.Sprintf("%s: %s\n", key, quoted)
			if i%2 == 1 { // as it is, for the parser's own messages
				lines = key + ": " + text.Value + "\n"
			}
			if err := os.WriteFile(filepath.Join(home, "plimsoll", "plimsoll.yaml"), []byte(lines), 0o644); err != nil {
				t.Fatal(err)
			}
			hostileRun(t, text.Name+" as "+key, map[string]string{"XDG_CONFIG_HOME": home}, "config")
		}
	}
}

// formatsOf are the ways to look at a catalog.
func formatsOf(catalog string, more ...string) [][]string {
	var runs [][]string
	for _, format := range []string{formatText, formatJSON, formatMarkdown, formatSARIF, formatCSV} {
		runs = append(runs, append([]string{"report", catalog, "--format", format}, more...))
	}
	return append(runs, append([]string{"coverage", catalog}, more...), append([]string{"coverage", catalog, "--json"}, more...))
}

// trustFiles writes the demo's trust root and keys, and a catalog with the two
// of its packages that all kinds of evidence are of.
func trustFiles(t *testing.T) []string {
	t.Helper()
	if err := lab.Unpack(".", "npx/mcp-jetbrains/spec.yaml", "uvx/mcp-clickhouse/spec.yaml"); err != nil {
		t.Fatal(err)
	}
	return []string{"--trusted-root", "root.json", "--npm-keys", "keys.json"}
}

var yamlValue = regexp.MustCompile(`(?m)^( *[a-z_-]+: +)([^\s#].*)$`)

// Specs whose every value is hostile in turn, folders with hostile names,
// policies and decisions.
func TestHostileCatalogs(t *testing.T) {
	hostile.WithoutRace(t)
	root := testfiles.Root(t)
	spec := testfiles.Read(t, root, "testdata", "demo", "dockyard", "uvx", "mcp-clickhouse", "spec.yaml")
	triage := "version: 1\ndecisions:\n  - package: uvx/x\n    rule: a.b\n    finding: sha256:0\n    kind: known\n    reason: because\n    until: 2027-01-01\n    by: me\n"
	policy := "version: 1\nrules:\n  - match: {package: \"x\"}\n    status: verified\n"
	sample := hostile.Sample(t) // a third of the formats, and of the values of decisions, with each text, in turn
	for n, text := range hostileTexts() {
		t.Run(text.Name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			files := append(trustFiles(t), "--offline", "--cache-dir", "cache")
			quoted, _ := json.Marshal(text.Value)
			for i, at := range yamlValue.FindAllSubmatchIndex(spec, -1) {
				value := string(quoted)
				if i%3 == 0 {
					value = text.Value
				}
				testfiles.Write(t, fmt.Sprintf("cat/uvx/s%d/spec.yaml", i), string(spec[:at[4]])+value+string(spec[at[5]:]))
			}
			if name := strings.NewReplacer("/", "-", "\x00", "-").Replace(text.Value); len(name) < 200 {
				testfiles.Write(t, "cat/npx/"+name+"/spec.yaml", string(spec))
			}
			for i, args := range formatsOf("cat", files...) {
				if sample && (n+i)%3 > 0 {
					continue
				}
				hostileRun(t, text.Name+" in specs", map[string]string{"HOME": os.DevNull + "/nowhere"}, args...)
			}
			for file, whole := range map[string]string{"triage.yaml": triage, "policy.yaml": policy} {
				for i, at := range yamlValue.FindAllStringSubmatchIndex(whole, -1) {
					if sample && (n+i)%3 > 0 {
						continue
					}
					value := string(quoted)
					if i%2 == 0 {
						value = text.Value
					}
					testfiles.Write(t, "cat/"+file, whole[:at[4]]+value+whole[at[5]:])
					hostileRun(t, text.Name+" in "+file, map[string]string{}, append([]string{"report", "cat"}, files...)...)
				}
				os.Remove("cat/" + file)
			}
			testfiles.Write(t, "h.jsonl", `{"schema":`+string(quoted)+"}\n"+text.Value+"\n")
			hostileRun(t, text.Name+" in the history", map[string]string{}, append([]string{"coverage", "cat", "--history", "h.jsonl"}, files...)...)
			testfiles.Write(t, "results.json", text.Value)
			hostileRun(t, text.Name+" as results", map[string]string{}, "--results", "results.json")
		})
	}
}

var jsonString = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// A registry whose answers are hostile: status lines, headers, error bodies,
// addresses to go on to, and every text of every document.
func TestHostileRegistry(t *testing.T) {
	hostile.WithoutRace(t)
	answers, _ := lab.Recording(t)
	var answer func(w http.ResponseWriter, r *http.Request, body []byte)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _, body, _ := lab.Answer(answers, r)
		answer(w, r, body)
	}))
	defer server.Close()
	t.Chdir(t.TempDir())
	args := append(trustFiles(t), "--npm-registry", server.URL, "--pypi-index", server.URL+"/simple/", "--cache-size", "0", "--log-file", "log")
	runs := 0
	try := func(what string) {
		for _, run := range [][]string{{"report", "cat", "--history"}, {"verify-provenance", "-c", "cat/npx/mcp-jetbrains/spec.yaml", "-v"}} {
			hostileRun(t, what, map[string]string{}, append(run, args...)...)
			runs++
		}
		log, _ := os.ReadFile("log")
		checkOutput(t, what+", log", string(log))
		os.Remove("log")
	}
	sample, step := hostile.Sample(t), 3 // each text with a third of the statuses, in turn
	if sample {
		step = 9
	}
	for n, text := range hostileTexts() {
		if text.Long() {
			continue
		}
		for i, status := range []int{200, 302, 401, 404, 410, 418} {
			if sample && (n+i)%3 > 0 {
				continue
			}
			answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) {
				header := strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(text.Value)
				w.Header()["Content-Type"], w.Header()["Location"], w.Header()["X-Error"] = []string{header}, []string{header}, []string{header}
				w.WriteHeader(status)
				fmt.Fprint(w, text.Value)
			}
			try(fmt.Sprintf("%s with status %d", text.Name, status))
		}
	}
	all := hostile.Texts()[len(hostile.Texts())-1]
	quoted, _ := json.Marshal(all.Value)
	var most atomic.Int64
	for n := 0; n <= int(most.Load()); n += step {
		answer = func(w http.ResponseWriter, _ *http.Request, body []byte) {
			at := jsonString.FindAllIndex(body, -1)
			if last := int64(min(len(at)-1, 150)); last > most.Load() {
				most.Store(last)
			}
			if n < len(at) {
				body = bytes.Join([][]byte{body[:at[n][0]], body[at[n][1]:]}, quoted)
			}
			w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
			w.Write(body)
		}
		try(fmt.Sprintf("text %d of the documents", n))
	}
	t.Logf("%d runs", runs)
}
