package review

import (
	"cmp"
	"slices"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// maxInstalled is how many entries of a list are named.
const maxInstalled = 5

// installs are what a spec says of how its package is installed and started.
// Evidence tells nothing of it, so an edit must be seen.
var installs = []struct {
	message string
	of      func(*catalog.Install) []untrusted.Text
}{
	{"the change forces other versions of dependencies, and nothing verifies them", func(in *catalog.Install) (out []untrusted.Text) {
		for _, o := range in.Overrides {
			out = append(out, o.Package+" "+o.Version)
		}
		for _, c := range in.Constraints {
			out = append(out, c.Requirement)
		}
		return out
	}},
	{"the change starts the server with other arguments", func(in *catalog.Install) []untrusted.Text { return in.Args }},
	{"the change starts the server in another environment", func(in *catalog.Install) (out []untrusted.Text) {
		for _, e := range in.Env {
			out = append(out, e.Name+"="+e.Value)
		}
		return out
	}},
}

// compareInstall warns of what else is installed than before, or how.
func (c *Change) compareInstall() (found []verify.Finding) {
	for _, install := range installs {
		was, is := install.of(&c.Before.Spec.Install), install.of(&c.After.Spec.Install)
		if slices.Equal(was, is) {
			continue
		}
		found = append(found, verify.Finding{Rule: ruleInstall, Severity: verify.Warning, Message: install.message,
			Expected: listed(was), Observed: listed(is)})
	}
	return found
}

func listed(entries []untrusted.Text) string {
	return cmp.Or(untrusted.Shorten(untrusted.List(entries, maxInstalled, 0), untrusted.MaxMessage), "none")
}
