package statement

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
)

const (
	sha      = "3f9ac1e0d3f9ac1e0d3f9ac1e0d3f9ac1e0d3f9a"
	otherSHA = "0000000000000000000000000000000000000001"
)

// As npm 9.4 wrote it: the entry point with repository and ref.
const npmGitHubV02 = `{
  "buildType": "https://github.com/npm/cli/gha@v0",
  "builder": {"id": "https://github.com/npm/cli@9.4.2"},
  "invocation": {
    "configSource": {
      "uri": "git+https://github.com/acme/http@refs/tags/@acme/http@2.0.0",
      "digest": {"sha1": "` + sha + `"},
      "entryPoint": "acme/http/.github/workflows/release.yml@refs/tags/@acme/http@2.0.0"
    },
    "parameters": {},
    "environment": {
      "GITHUB_EVENT_NAME": "release",
      "GITHUB_REF": "refs/tags/@acme/http@2.0.0",
      "GITHUB_REPOSITORY": "acme/http",
      "GITHUB_REPOSITORY_ID": "11",
      "GITHUB_REPOSITORY_OWNER_ID": "22",
      "GITHUB_RUN_ATTEMPT": "2",
      "GITHUB_RUN_ID": "33",
      "GITHUB_SHA": "` + sha + `",
      "GITHUB_WORKFLOW_REF": "acme/http/.github/workflows/release.yml@refs/tags/@acme/http@2.0.0"
    }
  },
  "metadata": {"buildInvocationId": "33-2", "reproducible": false},
  "materials": [{"uri": "git+https://github.com/acme/http", "digest": {"sha1": "` + sha + `"}}]
}`

const npmGitLabV02 = `{
  "buildType": "https://github.com/npm/cli/gitlab/v0alpha1",
  "builder": {"id": "https://gitlab.com/acme/sub/http/-/runners/1"},
  "invocation": {
    "configSource": {"uri": "git+https://gitlab.com/acme/sub/http", "digest": {"sha1": "` + sha + `"}, "entryPoint": "publish-job"},
    "parameters": {
      "CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_SHA": "` + sha + `",
      "CI_CONFIG_PATH": ".gitlab-ci.yml", "CI_JOB_URL": "https://gitlab.com/acme/sub/http/-/jobs/5",
      "CI_PIPELINE_SOURCE": "push", "CI_PROJECT_ID": "7", "CI_PROJECT_NAMESPACE_ID": "8",
      "CI_PROJECT_URL": "https://gitlab.com/acme/sub/http"
    },
    "environment": {"name": "runner", "job": {"id": "5"}}
  },
  "metadata": {"buildInvocationId": "https://gitlab.com/acme/sub/http/-/jobs/5"},
  "materials": [{"uri": "git+https://gitlab.com/acme/sub/http", "digest": {"sha1": "` + sha + `"}}]
}`

const workflowV1 = `{
  "buildDefinition": {
    "buildType": "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
    "externalParameters": {"workflow": {"ref": "refs/tags/v2", "repository": "https://github.com/acme/http", "path": ".github/workflows/release.yml"}},
    "internalParameters": {"github": {"event_name": "push", "repository_id": "11", "repository_owner_id": "22"}},
    "resolvedDependencies": [
      {"uri": "git+https://github.com/acme/http@refs/tags/v2", "digest": {"gitCommit": "` + sha + `"}},
      {"uri": "git+https://github.com/acme/other@refs/heads/main", "digest": {"gitCommit": "` + otherSHA + `"}}
    ]
  },
  "runDetails": {
    "builder": {"id": "https://github.com/actions/runner/github-hosted"},
    "metadata": {"invocationId": "https://github.com/acme/http/actions/runs/33/attempts/2"}
  }
}`

func mustProvenance(t *testing.T, predicateType, predicate string) *Provenance {
	t.Helper()
	s, err := Parse(build(predicateType, predicate))
	if err != nil {
		t.Fatal(err)
	}
	if s.Provenance == nil {
		t.Fatal("no provenance was decoded")
	}
	return s.Provenance
}

// fields returns p without its lists.
func fields(p *Provenance) Provenance {
	flat := *p
	flat.Also, flat.Materials = nil, nil
	return flat
}

func TestProvenanceFields(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		predicateType, predicate string
		want                     Provenance
		materials                int
	}{
		"npm on GitHub, v0.2": {ProvenanceV02, npmGitHubV02, Provenance{
			BuildType: "https://github.com/npm/cli/gha@v0", BuilderID: "https://github.com/npm/cli@9.4.2",
			Repository: "https://github.com/acme/http", Ref: "refs/tags/@acme/http@2.0.0", Commit: sha,
			Workflow: ".github/workflows/release.yml", Trigger: "release", RepositoryID: "11", OwnerID: "22",
			Run: "https://github.com/acme/http/actions/runs/33/attempts/2",
		}, 1},
		"npm on GitLab, v0.2": {ProvenanceV02, npmGitLabV02, Provenance{
			BuildType: "https://github.com/npm/cli/gitlab/v0alpha1", BuilderID: "https://gitlab.com/acme/sub/http/-/runners/1",
			Repository: "https://gitlab.com/acme/sub/http", Ref: "refs/heads/main", Commit: sha,
			Workflow: ".gitlab-ci.yml", Trigger: "push", RepositoryID: "7", OwnerID: "8",
			Run: "https://gitlab.com/acme/sub/http/-/jobs/5",
		}, 1},
		"workflow, v1": {ProvenanceV1, workflowV1, Provenance{
			BuildType: buildWorkflowV1, BuilderID: "https://github.com/actions/runner/github-hosted",
			Repository: "https://github.com/acme/http", Ref: "refs/tags/v2", Commit: sha,
			Workflow: ".github/workflows/release.yml", Trigger: "push", RepositoryID: "11", OwnerID: "22",
			Run: "https://github.com/acme/http/actions/runs/33/attempts/2",
		}, 2},
		"empty v0.2": {ProvenanceV02, "{}", Provenance{}, 0},
		"empty v1":   {ProvenanceV1, "{}", Provenance{}, 0},
		"nulls are silence": {ProvenanceV1, `{"buildDefinition":{"externalParameters":null,"resolvedDependencies":null},"runDetails":null}`,
			Provenance{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustProvenance(t, test.predicateType, test.predicate)
			if got := fields(p); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
			if len(p.Materials) != test.materials {
				t.Errorf("%d materials, want %d", len(p.Materials), test.materials)
			}
		})
	}
}

// Every place that states a value has to be found: each case changes one place
// of a consistent predicate and expects the lie among the claims.
func TestContradictionsAreClaims(t *testing.T) {
	t.Parallel()
	const lie = "https://github.com/mallory/http"
	for name, test := range map[string]struct {
		predicateType, predicate string
		from, to                 string
		want                     Claim
	}{
		"v0.2 source": {ProvenanceV02, npmGitHubV02, `git+https://github.com/acme/http@`, `git+` + lie + `@`,
			Claim{FieldRepository, "invocation.configSource.uri", lie}},
		"v0.2 source ref": {ProvenanceV02, npmGitHubV02, `http@refs/tags/@acme/http@2.0.0`, `http@refs/heads/x`,
			Claim{FieldRef, "invocation.configSource.uri", "refs/heads/x"}},
		"v0.2 source commit": {ProvenanceV02, npmGitHubV02, sha, otherSHA,
			Claim{FieldCommit, "invocation.configSource.digest.sha1", otherSHA}},
		"v0.2 entry point repository": {ProvenanceV02, npmGitHubV02, `"acme/http/.github`, `"mallory/http/.github`,
			Claim{FieldRepository, "invocation.configSource.entryPoint", lie}},
		"v0.2 entry point path": {ProvenanceV02, npmGitHubV02, `release.yml`, `evil.yml`,
			Claim{FieldWorkflow, "invocation.configSource.entryPoint", ".github/workflows/evil.yml"}},
		"v0.2 repository": {ProvenanceV02, npmGitHubV02, `"GITHUB_REPOSITORY": "acme/http"`, `"GITHUB_REPOSITORY": "mallory/http"`,
			Claim{FieldRepository, "invocation.environment.GITHUB_REPOSITORY", lie}},
		"v0.2 repository in the run": {ProvenanceV02, npmGitHubV02, `"GITHUB_REPOSITORY": "acme/http"`, `"GITHUB_REPOSITORY": "mallory/http"`,
			Claim{FieldRun, "invocation.environment.GITHUB_RUN_ID", lie + "/actions/runs/33/attempts/2"}},
		"v0.2 ref": {ProvenanceV02, npmGitHubV02, `"GITHUB_REF": "refs/tags/@acme/http@2.0.0"`, `"GITHUB_REF": "refs/heads/x"`,
			Claim{FieldRef, "invocation.environment.GITHUB_REF", "refs/heads/x"}},
		"v0.2 sha": {ProvenanceV02, npmGitHubV02, `"GITHUB_SHA": "` + sha, `"GITHUB_SHA": "` + otherSHA,
			Claim{FieldCommit, "invocation.environment.GITHUB_SHA", otherSHA}},
		"v0.2 workflow ref": {ProvenanceV02, npmGitHubV02, `"GITHUB_WORKFLOW_REF": "acme/http/.github/workflows/release.yml`, `"GITHUB_WORKFLOW_REF": "acme/http/.github/workflows/x@y.yml`,
			Claim{FieldWorkflow, "invocation.environment.GITHUB_WORKFLOW_REF", ".github/workflows/x@y.yml"}},
		"v0.2 event": {ProvenanceV02, npmGitHubV02, `"release"`, `"push"`,
			Claim{FieldTrigger, "invocation.environment.GITHUB_EVENT_NAME", "push"}},
		"v0.2 repository id": {ProvenanceV02, npmGitHubV02, `"11"`, `"12"`,
			Claim{FieldRepositoryID, "invocation.environment.GITHUB_REPOSITORY_ID", "12"}},
		"v0.2 owner id": {ProvenanceV02, npmGitHubV02, `"22"`, `"23"`,
			Claim{FieldOwnerID, "invocation.environment.GITHUB_REPOSITORY_OWNER_ID", "23"}},
		"v0.2 invocation": {ProvenanceV02, npmGitHubV02, `"33-2"`, `"34-1"`,
			Claim{FieldRun, "metadata.buildInvocationId", "https://github.com/acme/http/actions/runs/34/attempts/1"}},
		"v0.2 material": {ProvenanceV02, npmGitHubV02, `"uri": "git+https://github.com/acme/http",`, `"uri": "git+` + lie + `",`,
			Claim{FieldRepository, "materials[0].uri", lie}},
		"GitLab project": {ProvenanceV02, npmGitLabV02, `"CI_PROJECT_URL": "https://gitlab.com/acme/sub/http"`, `"CI_PROJECT_URL": "https://gitlab.com/mallory/http"`,
			Claim{FieldRepository, "invocation.parameters.CI_PROJECT_URL", "https://gitlab.com/mallory/http"}},
		"GitLab tag": {ProvenanceV02, npmGitLabV02, `"CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main"`, `"CI_COMMIT_REF_NAME": "v1"`,
			Claim{FieldRef, "invocation.parameters.CI_COMMIT_REF_NAME", "refs/tags/v1"}},
		"GitLab source at a commit": {ProvenanceV02, npmGitLabV02, `git+https://gitlab.com/acme/sub/http"`, `git+https://gitlab.com/acme/sub/http@` + otherSHA + `"`,
			Claim{FieldCommit, "invocation.configSource.uri", otherSHA}},
		"v1 repository": {ProvenanceV1, workflowV1, `"repository": "https://github.com/acme/http"`, `"repository": "` + lie + `"`,
			Claim{FieldRepository, "buildDefinition.externalParameters.workflow.repository", lie}},
		"v1 dependency": {ProvenanceV1, workflowV1, `git+https://github.com/acme/http@`, `git+` + lie + `@`,
			Claim{FieldRepository, "buildDefinition.resolvedDependencies[0].uri", lie}},
		"v1 dependency ref": {ProvenanceV1, workflowV1, `http@refs/tags/v2`, `http@refs/heads/x`,
			Claim{FieldRef, "buildDefinition.resolvedDependencies[0].uri", "refs/heads/x"}},
		"v1 commit": {ProvenanceV1, workflowV1, sha, otherSHA,
			Claim{FieldCommit, "buildDefinition.resolvedDependencies[0].digest.gitCommit", otherSHA}},
		"v1 invocation": {ProvenanceV1, workflowV1, `runs/33`, `runs/34`,
			Claim{FieldRun, "runDetails.metadata.invocationId", "https://github.com/acme/http/actions/runs/34/attempts/2"}},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(test.predicate, test.from) {
				t.Fatalf("the predicate has no %q", test.from)
			}
			honest := mustProvenance(t, test.predicateType, test.predicate)
			for _, c := range honest.Also {
				if c.Value != *honest.field(c.Field) {
					t.Errorf("the honest predicate contradicts itself: %+v, %q", c, *honest.field(c.Field))
				}
				if c == test.want {
					t.Errorf("the honest predicate already claims %+v", c)
				}
			}
			lying := mustProvenance(t, test.predicateType, strings.Replace(test.predicate, test.from, test.to, 1))
			for _, c := range lying.Also {
				if c == test.want {
					return
				}
			}
			t.Errorf("%+v is not among %+v", test.want, lying.Also)
		})
	}
}

func TestMalformedProvenance(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ predicateType, predicate, want string }{
		"v0.2 null":               {ProvenanceV02, `null`, "found null"},
		"v1 array":                {ProvenanceV1, `[]`, "found a list"},
		"build type is a number":  {ProvenanceV02, `{"buildType":1}`, `"/buildType": expected a string`},
		"run id is a number":      {ProvenanceV02, `{"invocation":{"environment":{"GITHUB_RUN_ID":1}}}`, `"/invocation/environment/GITHUB_RUN_ID": expected a string, found a number`},
		"digest is a list":        {ProvenanceV02, `{"invocation":{"configSource":{"digest":[]}}}`, "expected an object, found a list"},
		"GitLab parameters":       {ProvenanceV02, `{"buildType":"https://github.com/npm/cli/gitlab/v0alpha1","invocation":{"parameters":"x"}}`, "invocation.parameters: expected an object, found a string"},
		"GitLab project id":       {ProvenanceV02, `{"buildType":"https://github.com/npm/cli/gitlab/v0alpha1","invocation":{"parameters":{"CI_PROJECT_ID":7}}}`, "expected a string, found a number"},
		"material is null":        {ProvenanceV02, `{"materials":[null]}`, "materials[0]: expected an object, found null"},
		"dependency is null":      {ProvenanceV1, `{"buildDefinition":{"resolvedDependencies":[{},null]}}`, "resolvedDependencies[1]"},
		"dependency uri":          {ProvenanceV1, `{"buildDefinition":{"resolvedDependencies":[{"uri":false}]}}`, "expected a string, found a boolean"},
		"too many dependencies":   {ProvenanceV1, `{"buildDefinition":{"resolvedDependencies":[{}` + strings.Repeat(",{}", untrusted.MaxMaterials) + `]}}`, "at most " + strconv.Itoa(untrusted.MaxMaterials)},
		"workflow is a string":    {ProvenanceV1, `{"buildDefinition":{"buildType":"` + buildWorkflowV1 + `","externalParameters":{"workflow":"x"}}}`, "workflow: expected an object, found a string"},
		"workflow ref is a list":  {ProvenanceV1, `{"buildDefinition":{"externalParameters":{"workflow":{"ref":[]}}}}`, "expected a string, found a list"},
		"github is a string":      {ProvenanceV1, `{"buildDefinition":{"buildType":"` + buildAttestWorkflow + `","internalParameters":{"github":"x"}}}`, "github: expected an object"},
		"repository id is number": {ProvenanceV1, `{"buildDefinition":{"internalParameters":{"github":{"repository_id":1}}}}`, "expected a string, found a number"},
		"invocation is a number":  {ProvenanceV1, `{"runDetails":{"metadata":{"invocationId":1}}}`, "expected a string, found a number"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(build(test.predicateType, test.predicate))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestOtherBuildTypes(t *testing.T) {
	t.Parallel()
	p := mustProvenance(t, ProvenanceV1, `{"buildDefinition":{"buildType":"https://builder.example/v1",
		"externalParameters":{"workflow":"a name"},"internalParameters":{"github":true},
		"resolvedDependencies":[{"uri":"docker://image@sha256:ab","digest":{"sha256":"ab"}}]}}`)
	if len(p.Also) != 0 || len(p.Materials) != 1 {
		t.Errorf("claims %+v, %d materials; want none and 1", p.Also, len(p.Materials))
	}
	p = mustProvenance(t, ProvenanceV02, `{"buildType":"https://builder.example/v1","invocation":{
		"parameters":["free"],"configSource":{"entryPoint":"make release"}},"metadata":{"buildInvocationId":"abc"}}`)
	if p.Workflow != "" || p.Run != "abc" {
		t.Errorf("workflow %q, run %q; want none and abc", p.Workflow, p.Run)
	}
}

// What stands behind the source's @ is a commit only if it looks like one.
func TestRevisionOfASource(t *testing.T) {
	t.Parallel()
	for revision, want := range map[string]Provenance{
		sha:                      {Commit: sha},
		strings.Repeat("ab", 32): {Commit: untrusted.Text(strings.Repeat("ab", 32))},
		strings.Repeat("ab", 30): {Ref: untrusted.Text(strings.Repeat("ab", 30))},
		strings.Repeat("AB", 20): {Ref: untrusted.Text(strings.Repeat("AB", 20))},
		"beef":                   {Ref: "beef"},
		"refs/heads/main":        {Ref: "refs/heads/main"},
		"undefined":              {},
	} {
		want.Repository = "https://github.com/acme/http"
		p := mustProvenance(t, ProvenanceV02, `{"invocation":{"configSource":{"uri":"git+https://github.com/acme/http@`+revision+`"}}}`)
		if got := fields(p); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", revision, got, want)
		}
	}
}

// A workflow without a repository names none.
func TestWorkflowAlone(t *testing.T) {
	t.Parallel()
	p := mustProvenance(t, ProvenanceV02, `{"invocation":{"environment":{"GITHUB_WORKFLOW_REF":".github/workflows/x.yml@refs/heads/main"}}}`)
	if want := (Provenance{Workflow: ".github/workflows/x.yml", Ref: "refs/heads/main"}); !reflect.DeepEqual(fields(p), want) {
		t.Errorf("got %+v, want %+v", fields(p), want)
	}
	p = mustProvenance(t, ProvenanceV02, `{"buildType":"https://github.com/npm/cli/gitlab/v0alpha1"}`)
	if want := (Provenance{BuildType: "https://github.com/npm/cli/gitlab/v0alpha1"}); !reflect.DeepEqual(fields(p), want) {
		t.Errorf("a GitLab job without variables: got %+v, want %+v", fields(p), want)
	}
	for _, variables := range []string{
		`{"CI_COMMIT_REF_NAME":"topic","CI_PIPELINE_SOURCE":"merge_request_event"}`, `{"CI_CONFIG_PATH":"a.yml@acme/other"}`, `{"CI_CONFIG_PATH":"https://ci.example/a.yml"}`,
	} {
		p = mustProvenance(t, ProvenanceV02, `{"buildType":"https://github.com/npm/cli/gitlab/v0alpha1","invocation":{"parameters":`+variables+`}}`)
		if p.Ref != "" || p.Workflow != "" {
			t.Errorf("%s: ref %q, workflow %q; want none", variables, p.Ref, p.Workflow)
		}
	}
}

// GitHub's variables give owner/name alone: it is on the server of the source.
func TestServerOfTheSource(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"git+https://acme.ghe.com/":          "https://acme.ghe.com/",
		"git+https://github.corp.example/":   "https://github.corp.example/",
		"git+ssh://git@github.com/":          gitHub,
		"git+https://me@github.com/":         gitHub,
		"https:":                             gitHub,
		"git+https://acme.ghe.com@evil.test": gitHub,
	} {
		p := mustProvenance(t, ProvenanceV02, strings.ReplaceAll(npmGitHubV02, "git+"+gitHub, source))
		for _, claim := range p.Also {
			ours := strings.Contains(claim.Where, "GITHUB_") || strings.HasSuffix(claim.Where, "entryPoint") || strings.HasSuffix(claim.Where, "InvocationId")
			if (claim.Field == FieldRepository || claim.Field == FieldRun) && ours && !strings.HasPrefix(string(claim.Value), want+"acme/http") {
				t.Errorf("%s: %s says %q", source, claim.Where, string(claim.Value))
			}
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, before, after string }{
		{"git+https://github.com/o/r@refs/tags/v1", "https://github.com/o/r", "refs/tags/v1"},
		{"git+https://github.com/o/r@refs/tags/@s/p@1", "https://github.com/o/r", "refs/tags/@s/p@1"},
		{"git+https://user@host.example/o/r@main", "https://user@host.example/o/r", "main"},
		{"git+ssh://git@host.example/o/r", "ssh://git@host.example/o/r", ""},
		{"https://host.example", "https://host.example", ""},
		{"://user@host.example/o/r@main", "://user@host.example/o/r", "main"},
		{"https:///o/r@main", "https:///o/r", "main"},
		{"host.example/o/r@main", "host.example/o/r", "main"},
		{"", "", ""},
	} {
		if before, after := splitSource(test.in); before != test.before || after != test.after {
			t.Errorf("splitSource(%q) = %q, %q; want %q, %q", test.in, before, after, test.before, test.after)
		}
	}
	for _, test := range []struct{ in, before, after string }{
		{"o/r/.github/workflows/x.yml@refs/tags/@s/p@1", "o/r/.github/workflows/x.yml", "refs/tags/@s/p@1"},
		{"o/r/.github/workflows/x@2.yml@refs/heads/main", "o/r/.github/workflows/x@2.yml", "refs/heads/main"},
		{"o/r/.github/workflows/x@2.yml@main", "o/r/.github/workflows/x@2.yml", "main"},
		{".github/workflows/x.yml", ".github/workflows/x.yml", ""},
		{"@refs/tags/@s/p@1", "", "refs/tags/@s/p@1"},
		{"@main", "", "main"},
	} {
		if before, after := splitWorkflow(test.in); before != test.before || after != test.after {
			t.Errorf("splitWorkflow(%q) = %q, %q; want %q, %q", test.in, before, after, test.before, test.after)
		}
	}
}
