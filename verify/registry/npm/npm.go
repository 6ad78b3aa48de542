package npm

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

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

// Registries lists the registries of npm's configuration, as
// [Config.Registries] does.
func (r *Registry) Registries() []Served { return r.config.Registries() }

// Ignored lists the settings of npm that are not obeyed.
func (r *Registry) Ignored() []registry.Ignored { return r.config.Ignored() }

// Base returns the base URL of the registry that serves a package, by npm's
// configuration for its scope.
func (r *Registry) Base(name untrusted.Text) (*url.URL, error) { return r.config.base(string(name)) }

// Keys gets the keys that a registry publishes of itself, base/-/npm/v1/keys. They vouch for nothing that the registry could not
// forge.
func (r *Registry) Keys(ctx context.Context, base *url.URL) ([]byte, verify.Source, error) {
	return r.get(ctx, base, registry.Request{
		URL: base.JoinPath("-/npm/v1/keys"), Limit: untrusted.MaxTrustFile, What: "registry keys",
	})
}

// get asks the registry at base, with the credentials that npm has for it.
func (r *Registry) get(ctx context.Context, base *url.URL, req registry.Request) ([]byte, verify.Source, error) {
	req.Base, req.Accept, req.Authorization = base, "application/json", r.config.authorization(req.URL)
	return r.client.Get(ctx, req)
}

// getPackument gets the whole document of a package.
func (r *Registry) getPackument(ctx context.Context, base *url.URL, name untrusted.Text, progress registry.Progress) ([]byte, verify.Source, error) {
	return r.get(ctx, base, registry.Request{
		URL: documentURL(base, name, ""), Limit: untrusted.MaxPackument, What: "packument", Progress: progress,
	})
}

// Fetch gets what the registry offers for a release. An error means that the
// release could not be looked up at all: [registry.ErrVersionNotFound] if it
// does not exist. Attestations that are advertised and cannot be had are no
// error of Fetch: the artifact says so in Missing, and the registry signatures
// are still there to be shown. needsTime reports whether the key with that id
// has an end date, so that the time of publishing decides; nil means none has.
func (r *Registry) Fetch(ctx context.Context, release verify.Release, needsTime func(keyID string) bool, progress registry.Progress) (verify.Evidence, error) {
	f := &fetch{Registry: r, needsTime: needsTime, progress: progress, evidence: verify.Evidence{Release: release}}
	err := f.run(ctx)
	return f.evidence, err
}

// fetch is one call of [Registry.Fetch].
type fetch struct {
	*Registry
	base      *url.URL
	needsTime func(keyID string) bool
	progress  registry.Progress
	evidence  verify.Evidence
}

func (f *fetch) run(ctx context.Context) error {
	release := f.evidence.Release
	err := errors.Join(checkName(release.Name), checkVersion(release.Version))
	if err != nil {
		return err
	}
	if f.base, err = f.Base(release.Name); err != nil {
		return err
	}
	f.evidence.Registry = untrusted.Text(f.base.String())
	for _, ignored := range f.config.Ignored() {
		f.evidence.Findings = append(f.evidence.Findings, ignored.Finding())
	}
	m, err := f.manifest(ctx)
	if err != nil {
		return err
	}
	f.evidence.Claims = m.claims()
	if err := f.consultPackument(ctx, m); err != nil {
		return err
	}
	artifact := verify.Artifact{Filename: lastSegment(m.Dist.Tarball), Signatures: m.Dist.offeredSignatures()}
	artifact.Integrity, artifact.Digest = m.Dist.integrity()
	if m.Dist.Attestations != nil {
		artifact.Attestations, artifact.Missing, err = f.attestations(ctx, m.Dist.Attestations.URL)
	}
	if err == nil {
		f.evidence.Artifacts = []verify.Artifact{artifact}
	}
	return err
}

func (f *fetch) manifest(ctx context.Context) (*manifest, error) {
	f.progress.Tell("fetching the manifest")
	release := f.evidence.Release
	body, source, err := f.get(ctx, f.base, registry.Request{
		URL: documentURL(f.base, release.Name, release.Version), Limit: untrusted.MaxManifest, What: "manifest", Progress: f.progress,
	})
	if errors.Is(err, registry.ErrNotFound) {
		return nil, fmt.Errorf("%w: expected %s@%s, found nothing: %w", registry.ErrVersionNotFound, release.Name, release.Version, err)
	}
	if err != nil {
		return nil, err
	}
	f.evidence.Sources = append(f.evidence.Sources, source)
	m, err := decodeManifest(body)
	if err != nil {
		return nil, err
	}
	return m, m.is(release.Name, release.Version)
}

// consultPackument reads the packument if it is needed, once: for the evidence
// that a private registry leaves out of the manifest, and for the publish time
// that a key with an end date asks for.
func (f *fetch) consultPackument(ctx context.Context, m *manifest) error {
	stripped := len(m.Dist.Signatures) == 0 && m.Dist.Attestations == nil && !public(f.base)
	if !stripped && !f.needsPublishTime(&m.Dist) {
		return nil
	}
	f.progress.Tell("fetching the package's history")
	p := packument{}
	body, source, err := f.getPackument(ctx, f.base, m.Name, f.progress)
	if err == nil {
		f.evidence.Sources = append(f.evidence.Sources, source)
		p, err = decodePackument(body, m.Name, m.Version)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && stripped {
		// The manifest may have left out evidence that is there: without the
		// history it is not known that there is none.
		return fmt.Errorf("the manifest holds no evidence, and whether the package's document does is not known: %w", err)
	}
	if stripped && p.dist != nil {
		m.Dist.Signatures, m.Dist.Attestations = p.dist.Signatures, p.dist.Attestations
	}
	if !f.needsPublishTime(&m.Dist) {
		return nil
	}
	// A document that names no time leaves it zero: the verdict then assumes
	// what npm's own client does.
	f.evidence.PublishTime, f.evidence.PublishTimeError = p.published, p.timeProblem
	if err != nil {
		f.evidence.PublishTimeError = "the time of publishing could not be fetched: " + untrusted.Message(err)
	}
	return nil
}

func (f *fetch) needsPublishTime(d *dist) bool {
	return f.needsTime != nil && slices.ContainsFunc(d.Signatures, func(s signature) bool { return f.needsTime(string(s.KeyID)) })
}

// attestations gets the attestations that a manifest advertises. missing is a
// sentence if they could not be had; err is not nil only if ctx is done.
func (f *fetch) attestations(ctx context.Context, advertised untrusted.Text) (offered []verify.OfferedAttestation, missing string, err error) {
	f.progress.Tell("fetching attestations")
	const begin = "attestations are advertised"
	if advertised == "" {
		return nil, begin + ", but the registry does not say where", nil
	}
	u, err := attestationsURL(f.base, advertised)
	if err != nil {
		return nil, begin + " at an address that is refused: " + untrusted.Message(err), nil
	}
	body, source, err := f.get(ctx, f.base, registry.Request{
		URL: u, Limit: untrusted.MaxAttestations, What: "attestations", Immutable: true, Progress: f.progress,
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, "", err
	case err != nil:
		return nil, registry.Missing(begin, err), nil
	}
	f.evidence.Sources = append(f.evidence.Sources, source)
	offered, err = DecodeAttestations(body, source)
	switch {
	case err != nil:
		return nil, begin + ", but the registry's answer cannot be read: " + untrusted.Message(err), nil
	case len(offered) == 0:
		return nil, begin + ", but the registry's list of them is empty", nil
	}
	return offered, "", nil
}
