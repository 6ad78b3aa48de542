package view

import (
	"slices"
	"strconv"
	"strings"

	"plimsoll/verify"
)

// Spot is a part of a page that is about one thing: a link of the chain, a
// finding, a check, a piece of evidence. A cursor can stand on it.
type Spot struct {
	From, To int    // its lines, To exclusive
	Place    Place  // what it is about
	Word     string // what explains it: a term, a status, a check or a rule
	Fails    bool   // it did not hold
	Tab      Tab    // the tab that has its evidence; its own if there is no other
	Evidence Place  // the spot on Tab
}

// Place names what a spot is about. It stays the same however a page is drawn.
type Place string

// The places that a page has once at most.
const (
	placeVerdict    Place = "verdict"
	placeSource     Place = "source" // the first link
	placeSLSA       Place = "SLSA"
	placeComparison Place = "comparison"
	placeMetadata   Place = "metadata"
)

// spot begins a spot; what it returns ends it. A spot without a line is none.
func (p *Doc) spot(s Spot) (end func()) {
	s.From = len(p.lines)
	return func() {
		for s.To = len(p.lines); s.From < s.To && p.lines[s.From].Text == ""; s.From++ { // before a heading
		}
		if s.From < s.To {
			p.spots = append(p.spots, s)
		}
	}
}

// here is a spot whose evidence is where it stands.
func (p *Doc) here(place Place, word string) (end func()) {
	return p.spot(Spot{Place: place, Word: word, Tab: p.tab, Evidence: place})
}

// at is the place of a check of an attestation; "" is the attestation itself.
func (p *Doc) at(a *verify.Attestation, id verify.CheckID) Place {
	if a == nil {
		return ""
	}
	return Place(strconv.Itoa(p.numbers[a]) + "/" + string(id))
}

// shown is where the tab of [evidenceOf] shows what a check was about.
func (p *Doc) shown(a *verify.Attestation, id verify.CheckID) Place {
	switch id {
	case verify.CheckSignature:
		id = verify.CheckStatement
	case verify.CheckParse:
		id = ""
	}
	return p.at(a, id)
}

// recordPlace is that of a check of a record; "" is the record itself. A release of a Go
// module has one zip, and so one record.
func recordPlace(id verify.CheckID) Place { return Place("record/" + string(id)) }

func fieldPlace(field string) Place { return Place("field/" + field) }

func artifactPlace(n int) Place { return Place("artifact/" + strconv.Itoa(n)) }

// signaturePlace is that of a signature, by its number among all.
func (p *Doc) signaturePlace(s *verify.Signature) Place {
	return Place("signature/" + strconv.Itoa(p.signed[s]))
}

// number gives each attestation and signature its number in the report.
func (p *Doc) number(r *verify.Report) {
	p.numbers, p.signed = map[*verify.Attestation]int{}, map[*verify.Signature]int{}
	for i := range r.Artifacts {
		a := &r.Artifacts[i]
		for j := range a.Attestations {
			p.numbers[&a.Attestations[j]] = len(p.numbers)
		}
		for j := range a.Signatures {
			p.signed[&a.Signatures[j]] = len(p.signed)
		}
	}
}

// kindWord explains an attestation of its kind.
func kindWord(a *verify.Attestation) string {
	if a.Kind == verify.KindUnknown {
		return "attestation"
	}
	return a.Kind.Noun()
}

// evidenceOf is the tab that shows what a check was about.
func evidenceOf(id verify.CheckID) Tab {
	switch id {
	case verify.CheckTrust, verify.CheckEntry, verify.CheckSET, verify.CheckInclusion, verify.CheckCheckpoint, verify.CheckEntryBundle:
		return Log
	case verify.CheckRecordLines, verify.CheckTreeHead, verify.CheckRecordIn, verify.CheckHistory, verify.CheckModuleBytes:
		return Log
	case verify.CheckTime, verify.CheckChain, verify.CheckSCT, verify.CheckKey, verify.CheckIdentity:
		return Certificates
	case verify.CheckSignature, verify.CheckStatement, verify.CheckSubject, verify.CheckPredicate:
		return Statement
	case verify.CheckParse:
		return Raw
	}
	return Overview
}

// Find returns the number of the spot with a place, one that fails before others;
// if there is none, that of the attestation that the place belongs to, or -1.
func Find(spots []Spot, place Place) int {
	whole, _, _ := strings.Cut(string(place), "/")
	found := -1
	for i, s := range spots {
		switch {
		case s.Place == place && (found < 0 || spots[found].Place != place || s.Fails && !spots[found].Fails):
			found = i
		case found < 0 && s.Place == Place(whole+"/"):
			found = i
		}
	}
	return found
}

// Start returns the number of the spot that is looked at first: the first link that
// failed, or the first link, or -1.
func Start(spots []Spot) int {
	if failed := slices.IndexFunc(spots, func(s Spot) bool { return s.Fails }); failed >= 0 {
		return failed
	}
	return slices.IndexFunc(spots, func(s Spot) bool { return s.Place == placeSource })
}
