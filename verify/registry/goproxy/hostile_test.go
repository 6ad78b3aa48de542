package goproxy_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"plimsoll/verify"
	"plimsoll/verify/registry/goproxy"
)

// A tree of 2^63 records has no end of subtrees, and anybody who answers may claim one:
// its signature is only verified once its tiles are there.
func TestTreeWithoutEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, "example.com/m")
	for _, size := range []string{"9223372036854775807", "4611686018427387905", "1099511627777"} {
		head := "go.sum database tree\n" + size + "\n" + strings.Repeat("A", 43) + "=\n\n— x AAAA\n"
		w.change = func(out http.ResponseWriter, _ *http.Request, _, path string) bool {
			switch {
			case strings.Contains(path, "lookup/"):
				_, _ = fmt.Fprintf(out, "0\nexample.com/m v1.0.0 h1:x\nexample.com/m v1.0.0/go.mod h1:x\n\n%s", head)
			case strings.HasSuffix(path, "latest"):
				_, _ = fmt.Fprint(out, head)
			default:
				return false
			}
			return true
		}
		done := make(chan verify.Report, 1)
		go func() {
			r, _ := judge(t.Context(), w.registry(w.settings("p"), &goproxy.Heads{}), release("example.com/m", "v1.0.0"))
			done <- r
		}()
		select {
		case r := <-done:
			if r.Status != verify.Invalid {
				t.Errorf("%s: %v: %s", size, r.Status, r.Reason)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: it does not end", size)
		}
	}
}

func loadSettings(settings map[string]string) goproxy.Config {
	return goproxy.Load(goproxy.Sources{
		Getenv: func(name string) string { return settings[name] },
		GoEnv:  func(...string) (map[string]string, error) { return nil, os.ErrNotExist },
	})
}

// A GOSUMDB that cannot be read may hold a password, and is shown and recorded.
func TestUnreadableDatabaseIsNoLeak(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"https://user:hunter2@sum.example", "a b https://user:hunter2@sum.example", "user:hunter2@sum.example",
		"sum.golang.org https://user:hunter2@sum.example/?token=hunter2", "sum.golang.org http://user:hunter2@sum.example/",
		"sum.golang.org https://user:hunter2@%zz", "sum.golang.org https://user:hunter2@sum.example/",
	} {
		c := loadSettings(map[string]string{"GOSUMDB": value, "GOPROXY": "https://user:hunter2@proxy.example", "GOENV": "off"})
		if text := fmt.Sprintf("%v %v %+v %v", c.Fault, c.SumFault, c.Settings(), c.Recorded()); strings.Contains(text, "hunter2") {
			t.Errorf("%q: %s", value, text)
		}
		if again := goproxy.Recorded(c.Recorded(), ""); (again.SumFault == nil) != (c.SumFault == nil) || again.Key != c.Key {
			t.Errorf("%q: a replay asks the database %q, %v", value, again.Key, again.SumFault)
		}
	}
}

// A key of somebody's own may not bear the name of the public database: a recording
// brings its key, and the name is what people read.
func TestAnotherKeyOfThePublicDatabase(t *testing.T) {
	t.Parallel()
	_, forged, err := note.GenerateKey(rand.Reader, "sum.golang.org")
	if err != nil {
		t.Fatal(err)
	}
	if c := loadSettings(map[string]string{"GOSUMDB": forged, "GOENV": "off"}); c.SumFault == nil || c.Key != "" {
		t.Errorf("%s is taken", c.Key)
	}
}

// A recording may be somebody else's: it names no file of this machine.
func TestRecordedSettingsReadNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := filepath.Join(dir, "go", "env")
	if err := os.MkdirAll(filepath.Dir(env), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(env, []byte("GOPRIVATE=secret.example\nGONOSUMDB=secret.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	netrc := filepath.Join(dir, "netrc")
	if err := os.WriteFile(netrc, []byte("machine proxy.example login user password hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, settings := range []map[string]string{{"GOENV": env}, {"XDG_CONFIG_HOME": dir}, {"GOPRIVATE": "secret.example"}, {"NETRC": netrc}} {
		settings["GOPROXY"] = "https://proxy.example"
		c := goproxy.Recorded(settings, "").Config
		if c.Excluded("secret.example/m") != "" || c.Credentials(c.Proxies()[0]) {
			t.Errorf("%v is obeyed: %v", settings, c.Settings())
		}
	}
}
