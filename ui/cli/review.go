package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/catalog/revision"
	"plimsoll/catalog/untrusted"
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
		Example: "  plimsoll review path/to/catalog\n  plimsoll review --base origin/main --head HEAD --format markdown",
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

// changes finds the specs that differ, and takes what is demanded and decided of
// them from the base: whoever writes the head is judged by it.
func (e *engine) changes(ctx context.Context, r reviewed) (*review.Review, error) {
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
	if err := e.obey(base); err != nil {
		return nil, err
	}
	before, err := catalog.Load(ctx, catalog.Source{FS: base})
	if err != nil {
		return nil, fmt.Errorf("%.12s: %w", found.Base, err)
	}
	after, err := catalog.Load(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", untrusted.Text(found.Head), err)
	}
	found.Changes = review.Pair(before, after)
	return found, nil
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
