package review

import (
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/statement"
)

// publisher is GitHub's, of a repository with a number, with changes.
func publisher(repository, id string, changes ...func(*verify.Publisher)) *verify.Publisher {
	p := &verify.Publisher{
		Kind: "GitHub", Repository: untrusted.Text("https://github.com/" + repository), RepositoryID: untrusted.Text(id), OwnerID: "7",
		Workflow: ".github/workflows/release.yml", WorkflowURI: untrusted.Text("https://github.com/" + repository + "/.github/workflows/release.yml@refs/tags/v1"),
		Signer: untrusted.Text("https://github.com/" + repository + "/.github/workflows/release.yml@refs/tags/v1"),
		Issuer: "https://token.actions.githubusercontent.com", Runner: "github-hosted", Trigger: "push",
	}
	for _, change := range changes {
		change(p)
	}
	return p
}

// attested is a release with provenance of its build by publishers, a file each.
func attested(publishers ...*verify.Publisher) *verify.Report {
	r := &verify.Report{Status: verify.Verified, Reason: "built from there, as the certificate proves", Publisher: publishers[0]}
	for _, p := range publishers {
		r.Artifacts = append(r.Artifacts, verify.ArtifactReport{Status: verify.Verified, Attestations: []verify.Attestation{
			{Kind: verify.KindProvenance, PredicateType: statement.ProvenanceV1, Status: verify.Verified, Publisher: p}}})
	}
	return r
}

// published is a release with a publish attestation of PyPI.
func published(p *verify.Publisher) *verify.Report {
	r := attested(p)
	r.Artifacts[0].Attestations[0].PredicateType = statement.PyPIPublish
	return r
}

func signed() *verify.Report {
	return &verify.Report{Status: verify.Signed, Reason: "the registry signed these bytes", Artifacts: []verify.ArtifactReport{
		{Status: verify.Signed, Signatures: []verify.Signature{{Status: verify.Verified}}}}}
}

func none() *verify.Report {
	return &verify.Report{Status: verify.None, Reason: "nothing is proven", Artifacts: []verify.ArtifactReport{{Status: verify.None}}}
}

// partial is a release of which only the first file is attested.
func partial(p *verify.Publisher) *verify.Report {
	r := attested(p)
	r.Status, r.Reason = verify.Partial, "1 of 2 files carry verified provenance"
	r.Artifacts = append(r.Artifacts, none().Artifacts...)
	return r
}

func bad(status verify.Status, reason string) *verify.Report {
	return &verify.Report{Status: status, Reason: reason, Artifacts: []verify.ArtifactReport{{Status: status, Reason: reason}}}
}

// forged is a release with provenance that does not verify.
func forged(p *verify.Publisher) *verify.Report {
	r := attested(p)
	r.Status, r.Reason, r.Publisher = verify.Invalid, "it does not verify", nil
	r.Artifacts[0].Status, r.Artifacts[0].Attestations[0].Status = verify.Invalid, verify.Invalid
	return r
}

func mismatch(r *verify.Report) *verify.Report {
	r.Status, r.Findings = verify.Mismatch, []verify.Finding{finding("publisher.workflow", "another workflow", "a.yml", "b.yml")}
	return r
}

func deprecated(r *verify.Report, why string) *verify.Report {
	r.Findings = append(r.Findings, verify.Finding{Rule: "release.deprecated", Severity: verify.Info, Observed: why})
	return r
}

func claiming(r *verify.Report, user verify.NPMUser) *verify.Report {
	r.Claims.NPMUser = user
	return r
}

// change is that from one spec to another, verified.
func change(t *testing.T, protocol, was, is string, before, after *verify.Report) *Change {
	t.Helper()
	catalogOf := func(text string) map[string]string {
		if text == "" {
			return nil
		}
		return map[string]string{protocol + "/a": text}
	}
	changes := Pair(specs(t, catalogOf(was)), specs(t, catalogOf(is)))
	if len(changes) != 1 {
		t.Fatalf("got %d changes, want 1", len(changes))
	}
	c := &changes[0]
	if c.Before != nil {
		c.Before = &Side{c.Before.Spec, before}
	}
	if c.After != nil {
		c.After = &Side{c.After.Spec, after}
	}
	return c
}

// told returns "severity rule" of each finding.
func told(findings []verify.Finding) (out []string) {
	for _, f := range findings {
		out = append(out, f.Severity.String()+" "+f.Rule)
	}
	return out
}

func TestJudge(t *testing.T) {
	t.Parallel()
	ours := func() *verify.Publisher { return publisher("acme/x", "1") }
	changed := func(change func(*verify.Publisher)) *verify.Report { return attested(publisher("acme/x", "1", change)) }
	const before, after = "a:x@1.0.0", "a:x@1.0.1"
	for _, tt := range []struct {
		name, was, is string
		before, after *verify.Report
		verdict       verify.Verdict
		publisher     history.PublisherChange
		evidence      Evidence
		findings      []string
		summary       string // a part of it
	}{
		{"nothing lost", before, after, attested(ours()), attested(ours()), verify.VerdictPass, history.PublisherSame, EvidenceSame, nil,
			"same publisher, nothing lost"},
		{"signature as before", before, after, signed(), signed(), verify.VerdictPass, history.PublisherNone, EvidenceSame, nil,
			"nothing proves who published, nothing lost"},
		{"nothing as before", before, after, none(), none(), verify.VerdictPass, history.PublisherNone, EvidenceSame, nil, "nothing lost"},
		{"evidence gained", before, after, signed(), attested(ours()), verify.VerdictPass, history.PublisherFirst, EvidenceGained,
			nil, "the publisher is proven, and was not before, nothing lost"},
		{"evidence lost", before, after, attested(ours()), signed(), verify.VerdictFail, history.PublisherNone, EvidenceLost,
			[]string{"error review.evidence"}, "less evidence"},
		{"signature lost", before, after, signed(), none(), verify.VerdictFail, history.PublisherNone, EvidenceLost,
			[]string{"error review.evidence"}, "less evidence"},
		{"some files lost it", before, after, attested(ours()), partial(ours()), verify.VerdictFail, history.PublisherSame, EvidenceLost,
			[]string{"error review.evidence"}, "less evidence"},
		{"provenance became a publish attestation", before, after, attested(ours()), published(ours()), verify.VerdictFail,
			history.PublisherSame, EvidenceLost,
			[]string{"error review.evidence"}, "expected provenance, found publish attestation"},

		{"repository renamed", before, after, attested(ours()), attested(publisher("acme/y", "1")), verify.VerdictPass,
			history.PublisherRenamed, EvidenceSame,
			nil, "same publisher under another name, nothing lost"},
		{"repository re-created", before, after, attested(ours()), attested(publisher("acme/x", "2")), verify.VerdictFail,
			history.PublisherRecreated, EvidenceSame,
			[]string{"error review.publisher"}, "another number"},
		{"repository transferred", before, after, attested(ours()), changed(func(p *verify.Publisher) { p.OwnerID = "8" }),
			verify.VerdictFail,
			history.PublisherTransferred, EvidenceSame, []string{"error review.publisher"}, "another owner"},
		{"same workflow from another repository", before, after, attested(ours()), attested(publisher("evil/x", "9")), verify.VerdictFail,
			history.PublisherChanged, EvidenceSame, []string{"error review.publisher"},
			"expected https://github.com/acme/x, found https://github.com/evil/x"},
		{"one file from another repository", before, after, attested(ours()), attested(ours(), publisher("evil/x", "9")),
			verify.VerdictFail,
			history.PublisherChanged, EvidenceSame, []string{"error review.publisher"}, "https://github.com/evil/x"},
		{"another workflow", before, after, attested(ours()), changed(func(p *verify.Publisher) {
			p.Workflow, p.WorkflowURI, p.Signer = ".github/workflows/evil.yml",
				"https://github.com/acme/x/.github/workflows/evil.yml@refs/tags/v1",
				"https://github.com/acme/x/.github/workflows/evil.yml@refs/tags/v1"
		}), verify.VerdictPass, history.PublisherSame, EvidenceSame, []string{"warning review.workflow"}, "same publisher, nothing lost"},
		{"another signer", before, after, attested(ours()), changed(func(p *verify.Publisher) {
			p.Signer = "https://github.com/acme/shared/.github/workflows/publish.yml@refs/tags/v1"
		}), verify.VerdictPass, history.PublisherSame, EvidenceSame, []string{"warning review.signer"}, "same publisher"},
		{"another issuer", before, after, attested(ours()), changed(func(p *verify.Publisher) { p.Issuer += "/acme" }),
			verify.VerdictPass, history.PublisherSame,
			EvidenceSame, []string{"warning review.issuer"}, "same publisher"},
		{"deprecated", before, after, attested(ours()), deprecated(attested(ours()), "use y"), verify.VerdictPass,
			history.PublisherSame, EvidenceSame,
			[]string{"warning release.deprecated"}, "same publisher"},
		{"deprecated as the one before", before, after, deprecated(attested(ours()), "use y"), deprecated(attested(ours()),
			"use y"), verify.VerdictPass,
			history.PublisherSame, EvidenceSame, []string{"warning release.deprecated"}, "same publisher"},
		{"deprecated and edited", before, before + " # word", deprecated(attested(ours()), "use y"), deprecated(attested(ours()),
			"use y"), verify.VerdictPass,
			history.PublisherSame, EvidenceSame, nil, "same publisher"},
		{"another runner", before, after, attested(ours()), changed(func(p *verify.Publisher) { p.Runner = "self-hosted" }),
			verify.VerdictPass, history.PublisherSame,
			EvidenceSame, []string{"warning review.runner"}, "same publisher"},
		{"another trigger", before, after, attested(ours()), changed(func(p *verify.Publisher) { p.Trigger = "workflow_dispatch" }),
			verify.VerdictPass,
			history.PublisherSame, EvidenceSame, []string{"warning review.trigger"}, "same publisher"},

		{"trusted publisher lost", before, after, claiming(signed(), verify.NPMUser{Name: "a", TrustedPublisher: "github"}),
			claiming(signed(), verify.NPMUser{Name: "a"}),
			verify.VerdictPass, history.PublisherNone, EvidenceSame, []string{"warning review.claim"}, "nothing proven lost"},
		{"approver lost", before, after, claiming(signed(), verify.NPMUser{Name: "a", Approver: "b"}), claiming(signed(), verify.NPMUser{}),
			verify.VerdictPass, history.PublisherNone, EvidenceSame, []string{"warning review.claim"}, "nothing proven lost"},
		{"claims gained", before, after, signed(), claiming(signed(), verify.NPMUser{Name: "a", Approver: "b", TrustedPublisher: "github"}),
			verify.VerdictPass, history.PublisherNone, EvidenceSame, nil, "nothing lost"},

		{"head invalid", before, after, attested(ours()), bad(verify.Invalid, "it does not verify"), verify.VerdictFail,
			history.PublisherUnknown, EvidenceUnknown,
			nil, "it does not verify"},
		{"head mismatch and evidence lost", before, after, attested(ours()), mismatch(signed()), verify.VerdictFail,
			history.PublisherNone, EvidenceLost,
			[]string{"error review.evidence", "error publisher.workflow"}, "less evidence"},
		{"head mismatch", before, after, attested(ours()), mismatch(attested(ours())), verify.VerdictFail, history.PublisherSame,
			EvidenceSame,
			[]string{"error publisher.workflow"}, "expected a.yml, found b.yml"},
		{"head mismatch as the base", before, after, mismatch(attested(ours())), mismatch(attested(ours())), verify.VerdictFail,
			history.PublisherSame, EvidenceSame,
			nil, "expected a.yml, found b.yml"},
		{"head unchecked", before, after, attested(ours()), bad(verify.Unchecked, "no network"), verify.VerdictUnchecked,
			history.PublisherUnknown, EvidenceUnknown,
			nil, "no network"},
		{"base unchecked", before, after, bad(verify.Unchecked, "no network"), attested(ours()), verify.VerdictUnchecked,
			history.PublisherUnknown, EvidenceUnknown,
			nil, "the version before could not be checked, so nothing tells what was lost: no network"},
		{"base unchecked and head fails", before, after, bad(verify.Unchecked, "no network"), mismatch(attested(ours())),
			verify.VerdictFail,
			history.PublisherUnknown, EvidenceUnknown, []string{"error publisher.workflow"}, "b.yml"},
		{"base without trust root", before, after, &verify.Report{Status: verify.Unchecked, Unverified: "no root"},
			attested(ours()), verify.VerdictUnchecked,
			history.PublisherUnknown, EvidenceUnknown, nil, "could not be checked"},
		{"base invalid", before, after, bad(verify.Invalid, "it does not verify"), attested(ours()), verify.VerdictPass,
			history.PublisherUnknown, EvidenceUnknown,
			[]string{"info review.base"}, "built from there"},
		{"base invalid, and what it offers is not there any more", before, after, forged(ours()), signed(), verify.VerdictUnchecked,
			history.PublisherUnknown,
			EvidenceUnknown, []string{"info review.base"}, "offers provenance that does not verify, and this one has none"},
		{"base invalid, and mended", before, after, forged(ours()), attested(ours()), verify.VerdictPass, history.PublisherUnknown,
			EvidenceUnknown,
			[]string{"info review.base"}, "built from there"},
		{"base invalid by its signature", before, after, bad(verify.Invalid, "the signature does not verify"), signed(),
			verify.VerdictPass, history.PublisherUnknown,
			EvidenceUnknown, []string{"info review.base"}, "signed"},
		{"base mismatch, head mended", before, after, mismatch(attested(ours())), attested(ours()), verify.VerdictPass,
			history.PublisherSame, EvidenceSame,
			nil, "same publisher, nothing lost"},
		{"base unreadable", "unreadable", after, &verify.Report{Status: verify.Unchecked, Reason: "the spec cannot be read"},
			attested(ours()), verify.VerdictUnchecked,
			history.PublisherUnknown, EvidenceUnknown, nil, "could not be checked"},
		{"head unreadable", before, "unreadable", attested(ours()), &verify.Report{Status: verify.Unchecked,
			Reason: "the spec cannot be read"}, verify.VerdictUnchecked,
			history.PublisherUnknown, EvidenceUnknown, nil, "the spec cannot be read"},

		{"added", "", after, nil, attested(ours()), verify.VerdictPass, history.PublisherUnknown, EvidenceUnknown, nil, "built from there"},
		{"added and unchecked", "", after, nil, bad(verify.Unchecked, "no network"), verify.VerdictUnchecked,
			history.PublisherUnknown, EvidenceUnknown, nil, "no network"},
		{"removed", before, "", attested(ours()), nil, verify.VerdictPass, history.PublisherUnknown, EvidenceUnknown, nil, "gone"},
		{"removed and unchecked", before, "", bad(verify.Unchecked, "no network"), nil, verify.VerdictPass,
			history.PublisherUnknown, EvidenceUnknown, nil, "gone"},
		{"replaced", before, "a:y@1.0.0", attested(ours()), attested(ours()), verify.VerdictFail, history.PublisherSame, EvidenceSame,
			[]string{"error review.package"}, "expected npx x, found npx y"},
		{"replaced by what is less", before, "a:y@1.0.0", attested(ours()), signed(), verify.VerdictFail, history.PublisherNone,
			EvidenceLost,
			[]string{"error review.package", "error review.evidence"}, "another package"},
		{"lowered", after, before, attested(ours()), attested(ours()), verify.VerdictFail, history.PublisherSame, EvidenceSame,
			[]string{"error review.version"}, "expected 1.0.1, found 1.0.0"},
		{"lowered to a pre-release", before, "a:x@1.0.0-rc.1", attested(ours()), attested(ours()), verify.VerdictFail,
			history.PublisherSame, EvidenceSame,
			[]string{"error review.version"}, "lower"},
		{"ten is more than nine", "a:x@1.9.0", "a:x@1.10.0", attested(ours()), attested(ours()), verify.VerdictPass,
			history.PublisherSame, EvidenceSame, nil,
			"same publisher, nothing lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := change(t, "npx", tt.was, tt.is, tt.before, tt.after)
			for range 2 { // judged again, nothing is said twice
				c.Judge(nil)
				if c.Verdict != tt.verdict || c.Publisher != tt.publisher || c.Evidence != tt.evidence {
					t.Errorf("verdict %v, publisher %v, evidence %v; want %v, %v, %v", c.Verdict, c.Publisher.Name(), c.Evidence,
						tt.verdict, tt.publisher.Name(), tt.evidence)
				}
				if got := told(c.Findings); !slices.Equal(got, tt.findings) {
					t.Errorf("findings %q, want %q", got, tt.findings)
				}
				if !strings.Contains(c.Summary(), tt.summary) {
					t.Errorf("summary %q, want %q in it", c.Summary(), tt.summary)
				}
			}
			if len(c.Findings)+len(c.Standing()) != len(all(c)) {
				t.Errorf("%d findings are news, %d stood before, of %d", len(c.Findings), len(c.Standing()), len(all(c)))
			}
			if (c.Why == "") != (c.Verdict == verify.VerdictPass) {
				t.Errorf("verdict %v, and why is %q", c.Verdict, c.Why)
			}
		})
	}
}

// The files of a release are held against those of the one before: some had
// evidence, others none.
func TestJudgeFiles(t *testing.T) {
	t.Parallel()
	release := func(version, attests string, names ...string) *verify.Report {
		r := &verify.Report{Status: verify.Partial, Reason: "some carry provenance"}
		for i, name := range names {
			art := none().Artifacts[0]
			switch attests[i] {
			case 'p':
				art = published(publisher("acme/x", "1")).Artifacts[0]
			case 'b':
				art = attested(publisher("acme/x", "1")).Artifacts[0]
			}
			art.Filename = untrusted.Text("x-" + version + name)
			r.Artifacts = append(r.Artifacts, art)
		}
		return r
	}
	const sdist, wheel, linux, mac = ".tar.gz", "-py3-none-any.whl", "-cp313-cp313-manylinux_2_17_x86_64.whl", "-cp313-cp313-macosx_11_0_arm64.whl"
	for _, tt := range []struct {
		name          string
		before, after *verify.Report
		evidence      Evidence
		summary       string
	}{
		{"the same files as before", release("1.0", "p-", wheel, sdist), release("1.1", "p-", wheel, sdist), EvidenceSame,
			"same publisher, attestations of some files only, as before"},
		{"the wheel lost what the source gained", release("1.0", "p-", wheel, sdist), release("1.1", "-p", wheel, sdist), EvidenceLost,
			"files of the release have less evidence than those of the one before: expected publish attestation, found no evidence: x-1.1-py3-none-any.whl"},
		{"one wheel of several", release("1.0", "pp-", linux, mac, sdist), release("1.1", "p--", linux, mac, sdist), EvidenceLost, "x-1.1-cp313-cp313-macosx"},
		{"provenance of the build of one", release("1.0", "bp", wheel, sdist), release("1.1", "pb", wheel, sdist), EvidenceLost, "expected provenance, found publish attestation"},
		{"the build of one, and every file gained", release("1.0", "b-", wheel, sdist), release("1.1", "pp", wheel, sdist), EvidenceLost, "expected provenance"},
		{"every file gained", release("1.0", "p-", wheel, sdist), release("1.1", "pp", wheel, sdist), EvidenceGained, "same publisher, nothing lost"},
		{"a wheel that is new", release("1.0", "p-", linux, sdist), release("1.1", "p--", linux, mac, sdist), EvidenceSame, "some files only"},
		{"of two sources one", release("1.0", "p-p", sdist, ".zip", wheel), release("1.1", "-pp", sdist, ".zip", wheel), EvidenceSame, "some files only"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := change(t, "uvx", "a:x@1.0", "a:x@1.1", tt.before, tt.after)
			c.Judge(nil)
			if c.Evidence != tt.evidence || (c.Verdict == verify.VerdictPass) != (tt.evidence != EvidenceLost) {
				t.Errorf("evidence %v, verdict %v", c.Evidence, c.Verdict)
			}
			if !strings.Contains(c.Summary(), tt.summary) {
				t.Errorf("summary %q, want %q in it", c.Summary(), tt.summary)
			}
		})
	}
}

func all(c *Change) []verify.Finding {
	if c.After == nil {
		return nil
	}
	return c.After.Report.Findings
}

// TestJudgePyPIVersions holds that versions of PyPI are ordered by PEP 440.
func TestJudgePyPIVersions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		was, is string
		want    []string
	}{
		{"1.0", "1.0.post1", nil}, {"1.0.dev1", "1.0rc1", nil}, {"1.9", "1.10", nil}, {"2.0", "1!1.0", nil}, {"1.0", "1.0+local", nil},
		{"1.0", "1.0rc1", []string{"error review.version"}}, {"1.0.post1", "1.0", []string{"error review.version"}},
		{"1!1.0", "2.0", []string{"error review.version"}},
	} {
		p := publisher("acme/x", "1")
		c := change(t, "uvx", "a:x@"+tt.was, "a:x@"+tt.is, published(p), published(p))
		c.Judge(nil)
		if got := told(c.Findings); c.Kind != Bumped || !slices.Equal(got, tt.want) {
			t.Errorf("%s to %s: %v with findings %q, want %q", tt.was, tt.is, c.Kind, got, tt.want)
		}
	}
}

// TestJudgeObeys holds that what is demanded and decided comes after what the
// review finds, on both sides, and that a decision waives a finding of it.
func TestJudgeObeys(t *testing.T) {
	t.Parallel()
	before, after := attested(publisher("acme/x", "1")), signed()
	obey := func(_ catalog.Spec, r *verify.Report) {
		r.Findings = append(r.Findings, finding("policy.owner", "not ours", "a", "b"))
		for i := range r.Findings {
			r.Findings[i].Decision, r.Findings[i].Known = "known: on purpose", true
		}
	}
	c := change(t, "npx", "a:x@1.0.0", "a:x@1.0.1", before, after)
	c.Judge(obey)
	if got := told(c.Findings); c.Verdict != verify.VerdictPass || !slices.Equal(got,
		[]string{"error review.evidence"}) || !c.Findings[0].Waived() {
		t.Errorf("verdict %v, findings %+v: want the lost evidence alone, waived: the policy's stood before", c.Verdict, c.Findings)
	}
	if got := told(c.Standing()); !slices.Equal(got, []string{"error policy.owner"}) {
		t.Errorf("standing %q, want what the policy finds on both sides", got)
	}
	if len(before.Findings)+len(after.Findings) > 0 {
		t.Error("the reports that were verified were changed")
	}
	c.Judge(nil)
	if c.Verdict != verify.VerdictFail || len(c.After.Report.Findings) != 1 {
		t.Errorf("without decisions: verdict %v, findings %+v", c.Verdict, c.After.Report.Findings)
	}
	c.After = &Side{c.After.Spec, attested(publisher("acme/x", "1"))} // verified again
	c.Judge(nil)
	if c.Verdict != verify.VerdictPass || len(c.Findings) != 0 {
		t.Errorf("verified again: verdict %v, findings %+v", c.Verdict, c.Findings)
	}
}

// TestNotJudged holds that nothing passes before both sides were verified.
func TestNotJudged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ before, after *verify.Report }{{nil, nil}, {signed(), nil}, {nil, signed()}} {
		c := change(t, "npx", "a:x@1.0.0", "a:x@1.0.1", tt.before, tt.after)
		c.Judge(nil)
		if c.Judged() || c.Verdict != verify.VerdictUnchecked || c.Summary() != "the change is not checked yet" {
			t.Errorf("judged %v, verdict %v, %q", c.Judged(), c.Verdict, c.Summary())
		}
	}
}

// TestSameFinding holds what makes a finding of the head one that stood before.
func TestSameFinding(t *testing.T) {
	t.Parallel()
	values := verify.Finding{Rule: "a.b", Severity: verify.Warning, Message: "one", Expected: "x", Observed: "y"}
	words := verify.Finding{Rule: "a.b", Severity: verify.Warning, Message: "one"}
	with := func(f verify.Finding, change func(*verify.Finding)) verify.Finding { change(&f); return f }
	for _, tt := range []struct {
		name string
		a, b verify.Finding
		want bool
	}{
		{"the same", values, values, true},
		{"in other words", values, with(values, func(f *verify.Finding) { f.Message = "two" }), true},
		{"decided about", values, with(values, func(f *verify.Finding) { f.Decision, f.Known = "known", true }), true},
		{"of another rule", values, with(values, func(f *verify.Finding) { f.Rule = "a.c" }), false},
		{"worse", values, with(values, func(f *verify.Finding) { f.Severity = verify.SeverityError }), false},
		{"another value expected", values, with(values, func(f *verify.Finding) { f.Expected = "z" }), false},
		{"another value observed", values, with(values, func(f *verify.Finding) { f.Observed = "z" }), false},
		{"words alone", words, words, true},
		{"other words alone", words, with(words, func(f *verify.Finding) { f.Message = "two" }), false},
		{"one value and other words", with(values, func(f *verify.Finding) { f.Expected = "" }),
			with(values, func(f *verify.Finding) { f.Expected, f.Message = "", "two" }), true},
		{"the other value and other words", with(values, func(f *verify.Finding) { f.Observed = "" }),
			with(values, func(f *verify.Finding) { f.Observed, f.Message = "", "two" }), true},
	} {
		if got := sameFinding(tt.a, tt.b); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

// TestNames holds the words of the JSON.
func TestNames(t *testing.T) {
	t.Parallel()
	var got []string
	for k := KindUnknown; k <= Replaced+1; k++ {
		got = append(got, k.String())
	}
	for e := EvidenceUnknown; e <= EvidenceLost+1; e++ {
		got = append(got, e.String())
	}
	want := "unknown added removed edited bumped replaced unknown unknown same gained lost unknown"
	if strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	pass, fail, unchecked := Change{Verdict: verify.VerdictPass}, Change{Verdict: verify.VerdictFail}, Change{}
	warning, broken := verify.Finding{Severity: verify.Warning}, finding(rulePolicy, "", "", "")
	for _, tt := range []struct {
		name string
		r    Review
		want verify.Verdict
	}{
		{"no change", Review{}, verify.VerdictPass},
		{"all pass", Review{Changes: []Change{pass, pass}, Findings: []verify.Finding{warning}}, verify.VerdictPass},
		{"one is unchecked", Review{Changes: []Change{pass, unchecked, pass}}, verify.VerdictUnchecked},
		{"one fails", Review{Changes: []Change{unchecked, fail, pass}}, verify.VerdictFail},
		{"the whole fails", Review{Changes: []Change{pass}, Findings: []verify.Finding{warning, broken}}, verify.VerdictFail},
	} {
		if got := tt.r.Verdict(); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A demand that cannot be checked of the base says nothing of its evidence; of the
// head it is no pass.
func TestJudgeWithheld(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		withheld string // the version of which something cannot be checked
		want     verify.Verdict
	}{{"1.0.0", verify.VerdictPass}, {"1.0.1", verify.VerdictUnchecked}} {
		c := change(t, "npx", "a:x@1.0.0", "a:x@1.0.1", attested(publisher("acme/x", "1")), attested(publisher("acme/x", "1")))
		c.Judge(func(spec catalog.Spec, r *verify.Report) {
			if string(spec.Version) == tt.withheld {
				r.Withhold("the versions before could not be looked at")
			}
		})
		if c.Verdict != tt.want || c.Before.Report.Status != verify.Verified {
			t.Errorf("%s: %v (%s), and before it is %v", tt.withheld, c.Verdict, c.Why, c.Before.Report.Status)
		}
	}
}
