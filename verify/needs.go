package verify

import (
	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"
)

// needs is what a bundle must show, which depends on the trust root: a private
// instance has no log, and a signed timestamp takes the place of an entry.
type needs struct {
	log  bool // an entry in a transparency log
	time bool // a verified time
	sct  bool // a certificate timestamp in the certificate
}

func (a *attester) needs(o *opened, material root.TrustedMaterial) needs {
	logs, stamps := len(material.RekorLogs()) > 0, len(material.TimestampingAuthorities()) > 0
	n := needs{log: logs || !stamps, time: true}
	// A private instance may have no certificate log either.
	n.sct = o.leaf != nil && (n.log || len(material.CTLogs()) > 0)
	if a.signer != nil && a.signer.Key != nil {
		// Whoever names the signer's own key together with a trust root without
		// a log says that there is none; and the key has no validity.
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
