package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"plimsoll/catalog/untrusted"
)

// Repository is the git repository that holds the folder of a catalog.
type Repository struct {
	dir    string // the folder of the catalog
	prefix string // of the folder in the repository's tree, with a slash at its end; "" for its root
}

// Open finds the repository that holds the folder of a catalog.
func Open(ctx context.Context, dir string) (*Repository, error) {
	r := &Repository{dir: dir}
	prefix, err := r.git(ctx, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("expected a catalog in a git repository at %q: %w", untrusted.Text(dir), err)
	}
	r.prefix = strings.TrimSuffix(prefix, "\n")
	return r, nil
}

// objectName is the full name of a commit, of either hash function.
var objectName = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// Commit returns the full name of the commit that a revision names.
func (r *Repository) Commit(ctx context.Context, revision string) (string, error) {
	out, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	name := strings.TrimSuffix(out, "\n")
	if err != nil || !objectName.MatchString(name) {
		return "", fmt.Errorf("expected a commit, found %q: git knows none of that name", untrusted.Excerpt(revision))
	}
	return name, nil
}

// Base returns the commit with which a change is compared that ends in head
// ("" for the work tree): where it left origin/HEAD, else the commit before.
func (r *Repository) Base(ctx context.Context, head string) (string, error) {
	if head == "" {
		head = "HEAD"
	}
	if origin, err := r.Commit(ctx, "refs/remotes/origin/HEAD"); err == nil {
		tip, err := r.Commit(ctx, head)
		if err != nil {
			return "", err
		}
		out, err := r.git(ctx, "merge-base", tip, origin)
		if name := strings.TrimSuffix(out, "\n"); err == nil && objectName.MatchString(name) {
			return name, nil
		}
	}
	return r.Commit(ctx, head+"^")
}

// git runs a command in the folder of the catalog and returns what it writes.
func (r *Repository) git(ctx context.Context, args ...string) (string, error) {
	hardened := append([]string{"--no-replace-objects", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull}, args...)
	c := exec.CommandContext(ctx, "git", hardened...)
	c.Dir = filepath.Clean(r.dir)
	var out, fault bytes.Buffer
	c.Stdout, c.Stderr = &out, &fault
	if err := c.Run(); err != nil {
		if text := strings.TrimSpace(fault.String()); text != "" {
			err = errors.New(untrusted.Shorten(text, untrusted.MaxErrorBody))
		}
		return "", err
	}
	return out.String(), nil
}
