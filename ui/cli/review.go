package cli

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/catalog/revision"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
	"plimsoll/ui/report"
	"plimsoll/verify/review"
)

// reviewed is what a review is of.
type reviewed struct {
	base, head string // revisions as given; "" for the defaults
}

func reviewCommand(env Env) *cobra.Command {
	var o options
	var r reviewed
	c := &cobra.Command{
		Use:     "review [CATALOG]",
		Short:   "Show what a change of the catalog does: every changed spec, before and after",
		Example: "  plimsoll review path/to/catalog\n  plimsoll review --base origin/main --head HEAD --format markdown\n  plimsoll review --demo",
		Args:    o.takeCatalog,
		RunE: func(c *cobra.Command, _ []string) error {
			return reviewCatalog(c.Context(), env, o, r)
		},
	}
	o.bind(c)
	c.Flags().StringVar(&r.base, "base", "", "`REV` before the change (default: where it left origin/HEAD, else the commit before)")
	c.Flags().StringVar(&r.head, "head", "", "`REV` after the change (default: the files as they lie in the folder)")
	return c
}

// reviewCatalog reviews a change of a catalog and writes the result to stdout.
func reviewCatalog(ctx context.Context, env Env, o options, r reviewed) error {
	if err := r.check(&o); err != nil {
		return err
	}
	e, err := newEngine(ctx, env, o, "")
	if err != nil {
		return err
	}
	defer e.close()
	found, err := e.changes(ctx, r)
	if err != nil {
		return unreadable(err)
	}
	if err := e.review(ctx, found, func(*review.Review) {}); err != nil {
		return err
	}
	return written(report.Review{Review: found}.WriteText(env.Stdout), report.ReviewExitCode(found))
}

// check refuses what the demo cannot review: one of its catalogs, or another
// change than its own.
func (r reviewed) check(o *options) error {
	switch {
	case o.demo == "":
		return nil
	case o.demo != demoBoth && o.demo != demoReview:
		return usagef("--demo=%s is a catalog that does not change: --demo=%s has a change to review", o.demo, demoReview)
	case r.base != "" || r.head != "":
		return usagef("--demo brings its own change: it has no other revisions for --base and --head")
	}
	o.demo = demoReview
	return nil
}

// changes finds the specs that differ.
func (e *engine) changes(ctx context.Context, r reviewed) (*review.Review, error) {
	if e.options.demo != "" {
		base, head := demo.Review()
		found := &review.Review{Base: demo.ReviewBase, Head: demo.ReviewHead}
		return found, e.pair(ctx, found, base, catalog.Source{FS: head})
	}
	repository, err := revision.Open(ctx, e.options.catalog)
	if err != nil {
		return nil, err
	}
	found := &review.Review{Head: review.WorkTree}
	source, closer, err := catalog.OpenDir(e.options.catalog)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	if r.head != "" {
		if found.Head, err = repository.Commit(ctx, r.head); err != nil {
			return nil, fmt.Errorf("--head: %w", err)
		}
		if source.FS, err = repository.Tree(ctx, found.Head); err != nil {
			return nil, err
		}
	}
	if r.base != "" {
		found.Base, err = repository.Commit(ctx, r.base)
	} else {
		found.Base, err = repository.Base(ctx, r.head)
	}
	if err != nil {
		return nil, fmt.Errorf("--base: %w", err)
	}
	base, err := repository.Tree(ctx, found.Base)
	if err != nil {
		return nil, err
	}
	return found, e.pair(ctx, found, base, source)
}

// pair fills in the specs that differ, and takes what is demanded and decided of
// them from the base: whoever writes the head is judged by it.
func (e *engine) pair(ctx context.Context, found *review.Review, base fs.FS, head catalog.Source) error {
	if err := e.obey(base); err != nil {
		return err
	}
	before, err := catalog.Load(ctx, catalog.Source{FS: base})
	if err != nil {
		return fmt.Errorf("%.12s: %w", found.Base, err)
	}
	after, err := catalog.Load(ctx, head)
	if err != nil {
		return fmt.Errorf("%q: %w", untrusted.Text(found.Head), err)
	}
	found.Changes = review.Pair(before, after)
	return nil
}

// review verifies both sides of every change and judges them.
func (e *engine) review(ctx context.Context, r *review.Review, judged func(*review.Review)) error {
	var sides []*review.Side
	var specs []catalog.Spec
	for i := range r.Changes {
		for _, side := range []*review.Side{r.Changes[i].Before, r.Changes[i].After} {
			if side != nil {
				sides, specs = append(sides, side), append(specs, side.Spec)
			}
		}
	}
	packages, err := e.verify(ctx, specs)
	if err != nil {
		return err
	}
	for i := range packages {
		sides[i].Report = &packages[i].Report
	}
	for i := range r.Changes {
		r.Changes[i].Judge()
	}
	judged(r)
	return nil
}
