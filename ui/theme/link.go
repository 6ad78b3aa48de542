package theme

import "strings"

const (
	linkStart = "\x1b]8;;"
	linkEnd   = "\x1b\\" // ends the address, and with none before it the link
)

// Links reports whether text can lead to an address.
func (t *Theme) Links() bool { return t.options.Terminal.Links && !t.options.Plain }

// Link makes painted text lead to an address, if the terminal has links (OSC 8).
// The address must be a template of ours, filled in; one that holds anything but
// printable ASCII leads nowhere.
func (t *Theme) Link(address, painted string) string {
	if !t.Links() || painted == "" || !printable(address) {
		return painted
	}
	return linkStart + address + linkEnd + painted + linkStart + linkEnd
}

// printable reports whether s holds nothing that could end a link's address.
func printable(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// takeLink splits the start or the end of a link off a painted line.
func takeLink(painted string) (sequence, rest string) {
	if !strings.HasPrefix(painted, linkStart) {
		return "", painted
	}
	end := strings.Index(painted, linkEnd)
	if end < 0 {
		return painted, ""
	}
	end += len(linkEnd)
	return painted[:end], painted[end:]
}
