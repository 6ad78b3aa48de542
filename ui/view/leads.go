package view

import "plimsoll/verify"

// lead says of each link what explains it and where its evidence is: that of the
// check that failed, if one did.
func (c *chain) lead(links []link) {
	for i := range links {
		l := &links[i]
		l.leads = c.evidence(l)
		l.leads.Place, l.leads.Fails = Place(l.name), l.state == verify.Fail || l.broken
		if id := c.failed(l); id != "" {
			l.leads.Word, l.leads.Tab, l.leads.Evidence = string(id), evidenceOf(id), c.at(c.att, id)
		}
	}
}

// evidence is where the evidence of a link is that held, and its word.
func (c *chain) evidence(l *link) Spot {
	switch l.name {
	case "source":
		if c.att == nil || c.att.Kind == verify.KindPublish {
			return Spot{Word: string(verify.CheckIdentity), Tab: Publisher, Evidence: placeMetadata}
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
	case "log":
		return Spot{Word: "transparency log", Tab: Log, Evidence: c.at(c.att, verify.CheckEntry)}
	case "names":
		return Spot{Word: string(verify.CheckSubject), Tab: Statement, Evidence: c.at(c.att, verify.CheckSubject)}
	case "artifact":
		if c.att == nil {
			return Spot{Word: "digest", Tab: Overview, Evidence: artifactPlace(0)}
		}
		return Spot{Word: "digest", Tab: Statement, Evidence: c.at(c.att, verify.CheckSubject)}
	default:
		return Spot{Word: "registry signature", Tab: Certificates, Evidence: l.leads.Evidence}
	}
}

// field is the place of a field of the comparison, or of the one that contradicts.
func (c *chain) field(name string, build bool) Place {
	if row := c.contradiction(build); row != nil {
		name = row.Field
	}
	return fieldPlace(name)
}

// failed is the check that a link failed at, or "" if none did.
func (c *chain) failed(l *link) verify.CheckID {
	if c.att == nil || l.state != verify.Fail && !l.broken {
		return ""
	}
	for i := range c.att.Checks {
		k := &c.att.Checks[i]
		for _, id := range l.checks {
			if k.ID == id && (k.Status == verify.Fail || l.broken && k.Status == verify.Blocked) {
				return id
			}
		}
	}
	return ""
}
