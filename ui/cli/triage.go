package cli

import (
	"errors"
	"os"
	"path"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/coverage"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// triageOptions let the screen decide about the findings of the catalog in a
// folder; where they do not, why says the reason.
func triageOptions(o options, r *review) (t *ui.TriageOptions, why string) {
	switch {
	case o.demo:
		return demoTriage(), ""
	case o.ignoreTriage:
		return nil, "--ignore-triage leaves the catalog's decisions aside"
	}
	dir := o.catalog
	return &ui.TriageOptions{
		Decisions: r.decisions,
		Save:      func(d *triage.Decisions) error { return d.Save(dir) },
		Read:      func() (*triage.Decisions, error) { return readDecisions(dir) },
		ReadSpec:  func(spec catalog.Spec) ([]byte, error) { return readSpec(dir, spec) },
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

// demoTriage lets people try triage on the demo: decisions last as long as the
// screen, and its specs, which lie inside the program, stay as they are.
func demoTriage() *ui.TriageOptions {
	readOnly := errors.New("the demo's specs are part of the program and cannot be written")
	return &ui.TriageOptions{
		Save:      func(*triage.Decisions) error { return nil },
		ReadSpec:  func(catalog.Spec) ([]byte, error) { return nil, readOnly },
		WriteSpec: func(catalog.Spec, []byte) (catalog.Spec, error) { return catalog.Spec{}, readOnly },
		InMemory:  true,
	}
}

// readSpec returns the bytes of a spec's file, which lies in the catalog's
// folder and nowhere else.
func readSpec(dir string, spec catalog.Spec) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return untrusted.ReadRegular(root.FS(), specFile(spec), untrusted.MaxSpec)
}

// specFile is where a spec lies below its catalog's folder:
// PROTOCOL/NAME/spec.yaml.
func specFile(spec catalog.Spec) string {
	parts := strings.Split(string(spec.Path), "/")
	return path.Join(parts[max(len(parts)-3, 0):]...)
}

// demand adds to a report what the policy finds, and leaves the decisions to
// the screen, which changes them.
func (r *review) demand(spec catalog.Spec, report *verify.Report) {
	if d := r.policy.Load(); d != nil {
		report.Findings = append(report.Findings, d.policy.Check(spec, report, r.now())...)
	}
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
		var mine []coverage.Run
		name := catalogName(o)
		for _, run := range runs {
			if run.Catalog == name {
				mine = append(mine, run)
			}
		}
		return mine, nil
	}
}
