package history

import (
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// The ladder of a line goes by time, as real packages are published.
func TestLadderByTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, offers, current string
		rules, than           string // than: of what the release has less
	}{
		{"a backport to a line that never had it", "6.3.0 s @2022-05-01\n7.5.0 sa @2023-05-01\n6.3.1 s @2023-07-10\n7.5.2 sa @2023-07-01", "6.3.1", "", ""},
		{"a token publishes to the newest line", "1.14.0 sa @2026-03-01\n1.14.1 s @2026-03-31\n0.30.3 sa @2026-03-02\n0.30.4 s @2026-03-31",
			"1.14.1", "history.lost warning", "1.14.0"},
		{"a token publishes to an old line", "1.14.0 sa @2026-03-01\n0.30.3 sa @2026-03-02\n0.30.4 s @2026-03-31", "0.30.4", "history.lost warning", "0.30.3"},
		{"hidden behind its own next release", "1.14.0 sa @2026-03-01\n1.14.1 s @2026-03-31\n1.14.2 s @2026-04-01", "1.14.2", "history.lost warning", "1.14.0"},
		{"a lower version of the line, published later", "1.2.0 sa @2024-01-01\n1.1.1 s @2024-02-01", "1.1.1", "history.lost warning", "1.2.0"},
		{"a higher version of the line, published before", "1.2.0 s @2024-01-01\n1.1.1 sa @2024-02-01", "1.2.0", "history.later info", ""},
		{"a date before that of the version below", "1.1.0 sa @2024-05-01\n1.2.0 s @2024-01-01", "1.2.0", "history.later info", ""},
		{"no date at all", "1.1.0 sa\n1.2.0 s", "1.2.0", "history.lost warning", "1.1.0"},
		{"no date of the current one", "1.1.0 sa @2024-01-01\n1.2.0 s\n1.3.0 sa @2024-03-01", "1.2.0", "history.lost warning, history.later info", "1.1.0"},
		{"no date of the one before", "1.0.0 s @2023-01-01\n1.1.0 sa\n1.2.0 s @2024-01-01", "1.2.0", "history.lost warning", "1.1.0"},
		{"the same moment", "1.1.0 sa @2024-01-01\n1.2.0 s @2024-01-01", "1.2.0", "history.lost warning", "1.1.0"},
		{"the nearest is named", "1.0.0 sa @2024-01-01\n1.1.0 sa @2024-02-01\n1.2.0 s @2024-03-01\n1.3.0 s @2024-04-01", "1.3.0", "history.lost warning", "1.1.0"},
		{"the first of a major without", "1.9.0 sa @2024-01-01\n2.0.0 s @2024-02-01", "2.0.0", "history.line warning", "1.9.0"},
		{"the second of a major without", "1.9.0 sa @2024-01-01\n2.0.0 s @2024-02-01\n2.0.1 s @2024-02-02", "2.0.1", "history.line warning", "1.9.0"},
		{"the first of a major, behind a backport", "2.9.0 sa @2024-01-01\n1.9.9 s @2024-01-02\n3.0.0 s @2024-01-03", "3.0.0", "history.line warning", "2.9.0"},
		{"the first of a major, behind a release without", "2.9.0 sa @2024-01-01\n2.9.1 s @2024-01-02\n3.0.0 s @2024-01-03", "3.0.0", "history.line warning", "2.9.0"},
		{"the line before took it up after this one began", "1.9.0 s @2024-01-01\n2.0.0 s @2024-02-01\n1.9.1 sa @2024-03-01\n2.0.1 s @2024-04-01", "2.0.1", "", ""},
		{"the newest of an older line has it", "1.9.0 sa @2024-02-01\n2.9.0 s @2024-01-01\n3.0.0 s @2024-03-01", "3.0.0", "history.line warning", "1.9.0"},
		{"two lines ago it was given up", "1.9.0 sa @2024-01-01\n2.0.0 s @2024-02-01\n3.0.0 s @2024-03-01", "3.0.0", "", ""},
		{"an old major is opened anew", "4.0.0 sa @2024-01-01\n2.9.0 s @2020-01-01\n3.0.0 s @2024-02-01", "3.0.0", "", ""},
		{"a pre-release of a major without", "1.9.0 sa @2024-01-01\n2.0.0-rc.1 s @2024-02-01", "2.0.0-rc.1", "history.line warning", "1.9.0"},
		{"a nightly has it", "1.0.0 s @2024-01-01\n1.1.0-nightly.1 sa @2024-01-02\n1.1.0 s @2024-02-01", "1.1.0", "history.lost warning", "1.1.0-nightly.1"},
		{"a version that was deleted", "1.0.0 s @2024-01-01\n1.0.1 x @2024-02-01\n1.1.0 s @2024-03-01", "1.1.0", "", ""},
		{"one before a version that was deleted", "1.0.0 sa @2024-01-01\n1.0.1 x @2024-02-01\n1.1.0 s @2024-03-01", "1.1.0", "history.lost warning", "1.0.0"},
		{"a publish attestation is less than provenance", "1.0.0 sa @2024-01-01\n1.1.0 sb @2024-02-01", "1.1.0", "history.lost warning", "1.0.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := npmHistory(t, tt.offers, tt.current)
			if got := rules(h); got != tt.rules {
				t.Errorf("got %q, want %q", got, tt.rules)
			}
			v := h.Current()
			if string(v.Before) != tt.than || v.Lost != (tt.than != "") {
				t.Errorf("less than %q, want %q", v.Before, tt.than)
			}
			if tt.than != "" && !strings.Contains(h.Findings[0].Message, " "+tt.than) {
				t.Errorf("%q does not name %s", h.Findings[0].Message, tt.than)
			}
		})
	}
}

// What is proven goes before what is offered: the index does not say which kind
// of attestation a file has.
func TestLadderOfWhatIsProven(t *testing.T) {
	t.Parallel()
	by := release()
	proven := func(v untrusted.Text, files string) *verify.Report {
		if files == "" {
			return nil
		}
		r := published(&by, files)
		r.Release = verify.Release{Ecosystem: verify.PyPI, Name: "x", Version: v}
		return r
	}
	for _, tt := range []struct {
		name, before, now string
		want              string
	}{
		{"as much", "pb pb", "pb pb", ""},
		{"the provenance of one file", "pb pb", "pb p", "history.lost warning: provenance → publish attestation"},
		{"the provenance of all", "b", "p", "history.lost warning: provenance → publish attestation"},
		{"more", "p", "pb", ""},
		{"less is proven than offered", "", "-", "history.lost warning: publish attestation → no evidence"},
		{"only the current one is known", "", "p", ""},
		{"only the one before is known", "pb", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := History{Release: verify.Release{Ecosystem: verify.PyPI, Name: "x", Version: "1.1"}, Versions: []Version{
				{Version: "1.1", Line: "1", Offered: RungPublish, Files: 2, Attested: 2, Current: true},
				{Version: "1.0", Line: "1", Offered: RungPublish, Files: 2, Attested: 2},
			}}
			h.Compare(proven("1.0", tt.before), proven("1.1", tt.now))
			got := ""
			for _, f := range h.Findings {
				got += f.Rule + " " + f.Severity.String() + ": " + f.Expected + " → " + f.Observed
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPast(t *testing.T) {
	t.Parallel()
	own, evil := release(), moved("https://github.com/evil/x")
	evil.RepositoryID, evil.OwnerID = "99", "66"
	broken := version("1.0.0", &own)
	broken.Artifacts[0].Status, broken.Reason = verify.Invalid, "the signature is another's"
	signed := func(v untrusted.Text) *verify.Report {
		r := published(nil, "s")
		r.Release = verify.Release{Ecosystem: verify.NPM, Name: "x", Version: v}
		return r
	}
	for _, tt := range []struct {
		name, offers string
		known        []*verify.Report
		loss         string // rule, or the problem
		publisher    string // likewise
	}{
		{"nothing before", "1.1.0 sa", nil, "", ""},
		{"as before", "1.0.0 sa\n1.1.0 sa", []*verify.Report{version("1.0.0", &own), version("1.1.0", &own)}, "", ""},
		{"not listed", "1.0.0 sa", nil, "the registry does not list the version among all of the package", "the registry does not list the version among all of the package"},
		{"lost", "1.0.0 sa\n1.1.0 s", []*verify.Report{version("1.0.0", &own), signed("1.1.0")}, "history.lost", "history.repository"},
		{"gained", "1.0.0 s\n1.1.0 sa", []*verify.Report{version("1.1.0", &own)}, "", ""},
		{"a pre-release had it", "1.1.0-rc.1 sa\n1.1.0 s", []*verify.Report{signed("1.1.0")}, "", ""},
		{"unreadable", "1.0.0 sa\n1.1.0 ?", nil, "the registry's entry of the version cannot be read", "its publisher could not be compared"},
		{"one before is unreadable", "1.0.0 ?\n1.1.0 s", nil, "the registry's entry of 1.0.0 before it cannot be read",
			"the registry's entry of 1.0.0 before it cannot be read"},
		{"one before is unreadable, and nothing could be more", "1.0.0 ?\n1.1.0 sa", []*verify.Report{version("1.1.0", &own)}, "",
			"the registry's entry of 1.0.0 before it cannot be read"},
		{"one is unreadable before the publisher's", "0.9.0 ?\n1.0.0 sa\n1.1.0 sa", []*verify.Report{version("1.0.0", &own), version("1.1.0", &own)}, "", ""},
		{"another publisher", "1.0.0 sa\n1.1.0 sa", []*verify.Report{version("1.0.0", &own), version("1.1.0", &evil)}, "", "history.repository"},
		{"another publisher, behind a release without", "1.0.0 sa\n1.0.1 s\n1.1.0 sa",
			[]*verify.Report{version("1.0.0", &own), version("1.1.0", &evil)}, "", "history.repository"},
		{"another publisher of a backport", "1.0.0 s @2023-01-01\n2.0.0 sa @2024-01-01\n1.1.0 sa @2024-02-01",
			[]*verify.Report{version("2.0.0", &own), version("1.1.0", &evil)}, "", "history.repository"},
		{"the publisher of a backport", "1.0.0 s @2023-01-01\n2.0.0 sa @2024-01-01\n1.1.0 sa @2024-02-01",
			[]*verify.Report{version("2.0.0", &own), version("1.1.0", &own)}, "", ""},
		{"a backport that nobody is proven to have published", "1.0.0 s @2023-01-01\n2.0.0 sa @2024-01-01\n1.1.0 s @2024-02-01",
			[]*verify.Report{version("2.0.0", &own), signed("1.1.0")}, "", ""},
		{"the release before was not verified", "1.0.0 sa\n1.1.0 sa", []*verify.Report{version("1.1.0", &own)}, "",
			"its publisher could not be compared with that of 1.0.0"},
		{"the release before is invalid", "1.0.0 sa\n1.1.0 sa", []*verify.Report{broken, version("1.1.0", &own)}, "",
			"1.0.0, the release before it, could not be verified: the signature is another's"},
		{"the release itself was not verified", "1.0.0 sa\n1.1.0 sa", []*verify.Report{version("1.0.0", &own)}, "", "its publisher could not be compared"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := npmHistory(t, tt.offers, "1.1.0", tt.known...)
			p := h.Past(true)
			check := func(what string, f *verify.Finding, problem, want string) {
				t.Helper()
				got := p.Problem + problem
				if f != nil {
					got += f.Rule
				}
				if (want == "") != (got == "") || !strings.HasPrefix(got, want) {
					t.Errorf("%s: got %q, want %q", what, got, want)
				}
			}
			check("loss", p.Loss, p.LossProblem, tt.loss)
			check("publisher", p.Publisher, p.PublisherProblem, tt.publisher)
			if list := h.Past(false); list.Publisher != nil || list.PublisherProblem != "" || list.Asked {
				t.Errorf("nobody asked: %+v", list)
			}
		})
	}
}

func TestWhenItWasPublished(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 1, 2, 12, 0, 0, 0, time.UTC)
	if h := npmHistory(t, "1.0.0 s @2024-01-02", "1.0.0"); !h.Past(false).Published.Equal(day) || h.Past(false).PublishedProblem != "" {
		t.Errorf("%+v", h.Past(false))
	}
	for offers, want := range map[string]string{
		"1.0.0 s":     "the registry does not say when it was published",
		"1.0.0 s @no": "expected the time of publishing",
	} {
		h := npmHistory(t, offers, "1.0.0")
		if p := h.Past(false); !p.Published.IsZero() || !strings.HasPrefix(p.PublishedProblem, want) {
			t.Errorf("%q: %+v", offers, p)
		}
	}
	// A date before that of the signature is wrong; what was added later is another thing.
	own := release()
	r := version("1.0.0", &own)
	r.Artifacts[0].Attestations = append(r.Artifacts[0].Attestations, verify.Attestation{Kind: verify.KindStatement, Status: verify.Verified, SignedAt: day.AddDate(1, 0, 0)})
	r.Artifacts[0].Attestations[1].SignedAt = day.AddDate(0, 1, 0)
	for offers, want := range map[string]time.Time{
		"1.0.0 sa @2024-01-02": day.AddDate(0, 1, 0), "1.0.0 sa @2024-05-02": day.AddDate(0, 4, 0), "1.0.0 sa": {},
	} {
		h := npmHistory(t, offers, "1.0.0", r)
		if p := h.Past(false); !p.Published.Equal(want) {
			t.Errorf("%q: published %v, want %v", offers, p.Published, want)
		}
	}
}
