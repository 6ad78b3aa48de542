package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/build"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// buildOptions are the flags of the build command.
type buildOptions struct {
	spec   string
	check  bool
	warn   bool
	images build.Options // the base images and the tag
	output string
}

func buildCommand(env Env) *cobra.Command {
	var o options
	var b buildOptions
	c := &cobra.Command{
		Use:   "build SPEC",
		Short: "Write a Dockerfile that installs exactly what was verified",
		Long: `build verifies the package of a spec (` + catalog.SpecPaths + `) and writes a Dockerfile that installs
exactly its version and bytes, from the registry that it was verified against.
It refuses what fails or could not be checked, by the spec, the policy and the
decisions in triage.yaml: whatever makes the exit code of report other than 0.
A package that passes without being verified it builds with a warning; with
--check-provenance it refuses that too. Credentials are never written: if the
registry asks for some, the Dockerfile says that they have to be given as a
secret.`,
		Example: `  # an image of a package that is verified, or no Dockerfile
  plimsoll build npx/context7/spec.yaml --check-provenance -t context7:1.0 -o Dockerfile`,
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("config") {
				args = append(args, b.spec)
			}
			if len(args) != 1 {
				return usagef("expected one spec, %s, got %d arguments", catalog.SpecPaths, len(args))
			}
			b.spec = args[0]
			return writeBuild(c.Context(), env, o, b)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVarP(&b.spec, "config", "c", "", "`PATH` of the spec, as the argument")
	f.BoolVar(&b.check, "check-provenance", false, "refuse with exit code 1 unless the package is verified")
	f.BoolVar(&b.warn, "warn-no-provenance", true, "warn if the package is not verified")
	f.StringVarP(&b.images.Tag, "tag", "t", "", "`NAME` that the image is meant to get")
	f.StringVar(&b.images.NodeImage, "node-image", "", "base `IMAGE` for npm packages, best with its digest (default: "+build.DefaultNodeImage+")")
	f.StringVar(&b.images.PythonImage, "python-image", "", "base `IMAGE` for PyPI packages, best with its digest (default: "+build.DefaultPythonImage+")")
	f.StringVar(&b.images.UVImage, "uv-image", "", "`IMAGE` that uv is taken from, best with its digest (default: "+build.DefaultUVImage+")")
	f.StringVar(&b.images.GoImage, "go-image", "", "`IMAGE` that Go packages are built in, best with its digest (default: "+build.DefaultGoImage+")")
	f.StringVar(&b.images.StaticImage, "static-image", "", "base `IMAGE` for Go programs, best with its digest (default: "+build.DefaultStaticImage+")")
	f.StringVarP(&b.output, "output", "o", "", "`FILE` to write (default: standard output)")
	o.bind(c, "jobs", "no-color", "ascii", "theme") // one package, and no drawing
	completeSpecs(c, &o)
	return c
}

func writeBuild(ctx context.Context, env Env, o options, b buildOptions) error {
	targets, err := loadTargets(ctx, o, []string{b.spec}, false)
	if err != nil {
		return err
	}
	spec := targets[0].Spec
	e, err := newEngine(ctx, env, o, rootOf(b.spec))
	if err != nil {
		return err
	}
	defer e.close()
	e.config.Zips = true
	packages, err := e.verify(ctx, spec)
	if err != nil {
		return err
	}
	found := &packages[0].Report
	require := verify.Pending
	if b.check {
		require = verify.Verified
	}
	if code := report.ExitCode(packages, require); code != report.ExitOK {
		_, why := verify.Judge(found, require)
		open := 0
		for i := range found.Findings {
			if found.Findings[i].Open() {
				open++
			}
		}
		if open > 1 {
			why += fmt.Sprintf("; plimsoll verify-provenance %v shows all %d errors", untrusted.Excerpt(b.spec), open)
		}
		return &exitError{code: code, err: fmt.Errorf("%w for %v %v, which is %v: %s", build.ErrRefused, spec.Package, spec.Version, found.Status, why)}
	}
	for _, f := range found.Findings {
		if f.Decision != "" {
			env.say("%s: %s", untrusted.Clean(f.Rule), untrusted.Clean(f.Decision))
		}
	}
	if found.Status != verify.Verified && b.warn {
		env.say("warning: %v %v is %s, not verified: %s", spec.Package, spec.Version, found.Status, untrusted.Clean(found.Reason))
	}
	b.images.SumDB = e.registries.Go.Config().GOSUMDB()
	if b.images.Registries, err = installFrom(e, spec, found); err != nil {
		return unreadable(err)
	}
	warnBuild(env, spec, b.images.Registries)
	text, err := build.Generate(spec, found, b.images)
	switch {
	case errors.Is(err, build.ErrRefused):
		return &exitError{code: report.ExitFailed, err: err}
	case err != nil:
		return unreadable(err)
	}
	return env.write(report.ExitOK, func() error {
		if b.output != "" {
			return exportFile(b.output, []byte(text), true)
		}
		_, err := fmt.Fprint(env.Stdout, text)
		return err
	})
}

// installFrom returns the registries that were asked, for npm by scope: what
// they serve must not be looked for anywhere else. For PyPI it is the one index
// that the evidence is from, and for Go the one module proxy: what the package
// depends on is taken from there too.
func installFrom(e *engine, spec catalog.Spec, found *verify.Report) (list []build.Registry, err error) {
	if spec.Protocol == catalog.UVX {
		others := 0
		for _, index := range e.registries.PyPI.Config().Asked() {
			if index.URL != nil && registry.Redact(index.URL) == found.Registry {
				list = append(list, build.Registry{Address: index.URL.String(), Credentials: index.Credentials()})
			} else {
				others++
			}
		}
		if others > 0 {
			e.env.say("warning: all is installed from %v, which %v was verified against: "+
				"what it depends on is not looked for on any other index (%d more configured)",
				found.Registry, spec.Package, others)
		}
		return list, nil
	}
	if spec.Protocol == catalog.Go {
		config := e.registries.Go.Config()
		for _, base := range config.Asked() {
			if registry.Redact(base) == found.Registry {
				list = append(list, build.Registry{Address: base.String(), Credentials: config.Credentials(base)})
			}
		}
		return list, nil
	}
	for _, served := range e.registries.NPM.Config().Registries() {
		if served.Err != nil {
			return nil, served.Err
		}
		list = append(list, build.Registry{Scope: served.Scope, Address: served.Base.String(), Credentials: served.Credentials})
	}
	return list, nil
}

// warnBuild warns of what the Dockerfile leaves out.
func warnBuild(env Env, spec catalog.Spec, registries []build.Registry) {
	for _, key := range spec.Unknown {
		env.say("warning: %v: plimsoll does not know this key, and the Dockerfile does not obey it", key)
	}
	for _, r := range registries {
		if r.Credentials {
			env.say("%s was asked with credentials, which are not in the Dockerfile: mount them as a secret of the build", untrusted.Clean(r.Address))
		}
	}
}
