package review

import (
	"cmp"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

// demand is something that a spec demands to be proven of its package, and so
// what a change must not edit together with the version. A ref is none: every
// release has its own.
type demand struct {
	what string
	of   func(*catalog.Spec) untrusted.Text // "" demands nothing
	same func(was, is *catalog.Spec, a, b untrusted.Text) bool
}

var demands = []demand{
	{"the source repository", func(s *catalog.Spec) untrusted.Text { return s.Provenance.RepositoryURI }, sameRepository},
	{"attestations", func(s *catalog.Spec) untrusted.Text {
		if a := s.Provenance.Attestations; a != nil && (a.Available || a.Verified) {
			return "available"
		}
		return ""
	}, exact},
	{"the kind of publisher", func(s *catalog.Spec) untrusted.Text { return publisherOf(s).Kind }, exact},
	{"the publisher", func(s *catalog.Spec) untrusted.Text { return publisherOf(s).Repository }, sameOwnerName},
	{"the workflow", func(s *catalog.Spec) untrusted.Text { return publisherOf(s).Workflow }, sameWorkflow},
	{"the signer", func(s *catalog.Spec) untrusted.Text { return s.Provenance.SignerIdentity }, sameSigner},
	{"the issuer", func(s *catalog.Spec) untrusted.Text { return s.Provenance.CertIssuer }, exact},
	{"the runner", func(s *catalog.Spec) untrusted.Text { return s.Provenance.RunnerEnvironment }, exact},
}

func publisherOf(s *catalog.Spec) catalog.Publisher {
	if a := s.Provenance.Attestations; a != nil && a.Publisher != nil {
		return *a.Publisher
	}
	return catalog.Publisher{}
}

// compareDemands holds what the head's spec demands against what the base's does.
// Together with another version a demand that went or changed is an error: the
// head could demand whatever it has. Alone it must still be met.
func (c *Change) compareDemands() (found []verify.Finding) {
	var more []string
	was, is := &c.Before.Spec, &c.After.Spec
	for _, d := range demands {
		a, b := d.of(was), d.of(is)
		f := finding(ruleExpectation, "", a.String(), cmp.Or(b.String(), "nothing"))
		if !c.moves() {
			f.Severity = verify.Warning
		}
		switch {
		case a == b, a != "" && b != "" && d.same(was, is, a, b):
			continue
		case b == "":
			f.Message = "the change no longer demands " + d.what
		case a != "":
			f.Message = "the change alters " + d.what + " that the spec demands"
			if c.renames(a, b) {
				f.Severity = verify.Warning
				f.Message += ": the repository was renamed, as its number proves"
			}
		case d.what == "the issuer" && !verify.PublicIssuer(b):
			// To name it accepts it.
			f.Message, f.Expected = "the change accepts an issuer that was not accepted before", "an issuer of public identities"
		default:
			more = append(more, strings.TrimPrefix(d.what, "the ")+" "+b.String())
			continue
		}
		found = append(found, f)
	}
	if len(more) > 0 {
		found = append(found, verify.Finding{Rule: ruleExpectation, Severity: verify.Info,
			Message: "the spec demands more than before", Observed: strings.Join(more, ", ")})
	}
	return found
}

// moves reports whether another release is installed from the spec than before.
func (c *Change) moves() bool { return c.Kind == Bumped || c.Kind == Replaced || c.Kind == Added }

// renames reports whether a demand follows a repository from its name before to
// its name now, and both certificates prove that it is the same one.
func (c *Change) renames(was, is untrusted.Text) bool {
	then, now := c.Before.Report.Publisher, c.After.Report.Publisher
	return c.Publisher == history.PublisherRenamed && then != nil && now != nil &&
		named(was, then.Repository) && named(is, now.Repository)
}

// named reports whether a demand names a repository, by its address or as
// owner/name.
func named(demanded, repository untrusted.Text) bool {
	repo, ok := verify.ParseRepository(string(repository))
	return ok && sameAt(repo.Host, demanded, repository)
}

func exact(_, _ *catalog.Spec, a, b untrusted.Text) bool { return a == b }

func sameRepository(_, _ *catalog.Spec, a, b untrusted.Text) bool {
	return verify.SameRepository(string(a), string(b))
}

// sameOwnerName compares repositories of publishers, which are owner/name on the
// host of their kind.
func sameOwnerName(was, is *catalog.Spec, a, b untrusted.Text) bool {
	if publisherOf(was).Kind != publisherOf(is).Kind {
		return false // the same words on another host
	}
	host := "github.com"
	if publisherOf(was).Kind == "GitLab" {
		host = "gitlab.com"
	}
	return sameAt(host, a, b)
}

func sameAt(host string, a, b untrusted.Text) bool {
	ra, ok := verify.RepositoryAt(host, string(a))
	rb, also := verify.RepositoryAt(host, string(b))
	return ok && also && verify.SameRepository("https://"+ra.String(), "https://"+rb.String())
}

func sameWorkflow(_, _ *catalog.Spec, a, b untrusted.Text) bool {
	const folder = ".github/workflows/"
	return strings.TrimPrefix(string(a), folder) == strings.TrimPrefix(string(b), folder)
}

// sameSigner compares subject alternative names: that of a workflow ends in the
// tag of the release, which every release has its own of.
func sameSigner(_, _ *catalog.Spec, a, b untrusted.Text) bool {
	before, tag, ok := strings.Cut(string(a), "@refs/tags/")
	after, newTag, also := strings.Cut(string(b), "@refs/tags/")
	return ok && also && before == after && tag != "" && newTag != ""
}
