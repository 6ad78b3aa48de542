package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"plimsoll/catalog"
	"plimsoll/ui/theme"
	"plimsoll/verify/registry"
)

// options is what the command line of a command that verifies says. The zero
// value of a field is "not given".
type options struct {
	catalog string // the folder; "demo" for the demo's

	demo    demoFlag
	written rewritableDemo // the demo as a screen shows it, or nil
	offline bool
	noColor bool
	ascii   bool
	theme   themeFlag
	jobs    int
	timeout time.Duration // 0: none

	npmRegistry string
	pypiIndex   string
	trustedRoot string
	npmKeys     string
	tufMirror   string
	tufRoot     string
	caFile      string
	cacheDir    string
	cacheSize   int // MiB
	replay      string
	record      string
	logFile     string
	policy      string

	ignoreTriage bool
	history      bool          // report: look at the versions before as well
	shard        catalog.Shard // report: the part of the catalog to verify
}

// bind adds the flags that commands which verify have in common, without those
// that mean nothing for this one.
func (o *options) bind(c *cobra.Command, without ...string) {
	group := func(name string, define func(f *pflag.FlagSet)) { bindGroup(c, name, without, define) }
	group(demoGroup, func(f *pflag.FlagSet) {
		o.demo.bind(f)
		f.StringVar(&o.record, "record", "", "write what is fetched to `DIR`, as a recording for --replay")
		f.StringVar(&o.replay, "replay", "", "answer every request from the recording in `DIR`; the network is not used")
	})
	group(registryGroup, func(f *pflag.FlagSet) {
		f.StringVar(&o.npmRegistry, "npm-registry", "", "`URL` of the npm registry (default: what npm is configured to use)")
		f.StringVar(&o.pypiIndex, "pypi-index", "", "`URL` of the simple index for PyPI packages "+
			"(default: what uv and pip are configured to use, then the public one)")
		f.StringVar(&o.caFile, "ca-file", "", "`FILE` with certificate authorities of private registries (PEM), beside the system's")
	})
	group(trustGroup, func(f *pflag.FlagSet) {
		f.StringVar(&o.trustedRoot, "trusted-root", "", "`FILE` of the Sigstore trusted root, in place of the one from TUF")
		f.StringVar(&o.npmKeys, "npm-keys", "", "`FILE` with the npm registry's public keys, in place of those from TUF")
		f.StringVar(&o.tufMirror, "tuf-mirror", "", "`URL` of the TUF repository (default: the Sigstore public good instance)")
		f.StringVar(&o.tufRoot, "tuf-root", "", "`FILE` of the TUF root metadata that --tuf-mirror is trusted by")
	})
	group(cacheGroup, func(f *pflag.FlagSet) {
		f.StringVar(&o.cacheDir, "cache-dir", "", "`DIR` in which evidence and trust metadata are kept "+
			"(default: plimsoll in XDG_CACHE_HOME, or in ~/.cache)")
		f.IntVar(&o.cacheSize, "cache-size", defaultCacheSize, "keep at most `N` MiB of evidence, 0 for none")
		f.BoolVar(&o.offline, "offline", false, "refuse every use of the network: check what is in the cache, the demo or the recording")
		f.IntVar(&o.jobs, "jobs", 0, "check at most `N` packages at once (default: 16)")
		f.DurationVar(&o.timeout, "timeout", 0, "check for at most `DURATION` in all (30s, 10m): what was not reached then is unchecked")
		f.StringVar(&o.logFile, "log-file", "", "append to `FILE` what is done, a JSON object a line")
	})
	group(demandGroup, func(f *pflag.FlagSet) {
		f.StringVar(&o.policy, "policy", "", "`FILE` with what the packages must have (default: policy.yaml of the catalog)")
		f.BoolVar(&o.ignoreTriage, "ignore-triage", false, "do not honour the decisions in triage.yaml of the catalog")
	})
	group(looksGroup, o.looks)
	c.PreRunE = func(c *cobra.Command, _ []string) error { return o.check(c) }
}

// bindGroup adds the flags that define defines, without some, as a group of the help.
func bindGroup(c *cobra.Command, name string, without []string, define func(f *pflag.FlagSet)) {
	c.Flags().SortFlags = false
	set := pflag.NewFlagSet(name, pflag.ContinueOnError)
	set.SortFlags = false
	define(set)
	set.VisitAll(func(flag *pflag.Flag) {
		if slices.Contains(without, flag.Name) {
			return
		}
		flag.Annotations = map[string][]string{groupAnnotation: {name}}
		c.Flags().AddFlag(flag)
		switch flag.Name {
		case "demo":
			complete(c, flag.Name, demoValues...)
		case "theme":
			complete(c, flag.Name, theme.Looks()...)
		}
	})
}

// looks defines the flags of all commands that draw.
func (o *options) looks(f *pflag.FlagSet) {
	f.BoolVar(&o.noColor, "no-color", false, "no colours (also when NO_COLOR is set)")
	f.BoolVar(&o.ascii, "ascii", false, "draw with ASCII characters only")
	o.theme.bind(f)
}

// bindLooks adds the flags of a command that draws and verifies nothing.
func (o *options) bindLooks(c *cobra.Command) { bindGroup(c, looksGroup, nil, o.looks) }

// takeCatalog takes the argument of a command that works on a catalog: the
// current folder if there is none.
func (o *options) takeCatalog(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		if err := inPlaceOf(aCatalog, args[0]); err != nil {
			return err
		}
	}
	switch {
	case len(args) > 1:
		return usagef("expected at most one catalog, got %d arguments", len(args))
	case o.demo != "" && len(args) > 0:
		if slices.Contains(demoValues, args[0]) {
			return usagef("--demo brings its own catalog, and %q was given as well: write --demo=%[1]s", args[0])
		}
		return usagef("--demo brings its own catalog, and %q was given as well", args[0])
	case o.demo != "":
		o.catalog = "demo"
		if o.demo != demoBoth {
			o.catalog += " " + string(o.demo)
		}
	case len(args) > 0:
		o.catalog = args[0]
	default:
		o.catalog = "."
	}
	return nil
}

// Flags that say where evidence and trust come from.
var (
	rootFlags   = []string{"trusted-root", "tuf-mirror", "tuf-root"}
	onlineFlags = []string{"npm-registry", "pypi-index", "tuf-mirror", "tuf-root", "ca-file", "cache-dir", "cache-size", "record"}
	sourceFlags = append([]string{"replay", "trusted-root", "npm-keys"}, onlineFlags...)
	// demoless do not go with the demo, which can be recorded and replayed.
	demoless = slices.DeleteFunc(slices.Clone(sourceFlags), func(name string) bool { return name == "record" || name == "replay" })
	// verifyFlags are all that say how something is verified.
	verifyFlags = slices.Concat(
		[]string{"shard", "demo", "history", "policy", "ignore-triage", "verbose", "offline", "jobs", "timeout", "log-file"}, sourceFlags)
)

// notEmpty refuses flags that are there and empty, as a variable that nobody set
// makes them: what was demanded must not become the default.
func notEmpty(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		if err == nil && f.Value.Type() == "string" && f.Value.String() == "" {
			err = usagef("--%s needs a value, got an empty one", f.Name)
		}
	})
	return err
}

// check refuses flags that contradict each other or cannot be obeyed. It
// touches neither files nor the network.
func (o *options) check(c *cobra.Command) error {
	err := cmp.Or(exclusive(c, "demo", demoless...), exclusive(c, "replay", onlineFlags...),
		exclusive(c, "trusted-root", "tuf-mirror", "tuf-root"), checkTimeout(c, o.timeout))
	switch {
	case err != nil:
		return err
	case o.tufRoot != "" && o.tufMirror == "":
		return usagef("--tuf-root says how --tuf-mirror is trusted, and there is no --tuf-mirror")
	case o.cacheSize < 0 || o.cacheSize > maxCacheSize:
		return usagef("--cache-size: expected 0 to %d MiB, got %d", maxCacheSize, o.cacheSize)
	case o.offline && o.cacheSize == 0 && o.demo == "" && o.replay == "":
		return usagef("--offline and --cache-size 0 cannot be used together: offline, the evidence is in the cache")
	case c.Flags().Changed("jobs") && o.jobs < 1:
		return usagef("--jobs: expected 1 or more, got %d", o.jobs)
	}
	for _, name := range addressKeys {
		if f := c.Flags().Lookup(name); f != nil && f.Value.String() != "" {
			if err := checkAddress(name, f.Value.String()); err != nil {
				return usagef("--%s: %w", name, err)
			}
		}
	}
	return nil
}

// checkAddress refuses what is no registry's address. Only that of an index
// may hold credentials, as it does in pip's and uv's configuration.
func checkAddress(flag, value string) error {
	if flag == "pypi-index" {
		_, _, err := registry.ParseBaseWithCredentials(value)
		return err
	}
	_, err := registry.ParseBase(value)
	return err
}

func checkTimeout(c *cobra.Command, timeout time.Duration) error {
	if c.Flags().Changed("timeout") && timeout <= 0 {
		return usagef("--timeout: expected more than 0, got %v", timeout)
	}
	return nil
}

// limit returns ctx, and if --timeout is given ends it then. The cause says so.
func (o options) limit(ctx context.Context, env Env) (context.Context, context.CancelFunc) {
	if o.timeout == 0 {
		return ctx, func() {}
	}
	begin := env.deadline
	if begin == nil {
		begin = context.WithTimeoutCause
	}
	return begin(ctx, o.timeout,
		fmt.Errorf("not reached within the %v that the run had (--timeout): check again, or give it more time", o.timeout))
}

// forScreen refuses what a screen, which is open until somebody leaves it, does not
// obey.
func (o options) forScreen() error {
	if o.timeout != 0 {
		return usagef("--timeout is for what ends by itself, and this opens the screen")
	}
	return nil
}

// exclusive refuses name together with any of the others.
func exclusive(c *cobra.Command, name string, others ...string) error {
	if !c.Flags().Changed(name) {
		return nil
	}
	for _, other := range others {
		if c.Flags().Changed(other) {
			return usagef("--%s and --%s cannot be used together", name, other)
		}
	}
	return nil
}
