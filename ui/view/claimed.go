package view

import (
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify/statement"
)

// claim is a source that somebody names and nobody proves, and its brief form.
func (c *chain) claim() (value, brief string) {
	claimed := func(what, by string) (string, string) {
		return "claimed: " + what + " (" + by + ")", "claimed: " + what
	}
	if c.att != nil && c.bundle == nil && !(c.saved && c.att.Leaf != nil) {
		return c.unread(), ""
	}
	if c.att != nil {
		if source := c.certified(); source != "" {
			return claimed(address(c.Text(source)), "unverified certificate")
		}
		if s := c.stated(); s != nil && s.Repository != "" {
			return claimed(address(c.Text(s.Repository)), "unverified statement")
		}
		if s := c.att.Claimed; s != nil && s.Repository != "" {
			return claimed(c.clean(claimedRepository(s.Kind, s.Repository), maxValue), "index")
		}
	}
	if t := c.r.Claims.Repository; t != "" {
		by := "registry metadata"
		if isGo(c.r) {
			by = "module proxy"
		}
		return claimed(address(strings.TrimSuffix(strings.TrimPrefix(c.Text(t), "git+"), ".git")), by)
	}
	return "unknown", ""
}

// certified is the source that the certificate names, which may be anybody's.
func (c *chain) certified() untrusted.Text {
	const sourceURI = 12
	if c.att.Says != nil && c.att.Says.Certificate != nil {
		return c.att.Says.Certificate.Extensions[sourceURI]
	}
	if c.bundle == nil {
		return ""
	}
	for _, cert := range c.bundle.Certificates {
		for _, e := range cert.Extensions {
			if e.Number == sourceURI && e.Value != "" {
				return e.Value
			}
		}
	}
	return ""
}

// stated is what the statement says of the build, or nil.
func (c *chain) stated() *statement.Provenance {
	if c.bundle == nil || c.bundle.Statement == nil {
		return nil
	}
	return c.bundle.Statement.Provenance
}

// unread stands for a value of the evidence that is not here: the verdict keeps
// none of it, and a file of results does not carry it.
func (c *chain) unread() string {
	if c.saved {
		return notInFile
	}
	return c.Theme.Glyph(theme.GlyphAbsent)
}

func (c *chain) claimedWorkflow() (value, brief string) {
	if c.bundle == nil && !(c.saved && len(c.att.Subjects) > 0) {
		return c.unread(), ""
	}
	if s := c.stated(); s != nil && s.Workflow != "" {
		brief = "claimed: " + c.Text(s.Workflow)
		return brief + " (unverified statement)", brief
	}
	if s := c.att.Claimed; s != nil && s.Workflow != "" {
		brief = "claimed: " + c.Text(s.Workflow)
		return brief + " (index)", brief
	}
	return "unknown", ""
}
