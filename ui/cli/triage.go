package cli

import (
	"slices"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/coverage"
	"plimsoll/ui/state"
	"plimsoll/verify/triage"
)

// triageOptions let the screen decide about the findings of the catalog in a
// folder, or return the reason why it cannot. What programs left in the folder that
// were killed goes.
func triageOptions(env Env, o options, r *rules) (_ *ui.TriageOptions, why string) {
	switch {
	case o.written != nil:
		return o.written.triage(), ""
	case o.demo != "": // a change of it, whose specs are not written
		return newRewritableDemo(o.demo).triage(), ""
	case o.ignoreTriage:
		return nil, "--ignore-triage leaves the catalog's decisions aside"
	}
	dir := o.catalog
	untrusted.RemoveTemporary(dir)
	return &ui.TriageOptions{
		Decisions: r.decisions,
		Decide: func(held *triage.Decisions, c triage.Change) (*triage.Decisions, error) {
			defer lockCatalog(env, dir)()
			return held.Update(dir, c)
		},
		Read:     func(held *triage.Decisions) (*triage.Decisions, error) { return readDecisions(dir, held) },
		ReadSpec: func(spec catalog.Spec) ([]byte, error) { return catalog.Read(dir, spec) },
		WriteSpec: func(spec catalog.Spec, data []byte) (catalog.Spec, error) {
			defer lockCatalog(env, dir)()
			return catalog.Write(dir, spec, data)
		},
	}, ""
}

// lockCatalog waits until no other program writes into the catalog in a folder, and
// keeps others waiting until the function that it returns is called. If no lock can be
// had, a file that changed since it was read is not written over all the same, unless
// that happens in the very moment of writing.
func lockCatalog(env Env, dir string) (unlock func()) {
	folder, err := stateDir(env)
	if err == nil {
		unlock, err = state.LockCatalog(folder, dir)
	}
	if err != nil {
		return func() {}
	}
	return unlock
}

// readDecisions returns the decisions of the catalog in a folder, held if their file
// still is what held was read from.
func readDecisions(dir string, held *triage.Decisions) (*triage.Decisions, error) {
	source, closer, err := catalog.OpenDir(dir)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return held.Reload(source.FS)
}

// earlierRuns returns what was counted of a catalog before, from the history
// that the coverage command keeps.
func earlierRuns(env Env, o options) func() ([]coverage.Run, error) {
	return func() ([]coverage.Run, error) {
		file, err := historyPath(env)
		if err != nil {
			return nil, err
		}
		runs, _, err := coverage.Read(file)
		if err != nil {
			return nil, err
		}
		name := catalogName(o)
		return slices.DeleteFunc(runs, func(run coverage.Run) bool { return run.Catalog != name }), nil
	}
}
