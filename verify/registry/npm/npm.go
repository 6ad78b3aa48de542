package npm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

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

// Config says which registries are asked.
func (r *Registry) Config() Config { return r.config }

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
	req.Base, req.Accept, req.Authorization = base, "application/json", r.config.authorization(req.URL, base)
	body, source, err := r.client.Get(ctx, req)
	return body, source, r.config.explain(err, base, req.Authorization)
}

// getPackument gets the whole document of a package.
func (r *Registry) getPackument(ctx context.Context, base *url.URL, name untrusted.Text, progress registry.Progress) ([]byte, verify.Source, error) {
	return r.get(ctx, base, registry.Request{
		URL: documentURL(base, name, ""), Limit: untrusted.MaxPackument, What: "packument", Progress: progress,
	})
}

// Fetch gets what the registry offers for a release. An error means that the
// release could not be looked up at all: [registry.ErrVersionNotFound] if it
// does not exist. Attestations that are advertised and cannot be fetched are no
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
	missing   string // why evidence that one of the two documents offers was left out, or ""
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
	for _, ignored := range f.config.ignoredFor(f.base) {
		f.evidence.Findings = append(f.evidence.Findings, ignored.Finding())
	}
	m, err := f.document(ctx)
	if err != nil {
		return err
	}
	if version, build, found := strings.Cut(string(release.Version), "+"); found {
		f.evidence.Findings = append(f.evidence.Findings, verify.Finding{Rule: "release.build-metadata", Severity: verify.Warning,
			Message:  fmt.Sprintf("npm leaves out what follows a + in a version: it installs %q, if there is one, and not what was checked", version),
			Expected: version, Observed: version + "+" + build})
	}
	artifact := verify.Artifact{Filename: f.filename(m), Signatures: m.Dist.offeredSignatures(),
		Missing: f.missing, Derived: m.Dist.Integrity == ""}
	artifact.Integrity, artifact.Digest = m.Dist.integrity()
	if m.Dist.Attestations != nil {
		artifact.Attestations, artifact.Missing, err = f.attestations(ctx, m.Dist.Attestations)
	}
	if err == nil {
		f.evidence.Artifacts = []verify.Artifact{artifact}
	}
	return err
}

// filename names the tarball as its address does, or else as npm would.
func (f *fetch) filename(m *manifest) untrusted.Text {
	name := string(f.evidence.Release.Name)
	return cmp.Or(lastSegment(m.Dist.Tarball), untrusted.Text(name[strings.LastIndexByte(name, '/')+1:])+"-"+f.evidence.Release.Version+".tgz")
}

// attestations gets the attestations that a manifest advertises. missing is a
// sentence if they could not be fetched; err is not nil only if ctx is done.
func (f *fetch) attestations(ctx context.Context, advertised *attestations) (offered []verify.OfferedAttestation, missing string, err error) {
	f.progress.Tell("fetching attestations")
	const begin = "attestations are advertised"
	if advertised.URL == "" {
		missing = begin + ", but the registry does not say where"
		if advertised.Problem != "" {
			missing += ": " + advertised.Problem
		}
		return nil, missing, nil
	}
	u, err := attestationsURL(f.base, advertised.URL)
	if err != nil {
		return nil, begin + " at an address that is refused: " + untrusted.Message(err), nil
	}
	var broken error
	_, source, err := f.get(ctx, f.base, registry.Request{
		URL: u, Limit: untrusted.MaxAttestations, What: "attestations", Immutable: true, Progress: f.progress,
		Usable: func(body []byte) bool {
			offered, broken = DecodeAttestations(body, verify.Source{})
			return broken == nil && registry.Readable(offered)
		},
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, "", err
	case err != nil:
		return nil, registry.Missing(begin, err), nil
	}
	f.evidence.Sources = append(f.evidence.Sources, source)
	for i := range offered {
		offered[i].Source = source
	}
	switch {
	case broken != nil:
		return nil, begin + ", but the registry's answer cannot be read: " + untrusted.Message(broken), nil
	case len(offered) == 0:
		return nil, begin + ", but the registry's list of them is empty", nil
	}
	return offered, "", nil
}
