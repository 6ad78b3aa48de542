package verify

import (
	"fmt"
	"slices"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// decide computes the report's status and its reason. It is the only place
// that does: colours, exit codes and summaries come from here. The first rule
// that applies wins, in the order of [Statuses].
func decide(d *Dossier) {
	r := &d.Report
	if r.Inspected != nil && r.Unverified == "" {
		decideInspected(d)
		return
	}
	var counts [Unchecked + 1]int
	for _, art := range r.Artifacts {
		counts[art.Status]++
	}
	switch {
	case r.Unverified != "":
		r.Status, r.Reason = Unchecked, r.Unverified
	case counts[Invalid] > 0:
		r.Status, r.Reason = Invalid, firstReason(r.Artifacts, Invalid)
	case len(r.Artifacts) == 0:
		r.Status, r.Reason = Unchecked, "the registry names no artifact of this release"
	case counts[Unchecked] > 0:
		r.Status, r.Reason = Unchecked, firstReason(r.Artifacts, Unchecked)
	case r.contradiction() != nil:
		r.Status, r.Reason = Mismatch, contradictionReason(r.contradiction())
	case counts[Verified] > 0 && counts[Verified] < len(r.Artifacts):
		r.Status, r.Reason = Partial, partialReason(r.Artifacts, counts[Verified])
	case counts[Verified] > 0:
		r.Status, r.Reason = Verified, verifiedReason(r)
	case counts[Signed] == len(r.Artifacts):
		r.Status, r.Reason = Signed, signedReason(r.Artifacts)
	case counts[None]+counts[Signed] == len(r.Artifacts):
		r.Status, r.Reason = None, noneReason(r.Artifacts)
	default:
		r.Status, r.Reason = Unchecked, "the release could not be judged"
	}
	if r.Status == Invalid || r.Status == Unchecked {
		// One file's certificate says nothing of a release whose other evidence
		// does not verify; whoever reads only this field must not be told it.
		r.Publisher = nil
	}
}

// Withhold makes a report unchecked, because something that it has to meet could
// not be checked; why says what. What does not verify stays invalid, and what
// could not be checked anyway keeps its reason. Findings stand: what is wrong is
// wrong.
func (r *Report) Withhold(why string) {
	if r.Status != Invalid && r.Status != Unchecked {
		r.Status, r.Reason = Unchecked, untrusted.Clean(why)
	}
}

// Recount computes the status of a report from its parts, as [Verify] does: from
// what each attestation and signature is, what each file is, and the findings.
// A report that was read back may say otherwise, and then nobody made it.
func Recount(r Report) Status {
	r.Artifacts = slices.Clone(r.Artifacts)
	for i := range r.Artifacts {
		art := &r.Artifacts[i]
		switch parts, _ := artifactStatus(*art, ""); {
		case art.Status == Invalid || art.Status == Unchecked: // evidence may be missing
		case parts == Invalid || parts == Unchecked || better(art.Status, parts):
			art.Status = parts
		}
	}
	d := Dossier{Report: r}
	decide(&d)
	return d.Status
}

// contradiction returns the first finding that makes the package fail, or nil.
func (r *Report) contradiction() *Finding {
	for i := range r.Findings {
		if r.Findings[i].Open() {
			return &r.Findings[i]
		}
	}
	return nil
}

func contradictionReason(f *Finding) string {
	if f.Expected == "" {
		return f.Message
	}
	return fmt.Sprintf("%s: expected %s, found %s", f.Message, f.Expected, f.Observed)
}

func firstReason(arts []ArtifactReport, status Status) string {
	for _, art := range arts {
		if art.Status != status {
			continue
		}
		if len(arts) == 1 {
			return art.Reason
		}
		return art.Filename.String() + ": " + art.Reason
	}
	return ""
}

func partialReason(arts []ArtifactReport, verified int) string {
	var without []string
	for _, art := range arts {
		if art.Status != Verified {
			without = append(without, art.Filename.String())
		}
	}
	return fmt.Sprintf("%d of %s verified provenance; without it: %s", verified, carry(len(arts)), untrusted.List(without, 2, 0))
}

func carry(n int) string { return untrusted.Plural(n, "file") + " carry" }

func verifiedReason(r *Report) string {
	p := r.Publisher
	switch {
	case p == nil: // cannot happen: a verified artifact has a publisher
		return "the provenance verifies"
	case p.Email != "":
		return "published by " + p.Email.String() + ", as the certificate proves"
	}
	from := p.Repository.String()
	if repo, ok := ParseRepository(string(p.Repository)); ok {
		from = repo.String()
	}
	by := ""
	if p.Workflow != "" {
		by = " by " + p.Workflow.String()
	}
	how := "published from "
	if built(r.Artifacts) {
		how = "built from "
	}
	return how + untrusted.Clean(from) + by + ", as the certificate proves"
}

// built reports whether every file has verified provenance of its build. A
// publish attestation says who published, and nothing of where it was built.
func built(arts []ArtifactReport) bool {
	return !slices.ContainsFunc(arts, func(art ArtifactReport) bool {
		return !slices.ContainsFunc(art.Attestations, func(a Attestation) bool {
			return a.Status == Verified && a.Kind == KindProvenance &&
				(a.PredicateType == statement.ProvenanceV1 || a.PredicateType == statement.ProvenanceV02)
		})
	})
}

func noneReason(arts []ArtifactReport) string {
	for _, art := range arts {
		if art.Excluded != "" {
			return art.Reason
		}
		if len(art.Attestations) > 0 {
			return "the registry offers attestations of other types only, and no signature: nothing is proven"
		}
	}
	return "the registry offers no attestation and no signature: nothing is proven"
}

func signedReason(arts []ArtifactReport) string {
	for _, art := range arts {
		if art.Record != nil {
			return art.Record.Reason + "; nothing proves where they were built"
		}
		for _, att := range art.Attestations {
			if att.Kind == KindPublish && att.Status == Verified {
				return "the registry attests that it published these bytes; nothing proves where they were built"
			}
		}
	}
	return "the registry signed these bytes; nothing proves where they were built"
}
