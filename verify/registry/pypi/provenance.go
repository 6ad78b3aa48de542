package pypi

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// provenanceURL resolves the address that the index page gives for a file's
// provenance. It must be on the index's own host: metadata does not
// choose where evidence comes from.
func provenanceURL(pageURL *url.URL, advertised untrusted.Text) (*url.URL, error) {
	ref, err := url.Parse(string(advertised))
	if err != nil {
		return nil, fmt.Errorf("%q is not an address", untrusted.Excerpt(string(advertised)))
	}
	u := pageURL.ResolveReference(ref)
	if u.User != nil || u.Opaque != "" {
		return nil, errors.New("it holds credentials or no path")
	}
	if u.Scheme == "http" && pageURL.Scheme == "https" && u.Host == pageURL.Host {
		u.Scheme = "https" // an index behind a proxy that ends TLS does not know how it was asked
	}
	if !registry.SameHost(u, pageURL) {
		return nil, fmt.Errorf("expected one on %q, found one on %q", pageURL.Scheme+"://"+pageURL.Host, u.Scheme+"://"+u.Host)
	}
	if registry.HasDotSegment(u) {
		return nil, errors.New("it has \"..\" in its path")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// offer is what was got of a file's advertised provenance.
type offer struct {
	attestations []verify.OfferedAttestation
	missing      string // why it could not be fetched, a sentence
	source       *verify.Source
	failed       bool // a request was made, and it failed
}

// fetchProvenance gets the provenance object of one file. Only a cancelled
// context is an error; everything else that goes wrong is a sentence in the
// offer, because what is advertised and missing is never "none".
func (r *Registry) fetchProvenance(ctx context.Context, at found, f file, progress registry.Progress) (offer, error) {
	u, err := provenanceURL(at.page, f.provenance)
	if err != nil {
		return offer{missing: "provenance is advertised at an address that is refused: " + untrusted.Message(err)}, nil
	}
	var attestations []verify.OfferedAttestation
	missing := "provenance is advertised, but nobody read it" // else it would be none
	_, source, err := r.get(ctx, at.index, registry.Request{
		URL: u, Accept: acceptProvenance, Limit: untrusted.MaxAttestations, What: "provenance", Immutable: true, Progress: progress,
		Usable: func(body []byte) bool {
			attestations, missing = DecodeProvenance(body, verify.Source{})
			return missing == "" && registry.Readable(attestations)
		},
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return offer{}, err
	case err != nil:
		return offer{missing: registry.Missing("provenance is advertised", err), failed: !errors.Is(err, registry.ErrNotFound)}, nil
	}
	for i := range attestations {
		attestations[i].Source = source
	}
	return offer{attestations: attestations, missing: missing, source: &source}, nil
}

// DecodeProvenance reads a PEP 740 provenance object strictly. Every
// attestation of every bundle is offered; an object or an attestation that
// cannot be made into a Sigstore bundle is offered with its problem. The
// second result says, in a sentence, that the object leaves out what it was
// advertised for, or that it is no whole JSON: something on the way broke it.
func DecodeProvenance(data []byte, source verify.Source) (offered []verify.OfferedAttestation, missing string) {
	broken := func(err error) []verify.OfferedAttestation {
		return []verify.OfferedAttestation{{Raw: data, Problem: err.Error(), Source: source}}
	}
	var object struct {
		Version jsontext.Value    `json:"version"`
		Bundles *[]jsontext.Value `json:"attestation_bundles"`
	}
	if err := untrusted.DecodeJSON(data, untrusted.EvidenceShape, &object); err != nil {
		if !errors.Is(err, untrusted.ErrTooLarge) && !jsontext.Value(data).IsValid(jsontext.AllowDuplicateNames(true)) {
			return nil, "provenance is advertised, but the index's answer cannot be read: " + untrusted.Message(untrusted.JSONError(err))
		}
		return broken(fmt.Errorf("the provenance object cannot be read: %w", untrusted.JSONError(err))), ""
	}
	if err := CheckVersion(object.Version, "provenance object"); err != nil {
		return broken(err), ""
	}
	if object.Bundles == nil {
		return broken(errors.New("expected \"attestation_bundles\" in the provenance object, found none")), ""
	}
	if len(*object.Bundles) == 0 {
		return nil, "provenance is advertised, but the object holds no attestations"
	}
	for _, raw := range *object.Bundles {
		more, empty := decodeBundle(raw, source)
		if empty {
			missing = "provenance is advertised, but a publisher's list of attestations is empty"
		}
		if offered = append(offered, more...); len(offered) > untrusted.MaxBundlesPerArtifact {
			return nil, fmt.Sprintf("provenance is advertised, but the object holds more than %d attestations", untrusted.MaxBundlesPerArtifact)
		}
	}
	return offered, missing
}

func decodeBundle(raw jsontext.Value, source verify.Source) (offered []verify.OfferedAttestation, empty bool) {
	var bundle struct {
		Publisher    jsontext.Value    `json:"publisher"`
		Attestations *[]jsontext.Value `json:"attestations"`
	}
	err := json.Unmarshal(raw, &bundle)
	if err == nil && bundle.Attestations == nil {
		err = errors.New("expected \"attestations\" beside the publisher, found none")
	}
	if err != nil {
		problem := "the publisher's attestations cannot be read: " + untrusted.JSONError(err).Error()
		return []verify.OfferedAttestation{{Raw: raw, Problem: problem, Source: source}}, false
	}
	publisher, publisherErr := decodePublisher(bundle.Publisher)
	for _, attestation := range *bundle.Attestations {
		o := verify.OfferedAttestation{Raw: attestation, Publisher: publisher, Source: source}
		assembled, err := Bundle(attestation)
		switch {
		case publisherErr != nil:
			o.Problem = publisherErr.Error()
		case err != nil:
			o.Problem = err.Error()
		default:
			o.Bundle = assembled
		}
		offered = append(offered, o)
	}
	return offered, len(offered) == 0
}

// decodePublisher reads a publisher object: a claim, of whatever kind. The
// result is not nil, even if there is an error.
func decodePublisher(raw jsontext.Value) (*verify.ClaimedPublisher, error) {
	var kind struct {
		Kind untrusted.Text `json:"kind"`
	}
	var p struct {
		Repository   untrusted.Text `json:"repository"`
		Workflow     untrusted.Text `json:"workflow"`
		WorkflowPath untrusted.Text `json:"workflow_filepath"`
		Email        untrusted.Text `json:"email"`
		Environment  untrusted.Text `json:"environment"` // null if there is none
	}
	if raw.Kind() != '{' {
		return &verify.ClaimedPublisher{}, errors.New("expected a publisher object, found none")
	}
	err := json.Unmarshal(raw, &kind)
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil && (kind.Kind == "" || verify.KnownKind(kind.Kind)) { // what the members of other kinds hold is not known
		return &verify.ClaimedPublisher{}, fmt.Errorf("the publisher object cannot be read: %w", untrusted.JSONError(err))
	}
	if kind.Kind == "" {
		return &verify.ClaimedPublisher{}, errors.New("expected a kind in the publisher object, found none")
	}
	claimed := &verify.ClaimedPublisher{
		Kind: kind.Kind, Repository: p.Repository, Workflow: p.Workflow, Email: p.Email, Environment: p.Environment,
	}
	if p.WorkflowPath != "" {
		claimed.Workflow = p.WorkflowPath
	}
	return claimed, nil
}
