package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"plimsoll/verify"
)

// locate says of each link what explains it and where its evidence is: that of the
// check that failed, if one did.
func (c *chain) locate(links []link) {
	for i := range links {
		l := &links[i]
		l.spot = c.spotOf(l)
		l.spot.Place, l.spot.Fails = Place(l.name), l.state == verify.Fail || l.broken
		if row := c.contradiction(l.name != "source"); row != nil && l.spot.Fails && l.spot.Evidence == fieldPlace(row.Field) {
			l.spot.Word = cmp.Or(fieldRules[row.Field], l.spot.Word)
		}
		if c.r.Status == verify.Unchecked && l.unknown() { // the verdict says why, and no link
			l.spot.Word = verify.Unchecked.String()
		}
		if id := c.failed(l); id != "" {
			l.spot.Word, l.spot.Tab, l.spot.Evidence = string(id), evidenceOf(id), c.evidenceAt(id)
		}
	}
}

// spotOf is where the evidence of a link is that held, and its word.
func (c *chain) spotOf(l *link) Spot {
	if c.art != nil && c.art.Record != nil && len(l.checks) > 0 {
		return Spot{Word: string(l.checks[0]), Tab: Log, Evidence: c.evidenceAt(l.checks[0])}
	}
	switch l.name {
	case "source":
		if c.att == nil || c.att.Kind == verify.KindPublish {
			return Spot{Word: c.r.Status.String(), Tab: Publisher, Evidence: placeMetadata} // no check was made
		}
		return Spot{Word: string(verify.CheckIdentity), Tab: Publisher, Evidence: c.field("repository", false)}
	case "built by", "published by", "signed by":
		return Spot{Word: "SLSA level", Tab: Publisher, Evidence: c.field("workflow", true)}
	case "certificate":
		return Spot{Word: "Fulcio", Tab: Certificates, Evidence: c.at(c.att, verify.CheckChain)}
	case "key":
		return Spot{Word: string(verify.CheckKey), Tab: Certificates, Evidence: c.at(c.att, verify.CheckKey)}
	case "signed":
		return Spot{Word: "DSSE", Tab: Statement, Evidence: c.at(c.att, verify.CheckStatement)}
	case "record": // of a Go module, and there is none
		return Spot{Word: "checksum database", Tab: Log, Evidence: artifactPlace(0)}
	case "log":
		return Spot{Word: "transparency log", Tab: Log, Evidence: c.at(c.att, verify.CheckEntry)}
	case "names":
		return Spot{Word: string(verify.CheckSubject), Tab: Statement, Evidence: c.at(c.att, verify.CheckSubject)}
	case "artifact":
		if c.art == nil {
			return Spot{Word: "digest", Evidence: Place(l.name)}
		}
		if c.att == nil {
			return Spot{Word: "digest", Evidence: artifactPlace(0)}
		}
		return Spot{Word: "digest", Tab: Statement, Evidence: c.at(c.att, verify.CheckSubject)}
	default:
		return Spot{Word: "registry signature", Tab: Certificates, Evidence: l.spot.Evidence}
	}
}

// reason is the place of the link that a verdict comes from.
func reason(links []link) Place {
	for _, l := range links {
		if l.spot.Fails {
			return l.spot.Place
		}
	}
	return placeSource
}

// fieldRules are the rules of the fields that a spec demands.
var fieldRules = map[string]string{
	"repository": "provenance.repository_uri", "ref": "provenance.repository_ref", "issuer": "provenance.cert_issuer",
	"signer": "provenance.signer_identity", "runner": "provenance.runner_environment", "publisher kind": "publisher.kind",
	"publisher repository": "publisher.repository", "workflow": "publisher.workflow",
	"available": "attestations.gone", "verified": "attestations.gone",
}

// fieldSpot is a row of the comparison.
func fieldSpot(c *verify.Comparison) Spot {
	at := fieldPlace(c.Field)
	word := cmp.Or(fieldRules[c.Field], string(verify.CheckIdentity))
	return Spot{Place: at, Word: word, Fails: c.Result == verify.ResultMismatch, Tab: Publisher, Evidence: at}
}

// findingSpot leads from a finding to what it was found in.
func (p *Doc) findingSpot(f verify.Finding) Spot {
	s := Spot{Place: Place(fmt.Sprintf("finding/%d", len(p.spots))), Word: f.Rule, Tab: Overview, Evidence: placeVerdict}
	group, _, _ := strings.Cut(f.Rule, ".")
	switch group {
	case "attestations", "metadata", "module":
		s.Tab, s.Evidence = Publisher, placeComparison
	case "record":
		s.Tab, s.Evidence = Log, artifactPlace(0)
	case "provenance", "publisher":
		s.Tab, s.Evidence = Publisher, placeComparison
		for _, field := range slices.Sorted(maps.Keys(fieldRules)) {
			if fieldRules[field] == f.Rule {
				s.Evidence = fieldPlace(field)
			}
		}
	case "signature", "keys", "certificate":
		s.Tab, s.Evidence = Certificates, ""
	case "history":
		s.Tab, s.Evidence = History, ""
	case "registry", "release":
		s.Tab, s.Evidence = Raw, ""
	}
	return s
}

// field is the place of a field of the comparison, or of the one that contradicts.
func (c *chain) field(name string, build bool) Place {
	if row := c.contradiction(build); row != nil {
		name = row.Field
	}
	if c.compared(name) == nil {
		return placeComparison
	}
	return fieldPlace(name)
}

// checks are those of what is drawn: an attestation, or a record.
func (c *chain) checks() []verify.Check {
	switch {
	case c.att != nil:
		return c.att.Checks
	case c.art != nil && c.art.Record != nil:
		return c.art.Record.Checks
	}
	return nil
}

// evidenceAt is where the tab of a check shows what it was about.
func (c *chain) evidenceAt(id verify.CheckID) Place {
	if c.att == nil && c.art != nil && c.art.Record != nil {
		return recordPlace(id)
	}
	return c.shown(c.att, id)
}

// failed is the check that a link failed at, or "" if none did.
func (c *chain) failed(l *link) verify.CheckID {
	if l.state != verify.Fail && !l.broken {
		return ""
	}
	checks := c.checks()
	for i := range checks {
		k := &checks[i]
		for _, id := range l.checks {
			if k.ID == id && (k.Status == verify.Fail || l.broken && k.Status == verify.Blocked) {
				return id
			}
		}
	}
	return ""
}
