package view

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// judged is a package of the demo as the table keeps it, and as it is opened.
type judged struct {
	spec         catalog.Spec
	brief, whole *verify.Report
	dossier      *verify.Dossier // whose report whole is
}

var demoOnce struct {
	sync.Once
	packages []judged
}

func demoPackages(t *testing.T) []judged {
	t.Helper()
	demoOnce.Do(func() {
		specs, from := lab.Specs(t), lab.Registries(t)
		brief := lab.Check(t, specs, from, false)
		dossiers := lab.Examine(t, specs, from)
		for i, spec := range specs {
			demoOnce.packages = append(demoOnce.packages, judged{spec, brief[i], &dossiers[i].Report, dossiers[i]})
		}
	})
	if len(demoOnce.packages) < 100 {
		t.Fatalf("only %d packages", len(demoOnce.packages))
	}
	return demoOnce.packages
}

// The preview is drawn from what the table keeps, the page from all: both say
// the same of every link. Only a value that the table does not keep is a dash.
func TestPreviewSaysWhatThePageSays(t *testing.T) {
	th := theme.New(theme.Options{})
	for _, p := range demoPackages(t) {
		draw := func(r *verify.Report, d *verify.Dossier) []link {
			in := Input{Spec: p.spec, Report: r, Dossier: d, Width: 140}
			_, links := custody(newPage(in, th), r)
			return links
		}
		if p.spec.Err != nil {
			continue
		}
		brief, whole := draw(p.brief, nil), draw(p.whole, p.dossier)
		for i, b := range brief {
			w := whole[i]
			if b.name != w.name || b.state != w.state || b.says != w.says || b.why != w.why || b.broken != w.broken || b.vouch != w.vouch {
				t.Errorf("%s: the preview says %q %v %q %q, the page %q %v %q %q", p.spec.Package, b.name, b.state, b.says, b.why, w.name, w.state, w.says, w.why)
			}
			if b.value != w.value && b.value != "–" {
				t.Errorf("%s: %s is %q in the preview, %q on the page", p.spec.Package, b.name, b.value, w.value)
			}
		}
	}
}

// What a link says of its checks is what the checks found.
func TestLinksSayWhatTheChecksFound(t *testing.T) {
	th := theme.New(theme.Options{})
	for _, p := range demoPackages(t) {
		c, links := custody(newPage(Input{Spec: p.spec, Report: p.whole, Dossier: p.dossier, Width: 140}, th), p.whole)
		if c.att == nil {
			continue
		}
		subject := slices.IndexFunc(c.att.Checks, func(k verify.Check) bool { return k.ID == verify.CheckSubject })
		for _, l := range links {
			reached := subject >= 0 && c.att.Checks[subject].Status != verify.Blocked
			if l.name == "artifact" && !c.unverified && reached == (l.says == "not reached") {
				t.Errorf("%s: the check of the subject is %v, and the artifact is %q", p.spec.Package, c.att.Checks[subject].Status, l.says)
			}
		}
	}
}

// The note under the comparison is about the comparison that stands there.
func TestTheComparisonSaysWhoseCertificateItShows(t *testing.T) {
	th, shown := theme.New(theme.Options{}), 0
	for _, p := range demoPackages(t) {
		proven := slices.ContainsFunc(p.whole.Comparison, func(c verify.Comparison) bool { return c.Certificate != "" })
		text := strings.Join(Render(Publisher, Input{Spec: p.spec, Report: p.whole, Dossier: p.dossier, Width: 160}, th).Text(), "\n")
		if proven && strings.Contains(text, "No certificate was verified") {
			t.Errorf("%s: a certificate is compared, and none was verified:\n%s", p.spec.Package, text)
		}
		if proven && p.whole.Publisher == nil {
			if shown++; !strings.Contains(text, "other evidence of the release does not") {
				t.Errorf("%s does not say whose certificate it is:\n%s", p.spec.Package, text)
			}
		}
	}
	if shown == 0 {
		t.Error("no package of the demo has one good file and one that is not")
	}
}

// A check that belongs to no link could fail with every link passed.
func TestEveryCheckBelongsToALink(t *testing.T) {
	th := theme.New(theme.Options{})
	seen, of := map[verify.CheckID]bool{}, map[verify.CheckID]bool{verify.CheckVerifier: true} // of the whole bundle
	for _, p := range demoPackages(t) {
		c, links := custody(newPage(Input{Spec: p.spec, Report: p.whole, Dossier: p.dossier, Width: 140}, th), p.whole)
		for _, l := range links {
			for _, id := range l.checks {
				of[id] = true
			}
		}
		for _, check := range c.checks() {
			seen[check.ID] = true
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d checks were seen", len(seen))
	}
	for id := range seen {
		if !of[id] {
			t.Errorf("the check %s belongs to no link of the chain of custody", id)
		}
	}
}

// A link that holds says nothing that no check found.
func TestALinkSaysOnlyWhatPassed(t *testing.T) {
	t.Parallel()
	claims := map[string][]verify.CheckID{
		"included": {verify.CheckInclusion, verify.CheckCheckpoint}, "SET": {verify.CheckSET}, "SCT": {verify.CheckSCT}, "chain": {verify.CheckChain},
		"signature": {verify.CheckSignature}, "this release": {verify.CheckSubject}, "this one": {verify.CheckSubject}, "known": {verify.CheckKey},
	}
	th, seen := theme.New(theme.Options{}), map[string]int{}
	for _, p := range demoPackages(t) {
		in := Input{Spec: p.spec, Report: p.whole, Dossier: p.dossier, Width: 140}
		for i := range p.whole.Artifacts {
			art := &p.whole.Artifacts[i]
			for j := range art.Attestations {
				c := chain{Doc: newPage(in, th), r: p.whole, art: art, att: &art.Attestations[j]}
				c.bundle = p.dossier.Bundle(c.att)
				for _, l := range []link{c.certificate(), c.signed(), c.log(), c.names(), c.artifact()} {
					for claim, needs := range claims {
						if l.state != verify.Pass || !strings.Contains(l.says, claim) {
							continue
						}
						seen[claim]++
						for _, id := range needs {
							if !c.passed(id) {
								t.Errorf("%s: %s says %q, and %s did not pass", p.spec.Path, l.name, l.says, id)
							}
						}
					}
				}
			}
		}
	}
	for claim := range claims {
		if seen[claim] == 0 {
			t.Errorf("no link of the demo says %q", claim)
		}
	}
}

// So does a link of a Go module's chain; and a record that is in no signed tree proves
// nothing by what it names.
func TestALinkOfAModuleSaysOnlyWhatPassed(t *testing.T) {
	t.Parallel()
	th, seen := theme.New(theme.Options{}), 0
	for _, p := range demoPackages(t) {
		if p.spec.Protocol != catalog.Go {
			continue
		}
		seen++
		c, links := custody(newPage(Input{Spec: p.spec, Report: p.whole, Dossier: p.dossier, Width: 140}, th), p.whole)
		passed := map[verify.CheckID]bool{}
		for _, k := range c.checks() {
			passed[k.ID] = k.Status == verify.Pass
		}
		for _, l := range links {
			if l.state == verify.Pass && (len(l.checks) != 1 || !passed[l.checks[0]] || l.name == "record" && !passed[verify.CheckRecordIn]) {
				t.Errorf("%s: %s says %q", p.spec.Path, l.name, l.says)
			}
			if l.broken && p.whole.Status != verify.Invalid && p.whole.Status != verify.Unchecked {
				t.Errorf("%s, %v: %s is broken", p.spec.Path, p.whole.Status, l.name)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d modules", seen)
	}
}
