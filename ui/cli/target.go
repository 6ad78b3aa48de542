package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// target is a package that the command line names by itself: by its spec, or
// without one.
type target struct {
	catalog.Spec                // its Path is unlike that of every other target
	root         string         // the folder of its catalog, "" for none
	path         untrusted.Text // of the spec in its catalog
}

// loadTargets reads what the arguments name, each once. One spec that cannot be
// read is the error; among several, it is one of them. Releases without a spec are
// refused unless specless is set.
func loadTargets(ctx context.Context, o options, args []string, specless bool) ([]target, error) {
	var targets []target
	seen, roots := map[string]bool{}, map[string]bool{}
	add := func(key string, t target) {
		if !seen[key] {
			targets = append(targets, t)
		}
		seen[key] = true
	}
	for _, arg := range args {
		if catalog.IsReference(arg) {
			spec, err := catalog.ParseReference(arg)
			switch {
			case err != nil:
				return nil, usage(err)
			case !specless:
				return nil, usagef("expected the path of a spec, "+catalog.SpecPaths+", found the package %q: "+
					"without a spec there is nothing to work on", untrusted.Text(arg))
			}
			add(string(spec.Path), target{Spec: spec})
			continue
		}
		spec, err := loadSpec(ctx, o, arg)
		switch {
		case err != nil && !catalog.IsSpecPath(arg) && specless:
			return nil, usage(noTarget(arg))
		case err != nil && (spec.Err == nil || len(args) == 1):
			return nil, unreadable(err)
		}
		t := target{Spec: spec, root: rootOf(arg), path: spec.Path}
		t.Path = untrusted.Text(filepath.ToSlash(filepath.Clean(arg)))
		root := o.absolute(t.root)
		add(path.Join(root, string(t.path)), t)
		roots[root] = true
	}
	if len(roots) <= 1 { // as in a report of the catalog
		for i := range targets {
			if t := &targets[i]; t.root != "" {
				t.Path = t.path
			}
		}
	}
	return targets, nil
}

// absolute tells folders apart, however they are written, and through links. The
// demo has none.
func (o options) absolute(folder string) string {
	if o.demo != "" {
		return filepath.Clean(folder)
	}
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	if abs, err := filepath.Abs(folder); err == nil {
		return abs
	}
	return filepath.Clean(folder)
}

// noTarget is the error of an argument that names neither a spec nor a release.
func noTarget(arg string) error {
	hint := ""
	for _, protocol := range []string{"npm:", "pypi:"} {
		if _, err := catalog.ParseReference(protocol + arg); err == nil {
			hint = fmt.Sprintf(": write %s%s", protocol, arg)
		}
	}
	if info, err := os.Stat(arg); err == nil && info.IsDir() {
		hint = ", a folder: plimsoll report verifies every spec of a catalog"
		if file := path.Join(filepath.ToSlash(arg), "spec.yaml"); catalog.IsSpecPath(file) {
			hint = fmt.Sprintf(": write %v", untrusted.Excerpt(file))
		}
	}
	return fmt.Errorf("expected %s, or %s, found %q%s", catalog.SpecPaths, catalog.ReferenceForms, untrusted.Excerpt(arg), hint)
}

const aCatalog = "the folder of a catalog"

// inPlaceOf is the error of an argument that is a package or a spec, if what is
// expected is something else; nil for what may be that.
func inPlaceOf(expected, arg string) error {
	kind, _, _ := strings.Cut(arg, ":")
	info, err := os.Stat(arg)
	what := "a spec"
	switch {
	case catalog.IsSpecPath(arg):
		if err == nil && info.IsDir() {
			return nil
		}
	case err == nil || !slices.Contains([]string{"npm", "pypi", "pkg"}, kind):
		return nil
	default:
		what = "a package"
	}
	return usagef("expected %s, found %s: plimsoll verify-provenance %v verifies it", expected, what, untrusted.Excerpt(arg))
}

// verifyTargets verifies targets by one engine; with explain the reports list every
// check.
func verifyTargets(ctx context.Context, env Env, o options, targets []target, explain bool) ([]report.Package, report.Trust, error) {
	e, err := newEngine(ctx, env, o, "")
	if err != nil {
		return nil, report.Trust{}, err
	}
	defer e.close()
	if err := e.obeyEach(targets); err != nil {
		return nil, report.Trust{}, unreadable(err)
	}
	e.config.Explain, e.config.Zips = explain, true
	specs := make([]catalog.Spec, len(targets))
	for i, t := range targets {
		specs[i] = t.Spec
	}
	packages, err := e.verify(ctx, specs...)
	return packages, e.trust(), err
}

// obeyEach is obey for targets: to each apply the policy and the decisions of its
// own catalog, and to what has no catalog only what --policy names.
func (e *engine) obeyEach(targets []target) error {
	byRoot, bySpec := map[string]*rules{}, map[untrusted.Text]*rules{}
	for _, t := range targets {
		root := e.options.absolute(t.root)
		if t.root == "" {
			root = ""
		}
		if byRoot[root] == nil {
			source, closer, err := e.options.openRoot(t.root)
			if err != nil {
				return err
			}
			byRoot[root], err = loadRules(e.env, e.options, source.FS)
			_ = closer.Close()
			if err != nil && len(targets) > 1 && t.root != "" {
				err = fmt.Errorf("%q: %w", untrusted.Text(t.root), err)
			}
			if err != nil {
				return err
			}
		}
		bySpec[t.Path] = byRoot[root]
	}
	e.config.Issuers = func(spec catalog.Spec) []string { return bySpec[spec.Path].issuers(spec) }
	e.config.Needs = func(spec catalog.Spec) scan.Need { return bySpec[spec.Path].needs(spec) }
	e.config.Review = func(spec catalog.Spec, r *verify.Report) { bySpec[spec.Path].apply(spec, r) }
	return nil
}

// openRoot opens the root folder of a catalog, which has its policy and its
// decisions; the result has no FS if there are none. Close what it returns as
// well.
func (o options) openRoot(root string) (catalog.Source, io.Closer, error) {
	switch {
	case root == "" || o.demo != "" && o.demo != demoReview:
		return catalog.Source{}, io.NopCloser(nil), nil
	case o.demo == demoReview:
		return o.demo.sources()[0], io.NopCloser(nil), nil
	}
	return catalog.OpenDir(root)
}
