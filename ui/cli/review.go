package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/catalog/revision"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// reviewOptions is what a review is of.
type reviewOptions struct {
	base, head string // revisions as given; "" for the defaults
	format     string
	verbose    bool     // json: both sides whole
	outputs    []string // as given: FORMAT=FILE
	screen     bool     // it is shown on the screen
}

var reviewFormats = []string{formatText, formatJSON, formatMarkdown, formatSARIF}

const aboutReview = `Show what a change of the catalog does: every changed spec, before and after.

Both versions are verified, each against its own spec. The change is judged by
the policy.yaml and the triage.yaml of its base, never by its own: a decision
that lets it pass has to be merged first.

On a terminal it opens a screen, unless --format asks for text.

Exit codes: 0 every change passes, or no spec differs; 1 evidence was lost,
another publisher or package, a lower version, an edit of what the change is
judged by, or a package that fails by itself; 2 usage, or a spec of the head that
cannot be read; 3 either version could not be checked.`

func reviewCommand(env Env) *cobra.Command {
	var o options
	var r reviewOptions
	c := &cobra.Command{
		Use:   "review [CATALOG]",
		Short: "Show what a change of the catalog does: every changed spec, before and after",
		Long:  aboutReview,
		Example: `  # what the files in the folder change
  plimsoll review path/to/catalog
  # a pull request, as its comment
  plimsoll review --base origin/main --head HEAD --format markdown
  # in CI: as text, and as a file for code scanning
  plimsoll review --base HEAD^1 --format text --output sarif=review.sarif
  # a bump of every kind, good and bad
  plimsoll review --demo`,
		Args: o.takeCatalog,
		RunE: func(c *cobra.Command, _ []string) error {
			r.screen = env.interactive() && !c.Flags().Changed("format") && !c.Flags().Changed("verbose") && len(r.outputs) == 0
			return reviewCatalog(c.Context(), env, o, r)
		},
	}
	o.bind(c)
	c.Flags().StringVar(&r.base, "base", "", "`REV` before the change (default: the last commit shared with origin/HEAD, else the commit before)")
	c.Flags().StringVar(&r.head, "head", "", "`REV` after the change (default: the files in the folder)")
	c.Flags().StringVar(&r.format, "format", formatText, "`FORMAT` of the result: "+alternatives(reviewFormats))
	c.Flags().BoolVarP(&r.verbose, "verbose", "v", false, "with --format json: both sides of every change whole, with every check")
	c.Flags().StringArrayVar(&r.outputs, "output", nil, "write the result as well, `FORMAT=FILE`; may be repeated")
	complete(c, "format", reviewFormats...)
	complete(c, "base", "origin/HEAD", "HEAD^")
	complete(c, "head", "HEAD")
	completeFolders(c)
	return c
}

// reviewCatalog reviews a change of a catalog and writes the result to stdout, or
// shows it on the screen.
func reviewCatalog(ctx context.Context, env Env, o options, r reviewOptions) error {
	if err := r.check(&o); err != nil {
		return err
	}
	if r.screen {
		return openReview(ctx, env, o, r)
	}
	e, err := newEngine(ctx, env, o, "")
	if err != nil {
		return err
	}
	defer e.close()
	e.config.Explain = r.verbose
	found, err := e.changes(ctx, r)
	if err != nil {
		return unreadable(err)
	}
	if err := e.review(ctx, found, func(*review.Review) {}); err != nil {
		return err
	}
	result := report.Review{Review: found, Trust: e.trust(), Generated: env.Now()}
	result.Trust.NotRead = found.NotRead
	return env.write(result.ExitCode(), func() error {
		for _, output := range r.outputs { // one that fails keeps no other back
			format, name, _ := strings.Cut(output, "=")
			var file bytes.Buffer
			err := r.write(&file, textReport(env, options{noColor: true, ascii: o.ascii}), format, result)
			if err == nil {
				err = exportFile(name, file.Bytes(), true)
			}
			if err != nil {
				env.ending.fail(fmt.Errorf("--output: %w", err))
			}
		}
		return r.write(env.Stdout, textReport(env, o), r.format, result)
	})
}

// write writes a review in a format.
func (r reviewOptions) write(w io.Writer, text report.Text, format string, found report.Review) error {
	switch format {
	case formatJSON:
		return found.WriteJSON(w, r.verbose)
	case formatMarkdown:
		return found.WriteMarkdown(w)
	case formatSARIF:
		return report.SARIF{Version: thisVersion(), Base: found.Folder}.WriteReview(w, found)
	}
	return text.Review(w, found)
}

// check refuses what the demo cannot review, one of its catalogs, or another
// change than its own; and flags that do not go together.
func (r reviewOptions) check(o *options) error {
	formats := []string{r.format}
	for _, output := range r.outputs {
		format, name, _ := strings.Cut(output, "=")
		if !slices.Contains(reviewFormats, format) || name == "" {
			return usagef("--output: expected FORMAT=FILE, of %s, got %q", alternatives(reviewFormats), output)
		}
		formats = append(formats, format)
	}
	switch {
	case !slices.Contains(reviewFormats, r.format):
		return usagef("--format: expected %s, got %q", alternatives(reviewFormats), r.format)
	case r.verbose && !slices.Contains(formats, formatJSON):
		return usagef("-v goes with --format json: the other formats do not list checks")
	case o.demo == "":
		return nil
	case o.demo.unchanged() != "":
		return usagef("%s", o.demo.unchanged())
	case r.base != "" || r.head != "":
		return usagef("--demo brings its own change: it has no other revisions for --base and --head")
	}
	o.demo = demoReview
	return o.takeCatalog(nil, nil) // the title names this part of the demo
}

// changes finds the specs that differ.
func (e *engine) changes(ctx context.Context, r reviewOptions) (*review.Review, error) {
	if e.options.demo != "" {
		base, head := demo.Review()
		found := &review.Review{Base: demo.ReviewBase, Head: demo.ReviewHead}
		return found, e.pair(ctx, found, base, catalog.Source{FS: head})
	}
	source, closer, err := catalog.OpenDir(e.options.catalog)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	repository, err := revision.Open(ctx, e.options.catalog, e.env.Environ())
	if err != nil {
		return nil, err
	}
	defer repository.Close()
	found := &review.Review{Head: review.WorkTree, Folder: repository.Folder()}
	tip := ""
	if r.head == "" {
		err = repository.CheckedOut()
	} else if tip, err = repository.Commit(r.head); err == nil {
		found.Head = tip
		source = catalog.Source{} // nothing of the folder
		source.FS, err = repository.Tree(tip)
	}
	if err != nil {
		return nil, fmt.Errorf("--head: %w", err)
	}
	if r.base != "" {
		found.Base, err = repository.Commit(r.base)
	} else {
		found.Base, err = repository.Base(tip)
	}
	if err != nil {
		return nil, fmt.Errorf("--base: %w", err)
	}
	base, err := repository.Tree(found.Base)
	if err != nil {
		return nil, fmt.Errorf("--base: %w", err)
	}
	source.Skip = func(path string) bool { return base.Same(source.FS, path) }
	err = e.pair(ctx, found, base, source)
	if fault := repository.Fault(); fault != nil {
		return nil, fault
	}
	return found, err
}

// pair fills in the specs that differ, and takes what is demanded and decided of
// them from the base: whoever writes the head is judged by it.
func (e *engine) pair(ctx context.Context, found *review.Review, base fs.FS, head catalog.Source) error {
	if err := e.obey(base); err != nil {
		return err
	}
	same := map[string]bool{}
	if skip := head.Skip; skip != nil {
		head.Skip = func(path string) bool {
			if skip(path) {
				same[path] = true
			}
			return same[path]
		}
	}
	after, err := catalog.Load(ctx, head)
	if err != nil {
		return in(found.Head, err)
	}
	before, err := loadBase(ctx, found.Base, catalog.Source{FS: base, Skip: func(path string) bool { return same[path] }})
	if err != nil {
		return err
	}
	known := map[untrusted.Text]bool{}
	for _, s := range before {
		known[s.Path] = true
	}
	if len(same) > 0 && slices.ContainsFunc(after, func(s catalog.Spec) bool { return !known[s.Path] }) {
		// What is new may be of a package that the base has elsewhere.
		all, err := loadBase(ctx, found.Base, catalog.Source{FS: base})
		if err != nil {
			return err
		}
		for _, s := range all {
			if same[string(s.Path)] && s.Package != "" {
				before, after = append(before, s), append(after, s)
			}
		}
		slices.SortFunc(before, func(a, b catalog.Spec) int { return cmp.Compare(a.Path, b.Path) })
	}
	found.Changes, found.NotRead = review.Pair(before, after), catalog.CountUnread(ctx, head)
	found.CompareRules(base, head.FS)
	return nil
}

// loadBase loads specs of the base. One that has no catalog has none.
func loadBase(ctx context.Context, base string, source catalog.Source) ([]catalog.Spec, error) {
	if !catalog.In(source.FS) {
		return nil, nil // which is a finding
	}
	specs, err := catalog.Load(ctx, source)
	if err != nil {
		return nil, in(base, err)
	}
	return specs, nil
}

// in names the revision of which a catalog could not be loaded, unless it is the
// folder itself.
func in(revision string, err error) error {
	if revision == review.WorkTree {
		return err
	}
	return fmt.Errorf("in commit %.12s %w", revision, err)
}

// maxUpdates bounds how often a review of many changes is shown again.
const maxUpdates = 100

// review verifies both sides of every change and judges them; what several
// changes have in common is verified once. It calls update with a copy as results
// come, never twice at once, and with all of them at the end.
func (e *engine) review(ctx context.Context, r *review.Review, update func(*review.Review)) error {
	e.config.Review = nil // Judge adds what is demanded and decided
	packages, asking := reviewedSpecs(r)
	every, done := max(1, len(r.Changes)/maxUpdates), 0
	judge := func(i int, checked *verify.Report) {
		for _, c := range asking[i] {
			c.take(checked)
			if !c.change.Judged() {
				continue
			}
			c.change.Judge(e.rules.apply)
			if done++; done%every == 0 {
				update(r.Clone())
			}
		}
	}
	if err := e.verifyEach(ctx, packages, judge); err != nil {
		return err
	}
	update(r.Clone())
	return nil
}

// asked is a side of a change that waits for a report.
type asked struct {
	change *review.Change
	head   bool
}

// take replaces the side by one with a report. Copies of the review keep theirs.
func (a asked) take(checked *verify.Report) {
	side := &a.change.Before
	if a.head {
		side = &a.change.After
	}
	*side = &review.Side{Spec: (*side).Spec, Report: checked}
}

// reviewedSpecs returns the specs whose verification a review needs, and for each
// the sides that ask for it: those that name the same release and demand the same.
func reviewedSpecs(r *review.Review) (packages []report.Package, asking [][]asked) {
	type release struct {
		protocol      catalog.Protocol
		name, version untrusted.Text
	}
	known := map[release][]int{}
	ask := func(side *review.Side, a asked) {
		if side == nil {
			return
		}
		key := release{side.Spec.Protocol, side.Spec.Package, side.Spec.Version}
		i := slices.IndexFunc(known[key], func(i int) bool { return sameDemands(&packages[i].Spec, &side.Spec) })
		if i >= 0 {
			i = known[key][i]
			asking[i] = append(asking[i], a)
			return
		}
		known[key] = append(known[key], len(packages))
		packages, asking = append(packages, report.Package{Spec: side.Spec}), append(asking, []asked{a})
	}
	for i := range r.Changes {
		ask(r.Changes[i].Before, asked{&r.Changes[i], false})
		ask(r.Changes[i].After, asked{&r.Changes[i], true})
	}
	return packages, asking
}

// sameDemands reports whether two specs of one release get the same report.
func sameDemands(a, b *catalog.Spec) bool {
	return a.Err == nil && b.Err == nil && a.MoreUnknown == b.MoreUnknown &&
		reflect.DeepEqual(a.Unknown, b.Unknown) && reflect.DeepEqual(a.Provenance, b.Provenance)
}
