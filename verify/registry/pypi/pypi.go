package pypi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/pyname"
	"plimsoll/verify/registry"
)

// DefaultIndex is the public simple index.
const DefaultIndex = "https://pypi.org/simple/"

// Accept headers of the requests. Indexes other than the public one answer
// provenance as plain JSON.
const (
	acceptIndex      = "application/vnd.pypi.simple.v1+json"
	acceptProvenance = "application/vnd.pypi.integrity.v1+json, application/json;q=0.9"
)

// provenanceAtOnce is how many provenance objects of one release are fetched
// at once.
const provenanceAtOnce = 4

// Registry asks a package index. It may be used from several goroutines.
type Registry struct {
	client *registry.Client
	config Config
}

// New returns a Registry that asks the indexes of config with client.
func New(client *registry.Client, config Config) *Registry {
	if len(config.Indexes) == 0 && config.Fault == nil {
		config.Indexes = []Index{newIndex(uvIndex{URL: DefaultIndex}, access{})}
	}
	return &Registry{client: client, config: config}
}

// Config says which indexes are asked.
func (r *Registry) Config() Config { return r.config }

// taken is what a project's page has of the release that was asked for.
type taken struct {
	page
	found
}

// Fetch gets what the indexes offer for a release: every file that an installer
// may take for it, with the attestations of each, and the names of the files
// that belong to no release. An error means that the release could not be
// looked up at all: [registry.ErrVersionNotFound] if the project or the version
// does not exist. Provenance that is advertised and cannot be fetched is no error of
// Fetch: the artifact says so in Missing. progress is never called twice at once.
func (r *Registry) Fetch(ctx context.Context, release verify.Release, progress registry.Progress) (verify.Evidence, error) {
	evidence := verify.Evidence{Release: release, Findings: r.config.Findings()}
	version := string(release.Version)
	project, err := r.projectOf(release.Name)
	if err != nil {
		return evidence, err
	}
	if _, err := pyname.EqualVersions(version, version); err != nil {
		return evidence, err
	}
	progress = serialize(progress)
	progress.Tell("fetching the index")
	var pages []taken
	files := 0
	err = r.search(ctx, project, progress, func(f found) (bool, error) {
		evidence.Registry = untrusted.Text(registry.Redact(f.index.URL))
		page, err := decodePage(f.body, project, version)
		evidence.Findings = append(evidence.Findings, page.findings...)
		f.body = nil // it may be large
		pages = append(pages, taken{page, f})
		files += len(page.files)
		return r.config.Strategy.first() || r.config.Strategy == FirstMatch && files > 0, err
	})
	if err == nil && files == 0 {
		err = r.notThere(pages, project, version)
	}
	if err != nil {
		return evidence, err
	}
	var spent atomic.Int64
	for _, page := range pages {
		if len(page.files) == 0 {
			continue
		}
		if err := r.addPage(ctx, &evidence, page, &spent, progress); err != nil {
			return evidence, err
		}
	}
	return evidence, nil
}

// addPage adds the files of a page to the evidence, with what is attested of them.
// The same file in two indexes is one, with the attestations of both; files of one
// name with other bytes are an error, since which of them an installer takes is not
// known.
func (r *Registry) addPage(ctx context.Context, e *verify.Evidence, page taken, spent *atomic.Int64, progress registry.Progress) error {
	offers, err := r.fetchOffers(ctx, page, spent, progress)
	if err != nil {
		return err
	}
	registryAt := untrusted.Text(registry.Redact(page.index.URL))
	if len(e.Artifacts) == 0 {
		e.Registry = registryAt
	} else {
		e.Findings = append(e.Findings, verify.Finding{Rule: "registry.setting", Severity: verify.Warning, Message: fmt.Sprintf(
			"an installer may take a file of any of several indexes: those of %v are a part of the release as well", page.index)})
	}
	e.Sources = append(e.Sources, page.source)
	e.Unplaced, e.MoreUnplaced = append(e.Unplaced, page.unplaced...), e.MoreUnplaced+page.moreUnplaced
	for i, f := range page.files {
		e.Claims.Deprecated = cmp.Or(e.Claims.Deprecated, f.reason)
		if offers[i].source != nil {
			e.Sources = append(e.Sources, *offers[i].source)
		}
		artifact := verify.Artifact{
			Filename: f.name, Digest: f.digest, Yanked: f.yanked, Attestations: offers[i].attestations, Missing: offers[i].missing,
		}
		at := slices.IndexFunc(e.Artifacts, func(a verify.Artifact) bool { return a.Filename == f.name })
		if at < 0 {
			e.Artifacts = append(e.Artifacts, artifact)
			continue
		}
		same := &e.Artifacts[at]
		if same.Digest != f.digest || f.digest.Hex == "" {
			return fmt.Errorf("%q is on two indexes, %v and %v, with the SHA-256 %q and %q: expected the same file",
				f.name, e.Registry, registryAt, same.Digest.Hex, f.digest.Hex)
		}
		same.Yanked = same.Yanked || f.yanked
		same.Attestations = append(same.Attestations, artifact.Attestations...)
		same.Missing = cmp.Or(same.Missing, artifact.Missing)
	}
	if len(e.Artifacts) > untrusted.MaxFilesPerRelease {
		return fmt.Errorf("expected at most %d files in a release", untrusted.MaxFilesPerRelease)
	}
	return nil
}

// projectOf returns the normalized name of a project, which becomes part of an
// address, unless no index is known to ask for it.
func (r *Registry) projectOf(name untrusted.Text) (string, error) {
	if r.config.Fault != nil {
		return "", r.config.Fault
	}
	if !pyname.ValidName(string(name)) {
		return "", fmt.Errorf("expected the name of a Python project, found %q", untrusted.Excerpt(string(name)))
	}
	return pyname.NormalizeName(string(name)), nil
}

// serialize returns a function that calls tell from one goroutine at a time.
func serialize(tell registry.Progress) registry.Progress {
	if tell == nil {
		return nil
	}
	var mu sync.Mutex
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		tell(text)
	}
}

// instead words what the page has instead of the files of a release.
func (p page) instead(project, version string) string {
	begin := "expected files of %v %v, found"
	if p.listed {
		begin = "the index lists %v %v and no file of it, but"
	}
	text := fmt.Sprintf(begin+" %d files of other versions and %d of other kinds", untrusted.Text(project), untrusted.Text(version),
		p.others, len(p.unplaced)+p.moreUnplaced)
	for i, name := range p.unplaced[:min(len(p.unplaced), 3)] {
		if i == 0 {
			text += ", such as"
		}
		text += fmt.Sprintf(" %q", name)
	}
	return text
}

// maxFailures is how many provenance objects of one release may fail before the
// others are not asked for any more: each may cost a time limit, a release may
// have thousands, and one that fails spoils the release already.
const maxFailures = 8

// fetchOffers gets the advertised provenance of all files, a few at once,
// within a budget: bytes that came, and a part of it for each that failed.
func (r *Registry) fetchOffers(ctx context.Context, page taken, spent *atomic.Int64, progress registry.Progress) ([]offer, error) {
	files := page.files
	offers := make([]offer, len(files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(provenanceAtOnce)
	advertised := 0
	for _, f := range files {
		if f.provenance != "" {
			advertised++
		}
	}
	if advertised > 0 {
		progress.Tell(fmt.Sprintf("fetching provenance (%d of %d files)", advertised, len(files)))
	}
	for i, f := range files {
		if f.provenance == "" {
			continue
		}
		group.Go(func() (err error) {
			if spent.Load() >= untrusted.MaxProvenance {
				offers[i].missing = "provenance is advertised, but it was not fetched: that of the release's other files is too large, or failed"
				return nil
			}
			offers[i], err = r.fetchProvenance(ctx, page.found, f, progress)
			switch {
			case offers[i].source != nil:
				spent.Add(int64(offers[i].source.Size))
			case offers[i].failed:
				spent.Add(untrusted.MaxProvenance / maxFailures)
			}
			return err
		})
	}
	return offers, group.Wait()
}
