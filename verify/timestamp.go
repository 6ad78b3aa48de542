package verify

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/digitorus/pkcs7"
	rfc3161 "github.com/digitorus/timestamp"
	"github.com/sigstore/sigstore-go/pkg/root"

	"plimsoll/catalog/untrusted"
)

// Timestamp is one RFC 3161 timestamp that a bundle offers.
type Timestamp struct {
	// Authority is who made it: as the trust root names it, else as the
	// timestamp itself says; "" for one that cannot be read.
	Authority untrusted.Text
	Time      time.Time // as it says, zero for one that cannot be read; proven by Pass only
	// Status is Pass for one that an authority of the trust root made within
	// the signer's validity, Fail for one of such an authority that says
	// otherwise or was altered, NotApplicable for one that was not used.
	Status CheckStatus
	Reason string
}

const timeLayout = "2006-01-02 15:04:05"

// maxTimestamps is how many sigstore-go takes.
const maxTimestamps = 32

// timestamps judges every timestamp of the bundle. sigstore-go takes the first
// of each authority and leaves out the others, and what it cannot use it leaves
// out in silence.
func (o *opened) timestamps(trust root.TrustedMaterial) ([]Timestamp, error) {
	offered, err := o.Timestamps()
	if err != nil {
		return nil, fmt.Errorf("bundle: timestamps: %w", err)
	}
	if len(offered) > maxTimestamps {
		return nil, fmt.Errorf("bundle: expected at most %d timestamps, found %d", maxTimestamps, len(offered))
	}
	var out []Timestamp
	for _, raw := range offered {
		out = append(out, o.timestamp(raw, trust))
	}
	return out, nil
}

func (o *opened) timestamp(raw []byte, trust root.TrustedMaterial) Timestamp {
	token, err := readToken(raw)
	if err != nil {
		return Timestamp{Status: NotApplicable, Reason: "not used: it cannot be read: " + untrusted.Message(err)}
	}
	var problem error
	for _, authority := range trust.TimestampingAuthorities() {
		seen, err := authority.Verify(raw, o.sig.Signature())
		if err == nil {
			return o.withinSigner(Timestamp{Authority: cmp.Or(untrusted.Text(seen.URI), token.name), Time: seen.Time.UTC()}, trust)
		}
		if a, ok := authority.(*root.SigstoreTimestampingAuthority); ok && token.claims(a) {
			token.name = cmp.Or(untrusted.Text(a.URI), token.name)
			problem = err
		}
	}
	out := Timestamp{Authority: token.name, Time: token.Time.UTC()}
	if problem != nil {
		out.Status, out.Reason = Fail, "it does not verify: "+untrusted.Message(problem)
		return out
	}
	out.Status, out.Reason = NotApplicable, "not used: the trust root does not hold the authority"
	return out
}

// withinSigner compares a verified time with the validity of the certificate, or
// of a managed key that the trust holds.
func (o *opened) withinSigner(stamp Timestamp, trust root.TrustedMaterial) Timestamp {
	signer := "certificate"
	if o.leaf == nil {
		signer = "key"
	}
	stamp.Status, stamp.Reason = Pass, "within the "+signer+"'s validity"
	if o.signerKnown(trust) && !o.content.ValidAtTime(stamp.Time, trust) {
		stamp.Status, stamp.Reason = Fail, "it lies outside the "+signer+"'s validity"
	}
	return stamp
}

// token is a timestamp that was read, nothing of it verified.
type token struct {
	*rfc3161.Timestamp
	message *pkcs7.PKCS7
	name    untrusted.Text
}

func readToken(raw []byte) (*token, error) {
	read, err := rfc3161.ParseResponse(raw)
	if err != nil {
		return nil, err
	}
	message, err := pkcs7.Parse(read.RawToken)
	if err != nil {
		return nil, err
	}
	if n := len(message.Signers); n != 1 {
		return nil, fmt.Errorf("expected one signer, found %d", n)
	}
	t := &token{Timestamp: read, message: message}
	if signer := message.GetOnlySigner(); signer != nil {
		t.name = untrusted.Text(untrusted.Shorten(signer.Subject.String(), 200))
		return t, nil
	}
	issuer, err := distinguishedName(message.Signers[0].IssuerAndSerialNumber.IssuerName.FullBytes)
	if err != nil {
		return nil, err
	}
	t.name = untrusted.Text("an authority that " + untrusted.Shorten(issuer, 200) + " certified")
	return t, nil
}

// claims reports whether the token says that the authority made it: its signer
// is the authority's certificate by issuer and serial number, or carries one
// that the authority issued. A name alone, which a later authority shares with
// an earlier one, is not enough.
func (t *token) claims(a *root.SigstoreTimestampingAuthority) bool {
	if a.Leaf != nil {
		by := t.message.Signers[0].IssuerAndSerialNumber
		return bytes.Equal(by.IssuerName.FullBytes, a.Leaf.RawIssuer) && by.SerialNumber != nil && by.SerialNumber.Cmp(a.Leaf.SerialNumber) == 0
	}
	signer := t.message.GetOnlySigner()
	if signer == nil {
		return false
	}
	for _, issuer := range append([]*x509.Certificate{a.Root}, a.Intermediates...) {
		if issuer != nil && signer.CheckSignatureFrom(issuer) == nil {
			return true
		}
	}
	return false
}

// unusedStamps names the timestamps that were offered and prove nothing:
// "1 timestamp, by X, not used"; "" if there is none.
func unusedStamps(stamps []Timestamp) string {
	var names []string
	n := 0
	for _, stamp := range stamps {
		if stamp.Status != NotApplicable {
			continue
		}
		n++
		name := "by " + stamp.Authority.String()
		if stamp.Authority == "" {
			name = "which cannot be read"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if n == 0 {
		return ""
	}
	if most := 3; len(names) > most {
		names = append(names[:most], "and others")
	}
	return untrusted.Plural(n, "timestamp") + ", " + strings.Join(names, ", ") + ", not used"
}

// stampFault is the outcome of the first timestamp that contradicts the bundle.
func stampFault(stamps []Timestamp) (outcome, bool) {
	for i, stamp := range stamps {
		if stamp.Status == Fail {
			return fail(fmt.Sprintf("timestamp %d of %d, %s by %s: %s", i+1, len(stamps),
				stamp.Time.Format(timeLayout)+" UTC", stamp.Authority, stamp.Reason)), true
		}
	}
	return outcome{}, false
}

func distinguishedName(der []byte) (string, error) {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &sequence); err != nil || len(rest) > 0 {
		return "", errors.Join(errors.New("the signer's issuer is no distinguished name"), err)
	}
	var name pkix.Name
	name.FillFromRDNSequence(&sequence)
	return name.String(), nil
}

// time establishes when the signature was made: the integrated time of every
// entry whose SET verified, and every timestamp by an authority of the trust
// root. All of them must lie within the signer's validity.
func (s *steps) time() outcome {
	if s.elsewhere() {
		return blocked(notReached + checkTitles[CheckTrust])
	}
	for i, e := range s.o.entries {
		if s.log[i].IndexSigned {
			s.times = append(s.times, e.IntegratedTime().UTC())
		}
	}
	for _, stamp := range s.stamps {
		if stamp.Status == Pass {
			s.times = append(s.times, stamp.Time)
		}
	}
	unused := unusedStamps(s.stamps)
	out, wrong := stampFault(s.stamps)
	switch {
	case wrong: // sigstore-go takes the first timestamp of each authority
		s.ours = append(s.ours, CheckTime)
	case len(s.times) > 0:
		out = s.withinValidity()
	case !s.needs.time:
		out = skip("the signer's own key was given: it has no validity that a time could lie in")
	case unused != "":
		out = fail("no trusted authority vouches for the signing time")
	case s.o.onlyRekorV2():
		out = blocked("the log entry is of Rekor v2, which carries no time, and there is no signed timestamp: when this was signed cannot be established")
	case s.needs.log && (s.status(CheckSET) == Fail || s.status(CheckSET) == Blocked):
		out = blocked(notReached + checkTitles[CheckSET])
	case !s.needs.log:
		out = fail("expected a signed timestamp, since the trust root holds no log; found none")
	default:
		out = fail("nothing that is signed says when this was signed: no SET and no timestamp")
	}
	if unused != "" {
		out.reason += "; " + unused
	}
	return out
}

func (s *steps) withinValidity() outcome {
	signed := s.times[0].Format(timeLayout) + " UTC"
	if s.o.leaf == nil {
		return pass("signed at " + signed + ", as " + s.vouches() + " vouches")
	}
	validity := s.o.leaf.NotBefore.UTC().Format(timeLayout) + " to " + s.o.leaf.NotAfter.UTC().Format(timeLayout) + " UTC"
	for _, t := range s.times {
		if t.Before(s.o.leaf.NotBefore) || t.After(s.o.leaf.NotAfter) {
			return outcome{Fail, "the signature was logged outside the certificate's validity", validity, t.Format(timeLayout) + " UTC"}
		}
	}
	return outcome{Pass, "signed at " + signed + ", within the certificate's validity", validity, signed}
}

// vouches is who vouches for the first of the times.
func (s *steps) vouches() string {
	for i := range s.log {
		if s.log[i].IndexSigned {
			return "the log"
		}
	}
	return "a timestamping authority"
}
