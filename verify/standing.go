package verify

// Standing returns the severity of the worst finding, from a warning on, that
// nobody accepted and that the verdict does not tell. A verdict that is not
// good tells its own reason. It may be called on a report that is not there.
func (r *Report) Standing() (worst Severity, found bool) {
	if r == nil {
		return Info, false
	}
	switch r.Status {
	case Verified, Partial, Signed, None:
	default:
		return Info, false
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; !f.Waived() && f.Severity > worst {
			worst = f.Severity
		}
	}
	return worst, worst >= Warning
}
