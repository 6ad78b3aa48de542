package npm

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// Accept is the Accept header of every request to an npm registry.
const Accept = "application/json"

// Registry asks npm registries. It may be used from several goroutines.
type Registry struct {
	client *registry.Client
	config Config
}

// New returns a Registry that asks, with client, the registries that config
// names.
func New(client *registry.Client, config Config) *Registry {
	return &Registry{client: client, config: config}
}

// FetchOptions are the wishes for one [Registry.Fetch].
type FetchOptions struct {
	// NeedPublishTime reports whether the key with that id has an end date, so
	// that the time of publishing decides; nil means none has.
	NeedPublishTime func(keyID string) bool
	// Progress is told what is being done, or waited for, in a few words; it
	// may be nil.
	Progress func(string)
}

// Registries lists the registries of npm's configuration, as
// [Config.Registries] does.
func (r *Registry) Registries() []Served { return r.config.Registries() }

// Base returns the base URL of the registry that serves a package, by npm's
// configuration for its scope.
func (r *Registry) Base(name string) (*url.URL, error) { return r.config.base(name) }

// Keys gets the keys that a registry publishes about itself,
// base/-/npm/v1/keys. They vouch for nothing that the registry could not
// forge.
func (r *Registry) Keys(ctx context.Context, base *url.URL) ([]byte, verify.Source, error) {
	return r.get(ctx, base, registry.Request{
		URL: base.JoinPath("-/npm/v1/keys"), Limit: untrusted.MaxTrustFile, What: "registry keys",
	})
}

// get asks the registry at base, with the credentials that npm has for it.
func (r *Registry) get(ctx context.Context, base *url.URL, req registry.Request) ([]byte, verify.Source, error) {
	req.Base, req.Accept, req.Authorization = base, Accept, r.config.authorization(req.URL)
	return r.client.Get(ctx, req)
}

// Fetch gets what the registry offers for a release. An error means that the
// release could not be looked up at all: [registry.ErrVersionNotFound] where
// it does not exist. Attestations that are advertised and cannot be had are no
// error of Fetch: the artifact says so in Missing, and the registry signatures
// are still there to be shown.
func (r *Registry) Fetch(ctx context.Context, release verify.Release, o FetchOptions) (verify.Evidence, error) {
	evidence := verify.Evidence{Release: release}
	name, version := string(release.Name), string(release.Version)
	if err := errors.Join(checkName(name), checkVersion(version)); err != nil {
		return evidence, err
	}
	base, err := r.Base(name)
	if err != nil {
		return evidence, err
	}
	evidence.Registry = untrusted.Text(base.String())
	o.tell("fetching the manifest")
	m, err := r.fetchManifest(ctx, base, name, version, &evidence, o)
	if err != nil {
		return evidence, err
	}
	evidence.Claims = m.claims()
	if err := r.consultPackument(ctx, base, m, &evidence, o); err != nil {
		return evidence, err
	}
	artifact := verify.Artifact{Filename: lastSegment(m.Dist.Tarball), Signatures: m.Dist.offeredSignatures()}
	artifact.Integrity, artifact.Digest = m.Dist.integrity()
	if m.Dist.Attestations != nil {
		o.tell("fetching attestations")
		artifact.Attestations, artifact.Missing, err = r.fetchAttestations(ctx, base, m.Dist.Attestations.URL, &evidence, o)
		if err != nil {
			return evidence, err
		}
	}
	evidence.Artifacts = []verify.Artifact{artifact}
	return evidence, nil
}

func (o FetchOptions) tell(text string) {
	if o.Progress != nil {
		o.Progress(text)
	}
}

func (r *Registry) fetchManifest(ctx context.Context, base *url.URL, name, version string, evidence *verify.Evidence, o FetchOptions) (*manifest, error) {
	body, source, err := r.get(ctx, base, registry.Request{
		URL: documentURL(base, name, version), Limit: untrusted.MaxManifest, What: "manifest", Progress: o.Progress,
	})
	if errors.Is(err, registry.ErrNotFound) {
		return nil, fmt.Errorf("%w: expected %s@%s, found nothing: %w",
			registry.ErrVersionNotFound, release(name), release(version), err)
	}
	if err != nil {
		return nil, err
	}
	evidence.Sources = append(evidence.Sources, source)
	m, err := decodeManifest(body)
	if err != nil {
		return nil, err
	}
	return m, m.is(name, version)
}

// release marks text of the spec as such, so that it prints cleaned.
func release(s string) untrusted.Text { return untrusted.Text(s) }

// consultPackument reads the packument where it is needed, once: for the
// evidence that a private registry leaves out of the manifest, and for the
// publish time that a key with an end date asks for.
func (r *Registry) consultPackument(ctx context.Context, base *url.URL, m *manifest, evidence *verify.Evidence, o FetchOptions) error {
	stripped := len(m.Dist.Signatures) == 0 && m.Dist.Attestations == nil && !public(base)
	if !stripped && !needsTime(&m.Dist, o) {
		return nil
	}
	o.tell("fetching the package's history")
	p, err := r.fetchPackument(ctx, base, m, evidence, o)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && stripped {
		// The manifest may have left out evidence that is there: without the
		// history nobody can say that there is none.
		return fmt.Errorf("the manifest holds no evidence, and whether the package's document does is not known: %w", err)
	}
	if stripped && p.dist != nil {
		m.Dist.Signatures, m.Dist.Attestations = p.dist.Signatures, p.dist.Attestations
	}
	if !needsTime(&m.Dist, o) {
		return nil
	}
	// A document that names no time leaves it zero: the verdict then assumes
	// what npm's own client does.
	evidence.PublishTime, evidence.PublishTimeError = p.published, p.timeProblem
	if err != nil {
		evidence.PublishTimeError = "the time of publishing could not be fetched: " + untrusted.Message(err)
	}
	return nil
}

func needsTime(d *dist, o FetchOptions) bool {
	if o.NeedPublishTime == nil {
		return false
	}
	for _, s := range d.Signatures {
		if o.NeedPublishTime(string(s.KeyID)) {
			return true
		}
	}
	return false
}

func (r *Registry) fetchPackument(ctx context.Context, base *url.URL, m *manifest, evidence *verify.Evidence, o FetchOptions) (packument, error) {
	name := string(m.Name)
	body, source, err := r.get(ctx, base, registry.Request{
		URL: documentURL(base, name, ""), Limit: untrusted.MaxPackument, What: "packument", Progress: o.Progress,
	})
	if err != nil {
		return packument{}, err
	}
	evidence.Sources = append(evidence.Sources, source)
	return decodePackument(body, name, string(m.Version))
}
