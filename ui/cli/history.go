package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/registry/recording"
)

// historyJobs is how many histories are fetched at once: the document of an
// npm package may take many megabytes.
const historyJobs = 4

var errHistoryNotRecorded = errors.New("the recording does not have the list of this package's versions: it holds what a check needs")

// history fetches what the registry offers for all versions of a package. A
// panic is this history's error.
func (e *engine) history(ctx context.Context, spec catalog.Spec, checked *verify.Report) (_ history.History, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("panic while fetching a history", "spec", spec.Path.String(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("internal error while fetching the history: %v", p)
		}
	}()
	release := checked.Release
	if spec.Err != nil || release.Name == "" {
		return history.History{}, errors.New("the spec names no package")
	}
	var h history.History
	switch release.Ecosystem {
	case verify.NPM:
		h, err = history.NPM(ctx, e.registries.NPM, release)
	case verify.PyPI:
		h, err = history.PyPI(ctx, e.registries.PyPI, release)
	default:
		return history.History{}, fmt.Errorf("expected a package of npm or PyPI, found one of %v", release.Ecosystem)
	}
	if errors.Is(err, recording.ErrNotRecorded) {
		return history.History{}, errHistoryNotRecorded
	}
	return h, err
}

// addHistories adds to every report what the history of its package shows, or
// why there is none. It returns an error only if ctx is done.
func (e *engine) addHistories(ctx context.Context, packages []report.Package) error {
	reports := make([]*verify.Report, len(packages))
	for i := range packages {
		reports[i] = &packages[i].Report
	}
	found := make([][]verify.Finding, len(packages))
	var group errgroup.Group
	group.SetLimit(min(historyJobs, cmp.Or(e.options.jobs, historyJobs)))
	for i := range packages {
		if packages[i].Spec.Err != nil {
			continue // nothing is known of its package, and the report says so
		}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			h, err := e.history(ctx, packages[i].Spec, reports[i])
			if err != nil {
				found[i] = []verify.Finding{history.Unchecked(untrusted.Message(err))}
				return nil
			}
			h.Compare(history.Publishers(h.Release, reports...))
			found[i] = h.Findings
			return nil
		})
	}
	if err := group.Wait(); err != nil || ctx.Err() != nil {
		return unchecked(errInterrupted)
	}
	for i := range packages {
		reports[i].Findings = append(reports[i].Findings, found[i]...)
	}
	return nil
}
