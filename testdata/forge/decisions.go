package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/registry/recording"
	"plimsoll/verify/review"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
	"plimsoll/verify/trust"
)

// accepted is a finding of a change that somebody decided to be known.
type accepted struct{ path, rule, reason string }

// What was decided before the change, and what the change decides of itself.
var (
	decidedBefore = []accepted{
		{"npx/known-loss/spec.yaml", "review.evidence", "the runner of the project was down, its maintainers say so"},
	}
	decidedInChange = []accepted{
		{"npx/self-absolved/spec.yaml", "provenance.repository_uri", "trust me"},
		{"npx/self-absolved/spec.yaml", "publisher.repository", "trust me"},
		{"npx/self-absolved/spec.yaml", "review.publisher", "trust me"},
	}
)

// What was demanded of the catalog before the change, and what the change demands.
const (
	policyBefore = `# What is demanded of the packages, whoever changes their specs.
version: 1
rules:
  - match: {package: "@harbour/unsigned-*"}
    status: signed
  - match: {package: "@harbour/fresh-paint"}
    min_age: 14d
  - match: {package: "@harbour/second-leak"}
    no_downgrade: true
  - match: {package: "@harbour/back-port"}
    no_downgrade: true
  - match: {package: "@harbour/strange-crew"}
    same_publisher: true
`
	policyAfter = `# The change demands less of what it brings: it is judged by the policy before it.
version: 1
rules:
  - match: {package: "@harbour/unsigned-*"}
    status: none
`
)

// decide writes the policy and the decisions of both ends of the change into the
// demo that was written below out. A decision names by hash what was found, so
// that plimsoll is asked for it.
func (f *forge) decide(out string) error {
	answers, err := recording.Open(os.DirFS(filepath.Join(out, "recording")))
	if err != nil {
		return err
	}
	changes, err := f.review(answers)
	if err != nil {
		return err
	}
	files := map[string][]byte{"review/base/policy.yaml": []byte(policyBefore), "review/head/policy.yaml": []byte(policyAfter)}
	decisions, err := triage.Load(fstest.MapFS{})
	if err != nil {
		return err
	}
	for _, end := range []struct {
		file string
		list []accepted
	}{{"review/base/triage.yaml", decidedBefore}, {"review/head/triage.yaml", decidedInChange}} {
		for _, a := range end.list {
			if decisions, err = a.add(decisions, changes); err != nil {
				return err
			}
		}
		if files[end.file], err = decisions.Marshal(); err != nil {
			return err
		}
	}
	return writeFiles(out, files)
}

func (a accepted) add(to *triage.Decisions, changes []review.Change) (*triage.Decisions, error) {
	for _, c := range changes {
		for _, found := range c.Findings {
			if string(c.Path) == a.path && found.Rule == a.rule {
				d := triage.Decide(c.After.Spec, c.After.Report, found, triage.Known, a.reason)
				d.By, d.At = "marina", at(recorded)
				return to.With(d)
			}
		}
	}
	return nil, fmt.Errorf("%s: nothing finds %s, about which is decided", a.path, a.rule)
}

// review returns the changes about which is decided, judged.
func (f *forge) review(answers *recording.Recording) ([]review.Change, error) {
	base, head := fstest.MapFS{}, fstest.MapFS{}
	for _, a := range append(decidedBefore, decidedInChange...) {
		base[a.path] = &fstest.MapFile{Data: f.files["review/base/"+a.path]}
		head[a.path] = &fstest.MapFile{Data: f.files["review/head/"+a.path]}
	}
	before, err := catalog.Load(context.Background(), catalog.Source{FS: base})
	if err != nil {
		return nil, err
	}
	after, err := catalog.Load(context.Background(), catalog.Source{FS: head})
	if err != nil {
		return nil, err
	}
	changes := review.Pair(before, after)
	for i := range changes {
		c := &changes[i]
		for _, side := range []*review.Side{c.Before, c.After} {
			if side.Report, err = f.verify(answers, side.Spec); err != nil {
				return nil, err
			}
		}
		c.Judge(nil)
	}
	return changes, nil
}

// verify checks a spec against what the registries answer.
func (f *forge) verify(answers *recording.Recording, spec catalog.Spec) (report *verify.Report, err error) {
	client := registry.New(registry.Options{Transport: answers})
	from := &scan.Registries{
		NPM:  npm.New(client, npm.Config{Base: must(registry.ParseBase(npmBase)), Whole: true}),
		PyPI: pypi.New(client, pypi.Config{Indexes: []pypi.Index{{URL: must(registry.ParseBase(pypiIndex))}}}),
		Trust: trust.New(trust.Options{Material: trust.Material{
			Origin: trust.OriginDemo, TrustedRoot: trustedRootJSON(f.root()), NPMKeys: npmKeysJSON(f.keys()...), RootName: "demo", KeysName: "demo",
		}}),
	}
	s := scan.Start(context.Background(), scan.Config{Fetch: from}, func(e scan.Event) {
		if e.Kind == scan.Finished {
			report = e.Report
		}
	})
	s.Submit(scan.Task{Spec: &spec})
	return report, s.Wait()
}
