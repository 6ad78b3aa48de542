package npm

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// DecodeAttestations reads npm's attestations response, strictly: duplicate
// names and broken UTF-8 are refused, so that what is verified is what any
// other reader sees. An element that holds no bundle is offered with its
// problem.
func DecodeAttestations(data []byte, source verify.Source) ([]verify.OfferedAttestation, error) {
	var response struct {
		Attestations *[]jsontext.Value `json:"attestations"`
	}
	if err := untrusted.DecodeJSON(data, untrusted.EvidenceShape, &response); err != nil {
		return nil, untrusted.JSONError(err)
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
		offered.Problem = "the attestation cannot be read: " + untrusted.JSONError(err).Error()
	case element.Bundle.Kind() != '{':
		offered.Problem = "expected a Sigstore bundle in the attestation, found none"
	default:
		offered.Bundle = element.Bundle
	}
	return offered
}
