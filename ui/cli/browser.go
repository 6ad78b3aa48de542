package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
)

// launcher is a program that opens an address in the person's browser.
type launcher struct {
	path string
	args []string // before the address
	wait time.Duration
}

// launchTime is how long a launcher may take before it counts as one that
// keeps running beside the browser.
const launchTime = 5 * time.Second

// browser returns what opens an address: a program that the system has for it,
// started without a shell; or nil if no browser can be seen: over ssh, or on a
// Unix without a display.
func browser(env Env) func(ctx context.Context, url string) error {
	l := launcher{wait: launchTime}
	name := "xdg-open"
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, l.args = "rundll32", []string{"url.dll,FileProtocolHandler"}
	default:
		if env.Getenv("DISPLAY") == "" && env.Getenv("WAYLAND_DISPLAY") == "" {
			return nil
		}
	}
	if env.Getenv("SSH_CONNECTION") != "" || env.Getenv("SSH_TTY") != "" {
		return nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil
	}
	l.path = path
	return l.open
}

// open starts the launcher. What it prints is dropped: the screen is ours. A
// launcher that ends soon must have succeeded; one that keeps running is left
// alone, since the browser may be its child.
func (l launcher) open(ctx context.Context, url string) error {
	if !strings.HasPrefix(url, "https://") || untrusted.Clean(url) != url || strings.ContainsAny(url, " \"'`<>\\^{|}") {
		return fmt.Errorf("expected an https address, got %q", untrusted.Text(url))
	}
	cmd := exec.Command(l.path, append(l.args, url)...)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the browser: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return fmt.Errorf("%s ended with %v", filepath.Base(l.path), failed)
		}
		return err
	case <-time.After(l.wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
