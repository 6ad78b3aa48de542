package history

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/statement"
)

const acme = "https://github.com/acme/x"

// release is a publisher as GitHub's certificates name one.
func release() verify.Publisher {
	return verify.Publisher{
		Kind: "GitHub", Issuer: "https://token.actions.githubusercontent.com", Repository: acme, RepositoryID: "12", OwnerID: "3",
		Workflow: ".github/workflows/release.yml", WorkflowURI: acme + "/.github/workflows/release.yml@refs/tags/v1.0.0",
		Signer: acme + "/.github/workflows/release.yml@refs/tags/v1.0.0", Runner: "github-hosted", Trigger: "push",
	}
}

// moved is release from another place, with the same path of the workflow.
func moved(repository untrusted.Text) verify.Publisher {
	p := release()
	p.Repository = repository
	p.WorkflowURI = repository + "/.github/workflows/release.yml@refs/tags/v1.1.0"
	p.Signer = p.WorkflowURI
	return p
}

func TestComparePublishers(t *testing.T) {
	t.Parallel()
	with := func(p verify.Publisher, change func(*verify.Publisher)) *verify.Publisher {
		change(&p)
		return &p
	}
	here := func(change func(*verify.Publisher)) *verify.Publisher { return with(release(), change) }
	old := func(p *verify.Publisher) {
		p.RepositoryID, p.OwnerID, p.Runner, p.Deprecated = "", "", "", true
	}
	same := here(func(*verify.Publisher) {})
	person := func(address untrusted.Text) *verify.Publisher {
		return &verify.Publisher{Kind: "Google", Issuer: "https://accounts.google.com", Signer: address, Email: address}
	}
	project := func(p *verify.Publisher) {
		p.Kind, p.Issuer, p.Runner = "GitLab", "https://gitlab.com", "gitlab-hosted"
	}
	const generator = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_nodejs_slsa3.yml"
	for _, tt := range []struct {
		name      string
		then, now *verify.Publisher
		change    PublisherChange
		differ    string
	}{
		{"nobody twice", nil, nil, PublisherNone, ""},
		{"nobody any more", same, nil, PublisherNone, ""},
		{"somebody for the first time", nil, same, PublisherFirst, ""},
		{"the same", same, same, PublisherSame, ""},
		{"another tag", same, with(moved(acme), func(p *verify.Publisher) { p.Ref, p.Commit, p.Run = "refs/tags/v1.1.0", "c", "r" }), PublisherSame, ""},
		{"a tag that holds an @", same, here(func(p *verify.Publisher) {
			p.Signer = acme + "/.github/workflows/release.yml@refs/tags/@acme/x@1.2.0"
		}), PublisherSame, ""},
		{"other letters", same, with(moved("https://github.com/Acme/X"), func(*verify.Publisher) {}), PublisherSame, ""},
		{"renamed", same, with(moved("https://github.com/acme/y"), func(*verify.Publisher) {}), PublisherRenamed, ""},
		{"the owner renamed", same, with(moved("https://github.com/acme-inc/x"), func(*verify.Publisher) {}), PublisherRenamed, ""},
		{"transferred", same, with(moved("https://github.com/evil/x"), func(p *verify.Publisher) { p.OwnerID = "66" }), PublisherTransferred, ""},
		{"another owner under the same name", same, here(func(p *verify.Publisher) { p.OwnerID = "66" }), PublisherTransferred, ""},
		{"re-created", same, here(func(p *verify.Publisher) { p.RepositoryID = "13" }), PublisherRecreated, ""},
		{"re-created by another owner", same, here(func(p *verify.Publisher) { p.RepositoryID, p.OwnerID = "13", "66" }), PublisherRecreated, ""},
		{"the same workflow path from another repository", same,
			with(moved("https://github.com/evil/x"), func(p *verify.Publisher) { p.RepositoryID, p.OwnerID = "99", "66" }), PublisherChanged, ""},
		{"another repository of the same owner", same,
			with(moved("https://github.com/acme/fork"), func(p *verify.Publisher) { p.RepositoryID = "99" }), PublisherChanged, ""},
		{"a name that begins alike", same, with(moved("https://github.com/acme/x-evil"), func(p *verify.Publisher) { p.RepositoryID = "99" }), PublisherChanged, ""},
		{"the same numbers on another host", same, with(moved("https://gitlab.com/acme/x"), project), PublisherChanged, ""},
		{"the same numbers on an enterprise's host", same, with(moved("https://acme.ghe.com/acme/x"), func(p *verify.Publisher) {
			p.Issuer = "https://token.actions.acme.ghe.com"
		}), PublisherChanged, "issuer: https://token.actions.githubusercontent.com → https://token.actions.acme.ghe.com"},
		{"no number before", here(old), same, PublisherSameName, ""},
		{"no number now", same, here(old), PublisherSameName, "runner: github-hosted → "},
		{"no number twice", here(old), here(old), PublisherSameName, ""},
		{"no number and another name", here(old), with(moved("https://github.com/acme/y"), old), PublisherChanged, ""},
		{"no number of the repository, and another owner", here(func(p *verify.Publisher) { p.RepositoryID = "" }),
			here(func(p *verify.Publisher) { p.OwnerID = "66" }), PublisherTransferred, ""},
		{"no repository any more", same, here(func(p *verify.Publisher) { p.Repository = "" }), PublisherChanged, ""},
		{"no repository twice", here(func(p *verify.Publisher) { p.Repository = "" }), here(func(p *verify.Publisher) { p.Repository = "" }), PublisherChanged, ""},
		{"another workflow", same, here(func(p *verify.Publisher) {
			p.Workflow, p.WorkflowURI = ".github/workflows/test.yml", acme+"/.github/workflows/test.yml@refs/heads/main"
			p.Signer = p.WorkflowURI
		}), PublisherSame, "workflow: .github/workflows/release.yml → .github/workflows/test.yml"},
		{"a workflow that another repository holds", same, here(func(p *verify.Publisher) {
			p.Workflow, p.WorkflowURI = "", "https://github.com/acme/ci/.github/workflows/all.yml@refs/heads/main"
			p.Signer = p.WorkflowURI
		}), PublisherSame, "workflow: .github/workflows/release.yml → https://github.com/acme/ci/.github/workflows/all.yml"},
		{"a workflow that no old certificate names", here(func(p *verify.Publisher) {
			p.Workflow, p.WorkflowURI, p.Signer = "", "", generator+"@refs/tags/v1.2.0"
		}), here(func(p *verify.Publisher) { p.Signer = generator + "@refs/tags/v1.2.1" }), PublisherSame, ""},
		{"another reusable workflow", here(func(p *verify.Publisher) { p.Signer = generator + "@refs/tags/v1.2.0" }),
			here(func(p *verify.Publisher) {
				p.Signer = "https://github.com/evil/ci/.github/workflows/builder.yml@refs/heads/main"
			}),
			PublisherSame, "signer: " + generator + " → https://github.com/evil/ci/.github/workflows/builder.yml"},
		{"no reusable workflow any more", here(func(p *verify.Publisher) { p.Signer = generator + "@refs/tags/v1.2.0" }), same,
			PublisherSame, "signer: " + generator + " → " + acme + "/.github/workflows/release.yml"},
		{"another version of the reusable workflow", here(func(p *verify.Publisher) { p.Signer = generator + "@refs/tags/v1.2.0" }),
			here(func(p *verify.Publisher) { p.Signer = generator + "@refs/tags/v2.0.0" }), PublisherSame, ""},
		{"an enterprise's own issuer", same, here(func(p *verify.Publisher) { p.Issuer += "/acme" }), PublisherSame,
			"issuer: https://token.actions.githubusercontent.com → https://token.actions.githubusercontent.com/acme"},
		{"runner and trigger", same, here(func(p *verify.Publisher) { p.Runner, p.Trigger = "self-hosted", "pull_request_target" }), PublisherSame,
			"runner: github-hosted → self-hosted, trigger: push → pull_request_target"},
		{"the same person", person("a@b.test"), person("a@b.test"), PublisherSame, ""},
		{"another person", person("a@b.test"), person("c@b.test"), PublisherChanged, ""},
		{"a person in place of a workflow", same, person("a@b.test"), PublisherChanged, ""},
		{"a workflow in place of a person", person("a@b.test"), same, PublisherChanged, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			change, differences := ComparePublishers(tt.then, tt.now)
			if change != tt.change || list(differences) != tt.differ {
				t.Errorf("got %v, %q; want %v, %q", change, list(differences), tt.change, tt.differ)
			}
		})
	}
}

func list(differences []Difference) string {
	var out []string
	for _, d := range differences {
		out = append(out, fmt.Sprintf("%s: %v → %v", d.What, d.Then, d.Now))
	}
	return strings.Join(out, ", ")
}

func TestNamesOfPublisherChanges(t *testing.T) {
	t.Parallel()
	for change, want := range map[PublisherChange]struct {
		name    string
		changed bool
	}{
		PublisherUnknown: {"unknown", false}, PublisherNone: {"none", false}, PublisherFirst: {"first", false}, PublisherSame: {"same", false},
		PublisherSameName: {"same", false}, PublisherRenamed: {"renamed", false}, PublisherTransferred: {"changed", true},
		PublisherRecreated: {"changed", true}, PublisherChanged: {"changed", true},
	} {
		if name := change.Name(); name != want.name || change.Changed() != want.changed || change.String() == "" {
			t.Errorf("%d: %s, %v, %q", change, name, change.Changed(), change.String())
		}
	}
	if got := PublisherChange(99).Name(); got != "unknown" {
		t.Errorf("no change: %s", got)
	}
}

// file is one file of a release and what verified of it: s a signature, a
// publish attestation of npm, p of PyPI, b provenance; x what does not count.
func file(by *verify.Publisher, has string) verify.ArtifactReport {
	art := verify.ArtifactReport{Status: verify.None}
	for _, mark := range has {
		att := verify.Attestation{Status: verify.Verified}
		switch mark {
		case 's':
			art.Signatures = append(art.Signatures, verify.Signature{Status: verify.Verified})
			continue
		case 'a':
			att.Kind, att.PredicateType = verify.KindPublish, statement.NPMPublish
		case 'p':
			att.Kind, att.PredicateType, att.Publisher = verify.KindProvenance, statement.PyPIPublish, by
		case 'b':
			att.Kind, att.PredicateType, att.Publisher = verify.KindProvenance, statement.ProvenanceV1, by
		case 'x':
			att.Kind, att.Publisher = verify.KindStatement, by
		}
		art.Attestations = append(art.Attestations, att)
	}
	switch {
	case strings.ContainsAny(has, "pb"):
		art.Status = verify.Verified
	case strings.ContainsAny(has, "sa"):
		art.Status = verify.Signed
	}
	return art
}

// published is a release whose files have what each word says.
func published(by *verify.Publisher, files string) *verify.Report {
	r := &verify.Report{Status: verify.Verified}
	for _, has := range strings.Fields(files) {
		r.Artifacts = append(r.Artifacts, file(by, has))
	}
	return r
}

func TestCompareReleases(t *testing.T) {
	t.Parallel()
	own, evil, tester := release(), moved("https://github.com/evil/x"), release()
	evil.RepositoryID, evil.OwnerID = "99", "66"
	tester.Trigger = "workflow_dispatch"
	join := func(reports ...*verify.Report) *verify.Report {
		out := &verify.Report{Status: verify.Verified}
		for _, r := range reports {
			out.Artifacts = append(out.Artifacts, r.Artifacts...)
		}
		return out
	}
	broken := published(&own, "b")
	broken.Artifacts[0].Status = verify.Invalid
	for _, tt := range []struct {
		name      string
		then, now *verify.Report
		change    PublisherChange
		differ    string
	}{
		{"nothing was checked", nil, published(&own, "b"), PublisherUnknown, ""},
		{"nothing is checked", published(&own, "b"), &verify.Report{}, PublisherUnknown, ""},
		{"does not verify", published(&own, "b"), broken, PublisherUnknown, ""},
		{"nobody", published(nil, "s"), published(nil, "s"), PublisherNone, ""},
		{"lost", published(&own, "b"), published(nil, "s"), PublisherNone, ""},
		{"gained", published(nil, "s"), published(&own, "b"), PublisherFirst, ""},
		{"the same", published(&own, "p pb"), published(&own, "pb p"), PublisherSame, ""},
		{"the second file is another's", published(&own, "p p"), join(published(&own, "p"), published(&evil, "p")), PublisherChanged, ""},
		{"the first file is another's", published(&own, "p p"), join(published(&evil, "p"), published(&own, "p")), PublisherChanged, ""},
		{"two publishers before, one now", join(published(&own, "p"), published(&evil, "p")), published(&evil, "p"), PublisherSame, ""},
		{"two publishers twice", join(published(&own, "p"), published(&tester, "p")), join(published(&tester, "p"), published(&own, "p")), PublisherSame, ""},
		{"one file by another trigger", published(&own, "p p"), join(published(&own, "p"), published(&tester, "p p")), PublisherSame, "trigger: push → workflow_dispatch"},
		{"another type of statement by another", published(&own, "b"), join(published(&own, "b"), published(&evil, "sx")), PublisherSame, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			change, differences := CompareReleases(tt.then, tt.now)
			if change != tt.change || list(differences) != tt.differ {
				t.Errorf("got %v, %q; want %v, %q", change, list(differences), tt.change, tt.differ)
			}
		})
	}
}
