package report

import (
	"fmt"
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
	said := &verify.Says{Kind: a.Kind, KeyID: untrusted.Text(d.KeyID)}
	a.Says, a.KeyID = said, said.KeyID
	if d.Digest != "" {
		var err error
		if said.Digest, err = readDigest(d.Digest); err != nil {
			return err
		}
	}
	if len(d.Subjects) > untrusted.MaxSubjects {
		return fmt.Errorf("expected at most %d subjects, found %d", untrusted.MaxSubjects, len(d.Subjects))
	}
	for _, s := range d.Subjects {
		subject := statement.Subject{Name: untrusted.Text(s.Name), Digest: map[string]untrusted.Text{}}
		for algorithm, sum := range s.Digest {
			subject.Digest[algorithm] = untrusted.Text(sum)
		}
		said.Subjects = append(said.Subjects, subject)
		a.Subjects = append(a.Subjects, subject.Name)
	}
	return readLeaf(a, d.Certificate)
}

func readLeaf(a *verify.Attestation, d *CertificateDocument) error {
	if d == nil {
		return nil
	}
	leaf := verify.SaidCertificate{
		Leaf: verify.Leaf{Issuer: untrusted.Text(d.Issuer)}, SHA256: untrusted.Clean(d.SHA256), Extensions: map[int]untrusted.Text{},
	}
	for _, name := range d.Names {
		leaf.Names = append(leaf.Names, untrusted.Text(name))
	}
	for number, value := range d.Extensions {
		leaf.Extensions[number] = untrusted.Text(value)
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
	a.Says.Certificate, a.Leaf = &leaf, &leaf.Leaf
	return nil
}
