package main

import (
	"encoding/json"
	"maps"
	"strings"
)

// The predicate types that the demo uses.
const (
	slsaV02     = "https://slsa.dev/provenance/v0.2"
	slsaV1      = "https://slsa.dev/provenance/v1"
	npmPublish  = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
	pypiPublish = "https://docs.pypi.org/attestations/publish/v1"

	statementV01 = "https://in-toto.io/Statement/v0.1"
	statementV1  = "https://in-toto.io/Statement/v1"
)

// object is a JSON object.
type object = map[string]any

// statement is an in-toto statement; an attack may change it before it is
// signed.
type statement struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     any       `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

func (s *statement) payload() []byte { return must(json.Marshal(s)) }

// set changes one value of the predicate, named by its path.
func (s *statement) set(path string, value any) {
	node, keys := s.Predicate.(object), strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		node = node[key].(object)
	}
	if _, ok := node[keys[len(keys)-1]]; !ok {
		panic("forge: no " + path + " in the predicate")
	}
	node[keys[len(keys)-1]] = value
}

// purl is the package URL of an npm release: only the @ of a scope is encoded.
func purl(name, version string) string {
	return "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + version
}

// provenanceV1 is the SLSA v1 provenance that npm's command line writes on
// GitHub.
func provenanceV1(s subject, id identity) *statement {
	e := id.ext
	return &statement{Type: statementV1, Subject: []subject{s}, PredicateType: slsaV1, Predicate: object{
		"buildDefinition": object{
			"buildType": "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
			"externalParameters": object{"workflow": object{
				"ref": e[extRef], "repository": e[extRepository], "path": id.workflowPath(),
			}},
			"internalParameters": object{"github": object{
				"event_name": e[extTrigger], "repository_id": e[extRepositoryID], "repository_owner_id": e[extOwnerID],
			}},
			"resolvedDependencies": []any{object{
				"uri": "git+" + e[extRepository] + "@" + e[extRef], "digest": object{"gitCommit": e[extCommit]},
			}},
		},
		"runDetails": object{
			"builder":  object{"id": "https://github.com/actions/runner/" + e[extRunner]},
			"metadata": object{"invocationId": e[extRun]},
		},
	}}
}

// provenanceV02 is the SLSA v0.2 provenance that npm's command line wrote on
// GitHub until 2023.
func provenanceV02(s subject, id identity) *statement {
	e := id.ext
	repository := strings.TrimPrefix(e[extRepository], "https://github.com/")
	_, run, _ := strings.Cut(e[extRun], "/runs/")
	run, _, _ = strings.Cut(run, "/")
	digest := object{"sha1": e[extCommit]}
	workflow := repository + "/" + id.workflowPath() + "@" + e[extRef]
	return &statement{Type: statementV01, Subject: []subject{s}, PredicateType: slsaV02, Predicate: object{
		"buildType": "https://github.com/npm/cli/gha@v0",
		"builder":   object{"id": "https://github.com/npm/cli@9.5.0"},
		"invocation": object{
			"configSource": object{
				"uri": "git+" + e[extRepository] + "@" + e[extRef], "digest": digest, "entryPoint": workflow,
			},
			"parameters": object{},
			"environment": object{
				"GITHUB_EVENT_NAME": e[extTrigger], "GITHUB_REF": e[extRef], "GITHUB_REPOSITORY": repository,
				"GITHUB_REPOSITORY_ID": e[extRepositoryID], "GITHUB_REPOSITORY_OWNER_ID": e[extOwnerID],
				"GITHUB_RUN_ATTEMPT": "1", "GITHUB_RUN_ID": run, "GITHUB_SHA": e[extCommit],
				"GITHUB_WORKFLOW_REF": workflow, "GITHUB_WORKFLOW_SHA": e[extCommit],
			},
		},
		"metadata": object{
			"buildInvocationId": run + "-1", "reproducible": false,
			"completeness": object{"parameters": false, "environment": false, "materials": false},
		},
		"materials": []any{object{"uri": "git+" + e[extRepository], "digest": maps.Clone(digest)}},
	}}
}

// publishNPM is npm's publish statement.
func publishNPM(s subject, name, version string) *statement {
	return &statement{Type: statementV01, Subject: []subject{s}, PredicateType: npmPublish, Predicate: object{
		"name": name, "version": version, "registry": strings.TrimSuffix(npmBase, "/"),
	}}
}

// publishPyPI is PyPI's publish statement; it has no predicate.
func publishPyPI(s subject) *statement {
	return &statement{Type: statementV1, Subject: []subject{s}, PredicateType: pypiPublish}
}
