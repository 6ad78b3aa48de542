package report

import (
	"slices"

	"plimsoll/catalog"
	"plimsoll/verify"
)

// over is what reports rest on: on no checksum database, unless it judged a record of
// one of them. That it is in force says nothing.
func (t Trust) over(reports ...*verify.Report) Trust {
	judged := func(a verify.ArtifactReport) bool {
		return a.Record != nil && (a.Record.Status == verify.Signed || a.Record.Status == verify.Invalid)
	}
	if !slices.ContainsFunc(reports, func(r *verify.Report) bool { return slices.ContainsFunc(r.Artifacts, judged) }) {
		t.SumDB = ""
	}
	return t
}

// overAll is over for packages.
func (t Trust) overAll(packages []Package) Trust {
	reports := make([]*verify.Report, len(packages))
	for i := range packages {
		reports[i] = &packages[i].Report
	}
	return t.over(reports...)
}

// against returns a sentence that names what everything was checked against, if
// anything; at is when, " at 2026-…" or "", and name writes the names.
func (t Trust) against(at string, name func(string) string) string {
	database := ""
	if t.SumDB != "" {
		database = "the checksum database " + name(t.SumDB)
	}
	switch {
	case t.Problem != "" && t.RootSHA256 == "" && database != "":
		return "only Go modules were checked, against " + database + ": " + name(t.Problem)
	case t.Problem != "" && t.RootSHA256 == "":
		return "nothing was verified: " + name(t.Problem)
	case t.RootSHA256 == "" && database != "":
		return "checked" + at + " against " + database
	case t.Root == "":
		return "checked" + at
	case t.RootSHA256 == "":
		return "nothing was checked against the trust root: " + name(t.Root)
	}
	text := "checked" + at + " against " + name(t.Root)
	if t.Keys != "" && t.Keys != t.Root {
		text += "; npm keys: " + name(t.Keys)
	}
	if t.OwnKeys {
		text += "; keys that a registry serves itself, for which nobody else vouches"
	}
	if database != "" {
		text += "; Go modules: " + database
	}
	if t.Problem != "" { // of a part of the catalog
		text += "; not all: " + name(t.Problem)
	}
	return text
}

// notRead returns a sentence that names the specs that were left out, or "".
func (t Trust) notRead() string {
	if specs := t.NotRead.String(); specs != "" {
		return "not read: the specs " + specs + "; plimsoll reads " + catalog.Folders
	}
	return ""
}
