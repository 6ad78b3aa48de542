package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/ui/report"
	"plimsoll/verify/document"
)

// documentOptions is what is to be done with what is proven.
type documentOptions struct {
	check, write     bool
	anotherPublisher bool
}

func documentCommand(env Env) *cobra.Command {
	var o options
	var d documentOptions
	c := &cobra.Command{
		Use:   "document [CATALOG]",
		Short: "Bring the specs' provenance sections up to what is proven",
		Long: `document verifies every package and says in its spec what the certificates
prove: repository_uri, attestations, the publisher's kind, repository and
workflow, and as repository_ref the tag of this version (a commit stays a commit;
a branch stays, since it says nothing of a release). Every other byte of the file
stays.

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
  plimsoll document path/to/catalog --write`,
		Args: o.takeCatalog,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := exclusive(c, "write", "check", "demo"); err != nil {
				return err
			}
			return documentCatalog(c.Context(), env, o, d)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&d.check, "check", false, "exit with 1 if a spec does not say what is proven, or names the tag of another version; for CI")
	f.BoolVar(&d.write, "write", false, "write the changes into the specs")
	f.BoolVar(&d.anotherPublisher, "allow-publisher-change", false,
		"take over another publisher, repository or workflow than the spec demands, if it is proven")
	o.bind(c)
	return c
}

// documentCatalog verifies a catalog, and shows or writes what its specs should
// say.
func documentCatalog(ctx context.Context, env Env, o options, d documentOptions) error {
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
		s := report.Documented{Package: p, Plan: document.For(p.Spec, &p.Report, d.anotherPublisher)}
		if len(s.Plan.Changes) > 0 {
			s.Diff, s.Written, s.Err = d.change(ctx, o.catalog, sources, p.Spec, s.Plan.Changes)
		}
		docs.Specs = append(docs.Specs, s)
	}
	return written(textReport(env, o).Documents(env.Stdout, docs, c.trust), docs.ExitCode())
}

// change makes the changes of a spec, and writes them if that was asked for and
// nobody interrupted.
func (d documentOptions) change(ctx context.Context, dir string, sources []catalog.Source, spec catalog.Spec, changes []catalog.Change) (
	diff string, wrote bool, err error) {
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
			return "", false, errInterrupted
		}
		if _, err := catalog.Write(dir, spec, changed); err != nil {
			return "", false, err
		}
	}
	return catalog.Diff(string(spec.Path), text, changed), d.write, nil
}
