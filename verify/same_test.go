package verify_test

import (
	"testing"
	"time"

	"plimsoll/verify"
)

func TestSame(t *testing.T) {
	t.Parallel()
	made := func(change func(*verify.Report)) *verify.Report {
		r := &verify.Report{
			Status: verify.Verified, Reason: "r", Publisher: &verify.Publisher{Repository: "x"}, Sources: []verify.Source{{URL: "https://a.example", Time: time.Unix(1, 0)}},
			Artifacts: []verify.ArtifactReport{{Filename: "f", Status: verify.Verified, Signatures: []verify.Signature{{KeyID: "k", Status: verify.Verified}},
				Attestations: []verify.Attestation{
					{Status: verify.Verified, RawSHA256: [32]byte{1}, Log: []verify.LogEntry{{Index: 1, IndexSigned: true}}, Source: verify.Source{URL: "https://a.example"}},
					{Status: verify.Invalid, Checks: []verify.Check{{ID: verify.CheckSET, Status: verify.Fail, Reason: "why"}}},
				}}},
			Findings: []verify.Finding{{Rule: "rule", Message: "m"}},
		}
		change(r)
		return r
	}
	attestation := func(i int, change func(*verify.Attestation)) *verify.Report {
		return made(func(r *verify.Report) { change(&r.Artifacts[0].Attestations[i]) })
	}
	for name, tt := range map[string]struct {
		other *verify.Report
		same  bool
	}{
		"nothing differs":                       {made(func(*verify.Report) {}), true},
		"fetched at another time":               {made(func(r *verify.Report) { r.Sources[0].Time = time.Unix(2, 0) }), true},
		"fetched from elsewhere":                {made(func(r *verify.Report) { r.Sources = nil }), true},
		"an attestation fetched from elsewhere": {attestation(0, func(a *verify.Attestation) { a.Source = verify.Source{URL: "https://b.example"} }), true},
		"explained":                             {attestation(0, func(a *verify.Attestation) { a.Checks = []verify.Check{{ID: verify.CheckSET, Status: verify.Pass}} }), true},
		"another status":                        {made(func(r *verify.Report) { r.Status = verify.Mismatch }), false},
		"another reason":                        {made(func(r *verify.Report) { r.Reason = "s" }), false},
		"another publisher":                     {made(func(r *verify.Report) { r.Publisher = &verify.Publisher{Repository: "y"} }), false},
		"another finding":                       {made(func(r *verify.Report) { r.Findings[0].Message = "n" }), false},
		"a decided finding":                     {made(func(r *verify.Report) { r.Findings[0].Known = true }), false},
		"another file":                          {made(func(r *verify.Report) { r.Artifacts[0].Filename = "g" }), false},
		"another signature":                     {made(func(r *verify.Report) { r.Artifacts[0].Signatures[0].KeyID = "l" }), false},
		"without a trust root":                  {made(func(r *verify.Report) { r.Unverified = "no root" }), false},
		"other bytes":                           {attestation(0, func(a *verify.Attestation) { a.RawSHA256[0] = 2 }), false},
		"a log that is not known":               {attestation(0, func(a *verify.Attestation) { a.Log[0].IndexSigned = false }), false},
		"another failure":                       {attestation(1, func(a *verify.Attestation) { a.Checks[0].Reason = "because" }), false},
		"fewer attestations":                    {made(func(r *verify.Report) { r.Artifacts[0].Attestations = r.Artifacts[0].Attestations[:1] }), false},
	} {
		one := made(func(*verify.Report) {})
		if one.Same(tt.other) != tt.same || tt.other.Same(one) != tt.same {
			t.Errorf("%s: expected same %t", name, tt.same)
		}
		if len(one.Sources) != 1 || len(one.Artifacts[0].Attestations[1].Checks) != 1 || one.Artifacts[0].Attestations[0].Source.URL == "" {
			t.Errorf("%s: to compare a report changed it", name)
		}
	}
}
