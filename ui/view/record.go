package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// isGo reports whether a report is about a Go module: its evidence is a record of the
// checksum database, and no attestation.
func isGo(r *verify.Report) bool { return r.Release.Ecosystem == verify.Go }

// recordCustody is the chain of a Go module: from what a module proxy claims of the
// source, which nothing proves, over the database's signature on its tree, to the
// record in it and the bytes that the record names.
func (c *chain) recordCustody() []link {
	source := link{name: "source", state: verify.NotApplicable, says: "nothing proves it"}
	source.value, source.brief = c.claim()
	if c.art == nil || c.art.Record == nil {
		return []link{source, c.noRecord(), c.moduleBytes(link{name: "artifact", state: verify.NotApplicable, says: "no record names it"})}
	}
	r := c.art.Record
	database := link{name: "database", value: cmp.Or(c.Text(r.Database), "unknown")}
	tree := link{name: "tree", edge: true, value: "of an unknown size"}
	if r.Size > 0 {
		tree.value = fmt.Sprintf("of %d records, root %s", r.Size, untrusted.Cut(c.clean(r.Root, maxValue), 12)+theme.Ellipsis)
	}
	in := link{name: "holds", edge: true, value: fmt.Sprintf("record #%d", r.Number)}
	record := link{name: "record", value: c.packageOf()}
	links := []link{
		source,
		c.recordLink(database, verify.CheckTreeHead, "its signature on the tree verifies"),
		c.recordLink(tree, verify.CheckHistory, "of one history with the tree seen before"),
		c.recordLink(in, verify.CheckRecordIn, "leads to the signed root"),
		c.recordLink(record, verify.CheckRecordLines, "names this module and version"),
		c.moduleBytes(c.recordLink(link{name: "artifact"}, verify.CheckModuleBytes, "the proxy serves these bytes")),
	}
	included := statusOf(r, verify.CheckRecordIn) == verify.Pass
	first := broken(r.Checks)
	for i := range links {
		l := &links[i]
		if l.name == "record" && l.state == verify.Pass && !included {
			l.state, l.vouch, l.says = verify.NotRun, false, "names this module and version, but not proven"
		}
		l.broken = first != nil && slices.Contains(l.checks, first.ID)
	}
	return links
}

// noRecord says why there is nothing of the checksum database.
func (c *chain) noRecord() link {
	l := link{name: "record", value: "none", state: verify.NotApplicable, says: "no record is offered"}
	switch {
	case c.art == nil || missing(c.r, c.art):
		l.value, l.says, l.why = "unknown", notKnown, ""
	case c.art.Excluded != "":
		l.says, l.why = "kept from the checksum database", "by a setting of the go command: "+c.clean(c.art.Excluded, maxValue)
	}
	return l
}

// moduleBytes fills in the bytes that people install.
func (c *chain) moduleBytes(l link) link {
	l.value = "unknown"
	if c.art == nil {
		return l
	}
	l.value = c.name(c.art)
	if r := c.art.Record; r != nil && r.Zip != "" {
		l.value = c.short(c.Text(r.Zip), 28)
		l.vouch = r.Status == verify.Signed
	}
	return l
}

// packageOf is the release's module as the artifact names it.
func (c *chain) packageOf() string {
	return strings.Replace(strings.TrimSuffix(c.Text(c.art.Filename), ".zip"), "@", " ", 1)
}

// recordLink fills in the result of a link that rests on one check of the record.
func (c *chain) recordLink(l link, id verify.CheckID, good string) link {
	l.checks = []verify.CheckID{id}
	k := c.art.Record.Check(id)
	if k == nil {
		l.state, l.says = verify.NotApplicable, "the check is "+notInFile
		return l
	}
	switch l.state = k.Result(); l.state {
	case verify.Pass:
		l.says, l.vouch = good, true
	case verify.Fail:
		l.says, l.why = k.Title+" failed", k.Reason
	case verify.Blocked:
		l.says, l.why = k.Title+" "+notChecked, k.Reason
	case verify.NotRun:
		if l.says = k.Reason; k.Status == verify.Blocked {
			l.says = "not reached"
		}
	default:
		l.says = k.Reason
	}
	return l
}
