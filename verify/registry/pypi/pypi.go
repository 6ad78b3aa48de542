package pypi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
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

// New returns a Registry that asks the index of config with client.
func New(client *registry.Client, config Config) *Registry {
	if config.Index == nil {
		index, err := url.Parse(DefaultIndex)
		if err != nil {
			panic(err) // a constant
		}
		config.Index = index
	}
	return &Registry{client: client, config: config}
}

// Fetch gets what the index offers for a release: every file that an installer
// may take for it, with the attestations of each, and the names of the files
// that belong to no release. An error means that the release could not be
// looked up at all: [registry.ErrVersionNotFound] if the project or the version
// does not exist. Provenance that is advertised and cannot be had is no error of
// Fetch: the artifact says so in Missing. progress is never called twice at once.
func (r *Registry) Fetch(ctx context.Context, release verify.Release, progress registry.Progress) (verify.Evidence, error) {
	evidence := verify.Evidence{Release: release, Registry: untrusted.Text(registry.Redact(r.config.Index))}
	for _, ignored := range r.config.Ignored {
		evidence.Findings = append(evidence.Findings, ignored.Finding())
	}
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
	body, source, err := r.getPage(ctx, project, progress)
	if err != nil {
		return evidence, err
	}
	evidence.Sources = append(evidence.Sources, source)
	page, err := decodePage(body, project, version)
	if err != nil {
		return evidence, err
	}
	if len(page.files) == 0 {
		return evidence, fmt.Errorf("%w: %s", registry.ErrVersionNotFound, page.instead(project, version))
	}
	evidence.Unplaced, evidence.MoreUnplaced = page.unplaced, page.moreUnplaced
	offers, err := r.fetchOffers(ctx, r.pageURL(project), page.files, progress)
	if err != nil {
		return evidence, err
	}
	for i, f := range page.files {
		evidence.Artifacts = append(evidence.Artifacts, verify.Artifact{
			Filename: f.name, Digest: f.digest, Yanked: f.yanked,
			Attestations: offers[i].attestations, Missing: offers[i].missing,
		})
		evidence.Claims.Deprecated = cmp.Or(evidence.Claims.Deprecated, f.reason)
		if offers[i].source != nil {
			evidence.Sources = append(evidence.Sources, *offers[i].source)
		}
	}
	return evidence, nil
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

// get asks the index's host, with the credentials for it.
func (r *Registry) get(ctx context.Context, req registry.Request) ([]byte, verify.Source, error) {
	req.Base, req.Authorization = r.config.Index, r.config.Authorization
	return r.client.Get(ctx, req)
}

func (r *Registry) pageURL(project string) *url.URL { return r.config.Index.JoinPath(project, "/") }

// getPage gets a project's page of the simple index.
func (r *Registry) getPage(ctx context.Context, project string, progress registry.Progress) ([]byte, verify.Source, error) {
	body, source, err := r.get(ctx, registry.Request{
		URL: r.pageURL(project), Accept: acceptIndex, Limit: untrusted.MaxIndex, What: "simple index", Progress: progress,
	})
	if errors.Is(err, registry.ErrNotFound) {
		err = fmt.Errorf("%w: the index has no project %v: %w", registry.ErrVersionNotFound, untrusted.Text(project), err)
	}
	return body, source, err
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
func (r *Registry) fetchOffers(ctx context.Context, pageURL *url.URL, files []file, progress registry.Progress) ([]offer, error) {
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
	var spent atomic.Int64
	for i, f := range files {
		if f.provenance == "" {
			continue
		}
		group.Go(func() (err error) {
			if spent.Load() >= untrusted.MaxProvenance {
				offers[i].missing = "provenance is advertised, but it was not fetched: that of the release's other files is too large, or could not be had"
				return nil
			}
			offers[i], err = r.fetchProvenance(ctx, pageURL, f, progress)
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

// Index returns the base URL of the index that is asked.
func (r *Registry) Index() *url.URL { return r.config.Index }

// Ignored lists the settings of uv and pip that are not obeyed.
func (r *Registry) Ignored() []registry.Ignored { return r.config.Ignored }

// Credentials reports whether the index is asked with any.
func (r *Registry) Credentials() bool { return r.config.Authorization != "" }
