package review

import (
	"slices"
	"strings"
	"testing"

	"plimsoll/verify"
	"plimsoll/verify/history"
)

// provenance is the provenance section of a spec, of "key: value" lines; those of
// the publisher begin with a dot.
func provenance(lines ...string) string {
	var top, attestations, publisher []string
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "."):
			publisher = append(publisher, "      "+line[1:])
		case strings.HasPrefix(line, "available") || strings.HasPrefix(line, "verified"):
			attestations = append(attestations, "    "+line)
		default:
			top = append(top, "  "+line)
		}
	}
	if len(publisher) > 0 {
		attestations = append(append(attestations, "    publisher:"), publisher...)
	}
	if len(attestations) > 0 {
		top = append(append(top, "  attestations:"), attestations...)
	}
	if len(top) == 0 {
		return ""
	}
	return " \nprovenance:\n" + strings.Join(top, "\n")
}

// TestDemands holds which edits of what a spec demands are errors together with
// another version. Alone each is a warning; what is no edit is neither.
func TestDemands(t *testing.T) {
	t.Parallel()
	const uri, owner = "repository_uri: https://github.com/acme/x", ".repository: acme/x"
	list := func(lines ...string) []string { return lines }
	for _, tt := range []struct {
		name     string
		was, is  []string
		error    bool
		more     bool   // an information that the spec demands more
		observed string // in the finding
	}{
		{"nothing", nil, nil, false, false, ""},
		{"repository altered", list(uri), list("repository_uri: https://github.com/evil/x"), true, false, "https://github.com/evil/x"},
		{"repository dropped", list(uri), nil, true, false, "nothing"},
		{"repository in another spelling", list(uri), list("repository_uri: git+ssh://git@github.com/ACME/x.git"), false, false, ""},
		{"repository that cannot be read", list(uri), list("repository_uri: acme"), true, false, "acme"},
		{"a prefix is not the same", list(uri), list("repository_uri: https://github.com/acme/x-evil"), true, false, "x-evil"},
		{"another host is not the same", list(uri), list("repository_uri: https://gitlab.com/acme/x"), true, false, "gitlab.com"},
		{"publisher altered", list(owner), list(".repository: evil/x"), true, false, "evil/x"},
		{"publisher as an address", list(owner), list(".repository: https://github.com/Acme/X"), false, false, ""},
		{"publisher of another kind", list(".kind: GitHub", owner), list(".kind: GitLab", owner), true, false, "GitLab"},
		{"publisher on GitLab as an address", list(".kind: GitLab", ".repository: group/sub/x"), list(".kind: GitLab",
			".repository: https://gitlab.com/group/sub/x"), false, false, ""},
		{"publisher on GitLab altered", list(".kind: GitLab", ".repository: group/sub/x"), list(".kind: GitLab",
			".repository: group/x"), true, false, "group/x"},
		{"publisher moved to another host", list(".kind: GitLab", owner), list(".kind: GitLab",
			".repository: https://github.com/acme/x"), true, false, "github.com"},
		{"kind dropped", list(".kind: GitHub"), list(uri), true, true, "nothing"},
		{"publisher dropped", list("available: true", owner), list("available: true"), true, false, "nothing"},
		{"workflow altered", list(".workflow: release.yml"), list(".workflow: evil.yml"), true, false, "evil.yml"},
		{"workflow as a path", list(".workflow: release.yml"), list(".workflow: .github/workflows/release.yml"), false, false, ""},
		{"workflow in another folder", list(".workflow: release.yml"), list(".workflow: evil/release.yml"), true, false,
			"evil/release.yml"},
		{"attestations no longer available", list("available: true"), list("available: false"), true, false, "nothing"},
		{"attestations verified in place of available", list("available: true"), list("available: false", "verified: true"), false,
			false, ""},
		{"section dropped", list("available: true", "verified: true"), nil, true, false, "nothing"},
		{"issuer altered", list("cert_issuer: https://token.actions.githubusercontent.com"),
			list("cert_issuer: https://gitlab.com"), true, false, "gitlab"},
		{"issuer dropped", list("cert_issuer: https://gitlab.com"), nil, true, false, "nothing"},
		{"issuer accepted that was not", nil, list("cert_issuer: https://gitlab.evil.example"), true, false, "evil"},
		{"public issuer demanded", nil, list("cert_issuer: https://token.actions.githubusercontent.com"), false, true, "githubusercontent"},
		{"runner altered", list("runner_environment: github-hosted"), list("runner_environment: self-hosted"), true, false, "self-hosted"},
		{"runner dropped", list("runner_environment: github-hosted"), nil, true, false, "nothing"},
		{"signer altered", list("signer_identity: https://github.com/acme/x/.github/workflows/r.yml@refs/tags/v1"),
			list("signer_identity: https://github.com/evil/x/.github/workflows/r.yml@refs/tags/v1"), true, false, "evil"},
		{"signer of the new tag", list("signer_identity: https://github.com/acme/x/.github/workflows/r.yml@refs/tags/v1"),
			list("signer_identity: https://github.com/acme/x/.github/workflows/r.yml@refs/tags/v2"), false, false, ""},
		{"signer of a branch", list("signer_identity: https://github.com/acme/x/.github/workflows/r.yml@refs/tags/v1"),
			list("signer_identity: https://github.com/acme/x/.github/workflows/r.yml@refs/heads/evil"), true, false, "evil"},
		{"signer dropped", list("signer_identity: a@acme.example"), nil, true, false, "nothing"},
		{"ref altered", list("repository_ref: refs/tags/v1"), list("repository_ref: refs/tags/v2"), false, false, ""},
		{"ref dropped", list("repository_ref: refs/tags/v1"), nil, false, false, ""},
		{"sigstore's address altered", list("sigstore_url: https://a.example"), list("sigstore_url: https://b.example"), false, false, ""},
		{"demands added", nil, list(uri, "available: true", owner), false, true,
			"source repository https://github.com/acme/x, attestations available, publisher acme/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			report := func() *verify.Report { return attested(publisher("acme/x", "1")) }
			for _, version := range []string{"1.0.1", "1.0.0"} {
				is := "a:x@" + version + provenance(tt.is...)
				if version == "1.0.0" {
					is += " \n# edited"
				}
				c := change(t, "npx", "a:x@1.0.0"+provenance(tt.was...), is, report(), report())
				for _, side := range []*Side{c.Before, c.After} {
					if side.Spec.Err != nil {
						t.Fatal(side.Spec.Err)
					}
				}
				c.Judge(nil)
				var want []string
				severity, verdict := "error ", verify.VerdictPass
				switch {
				case !tt.error:
				case version == "1.0.1":
					verdict = verify.VerdictFail
				default:
					severity = "warning "
				}
				if tt.error {
					want = append(want, severity+ruleExpectation)
				}
				if tt.more {
					want = append(want, "info "+ruleExpectation)
				}
				got := told(c.Findings)
				if !slices.Equal(slices.Compact(got), want) || c.Verdict != verdict {
					t.Errorf("to %s: verdict %v, findings %+v, want %q", version, c.Verdict, c.Findings, want)
				}
				if len(c.Findings) > 0 && !strings.Contains(c.Findings[0].Observed, tt.observed) {
					t.Errorf("observed %q, want %q in it", c.Findings[0].Observed, tt.observed)
				}
			}
		})
	}
}

// TestDemandsOfRenamed holds that a spec may follow a repository to its new name,
// if both certificates prove that it is the same, and nowhere else.
func TestDemandsOfRenamed(t *testing.T) {
	t.Parallel()
	uri := func(name string) string {
		return provenance("repository_uri: https://github.com/"+name, ".kind: GitHub", ".repository: "+name)
	}
	for _, tt := range []struct {
		name    string
		then    *verify.Publisher
		now     *verify.Publisher
		is      string
		verdict verify.Verdict
	}{
		{"followed", publisher("acme/x", "1"), publisher("acme/y", "1"), "acme/y", verify.VerdictPass},
		{"to another name than the proven one", publisher("acme/x", "1"), publisher("acme/y", "1"), "acme/z", verify.VerdictFail},
		{"another repository", publisher("acme/x", "1"), publisher("acme/y", "2"), "acme/y", verify.VerdictFail},
		{"without a number", publisher("acme/x", ""), publisher("acme/y", ""), "acme/y", verify.VerdictFail},
		{"the base demanded another", publisher("acme/old", "1"), publisher("acme/y", "1"), "acme/y", verify.VerdictFail},
	} {
		c := change(t, "npx", "a:x@1.0.0"+uri("acme/x"), "a:x@1.0.1"+uri(tt.is), attested(tt.then), attested(tt.now))
		c.Judge(nil)
		if c.Verdict != tt.verdict {
			t.Errorf("%s: verdict %v (publisher %v), findings %+v", tt.name, c.Verdict, c.Publisher, c.Findings)
		}
		if c.Verdict == verify.VerdictPass && (c.Publisher != history.PublisherRenamed || !slices.Equal(told(c.Findings),
			[]string{"warning review.expectation", "warning review.expectation"})) {
			t.Errorf("%s: publisher %v, findings %q", tt.name, c.Publisher, told(c.Findings))
		}
	}
}

// TestDemandsOfMoved holds that a spec that moves, or that comes beside the one
// that its package has, must demand what that one does.
func TestDemandsOfMoved(t *testing.T) {
	t.Parallel()
	demanding := "a:x@1.0.0" + provenance("available: true", ".repository: acme/x")
	for _, tt := range []struct {
		name string
		head map[string]string
		want string
	}{
		{"moved and dropped", map[string]string{"npx/b": "b:x@1.0.1"}, "bumped"},
		{"beside it", map[string]string{"npx/a": demanding, "npx/b": "b:x@1.0.1"}, "added"},
		{"beside it, of the same version", map[string]string{"npx/a": demanding, "npx/b": "b:x@1.0.0"}, "added"},
	} {
		changes := Pair(specs(t, map[string]string{"npx/a": demanding}), specs(t, tt.head))
		if len(changes) != 1 {
			t.Fatalf("%s: got %d changes, want 1", tt.name, len(changes))
		}
		c := &changes[0]
		c.Before, c.After = &Side{c.Before.Spec, attested(publisher("acme/x", "1"))}, &Side{c.After.Spec,
			attested(publisher("acme/x", "1"))}
		c.Judge(nil)
		if c.Kind.String() != tt.want || c.From != "npx/a/spec.yaml" || c.Verdict != verify.VerdictFail {
			t.Errorf("%s: %v from %q, verdict %v", tt.name, c.Kind, c.From, c.Verdict)
		}
	}
}

// TestInstall holds that what is installed or started otherwise is told, in an
// edit as in a bump, and that a reason is none of it.
func TestInstall(t *testing.T) {
	t.Parallel()
	const override = "  overrides: [{package: ws, version: 8.0.0, reason: a}]"
	for _, tt := range []struct {
		name, was, is string
		want          []string // parts of what is observed
	}{
		{"nothing", "", "", nil},
		{"an override", "", override, []string{"ws 8.0.0"}},
		{"another version", override, strings.Replace(override, "8.0.0", "9.0.0", 1), []string{"ws 9.0.0"}},
		{"another reason", override, strings.Replace(override, "reason: a", "reason: b", 1), nil},
		{"an override dropped", override, "", []string{"none"}},
		{"a constraint", "", "  constraints: [{spec: 'mcp<2'}]", []string{"mcp<2"}},
		{"arguments and environment", "  args: [a]", "  args: [a, --unsafe]\n  env: {NODE_OPTIONS: x}", []string{"a, --unsafe",
			"NODE_OPTIONS=x"}},
	} {
		for _, version := range []string{"1.0.1", "1.0.0"} {
			c := change(t, "npx", "a:x@1.0.0 "+tt.was, "a:x@"+version+" "+tt.is+"\n# edited", signed(), signed())
			c.Judge(nil)
			if c.Verdict != verify.VerdictPass || len(c.Findings) != len(tt.want) {
				t.Errorf("%s: verdict %v, findings %+v", tt.name, c.Verdict, c.Findings)
				continue
			}
			for i, f := range c.Findings {
				if f.Rule != ruleInstall || f.Severity != verify.Warning || f.Observed != tt.want[i] {
					t.Errorf("%s: got %+v, want %q", tt.name, f, tt.want[i])
				}
			}
		}
	}
}
