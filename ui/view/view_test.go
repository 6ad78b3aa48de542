package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

func TestSource(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		input Input
		want  string
	}{
		{"not checked", pendingInput(), "–"},
		{"zero", Input{Report: &verify.Report{}}, "–"},
		{"verified", npmVerified(), "acme/http-client"},
		{"partial", pypiPartial(), "acme/http-client"},
		{"mismatch shows what is there", npmMismatch(), "acme/http-client"},
		{"another host keeps its name", gitlab(), "gitlab.com/acme/tools/oidc"},
		{"invalid proves none", npmBroken(), "–"},
		{"what could not be checked proves none", unknownKey(), "–"},
		{"no evidence", notFound(), "–"},
		{"no trust root", noTrust(), "–"},
		{"signed is no source", npmSigned(), "–"},
		{"none", nothing(), "–"},
		{"a claim is no source", Input{Report: &verify.Report{Status: verify.Signed, Publisher: github()}}, "–"},
		{"a person", Input{Report: &verify.Report{Status: verify.Verified, Publisher: &verify.Publisher{Email: "a\x1b@b.example"}}}, `a\x1b@b.example`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Source(tt.input.Report); got != tt.want {
				t.Errorf("Source = %q, want %q", got, tt.want)
			}
		})
	}
}

// The reason has a column of its own: nothing of it may be taken for a source.
func TestWhy(t *testing.T) {
	warned := npmVerified()
	warned.Report.Findings = []verify.Finding{
		{Rule: "spec.silent", Message: "only to know"},
		{Rule: "provenance.repository_ref", Severity: verify.Warning, Message: "the ref is not what the spec expects", Expected: "refs/tags/v1"},
	}
	accepted := npmVerified()
	accepted.Report.Findings = []verify.Finding{{Severity: verify.Warning, Message: "accepted", Known: true}}
	demanded := npmVerified()
	demanded.Report.Findings = []verify.Finding{{Severity: verify.SeverityError, Message: "the policy demands more", Known: true, Operator: true}}
	tests := []struct {
		name  string
		input Input
		want  string
	}{
		{"not checked", pendingInput(), ""},
		{"what the operator demands is not accepted", demanded, "the policy demands more"},
		{"verified", npmVerified(), ""},
		{"verified, with a warning", warned, "another ref than the spec's"},
		{"verified, with an accepted warning", accepted, ""},
		{"signed", npmSigned(), "nothing proves the origin"},
		{"invalid", npmBroken(), "the inclusion proof does not lead to the root it claims"},
		{"unknown key", unknownKey(), "signed with an unknown key"},
		{"no evidence", notFound(), "version 2.4.1 is not in the registry"},
		{"no trust root is one reason for all", noTrust(), "no trust root"},
		{"mismatch", Input{Report: &verify.Report{Status: verify.Mismatch, Findings: []verify.Finding{{Rule: "provenance.repository_uri",
			Severity: verify.SeverityError, Message: "m", Expected: "https://github.com/acme/http-client"}}, Publisher: github()}}, "expected acme/http-client"},
		{"gone", Input{Report: &verify.Report{Status: verify.Mismatch, Findings: []verify.Finding{{Rule: "attestations.gone",
			Severity: verify.SeverityError, Message: "the evidence has gone"}}}}, "the evidence has gone"},
		{"hostile", Input{Report: &verify.Report{Status: verify.Unchecked, Reason: "a\x1b[2Jb"}}, `a\x1b[2Jb`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Why(tt.input.Report); got != tt.want && (tt.want == "" || !strings.Contains(got, tt.want)) {
				t.Errorf("Why = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExpected(t *testing.T) {
	t.Parallel()
	publisher := func(kind, repository string) catalog.Spec {
		return catalog.Spec{Provenance: catalog.Provenance{Attestations: &catalog.Attestations{
			Publisher: &catalog.Publisher{Kind: untrusted.Text(kind), Repository: untrusted.Text(repository)}}}}
	}
	uri := func(s string) catalog.Spec {
		return catalog.Spec{Provenance: catalog.Provenance{RepositoryURI: untrusted.Text(s)}}
	}
	tests := []struct {
		name string
		spec catalog.Spec
		want string
	}{
		{"nothing", catalog.Spec{}, "–"},
		{"address", uri("https://github.com/acme/x"), "acme/x"},
		{"address of a folder", uri("git+https://github.com/acme/x.git"), "acme/x"},
		{"monorepo", uri("https://github.com/acme/x/tree/main/packages/y"), "acme/x"},
		{"user part is not the host", uri("https://github.com@evil.example/acme/x"), "evil.example/acme/x"},
		{"no scheme", uri("github.com/acme/x/packages/y"), "acme/x"},
		{"another host", uri("git@gitlab.acme.example:tools/acme/x.git"), "gitlab.acme.example/tools/acme/x"},
		{"another port", uri("https://github.com:8443/acme/x"), "github.com:8443/acme/x"},
		{"climbing out", uri("https://github.com/acme/x/../../evil/x"), "https://github.com/acme/x/../../evil/x"},
		{"escaped slash", uri("https://github.com/acme%2Fx"), "https://github.com/acme%2Fx"},
		{"no owner", uri("https://github.com/acme"), "https://github.com/acme"},
		{"not an address", uri("somewhere\x1b[2J"), `somewhere\x1b[2J`},
		{"publisher", publisher("GitHub", "acme/x"), "acme/x"},
		{"publisher on another host", publisher("GitLab", "acme/tools/x"), "gitlab.com/acme/tools/x"},
		{"publisher at a GitLab of its users", catalog.Spec{Provenance: catalog.Provenance{CertIssuer: "https://gitlab.acme.example",
			Attestations: &catalog.Attestations{Publisher: &catalog.Publisher{Kind: "GitLab", Repository: "acme/x"}}}}, "gitlab.acme.example/acme/x"},
		{"publisher without repository", publisher("Google", ""), "–"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Expected(tt.spec); got != tt.want {
				t.Errorf("Expected = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, tab := range Tabs() {
		if title := tab.Title(); title == "" || seen[title] {
			t.Errorf("tab %d has the title %q", tab, title)
		}
		seen[tab.Title()] = true
	}
	if len(seen) != 7 || Change.Title() != "Change" || Tab(7).Title() != "" || Tab(-2).Title() != "" {
		t.Errorf("titles are %v", seen)
	}
}

// The first link that failed is marked, the source is a claim, and what
// stands on the broken link is not reached.
func TestBrokenLink(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		failed verify.CheckID
		link   string
	}{
		{"bundle", verify.CheckParse, "signed"},
		{"unknown log", verify.CheckTrust, "log"},
		{"SET", verify.CheckSET, "log"},
		{"inclusion", verify.CheckInclusion, "log"},
		{"time", verify.CheckTime, "certificate"},
		{"chain", verify.CheckChain, "certificate"},
		{"SCT", verify.CheckSCT, "certificate"},
		{"signature", verify.CheckSignature, "signed"},
		{"subject", verify.CheckSubject, "names"},
		{"predicate", verify.CheckPredicate, "names"},
		{"identity", verify.CheckIdentity, "source"},
		{"only sigstore-go refuses it", verify.CheckVerifier, "signed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := npmBroken()
			in.Report.Artifacts[0].Attestations[0].Checks = checks(map[verify.CheckID]string{tt.failed: "because"})
			_, links := custody(newPage(Input{Width: 120}, plainTheme), in.Report)
			for _, l := range links {
				if l.broken != (l.name == tt.link) {
					t.Errorf("link %q: broken is %v", l.name, l.broken)
				}
				if l.name == tt.link && (l.state != verify.Fail || l.why != "because") {
					t.Errorf("link %q is %v because %q", l.name, l.state, l.why)
				}
				if l.name == "artifact" && (l.state == verify.Pass || l.vouch) {
					t.Errorf("the artifact is %q", l.says)
				}
			}
		})
	}
}

// What is wrong is shown first, whatever the registry lists first.
func TestArrange(t *testing.T) {
	t.Parallel()
	r := &verify.Report{Artifacts: []verify.ArtifactReport{
		{Filename: "good", Status: verify.Verified, Attestations: []verify.Attestation{{Kind: verify.KindProvenance, Status: verify.Verified}}},
		{Filename: "bare", Status: verify.None},
		{Filename: "bad", Status: verify.Invalid, Attestations: []verify.Attestation{
			{Kind: verify.KindPublish, Status: verify.Verified}, {Kind: verify.KindProvenance, Status: verify.Verified}, {Kind: verify.KindProvenance, Status: verify.Invalid}}},
	}}
	var names []string
	for _, a := range arrange(r) {
		names = append(names, a.Filename.String())
	}
	if got := strings.Join(names, " "); got != "bad good bare" {
		t.Errorf("artifacts are %s", got)
	}
	bad := &r.Artifacts[2]
	if list := attestations(bad); list[0] != &bad.Attestations[2] || list[1] != &bad.Attestations[1] || list[2] != &bad.Attestations[0] {
		t.Error("attestations: want the invalid provenance first, the publish attestation last")
	}
	if art, att := deciding(r); art != bad || att != &bad.Attestations[2] {
		t.Error("the chain is not that of the invalid attestation")
	}
	if art, att := deciding(&verify.Report{}); art != nil || att != nil {
		t.Error("a chain of nothing")
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	p := newPage(Input{Width: 37}, plainTheme) // 14 cells
	from, to := signedAt, signedAt.Add(10*time.Minute)
	tests := []struct {
		name       string
		at         time.Time
		bar, where string
	}{
		{"start", from, "├●─────────────┤", "inside"},
		{"middle", from.Add(5 * time.Minute), "├───────●──────┤", "inside"},
		{"end", to, "├─────────────●┤", "inside"},
		{"before", from.Add(-time.Second), "●  ├──────────────┤", "before the certificate is valid"},
		{"after", to.Add(time.Second), "├──────────────┤  ●", "after the certificate has ended"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if bar, where := p.bar(from, to, tt.at); bar != tt.bar || where != tt.where {
				t.Errorf("bar = %s (%s), want %s (%s)", bar, where, tt.bar, tt.where)
			}
		})
	}
}

func TestTreeKeepsTheDocument(t *testing.T) {
	t.Parallel()
	documents := []string{`{}`, `[]`, `null`, `"a"`, `-1.5e3`, `{"a":{},"b":[],"c":[1,2,{"d":null}],"e\"f":"g,:{}[]\\"}`, `[[[]]]`, `[1,[2,[3]],{"x":true}]`}
	for _, doc := range documents {
		p := newPage(Input{Width: 80, Wrap: true}, plainTheme)
		p.json([]byte(doc))
		var got, want bytes.Buffer
		if err := errors.Join(json.Compact(&got, []byte(strings.Join(p.Lines(), "\n"))), json.Compact(&want, []byte(doc))); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("%s is drawn as %s", doc, got.String())
		}
	}
}

func TestAnyBytesAreDrawn(t *testing.T) {
	t.Parallel()
	drawn := func(data []byte) bool {
		p := newPage(Input{Width: 80}, plainTheme)
		p.outline.wanted = true
		p.json(data)
		page := p.done()
		for _, f := range page.Folds {
			if f.Head >= f.From || f.From > f.To || f.To > len(page.Lines) {
				return false
			}
		}
		return len(page.Lines) > 0
	}
	if err := quick.Check(drawn, nil); err != nil {
		t.Error(err)
	}
	if err := quick.Check(func(seed []byte) bool {
		var doc strings.Builder
		for _, b := range seed {
			doc.WriteString([]string{"{", "}", "[", "]", `"a":`, `"\\\"",`, "1", ",", " ", "\n"}[int(b)%10])
		}
		return drawn([]byte(doc.String()))
	}, nil); err != nil {
		t.Error(err)
	}
}

// Absurd evidence is cut, and the page says so.
func TestLimits(t *testing.T) {
	t.Parallel()
	in := npmVerified()
	in.Width = 80
	in.Dossier.Bundles[0].Raw = []byte("[" + strings.Repeat("1,", 200_000) + "1]")
	lines := Render(Raw, in, plainTheme).Text()
	if all := strings.Join(lines, "\n"); len(lines) > maxJSONLines+200 || !strings.Contains(all, "more bytes are not shown") {
		t.Errorf("%d lines of JSON, without a note of what is left out", len(lines))
	}
	in.Dossier.Bundles[0].Raw = []byte(strings.Repeat("[", 200_000))
	if lines := Render(Raw, in, plainTheme).Text(); len(lines) > maxJSONLines+200 {
		t.Errorf("%d lines of what is not JSON", len(lines))
	}
	in.Report.Artifacts, in.Dossier = make([]verify.ArtifactReport, 2*maxLines), nil
	lines = Render(Overview, in, plainTheme).Text()
	if last := lines[len(lines)-1]; len(lines) > maxLines+1 || !strings.Contains(last, "more lines are not shown") {
		t.Errorf("%d lines, the last is %q", len(lines), last)
	}
}

func TestWrapShowsValuesWhole(t *testing.T) {
	t.Parallel()
	in := npmVerified()
	in.Width, in.Wrap = 60, true
	join := func(lines []string) string {
		return strings.Join(strings.Fields(ours.ReplaceAllString(strings.Join(lines, " "), "")), "")
	}
	if all := join(Render(Raw, in, plainTheme).Text()); !strings.Contains(all, strings.Repeat("MIIGtTCCBjugAwIBAgIU", 60)) {
		t.Error("a long string of the bundle is cut")
	}
	if all := join(Render(Statement, in, plainTheme).Text()); !strings.Contains(all, tarball) {
		t.Error("the digest is cut")
	}
}

func TestASCIIOnly(t *testing.T) {
	t.Parallel()
	for name, fixture := range fixtures {
		in := fixture()
		in.Width = 90
		in.Spec.Package = "pаypal"
		for _, th := range []*theme.Theme{theme.New(theme.Options{Color: true, ASCII: true}), theme.New(theme.Options{ASCII: true})} {
			for _, tab := range Tabs() {
				for _, line := range append(Render(tab, in, th).Text(), Preview(in, th)...) {
					for _, r := range line {
						if r >= 0x80 {
							t.Fatalf("%s, %s: %q is not ASCII in %q", name, tab.Title(), r, line)
						}
					}
				}
			}
		}
	}
}

func BenchmarkOverview(b *testing.B) {
	in := npmVerified()
	in.Width = 120
	th := theme.New(theme.Options{Color: true})
	for _, tab := range Tabs() {
		b.Run(fmt.Sprint(tab.Title()), func(b *testing.B) {
			for b.Loop() {
				Render(tab, in, th).Text()
			}
		})
	}
}

// A text that is written while it grows is the text that it would be as a whole.
func TestSpilledTextIsTheSame(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{})
	for _, width := range []int{0, 30} {
		fill := func(d *Doc) {
			d.TableOf(func(yield func([]Span) bool) {
				for i := range 1000 {
					if !yield([]Span{plain(strings.Repeat("x", i%40)), muted("y")}) {
						return
					}
				}
			})
			for i := range 1000 {
				d.Blank()
				d.Blank()
				d.Flow(plain("- "), plain(strings.Repeat("word ", i%30)))
			}
		}
		whole, parts := NewDoc(th, width), NewDoc(th, width)
		var want, got bytes.Buffer
		parts.Spill(&got)
		fill(whole)
		fill(parts)
		if most := 2 * maxHeld; parts.Len() > most || whole.Len() < 2*most {
			t.Errorf("%d of %d lines are held, want at most %d", parts.Len(), whole.Len(), most)
		}
		if err := errors.Join(whole.Write(&want), parts.Write(&got)); err != nil || want.String() != got.String() {
			t.Errorf("width %d: the texts differ: %v", width, err)
		}
	}
}
