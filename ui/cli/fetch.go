package cli

import (
	"context"
	"fmt"
	"net/url"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/scan"
)

// fetcher gets evidence from the registries and trust from the provider.
func (s *sources) fetcher() scan.Fetcher { return s }

// Fetch implements [scan.Fetcher].
func (s *sources) Fetch(ctx context.Context, spec catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error) {
	release := scan.ReleaseOf(spec)
	var base *url.URL
	var err error
	if release.Ecosystem == verify.NPM {
		if base, err = s.npm.Base(string(release.Name)); err != nil {
			return verify.Evidence{}, verify.Trust{}, err
		}
	}
	progress("loading the trust root")
	trust, err := s.provider.For(ctx, release.Ecosystem, base)
	if err != nil {
		return verify.Evidence{}, verify.Trust{}, err
	}
	var evidence verify.Evidence
	switch release.Ecosystem {
	case verify.NPM:
		evidence, err = s.npm.Fetch(ctx, release, npm.FetchOptions{Progress: progress, NeedPublishTime: ends(trust.Keys)})
	case verify.PyPI:
		evidence, err = s.pypi.Fetch(ctx, release, pypi.FetchOptions{Progress: progress})
	default:
		err = fmt.Errorf("expected the protocol npx or uvx, found %q", spec.Protocol)
	}
	return evidence, trust, err
}

// ends reports whether the key with an id has an end date.
func ends(keys []verify.RegistryKey) func(id string) bool {
	return func(id string) bool {
		for _, k := range keys {
			if k.ID == id && !k.End.IsZero() {
				return true
			}
		}
		return false
	}
}
