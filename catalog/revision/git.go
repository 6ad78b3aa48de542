package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
)

// Limits on git itself.
const (
	gitTime   = 5 * time.Minute // for all that it is asked: a setting may name a pipe that nobody writes to
	killTime  = time.Second     // after which pipes of a process that was ended are closed
	maxAnswer = 64 << 10        // bytes of an answer that is no object
)

// Repository is the git repository that holds the folder of a catalog. Close it
// when nothing is read of it any more.
type Repository struct {
	ctx     context.Context // of all processes of git, from Open to Close
	cancel  context.CancelFunc
	dir     string   // in which git runs: the folder that holds .git, or the bare repository
	prefix  string   // of the catalog below dir, "" for dir itself
	named   string   // likewise, with the symbolic links of the work tree in it
	env     []string // of git
	bare    bool     // it has no files beside it
	shallow bool
	objects objects
	folders folders
}

// Open finds the repository that holds the folder of a catalog. git's processes
// get environ, without the variables that would lead them to another repository,
// and end with ctx, or when they take too long.
func Open(ctx context.Context, dir string, environ []string) (_ *Repository, err error) {
	folder := ""
	named, err := filepath.Abs(dir)
	if err == nil {
		folder, err = filepath.EvalSymlinks(named)
	}
	if err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	r := &Repository{dir: workTree(folder)}
	r.ctx, r.cancel = context.WithTimeoutCause(ctx, gitTime, fmt.Errorf("git took longer than %v", gitTime))
	defer func() {
		if err != nil {
			r.Close()
		}
	}()
	if r.bare = r.dir == ""; r.bare {
		r.dir = folder
	}
	prefix, err := filepath.Rel(r.dir, folder)
	if err != nil {
		return nil, err
	}
	if r.prefix = filepath.ToSlash(prefix); r.prefix == "." {
		r.prefix = ""
	}
	r.named = below(r.dir, named, r.prefix)
	r.env = environment(environ, r.dir)
	r.objects.repository = r
	answer, err := r.ask("", "rev-parse", "--is-shallow-repository")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errNoGit
	case err != nil && r.bare:
		return nil, fmt.Errorf("expected a catalog in a git repository, found none at or above %q: %w", untrusted.Text(dir), err)
	case err != nil:
		return nil, fmt.Errorf("expected a git repository at %q: %w", untrusted.Text(r.dir), err)
	}
	r.shallow = answer == "true"
	return r, r.around(named)
}

var errNoGit = errors.New("expected the program git, which knows what was committed, found none: install it")

// Git returns the version of the program git, such as 2.47.1: "" if it says none.
func Git(ctx context.Context, environ []string) (version string, err error) {
	r := &Repository{ctx: ctx, dir: os.TempDir()}
	r.env = environment(environ, r.dir)
	answer, err := r.ask("", "version")
	if errors.Is(err, exec.ErrNotFound) {
		return "", errNoGit
	}
	if fields := strings.Fields(answer); len(fields) > 2 {
		version = fields[2]
	}
	return version, err
}

// around returns an error if another repository has committed the catalog's
// folder, as a submodule or as a link that leads here: a change may have brought
// this one, and with it all commits that a name could mean. Whoever stands in it
// means it.
func (r *Repository) around(named string) error {
	if here, err := filepath.Abs("."); err == nil && resolved(workTree(here)) == r.dir {
		return nil
	}
	at := workTree(named)
	for at != "" && resolved(at) == r.dir {
		above := filepath.Dir(at)
		if above == at {
			return nil
		}
		at = workTree(above)
	}
	if at == "" {
		return nil
	}
	path, err := filepath.Rel(at, named)
	if err != nil {
		return err
	}
	outer, err := Open(r.ctx, at, r.env)
	if err != nil {
		return err
	}
	defer outer.Close()
	tip, err := outer.commits("HEAD")
	if err != nil || tip[0] == "" {
		return err
	}
	tree, err := outer.Tree(tip[0])
	if err != nil {
		return err
	}
	if _, err := tree.find(filepath.ToSlash(path), true); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if fault := outer.Fault(); fault != nil {
		return fault
	}
	return fmt.Errorf("expected a catalog of the repository at %q, found that %q leads to another one, at %q, which a change may have brought: "+
		"to review that, change into its folder", untrusted.Text(at), untrusted.Text(path), untrusted.Text(r.dir))
}

// resolved is the path of a folder without symbolic links, "" if there is none.
func resolved(dir string) string {
	if dir == "" {
		return ""
	}
	dir, _ = filepath.EvalSymlinks(dir)
	return dir
}

// Folder returns the path of the catalog within the repository, with slashes; ""
// if it is the repository's root.
func (r *Repository) Folder() string { return r.prefix }

// workTree returns the nearest folder at or above dir that holds .git, or "" if
// there is none. git itself would take a folder with HEAD, objects and refs in
// it for a repository before it looks above: a change could bring its own base
// that way, as files.
func workTree(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			return ""
		}
		dir = above
	}
}

// below returns the path of a folder below root as it is named, or prefix if its
// name does not lead through root: a link within the repository may lead elsewhere
// in another commit. A link back to root is one, too.
func below(root, named, prefix string) string {
	for at := named; ; at = filepath.Dir(at) {
		if resolved(at) == root {
			if path, err := filepath.Rel(at, named); err == nil {
				prefix = filepath.ToSlash(path)
			}
		}
		if at == filepath.Dir(at) {
			return prefix
		}
	}
}

// environment returns the variables of a git that is asked in dir. A hook's
// GIT_DIR, for one, is of the repository that the hook is of. What the person set
// in the place of a configuration stays, safe.directory among it.
func environment(environ []string, dir string) []string {
	var out []string
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		name = strings.ToUpper(name)
		if !strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "GIT_CONFIG_") || name == "GIT_EXEC_PATH" {
			out = append(out, variable)
		}
	}
	return append(out, "LC_ALL=C",
		"GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_WORK_TREE="+dir, // whatever core.worktree says
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE="+os.DevNull,
		"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "GIT_TERMINAL_PROMPT=0", // the second for gits that do not know the first
		"GIT_OPTIONAL_LOCKS=0", "GIT_ALLOC_LIMIT=1g")
}

// command returns a git that runs no program of the repository's choice.
func (r *Repository) command(args ...string) *exec.Cmd {
	bare := "explicit"
	if r.bare {
		bare = "all" // the person named this very folder, and nothing above it is a repository
	}
	c := exec.CommandContext(r.ctx, "git", append([]string{"--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull,
		"-c", "advice.graftFileDeprecated=false", "-c", "core.bigFileThreshold=1m", "-c", "safe.bareRepository=" + bare}, args...)...)
	c.Dir, c.Env, c.WaitDelay = r.dir, r.env, killTime
	return c
}

// ask gives input to a command of git and returns what it writes, without the
// line's end; "" if it ends as git does that found nothing.
func (r *Repository) ask(input string, args ...string) (string, error) {
	c := r.command(args...)
	out, fault := bounded{limit: maxAnswer}, bounded{limit: untrusted.MaxErrorBody}
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(input), &out, &fault
	err := c.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 && out.Len() == 0 && fault.Len() == 0 {
		return "", nil
	}
	if err != nil {
		return "", explain(r.ctx, err, fault.String())
	}
	if out.more {
		return "", fmt.Errorf("git %s: %w: more than %d bytes", args[0], untrusted.ErrTooLarge, maxAnswer)
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// explain returns the error of a git that ended: that it was told to, or the reason
// in what it wrote to stderr, or err.
func explain(ctx context.Context, err error, said string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("git: %w", context.Cause(ctx))
	}
	if _, fatal, ok := strings.Cut(said, "fatal: "); ok { // warnings and hints stand before it
		said = fatal
	}
	if said = strings.Join(strings.Fields(said), " "); said != "" {
		return fmt.Errorf("git: %s", untrusted.Shorten(said, untrusted.MaxMessage))
	}
	return fmt.Errorf("git: %w", err)
}

// bounded keeps the first bytes of what is written to it.
type bounded struct {
	bytes.Buffer
	limit int
	more  bool // there were others
}

func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), b.limit-b.Len())
	b.more = b.more || n < len(p)
	b.Buffer.Write(p[:n])
	return len(p), nil
}
