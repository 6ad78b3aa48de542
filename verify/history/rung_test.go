package history

import (
	"testing"

	"plimsoll/verify"
)

func TestRungOf(t *testing.T) {
	t.Parallel()
	by := release()
	for _, tt := range []struct {
		name  string
		files string
		want  Rung
	}{
		{"no file", "", RungUnknown},
		{"nothing", "-", RungNone},
		{"npm: a signature", "s", RungSignature},
		{"npm: a publish attestation", "sa", RungPublish},
		{"npm: a publish attestation and no signature", "a", RungPublish},
		{"npm: provenance", "sab", RungProvenance},
		{"npm: provenance alone", "b", RungProvenance},
		{"npm: an attestation of another type", "sx", RungSignature},
		{"npm: an attestation of another type alone", "x", RungNone},
		{"PyPI: no attestation", "- -", RungNone},
		{"PyPI: of one file", "- p", RungSome},
		{"PyPI: provenance of one file", "b -", RungSome},
		{"PyPI: of every file", "p p p", RungPublish},
		{"PyPI: provenance of some", "p pb", RungPublish},
		{"PyPI: provenance of every file", "pb bp b", RungProvenance},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := RungOf(published(&by, tt.files)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRungOfWhatDoesNotVerify(t *testing.T) {
	t.Parallel()
	by := release()
	report := func(change func(*verify.Report)) *verify.Report {
		r := published(&by, "pb pb")
		change(r)
		return r
	}
	for name, tt := range map[string]struct {
		report *verify.Report
		want   Rung
	}{
		"none":                             {nil, RungUnknown},
		"not made":                         {&verify.Report{}, RungUnknown},
		"without a trust root":             {report(func(r *verify.Report) { r.Unverified = "no root" }), RungUnknown},
		"one file is invalid":              {report(func(r *verify.Report) { r.Artifacts[1].Status = verify.Invalid }), RungUnknown},
		"one file could not be checked":    {report(func(r *verify.Report) { r.Artifacts[0].Status = verify.Unchecked }), RungUnknown},
		"one file is pending":              {report(func(r *verify.Report) { r.Artifacts[0].Status = verify.Pending }), RungUnknown},
		"contradicts its spec":             {report(func(r *verify.Report) { r.Status = verify.Mismatch }), RungProvenance},
		"unchecked for another reason":     {report(func(r *verify.Report) { r.Status = verify.Unchecked }), RungProvenance},
		"an attestation is not checked":    {report(func(r *verify.Report) { r.Artifacts[0].Attestations[1].Status = verify.Unchecked }), RungPublish},
		"an attestation of unknown kind":   {report(func(r *verify.Report) { r.Artifacts[0].Attestations[1].Kind = verify.KindUnknown }), RungPublish},
		"a signature that is not verified": {&verify.Report{Artifacts: []verify.ArtifactReport{{Status: verify.None, Signatures: []verify.Signature{{}}}}}, RungNone},
	} {
		t.Run(name, func(t *testing.T) {
			if got := RungOf(tt.report); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNamesOfRungs(t *testing.T) {
	t.Parallel()
	for rung, want := range map[Rung]string{
		RungUnknown: "unknown", RungNone: "no evidence", RungSignature: "registry signature only", RungSome: "attestations of some files",
		RungPublish: "publish attestation", RungProvenance: "provenance", 99: "unknown",
	} {
		if got := rung.String(); got != want {
			t.Errorf("%d: %s", rung, got)
		}
	}
}
