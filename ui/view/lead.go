package view

// Lead is a line of a text that leads on: to a package, or to those that are spoken
// of.
type Lead struct {
	Line   int
	Spec   string // the path of a package's spec; ""
	Filter string // of the table: it lets through the packages; ""
	Rows   []int  // the packages by their IDs, if no filter tells them from others
	Trust  bool   // to the trust in force, no package
}

// LeadTo makes the next line lead on, if the lead leads anywhere.
func (p *Doc) LeadTo(l Lead) {
	if l.Spec == "" && l.Filter == "" && len(l.Rows) == 0 && !l.Trust {
		return
	}
	l.Line = len(p.lines)
	p.leads = append(p.leads, l)
}

// Leads are the lines that lead on, in their order.
func (p *Doc) Leads() []Lead { return p.leads }
