package cli

import (
	"context"
	"io"
	"sync/atomic"

	"plimsoll/catalog"
	"plimsoll/catalog/revision"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/verify/review"
)

// outcome is how a review ended.
type outcome struct {
	review *review.Review
	err    error
}

// openReview shows the review of a change on the screen until the person leaves
// it. It ends as the last review did.
func openReview(ctx context.Context, env Env, o options, r reviewOptions) error {
	if err := o.forScreen(); err != nil {
		return err
	}
	if o.demo == "" { // a wrong path is told on the command line, not on a screen
		repository, err := revision.Open(ctx, o.catalog, env.Environ())
		if err != nil {
			return unreadable(err)
		}
		repository.Close()
	}
	e, err := newEngine(ctx, env, o, "")
	if err != nil {
		return err
	}
	defer e.close()
	background, cancel := context.WithCancel(ctx)
	defer cancel()
	decisions, why := reviewTriage(env, o)
	var base atomic.Pointer[rules]
	e.config.Issuers = func(spec catalog.Spec) []string {
		if r := base.Load(); r != nil {
			return r.issuers(spec)
		}
		return nil
	}
	checks := startScreenEngine(background, e.config, e.registries.AskAgain) // of one package, for who looks at it
	var last atomic.Pointer[outcome]                                         // nil while a review runs
	err = e.show(ctx, ui.Options{
		Review: func(ctx context.Context, update func(*review.Review)) error {
			last.Store(nil)
			found, err := e.reviewOnScreen(ctx, r, base.Store, update)
			if ctx.Err() == nil {
				last.Store(&outcome{found, err})
			}
			return err
		},
		ReviewAlone: true,
		Examine:     checks.Examine,
		History:     checks.History,
		State:       tableState(env, o),
		Title:       o.catalog,
		Evidence:    func() report.Trust { return e.basis(ctx) },
		Triage:      decisions,
		TriageOff:   why,
		Aged:        aged(o),
	})
	if err != nil {
		return err
	}
	switch ended := last.Load(); {
	case ended == nil:
		return exit(report.ExitUnchecked)
	case ended.err != nil:
		return unreadable(ended.err)
	default:
		return exit(report.Review{Review: ended.review}.ExitCode())
	}
}

// reviewOnScreen reviews a change while a screen is open, with rules of its own:
// they are those of the base, and obeyed is told of them.
func (e *engine) reviewOnScreen(ctx context.Context, r reviewOptions, obeyed func(*rules), update func(*review.Review)) (
	*review.Review, error) {
	own := *e
	own.env.Stderr = io.Discard // it would spoil the screen
	e.registries.AskAgain()
	found, err := own.changes(ctx, r)
	if err != nil {
		return nil, err
	}
	obeyed(own.rules)
	update(found.Clone())
	return found, own.review(ctx, found, update)
}

// reviewTriage lets the screen decide about what a review found, in the files that
// lie in the catalog's folder.
func reviewTriage(env Env, o options) (_ *ui.TriageOptions, why string) {
	r := &rules{}
	if o.demo == "" && !o.ignoreTriage {
		var err error
		if r.decisions, err = readDecisions(o.catalog, nil); err != nil {
			return nil, untrusted.Message(err)
		}
	}
	return triageOptions(env, o, r)
}
