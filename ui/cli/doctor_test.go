package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/testdata/testfiles"
	"plimsoll/testdata/tuftest"
	"plimsoll/ui/report"
)

// ownKeys are a registry's keys as it serves them itself.
const ownKeys = `{"keys":[{"keyid":"SHA256:R8goklzS6h15ZGKQRl0MpVwHa+6ciYeQG5BEtHwyaWk","keytype":"ecdsa-sha2-nistp256",` +
	`"scheme":"ecdsa-sha2-nistp256","key":"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETl9tdatzhtbpWEA0AFsMGdMRFnTl/NL6WB+WnUbCnwQxSfHNmz4yj/rjQnqcqK3Xd+cvusFnwPxlMmEbNLYX7w=="}]}`

const smallPage = `{"meta":{"api-version":"1.1"},"name":"sampleproject","versions":[],"files":[]}`

// What a registry answers, however hostile, ends in one honest line: it is there, it is
// there and says little, or it is missing. Credentials are never shown, nothing acts
// on the terminal, and each is asked once.
func TestDoctorAsksRegistries(t *testing.T) {
	t.Parallel()
	plain := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); w.Write([]byte(body)) }
	}
	for name, test := range map[string]struct {
		npm, pypi  http.HandlerFunc
		says, page string // of npm, and of PyPI
		npmIs, is  health
	}{
		"good":            {plain(200, ownKeys), plain(200, smallPage), "those that count are from ", "answers with the page of a project", isOK, isOK},
		"has neither":     {plain(404, ""), plain(404, ""), "has no keys there", "does not have the project", isNote, isNote},
		"gone":            {plain(410, ""), plain(410, ""), "has no keys there", "does not have the project", isNote, isNote},
		"refuses":         {plain(401, "who are you?\x1b[2J"), plain(403, "\u202e"), "401 Unauthorized", "403 Forbidden", isMissing, isMissing},
		"broken":          {plain(500, "oops"), plain(503, ""), "500 Internal", "503 Service", isMissing, isMissing},
		"a login page":    {plain(200, "<html>log in"), plain(200, "<html>log in"), "found a web page", "JSON", isMissing, isMissing},
		"other JSON":      {plain(200, `{"keys":[]}`), plain(200, `{"a":1}`), "its keys cannot be read: keys: expected 1 to", "without its name and its files", isNote, isMissing},
		"another page":    {plain(200, `[]`), plain(200, `{"name":"other","files":[]}`), "expected a JSON object", `of "sampleproject", found the one of "other"`, isNote, isMissing},
		"empty":           {plain(200, ""), plain(200, ""), "an empty answer", "an empty answer", isMissing, isMissing},
		"endless":         {endless, endless, "too large", "too large", isMissing, isMissing},
		"leads elsewhere": {redirect, redirect, "which is refused", "which is refused", isMissing, isMissing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				asked = append(asked, r.URL.Path)
				mu.Unlock()
				if r.Header.Get("Authorization") == "" {
					t.Errorf("%s was asked without the credentials", r.URL)
				}
				if strings.HasPrefix(r.URL.Path, "/simple/") {
					test.pypi(w, r)
				} else {
					test.npm(w, r)
				}
			}))
			t.Cleanup(server.Close)
			host := strings.TrimPrefix(server.URL, "http://")
			home := t.TempDir()
			testfiles.Write(t, filepath.Join(home, ".npmrc"), "registry="+server.URL+"\n@a:registry="+server.URL+"\n//"+host+"/:_authToken=hunter2hunter2\n")
			vars := map[string]string{"HOME": home, "UV_INDEX_URL": "http://user:hunter2hunter2@" + host + "/simple", "npm_config_globalconfig": filepath.Join(home, "none")}
			recording := filepath.Join("..", "..", "testdata", "demo", "recording")
			args := []string{"doctor", "--json", "--trusted-root", filepath.Join(recording, "trusted_root.json"), "--npm-keys", filepath.Join(recording, "npm-keys.json")}
			code, stdout, stderr := invokeWith(t.Context(), vars, args...)
			want := report.ExitOK
			if test.npmIs == isMissing || test.is == isMissing {
				want = report.ExitUnchecked
			}
			if code != want || stderr != "" || strings.Contains(stdout, "hunter2") || strings.ContainsAny(stdout, "\x1b\u202e") {
				t.Errorf("exit code %d, want %d, stderr %q\n%s", code, want, stderr, stdout)
			}
			found := results(t, stdout)
			for name, want := range map[string]struct {
				is   health
				says string
			}{"npm-registry": {test.npmIs, test.says}, "npm-registry @a": {test.npmIs, test.says}, "pypi-index": {test.is, test.page}} {
				got := found[name]
				if got.Result != want.is || !strings.Contains(got.Found, want.says) || got.Result == isMissing && (got.Expected == "" || got.Advice == "") {
					t.Errorf("%s: %+v, want %s and %q", name, got, want.is, want.says)
				}
				if passing := test.says == "500 Internal"; strings.HasPrefix(got.Advice, "try again later; ") != passing {
					t.Errorf("%s: what to do: %q; may it pass: %v", name, got.Advice, passing)
				}
			}
			slices.Sort(asked)
			if name != "leads elsewhere" && !slices.Equal(asked, []string{"/-/npm/v1/keys", "/simple/sampleproject/"}) {
				t.Errorf("it asked %v", asked)
			}
		})
	}
}

func endless(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write(bytes.Repeat([]byte(`{"keys":`), 4096)); err != nil {
			return
		}
	}
}

func redirect(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "https://evil.example/", http.StatusFound)
}

// results reads what doctor --json prints.
func results(t *testing.T, stdout string) map[string]symptom {
	t.Helper()
	var document doctorDocument
	if err := json.Unmarshal([]byte(stdout), &document); err != nil || document.Schema != "plimsoll/doctor/v1" {
		t.Fatalf("%v in %q", err, stdout)
	}
	found := map[string]symptom{}
	for _, s := range document.Results {
		found[s.Name] = s
	}
	return found
}

// Servers that say nothing hold it up for the time that it has, all together.
func TestDoctorIsBoundedInTime(t *testing.T) {
	t.Parallel()
	env, _, ctx, _ := interruptible(t)
	environ := env.Getenv
	env.Getenv = func(name string) string {
		return cmp.Or(map[string]string{"GOPROXY": silent(t, func() {}), "GOSUMDB": "off"}[name], environ(name))
	}
	o := options{npmRegistry: silent(t, func() {}), pypiIndex: silent(t, func() {}), tufMirror: silent(t, func() {}), cacheSize: 1}
	data, err := os.ReadFile(tufRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	o.tufRoot = filepath.Join(t.TempDir(), "root.json")
	testfiles.Write(t, o.tufRoot, string(data))
	found, err := diagnose(ctx, env, o, 400*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []health{isMissing, isMissing, isMissing, isMissing, isNote} {
		if found[i].Result != want || want == isMissing && !strings.Contains(found[i].Found, "no complete answer within") {
			t.Errorf("%+v", found[i])
		}
	}
}

// The trust root is loaded as a run loads it; keys that the registry alone vouches for
// are told as such; and what was kept is enough without network.
func TestDoctorLoadsTheTrust(t *testing.T) {
	t.Parallel()
	env, _, ctx, _ := interruptible(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(ownKeys)) }))
	t.Cleanup(server.Close)
	repository := tuftest.New(t, map[string]string{"trusted_root.json": recorded(t, "trusted_root.json")}, time.Now().Add(48*time.Hour))
	root := filepath.Join(t.TempDir(), "root.json")
	testfiles.Write(t, root, string(repository.File("1.root.json")))
	o := options{npmRegistry: server.URL, tufMirror: repository.URL, tufRoot: root, cacheSize: 1}
	for _, step := range []struct {
		offline, down bool
		root, npm     health
		says          string
	}{
		{false, false, isOK, isNote, "nobody else vouches"},
		{true, true, isOK, isUnasked, "--offline"},
		{false, true, isMissing, isOK, "answers with its keys"},
	} {
		o.offline = step.offline
		repository.SetDown(step.down)
		found, err := diagnose(ctx, env, o, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if found[0].Result != step.root || found[1].Result != step.npm || !strings.Contains(found[1].Found, step.says) {
			t.Errorf("offline %v, down %v: %+v", step.offline, step.down, found[:2])
		}
	}
}

// The cache's folder is tried without a trace, and missing only if it was asked for.
func TestDoctorTriesTheCache(t *testing.T) {
	t.Parallel()
	env, _, ctx, _ := interruptible(t)
	dir := t.TempDir()
	testfiles.Write(t, filepath.Join(dir, "file"), "")
	for name, test := range map[string]struct {
		o    options
		want health
	}{
		"not there yet": {options{cacheDir: filepath.Join(dir, "a", "b"), cacheSize: 1}, isOK},
		"there":         {options{cacheDir: dir, cacheSize: 1}, isOK},
		"a file":        {options{cacheDir: filepath.Join(dir, "file"), cacheSize: 1}, isMissing},
		"none wanted":   {options{cacheDir: dir}, isUnasked},
		"offline":       {options{cacheDir: dir, cacheSize: 1, offline: true}, isMissing},
	} {
		d := doctor{env: env, options: test.o}
		if got := d.cache(ctx); got.Result != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("in the folder is left %v, %v", left, err)
	}
}

// A terminal without colours is no fault, nor is a machine without git.
func TestDoctorLooksAtTheTerminal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		vars map[string]string
		want string
		is   health
	}{
		"colours":  {map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}, `16 million colours, no links (TERM "xterm-256color")`, isOK},
		"links":    {map[string]string{"TERM": "xterm-kitty", "LC_ALL": "en_US.utf8"}, `16 million colours, links (TERM "xterm-kitty")`, isOK},
		"few":      {map[string]string{"TERM": "xterm", "LANG": "C.UTF-8"}, `16 colours, no links (TERM "xterm")`, isOK},
		"NO_COLOR": {map[string]string{"TERM": "xterm", "NO_COLOR": "1", "LANG": "C.UTF-8"}, `no colours, no links (TERM "xterm")`, isOK},
		"no UTF-8": {map[string]string{"TERM": "xterm\x1b", "LC_ALL": "C", "LANG": "C.UTF-8"}, `16 colours, no links (TERM "xterm\x1b"); no locale of UTF-8 is set`, isNote},
	} {
		env := bare(nil, nil, test.vars)
		env.IsTerminal = func(any) bool { return true }
		if got := (&doctor{env: env}).terminal(t.Context()); got.Result != test.is || got.Found != test.want {
			t.Errorf("%s: %+v, want %q", name, got, test.want)
		}
	}
}

// git is needed by a review alone: without it, or with an old one, the rest works.
func TestDoctorLooksForGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	d := doctor{env: bare(nil, nil, nil), within: time.Minute}
	look := func(ctx context.Context) symptom { return d.git(ctx) }
	if got := look(t.Context()); got.Result != isNote || !strings.Contains(got.Found, "expected the program git") {
		t.Errorf("none: %+v", got)
	}
	for says, want := range map[string]health{
		"git version 2.47.1": isOK, "git version 2.39.5 (Apple Git-154)": isOK, "git version 3.0.0-rc1": isOK, "git version 2.45.1.windows.1": isOK,
		"git version 2.24.9": isNote, "git version 1.99.0": isNote, "hub 2.40": isNote, "": isNote, "git version \x1b[2J": isNote,
	} {
		script := "#!/bin/sh\nprintf '%s\\n' '" + says + "'\n"
		if err := os.WriteFile(filepath.Join(os.Getenv("PATH"), "git"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		if got := look(t.Context()); got.Result != want || strings.Contains(got.Found, "\x1b") {
			t.Errorf("%q: %+v, want %s", says, got, want)
		}
	}
	hangs := "#!/bin/sh\nwhile :; do :; done\n"
	if err := os.WriteFile(filepath.Join(os.Getenv("PATH"), "git"), []byte(hangs), 0o700); err != nil {
		t.Fatal(err)
	}
	d.within = 100 * time.Millisecond
	if got := look(t.Context()); got.Result != isNote || !strings.Contains(got.Found, "git does not answer within 50ms") {
		t.Errorf("hangs: %+v", got)
	}
}

// What never ends, or panics, costs the others nothing.
func TestDoctorLeavesBehindWhatHangs(t *testing.T) {
	t.Parallel()
	log := &logFile{Logger: slog.New(slog.DiscardHandler)}
	d := &doctor{env: bare(nil, nil, nil)}
	d.add("panics\x1b", func(context.Context) symptom { panic("boom\x1b") })
	d.add("well", func(context.Context) symptom { return symptom{Result: isOK} })
	found := d.runAll(t.Context(), log, nil)
	if found[0].Result != isMissing || !strings.Contains(found[0].Found, `internal error: boom\x1b`) || strings.Contains(found[0].Name, "\x1b") || found[1].Result != isOK {
		t.Errorf("%+v", found)
	}
	hangs, late := make(chan struct{}), make(chan time.Time)
	t.Cleanup(func() { close(hangs) })
	close(late)
	d.probes = nil
	d.add("hangs", func(context.Context) symptom { <-hangs; return symptom{} })
	if found := d.runAll(t.Context(), log, late); found[0].Result != isMissing || found[0].Found != "none came" {
		t.Errorf("%+v", found)
	}
}
