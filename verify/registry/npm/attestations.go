package npm

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

// fetchAttestations gets the attestations that a manifest advertises. The
// second result is a sentence that says why they could not be had: what is
// advertised and missing is an error, never "none". Only a cancelled context
// is an error of the call.
func (r *Registry) fetchAttestations(ctx context.Context, base *url.URL, advertised untrusted.Text, evidence *verify.Evidence, o FetchOptions) (offered []verify.OfferedAttestation, missing string, err error) {
	if advertised == "" {
		return nil, "attestations are advertised, but the registry does not say where", nil
	}
	u, err := attestationsURL(base, advertised)
	if err != nil {
		return nil, "attestations are advertised at an address that is refused: " + untrusted.Message(err), nil
	}
	body, source, err := r.get(ctx, base, registry.Request{
		URL: u, Limit: untrusted.MaxAttestations, What: "attestations", Immutable: true, Progress: o.Progress,
	})
	var status *registry.StatusError
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, "", err
	case errors.As(err, &status) && errors.Is(err, registry.ErrNotFound):
		return nil, fmt.Sprintf("attestations are advertised, but the registry answers %d for them", status.Code), nil
	default:
		return nil, "attestations are advertised, but could not be fetched: " + untrusted.Message(err), nil
	}
	evidence.Sources = append(evidence.Sources, source)
	offered, err = DecodeAttestations(body, source)
	if err != nil {
		return nil, "attestations are advertised, but the registry's answer cannot be read: " + untrusted.Message(err), nil
	}
	if len(offered) == 0 {
		return nil, "attestations are advertised, but the registry's list of them is empty", nil
	}
	return offered, "", nil
}

// DecodeAttestations reads npm's attestations response, strictly: duplicate
// names and broken UTF-8 are refused, so that what is verified is what any
// other reader sees. An element that holds no bundle is offered with its
// problem.
func DecodeAttestations(data []byte, source verify.Source) ([]verify.OfferedAttestation, error) {
	var response struct {
		Attestations *[]jsontext.Value `json:"attestations"`
	}
	if err := untrusted.DecodeJSON(data, untrusted.EvidenceShape, &response); err != nil {
		return nil, registry.JSONError(err)
	}
	if response.Attestations == nil {
		return nil, errors.New("expected a list \"attestations\", found none")
	}
	if n := len(*response.Attestations); n > untrusted.MaxBundlesPerArtifact {
		return nil, fmt.Errorf("expected at most %d attestations, found %d", untrusted.MaxBundlesPerArtifact, n)
	}
	var offered []verify.OfferedAttestation
	for _, raw := range *response.Attestations {
		offered = append(offered, decodeAttestation(raw, source))
	}
	return offered, nil
}

func decodeAttestation(raw jsontext.Value, source verify.Source) verify.OfferedAttestation {
	offered := verify.OfferedAttestation{Raw: raw, Source: source}
	var element struct {
		PredicateType untrusted.Text `json:"predicateType"`
		Bundle        jsontext.Value `json:"bundle"`
	}
	err := json.Unmarshal(raw, &element)
	offered.PredicateType = element.PredicateType
	switch {
	case err != nil:
		offered.Problem = "the attestation cannot be read: " + registry.JSONError(err).Error()
	case element.Bundle.Kind() != '{':
		offered.Problem = "expected a Sigstore bundle in the attestation, found none"
	default:
		offered.Bundle = element.Bundle
	}
	return offered
}
