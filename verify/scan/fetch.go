package scan

import (
	"context"
	"fmt"
	"net/url"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry/goproxy"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/trust"
)

// Registries is the [Fetcher] over npm, PyPI and a trust provider.
type Registries struct {
	NPM   *npm.Registry
	PyPI  *pypi.Registry
	Go    *goproxy.Registry
	Trust *trust.Provider
	// AskAgain has hosts asked that were given up, or is nil.
	AskAgain func()
}

// TrustInfo describes the trust in force, for people.
type TrustInfo = trust.Info

// SumDBInfo describes the checksum database of Go modules, for people.
type SumDBInfo = goproxy.Info

// Fetch gets the trust first: which keys have an end decides whether npm is
// asked when the release was published. Without a trust root the evidence is
// fetched all the same, to be looked at: the trust then says why there is
// none.
func (r *Registries) Fetch(ctx context.Context, spec catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error) {
	release := ReleaseOf(spec)
	switch release.Ecosystem {
	case verify.NPM:
		return r.fetchNPM(ctx, release, progress)
	case verify.PyPI:
		anchors, err := r.trust(ctx, verify.PyPI, nil)
		if err != nil {
			return verify.Evidence{}, anchors, err
		}
		evidence, err := r.PyPI.Fetch(ctx, release, progress)
		return evidence, anchors, trustFirst(anchors, err)
	case verify.Go:
		evidence, db, err := r.Go.Fetch(ctx, release, progress)
		return evidence, verify.Trust{SumDB: db}, err
	}
	return verify.Evidence{}, verify.Trust{}, fmt.Errorf("expected the protocol %s, found %q", catalog.ProtocolNames, string(spec.Protocol))
}

func (r *Registries) fetchNPM(ctx context.Context, release verify.Release, progress func(string)) (verify.Evidence, verify.Trust, error) {
	base, err := r.NPM.Base(release.Name)
	if err != nil {
		return verify.Evidence{}, verify.Trust{}, err
	}
	anchors, err := r.trust(ctx, verify.NPM, base)
	if err != nil {
		return verify.Evidence{}, anchors, err
	}
	evidence, err := r.NPM.Fetch(ctx, release, anchors.NeedsPublishTime, progress)
	return evidence, anchors, trustFirst(anchors, err)
}

// trust returns the trust for evidence of a registry. It returns an error only
// if ctx is done; a trust that cannot be fetched names the reason.
func (r *Registries) trust(ctx context.Context, ecosystem verify.Ecosystem, base *url.URL) (verify.Trust, error) {
	anchors, err := r.Trust.For(ctx, ecosystem, base)
	switch {
	case err == nil:
		return anchors, nil
	case ctx.Err() != nil:
		return verify.Trust{}, err
	default:
		anchors.RootError = untrusted.Message(err)
		return anchors, nil
	}
}

// trustFirst words the error of evidence that could not be fetched either: it is
// the trust that has to be mended first.
func trustFirst(anchors verify.Trust, err error) error {
	if err == nil || anchors.RootError == "" {
		return err
	}
	return fmt.Errorf("%s; and the evidence could not be fetched: %w", anchors.RootError, err)
}
