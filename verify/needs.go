package verify

import (
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/catalog/untrusted"
)

// needs is what a bundle must show, which depends on the trust root: a private
// instance has no log, and a signed timestamp takes the place of an entry.
type needs struct {
	log  bool // an entry in a transparency log
	time bool // a verified time
	sct  bool // a certificate timestamp in the certificate
}

func (o *opened) needs(material root.TrustedMaterial) needs {
	logs, stamps := len(material.RekorLogs()) > 0, len(material.TimestampingAuthorities()) > 0
	n := needs{log: logs || !stamps, time: true}
	// A private instance may have no certificate log either.
	n.sct = o.leaf != nil && (n.log || len(material.CTLogs()) > 0)
	if o.ownKey {
		// Whoever names the signer's own key together with a trust root without
		// a log means that there is none; and the key has no validity.
		n.log = logs
		n.time = n.log && o.HasInclusionPromise() || stampedBy(o, material)
	}
	return n
}

// stampedBy reports whether the trust root holds the authority of one of the
// timestamps.
func stampedBy(o *opened, material root.TrustedMaterial) bool {
	stamps, err := o.timestamps(material)
	for _, stamp := range stamps {
		if stamp.Status != NotApplicable {
			return true
		}
	}
	return err != nil
}

// options are the needs as sigstore-go takes them.
func (n needs) options() []sigverify.VerifierOption {
	out := []sigverify.VerifierOption{sigverify.WithoutStatementPredicate()}
	if n.log {
		out = append(out, sigverify.WithTransparencyLog(1))
	}
	if n.sct {
		out = append(out, sigverify.WithSignedCertificateTimestamps(1))
	}
	switch {
	case !n.time:
		out = append(out, sigverify.WithNoObserverTimestamps())
	case n.log:
		out = append(out, sigverify.WithObserverTimestamps(1))
	default:
		out = append(out, sigverify.WithSignedTimestamps(1))
	}
	return out
}

func (s *steps) logKnown() outcome {
	switch {
	case !s.needs.log && s.needs.time:
		return skip("the trust root holds no log: a signed timestamp takes the place of a log entry")
	case !s.needs.log:
		return skip("the trust root holds no log, and the signer's own key was given")
	case s.elsewhere():
		return blocked("there is no log entry, only a signed timestamp: the bundle is of a private instance, whose certificates " +
			untrusted.Text(s.o.leaf.Issuer.String()).String() + " issues, and the trust root does not hold it; name that instance's trust root")
	case len(s.o.entries) == 0:
		return fail("expected an entry in a transparency log, found none")
	}
	found, strange := 0, ""
	for i := range s.log {
		if s.log[i].KnownLog != "" {
			found++
		} else {
			strange = s.log[i].LogID
		}
	}
	if found == 0 {
		return outcome{Fail, "the entry names a log that the trust root does not hold", knownLogs(s.logs), shortID(strange)}
	}
	return pass(fmt.Sprintf("the trust root holds the key of the log (%d of %d entries)", found, len(s.o.entries)))
}

// elsewhere reports whether the bundle is of an instance of Sigstore without a
// log, GitHub's own for one, about which the trust root says nothing. A
// certificate of an authority that the trust root holds is never excused from
// its log.
func (s *steps) elsewhere() bool {
	return s.needs.log && s.o.leaf != nil && len(s.o.entries) == 0 && len(s.stamps) > 0 && len(authoritiesNamed(s.o.leaf, s.trust)) == 0
}
