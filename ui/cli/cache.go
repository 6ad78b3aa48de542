package cli

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/report"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/cache"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/registry/recording"
	"plimsoll/verify/trust"
)

// Sizes of the cache in MiB.
const (
	defaultCacheSize = cache.DefaultLimit >> 20
	maxCacheSize     = 1 << 20
)

// cacheDir is the folder of the cache: the one that the command line names,
// else the user's; "" if there is no place for one.
func cacheDir(env Env, o options) string {
	return cmp.Or(o.cacheDir, xdgDir(env, "XDG_CACHE_HOME", ".cache"))
}

func evidenceDir(dir string) string { return filepath.Join(dir, "evidence") }

// trustDir is the folder of TUF metadata. Emptying it forgets which version of the
// repository was seen, and so what protects from an older one: the cache command
// leaves it unless it is told not to.
func trustDir(dir string) string { return filepath.Join(dir, "tuf") }

// network is what a run reaches the network with.
type network struct {
	// connect returns a transport that is bounded and logged, or one that refuses
	// everything when offline.
	connect     func(registry.TransportOptions) http.RoundTripper
	base        http.RoundTripper   // the connection of what has no settings of its own
	authorities []*x509.Certificate // beside the system's
	client      *registry.Client    // that asks the registries: what bounds it bounds all; nil for none yet
	kept        *cache.Transport    // the cache, nil for none
	dir         string              // of the cache, "" for none
}

// openNetwork makes what all connections of a run have in common, and the cache
// around them. A cache that cannot be made is an error if it was asked for, and
// done without if it was not.
func openNetwork(env Env, o options, log *slog.Logger) (*network, error) {
	n := &network{dir: cacheDir(env, o), connect: func(t registry.TransportOptions) http.RoundTripper {
		if o.offline {
			return registry.Offline{}
		}
		return loggingTransport{registry.NewTransport(t), log, env.Now}
	}}
	if o.caFile != "" {
		data, err := untrusted.ReadFile(o.caFile, untrusted.MaxTrustFile)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		if n.authorities, err = registry.ParseCertificates(data); err != nil {
			return nil, fmt.Errorf("--ca-file %q: %w", untrusted.Text(o.caFile), err)
		}
	}
	n.base = n.connect(registry.TransportOptions{RootCAs: registry.Authorities(n.authorities...)})
	if n.dir == "" {
		if o.offline {
			return nil, errors.New("--offline: there is no cache: neither --cache-dir, XDG_CACHE_HOME nor HOME names a folder for it")
		}
		return n, nil
	}
	if o.cacheSize == 0 {
		return n, nil
	}
	kept, err := cache.New(cache.Options{
		Dir: evidenceDir(n.dir), Offline: o.offline, Limit: int64(o.cacheSize) << 20, Now: env.Now,
	})
	if err != nil {
		if o.cacheDir != "" || o.offline {
			return nil, err
		}
		log.Warn("the cache cannot be used", "error", untrusted.Message(err))
		env.say("going on without a cache (--cache-dir names another folder): %s", strings.TrimPrefix(untrusted.Message(err), "cache: "))
		n.dir = ""
		return n, nil
	}
	n.kept = kept
	return n, nil
}

// evidence returns a transport for evidence: a connection behind the cache.
func (n *network) evidence(t registry.TransportOptions) http.RoundTripper {
	next := n.connect(t)
	if n.kept == nil {
		return next
	}
	return n.kept.Over(next)
}

// configure gives a TUF repository the network and its place in the cache.
func (n *network) configure(t *trust.TUF, o options) {
	client := cmp.Or(n.client, registry.New(registry.Options{UserAgent: userAgent()}))
	t.Client, t.Offline = client.Over(n.base).Unrecorded(), o.offline
	if n.dir != "" {
		t.CachePath = trustDir(n.dir)
	}
}

// userAgent names the program and its version to registries.
func userAgent() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		version = info.Main.Version
	}
	return "plimsoll/" + version
}

// createRecording begins the recording that --record names, or returns nil if it
// names none: recorded is when its evidence was fetched, npmAt the registry whose keys
// belong into it.
func createRecording(recorded time.Time, o options, npmConfig npm.Config, pypiConfig pypi.Config) (r *recording.Recorder, npmAt *url.URL, err error) {
	if o.record == "" {
		return nil, nil, nil
	}
	header := recording.Header{Recorded: recorded}
	// What is not known is not asked either.
	if npmAt, err = npm.New(nil, npmConfig).Base("unscoped"); err == nil {
		header.NPMRegistry = npmAt.String()
	}
	if pypiConfig.Fault == nil {
		recordIndexes(&header, pypi.New(nil, pypiConfig).Config())
	}
	if r, err = recording.Create(o.record, header); err != nil {
		return nil, nil, fmt.Errorf("--record: %w", err)
	}
	return r, npmAt, nil
}

// finishRecording adds the trust to a recording, unless the run was told to end:
// a recording of a part is none. What goes wrong is told by [command].
func finishRecording(ctx context.Context, env Env, o options, r *recording.Recorder, npmAt *url.URL, provider *trust.Provider) {
	root, keys, err := provider.Export(ctx, npmAt)
	switch _, decided := env.ending.verdict(); {
	case ctx.Err() == nil:
		err = errors.Join(err, r.Close(root, keys))
	case !errors.Is(context.Cause(ctx), context.Canceled) || decided: // or the run says itself that it was interrupted
		err = fmt.Errorf("the recording is not complete: %w", context.Cause(ctx))
	default:
		return
	}
	if err != nil {
		env.ending.fail(fmt.Errorf("--record %q: %w", untrusted.Text(o.record), err))
	}
}

// cacheDocument is what the cache command prints with --json.
type cacheDocument struct {
	Schema   string      `json:"schema"`
	Dir      string      `json:"dir"`
	Evidence cache.Stats `json:"evidence"`
}

func cacheCommand(env Env) *cobra.Command {
	var o options
	var asJSON bool
	c := &cobra.Command{
		Use:   "cache",
		Short: "Show what the cache of evidence holds",
		Example: `  # where it is, how large and how old
  plimsoll cache`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			dir, err := existingCacheDir(env, o)
			if err != nil {
				return err
			}
			stats, err := cache.StatsOf(evidenceDir(dir))
			if err != nil {
				return unreadable(err)
			}
			if asJSON {
				return env.writeJSON(cacheDocument{"plimsoll/cache/v1", dir, stats})
			}
			return env.writeText(cacheText(dir, stats, env.Now()))
		},
	}
	c.AddCommand(clearCommand(env, &o))
	c.PersistentFlags().StringVar(&o.cacheDir, "cache-dir", "", "`DIR` of the cache (default: plimsoll in XDG_CACHE_HOME, or in ~/.cache)")
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return c
}

func clearCommand(env Env, o *options) *cobra.Command {
	var forget bool
	c := &cobra.Command{
		Use:   "clear",
		Short: "Remove the evidence that the cache holds",
		Long: "Remove the evidence that the cache holds. The metadata of the trust root\nstays: it protects from being given an older one. " +
			"With --trust it goes as well,\nand the next run begins with the root of trust that it is given.",
		Example: `  # ask the registries for everything again
  plimsoll cache clear
  # begin with the root of trust that is built in, as on a new machine
  plimsoll cache clear --trust`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			dir, err := existingCacheDir(env, *o)
			if err != nil {
				return err
			}
			stats, err := cache.Clear(evidenceDir(dir))
			text := fmt.Sprintf("removed %s\n", amount(stats))
			if err == nil && forget {
				var files int
				if files, err = trust.Forget(trustDir(dir)); files > 0 {
					text += "removed the metadata of the trust root: an older one would not be noticed now\n"
				} else {
					text += "there was no metadata of a trust root\n"
				}
			}
			if err != nil {
				return unreadable(err)
			}
			return env.writeText(text)
		},
	}
	c.Flags().BoolVar(&forget, "trust", false, "remove the metadata of the trust root too, and what protects from an older one")
	return c
}

func existingCacheDir(env Env, o options) (string, error) {
	dir := cacheDir(env, o)
	if dir == "" {
		return "", usagef("there is no cache: neither --cache-dir, XDG_CACHE_HOME nor HOME names a folder for it")
	}
	return dir, nil
}

func cacheText(dir string, s cache.Stats, now time.Time) string {
	text := fmt.Sprintf("folder    %s\nevidence  %s\n", untrusted.Clean(dir), amount(s))
	if s.Entries > 0 {
		text += fmt.Sprintf("oldest    %s (%s)\nnewest    %s (%s)\n",
			s.Oldest.Format(time.RFC3339), age(now.Sub(s.Oldest)), s.Newest.Format(time.RFC3339), age(now.Sub(s.Newest)))
	}
	return text
}

// amount is "3 entries, 1.5 MiB".
func amount(s cache.Stats) string {
	return fmt.Sprintf("%s, %.1f MiB", untrusted.Plural(s.Entries, "entry"), float64(s.Bytes)/(1<<20))
}

// age words how long ago something was, in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", d/time.Hour)
	default:
		return fmt.Sprintf("%d days ago", d/(24*time.Hour))
	}
}

func (e Env) writeText(text string) error {
	return e.write(report.ExitOK, func() error {
		_, err := io.WriteString(e.Stdout, text)
		return err
	})
}

func (e Env) writeJSON(document any) error {
	return e.write(report.ExitOK, func() error { return untrusted.WriteJSON(e.Stdout, document) })
}
