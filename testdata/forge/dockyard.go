package main

import (
	"slices"
	"strings"
	"time"
)

// evidence is what the registries had for a package in October 2025.
type evidence int

const (
	nothing  evidence = iota
	signed            // the registry's signature
	attested          // attestations
)

// berth is a package of the dockyard catalog, as measured in October 2025.
type berth struct {
	protocol, server, pkg, version string
	repository, ref                string // provenance of the spec
	evidence                       evidence
	workflow                       string // where attested: file name below .github/workflows
	from                           string // where attested: the ref it was built from
	description                    string
}

var berths = []berth{
	{"npx", "agentql-mcp", "agentql-mcp", "1.0.0", "tinyfish-io/agentql-mcp", "refs/heads/main", signed, "", "", "Reads structured data from web pages with AgentQL"},
	{"npx", "astra-db-mcp", "@datastax/astra-db-mcp", "1.2.0", "datastax/astra-db-mcp", "refs/heads/main", signed, "", "", "Collections and records of Astra DB"},
	{"npx", "brightdata-mcp", "@brightdata/mcp", "2.5.0", "brightdata/brightdata-mcp", "refs/heads/main", signed, "", "", "Web access through the Bright Data tools"},
	{"npx", "browserbase-mcp-server", "@browserbasehq/mcp-server-browserbase", "2.1.3", "browserbase/mcp-server-browserbase", "refs/heads/main", signed, "", "", "A browser in the cloud, driven by Stagehand"},
	{"npx", "context7", "@upstash/context7-mcp", "1.0.21", "upstash/context7", "refs/tags/v1.0.17", signed, "", "", "Current documentation of libraries as context"},
	{"npx", "graphlit-mcp-server", "graphlit-mcp-server", "1.0.20251007001", "graphlit/graphlit-mcp-server", "refs/heads/main", signed, "", "", "Collects and searches knowledge with Graphlit"},
	{"npx", "heroku-mcp-server", "@heroku/mcp-server", "1.0.7", "heroku/heroku-mcp-server", "refs/heads/main", signed, "", "", "Applications and add-ons on Heroku"},
	{"npx", "magic-mcp", "@21st-dev/magic", "0.1.0", "21st-dev/magic-mcp", "refs/heads/main", signed, "", "", "Makes user interface components from a description"},
	{"npx", "mcp-jetbrains", "@jetbrains/mcp-proxy", "1.8.0", "JetBrains/mcp-jetbrains", "refs/heads/main", attested, "release.yml", "refs/tags/v1.8.0", "Passes requests on to a JetBrains IDE"},
	{"npx", "mcp-server-circleci", "@circleci/mcp-server-circleci", "0.14.1", "CircleCI-Public/mcp-server-circleci", "refs/heads/main", signed, "", "", "Pipelines and build logs of CircleCI"},
	{"npx", "mcp-server-neon", "@neondatabase/mcp-server-neon", "0.6.5", "neondatabase-labs/mcp-server-neon", "refs/heads/main", signed, "", "", "Databases and branches on Neon"},
	{"npx", "notion", "@notionhq/notion-mcp-server", "1.9.0", "makenotion/notion-mcp-server", "refs/heads/main", signed, "", "", "Pages and databases of a Notion workspace"},
	{"npx", "onchain-mcp", "@bankless/onchain-mcp", "1.0.6", "Bankless/onchain-mcp", "refs/heads/main", signed, "", "", "Contracts, transactions and balances on chain"},
	{"npx", "phoenix-mcp", "@arizeai/phoenix-mcp", "2.2.17", "Arize-ai/phoenix", "refs/heads/main", signed, "", "", "Traces and evaluations in Arize Phoenix"},
	{"npx", "sentry-mcp-server", "@sentry/mcp-server", "0.18.0", "getsentry/sentry-mcp", "refs/heads/main", signed, "", "", "Issues and traces in Sentry"},
	{"npx", "supabase-mcp-server", "@supabase/mcp-server-supabase", "0.5.6", "supabase-community/supabase-mcp", "refs/tags/v0.4.5", signed, "", "", "Projects and databases on Supabase"},
	{"npx", "tavily-mcp", "tavily-mcp", "0.2.10", "tavily-ai/tavily-mcp", "refs/heads/main", signed, "", "", "Searches the web with Tavily"},

	{"uvx", "adb-mysql-mcp-server", "adb-mysql-mcp-server", "1.0.0", "aliyun/alibabacloud-adb-mysql-mcp-server", "refs/heads/master", nothing, "", "", "Queries AnalyticDB for MySQL"},
	{"uvx", "arxiv-mcp-server", "arxiv-mcp-server", "0.3.1", "blazickjp/arxiv-mcp-server", "refs/heads/main", nothing, "", "", "Finds and reads papers on arXiv"},
	{"uvx", "aws-diagram", "awslabs.aws-diagram-mcp-server", "1.0.10", "awslabs/mcp", "refs/heads/main", attested, "publish.yml", "refs/heads/main", "Draws AWS architectures from Python code"},
	{"uvx", "aws-documentation", "awslabs.aws-documentation-mcp-server", "1.1.9", "awslabs/mcp", "refs/tags/v1.1.2", attested, "publish.yml", "refs/heads/main", "Searches and reads the AWS documentation"},
	{"uvx", "blender-mcp", "blender-mcp", "1.2.1", "ahujasid/blender-mcp", "refs/heads/main", nothing, "", "", "Builds scenes in Blender"},
	{"uvx", "chroma-mcp", "chroma-mcp", "0.2.6", "chroma-core/chroma-mcp", "refs/heads/main", nothing, "", "", "Collections and embeddings in Chroma"},
	{"uvx", "ida-pro-mcp", "ida-pro-mcp", "1.4.0", "mrexodia/ida-pro-mcp", "refs/heads/main", nothing, "", "", "Reverse engineering with IDA Pro"},
	{"uvx", "mcp-clickhouse", "mcp-clickhouse", "0.1.12", "ClickHouse/mcp-clickhouse", "refs/heads/main", attested, "release.yml", "refs/tags/v0.1.12", "Runs queries on ClickHouse and chDB"},
	{"uvx", "mcp-neo4j-aura-manager", "mcp-neo4j-aura-manager", "0.4.3", "neo4j-contrib/mcp-neo4j", "refs/tags/mcp-neo4j-aura-manager-v0.3.0", nothing, "", "", "Manages Neo4j Aura instances"},
	{"uvx", "mcp-neo4j-cypher", "mcp-neo4j-cypher", "0.4.1", "neo4j-contrib/mcp-neo4j", "refs/tags/mcp-neo4j-cypher-v0.3.1", nothing, "", "", "Runs Cypher queries on Neo4j"},
	{"uvx", "mcp-neo4j-memory", "mcp-neo4j-memory", "0.4.1", "neo4j-contrib/mcp-neo4j", "refs/tags/mcp-neo4j-memory-v0.2.0", nothing, "", "", "A memory for agents, kept in Neo4j"},
	{"uvx", "mcp-server-box", "mcp-server-box", "0.1.2", "box-community/mcp-server-box", "refs/heads/main", nothing, "", "", "Files and metadata in Box"},
}

// pasts are the versions that the registries list beside that of the spec, the oldest
// first, of the packages that a newcomer opens first: as invented as all evidence, and
// with none but the registry's signature, unless attestedFrom names a version.
var pasts = map[string][]string{
	"aws-diagram":       {"1.0.7", "1.0.8", "1.0.9"},
	"aws-documentation": {"1.1.2", "1.1.7", "1.1.8"},
	"mcp-clickhouse":    {"0.1.9", "0.1.10", "0.1.11"},
	"agentql-mcp":       {"0.8.0", "0.9.0"},
	"astra-db-mcp":      {"1.0.2", "1.1.0"},
	"brightdata-mcp":    {"2.3.0", "2.4.1"},
	"context7":          {"1.0.17", "1.0.20"},
	"mcp-jetbrains":     {"1.6.0", "1.7.0", "1.7.1"},
}

// attestedFrom is the version of the past from which on a package has attestations.
var attestedFrom = map[string]string{"mcp-jetbrains": "1.7.0"}

// before is when a version of the past was published, three weeks after the other.
func before(published time.Time, server string, i int) time.Time {
	return published.Add(-time.Duration(len(pasts[server])-i) * 21 * 24 * time.Hour)
}

// dockyard is the catalog of honest packages.
func dockyard() (scenes []*scene) {
	for i, b := range berths {
		// Spread over the first weeks of October 2025, in no particular order.
		published := at("2025-10-01T08:12:41Z").Add(time.Duration(i*7%len(berths)) * 13 * time.Hour).
			Add(time.Duration(i*i*53%3600) * time.Second)
		s := &scene{
			catalog: "dockyard", folder: b.server, published: published,
			identity: github(b.repository, b.workflow, b.from), build: b.build,
			spec: spec{
				name: b.server, description: b.description, protocol: b.protocol, pkg: b.pkg, version: b.version,
				repository: "https://github.com/" + b.repository, ref: b.ref,
				story: "Expected: " + b.expected() + ".", expect: b.status(),
			},
		}
		if b.evidence == attested && b.protocol == "uvx" {
			s.document()
		}
		scenes = append(scenes, s)
	}
	return scenes
}

// build makes the release with the evidence that was measured.
func (b berth) build(f *forge, s *scene) {
	if b.protocol == "uvx" {
		r := s.pypi()
		for i, version := range pasts[b.server] {
			e := &pypiRelease{f: f, name: r.name, version: version, published: before(r.published, b.server, i), followed: true}
			for _, suffix := range []string{".tar.gz", "-py3-none-any.whl"} {
				e.add(suffix)
			}
			r.earlier = append(r.earlier, e)
		}
		if b.evidence == attested {
			r.attest()
		}
		return
	}
	r := s.npm().sign(f.key)
	from := slices.Index(pasts[b.server], attestedFrom[b.server])
	for i, version := range pasts[b.server] {
		e := r.before(version, r.published.Sub(before(r.published, b.server, i)), from >= 0 && i >= from)
		r.packument, r.earlier = true, append(r.earlier, e)
		if e.attested {
			e.identity = github(b.repository, b.workflow, "refs/tags/v"+version)
			f.last = append(f.last, func() {
				e.offer(e.publish(), e.provenance())
				e.record()
			})
		}
	}
	if b.evidence == attested {
		r.offer(r.publish(), r.provenance())
	}
}

func (b berth) status() string {
	return [...]string{nothing: "none", signed: "signed", attested: "verified"}[b.evidence]
}

func (b berth) expected() string {
	switch {
	case b.evidence == signed:
		return "the registry signs the bytes and nothing says where they were built"
	case b.evidence == nothing:
		return "the index offers no attestation"
	case strings.HasPrefix(b.protocol, "u"):
		return "the sdist and the wheel carry publish attestations of " + b.repository
	default:
		return "SLSA provenance of " + b.repository + ", a publish attestation and the registry's signature"
	}
}
