package report

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/statement"
)

// readSays gives an attestation back what it stated of itself. Only one that
// nothing was verified against has that: see [PackageDocument].
func readSays(a *verify.Attestation, d *SaysDocument) error {
	if d == nil {
		return nil
	}
	known := false
	for kind := verify.KindUnknown; kind <= verify.KindMessage; kind++ {
		if d.Kind == kind.String() {
			a.Kind, known = kind, true
		}
	}
	if !known {
		return fmt.Errorf("unknown kind %q of an attestation", untrusted.Text(d.Kind))
	}
	a.KeyID = untrusted.Text(d.KeyID)
	if d.Digest != "" {
		digest, err := readDigest(d.Digest)
		if err != nil {
			return err
		}
		a.Message = &digest
	}
	if len(d.Subjects) > untrusted.MaxSubjects {
		return fmt.Errorf("expected at most %d subjects, found %d", untrusted.MaxSubjects, len(d.Subjects))
	}
	for _, s := range d.Subjects {
		if a.Statement == nil {
			a.Statement = &statement.Statement{PredicateType: a.PredicateType}
		}
		subject := statement.Subject{Name: untrusted.Text(s.Name), Digest: map[string]untrusted.Text{}}
		for algorithm, sum := range s.Digest {
			subject.Digest[algorithm] = untrusted.Text(sum)
		}
		a.Statement.Subjects = append(a.Statement.Subjects, subject)
	}
	return readLeaf(a, d.Certificate)
}

func readLeaf(a *verify.Attestation, d *CertificateDocument) error {
	if d == nil {
		return nil
	}
	leaf := verify.Certificate{Role: "leaf", Issuer: untrusted.Text(d.Issuer), SHA256: untrusted.Clean(d.SHA256), FromBundle: true}
	for _, name := range d.Names {
		leaf.SANs = append(leaf.SANs, untrusted.Text(name))
	}
	for _, number := range slices.Sorted(maps.Keys(d.Extensions)) {
		leaf.Extensions = append(leaf.Extensions, verify.Extension{Number: number, Value: untrusted.Text(d.Extensions[number])})
	}
	for _, t := range []struct {
		text string
		time *time.Time
	}{{d.NotBefore, &leaf.NotBefore}, {d.NotAfter, &leaf.NotAfter}} {
		if t.text == "" {
			continue
		}
		var err error
		if *t.time, err = time.Parse(time.RFC3339, t.text); err != nil {
			return fmt.Errorf("expected the time of a certificate as RFC 3339, found %q", untrusted.Text(t.text))
		}
	}
	a.Certificates = []verify.Certificate{leaf}
	return nil
}
