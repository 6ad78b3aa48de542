package cli

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
	xterm "golang.org/x/term"

	"plimsoll/testdata/testfiles"
	"plimsoll/ui"
	"plimsoll/ui/report"
)

// blocked is a stream that takes nothing.
type blocked struct {
	inside chan struct{} // closed when somebody writes
	free   chan struct{}
	once   sync.Once
}

func newBlocked(t *testing.T) *blocked {
	b := &blocked{inside: make(chan struct{}), free: make(chan struct{})}
	t.Cleanup(func() { close(b.free) })
	return b
}

func (b *blocked) Write([]byte) (int, error) {
	b.once.Do(func() { close(b.inside) })
	<-b.free
	return 0, errors.New("nobody reads")
}

// silent is a server that takes connections and says nothing, or speaks HTTP
// and never ends its answers.
func silent(t *testing.T, accepted func()) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var once sync.Once
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			once.Do(accepted)
		}
	}()
	return "http://" + listener.Addr().String()
}

// lines is a stream that a run which was left behind may still write to.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// interruptible is an environment with an empty home, and a run that can be
// told to end.
func interruptible(t *testing.T) (Env, *lines, context.Context, context.CancelFunc) {
	t.Helper()
	home := t.TempDir()
	var stderr lines
	ctx, cancel := context.WithCancel(t.Context())
	env := bare(io.Discard, &stderr, map[string]string{"HOME": home})
	env.Now, env.grace = time.Now, 200*time.Millisecond
	return env, &stderr, ctx, cancel
}

// In whatever phase a run is told to end, it ends: the servers, pipes and files
// here never answer, so that only the interruption can end it.
func TestInterruptedInEveryPhase(t *testing.T) {
	t.Parallel()
	demo := filepath.Join("..", "..", "testdata", "demo")
	root, keys := filepath.Join(demo, "recording", "trusted_root.json"), filepath.Join(demo, "recording", "npm-keys.json")
	catalog := filepath.Join(demo, "dockyard")
	files := []string{"--trusted-root", root, "--npm-keys", keys}
	for name, args := range map[string]func(t *testing.T, env *Env, cancel context.CancelFunc) []string{
		"before anything": func(_ *testing.T, _ *Env, cancel context.CancelFunc) []string {
			cancel()
			return []string{"report", "--demo=both"}
		},
		"waiting for TUF": func(t *testing.T, _ *Env, cancel context.CancelFunc) []string {
			return []string{"report", catalog, "--tuf-mirror", silent(t, cancel), "--tuf-root", tufRoot(t)}
		},
		"waiting for TUF, recording": func(t *testing.T, _ *Env, cancel context.CancelFunc) []string {
			return []string{"report", catalog, "--tuf-mirror", silent(t, cancel), "--tuf-root", tufRoot(t), "--record", filepath.Join(t.TempDir(), "r")}
		},
		"a registry that does not answer": func(t *testing.T, _ *Env, cancel context.CancelFunc) []string {
			return append(files, "report", catalog, "--npm-registry", silent(t, cancel), "--pypi-index", silent(t, func() {})+"/simple")
		},
		"one package": func(t *testing.T, _ *Env, cancel context.CancelFunc) []string {
			return append(files, "verify-provenance", "-c", filepath.Join(catalog, "npx", "context7", "spec.yaml"), "--npm-registry", silent(t, cancel))
		},
		"histories": func(t *testing.T, _ *Env, cancel context.CancelFunc) []string {
			return append(files, "report", catalog, "--history", "--npm-registry", silent(t, cancel), "--pypi-index", silent(t, func() {})+"/simple")
		},
		"a build": func(t *testing.T, _ *Env, cancel context.CancelFunc) []string {
			return append(files, "build", "-c", filepath.Join(catalog, "npx", "context7", "spec.yaml"), "--npm-registry", silent(t, cancel))
		},
		"an answer that never ends": func(t *testing.T, _ *Env, cancel context.CancelFunc) []string {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "{")
				w.(http.Flusher).Flush()
				cancel()
				<-r.Context().Done()
			}))
			t.Cleanup(server.Close)
			return append(files, "report", catalog, "--npm-registry", server.URL, "--pypi-index", server.URL+"/simple")
		},
		"waiting to try again": func(t *testing.T, _ *Env, cancel context.CancelFunc) []string {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "120")
				w.WriteHeader(http.StatusTooManyRequests)
				cancel()
			}))
			t.Cleanup(server.Close)
			return append(files, "report", catalog, "--npm-registry", server.URL, "--pypi-index", server.URL+"/simple")
		},
		"a report that nobody reads": func(t *testing.T, env *Env, cancel context.CancelFunc) []string {
			b := newBlocked(t)
			env.Stdout = b
			go func() { <-b.inside; cancel() }()
			return []string{"report", "--demo=dockyard", "--format", "json"}
		},
		"neither the report nor the errors are read": func(t *testing.T, env *Env, cancel context.CancelFunc) []string {
			b := newBlocked(t)
			env.Stdout, env.Stderr = b, b
			go func() { <-b.inside; cancel() }()
			return []string{"report", "--demo=dockyard"}
		},
		"a policy that nobody writes": func(t *testing.T, _ *Env, cancel context.CancelFunc) []string {
			pipe := filepath.Join(t.TempDir(), "policy")
			testfiles.NamedPipe(t, pipe)
			t.Cleanup(func() { // let go whoever opens it
				if f, err := os.OpenFile(pipe, os.O_RDWR, 0); err == nil {
					f.Close()
				}
			})
			go cancel()
			return []string{"report", "--demo=both", "--policy", pipe}
		},
	} {
		t.Run(name, func(t *testing.T) {
			env, stderr, ctx, cancel := interruptible(t)
			defer cancel()
			arguments := args(t, &env, cancel)
			if code := run(ctx, arguments, env); code != report.ExitUnchecked {
				t.Errorf("exit code %d, want %d", code, report.ExitUnchecked)
			}
			if env.Stderr == io.Writer(stderr) && !strings.Contains(stderr.String(), "plimsoll: interrupted") {
				t.Errorf("it says %q", stderr.String())
			}
		})
	}
}

// Once everything is checked, an end that is asked for hides no verdict, and is told
// only if it kept the result back. A second signal ends the program at once, whatever
// holds it up.
func TestInterruptedWhenComplete(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"nothing wrong": {[]string{"verify-provenance", "--demo", "dockyard/npx/context7/spec.yaml"}, report.ExitUnchecked},
		"a mismatch":    {[]string{"verify-provenance", "--demo", "attacks/npx/fork-publishes/spec.yaml"}, report.ExitFailed},
		"no check":      {[]string{"explain", "verified"}, report.ExitUnchecked},
	} {
		for _, signals := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d signals", name, signals), func(t *testing.T) {
				env, stderr, _, _ := interruptible(t)
				if signals == 2 {
					env.grace = time.Hour // nothing but the second ends it
				}
				b := newBlocked(t)
				env.Stdout = b
				told := make(chan os.Signal, 2)
				go func() {
					<-b.inside
					for range signals {
						told <- os.Interrupt
					}
				}()
				if code := obey(told, c.args, env); code != c.code {
					t.Errorf("exit code %d, want %d", code, c.code)
				}
				if signals == 1 && stderr.String() != "plimsoll: interrupted before the result was written\n" {
					t.Errorf("it says %q", stderr.String())
				}
			})
		}
	}
	t.Run("while it is written", func(t *testing.T) {
		env, stderr, ctx, cancel := interruptible(t)
		env.Stdout = writerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
		if code := run(ctx, []string{"report", "--demo=dockyard"}, env); code != report.ExitOK || stderr.String() != "" {
			t.Errorf("exit code %d, it says %q", code, stderr.String())
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A screen that is left behind gives the terminal back all the same.
func TestAScreenThatIsLeftBehind(t *testing.T) {
	t.Parallel()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("there is no pseudo-terminal here: %v", err)
	}
	t.Cleanup(func() { errors.Join(master.Close(), slave.Close()) })
	was, err := xterm.GetState(int(slave.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	env, _, _, _ := interruptible(t)
	env.Stdin, env.Stdout, env.IsTerminal, env.ending = slave, slave, func(stream any) bool { return stream == any(slave) }, &ending{}
	for _, shown := range []bool{false, true} {
		restore := env.keepTerminal()
		if _, err := xterm.MakeRaw(int(slave.Fd())); err != nil {
			t.Fatal(err)
		}
		env.ending.show(shown)
		restore()
		mode, err := xterm.GetState(int(slave.Fd()))
		if given := reflect.DeepEqual(mode, was); err != nil || given != shown {
			t.Errorf("a screen is shown: %v; the mode is as it was: %v (%v)", shown, given, err)
		}
		if err := xterm.Restore(int(slave.Fd()), was); err != nil {
			t.Fatal(err)
		}
	}
	words := make([]byte, len(ui.GiveBack)+1)
	if n, err := master.Read(words); err != nil || string(words[:n]) != ui.GiveBack {
		t.Errorf("last words: %q, %v", words[:n], err)
	}
}

// SIGQUIT leaves what every goroutine did in the log.
func TestQuitIsLogged(t *testing.T) {
	t.Parallel()
	env, _, _, _ := interruptible(t)
	b, log := newBlocked(t), filepath.Join(t.TempDir(), "log")
	env.Stdout = b
	told := make(chan os.Signal, 1)
	go func() { <-b.inside; told <- syscall.SIGQUIT }()
	obey(told, []string{"report", "--demo=dockyard", "--log-file", log}, env)
	if data, err := os.ReadFile(log); err != nil || !strings.Contains(string(data), "interrupt_test.go") {
		t.Errorf("the log does not say what was held up: %v, %.300s", err, data)
	}
}

// tufRoot is a root of trust of a repository that never answers.
func tufRoot(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := metadata.KeyFromPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	root := metadata.Root(time.Now().AddDate(1, 0, 0))
	for _, role := range []string{metadata.ROOT, metadata.TARGETS, metadata.SNAPSHOT, metadata.TIMESTAMP} {
		if err := root.Signed.AddKey(key, role); err != nil {
			t.Fatal(err)
		}
	}
	signer, err := signature.LoadSigner(private, crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.Sign(signer); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "root.json")
	if err := root.ToFile(file, false); err != nil {
		t.Fatal(err)
	}
	return file
}

// A panic in a command is one cleaned line, an exit code, and a stack in the
// log.
func TestAPanicOfACommand(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log\u202e.json")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"with a log":    {[]string{"report", "--demo=dockyard", "--log-file", log}, `plimsoll: internal error: boom\x1b[2J \u202e. This is a fault of plimsoll: please report it with the log file "` + filepath.Dir(log) + `/log\u202e.json"` + "\n"},
		"without a log": {[]string{"report", "--demo=dockyard"}, `plimsoll: internal error: boom\x1b[2J \u202e. This is a fault of plimsoll: please run it again with --log-file FILE and report it with that file` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			env, stderr, ctx, _ := interruptible(t)
			env.Stdout = panicking{}
			if code := run(ctx, test.args, env); code != report.ExitUnchecked {
				t.Errorf("exit code %d, want %d", code, report.ExitUnchecked)
			}
			if stderr.String() != test.want {
				t.Errorf("it says\n%q, want\n%q", stderr.String(), test.want)
			}
		})
	}
	data, err := os.ReadFile(log)
	if err != nil || strings.Count(string(data), `"stack":"goroutine`) != 1 || !strings.Contains(string(data), "interrupt_test.go") {
		t.Errorf("the log does not say where: %v, %s", err, data)
	}
}

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("boom\x1b[2J\n\u202e") }

// A clipboard that panics is one that failed.
func TestAPanicOfTheClipboard(t *testing.T) {
	c := nativeClipboard{func(string) error { panic("boom") }, time.Hour}
	if err := c.Write(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "it failed") {
		t.Errorf("got %v", err)
	}
}
