package verify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
)

// latest is the latest verified time of a report's attestations.
func latest(r *verify.Report) (at time.Time) {
	for _, art := range r.Artifacts {
		for _, att := range art.Attestations {
			if att.Status.Holds() && att.SignedAt.After(at) {
				at = att.SignedAt
			}
		}
	}
	return at
}

func inFuture(r *verify.Report) (found []verify.Finding) {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f verify.Finding) bool { return f.Rule != "attestation.future" })
}

// A time of signing after now is a warning, explained or not, from the second after
// now; nothing else of the verdict changes, and two checks at two times say the same.
func TestSignedAfterNow(t *testing.T) {
	t.Parallel()
	signed := 0
	for i, p := range demoPackages(t) {
		if p.err != nil || testing.Short() && i%4 > 0 {
			continue
		}
		want := p.spec.Provenance
		before := verify.Verify(p.evidence, want, p.trust)
		at := latest(&before)
		if at.IsZero() {
			continue
		}
		signed++
		for _, explain := range []bool{false, true} {
			var said []verify.Finding
			for _, ago := range []time.Duration{-time.Hour, 0, time.Second, 24 * time.Hour} {
				trust := p.trust
				trust.Now = at.Add(-ago)
				r := reportOn(p.evidence, want, trust, explain)
				found := inFuture(&r)
				if (len(found) > 0) != (ago > 0) || r.Status != before.Status || r.Reason != before.Reason {
					t.Errorf("%s, %v before it was signed, explained %v: %v %s, %v", p.spec.Path, ago, explain, r.Status, r.Reason, found)
				}
				for _, f := range found {
					if f.Severity != verify.Warning || !strings.Contains(f.Message, f.Observed) {
						t.Errorf("%s: %+v", p.spec.Path, f)
					}
				}
				if ago == time.Second {
					said = found
				}
				if missing := slices.DeleteFunc(slices.Clone(said), func(f verify.Finding) bool { return slices.Contains(found, f) }); len(missing) > 0 {
					t.Errorf("%s: a day before, it does not say %+v", p.spec.Path, missing)
				}
			}
		}
	}
	if signed < 10 {
		t.Errorf("only %d packages have a time of signing", signed)
	}
}

// Real bundles, whose times are those of logs and of timestamping authorities.
func TestRealBundlesSignedAfterNow(t *testing.T) {
	t.Parallel()
	logged, stamped := 0, 0
	for _, b := range realBundles(t) {
		ex, err := evidencefile.Open(b.data, untrusted.Text(b.file))
		if err != nil {
			continue
		}
		for _, now := range []time.Time{time.Unix(1, 0), time.Now().Add(100 * 365 * 24 * time.Hour), {}} {
			trust := b.trust
			trust.Now = now
			r := verify.Inspect(ex, trust)
			found := len(inFuture(&r.Report))
			if want := now.Unix() == 1 && !latest(&r.Report).IsZero(); want != (found > 0) && r.Status.Holds() {
				t.Errorf("%s at %v: %d findings", b.file, now, found)
			}
			if found > 0 && b.root == "github" {
				stamped++
			} else if found > 0 {
				logged++
			}
		}
	}
	if logged < 10 || stamped < 3 {
		t.Errorf("%d by a log, %d by a timestamp alone", logged, stamped)
	}
}
