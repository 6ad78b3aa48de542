package e2e

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/trust"
)

const noTrust = "there is no Sigstore trust root: name one with --trusted-root, or allow the network"

// Without a trust root every package of the demo is in error with that reason,
// nothing of it is proven, and all the evidence is there.
func TestDemoWithoutTrust(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	specs, from := lab.Specs(t), lab.Registries(t)
	trusted := lab.Examine(t, specs, from)
	bare := *from
	bare.Trust = trust.New(trust.Options{})
	attestations, signatures := 0, 0
	for i, report := range lab.Examine(t, specs, &bare) {
		path := specs[i].Path
		if specs[i].Protocol == catalog.Go { // its database is no part of Sigstore
			if report.Status != trusted[i].Status || report.Unverified != "" {
				t.Errorf("%v: %v without a trust root, %v with it; unverified %q", path, report.Status, trusted[i].Status, report.Unverified)
			}
			continue
		}
		if report.Status != verify.Unchecked || report.Publisher != nil || report.SLSA.Level != 0 {
			t.Errorf("%v: %v, publisher %v, SLSA %d", path, report.Status, report.Publisher, report.SLSA.Level)
		}
		switch {
		case specs[i].Err != nil:
			continue
		case report.Unverified == noTrust && len(report.Artifacts) == 0: // nothing could be fetched of it with trust either
			if len(trusted[i].Artifacts) > 0 || !strings.HasPrefix(report.Reason, noTrust+"; and the evidence could not be fetched: ") {
				t.Errorf("%v: %s", path, report.Reason)
			}
			continue
		case report.Unverified != noTrust || report.Reason != noTrust:
			t.Errorf("%v: reason %q, unverified %q", path, report.Reason, report.Unverified)
		}
		for _, c := range report.Comparison {
			if c.Certificate != "" || c.Statement != "" || c.Result != verify.ResultOnly {
				t.Errorf("%v: compared without trust: %+v", path, c)
			}
		}
		if len(report.Artifacts) != len(trusted[i].Artifacts) || len(report.Sources) == 0 {
			t.Errorf("%v: %d artifacts of %d", path, len(report.Artifacts), len(trusted[i].Artifacts))
			continue
		}
		for j := range report.Artifacts {
			got := report.Artifacts[j]
			sameEvidence(t, path.String(), report, trusted[i], j)
			attestations += len(got.Attestations)
			signatures += len(got.Signatures)
		}
	}
	if attestations < 80 || signatures < 60 {
		t.Errorf("only %d attestations and %d signatures were looked at", attestations, signatures)
	}
}

// sameEvidence holds that an artifact that was not verified shows the evidence
// that the verified one shows, and proves nothing.
func sameEvidence(t *testing.T, path string, bare, trusted *verify.Dossier, artifact int) {
	t.Helper()
	got, want := bare.Artifacts[artifact], trusted.Artifacts[artifact]
	if got.Status != verify.Unchecked && got.Status != verify.None || got.Filename != want.Filename || got.Digest != want.Digest {
		t.Errorf("%s: %v %v", path, got.Status, got.Filename)
	}
	if len(got.Attestations) != len(want.Attestations) || len(got.Signatures) != len(want.Signatures) {
		t.Fatalf("%s: %d attestations of %d, %d signatures of %d", path,
			len(got.Attestations), len(want.Attestations), len(got.Signatures), len(want.Signatures))
	}
	for k := range got.Attestations {
		att, full := &got.Attestations[k], &want.Attestations[k]
		b, whole := bare.Bundle(att), trusted.Bundle(full)
		if att.Status != verify.Unchecked || att.Publisher != nil || !att.SignedAt.IsZero() || !strings.Contains(att.Reason, noTrust) {
			t.Errorf("%s: %v, publisher %v, signed %v: %s", path, att.Status, att.Publisher, att.SignedAt, att.Reason)
		}
		if len(att.Checks) < 8 {
			t.Errorf("%s: only %d checks are listed", path, len(att.Checks))
		}
		for _, c := range att.Checks {
			if c.Status != verify.NotRun && c.Status != verify.Blocked || c.Reason == "" || c.Title == "" {
				t.Errorf("%s: check %s is %v: %q", path, c.ID, c.Status, c.Reason)
			}
		}
		if !bytes.Equal(b.Raw, whole.Raw) || att.Kind != full.Kind || att.PredicateType != full.PredicateType || att.MediaType != full.MediaType ||
			len(b.Log) != len(whole.Log) || len(b.SCTs) > len(whole.SCTs) || (b.Statement == nil) != (whole.Statement == nil) ||
			len(whole.Certificates) > 0 && len(b.Certificates) == 0 || att.Says == nil || full.Says != nil || att.KeyID != full.KeyID || att.Claimed != full.Claimed && *att.Claimed != *full.Claimed {
			t.Errorf("%s: attestation %d is not shown as it is", path, k)
		}
		for _, e := range b.Log {
			if e.IndexSigned || e.KnownLog != "" || e.SET != verify.NotRun || e.Inclusion != verify.NotRun || e.Checkpoint != verify.NotRun {
				t.Errorf("%s: the log entry is judged: %+v", path, e)
			}
		}
		for _, s := range b.SCTs {
			if s.Status != verify.NotRun || s.Known {
				t.Errorf("%s: an SCT is judged: %+v", path, s)
			}
		}
	}
	for k, sig := range got.Signatures {
		if sig.Status != verify.Unchecked || sig.Key != nil || sig.Signed != want.Signatures[k].Signed || sig.Sig == "" {
			t.Errorf("%s: signature %+v", path, sig)
		}
	}
}

type requestCount struct {
	http.RoundTripper
	n atomic.Int64
}

func (c *requestCount) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return c.RoundTripper.RoundTrip(r)
}

// To look at evidence costs what it costs to verify it, and no more.
func TestWithoutTrustCostsNoMoreRequests(t *testing.T) {
	t.Parallel()
	specs, with := lab.Specs(t), lab.Registries(t)
	// The checksum database needs no trust root, and who asks for a tile first depends on the scheduler.
	specs = slices.DeleteFunc(specs, func(s catalog.Spec) bool { return s.Protocol == catalog.Go })
	answers, _ := lab.Recording(t)
	asked := map[bool]int64{}
	for _, trusted := range []bool{true, false} {
		web := &requestCount{RoundTripper: answers}
		from := lab.Through(t, web, answers.NPMRegistry, answers.PyPIIndex, trust.Material{})
		from.Go = lab.Modules(answers, registry.Options{Transport: web})
		if trusted {
			from.Trust = with.Trust
		}
		lab.Check(t, specs, from, false)
		asked[trusted] = web.n.Load()
	}
	if asked[false] > asked[true] || asked[false] < 100 {
		t.Errorf("%d requests without trust, %d with it", asked[false], asked[true])
	}
}
