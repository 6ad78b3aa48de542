package trust

import (
	"maps"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
)

// Info describes the trust in force, for people.
type Info struct {
	Origin     Origin
	Root       string // where the trust root came from
	RootSHA256 string // hex, "" until loaded
	Keys       string // where npm's keys come from
	Demo       bool   // made up: it proves nothing outside the demo
	Loading    bool   // it is being loaded; what is known from before is still there
	RootError  string // why there is no trust root, cleaned; "" if it is there or nobody asked
	Generation int    // counts the trusts that differ by value; 0 until something was loaded
	Change     string // how this one differs from the one before, one line, cleaned
	// Stale is why refreshes have failed since StaleSince, cleaned, or "": what
	// was loaded before holds until it expires.
	Stale      string
	StaleSince time.Time
	// Kept is what is wrong with the folder in which a TUF repository's files are
	// kept, and what was done about it, one line, cleaned, or "".
	Kept string
	// KeySets are the keys that were asked for, in the order of their
	// registries.
	KeySets []KeySet

	// What follows is known of a TUF repository only, once it is loaded.
	Mirror      string        // its base URL, known before
	RootVersion int64         // of its root metadata
	Version     int64         // of its timestamp metadata, which changes with every update
	Expires     time.Time     // the first of its metadata that the trust was taken by
	Checked     time.Time     // when the network last confirmed it
	Age         time.Duration // since then
}

// KeySet describes the keys of one npm registry.
type KeySet struct {
	Registry string // host and path, without https://; "" for keys that serve every registry
	Source   string // where they came from, or "" if there are none
	Count    int
	Weak     bool   // the registry vouches for itself
	Error    string // why there are none, cleaned
}

// Describe returns which trust is in force, as of the last load. It loads nothing
// and waits for nothing.
func (p *Provider) Describe() Info {
	info := *p.described.Load()
	if !info.Checked.IsZero() {
		info.Age = max(0, p.options.Now().Sub(info.Checked))
	}
	if info.Loading = !p.loading.TryLock(); !info.Loading {
		p.loading.Unlock()
	}
	return info
}

// note keeps the description for [Provider.Describe]; p.loading is held.
func (p *Provider) note() {
	info := p.configured()
	info.RootError, info.RootSHA256 = untrusted.Message(p.rootErr), p.rootSum
	info.Generation, info.Change = p.generation, p.change
	info.Stale, info.StaleSince = untrusted.Message(p.stale), p.staleSince
	info.Kept = untrusted.Clean(p.repository.notice())
	if r := p.repository; r != nil && p.root != nil && info.Origin == OriginTUF {
		info.RootVersion, info.Version = r.versions()
		info.Expires, info.Checked = r.expires, r.fetched.checked
	}
	for _, base := range slices.Sorted(maps.Keys(p.keys)) {
		set := p.keys[base]
		known := KeySet{Registry: strings.TrimPrefix(base, "https://"), Count: len(set.keys), Error: untrusted.Message(set.err)}
		if len(set.keys) > 0 {
			known.Source, known.Weak = set.keys[0].Source, set.keys[0].Weak
		}
		info.KeySets = append(info.KeySets, known)
	}
	p.described.Store(&info)
}

// configured describes the options, before anything is loaded.
func (p *Provider) configured() Info {
	m := p.material
	info := Info{Origin: m.Origin, Root: m.RootName, Keys: m.KeysName, Demo: m.Origin == OriginDemo}
	if m.TrustedRoot == nil {
		info.Origin, info.Root = OriginNone, "none"
		if p.options.TUF != nil {
			info.Origin, info.Root, info.Mirror = OriginTUF, p.options.TUF.name(), p.options.TUF.address()
		}
	}
	if m.NPMKeys == nil {
		info.Keys = "none"
		if p.options.TUF != nil {
			info.Keys = p.options.TUF.name()
		}
	}
	return info
}
