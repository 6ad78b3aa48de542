package view

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// publicLog is the host of the public-good log, the only one that the search
// page knows.
const (
	publicLog  = "rekor.sigstore.dev"
	searchLink = "https://search.sigstore.dev/?logIndex="
)

func (p *page) logs(in Input) {
	p.eachAttestation(in.Report, func(_ *verify.ArtifactReport, a *verify.Attestation) {
		if len(a.Log) == 0 {
			p.item(theme.Plain, "There is no transparency-log entry in this attestation.")
		}
		for i := range a.Log {
			title := "Entry"
			if len(a.Log) > 1 {
				title = fmt.Sprintf("Entry %d of %d", i+1, len(a.Log))
			}
			p.heading(title)
			p.entry(&a.Log[i])
		}
		if a.Timestamps > 0 {
			p.item(theme.Plain, plural(a.Timestamps, "RFC 3161 timestamp")+" offered as well.")
		}
	})
	p.noLogForSignatures(in.Report)
}

// noLogForSignatures explains why a release that is only signed has no entry.
func (p *page) noLogForSignatures(r *verify.Report) {
	for i := range r.Artifacts {
		if len(r.Artifacts[i].Signatures) > 0 && len(r.Artifacts[i].Attestations) == 0 {
			p.item(theme.Muted, "The registry's signature is not in a transparency log; only attestations are.")
			return
		}
	}
}

func (p *page) entry(e *verify.LogEntry) {
	p.field("kind", span{theme.Plain, p.text(e.Kind)})
	p.field("body says", p.bodyKind(e))
	index, at := span{theme.Plain, strconv.FormatInt(e.Index, 10)}, span{theme.Plain, when(e.Time)}
	if !e.IndexSigned {
		index = span{theme.Warn, "not signed (the entry says " + index.text + ")"}
		at = span{theme.Warn, "not signed (the entry says " + at.text + ")"}
	}
	p.sentence("index", index)
	p.sentence("integrated", at)
	p.field("shard index", span{theme.Plain, fmt.Sprintf("%d of a tree of %d", e.ShardIndex, e.TreeSize)})
	p.field("origin", span{theme.Plain, p.text(e.Origin)})
	p.hash("log id", p.clean(e.LogID, maxValue), theme.Plain)
	known := span{theme.Warn, "no: the trust root does not list this log"}
	if e.KnownLog != "" {
		known = span{theme.Plain, p.text(e.KnownLog)}
	}
	p.field("known log", known)
	if e.UUID != "" {
		p.hash("entry id", p.clean(e.UUID, maxValue), theme.Plain)
	}
	p.sentence("SET", p.offered(e.SET, e.HasSET))
	p.sentence("inclusion", p.offered(e.Inclusion, e.HasProof))
	p.sentence("checkpoint", p.offered(e.Checkpoint, e.Note != ""))
	if link := searchAddress(e); link != "" {
		p.field("search", span{theme.Link, link})
	}
	p.proof(e)
	p.note(e)
	p.body(e)
}

func (p *page) bodyKind(e *verify.LogEntry) span {
	switch {
	case e.BodyKind == "":
		return span{theme.Warn, "no kind"}
	case e.BodyKind != e.Kind:
		return span{theme.Bad, p.text(e.BodyKind) + ", which is not what the entry says"}
	}
	return span{theme.Plain, p.text(e.BodyKind) + ", the same"}
}

func (p *page) offered(s verify.CheckStatus, there bool) span {
	if !there && s != verify.Fail && s != verify.Pass {
		return muted(p.glyph(theme.GlyphAbsent) + " not offered")
	}
	return p.check(s)
}

// searchAddress links to the entry where its index is proven and the log is
// the one that the page searches; a link built on a claim would mislead.
func searchAddress(e *verify.LogEntry) string {
	u, err := url.Parse(string(e.KnownLog))
	if err != nil || u.Host != publicLog || !e.IndexSigned || e.Index < 0 {
		return ""
	}
	return searchLink + strconv.FormatInt(e.Index, 10)
}

// proof draws the way from the leaf to the root, each hash as it was
// recomputed, and compares the three roots.
func (p *page) proof(e *verify.LogEntry) {
	p.heading("Inclusion proof", muted("  from the leaf up to the root"))
	if !e.HasProof {
		p.item(theme.Muted, "None: this entry does not prove that it is in the log's tree.")
		return
	}
	p.hash("leaf", hexOf(e.Proof.LeafHash), theme.Strong)
	steps := e.Proof.Steps
	if len(steps) > maxProofSteps {
		steps = steps[:maxProofSteps]
	}
	for i, s := range steps {
		p.step(s, i == len(e.Proof.Steps)-1)
	}
	if left := len(e.Proof.Steps) - len(steps); left > 0 {
		p.item(theme.Warn, fmt.Sprintf("%d more steps are not shown", left))
	}
	if len(steps) == 0 {
		p.item(theme.Muted, "The proof has no steps: the leaf would be the root of a tree of one.")
	}
	p.roots(e)
}

// step draws one hash that joins from the left or the right, and the result.
func (p *page) step(s verify.ProofStep, last bool) {
	side := "+ right"
	if s.SiblingLeft {
		side = "+ left"
	}
	p.pathHash(p.glyph(theme.GlyphVertical), side, s.Sibling, theme.Muted)
	joint := theme.GlyphBranch
	if last {
		joint = theme.GlyphCorner
	}
	p.pathHash(p.glyph(joint)+p.glyph(theme.GlyphHorizontal), "hash", s.Result, theme.Plain)
}

func (p *page) pathHash(line, label string, sum []byte, token theme.Token) {
	width := p.labelWidth() + 1
	before := []span{{theme.Border, indent + theme.Fit(line, 3)}, muted(theme.Fit(label, width-3))}
	after := []span{{theme.Border, theme.Fit(indent+p.glyph(theme.GlyphVertical), width+2)}}
	p.flow(before, after, token, p.short(p.orMissing(sum), p.width-width-2), maxValueRows)
}

func (p *page) orMissing(sum []byte) string {
	if len(sum) == 0 {
		return "missing"
	}
	if len(sum) > 64 {
		return fmt.Sprintf("%s… (%d bytes, too long for a hash)", hexOf(sum[:32]), len(sum))
	}
	return hexOf(sum)
}

// roots compares the recomputed root with the one in the bundle and the one
// that the log signed.
func (p *page) roots(e *verify.LogEntry) {
	f := e.Proof
	if len(f.Computed) == 0 {
		why := f.Problem
		if why == "" {
			why = "the proof is malformed"
		}
		p.sentence("computed", span{theme.Bad, "none: " + why})
	} else {
		p.hash("computed", p.orMissing(f.Computed), theme.Strong)
	}
	p.root("claimed", "in the bundle", f.Claimed, f.Computed, e.Inclusion == verify.Pass)
	p.root("signed", "in the checkpoint", f.Signed, f.Computed, e.Checkpoint == verify.Pass)
}

// root is green only where it is equal and something proven says it.
func (p *page) root(label, where string, sum, computed []byte, proven bool) {
	if len(sum) == 0 {
		p.sentence(label, muted(p.glyph(theme.GlyphAbsent)+" none "+where))
		return
	}
	p.hash(label, p.orMissing(sum), theme.Plain)
	pass, good := p.th.Check(verify.Pass)
	fail, bad := p.th.Check(verify.Fail)
	switch {
	case len(computed) == 0:
		p.sentence("", span{theme.Warn, where + ", with nothing to compare"})
	case !bytes.Equal(sum, computed):
		p.sentence("", span{bad, fail + " " + where + ", not the computed root"})
	case proven:
		p.sentence("", span{good, pass + " " + where + ", equal to the computed root"})
	default:
		p.sentence("", span{theme.Warn, where + ", equal to the computed root, but not verified"})
	}
}

func (p *page) note(e *verify.LogEntry) {
	p.heading("Checkpoint", muted("  as the log signed it"))
	if e.Note == "" {
		p.item(theme.Muted, "None: no checkpoint signs the root of the tree.")
		return
	}
	p.block(string(e.Note), maxNoteLines)
}

// block shows text of several lines as it was served.
func (p *page) block(text string, limit int) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if limit--; limit < 0 {
			p.item(theme.Warn, "More lines are not shown.")
			return
		}
		p.flow([]span{{theme.Plain, indent}}, nil, theme.Plain, p.clean(line, maxValue), 2)
	}
}

func (p *page) body(e *verify.LogEntry) {
	p.heading("Body", muted("  what the leaf hash covers"))
	if len(e.Body) == 0 {
		p.item(theme.Muted, "The entry has no body.")
		return
	}
	p.json(e.Body)
}
