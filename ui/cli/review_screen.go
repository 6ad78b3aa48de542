package cli

import (
	"context"
	"io"
	"sync/atomic"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/verify/review"
)

// openReview shows the review of a change on the screen until the person leaves
// it. The exit code is that of the last review which ended.
func openReview(ctx context.Context, env Env, o options, r reviewed) error {
	e, err := newEngine(ctx, env, o, "")
	if err != nil {
		return err
	}
	defer e.close()
	background, cancel := context.WithCancel(ctx)
	defer cancel()
	decisions, why := reviewTriage(o)
	checks := startScreenEngine(background, e.config)
	var last atomic.Pointer[review.Review]
	err = e.show(ctx, ui.Options{
		Review: func(ctx context.Context, update func(*review.Review)) error {
			last.Store(nil)
			found, err := e.reviewOnScreen(ctx, r, update)
			if err == nil {
				last.Store(found)
			}
			return err
		},
		ReviewAlone: true,
		Examine:     checks.Examine,
		History:     checks.History,
		Title:       o.catalog,
		Evidence:    func() report.Trust { return e.basis(ctx) },
		Triage:      decisions,
		TriageOff:   why,
		Aged:        aged(o),
	})
	if err != nil {
		return err
	}
	if ended := last.Load(); ended != nil {
		return exit(report.Review{Review: ended}.ExitCode())
	}
	return exit(report.ExitUnchecked)
}

// reviewOnScreen reviews a change while a screen is open, with rules of its own:
// they are those of the base. It is called from one goroutine at a time.
func (e *engine) reviewOnScreen(ctx context.Context, r reviewed, update func(*review.Review)) (*review.Review, error) {
	own := *e
	own.env.Stderr = io.Discard // it would spoil the screen
	found, err := own.changes(ctx, r)
	if err != nil {
		return nil, err
	}
	update(found.Clone())
	return found, own.review(ctx, found, update)
}

// reviewTriage lets the screen decide about what a review found, in the files that
// lie in the catalog's folder.
func reviewTriage(o options) (_ *ui.TriageOptions, why string) {
	r := &rules{}
	if o.demo == "" && !o.ignoreTriage {
		var err error
		if r.decisions, err = readDecisions(o.catalog); err != nil {
			return nil, untrusted.Message(err)
		}
	}
	return triageOptions(o, r)
}
