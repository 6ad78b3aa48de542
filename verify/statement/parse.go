package statement

import (
	stdjson "encoding/json"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

// Parse decodes an in-toto statement, the payload of a DSSE envelope.
//
// It refuses what two decoders could read in two ways: repeated member names,
// invalid UTF-8, names in another case, and anything after the statement. It
// tolerates members that it does not know. Texts in its errors are cleaned.
//
// It does not count subjects, beyond refusing more than
// [untrusted.MaxSubjects]; and a predicate whose type it does not know stays
// undecoded.
func Parse(payload []byte) (*Statement, error) {
	if len(payload) > untrusted.MaxStatement {
		return nil, fmt.Errorf("statement: %w: %d bytes, at most %d are read",
			untrusted.ErrTooLarge, len(payload), untrusted.MaxStatement)
	}
	if err := untrusted.StatementShape.Check(payload); err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	var wire struct {
		Type          string          `json:"_type"`
		PredicateType string          `json:"predicateType"`
		Subject       []*wireResource `json:"subject"`
		Predicate     jsontext.Value  `json:"predicate"`
	}
	if err := decodeObject(payload, &wire); err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	if wire.Type != TypeV01 && wire.Type != TypeV1 {
		return nil, fmt.Errorf("statement: expected _type %q or %q, found %q", TypeV01, TypeV1, untrusted.Excerpt(wire.Type))
	}
	if wire.PredicateType == "" {
		return nil, errors.New("statement: predicateType is missing")
	}
	subjects, err := subjects(wire.Subject)
	if err != nil {
		return nil, fmt.Errorf("statement: %w", err)
	}
	s := &Statement{
		Type:          untrusted.Text(wire.Type),
		PredicateType: untrusted.Text(wire.PredicateType),
		Subjects:      subjects,
		Predicate:     stdjson.RawMessage(wire.Predicate),
	}
	if err := s.decodePredicate(); err != nil {
		return nil, fmt.Errorf("predicate: %w", err)
	}
	return s, nil
}

// wireResource is an in-toto ResourceDescriptor, of which v0.1's subjects and
// SLSA's materials are special cases.
type wireResource struct {
	Name   string  `json:"name"`
	URI    string  `json:"uri"`
	Digest digests `json:"digest"`
}

// digests are refused, before they are decoded, if they are too many.
type digests map[string]untrusted.Text

// UnmarshalJSON implements json.Unmarshaler.
func (d *digests) UnmarshalJSON(data []byte) error {
	shape := untrusted.Shape{Values: 2 * untrusted.MaxDigests, Width: untrusted.MaxDigests}
	return untrusted.DecodeJSON(data, shape, (*map[string]untrusted.Text)(d))
}

func subjects(wire []*wireResource) ([]Subject, error) {
	if wire == nil {
		return nil, errors.New("subject is missing")
	}
	if len(wire) > untrusted.MaxSubjects {
		return nil, fmt.Errorf("%w: %d subjects, at most %d are read", untrusted.ErrTooLarge, len(wire), untrusted.MaxSubjects)
	}
	subjects := make([]Subject, 0, len(wire))
	for i, w := range wire {
		if w == nil {
			return nil, fmt.Errorf("subject %d: expected an object, found null", i)
		}
		subjects = append(subjects, Subject{Name: untrusted.Text(w.Name), Digest: w.Digest})
	}
	return subjects, nil
}

func (s *Statement) decodePredicate() (err error) {
	switch s.PredicateType {
	case ProvenanceV02:
		s.Provenance, err = provenanceV02(s.Predicate)
	case ProvenanceV1:
		s.Provenance, err = provenanceV1(s.Predicate)
	case NPMPublish:
		s.Publish, err = publish(s.Predicate)
	}
	return err
}

func publish(predicate []byte) (*Publish, error) {
	var p Publish
	if err := decodeObject(predicate, &p); err != nil {
		return nil, err
	}
	switch {
	case p.Name == "":
		return nil, errors.New("name is missing")
	case p.Version == "":
		return nil, errors.New("version is missing")
	case p.Registry == "":
		return nil, errors.New("registry is missing")
	}
	return &p, nil
}

// decodeObject decodes data, which must be a JSON object and not null, into wire.
// The strictness is that of json's defaults: repeated names, invalid UTF-8 and
// trailing data are errors, and names match in their exact case.
func decodeObject(data []byte, wire any) error {
	if kind := jsontext.Value(data).Kind(); kind != jsontext.KindBeginObject {
		return fmt.Errorf("expected an object, found %s", untrusted.JSONKind(kind))
	}
	if err := json.Unmarshal(data, wire); err != nil {
		return untrusted.JSONError(err)
	}
	return nil
}
