package view

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"plimsoll/ui/links"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

func (p *Doc) logs(in Input) {
	if isGo(in.Report) {
		p.eachRecord(in, p.recordLog)
		return
	}
	p.eachAttestation(in.Report, func(_ *verify.ArtifactReport, a *verify.Attestation) {
		b := in.Dossier.Bundle(a)
		if len(b.Log) == 0 {
			p.Item(theme.Plain, "There is no transparency-log entry in this attestation.")
		}
		for i := range b.Log {
			p.entry(b, i)
		}
		p.timestamps(b.Timestamps)
	})
	p.noLogForSignatures(in.Report)
}

// numbered tells a thing from others of its kind, if there are any.
func numbered(what string, i, of int) string {
	if of < 2 {
		return what
	}
	return fmt.Sprintf("%s %d of %d", what, i+1, of)
}

// timestamps lists those of RFC 3161, used or not.
func (p *Doc) timestamps(stamps []verify.Timestamp) {
	for i := range stamps {
		stamp := &stamps[i]
		p.Heading(numbered("Timestamp", i, len(stamps)), muted("  RFC 3161"))
		p.optional(named{"by", stamp.Authority})
		if !stamp.Time.IsZero() {
			p.Field("time", plain(when(stamp.Time)))
		}
		style := theme.Warn
		switch stamp.Status {
		case verify.Pass:
			style = theme.Plain
		case verify.Fail:
			style = theme.Bad
		}
		p.Say("used", Span{style, stamp.Reason})
	}
}

// noLogForSignatures explains why a release that is only signed has no entry.
func (p *Doc) noLogForSignatures(r *verify.Report) {
	for i := range r.Artifacts {
		if len(r.Artifacts[i].Signatures) > 0 && len(r.Artifacts[i].Attestations) == 0 {
			p.Item(theme.Muted, "The registry's signature is not in a transparency log; only attestations are.")
			return
		}
	}
}

// entry shows one of a bundle; each part is the evidence of a check.
func (p *Doc) entry(b *verify.Bundle, i int) {
	e := &b.Log[i]
	part := func(id verify.CheckID, word string, status verify.CheckStatus) (end func()) {
		at := p.at(b.Attestation, id)
		return p.spot(Spot{Place: at, Word: word, Fails: status == verify.Fail, Tab: Log, Evidence: at})
	}
	end := part(verify.CheckEntry, "transparency log", verify.NotRun)
	p.Heading(numbered("Entry", i, len(b.Log)))
	p.field("kind", e.Kind)
	p.Field("body says", p.bodyKind(e))
	end()
	p.place(&e.LogEntry)
	shard := muted(p.Theme.Glyph(theme.GlyphAbsent) + " not given: there is no inclusion proof")
	if e.HasProof {
		shard = plain(fmt.Sprintf("%d of a tree of %d", e.ShardIndex, e.TreeSize))
	}
	p.Field("shard index", shard)
	p.field("origin", e.Origin)
	p.hash("log id", e.LogID, theme.Plain)
	known := Span{theme.Warn, "no: the trust root does not list this log"}
	if p.unverified {
		known.Text = "not known: there is no trust root"
	}
	if e.KnownLog != "" {
		known = plain(p.Text(e.KnownLog))
	}
	end = part(verify.CheckTrust, string(verify.CheckTrust), verify.NotRun)
	p.Field("known log", known)
	end()
	if e.UUID != "" {
		p.hash("entry id", e.UUID, theme.Plain)
	}
	end = part(verify.CheckSET, "SET", e.SET)
	p.Say("SET", p.offered(e.SET, e.HasSET))
	end()
	p.Say("inclusion", p.offered(e.Inclusion, e.HasProof))
	end = part(verify.CheckCheckpoint, "checkpoint", e.Checkpoint)
	p.Say("checkpoint", p.checkpoint(e))
	end()
	if link := links.EntryAt(&e.LogEntry); link != "" { // a link built on a claim would mislead
		p.Field("search", p.Link(link))
	}
	end = part(verify.CheckInclusion, "inclusion proof", e.Inclusion)
	p.proof(e)
	end()
	p.note(e)
	end = part(verify.CheckEntryBundle, string(verify.CheckEntryBundle), verify.NotRun)
	p.body(e)
	end()
}

// place is an entry's index and time. Only a signature of the log vouches for
// them.
func (p *Doc) place(e *verify.LogEntry) {
	index, at := plain(strconv.FormatInt(e.Index, 10)), plain(when(e.Time))
	if !e.IndexSigned {
		for _, value := range []*Span{&index, &at} {
			*value = Span{theme.Warn, p.Unsigned() + " (the entry says " + value.Text + ")"}
		}
	}
	p.Say("index", index)
	p.Say("integrated", at)
}

func (p *Doc) bodyKind(e *verify.BundleEntry) Span {
	switch {
	case e.BodyKind == "":
		return Span{theme.Warn, "no kind"}
	case e.BodyKind != e.Kind:
		return Span{theme.Bad, p.Text(e.BodyKind) + ", which is not what the entry says"}
	}
	return plain(p.Text(e.BodyKind) + ", the same")
}

func (p *Doc) offered(s verify.CheckStatus, there bool) Span {
	if !there && s != verify.Fail && s != verify.Pass {
		return muted(p.Theme.Glyph(theme.GlyphAbsent) + " not offered")
	}
	return p.check(s)
}

// checkpoint is the result of the log's signature on the root. It counts for
// nothing if the proof does not lead to that root.
func (p *Doc) checkpoint(e *verify.BundleEntry) Span {
	if e.Checkpoint == verify.NotRun && e.Inclusion == verify.Fail {
		glyph, token := p.Theme.Check(verify.NotRun)
		return Span{token, glyph + " not reached: the inclusion proof failed"}
	}
	return p.offered(e.Checkpoint, e.Note != "")
}

// proof draws the way from the leaf to the root, each hash as it was
// recomputed, and compares the three roots.
func (p *Doc) proof(e *verify.BundleEntry) {
	p.Heading("Inclusion proof", muted("  from the leaf up to the root"))
	if !e.HasProof {
		p.Item(theme.Muted, "None: this entry does not prove that it is in the log's tree.")
		return
	}
	p.proofVerdict(e)
	p.hash("leaf", hex.EncodeToString(e.Proof.LeafHash), theme.Strong)
	steps := e.Proof.Steps
	if len(steps) > maxProofSteps {
		steps = steps[:maxProofSteps]
	}
	for i, s := range steps {
		p.step(e.Proof.Claimed, s, i == len(e.Proof.Steps)-1)
	}
	if left := len(e.Proof.Steps) - len(steps); left > 0 {
		p.Item(theme.Warn, fmt.Sprintf("%d more steps are not shown", left))
	}
	if len(steps) == 0 {
		p.Item(theme.Muted, "The proof has no steps: the leaf would be the root of a tree of one.")
	}
	p.roots(e)
}

// proofVerdict is one sentence: the way holds, or breaks here.
func (p *Doc) proofVerdict(e *verify.BundleEntry) {
	f := &e.Proof
	broken := ""
	switch {
	case len(f.Computed) == 0:
		broken = "the proof is malformed, so the hashes lead to no root at all"
	case !bytes.Equal(f.Computed, f.Claimed):
		broken = "from this leaf the hashes lead to another root than the bundle claims"
	case len(f.Signed) > 0 && !bytes.Equal(f.Computed, f.Signed):
		broken = "the hashes lead to the root that the bundle claims, but the log signed another one"
	case e.Checkpoint == verify.Fail:
		broken = "the hashes lead to this root, but the log's signature on it does not verify"
	case e.Inclusion == verify.Fail:
		broken = "the proof does not verify"
	case e.Inclusion == verify.Pass && e.Checkpoint == verify.Pass:
		glyph, token := p.Theme.Check(verify.Pass)
		p.Item(token, glyph+" The entry is in the tree whose root the log signed.")
		return
	default:
		p.Item(theme.Warn, "Recomputed, but not verified: nothing here is proven.")
		return
	}
	glyph, token := p.Theme.Check(verify.Fail)
	p.Item(token, glyph+" Broken here: "+broken+".")
	if len(f.Computed) > 0 && !bytes.Equal(f.Computed, f.Claimed) {
		p.Item(theme.Muted, "What is wrong cannot be told from the hashes: the entry's body, one of the hashes beside the path, or the root.")
	}
}

// step draws one hash that joins from the left or the right, and the result.
// The last one, which should be the root, is marked if it is not.
func (p *Doc) step(root []byte, s verify.ProofStep, last bool) {
	side := "+ right"
	if s.SiblingLeft {
		side = "+ left"
	}
	p.pathHash(p.Theme.Glyph(theme.GlyphVertical), side, s.Sibling, theme.Muted)
	joint, token := theme.GlyphBranch, theme.Plain
	if last {
		joint = theme.GlyphCorner
		if !bytes.Equal(s.Result, root) {
			_, token = p.Theme.Check(verify.Fail)
		}
	}
	p.pathHash(p.Theme.Glyph(joint)+p.Theme.Glyph(theme.GlyphHorizontal), "hash", s.Result, token)
}

func (p *Doc) pathHash(line, label string, sum []byte, token theme.Token) {
	width := p.Labels + 1
	before := []Span{{theme.Border, indent + theme.Fit(line, 3)}, muted(theme.Fit(label, width-3))}
	after := []Span{{theme.Border, theme.Fit(indent+p.Theme.Glyph(theme.GlyphVertical), width+2)}}
	p.values.put(strings.TrimPrefix(label, "+ "), hex.EncodeToString(sum))
	p.flow(before, after, Span{token, p.short(p.orMissing(sum), p.Width-width-2)}, maxValueRows)
}

func (p *Doc) orMissing(sum []byte) string {
	if len(sum) == 0 {
		return "missing"
	}
	if len(sum) > 64 {
		return fmt.Sprintf("%s… (%d bytes, too long for a hash)", hex.EncodeToString(sum[:32]), len(sum))
	}
	return hex.EncodeToString(sum)
}

// roots compares the recomputed root with the one in the bundle and the one
// that the log signed.
func (p *Doc) roots(e *verify.BundleEntry) {
	f := e.Proof
	if len(f.Computed) == 0 {
		why := f.Problem
		if why == "" {
			why = "the proof is malformed"
		}
		p.Say("computed", Span{theme.Bad, "none: " + why})
	} else {
		p.hash("computed", p.orMissing(f.Computed), theme.Strong)
	}
	p.root("claimed", "in the bundle", f.Claimed, f.Computed, e.Inclusion == verify.Pass)
	p.root("signed", "in the checkpoint", f.Signed, f.Computed, e.Checkpoint == verify.Pass)
}

// root is green only if it is equal and something proven says it.
func (p *Doc) root(label, where string, sum, computed []byte, proven bool) {
	if len(sum) == 0 {
		p.Say(label, muted(p.Theme.Glyph(theme.GlyphAbsent)+" none "+where))
		return
	}
	pass, good := p.Theme.Check(verify.Pass)
	fail, bad := p.Theme.Check(verify.Fail)
	token := theme.Plain
	if !bytes.Equal(sum, computed) {
		token = bad
	}
	p.hash(label, p.orMissing(sum), token)
	switch {
	case len(computed) == 0:
		p.Say("", Span{theme.Warn, where + ", with nothing to compare"})
	case !bytes.Equal(sum, computed):
		p.Say("", Span{bad, fail + " " + where + ", and not the computed root"})
	case proven:
		p.Say("", Span{good, pass + " " + where + ", equal to the computed root"})
	default:
		p.Say("", Span{theme.Warn, where + ", equal to the computed root, but not verified"})
	}
}

func (p *Doc) note(e *verify.BundleEntry) {
	p.Heading("Checkpoint", muted("  as the log signed it"))
	if e.Note == "" {
		p.Item(theme.Muted, "None: no checkpoint signs the root of the tree.")
		return
	}
	p.values.put("checkpoint", string(e.Note))
	p.block(string(e.Note), maxNoteLines)
}

// block shows text of several lines as it was served.
func (p *Doc) block(text string, limit int) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if limit--; limit < 0 {
			p.Item(theme.Warn, "More lines are not shown.")
			return
		}
		p.flow([]Span{{theme.Plain, indent}}, nil, plain(p.clean(line, maxValue)), 2)
	}
}

func (p *Doc) body(e *verify.BundleEntry) {
	p.Heading("Body", muted("  what the leaf hash covers"))
	if len(e.Body) == 0 {
		p.Item(theme.Muted, "The entry has no body.")
		return
	}
	p.json(e.Body)
}
