package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/report"
	"plimsoll/verify/document"
)

// documentOptions is what is to be done with what is proven.
type documentOptions struct {
	check, write     bool
	anotherPublisher bool
	specs            []string // in place of the catalog
}

func documentCommand(env Env) *cobra.Command {
	var o options
	var d documentOptions
	c := &cobra.Command{
		Use:   "document [CATALOG|SPEC…]",
		Short: "Bring the specs' provenance sections up to what is proven",
		Long: `document verifies every package of a catalog, or those of the specs that are
named (npx/NAME/spec.yaml), and says in each spec what the certificates prove:
repository_uri, attestations, the publisher's kind, repository and workflow, and
as repository_ref the tag of this version (a commit stays a commit; a branch
stays, since it says nothing of a release). Every other byte of the file stays.
Of a Go module no certificate proves anything, so nothing is written.

Only releases that are verified are documented, and nothing that a policy or a
decision objects to. What contradicts the spec is written only with
--allow-publisher-change, and only if nothing else is wrong. A ref that is the
tag of another version is found offline as well; it is told, and left, unless the
tag of this version is proven.

Without --check or --write the changes are shown and nothing is written; the exit
code is that of report. With --check it is also 1 if a spec should say something
else. With --write the files are replaced, each as a whole and only if it is what
was read; it is 3 if one could not be.`,
		Example: `  # what the specs should say
  plimsoll document path/to/catalog
  # the same as a gate in CI
  plimsoll document path/to/catalog --check
  # write it into the specs
  plimsoll document path/to/catalog --write
  # write it into one spec
  plimsoll document npx/context7/spec.yaml --write`,
		Args: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("config") && !slices.ContainsFunc(args, catalog.IsSpecPath) {
				return o.takeCatalog(c, args)
			}
			d.specs = slices.Concat(d.specs, args)
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if err := exclusive(c, "write", "check", "demo"); err != nil {
				return err
			}
			return documentCatalog(c.Context(), env, o, d)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringArrayVarP(&d.specs, "config", "c", nil, "`PATH` of a spec, as the arguments; may be repeated")
	f.BoolVar(&d.check, "check", false, "exit with 1 if a spec does not say what is proven, or names the tag of another version; for CI")
	f.BoolVar(&d.write, "write", false, "write the changes into the specs")
	f.BoolVar(&d.anotherPublisher, "allow-publisher-change", false,
		"take over another publisher, repository or workflow than the spec demands, if it is proven")
	o.bind(c)
	completeSpecs(c, &o)
	return c
}

// documentCatalog verifies a catalog, and shows or writes what its specs should
// say.
func documentCatalog(ctx context.Context, env Env, o options, d documentOptions) error {
	if len(d.specs) > 0 {
		return documentSpecs(ctx, env, o, d)
	}
	c, err := verifyCatalog(ctx, env, o, false)
	if err != nil {
		return err
	}
	sources, closer, err := openCatalog(o)
	if err != nil {
		return unreadable(err)
	}
	defer closer.Close()
	docs := report.Documents{Check: d.check, Write: d.write}
	for _, p := range c.packages {
		docs.Specs = append(docs.Specs, d.apply(ctx, env, o.catalog, sources, p.Spec, p))
	}
	return env.write(docs.ExitCode(), func() error { return textReport(env, o).Documents(env.Stdout, docs, c.trust) })
}

// documentSpecs is documentCatalog for single specs.
func documentSpecs(ctx context.Context, env Env, o options, d documentOptions) error {
	targets, err := loadTargets(ctx, o, d.specs, false)
	if err != nil {
		return err
	}
	packages, trust, err := verifyTargets(ctx, env, o, targets, false)
	if err != nil {
		return err
	}
	if o.demo != "" {
		o.demo = o.demo.named()
	}
	docs := report.Documents{Check: d.check, Write: d.write}
	for i, t := range targets {
		o.catalog = t.root
		sources, closer, err := openCatalog(o)
		if err != nil {
			return unreadable(err)
		}
		spec := t.Spec
		spec.Path = t.path
		docs.Specs = append(docs.Specs, d.apply(ctx, env, t.root, sources, spec, packages[i]))
		_ = closer.Close()
	}
	return env.write(docs.ExitCode(), func() error { return textReport(env, o).Documents(env.Stdout, docs, trust) })
}

// apply says, of one package, what its spec should say, and makes the changes.
// The spec has its path in the catalog in the folder dir.
func (d documentOptions) apply(ctx context.Context, env Env, dir string, sources []catalog.Source, spec catalog.Spec,
	p report.Package) report.Documented {
	s := report.Documented{Package: p, Plan: document.For(spec, &p.Report, d.anotherPublisher)}
	if len(s.Plan.Changes) > 0 {
		s.Diff, s.Written, s.Err = d.change(ctx, env, dir, sources, spec, s.Plan.Changes)
	}
	return s
}

// change makes the changes of a spec, and writes them if that was asked for and
// nobody interrupted.
func (d documentOptions) change(
	ctx context.Context, env Env, dir string, sources []catalog.Source, spec catalog.Spec, changes []catalog.Change,
) (diff string, wrote bool, err error) {
	var text []byte
	for _, source := range sources {
		if source.Name == "" || strings.HasPrefix(string(spec.Path), source.Name+"/") {
			text, err = source.Read(spec)
		}
	}
	if err != nil {
		return "", false, err
	}
	changed, err := catalog.Edit(text, changes)
	if err != nil {
		return "", false, err
	}
	if d.write {
		if ctx.Err() != nil {
			return "", false, errors.New("interrupted before it was written")
		}
		defer lockCatalog(env, dir)()
		untrusted.RemoveTemporary(dir)
		if _, err := catalog.Write(dir, spec, changed); err != nil {
			return "", false, err
		}
	}
	return catalog.Diff(string(spec.Path), text, changed), d.write, nil
}
