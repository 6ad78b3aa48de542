package verify

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"slices"

	ct "github.com/google/certificate-transparency-go"
	"github.com/google/certificate-transparency-go/x509util"
	"github.com/sigstore/sigstore-go/pkg/root"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/catalog/untrusted"
)

const oidSCTList = "1.3.6.1.4.1.11129.2.4.2"

func hasSCT(cert *x509.Certificate) bool {
	return slices.ContainsFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.String() == oidSCTList })
}

// describeSCTs lists the signed certificate timestamps embedded in the leaf
// (RFC 6962, 3.3), each verified on its own against the one log it names.
func describeSCTs(leaf *x509.Certificate, chains [][]*x509.Certificate, trust root.TrustedMaterial) []SCT {
	scts, err := x509util.ParseSCTsFromCertificate(leaf.Raw)
	if err != nil {
		if !hasSCT(leaf) {
			return nil
		}
		return []SCT{{Status: Fail, Reason: "unreadable: " + untrusted.Message(err)}}
	}
	logs := trust.CTLogs()
	out := make([]SCT, 0, len(scts))
	for _, sct := range scts {
		id := hex.EncodeToString(sct.LogID.KeyID[:])
		log, known := logs[id]
		view := SCT{LogID: id, Time: ct.TimestampToTime(sct.Timestamp).UTC(), Known: known, Status: Blocked}
		switch {
		case !known:
			view.Reason = "the trust root does not hold this certificate log"
		case len(chains) == 0:
			view.Reason = "not reached: the certificate does not chain to the trust root"
		default:
			only := oneCTLog{TrustedMaterial: trust, logs: map[string]*root.TransparencyLog{id: log}}
			if err := sigverify.VerifySignedCertificateTimestamp(chains, 1, only); err != nil {
				view.Status, view.Reason = Fail, "the log's signature over the certificate does not verify"
			} else {
				view.Status, view.Reason = Pass, "the log's signature over the certificate verifies"
			}
		}
		out = append(out, view)
	}
	return out
}

// oneCTLog narrows a trust root to one certificate log.
type oneCTLog struct {
	root.TrustedMaterial
	logs map[string]*root.TransparencyLog
}

func (o oneCTLog) CTLogs() map[string]*root.TransparencyLog { return o.logs }
