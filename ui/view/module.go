package view

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// eachRecord calls show below a heading for each zip of a Go module, with its record and
// what there is to look at of it, and says if there is none.
func (p *Doc) eachRecord(in Input, show func(*verify.Record, *verify.RecordEvidence)) {
	r := in.Report
	if len(r.Artifacts) == 0 {
		defer p.here(artifactPlace(0), "checksum database")()
		p.Para(theme.Strong, Sentence(r.Reason))
		p.Para(theme.Muted, "The module is not known, so there is nothing to show here.")
	}
	for i, art := range arrange(r) {
		p.close(levelItem)
		p.Blank()
		head := len(p.lines)
		end := p.here(artifactPlace(i), "checksum database")
		p.Flow(p.Status(art.Status), plain("  "), Span{theme.Title, p.name(art)})
		end()
		p.open(levelItem, head)
		switch {
		case art.Record != nil:
			show(art.Record, in.Dossier.Record(art.Record))
		case art.Excluded != "":
			p.Item(theme.Plain, "The checksum database was not asked: "+stop(p.clean(art.Excluded, maxValue)))
			p.Item(theme.Muted, "Nothing proves that others get the same bytes. The go command would not ask either.")
		default:
			p.Item(theme.Plain, Sentence(cmp.Or(art.Reason, r.Reason)))
		}
	}
}

// recordLog draws the record, the way from its leaf to the root, the signed head and
// how it relates to the one that was seen before.
func (p *Doc) recordLog(r *verify.Record, e *verify.RecordEvidence) {
	if e == nil {
		p.savedRecord(r)
		return
	}
	if r.Status != verify.Signed {
		p.Item(theme.Warn, "It did not verify: "+stop(r.Reason)+" What follows is what it says.")
	}
	end := p.recordPart(r, verify.CheckRecordLines)
	p.Heading("Record", muted("  the lines of go.sum that its hash covers"))
	p.Say("check", p.checkOf(r, verify.CheckRecordLines))
	p.Field("number", plain(fmt.Sprint(r.Number)))
	p.block(string(e.Text), maxNoteLines)
	end()
	end = p.recordPart(r, verify.CheckModuleBytes)
	p.Heading("Bytes", muted("  what the module proxy serves, hashed anew"))
	p.Say("check", p.checkOf(r, verify.CheckModuleBytes))
	p.sum("zip", string(r.Zip), e.ZipSum)
	p.sum("go.mod", string(r.Mod), e.GoModSum)
	end()
	end = p.recordPart(r, verify.CheckRecordIn)
	p.recordPath(r, e)
	end()
	p.tiles(e)
	end = p.recordPart(r, verify.CheckTreeHead)
	p.Heading("Signed tree head", muted("  as the checksum database signed it"))
	p.Say("check", p.checkOf(r, verify.CheckTreeHead))
	p.values.put("tree head", string(e.Note))
	p.block(string(e.Note), maxNoteLines)
	end()
	end = p.recordPart(r, verify.CheckHistory)
	p.keptHead(r, e)
	end()
}

// recordPart is the spot of a check of a record.
func (p *Doc) recordPart(r *verify.Record, id verify.CheckID) (end func()) {
	at := recordPlace(id)
	return p.spot(Spot{Place: at, Word: string(id), Fails: statusOf(r, id) == verify.Fail, Tab: Log, Evidence: at})
}

func statusOf(r *verify.Record, id verify.CheckID) verify.CheckStatus {
	if k := r.Check(id); k != nil {
		return k.Result()
	}
	return verify.NotRun
}

// checkOf is the result of a check of a record, and its reason.
func (p *Doc) checkOf(r *verify.Record, id verify.CheckID) Span {
	if k := r.Check(id); k != nil {
		return reasoned(p.check(k.Result()), k.Reason)
	}
	return muted("not run")
}

// sum compares a hash of the record with the one of what the proxy serves. It is green
// nowhere: whether the record counts, its check says.
func (p *Doc) sum(what, recorded, served string) {
	fail, bad := p.Theme.Check(verify.Fail)
	p.Field(what, plain(cmp.Or(p.clean(recorded, maxValue), "not in the record")))
	switch {
	case served == "":
		p.Say("", muted("not fetched, so not compared"))
	case served == recorded:
		p.Say("", plain("equal to that of what is served"))
	default:
		p.Say("", Span{bad, fail + " served is " + p.clean(served, maxValue)})
	}
}

// recordPath draws the way from the record to the signed root.
func (p *Doc) recordPath(r *verify.Record, e *verify.RecordEvidence) {
	f, state := &e.Proof, statusOf(r, verify.CheckRecordIn)
	p.Heading("Inclusion", muted("  from the record up to the root of the tree"))
	p.Say("check", p.checkOf(r, verify.CheckRecordIn))
	fail, bad := p.Theme.Check(verify.Fail)
	pass, good := p.Theme.Check(verify.Pass)
	switch {
	case len(f.Computed) == 0:
		p.Item(theme.Warn, "The way cannot be drawn: "+stop(cmp.Or(f.Problem, "there is no tree")))
		return
	case !bytes.Equal(f.Computed, f.Signed):
		p.Item(bad, fail+" Broken here: from this record the hashes lead to another root than the one that was signed.")
	case state == verify.Pass:
		p.Item(good, pass+" The record is in the tree whose root the database signed.")
	default:
		p.Item(theme.Warn, "Recomputed, but not verified: nothing here is proven.")
	}
	p.hash("record", p.orMissing(f.LeafHash), theme.Strong)
	for i, s := range f.Steps {
		p.step(f.Signed, s, i == len(f.Steps)-1)
	}
	if len(f.Steps) == 0 {
		p.Item(theme.Muted, "There are no steps: the record is the root of a tree of one.")
	}
	p.hash("computed", p.orMissing(f.Computed), theme.Strong)
	p.root("signed", "in the tree head", f.Signed, f.Computed, state == verify.Pass)
	p.Say("", muted("which writes it as "+base64.StdEncoding.EncodeToString(f.Signed)))
}

// tiles lists the tiles on the way, each with the hash that the next one must hold.
func (p *Doc) tiles(e *verify.RecordEvidence) {
	if len(e.Tiles) == 0 {
		return
	}
	fail, bad := p.Theme.Check(verify.Fail)
	p.Heading("Tiles", muted("  that hold the way, the record's first"))
	for i, s := range e.Tiles {
		path := Span{theme.Strong, p.clean(s.Path, 64)}
		if s.Hash == nil {
			p.Flow(plain(indent), path, Span{theme.Warn, "  not fetched"})
			continue
		}
		p.Flow(plain(indent), path, plain(fmt.Sprintf("  hash %d of %d is on the way", s.At+1, s.Hashes)))
		said := muted("with it the root is computed")
		switch {
		case s.Contradicts():
			root, above := p.short(p.orMissing(s.Root), 28), p.short(p.orMissing(s.Above), 28)
			said = Span{bad, fail + " its hashes lead to " + root + ", and the next tile holds " + above}
		case s.Root != nil && s.Above != nil:
			said = muted("its hashes lead to the one that the next tile holds")
		case i < len(e.Tiles)-1:
			said = Span{theme.Warn, "it cannot be compared with the next tile"}
		}
		p.Flow(plain(indent+indent), said)
	}
}

// keptHead compares the tree with the one that was seen before.
func (p *Doc) keptHead(r *verify.Record, e *verify.RecordEvidence) {
	p.Heading("Consistency", muted("  with the newest tree that was seen before"))
	p.Say("check", p.checkOf(r, verify.CheckHistory))
	k := e.Kept
	if k == nil {
		p.Item(theme.Muted, "None was kept: this tree is the first that was seen. Those that follow are held against it.")
		return
	}
	p.Field("kept", plain(fmt.Sprintf("a tree of %d records", k.Size)))
	p.hash("its root", p.orMissing(k.Root), theme.Plain)
	p.Field("served", plain(fmt.Sprintf("a tree of %d records", e.Size)))
	p.hash("its root", p.orMissing(e.Proof.Signed), theme.Plain)
	older := min(k.Size, e.Size)
	if len(k.Older) == 0 {
		p.Say("", Span{theme.Warn, "the smaller tree could not be recomputed within the larger one"})
	} else {
		p.hash("recomputed", p.orMissing(k.Older), theme.Strong)
		_, bad := p.Theme.Check(verify.Fail)
		said := Span{bad, fmt.Sprintf("the root of the first %d records of the larger tree, and not that of the smaller", older)}
		if k.SameTree(e.Size, e.Proof.Signed) {
			said = plain(fmt.Sprintf("the root of the first %d records of the larger tree, equal to that of the smaller", older))
		}
		p.Say("", said)
	}
	p.Item(theme.Muted, "The head that was kept, as the database signed it:")
	p.values.put("kept head", string(k.Note))
	p.block(string(k.Note), maxNoteLines)
}

// recordKey says why there are no certificates, and whose key signed.
func (p *Doc) recordKey(in Input) {
	p.Para(theme.Plain, "There are no certificates: nobody signs a Go module when it is built or published. The checksum database "+
		"signs its tree, with a key of its own that the settings of the go command name.")
	p.eachRecord(in, func(r *verify.Record, e *verify.RecordEvidence) {
		p.Say("signature", p.checkOf(r, verify.CheckTreeHead))
		if r.Database != "" {
			p.field("key of", r.Database)
		}
		if e == nil {
			return
		}
		_, signatures, _ := strings.Cut(string(e.Note), "\n\n")
		p.block(signatures, maxNoteLines)
	})
}

// recordStatement says what was signed of a Go module.
func (p *Doc) recordStatement(in Input) {
	p.Para(theme.Plain, "There is no statement of a builder. What the database has of the module are two lines of go.sum: "+
		"the hash of its zip and the hash of its go.mod.")
	p.eachRecord(in, func(r *verify.Record, e *verify.RecordEvidence) {
		p.Say("record", p.checkOf(r, verify.CheckRecordLines))
		p.Say("in the tree", p.checkOf(r, verify.CheckRecordIn))
		p.field("zip", r.Zip)
		p.field("go.mod", r.Mod)
	})
}

// rawRecord shows the answers about a record as they were served.
func (p *Doc) rawRecord(in Input) {
	p.Para(theme.Muted, "What the checksum database and the module proxy served, unchanged. Nothing on this tab is proven by being here.")
	p.eachRecord(in, func(r *verify.Record, e *verify.RecordEvidence) {
		if e == nil {
			p.savedRecord(r)
			return
		}
		p.Heading("Answer of the checksum database")
		p.source(&e.Source)
		p.Blank()
		p.values.put("answer", string(e.Answer))
		p.block(string(e.Answer), maxNoteLines)
		p.Heading("go.mod")
		if len(e.GoMod) == 0 {
			p.Item(theme.Muted, "It was not fetched.")
			return
		}
		p.block(untrusted.Cut(string(e.GoMod), maxDrawn), 2000)
	})
	p.sources(in.Report)
}

// origin shows what the module's path and the module proxy say of the source.
func (p *Doc) origin(r *verify.Report) {
	p.Heading("Module path", muted("  a name, which proves nothing"))
	for i := range r.Artifacts {
		module, _, _ := strings.Cut(string(r.Artifacts[i].Filename), "@")
		p.field("module", untrusted.Text(module))
	}
	p.optional(named{"reads as", verify.PathRepository(r.Release.Name)})
	if c := r.Claims; c.Deprecated+c.Retracted != "" {
		p.Heading("Newest go.mod", muted("  as the module proxy serves it"))
		p.optional(named{"deprecated", c.Deprecated}, named{"retracted", c.Retracted})
	}
	o := r.Claims.Origin
	if o == (verify.Origin{}) && r.Claims.Repository == "" {
		return
	}
	p.Heading("Claimed by the module proxy", muted("  not signed"))
	p.optional(named{"kind", o.VCS}, named{"repository", r.Claims.Repository}, named{"ref", o.Ref}, named{"commit", o.Commit})
	p.Item(theme.Muted, "It is where the proxy says that it got the version. Nothing proves it, and it changes no verdict.")
}
