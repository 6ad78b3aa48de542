package view

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

// npmHistory is a package that lost its provenance within its line, and has
// another publisher than before.
func npmHistory() Past {
	h := &history.History{
		Release: verify.Release{Ecosystem: verify.NPM, Name: "@acme/http-client", Version: "2.4.1"},
		Source:  verify.Source{URL: "https://npm.example/@acme%2fhttp-client", Time: signedAt, Size: 40_000, What: "packument"},
	}
	for i, v := range []struct {
		version untrusted.Text
		offer   history.Rung
	}{{"3.0.0-rc.1", history.RungProvenance}, {"2.4.1", history.RungSignature}, {"2.4.0", history.RungProvenance}, {"2.3.0", history.RungProvenance},
		{"2.2.0", history.RungUnknown}, {"1.9.0", history.RungSignature}, {"1.8.0", history.RungNone}} {
		h.Versions = append(h.Versions, history.Version{Version: v.version, Line: string(v.version[:1]), Offered: v.offer,
			Time: signedAt.AddDate(0, -i, 0), Current: v.version == "2.4.1", Prerelease: i == 0})
	}
	h.Versions[2].PredicateType = "https://slsa.dev/provenance/v1"
	h.Versions[3].Withdrawn, h.Versions[3].Reason = true, "a memory leak, use 2.4.0\x1b[2J"
	h.Versions[4].Problem = "expected a number"
	h.Versions[1].Claimed = verify.NPMUser{Name: "alice\x1b[2J"}
	h.Versions[2].Claimed = verify.NPMUser{Name: "GitHub Actions", TrustedPublisher: "github", Approver: "alice"}
	h.Versions[3].Claimed = verify.NPMUser{Name: "GitHub Actions", TrustedPublisher: "github"}
	h.Versions[5].Time, h.Versions[5].TimeProblem = time.Time{}, "expected the time of publishing as RFC 3339, found 5 (a number)"
	h.Versions[6].Time = h.Versions[6].Time.AddDate(-9000, 0, 0)
	by := func(version, repository, id untrusted.Text) *verify.Report {
		p := &verify.Publisher{Repository: repository, RepositoryID: id, Workflow: "release.yml"}
		return &verify.Report{Release: verify.Release{Ecosystem: verify.NPM, Name: "@acme/http-client", Version: version}, Status: verify.Verified,
			Publisher: p, Artifacts: []verify.ArtifactReport{{Status: verify.Verified, Attestations: []verify.Attestation{
				{Kind: verify.KindProvenance, Status: verify.Verified, PredicateType: "https://slsa.dev/provenance/v1", Publisher: p},
			}}}}
	}
	h.Compare(by("2.4.0", "https://github.com/acme/http-client", "12"), by("2.4.1", "https://github.com/evil/http-client", "13"))
	return Past{State: HistoryKnown, History: h}
}

func pypiHistory() Past {
	h := &history.History{Release: verify.Release{Ecosystem: verify.PyPI, Name: "acme-http", Version: "2.4.1"}, Versions: []history.Version{
		{Version: "2.4.1", Line: "2", Offered: history.RungSome, Files: 3, Attested: 2, Time: signedAt, Current: true},
		{Version: "2.4.0", Line: "2", Offered: history.RungProvenance, Files: 2, Attested: 2, Time: signedAt.AddDate(0, -1, 0)},
		{Version: "2.3.0", Line: "2", Offered: history.RungNone, Files: 1, Withdrawn: true, Reason: "compromised"},
	}}
	h.Compare()
	return Past{State: HistoryKnown, History: h}
}

var pasts = map[string]func() Past{
	"npm": npmHistory, "pypi": pypiHistory,
	"nothing-lost": func() Past {
		h := &history.History{Versions: []history.Version{{Version: "1.0.0", Line: "1", Offered: history.RungProvenance, Current: true}}}
		h.Compare()
		return Past{State: HistoryKnown, History: h}
	},
	"not-listed":  func() Past { return Past{State: HistoryKnown, History: &history.History{}} },
	"loading":     func() Past { return Past{State: HistoryLoading} },
	"failed":      func() Past { return Past{State: HistoryFailed, Problem: "the server answers 503\x1b[2J"} },
	"final":       func() Past { return Past{State: HistoryFailed, Problem: "not recorded", Final: true} },
	"unavailable": func() Past { return Past{} },
}

// A version of a module whose date could not be fetched has no odd one.
func TestHistoryOfAModuleWithoutDates(t *testing.T) {
	t.Parallel()
	in := npmVerified()
	in.Width = 80
	in.Past = Past{State: HistoryKnown, History: &history.History{
		Release: verify.Release{Ecosystem: verify.Go, Name: "example.com/m", Version: "v1.1.0"},
		Versions: []history.Version{
			{Version: "v1.1.0", Line: "1", Offered: history.RungSignature, Time: signedAt, Current: true},
			{Version: "v1.0.0", Line: "1", Offered: history.RungSignature, TimeProblem: "fetch the version's .info: not in the recording"},
		}}}
	text := strings.Join(Render(History, in, theme.New(theme.Options{})).Text(), "\n")
	if !strings.Contains(text, "not known   its record was not asked for") || strings.Contains(text, "odd date") {
		t.Error(text)
	}
}

func TestGoldenHistory(t *testing.T) {
	th := theme.New(theme.Options{Color: true})
	for _, width := range []int{120, 80, 40} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			var b strings.Builder
			for _, name := range []string{"npm", "pypi", "nothing-lost", "not-listed", "loading", "failed", "final", "unavailable"} {
				in := npmVerified()
				in.Width, in.Past = width, pasts[name]()
				writeGolden(&b, name, Render(History, in, th).Text())
			}
			testfiles.Golden(t, fmt.Sprintf("history-%d.golden", width), b.String())
		})
	}
}

func TestHistoryHoldsEveryWidth(t *testing.T) {
	t.Parallel()
	for name, past := range pasts {
		in := npmVerified()
		in.Past = past()
		for in.Width = 1; in.Width <= 250; in.Width += 1 + in.Width/20 {
			for _, ascii := range []bool{false, true} {
				lines := Render(History, in, theme.New(theme.Options{ASCII: ascii})).Text()
				checkLines(t, name, lines, in.Width)
				if len(lines) == 0 {
					t.Fatalf("%s at %d is empty", name, in.Width)
				}
			}
		}
	}
}

// What a registry offers is not what was verified.
func TestHistoryIsNeverGreen(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	th := theme.New(theme.Options{Color: true})
	in := npmVerified()
	in.Width = 120
	for name, past := range pasts {
		in.Past = past()
		if strings.Contains(strings.Join(Render(History, in, th).Text(), "\n"), "\x1b[32m") {
			t.Errorf("%s has something green", name)
		}
	}
	for round := range 150 {
		in.Width, in.Wrap = 20+r.IntN(231), r.IntN(2) == 0
		fill(r, reflect.ValueOf(&in.Past).Elem(), 0)
		in.Past.State = HistoryState(r.IntN(5))
		lines := Render(History, in, th).Text()
		checkLines(t, fmt.Sprintf("round %d", round), lines, in.Width)
		if strings.Contains(strings.Join(lines, "\n"), "\x1b[32m") {
			t.Fatalf("round %d has something green: %q", round, lines)
		}
	}
}

func TestHistoryShowsTheCurrentVersionOfMany(t *testing.T) {
	t.Parallel()
	h := &history.History{}
	for i := range 3 * maxVersions {
		h.Versions = append(h.Versions, history.Version{Version: untrusted.Text(fmt.Sprintf("1.%d.0", 3*maxVersions-i)), Line: "1", Offered: history.RungSignature, Current: i == 2*maxVersions+5})
	}
	h.Compare()
	in := npmVerified()
	in.Width, in.Past = 100, Past{State: HistoryKnown, History: h}
	text := strings.Join(Render(History, in, plainTheme).Text(), "\n")
	for _, want := range []string{"this one", "newer versions not shown", "older versions not shown"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}
