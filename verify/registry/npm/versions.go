package npm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// Version is one version in a package's document: what is offered, not verified.
type Version struct {
	Version       untrusted.Text
	Published     time.Time      // time[version], unsigned; zero if there is none
	TimeProblem   string         // why time[version] cannot be read, cleaned
	Deprecated    untrusted.Text // the message, "" for a version that is not
	Signatures    int            // of the registry
	Attested      bool           // attestations are advertised
	PredicateType untrusted.Text // of the advertised provenance, or "" if none is named
	User          verify.NPMUser // claimed
	// Problem says, cleaned, why the version's entry cannot be read; then
	// nothing is known of what it offers.
	Problem string
}

// Versions gets every version of a package, in the document's order. It reads
// the whole packument, often megabytes: [Registry.Fetch] does without.
func (r *Registry) Versions(ctx context.Context, name untrusted.Text, progress registry.Progress) ([]Version, verify.Source, error) {
	if err := checkName(name); err != nil {
		return nil, verify.Source{}, err
	}
	base, err := r.Base(name)
	if err != nil {
		return nil, verify.Source{}, err
	}
	body, source, err := r.getPackument(ctx, base, name, progress)
	if errors.Is(err, registry.ErrNotFound) {
		return nil, source, fmt.Errorf("%w: expected the package %q, found nothing: %w", registry.ErrVersionNotFound, name, err)
	}
	if err != nil {
		return nil, source, err
	}
	versions, err := decodeVersions(body, name)
	return versions, source, err
}

func decodeVersions(data []byte, name untrusted.Text) ([]Version, error) {
	var versions []Version
	times, err := readPackument(data, name, func(version string, manifest jsontext.Value) {
		versions = append(versions, decodeVersion(untrusted.Text(version), manifest))
	})
	if err != nil {
		return nil, err
	}
	for i := range versions {
		v := &versions[i]
		v.Published, v.TimeProblem = times.of(string(v.Version))
	}
	return versions, nil
}

// decodeVersion reads one version. What is wrong with it stays with it: one
// broken manifest of years ago does not hide the others.
func decodeVersion(version untrusted.Text, raw jsontext.Value) Version {
	v := Version{Version: version}
	var m manifest
	if err := json.Unmarshal(raw, &m, registry.Tolerant); err != nil {
		v.Problem = untrusted.Message(untrusted.JSONError(err))
		return v
	}
	if m.Version != v.Version && cleaned(m.Version) != v.Version {
		v.Problem = fmt.Sprintf("expected version %q, found version %q under its name", v.Version, m.Version)
		return v
	}
	claims, _ := m.claims()
	v.Deprecated, v.User = claims.Deprecated, claims.NPMUser
	v.Signatures = len(m.Dist.Signatures)
	if a := m.Dist.Attestations; a != nil {
		v.Attested, v.PredicateType = true, a.PredicateType
	}
	return v
}
