package cli

import (
	"slices"

	"plimsoll/catalog"
	"plimsoll/ui"
	"plimsoll/ui/coverage"
	"plimsoll/verify/triage"
)

// triageOptions let the screen decide about the findings of the catalog in a
// folder, or return the reason why it cannot.
func triageOptions(o options, r *rules) (_ *ui.TriageOptions, why string) {
	switch {
	case o.written != nil:
		return o.written.triage(), ""
	case o.demo != "": // a change of it, whose specs are not written
		return newRewritableDemo(o.demo).triage(), ""
	case o.ignoreTriage:
		return nil, "--ignore-triage leaves the catalog's decisions aside"
	}
	dir := o.catalog
	return &ui.TriageOptions{
		Decisions: r.decisions,
		Save:      func(d *triage.Decisions) error { return d.Save(dir) },
		Read:      func() (*triage.Decisions, error) { return readDecisions(dir) },
		ReadSpec:  func(spec catalog.Spec) ([]byte, error) { return catalog.Read(dir, spec) },
		WriteSpec: func(spec catalog.Spec, data []byte) (catalog.Spec, error) { return catalog.Write(dir, spec, data) },
	}, ""
}

func readDecisions(dir string) (*triage.Decisions, error) {
	source, closer, err := catalog.OpenDir(dir)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return triage.Load(source.FS)
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
