package view

import (
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// Only what is proven has a check mark, and is green.
func TestVerdict(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{Plain: true})
	side := func(s verify.Status, findings ...verify.Finding) *review.Side {
		return &review.Side{Report: &verify.Report{Status: s, Findings: findings}}
	}
	severe := verify.Finding{Rule: "x", Severity: verify.SeverityError}
	readBack := side(verify.Verified)
	readBack.Report.ReadBack = true
	for _, tt := range []struct {
		name   string
		change review.Change
		want   Span
	}{
		{"proven", review.Change{After: side(verify.Verified), Verdict: verify.VerdictPass}, Span{theme.Good, "✓ pass"}},
		{"nothing is proven", review.Change{After: side(verify.None), Verdict: verify.VerdictPass}, Span{theme.Plain, "  pass"}},
		{"signed", review.Change{After: side(verify.Signed), Verdict: verify.VerdictPass}, Span{theme.Plain, "  pass"}},
		{"gone", review.Change{Before: side(verify.Verified), Verdict: verify.VerdictPass}, Span{theme.Plain, "  pass"}},
		{"an error stands", review.Change{After: side(verify.Verified, severe), Verdict: verify.VerdictPass}, Span{theme.Plain, "  pass"}},
		{"not verified now", review.Change{After: readBack, Verdict: verify.VerdictPass}, Span{theme.Plain, "  pass"}},
		{"fail", review.Change{After: side(verify.Verified), Verdict: verify.VerdictFail}, Span{theme.Bad, "✗ fail"}},
		{"unchecked", review.Change{After: side(verify.Verified), Verdict: verify.VerdictUnchecked}, Span{theme.Warn, "? unchecked"}},
		{"no verdict that there is", review.Change{After: side(verify.Verified), Verdict: 99}, Span{theme.Warn, "? unchecked"}},
		{"not judged yet", review.Change{After: &review.Side{}, Verdict: verify.VerdictPass}, Span{theme.Muted, "… pending"}},
		{"nothing at all", review.Change{}, Span{theme.Warn, "? unchecked"}},
	} {
		if got := Verdict(th, &tt.change); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestSides(t *testing.T) {
	t.Parallel()
	side := func(version string) *review.Side {
		return &review.Side{Spec: catalog.Spec{Server: "x"}, Report: &verify.Report{Reason: version}}
	}
	for _, tt := range []struct {
		name          string
		before, after *review.Side
		then, now     string
	}{
		{"both", side("1"), side("2"), "x1", "x2"},
		{"the same", side("1"), side("1"), "", "x1"},
		{"new", nil, side("2"), "", "x2"},
		{"gone", side("1"), nil, "", "x1"},
		{"none", nil, nil, "", ""},
	} {
		then, now := Sides(&review.Change{Before: tt.before, After: tt.after},
			func(s *catalog.Spec, r *verify.Report) string { return string(s.Server) + r.Reason })
		if then != tt.then || now != tt.now {
			t.Errorf("%s: %q and %q, want %q and %q", tt.name, then, now, tt.then, tt.now)
		}
	}
}

// The same log with another entry, signed or not, is not another log.
func TestAnotherLogIsOneOfAnotherAddress(t *testing.T) {
	t.Parallel()
	of := func(log string, signed bool) (chain, link) {
		c := chain{Doc: NewDoc(theme.New(theme.Options{}), 80), att: &verify.Attestation{Log: []verify.LogEntry{{KnownLog: untrusted.Text(log), IndexSigned: signed}}}}
		return c, link{name: "log", value: c.entryName(&c.att.Log[0])}
	}
	for _, tt := range []struct {
		then, now string
		want      string
	}{{"https://a.example", "https://a.example", ""}, {"https://a.example", "https://b.example", "another log"}} {
		for _, signed := range []bool{true, false} {
			before, b := of(tt.then, true)
			after, a := of(tt.now, signed)
			if got := otherwise(before, after, b, a); got != tt.want {
				t.Errorf("%s, %s, signed %v: %q", b.value, a.value, signed, got)
			}
		}
	}
}
