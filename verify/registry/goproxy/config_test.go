package goproxy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/verify"
	"plimsoll/verify/registry/goproxy"
)

// A settingsCase is a configuration of the go command. In its texts {URL} is the
// server's address, {HOST} its host, {PLAIN} that without TLS, and {KEY} the
// database's.
type settingsCase struct {
	name    string
	env     string // NAME=value, a line each
	file    string // that "go env -w" writes
	netrc   string
	asked   string // who was asked for .info, /supported and /lookup, in their order, with what login
	status  verify.Status
	reason  string // part of it
	goFails bool   // the go command then asks the module's repository, which is not there
}

const database = "GOSUMDB={KEY}\n"

var settingsCases = []settingsCase{
	{name: "one proxy", env: database + "GOPROXY={URL}/a", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "a slash at the end", env: database + "GOPROXY={URL}/a/", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "blanks around", env: database + "GOPROXY= {URL}/a ", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "without a scheme", env: database + "GOPROXY={HOST}/a", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "the first has it", env: database + "GOPROXY={URL}/a,{URL}/b", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "404, then the next", env: database + "GOPROXY={URL}/404,{URL}/b", asked: "404 info, b info, 404 supported, b supported, b lookup", status: verify.Signed},
	{name: "410, then the next", env: database + "GOPROXY={URL}/410,{URL}/b", asked: "410 info, b info, 410 supported, b supported, b lookup", status: verify.Signed},
	{name: "403 ends it", env: database + "GOPROXY={URL}/403,{URL}/b", asked: "403 info", status: verify.Unchecked, reason: "403"},
	{name: "403 and a |", env: database + "GOPROXY={URL}/403|{URL}/b", asked: "403 info, b info, 403 supported, b supported, b lookup", status: verify.Signed},
	{name: "500 ends it", env: database + "GOPROXY={URL}/500,{URL}/b", asked: "500 info", status: verify.Unchecked, reason: "500"},
	{name: "500 and a |", env: database + "GOPROXY={URL}/500|{URL}/b", asked: "500 info, b info, 500 supported, b supported, b lookup", status: verify.Signed},
	{name: "| and , mixed", env: database + "GOPROXY={URL}/500|{URL}/404,{URL}/b", asked: "500 info, 404 info, b info, 500 supported, 404 supported, b supported, b lookup", status: verify.Signed},
	{name: "empty entries", env: database + "GOPROXY=,,{URL}/a,", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "only separators", env: database + "GOPROXY=,|", status: verify.Unchecked, reason: "names no module proxy"},
	{name: "only a blank", env: database + "GOPROXY= ", status: verify.Unchecked, reason: "names no module proxy"},
	{name: "off", env: database + "GOPROXY=off", status: verify.Unchecked, reason: "GOPROXY is off"},
	{name: "direct", env: database + "GOPROXY=direct", status: verify.Unchecked, reason: "direct"},
	{name: "direct after a proxy", env: database + "GOPROXY={URL}/a,direct", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "direct after a 404", env: database + "GOPROXY={URL}/404,direct", asked: "404 info", status: verify.Unchecked, reason: "(direct), which plimsoll does not do"},
	{name: "off after a 404", env: database + "GOPROXY={URL}/404,off", asked: "404 info", status: verify.Unchecked, reason: "not found"},
	{name: "nothing is read after off", env: database + "GOPROXY={URL}/a,off,nonsense", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "a word", env: database + "GOPROXY=mirror", status: verify.Unchecked, reason: "expected a registry address"},
	{name: "another scheme", env: database + "GOPROXY=ftp://{HOST}/a", status: verify.Unchecked, reason: "ftp"},
	{name: "without TLS on this machine", env: database + "GOPROXY={PLAIN}/a", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "a login without TLS", env: database + "GOPROXY={PLAINLOGIN}/a", status: verify.Unchecked, reason: "does not send by plain http"},
	{name: "a login", env: database + "GOPROXY={LOGIN}/a", asked: "a info u:hunter2, a supported u:hunter2, a lookup u:hunter2", status: verify.Signed},
	{name: "a login of each", env: database + "GOPROXY={LOGIN}/404,{URL}/b", asked: "404 info u:hunter2, b info, 404 supported u:hunter2, b supported, b lookup", status: verify.Signed},

	{name: "a proxy without the database", env: database + "GOPROXY={URL}/nodb", asked: "nodb info, nodb supported, db lookup", status: verify.Signed},
	{name: "the next one has the database", env: database + "GOPROXY={URL}/nodb,{URL}/b", asked: "nodb info, nodb supported, b supported, b lookup", status: verify.Signed},
	{name: "a broken way to the database", env: database + "GOPROXY={URL}/db500,{URL}/b", asked: "db500 info, db500 supported", status: verify.Unchecked, reason: "500"},
	{name: "a broken way and a |", env: database + "GOPROXY={URL}/db500|{URL}/b", asked: "db500 info, db500 supported, b supported, b lookup", status: verify.Signed},
	{name: "an address of the database", env: "GOSUMDB={KEY} {URL}\nGOPROXY={URL}/a", asked: "a info, db lookup", status: verify.Signed},
	{name: "a path of the database", env: "GOSUMDB={KEY} {URL}/a/sumdb/{HOST}\nGOPROXY={URL}/b", asked: "b info, a lookup", status: verify.Signed},
	{name: "three words", env: "GOSUMDB={KEY} {URL} x\nGOPROXY={URL}/a", asked: "a info", status: verify.Unchecked, reason: "expected a checksum database's key"},
	{name: "no key", env: "GOSUMDB=sum.test\nGOPROXY={URL}/a", asked: "a info", status: verify.Unchecked, reason: "expected the name of the public database"},
	{name: "blanks for a key", env: "GOSUMDB= \nGOPROXY={URL}/a", asked: "a info", status: verify.Unchecked, reason: "expected a checksum database's key"},
	{name: "another key", env: "GOSUMDB={HOST}+00000001+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nGOPROXY={URL}/a", asked: "a info", status: verify.Unchecked, reason: "expected the name of the public database"},
	{name: "no database", env: "GOSUMDB=off\nGOPROXY={URL}/a", asked: "a info", status: verify.None, reason: "GOSUMDB is off"},

	{name: "GONOSUMDB", env: database + "GOPROXY={URL}/a\nGONOSUMDB=example.com", asked: "a info", status: verify.None, reason: "GONOSUMDB excludes it"},
	{name: "a pattern", env: database + "GOPROXY={URL}/a\nGONOSUMDB=*.org,example.*/m", asked: "a info", status: verify.None, reason: "GONOSUMDB excludes it"},
	{name: "another pattern", env: database + "GOPROXY={URL}/a\nGONOSUMDB=*.org,example.com/other", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "a pattern of part of a name", env: database + "GOPROXY={URL}/a\nGONOSUMDB=example.co,ample.com", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "GOPRIVATE", env: database + "GOPROXY={URL}/a\nGOPRIVATE=example.com", status: verify.None, reason: "GOPRIVATE excludes it", goFails: true},
	{name: "GOPRIVATE, but a proxy", env: database + "GOPROXY={URL}/a\nGOPRIVATE=example.com\nGONOPROXY=none", asked: "a info", status: verify.None, reason: "GOPRIVATE excludes it"},
	{name: "GOPRIVATE, but the database", env: database + "GOPROXY={URL}/a\nGOPRIVATE=example.com\nGONOSUMDB=none", status: verify.Unchecked, reason: "GOPRIVATE says that no proxy is asked"},
	{name: "GONOPROXY", env: database + "GOPROXY={URL}/a\nGONOPROXY=example.com/m", status: verify.Unchecked, reason: "GONOPROXY says that no proxy is asked"},
	{name: "GONOPROXY of others", env: database + "GOPROXY={URL}/a\nGONOPROXY=example.com/m/v2,other.test", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "GOINSECURE", env: database + "GOPROXY={URL}/a\nGOINSECURE=example.com", asked: "a info, a supported, a lookup", status: verify.Signed},

	{name: "a file", file: database + "GOPROXY={URL}/a", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "the environment before a file", file: database + "GOPROXY={URL}/a", env: "GOPROXY={URL}/b", asked: "b info, b supported, b lookup", status: verify.Signed},
	{name: "an empty variable before a file", file: database + "GOPROXY={URL}/a", env: "GOPROXY=", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "no file", file: "GOPROXY={URL}/a", env: database + "GOENV=off\nGOPROXY={URL}/b", asked: "b info, b supported, b lookup", status: verify.Signed},
	{name: "another file", file: "GOPROXY={URL}/a\n" + database, env: "GOENV={DIR}/none\nGOPROXY={URL}/b\n" + database, asked: "b info, b supported, b lookup", status: verify.Signed},
	{name: "the last line", file: database + "GOPROXY={URL}/b\nGOPROXY={URL}/a\n", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "comments and nonsense", file: "# GOPROXY={URL}/404\n=x\n\nnonsense\n GOPROXY={URL}/404\n" + database + "GOPROXY={URL}/a", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "exclusion in a file", file: "GONOSUMDB=example.com\n", env: database + "GOPROXY={URL}/a", asked: "a info", status: verify.None, reason: "env:1 excludes it"},

	{name: "netrc", env: database + "GOPROXY={URL}/a", netrc: "machine {HOST} login n password hunter2", asked: "a info n:hunter2, a supported n:hunter2, a lookup n:hunter2", status: verify.Signed},
	{name: "netrc of the host alone", env: database + "GOPROXY={URL}/a", netrc: "machine 127.0.0.1 login n password hunter2", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "netrc of a path", env: database + "GOPROXY={URL}/404,{URL}/b", netrc: "machine {HOST}/b\nlogin n\npassword hunter2", asked: "404 info, b info n:hunter2, 404 supported, b supported n:hunter2, b lookup n:hunter2", status: verify.Signed},
	{name: "netrc's first", env: database + "GOPROXY={URL}/a", netrc: "machine {HOST} login n password hunter2\nmachine {HOST} login o password x", asked: "a info n:hunter2, a supported n:hunter2, a lookup n:hunter2", status: verify.Signed},
	{name: "netrc's quotes", env: database + "GOPROXY={URL}/a", netrc: `machine {HOST} login n password "h\x"`, asked: `a info n:"h\x", a supported n:"h\x", a lookup n:"h\x"`, status: verify.Signed},
	{name: "netrc's default", env: database + "GOPROXY={URL}/a", netrc: "default login n password hunter2", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "netrc's macro", env: database + "GOPROXY={URL}/a", netrc: "macdef init\nmachine {HOST} login x password y\n\nmachine {HOST} login n password hunter2", asked: "a info n:hunter2, a supported n:hunter2, a lookup n:hunter2", status: verify.Signed},
	{name: "a login before netrc's", env: database + "GOPROXY={LOGIN}/a", netrc: "machine {HOST} login n password x", asked: "a info u:hunter2, a supported u:hunter2, a lookup u:hunter2", status: verify.Signed},
	{name: "netrc without TLS", env: database + "GOPROXY={PLAIN}/a", netrc: "machine {PLAINHOST} login n password x", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "no netrc", env: database + "GOPROXY={URL}/a\nGOAUTH=off", netrc: "machine {HOST} login n password hunter2", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "netrc and a program", env: database + "GOPROXY={URL}/a\nGOAUTH=netrc; git {DIR}", netrc: "machine {HOST} login n password hunter2", asked: "a info n:hunter2, a supported n:hunter2, a lookup n:hunter2", status: verify.Signed, reason: "plimsoll runs no program for credentials"},
	{name: "a program alone", env: database + "GOPROXY={URL}/a\nGOAUTH=git {DIR}", netrc: "machine {HOST} login n password hunter2", asked: "a info, a supported, a lookup", status: verify.Signed, reason: "plimsoll runs no program for credentials"},
	{name: "netrc elsewhere", env: database + "GOPROXY={URL}/a\nNETRC={DIR}/none", netrc: "machine {HOST} login n password hunter2", asked: "a info, a supported, a lookup", status: verify.Signed},
	{name: "netrc for the database", env: database + "GOPROXY={URL}/nodb", netrc: "machine {HOST}/lookup login n password hunter2", asked: "nodb info, nodb supported, db lookup n:hunter2", status: verify.Signed},
}

// prepare writes the files of a case, and returns its environment.
func (c settingsCase) prepare(t *testing.T, w *world) map[string]string {
	t.Helper()
	dir := t.TempDir()
	host, plain := strings.TrimPrefix(w.URL, "https://"), strings.TrimPrefix(w.plain.URL, "http://")
	fill := strings.NewReplacer("{URL}", w.URL, "{HOST}", host, "{PLAIN}", w.plain.URL, "{PLAINHOST}", plain, "{KEY}", w.key, "{DIR}", dir,
		"{LOGIN}", "https://u:hunter2@"+host, "{PLAINLOGIN}", "http://u:hunter2@"+plain)
	env := map[string]string{"HOME": dir, "GOENV": filepath.Join(dir, "env")}
	for line := range strings.SplitSeq(fill.Replace(c.env), "\n") {
		if name, value, ok := strings.Cut(line, "="); ok {
			env[name] = value
		}
	}
	const telemetry = ".config/go/telemetry" // whose process would outlive the test
	if err := os.MkdirAll(filepath.Join(dir, telemetry), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"env": c.file, ".netrc": c.netrc, telemetry + "/mode": "off"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fill.Replace(content)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return env
}

// projected leaves of what was asked the questions that the settings decide, once each.
func projected(asked []string) string {
	var list []string
	for _, a := range asked {
		kind, rest, _ := strings.Cut(a, " ")
		path, login, _ := strings.Cut(rest, " ")
		what := ""
		switch {
		case strings.HasSuffix(path, "/v1.0.0.info"):
			what = "info"
		case strings.HasSuffix(path, "/supported"):
			what = "supported"
		case strings.Contains(path, "lookup/"):
			what = "lookup"
		}
		if entry := strings.TrimSpace(kind + " " + what + " " + login); what != "" && !slices.Contains(list, entry) {
			list = append(list, entry)
		}
	}
	return strings.Join(list, ", ")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	if len(settingsCases) < 40 {
		t.Fatal("the table shrank")
	}
	w := newWorld(t)
	for _, c := range settingsCases {
		t.Run(c.name, func(t *testing.T) {
			w.take()
			r, err := judge(t.Context(), w.registry(c.prepare(t, w), &goproxy.Heads{}), release("example.com/m", "v1.0.0"))
			if got := projected(w.take()); got != c.asked {
				t.Errorf("asked %s\n want %s", got, c.asked)
			}
			if r.Status != c.status || !strings.Contains(said(r), c.reason) {
				t.Errorf("%v, want %v: …%s…:\n%s", r.Status, c.status, c.reason, said(r))
			}
			if said := said(r) + errorText(err); strings.Contains(said, "hunter2") {
				t.Error("the password is shown: ", said)
			}
		})
	}
}

// What nobody set is as the go command was installed; a version of it that derives
// GONOSUMDB from GOPRIVATE is not taken for a setting.
func TestDefaults(t *testing.T) {
	t.Parallel()
	env := map[string]string{"GOENV": "off"}
	load := func(values map[string]string, err error) goproxy.Config {
		return goproxy.Load(goproxy.Sources{Getenv: func(name string) string { return env[name] }, GoEnv: func(...string) (map[string]string, error) { return values, err }})
	}
	c := load(map[string]string{"GOPROXY": "https://a.example,direct", "GOSUMDB": "off", "GOPRIVATE": "b.example", "GONOPROXY": "b.example", "GONOSUMDB": "c.example"}, nil)
	if got := c.Recorded(); got["GOPROXY"] != "https://a.example/,direct," || got["GOSUMDB"] != "off" || got["GONOPROXY"] != "b.example" || got["GONOSUMDB"] != "c.example" {
		t.Errorf("%v", got)
	}
	if c.ProxyFrom != "go env" || !strings.HasPrefix(c.Excluded("a.example/m"), "GOSUMDB is off") {
		t.Errorf("%s, %q", c.ProxyFrom, c.Excluded("a.example/m"))
	}
	if c = load(nil, errors.New("no such program")); c.Fault == nil || !strings.Contains(c.Fault.Error(), "no such program; set GOPROXY to the address") || c.SumFault != nil ||
		!strings.HasPrefix(c.Key, "sum.golang.org+") || c.SumFrom != "default" {
		t.Errorf("%v, %v, %s", c.Fault, c.SumFault, c.Key)
	}
	if c = load(map[string]string{}, nil); c.Fault == nil || !strings.Contains(c.Fault.Error(), "go env names none") {
		t.Error(c.Fault)
	}
	env["GOPROXY"] = "https://a.example"
	if c = load(nil, errors.New("no such program")); c.Fault != nil || c.Key == "" || len(c.Asked()) != 2 {
		t.Errorf("%v, %s, %v", c.Fault, c.Key, c.Asked())
	}
	env["GOSUMDB"] = "sum.golang.google.cn"
	if c = load(nil, errors.New("it is asked though nothing is missing")); c.Direct.String() != "https://sum.golang.google.cn/" || !strings.HasPrefix(c.Key, "sum.golang.org+") {
		t.Errorf("%v, %s", c.Direct, c.Key)
	}
	env["GOENV"] = "relative"
	if c = load(nil, nil); c.Fault == nil || c.SumFault == nil || !strings.Contains(c.Fault.Error(), "absolute") {
		t.Error(c.Fault, c.SumFault)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestSettingsAsGoReadsThem has the real go command be asked the same.
func TestSettingsAsGoReadsThem(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("go")
	if err != nil || testing.Short() {
		t.Skip("the go command is run 60 times")
	}
	w := newWorld(t)
	for _, c := range settingsCases {
		t.Run(c.name, func(t *testing.T) {
			env := c.prepare(t, w)
			w.take()
			run := exec.CommandContext(t.Context(), program, "mod", "download", "-json", "example.com/m@v1.0.0")
			run.Dir = t.TempDir()
			run.Env = append(run.Env, "PATH="+os.Getenv("PATH"), "SSL_CERT_FILE="+w.certs, "GOPATH="+run.Dir, "GOCACHE="+run.Dir, "GOFLAGS=-modcacherw",
				"GOTOOLCHAIN=local", "HTTPS_PROXY=http://127.0.0.1:9", "GOVCS=*:off")
			for name, value := range env {
				run.Env = append(run.Env, name+"="+value)
			}
			out, err := run.Output()
			if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
				t.Fatal(err)
			}
			if got := projected(w.take()); got != c.asked {
				t.Errorf("the go command asked %s\n want %s", got, c.asked)
			}
			if took := c.status == verify.Signed || c.status == verify.None && !c.goFails; took != (err == nil) {
				t.Errorf("the go command: %v, want success: %v: %s", err, took, out)
			}
			effective := exec.CommandContext(t.Context(), program, "env", "-json", "GOPROXY", "GOSUMDB", "GONOPROXY", "GONOSUMDB")
			effective.Dir, effective.Env = run.Dir, run.Env
			var theirs map[string]string
			if out, err = effective.Output(); err == nil {
				err = json.NewDecoder(bytes.NewReader(out)).Decode(&theirs)
			}
			if err != nil {
				t.Fatal(err)
			}
			ours := goproxy.Load(goproxy.Sources{Getenv: func(name string) string { return env[name] }, GoEnv: func(...string) (map[string]string, error) {
				return nil, errors.New("not asked")
			}}).Recorded()
			for _, name := range []string{"GONOPROXY", "GONOSUMDB"} {
				if ours[name] != theirs[name] {
					t.Errorf("%s: %q, want %q", name, ours[name], theirs[name])
				}
			}
		})
	}
}
