package pypi

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

// Bundle makes a Sigstore bundle (v0.3, protobuf JSON) of a PEP 740
// attestation object. Certificate, transparency entries, signed statement and
// signature are taken over byte for byte. The object must have version 1 and
// all four of them; names that occur twice are refused.
func Bundle(attestation []byte) ([]byte, error) {
	var a struct {
		Version  jsontext.Value `json:"version"`
		Material *struct {
			Certificate jsontext.Value `json:"certificate"`
			Entries     jsontext.Value `json:"transparency_entries"`
		} `json:"verification_material"`
		Envelope *struct {
			Statement jsontext.Value `json:"statement"`
			Signature jsontext.Value `json:"signature"`
		} `json:"envelope"`
	}
	if err := json.Unmarshal(attestation, &a); err != nil {
		return nil, fmt.Errorf("the attestation object cannot be read: %w", untrusted.JSONError(err))
	}
	if err := CheckVersion(a.Version, "attestation object"); err != nil {
		return nil, err
	}
	if a.Material == nil {
		return nil, errors.New("expected \"verification_material\" in the attestation object, found none")
	}
	if a.Envelope == nil {
		return nil, errors.New("expected an \"envelope\" in the attestation object, found none")
	}
	for _, field := range []struct {
		name  string
		value jsontext.Value
	}{
		{"verification_material.certificate", a.Material.Certificate},
		{"envelope.statement", a.Envelope.Statement},
		{"envelope.signature", a.Envelope.Signature},
	} {
		if err := checkBase64(field.value); err != nil {
			return nil, fmt.Errorf("%s: %w", field.name, err)
		}
	}
	var entries []jsontext.Value
	if a.Material.Entries.Kind() != '[' {
		return nil, errors.New("verification_material.transparency_entries: expected a list, found none")
	}
	if err := json.Unmarshal(a.Material.Entries, &entries); err != nil {
		return nil, fmt.Errorf("verification_material.transparency_entries: %w", untrusted.JSONError(err))
	}
	if len(entries) == 0 {
		return nil, errors.New("verification_material.transparency_entries: expected an entry of a transparency log, found an empty list")
	}
	return bytes.Join([][]byte{
		[]byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"certificate":{"rawBytes":`),
		a.Material.Certificate,
		[]byte(`},"tlogEntries":`),
		a.Material.Entries,
		[]byte(`},"dsseEnvelope":{"payload":`),
		a.Envelope.Statement,
		[]byte(`,"payloadType":"application/vnd.in-toto+json","signatures":[{"sig":`),
		a.Envelope.Signature,
		[]byte(`}]}}`),
	}, nil), nil
}

// CheckVersion wants the number 1: PEP 740 knows no other version, of the
// outer object and of the inner one.
func CheckVersion(v jsontext.Value, of string) error {
	if len(v) == 0 {
		return fmt.Errorf("expected version 1 of the %s, found no version", of)
	}
	var n int
	if v.Kind() != '0' || json.Unmarshal(v, &n) != nil || n != 1 {
		return fmt.Errorf("expected version 1 of the %s, found an unsupported one: %q", of, untrusted.Excerpt(string(v)))
	}
	return nil
}

func checkBase64(v jsontext.Value) error {
	var text string
	if v.Kind() != '"' || json.Unmarshal(v, &text) != nil || text == "" {
		return errors.New("expected base64, found none")
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(text); err != nil || strings.ContainsAny(text, "\r\n") {
		return errors.New(untrusted.Base64Fault(text))
	}
	return nil
}
