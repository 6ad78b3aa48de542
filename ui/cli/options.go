package cli

import (
	"github.com/spf13/cobra"

	"plimsoll/verify/registry"
)

// options is what the flags of the commands that verify say. The zero value of
// a field is "not given".
type options struct {
	demo    bool
	offline bool
	noColor bool
	ascii   bool
	jobs    int

	npmRegistry string
	pypiIndex   string
	trustedRoot string
	npmKeys     string
	tufMirror   string
	tufRoot     string
	cacheDir    string
	replay      string
	logFile     string
}

// bind adds the flags that all commands which verify have in common.
func (o *options) bind(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&o.demo, "demo", false, "use the embedded demo: its catalog, its recorded registries, its own trust root")
	f.StringVar(&o.npmRegistry, "npm-registry", "", "npm registry `URL` (default: what npm is configured to use)")
	f.StringVar(&o.pypiIndex, "pypi-index", "", "simple index `URL` for PyPI packages (default: UV_DEFAULT_INDEX, UV_INDEX_URL, PIP_INDEX_URL, then the public one)")
	f.StringVar(&o.trustedRoot, "trusted-root", "", "Sigstore trusted root `FILE`, in place of the one from TUF")
	f.StringVar(&o.npmKeys, "npm-keys", "", "`FILE` with the npm registry's public keys, in place of those from TUF")
	f.StringVar(&o.tufMirror, "tuf-mirror", "", "TUF repository `URL` (default: the Sigstore public good instance)")
	f.StringVar(&o.tufRoot, "tuf-root", "", "TUF root metadata `FILE` for --tuf-mirror")
	f.StringVar(&o.cacheDir, "cache-dir", "", "`DIR` in which TUF metadata is kept")
	f.StringVar(&o.replay, "replay", "", "answer every request from the recording in `DIR`; the network is not used")
	f.BoolVar(&o.offline, "offline", false, "refuse every use of the network; needs --demo or --replay")
	f.IntVar(&o.jobs, "jobs", 0, "check at most `N` packages at once (default: 16)")
	f.StringVar(&o.logFile, "log-file", "", "append to `FILE` what is done, a JSON object a line")
	f.BoolVar(&o.noColor, "no-color", false, "no colours (also when NO_COLOR is set)")
	f.BoolVar(&o.ascii, "ascii", false, "draw with ASCII characters only")
}

// check refuses flags that contradict each other or cannot be obeyed. It
// touches neither files nor the network.
func (o *options) check(c *cobra.Command) error {
	flags := c.Flags()
	if err := exclusive(c, "demo", "replay", "npm-registry", "pypi-index",
		"trusted-root", "npm-keys", "tuf-mirror", "tuf-root", "cache-dir"); err != nil {
		return err
	}
	if err := exclusive(c, "replay", "npm-registry", "pypi-index", "tuf-mirror", "tuf-root", "cache-dir"); err != nil {
		return err
	}
	if err := exclusive(c, "trusted-root", "tuf-mirror", "tuf-root"); err != nil {
		return err
	}
	if err := exclusive(c, "offline", "tuf-mirror"); err != nil {
		return err
	}
	for _, name := range []string{"npm-registry", "pypi-index", "trusted-root", "npm-keys",
		"tuf-mirror", "tuf-root", "cache-dir", "replay", "log-file"} {
		if flags.Changed(name) && flags.Lookup(name).Value.String() == "" {
			return usagef("--%s needs a value, got an empty one", name)
		}
	}
	if o.tufRoot != "" && o.tufMirror == "" {
		return usagef("--tuf-root says how --tuf-mirror is trusted, and there is no --tuf-mirror")
	}
	if o.offline && !o.demo && o.replay == "" {
		return usagef("--offline needs --demo or --replay: without them the evidence is on the network")
	}
	if flags.Changed("jobs") && o.jobs < 1 {
		return usagef("--jobs: expected 1 or more, got %d", o.jobs)
	}
	for _, f := range []struct{ name, value string }{
		{"npm-registry", o.npmRegistry}, {"pypi-index", o.pypiIndex}, {"tuf-mirror", o.tufMirror},
	} {
		if f.value == "" {
			continue
		}
		if _, err := registry.ParseBase(f.value); err != nil {
			return usagef("--%s: %w", f.name, err)
		}
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
