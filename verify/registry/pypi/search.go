package pypi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// found is a project's page and the index that has it.
type found struct {
	index  Index
	page   *url.URL
	body   []byte
	source verify.Source
}

// search asks the indexes for a project, one after another, and gives every page
// to take until it says that it has enough. An index that answers 404, or what its
// settings say to ignore, does not have the project; any other failure ends the
// search, since what a later index has would then be a guess. An error names the
// index that was asked last. If none has the project, it wraps
// [registry.ErrVersionNotFound].
func (r *Registry) search(
	ctx context.Context, project string, progress registry.Progress, take func(found) (enough bool, err error),
) error {
	indexes := r.config.Asked()
	has := false
	var absent error
	var asked []string
	for _, index := range indexes {
		body, source, err := r.getPage(ctx, index, project, progress)
		if index.lacks(err) {
			absent = err
			text := index.String()
			if status := registry.StatusCode(err); status != http.StatusNotFound {
				text = fmt.Sprintf("%s, whose answer %d is ignored", text, status)
			}
			asked = append(asked, text)
			continue
		}
		if err != nil {
			return err
		}
		has = true
		enough, err := take(found{index, index.page(project), body, source})
		if err != nil || enough {
			return err
		}
	}
	switch {
	case has:
		return nil
	case len(indexes) == 1:
		return fmt.Errorf("%w: the index has no project %v: %w", registry.ErrVersionNotFound, untrusted.Text(project), absent)
	}
	return fmt.Errorf("%w: no index has a project %v: asked %s",
		registry.ErrVersionNotFound, untrusted.Text(project), strings.Join(asked, ", "))
}

// lacks reports whether a failure says that the index does not have the project.
// Where uv would ask again with credentials that belong to another index, a 404
// does not say so.
func (i Index) lacks(err error) bool {
	status := registry.StatusCode(err)
	return status == http.StatusNotFound && !i.Shared || slices.Contains(i.NotHere, status)
}

// page is the address of a project's page.
func (i Index) page(project string) *url.URL { return i.URL.JoinPath(project, "/") }

// String returns the name and the address of an index.
func (i Index) String() string {
	address := string(registry.Redact(i.URL))
	if i.Name == "" {
		return address
	}
	return fmt.Sprintf("%s (%s)", untrusted.Clean(i.Name), address)
}

// getPage gets a project's page of the simple index.
func (r *Registry) getPage(ctx context.Context, i Index, project string, progress registry.Progress) ([]byte, verify.Source, error) {
	if i.Fault != nil {
		return nil, verify.Source{}, i.Fault
	}
	body, source, err := r.get(ctx, i, registry.Request{
		URL: i.page(project), Accept: acceptIndex, Limit: untrusted.MaxIndex, What: "simple index", Progress: progress,
	})
	switch {
	case speaksHTML(err):
		err = fmt.Errorf("fetch the simple index from %v: %w", registry.Redact(i.page(project)), errHTML)
	case registry.StatusCode(err) == http.StatusNotAcceptable:
		err = fmt.Errorf("%w: %w", err, errHTML)
	case registry.StatusCode(err) == http.StatusNotFound && i.Shared:
		err = fmt.Errorf("%w; uv would ask again with the credentials of another index on this host: "+
			`give the index its own, or authenticate = "never"`, err)
	}
	return body, source, err
}

// Probed is the project that [Registry.Probe] asks for: the packaging guide's example,
// whose page is small.
const Probed = "sampleproject"

// Probe asks one index for the page of [Probed], and returns nil if it can be read.
// The error of an index that answers and does not have the project is
// [registry.ErrNotFound]. That it answers does not say that it has others.
func (r *Registry) Probe(ctx context.Context, i Index) error {
	body, _, err := r.getPage(ctx, i, Probed, nil)
	if err == nil {
		_, err = readPage(body, Probed)
	}
	return err
}

// get asks an index, with its credentials. The error of one that refuses says which
// they were, and where they are looked for.
func (r *Registry) get(ctx context.Context, i Index, req registry.Request) ([]byte, verify.Source, error) {
	req.Base, req.Authorization, req.Fallback = i.URL, i.Authorization, i.Fallback
	body, source, err := r.client.Get(ctx, req)
	if status := registry.StatusCode(err); status == http.StatusUnauthorized || status == http.StatusForbidden {
		err = fmt.Errorf("%w; %s", err, cmp.Or(i.Access, "no credentials were sent"))
	}
	return body, source, err
}

// notThere words that a release is not where it was looked for.
func (r *Registry) notThere(pages []taken, project, version string) error {
	var texts []string
	for _, p := range pages {
		texts = append(texts, p.instead(project, version))
	}
	text := strings.Join(texts, "; ")
	if r.config.Strategy.first() && len(r.config.Asked()) > 1 {
		text += fmt.Sprintf("; %v is the first index that has the project, and no other is asked then (%s)", pages[0].index, FirstIndex)
	}
	return fmt.Errorf("%w: %s", registry.ErrVersionNotFound, text)
}

func (s Strategy) first() bool { return s == "" || s == FirstIndex }
