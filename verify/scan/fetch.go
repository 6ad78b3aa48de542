package scan

import (
	"context"
	"fmt"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/trust"
)

// Registries is the [Fetcher] over npm, PyPI and a trust provider.
type Registries struct {
	NPM   *npm.Registry
	PyPI  *pypi.Registry
	Trust *trust.Provider
}

// Fetch gets the trust first: which keys have an end decides whether npm is
// asked when the release was published, and without a trust root there is
// nothing to ask for.
func (r *Registries) Fetch(ctx context.Context, spec catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error) {
	release := ReleaseOf(spec)
	switch release.Ecosystem {
	case verify.NPM:
		return r.fetchNPM(ctx, release, progress)
	case verify.PyPI:
		anchors, err := r.Trust.For(ctx, verify.PyPI, nil)
		if err != nil {
			return verify.Evidence{}, anchors, err
		}
		evidence, err := r.PyPI.Fetch(ctx, release, pypi.FetchOptions{Progress: progress})
		return evidence, anchors, err
	}
	return verify.Evidence{}, verify.Trust{}, fmt.Errorf("expected the protocol %s or %s, found %q", catalog.NPX, catalog.UVX, string(spec.Protocol))
}

func (r *Registries) fetchNPM(ctx context.Context, release verify.Release, progress func(string)) (verify.Evidence, verify.Trust, error) {
	base, err := r.NPM.Base(string(release.Name))
	if err != nil {
		return verify.Evidence{}, verify.Trust{}, err
	}
	anchors, err := r.Trust.For(ctx, verify.NPM, base)
	if err != nil {
		return verify.Evidence{}, anchors, err
	}
	evidence, err := r.NPM.Fetch(ctx, release, npm.FetchOptions{NeedPublishTime: anchors.NeedsPublishTime, Progress: progress})
	return evidence, anchors, err
}
