package verify

import (
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/tlog"

	"plimsoll/catalog/untrusted"
)

// InspectRecord judges a saved answer of a checksum database by itself. Only the tree
// head in it is signed, and tiles lead from the record to that, which such an answer
// does not have: so nothing of the record is proven, unless the tree has no other. It
// compares nothing with the proxy's bytes, nor with a head that was seen before.
func InspectRecord(file EvidenceFile, db SumDB) Dossier {
	var release Release
	if _, text, _, err := tlog.ParseRecord(file.Record); err == nil {
		words := strings.Fields(string(text))
		if len(words) > 1 {
			release = Release{Ecosystem: Go, Name: untrusted.Text(words[0]), Version: untrusted.Text(words[1])}
		}
	}
	name, why := release.Name+"@"+release.Version, "a saved answer has none of the tree"
	if module.Check(string(release.Name), string(release.Version)) == nil { // else it is no word of a command
		why += "; plimsoll verify-provenance go:" + name.String() + " fetches them"
	}
	offered := OfferedRecord{Module: release.Name, Answer: file.Record, Source: file.Source, TileError: why}
	record := judgeRecord(release, offered, SumDB{Key: db.Key, Error: db.Error})
	d := newDossier(Report{
		Inspected: &Inspected{File: file.Name, Kind: file.Kind, SHA256: file.Source.SHA256},
		SLSA:      SLSA{Reason: "a build level is a package's: a file of evidence has none"},
		Sources:   []Source{file.Source}, Status: record.Status, Reason: record.Reason,
	}, []Artifact{{Filename: name + ".zip"}})
	switch {
	case record.Status == Unchecked && record.Database != "":
		d.Reason = "its tree head is signed by " + record.Database.String() + ", and nothing of the record is proven: " + record.Reason
	case record.Status == Signed:
		d.Status, d.Reason = Unbound, "it names "+name.String()+", and that is in the signed tree; not compared with any file"
	case record.Status == Invalid:
		d.addFindings([]Finding{recordFinding(name.String(), &record)})
	}
	d.Artifacts[0].Record, d.Artifacts[0].Status, d.Artifacts[0].Reason = &record, d.Status, d.Reason
	return *d
}
