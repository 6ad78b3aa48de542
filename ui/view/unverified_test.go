package view

import (
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/statement"
)

const noRoot = "no trust root from the public-good Sigstore, by TUF: the cache holds no usable TUF metadata: run once without --offline, or name a file with --trusted-root"

// noTrust is evidence that nothing could be verified against.
func noTrust() Input {
	in := npmVerified()
	r := in.Report
	r.Status, r.Reason, r.Unverified, r.Publisher = verify.Unchecked, noRoot, noRoot, nil
	r.SLSA, r.Findings = verify.SLSA{Reason: "nothing was verified"}, nil
	r.Comparison = []verify.Comparison{{Field: "repository", Spec: in.Spec.Provenance.RepositoryURI, Registry: r.Claims.Repository, Result: verify.ResultOnly}}
	art := &r.Artifacts[0]
	art.Status, art.Reason = verify.Unchecked, "not verified: "+noRoot
	for i := range art.Attestations {
		a := &art.Attestations[i]
		a.Status, a.Reason, a.Publisher, a.SignedAt = verify.Unchecked, "not verified: "+noRoot, nil, time.Time{}
		for j := range a.Checks {
			a.Checks[j].Status, a.Checks[j].Reason, a.Checks[j].Expected, a.Checks[j].Observed = verify.Blocked, "not verified: there is no trust root", "", ""
		}
		a.Checks[0].Status, a.Checks[0].Reason = verify.NotRun, "decoded and not verified: "+a.MediaType.String()
		b := &in.Dossier.Bundles[i]
		for j := range b.SCTs {
			b.SCTs[j].Known, b.SCTs[j].Status, b.SCTs[j].Reason = false, verify.NotRun, "not verified: there is no trust root"
		}
		a.Log[0].KnownLog, a.Log[0].IndexSigned = "", false
		e := &b.Log[0]
		e.KnownLog, e.IndexSigned, e.SET, e.Inclusion, e.Checkpoint = "", false, verify.NotRun, verify.NotRun, verify.NotRun
		a.Says = &verify.Says{Kind: a.Kind, KeyID: a.KeyID, Subjects: b.Statement.Subjects}
		if len(b.Certificates) > 0 {
			b.Certificates = b.Certificates[:1]
			a.Says.Certificate = said(&b.Certificates[0])
		}
	}
	for i := range art.Signatures {
		s := &art.Signatures[i]
		s.Status, s.Reason, s.Key = verify.Unchecked, "not verified: "+noRoot, nil
	}
	return in
}

func said(leaf *verify.Certificate) *verify.SaidCertificate {
	c := &verify.SaidCertificate{Names: leaf.SANs, Leaf: *leafOf([]verify.Certificate{*leaf}), SHA256: leaf.SHA256, Extensions: map[int]untrusted.Text{}}
	for _, e := range leaf.Extensions {
		if e.Number > 0 {
			c.Extensions[e.Number] = e.Value
		}
	}
	return c
}

// unbound is a file of evidence whose every link verifies.
func unbound() Input {
	in := npmVerified()
	r := in.Report
	r.Release, r.Registry, r.Claims, r.Findings = verify.Release{}, "", verify.Claims{}, nil
	r.Inspected = &verify.Inspected{File: "downloads/attestations.json", Kind: "npm attestations response"}
	r.SLSA = verify.SLSA{Reason: "a build level is a package's: a file of evidence has none"}
	r.Comparison = []verify.Comparison{{Field: "repository", Certificate: "https://github.com/acme/http-client", Statement: "https://github.com/acme/http-client", Result: verify.ResultMatch}}
	r.Sources = []verify.Source{{URL: "downloads/attestations.json", What: "npm attestations response", Size: 4711}}
	art := &r.Artifacts[0]
	art.Filename, art.Digest, art.Integrity, art.Signatures = "", verify.Digest{}, "", nil
	for i := range art.Attestations {
		a := &art.Attestations[i]
		a.Source = r.Sources[0]
		a.Status, a.Reason = verify.Unbound, "every link verifies; it names "+purl+" sha512:7bea9f6ec2d1a4a1…, not compared with any file"
		for j := range a.Checks {
			if a.Checks[j].ID == verify.CheckSubject {
				a.Checks[j].Status, a.Checks[j].Reason, a.Checks[j].Expected, a.Checks[j].Observed = verify.NotRun, "names "+purl+" sha512:7bea9f6ec2d1a4a1…; not compared with any file", "", ""
			}
		}
	}
	r.Status, r.Reason = verify.Unbound, art.Attestations[0].Reason
	in.Spec.Protocol, in.Spec.Package, in.Spec.Version = "", "attestations.json", ""
	in.Spec.Provenance.RepositoryURI = ""
	return in
}

// boundMessage is a message signature over the file that was given.
func boundMessage() Input {
	in := unbound()
	r := in.Report
	r.Inspected.Kind = "Sigstore bundle v0.3"
	r.Inspected.Given = &verify.Given{Name: "downloads/http-client.zip", Digests: []verify.Digest{{Algorithm: "sha256", Hex: wheelSum}}}
	art := &r.Artifacts[0]
	art.Filename, art.Digest = "downloads/http-client.zip", r.Inspected.Given.Digests[0]
	examined(&in, in.Dossier.Bundles[:1])
	a, b := &art.Attestations[0], &in.Dossier.Bundles[0]
	b.Statement, b.Message = nil, &verify.Digest{Algorithm: "sha256", Hex: wheelSum}
	a.Kind, a.PredicateType, a.Subjects, a.Says = verify.KindMessage, "", nil, &verify.Says{Kind: verify.KindMessage, Digest: *b.Message}
	a.Status, a.Reason = verify.Bound, "every link verifies, and it names the artifact that was given"
	for j := range a.Checks {
		switch a.Checks[j].ID {
		case verify.CheckSubject:
			a.Checks[j].Status, a.Checks[j].Reason = verify.Pass, "the artifact that was given is one that the evidence names"
		case verify.CheckStatement, verify.CheckPredicate:
			a.Checks[j].Status, a.Checks[j].Reason = verify.NotApplicable, "a message signature carries no statement"
		}
	}
	r.Status, r.Reason, r.Comparison = verify.Bound, a.Reason, nil
	return in
}

// sbom is a statement of a kind that plimsoll knows no rules for, about
// another file than the one that was given.
func sbom() Input {
	in := boundMessage()
	r := in.Report
	a, b := &r.Artifacts[0].Attestations[0], &in.Dossier.Bundles[0]
	a.Kind, b.Message, a.PredicateType, a.Publisher, a.SignedAt = verify.KindStatement, nil, "https://spdx.dev/Document/v2.3", nil, time.Time{}
	a.Subjects, a.Says = []untrusted.Text{"other.zip"}, &verify.Says{Kind: a.Kind, Certificate: said(&b.Certificates[0])}
	b.Statement = &statement.Statement{Type: statement.TypeV1, PredicateType: a.PredicateType, Predicate: []byte(`{"spdxVersion":"SPDX-2.3"}`),
		Subjects: []statement.Subject{{Name: "other.zip", Digest: map[string]untrusted.Text{"sha256": untrusted.Text(tarball[:64])}}}}
	reason := "the evidence names other bytes than the artifact that was given"
	a.Checks = checks(map[verify.CheckID]string{verify.CheckSubject: reason})
	a.Status, a.Reason = verify.Invalid, "subject: "+reason
	r.Status, r.Reason, r.Publisher = verify.Invalid, a.Reason, nil
	return in
}

// aged is evidence from a cache.
func aged() Input {
	in := npmVerified()
	in.Now = signedAt.Add(30 * 24 * time.Hour)
	return in
}

// Where nothing was verified nothing is green and no tick stands, on any tab,
// and every tab says so. The evidence is there all the same.
func TestWithoutTrust(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{Color: true})
	for _, width := range []int{140, 80, 40} {
		in := noTrust()
		in.Width = width
		for _, tab := range Tabs() {
			text := strings.Join(Render(tab, in, th).Text(), "\n")
			holdsNothing(t, tab.Title(), text)
			if tab != History && !strings.Contains(strings.ToLower(text), "not verified") {
				t.Errorf("%s at %d does not say that nothing is verified:\n%s", tab.Title(), width, text)
			}
		}
		holdsNothing(t, "the preview", strings.Join(Preview(in, th), "\n"))
	}
	in := noTrust()
	in.Width = 140
	for tab, want := range map[Tab]string{
		Overview: "claimed: github.com/acme/http-client (unverified certificate)", Certificates: ".12", Log: "134822109",
		Statement: purl, Raw: "MIIGtTCCBjugAwIBAgIU", Publisher: "git+https://github.com/acme/http-client.git",
	} {
		if text := strings.Join(Render(tab, in, th).Text(), "\n"); !strings.Contains(text, want) {
			t.Errorf("%s does not show %q", tab.Title(), want)
		}
	}
}

// holdsNothing fails where a text claims that something is proven.
func holdsNothing(t *testing.T, where, text string) {
	t.Helper()
	if strings.Contains(text, "✓") || strings.Contains(text, "32m") {
		t.Errorf("%s shows something as proven:\n%s", where, text)
	}
}

// The link to the artifact is green only where an artifact was given and named.
func TestUnboundIsNotGreen(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{Color: true})
	for _, width := range []int{140, 80, 40} {
		in := unbound()
		in.Width = width
		p := newPage(in, th)
		_, links := custody(p, in.Report)
		seen := 0
		for _, l := range links {
			switch l.name {
			case "names", "artifact":
				seen++
				if l.state != verify.NotRun || l.vouch || l.says != notCompared {
					t.Errorf("%s: %v %q", l.name, l.state, l.says)
				}
			case "registry":
				t.Error("a file of evidence has a registry")
			default:
				if l.state != verify.Pass {
					t.Errorf("%s: %v %q, and it is proven", l.name, l.state, l.says)
				}
			}
		}
		if seen != 2 {
			t.Errorf("%d of 2 links are there", seen)
		}
		for _, tab := range Tabs() {
			if text := strings.Join(Render(tab, in, th).Text(), "\n"); strings.Contains(text, "✓ verified") || strings.Contains(text, "✓ the artifact") {
				t.Errorf("%s calls the file verified:\n%s", tab.Title(), text)
			}
		}
	}
	in := boundMessage()
	in.Width = 140
	_, links := custody(newPage(in, th), in.Report)
	for _, l := range links {
		if l.state != verify.Pass {
			t.Errorf("%s: %v %q, and the file was given", l.name, l.state, l.says)
		}
	}
}

func TestAgo(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "by this machine's clock in the future", 0: "just now", 59 * time.Second: "just now", time.Minute: "1 minute ago",
		119 * time.Minute: "119 minutes ago", 2 * time.Hour: "2 hours ago", 47 * time.Hour: "47 hours ago", 48 * time.Hour: "2 days ago", 400 * 24 * time.Hour: "400 days ago",
	} {
		if got := Ago(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// Evidence from a cache says how old it is, each piece of it; evidence that
// was fetched now says when.
func TestAge(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{})
	in := aged()
	in.Width = 120
	overview, raw := strings.Join(Render(Overview, in, th).Text(), "\n"), strings.Join(Render(Raw, in, th).Text(), "\n")
	if !strings.Contains(overview, "fetched 2026-04-12 10:11:09 UTC (20 days ago)") {
		t.Errorf("the overview does not say how old the evidence is:\n%s", overview)
	}
	pieces := 1 + len(in.Report.Artifacts[0].Attestations)
	if got := strings.Count(raw, "2026-04-12 10:11:09 UTC (20 days ago)"); got != pieces {
		t.Errorf("%d of %d pieces say how old they are:\n%s", got, pieces, raw)
	}
	in.Now = time.Time{}
	if raw := strings.Join(Render(Raw, in, th).Text(), "\n"); strings.Contains(raw, "ago") || strings.Count(raw, "2026-04-12 10:11:09 UTC") != pieces {
		t.Errorf("fetched now:\n%s", raw)
	}
}

// What was compared of the source beside the repository is said as what it is.
func TestComparedRef(t *testing.T) {
	t.Parallel()
	pub := &verify.Publisher{Ref: "refs/tags/v1.0.0", Commit: "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"}
	for _, tt := range []struct {
		row  verify.Comparison
		want string
	}{
		{verify.Comparison{}, "; no ref compared"},
		{verify.Comparison{Spec: "v1.0.0", Certificate: pub.Ref, Result: verify.ResultMatch}, " and ref"},
		{verify.Comparison{Spec: pub.Commit, Certificate: pub.Commit, Result: verify.ResultMatch}, " and commit"},
		{verify.Comparison{Spec: "c0ffee0", Certificate: pub.Ref, Result: verify.ResultOnly}, "; no ref compared"},
		{verify.Comparison{Spec: "v0.9.0", Certificate: pub.Ref, Result: verify.ResultDiffers}, ", but not its ref"},
	} {
		tt.row.Field = "ref"
		c := chain{r: &verify.Report{Comparison: []verify.Comparison{tt.row}}}
		if got := c.comparedRef(pub); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.row, got, tt.want)
		}
	}
}
