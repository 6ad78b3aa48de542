package statement

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

// Build types whose parameters have a meaning that is known.
const (
	buildNPMGitHub = "https://github.com/npm/cli/gha"    // npm CLI 9, a prefix
	buildNPMGitLab = "https://github.com/npm/cli/gitlab" // npm CLI 9 and later, a prefix

	buildWorkflowV1     = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"
	buildAttestWorkflow = "https://actions.github.io/buildtypes/workflow/v1"
)

const gitHub = "https://github.com/"

// wireV02 is SLSA provenance v0.2 as npm and slsa-github-generator write it.
type wireV02 struct {
	BuildType untrusted.Text `json:"buildType"`
	Builder   struct {
		ID untrusted.Text `json:"id"`
	} `json:"builder"`
	Invocation struct {
		ConfigSource struct {
			URI        string                    `json:"uri"`
			Digest     map[string]untrusted.Text `json:"digest"`
			EntryPoint string                    `json:"entryPoint"`
		} `json:"configSource"`
		Parameters  jsontext.Value `json:"parameters"`
		Environment wireGitHubEnv  `json:"environment"`
	} `json:"invocation"`
	Metadata struct {
		BuildInvocationID string `json:"buildInvocationId"`
	} `json:"metadata"`
	Materials []*wireResource `json:"materials"`
}

// wireGitHubEnv is the part of a GitHub job's environment that a certificate
// states as well.
type wireGitHubEnv struct {
	EventName    string `json:"GITHUB_EVENT_NAME"`
	Ref          string `json:"GITHUB_REF"`
	Repository   string `json:"GITHUB_REPOSITORY"`
	RepositoryID string `json:"GITHUB_REPOSITORY_ID"`
	OwnerID      string `json:"GITHUB_REPOSITORY_OWNER_ID"`
	RunID        string `json:"GITHUB_RUN_ID"`
	RunAttempt   string `json:"GITHUB_RUN_ATTEMPT"`
	SHA          string `json:"GITHUB_SHA"`
	WorkflowRef  string `json:"GITHUB_WORKFLOW_REF"`
}

// wireGitLabEnv is the part of a GitLab job's variables that a certificate
// states as well.
type wireGitLabEnv struct {
	CommitBranch   string `json:"CI_COMMIT_BRANCH"`
	CommitRefName  string `json:"CI_COMMIT_REF_NAME"`
	CommitSHA      string `json:"CI_COMMIT_SHA"`
	ConfigPath     string `json:"CI_CONFIG_PATH"`
	JobURL         string `json:"CI_JOB_URL"`
	PipelineSource string `json:"CI_PIPELINE_SOURCE"`
	ProjectID      string `json:"CI_PROJECT_ID"`
	NamespaceID    string `json:"CI_PROJECT_NAMESPACE_ID"`
	ProjectURL     string `json:"CI_PROJECT_URL"`
}

func provenanceV02(predicate []byte) (*Provenance, error) {
	var wire wireV02
	if err := decodeObject(predicate, &wire); err != nil {
		return nil, err
	}
	p := &Provenance{BuildType: wire.BuildType, BuilderID: wire.Builder.ID}
	if err := p.materials("materials", wire.Materials); err != nil {
		return nil, err
	}
	source := wire.Invocation.ConfigSource
	p.source("invocation.configSource.uri", source.URI)
	p.claim(FieldCommit, "invocation.configSource.digest.sha1", string(source.Digest["sha1"]))
	if strings.HasPrefix(string(wire.BuildType), buildNPMGitLab) {
		var env wireGitLabEnv
		if len(wire.Invocation.Parameters) > 0 {
			if err := decodeObject(wire.Invocation.Parameters, &env); err != nil {
				return nil, fmt.Errorf("invocation.parameters: %w", err)
			}
		}
		p.gitLab(env)
		p.claim(FieldRun, "metadata.buildInvocationId", wire.Metadata.BuildInvocationID)
	} else {
		p.entryPoint(source.EntryPoint)
		p.gitHub(wire.Invocation.Environment)
		p.claim(FieldRun, "metadata.buildInvocationId",
			p.runURL(wire.Invocation.Environment.Repository, wire.Metadata.BuildInvocationID))
	}
	p.material("materials[0]", "sha1")
	return p, nil
}

// gitHub reads a job's environment. GITHUB_WORKFLOW_REF is
// "owner/name/.github/workflows/file@ref".
func (p *Provenance) gitHub(env wireGitHubEnv) {
	const at = "invocation.environment."
	if env.Repository != "" {
		p.claim(FieldRepository, at+"GITHUB_REPOSITORY", p.server()+env.Repository)
	}
	p.claim(FieldRef, at+"GITHUB_REF", env.Ref)
	p.claim(FieldCommit, at+"GITHUB_SHA", env.SHA)
	if env.WorkflowRef != "" {
		p.workflowRef(at+"GITHUB_WORKFLOW_REF", env.WorkflowRef)
	}
	p.claim(FieldTrigger, at+"GITHUB_EVENT_NAME", env.EventName)
	p.claim(FieldRepositoryID, at+"GITHUB_REPOSITORY_ID", env.RepositoryID)
	p.claim(FieldOwnerID, at+"GITHUB_REPOSITORY_OWNER_ID", env.OwnerID)
	run := env.RunID
	if run != "" && env.RunAttempt != "" {
		run += "-" + env.RunAttempt
	}
	p.claim(FieldRun, at+"GITHUB_RUN_ID", p.runURL(env.Repository, run))
}

// gitLab reads a job's variables. Fulcio writes a branch as refs/heads/… and a
// tag as refs/tags/…, GitLab's variables only the short name.
func (p *Provenance) gitLab(env wireGitLabEnv) {
	const at = "invocation.parameters."
	p.claim(FieldRepository, at+"CI_PROJECT_URL", env.ProjectURL)
	switch {
	case env.CommitBranch != "":
		p.claim(FieldRef, at+"CI_COMMIT_BRANCH", "refs/heads/"+env.CommitBranch)
	case env.CommitRefName != "" && env.PipelineSource != "merge_request_event":
		p.claim(FieldRef, at+"CI_COMMIT_REF_NAME", "refs/tags/"+env.CommitRefName)
	}
	p.claim(FieldCommit, at+"CI_COMMIT_SHA", env.CommitSHA)
	if !strings.ContainsAny(env.ConfigPath, "@:") { // else it lies in another project, or is a URL
		p.claim(FieldWorkflow, at+"CI_CONFIG_PATH", env.ConfigPath)
	}
	p.claim(FieldTrigger, at+"CI_PIPELINE_SOURCE", env.PipelineSource)
	p.claim(FieldRepositoryID, at+"CI_PROJECT_ID", env.ProjectID)
	p.claim(FieldOwnerID, at+"CI_PROJECT_NAMESPACE_ID", env.NamespaceID)
	p.claim(FieldRun, at+"CI_JOB_URL", env.JobURL)
}

// wireV1 is SLSA provenance v1.
type wireV1 struct {
	BuildDefinition struct {
		BuildType          untrusted.Text `json:"buildType"`
		ExternalParameters struct {
			Workflow jsontext.Value `json:"workflow"`
		} `json:"externalParameters"`
		InternalParameters struct {
			GitHub jsontext.Value `json:"github"`
		} `json:"internalParameters"`
		ResolvedDependencies []*wireResource `json:"resolvedDependencies"`
	} `json:"buildDefinition"`
	RunDetails struct {
		Builder struct {
			ID untrusted.Text `json:"id"`
		} `json:"builder"`
		Metadata struct {
			InvocationID string `json:"invocationId"`
		} `json:"metadata"`
	} `json:"runDetails"`
}

func provenanceV1(predicate []byte) (*Provenance, error) {
	var wire wireV1
	if err := decodeObject(predicate, &wire); err != nil {
		return nil, err
	}
	build := wire.BuildDefinition
	p := &Provenance{BuildType: build.BuildType, BuilderID: wire.RunDetails.Builder.ID}
	if err := p.materials("buildDefinition.resolvedDependencies", build.ResolvedDependencies); err != nil {
		return nil, err
	}
	var workflow struct {
		Ref        string `json:"ref"`
		Repository string `json:"repository"`
		Path       string `json:"path"`
	}
	const atWorkflow = "buildDefinition.externalParameters.workflow"
	if err := p.parameter(atWorkflow, build.ExternalParameters.Workflow, &workflow); err != nil {
		return nil, err
	}
	p.claim(FieldRepository, atWorkflow+".repository", workflow.Repository)
	p.claim(FieldRef, atWorkflow+".ref", workflow.Ref)
	p.claim(FieldWorkflow, atWorkflow+".path", workflow.Path)

	var job struct {
		EventName    string `json:"event_name"`
		RepositoryID string `json:"repository_id"`
		OwnerID      string `json:"repository_owner_id"`
	}
	const atGitHub = "buildDefinition.internalParameters.github"
	if err := p.parameter(atGitHub, build.InternalParameters.GitHub, &job); err != nil {
		return nil, err
	}
	p.claim(FieldTrigger, atGitHub+".event_name", job.EventName)
	p.claim(FieldRepositoryID, atGitHub+".repository_id", job.RepositoryID)
	p.claim(FieldOwnerID, atGitHub+".repository_owner_id", job.OwnerID)
	p.material("buildDefinition.resolvedDependencies[0]", "gitCommit")
	p.claim(FieldRun, "runDetails.metadata.invocationId", wire.RunDetails.Metadata.InvocationID)
	return p, nil
}

// parameter decodes a member of external or internal parameters. What those
// hold is up to the build type: an unknown type may put anything but an object
// there, which then states nothing that is known.
func (p *Provenance) parameter(where string, value jsontext.Value, wire any) error {
	known := p.BuildType == buildWorkflowV1 || p.BuildType == buildAttestWorkflow
	if len(value) == 0 || !known && value.Kind() != jsontext.KindBeginObject {
		return nil
	}
	if err := decodeObject(value, wire); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}

func (p *Provenance) materials(where string, wire []*wireResource) error {
	if len(wire) > untrusted.MaxMaterials {
		return fmt.Errorf("%s: %w: %d entries, at most %d are read", where, untrusted.ErrTooLarge, len(wire), untrusted.MaxMaterials)
	}
	for i, w := range wire {
		if w == nil {
			return fmt.Errorf("%s[%d]: expected an object, found null", where, i)
		}
		p.Materials = append(p.Materials, Material{URI: untrusted.Text(w.URI), Digest: w.Digest})
	}
	return nil
}
