package ui

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

const (
	baseID = "5e1f0a7c3b9d24860f1e2d3c4b5a69788796a5b4"
	moved  = "https://github.com/acme-fork/http-client"
)

// released is the report of a release of a package, as proven.
func released(name, version, repository string) *verify.Report {
	r := proven()
	as := func(t untrusted.Text) untrusted.Text {
		text := strings.NewReplacer("2.4.1", version, "%40acme/http-client", name, acme, repository).Replace(string(t))
		return untrusted.Text(text)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(version)))
	p := *r.Publisher
	p.Repository, p.WorkflowURI, p.Ref, p.Signer, p.Run = as(p.Repository), as(p.WorkflowURI), as(p.Ref), as(p.Signer), as(p.Run)
	p.Commit, p.RepositoryID = untrusted.Text(sum[:40]), "4711"
	if repository != acme {
		p.RepositoryID = "815"
	}
	r.Publisher, r.Release.Name, r.Release.Version = &p, untrusted.Text(name), untrusted.Text(version)
	art := &r.Artifacts[0]
	art.Filename, art.Digest.Hex = as(art.Filename), sum+sum
	att := &art.Attestations[0]
	att.Publisher, att.Subjects = &p, []untrusted.Text{as(att.Subjects[0])}
	r.Comparison = nil
	return r
}

// onlySigned is the report of a release that only the registry signed.
func onlySigned(name, version string) *verify.Report {
	return &verify.Report{Release: verify.Release{Ecosystem: verify.NPM, Name: untrusted.Text(name), Version: untrusted.Text(version)},
		Status: verify.Signed, Reason: "only the registry's signature verifies", Registry: "https://registry.example",
		Artifacts: []verify.ArtifactReport{{Filename: "x.tgz", Status: verify.Signed, Digest: verify.Digest{Algorithm: "sha512", Hex: sha512},
			Signatures: []verify.Signature{{KeyID: "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA", Status: verify.Verified}}}}}
}

func unreachable(name, version string) *verify.Report {
	return &verify.Report{Release: verify.Release{Ecosystem: verify.NPM, Name: untrusted.Text(name), Version: untrusted.Text(version)},
		Status: verify.Unchecked, Reason: "the registry answered 503 (service\x1b[2J unavailable)"}
}

// sideOf is a spec and the report on its package.
func sideOf(path string, r *verify.Report) *review.Side {
	return &review.Side{Spec: catalog.Spec{Path: untrusted.Text(path), Protocol: catalog.NPX, Server: untrusted.Text(strings.Split(path, "/")[1]),
		Package: r.Release.Name, Version: r.Release.Version, SHA256: sha256.Sum256([]byte(path + string(r.Release.Version)))}, Report: r}
}

// changeList is a change of every kind.
func changeList() []review.Change {
	change := func(kind review.Kind, name string, before, after *verify.Report) review.Change {
		path := "npx/" + name + "/spec.yaml"
		c := review.Change{Path: untrusted.Text(path), Kind: kind}
		if before != nil {
			c.Before = sideOf(path, before)
		}
		if after != nil {
			c.After = sideOf(path, after)
		}
		return c
	}
	unreadable := change(review.Edited, "broken", onlySigned("broken", "1.0.0"), &verify.Report{Status: verify.Unchecked, Reason: "the spec could not be read"})
	unreadable.After.Spec.Err = &catalog.SpecError{Path: unreadable.Path, Line: 3, Message: "spec.package: expected a text, found a list\x1b[2J"}
	renamed := change(review.Bumped, "mooring", released("mooring", "1.0.0", acme), released("mooring", "1.1.0", acme))
	renamed.From = "npx/mooring-old/spec.yaml"
	renamed.Before.Spec.Path = renamed.From
	nightly := released("topsail", "1.1.0", acme)
	nightly.Publisher.Workflow, nightly.Publisher.Runner = ".github/workflows/nightly.yml", "self-hosted"
	return []review.Change{
		change(review.Added, "anchor", nil, released("anchor", "1.0.0", acme)),
		unreadable,
		change(review.Bumped, "buoy", unreachable("buoy", "0.9.0"), onlySigned("buoy", "0.9.1")),
		change(review.Removed, "cleat", onlySigned("cleat", "3.0.0"), nil),
		change(review.Bumped, "evil", onlySigned("evil\x1b[2J\u202ename", "1.0.0"), onlySigned("evil\x1b[2J\u202ename", "1.0.1\x07")),
		renamed,
		change(review.Bumped, "rudder", released("@harbour/rudder-control", "1.14.0", acme), onlySigned("@harbour/rudder-control", "1.14.1")),
		change(review.Bumped, "sextant", released("sextant", "2.1.0", acme), released("sextant", "2.2.0", moved)),
		change(review.Bumped, "topsail", released("topsail", "1.0.0", acme), nightly),
		change(review.Edited, "tide", released("tide", "1.4.0", acme), released("tide", "1.4.0", acme)),
	}
}

// reviewOf is a review of which the first n changes are judged.
func reviewOf(n int) *review.Review {
	r := &review.Review{Base: baseID, Head: review.WorkTree, Changes: changeList()}
	for i := range r.Changes {
		c := &r.Changes[i]
		if i < n {
			c.Judge(nil)
			continue
		}
		for _, side := range []*review.Side{c.Before, c.After} {
			if side != nil {
				side.Report = nil
			}
		}
	}
	return r
}

// reviewedChange is Options.Review for a change of which n specs are judged.
func reviewedChange(n int) func(context.Context, func(*review.Review)) error {
	return func(_ context.Context, update func(*review.Review)) error {
		update(reviewOf(n))
		return nil
	}
}

// reviewAt is the table of changes, all judged.
func reviewAt(size tea.WindowSizeMsg) *Model { return do(checkedAt(size), "V") }

// reviewWith is the screen of a review alone that has come to something.
func reviewWith(size tea.WindowSizeMsg, now reviewed) *Model {
	o, _, _ := triageOptions()
	o.Specs, o.Engine, o.ReviewAlone = []catalog.Spec{}, nil, true
	m := send(New(o), size)
	if now.review != nil || now.ended {
		now.run = m.review.run
		m.tookReview(now)
	}
	return m
}

// onChangeOf opens the change of a package.
func onChangeOf(m *Model, name string) *Model { return do(m, "/", name, "enter", "enter") }

func wholeFinding() *review.Review {
	r := reviewOf(1000)
	r.Findings = []verify.Finding{{Rule: "review.policy", Severity: verify.SeverityError, Message: "policy.yaml is changed together with a version\x1b[2J"},
		{Rule: "review.decision", Severity: verify.Warning, Message: "triage.yaml is changed"}}
	return r
}

var errNoGit = errors.New("expected a folder in a git repository, found none above \x1b[2J/srv/catalog")
