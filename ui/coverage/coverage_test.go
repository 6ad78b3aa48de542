package coverage

import (
	"strings"
	"testing"
	"testing/quick"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/report"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

func made(path string, status verify.Status) report.Package {
	protocol, _, _ := strings.Cut(path, "/")
	return report.Package{
		Spec:   catalog.Spec{Path: untrusted.Text(path), Protocol: catalog.Protocol(protocol), Version: "1.0.0"},
		Report: verify.Report{Status: status},
	}
}

// drawn is what is drawn at a width.
func drawn(th *theme.Theme, width int, parts ...interface{ Draw(*view.Doc) }) string {
	d := view.NewDoc(th, width)
	for _, part := range parts {
		part.Draw(d)
	}
	return strings.Join(d.Lines(), "\n") + "\n"
}

func TestEvidenceOf(t *testing.T) {
	t.Parallel()
	artifact := func(kind verify.Kind, attestation, signature verify.Status) []verify.ArtifactReport {
		return []verify.ArtifactReport{{
			Attestations: []verify.Attestation{{Kind: kind, Status: attestation}},
			Signatures:   []verify.Signature{{Status: signature}},
		}}
	}
	for _, tt := range []struct {
		name   string
		report verify.Report
		want   verify.Status
	}{
		{"the zero value", verify.Report{}, verify.Pending},
		{"error", verify.Report{Status: verify.Unchecked}, verify.Unchecked},
		{"a status that does not exist", verify.Report{Status: 99}, 99},
		{"verified", verify.Report{Status: verify.Verified}, verify.Verified},
		{"partial", verify.Report{Status: verify.Partial}, verify.Partial},
		{"signed", verify.Report{Status: verify.Signed}, verify.Signed},
		{"none", verify.Report{Status: verify.None}, verify.None},
		{"invalid, with a good signature", verify.Report{Status: verify.Invalid, Artifacts: artifact(verify.KindProvenance, verify.Invalid, verify.Verified)}, verify.Invalid},
		{"mismatch with provenance", verify.Report{Status: verify.Mismatch, Artifacts: artifact(verify.KindProvenance, verify.Verified, verify.Verified)}, verify.Verified},
		{"mismatch, the evidence has gone", verify.Report{Status: verify.Mismatch, Artifacts: artifact(verify.KindPublish, verify.Verified, verify.Verified)}, verify.Signed},
		{"mismatch with a signature", verify.Report{Status: verify.Mismatch, Artifacts: artifact(verify.KindProvenance, verify.Unchecked, verify.Verified)}, verify.Signed},
		{"mismatch with nothing", verify.Report{Status: verify.Mismatch}, verify.None},
	} {
		if got := evidenceOf(&tt.report); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// However the packages are, every one is counted once in each table.
func TestCountsAddUp(t *testing.T) {
	t.Parallel()
	hold := func(statuses []uint8) bool {
		var packages []report.Package
		for i, s := range statuses {
			p := made([]string{"npx/a", "uvx/a", "oci/a"}[i%3], verify.Status(s%9))
			p.Report.SLSA.Level = int(s) - 100
			packages = append(packages, p)
		}
		c := Compute(report.Each(packages))
		sum := func(m map[string]int) (n int) {
			for _, v := range m {
				n += v
			}
			return n
		}
		byProtocol := 0
		for _, count := range c.ByProtocol {
			if sum(count.Status) != count.Total || len(count.Status) != len(verify.Statuses()) || count.Attested > count.Total {
				return false
			}
			byProtocol += count.Total
		}
		return c.Total == len(packages) && byProtocol == c.Total && sum(c.ByStatus) == c.Total && sum(c.SLSA) == c.Total && len(c.SLSA) == 4
	}
	if err := quick.Check(hold, nil); err != nil {
		t.Error(err)
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n, total int
		want     float64
	}{{0, 0, 0}, {0, 5, 0}, {5, 5, 100}, {1, 17, 5.9}, {16, 17, 94.1}, {1, 100_000, 0.1}, {99_999, 100_000, 99.9}, {1, 3, 33.3}} {
		if got := percent(tt.n, tt.total); got != tt.want {
			t.Errorf("percent(%d, %d) = %v, want %v", tt.n, tt.total, got, tt.want)
		}
	}
}

func TestTextFitsAndIsClean(t *testing.T) {
	t.Parallel()
	packages := []report.Package{made("npx/a", verify.Verified), made("uvx/a", verify.Invalid), made("oci\x1b[2J/a", verify.Unchecked), made("npx/b", verify.Partial)}
	packages[0].Report.Publisher = &verify.Publisher{Kind: "a very long kind of publisher\x1b[2J\u202e with many words in its name"}
	c := Compute(report.Each(packages))
	trend := sampleTrend()
	trend.Lost = append(trend.Lost, Change{Spec: "npx/" + strings.Repeat("長い", 60), From: verify.Verified, To: verify.None, FromVersion: "1", ToVersion: "2"})
	for _, ascii := range []bool{false, true} {
		for _, width := range []int{1, 20, 40, 60, 80, 200} {
			out := drawn(theme.New(theme.Options{Plain: true, ASCII: ascii}), width, c, trend)
			for line := range strings.SplitSeq(out, "\n") {
				if w := theme.Width(line); w > width {
					t.Errorf("width %d: %d cells in %q", width, w, line)
				}
				if untrusted.Clean(line) != line || strings.HasSuffix(line, " ") {
					t.Errorf("not clean: %q", line)
				}
				if ascii && strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) {
					t.Errorf("not ASCII: %q", line)
				}
			}
		}
	}
	if out := drawn(theme.New(theme.Options{Color: true}), 80, c); !strings.Contains(out, "\x1b[32m█") {
		t.Errorf("%q", out)
	}
	trend.Gained = append(trend.Gained, Change{From: verify.None, To: verify.Signed})
	if out := drawn(theme.New(theme.Options{Color: true}), 80, trend); strings.Contains(out, "\x1b[32m") {
		t.Errorf("the trend proves nothing, and has something green: %q", out)
	}
}
