package trust

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// Refresh loads the trust anew, files, TUF and registries' keys, if what is
// there is older than age, has ended, or could not be fetched, and describes it
// then. What cannot be fetched leaves what was verified before, until that
// ends, and Info says so; what is refused or gone is no longer trust. It gives
// up when ctx ends; the load goes on for the others. It loads nothing that
// nobody has asked for yet.
func (p *Provider) Refresh(ctx context.Context, age time.Duration) Info {
	_, err := wait(ctx, p.options.Log, func() (none struct{}, _ error) {
		p.loading.Lock()
		defer p.loading.Unlock()
		defer p.note()
		if p.generation > 0 && p.due(age) {
			if age == 0 { // somebody asks
				p.options.TUF.askAgain()
			}
			p.reload(context.WithoutCancel(ctx))
		}
		return none, nil
	})
	info := p.Describe()
	if err != nil {
		info.Stale, info.StaleSince = untrusted.Message(err), p.options.Now()
	}
	return info
}

// due reports whether the trust is to be loaded again.
func (p *Provider) due(age time.Duration) bool {
	now := p.options.Now()
	switch since := now.Sub(p.tried); {
	case since < 0, since >= age, p.repository.expired(now):
		return true
	case p.rootErr != nil:
		return since >= failureKept
	default:
		return p.stale != nil && since >= staleKept
	}
}

// reload loads everything that was asked for as another process would, and puts
// it in the place of what is there; p.loading is held.
func (p *Provider) reload(ctx context.Context) {
	next := state{material: p.material, keys: map[string]keySet{}}
	if p.options.Reread != nil {
		var err error
		if next.material, err = p.options.Reread(); err != nil { // a file that is gone is no trust
			next.material, next.rootErr = p.material, err
		}
	}
	if next.rootErr == nil {
		p.loadRoot(&next)
	}
	var changes []string
	for _, base := range slices.Sorted(maps.Keys(p.keys)) {
		before := p.keys[base]
		set := before
		if set.trust = (verify.Trust{}); next.root != nil {
			set = p.reloadSet(ctx, &next, before)
			changes = append(changes, changedKeys(base, before, set))
		}
		next.keys[base] = set
	}
	changes = append([]string{p.changedRoot(&next)}, changes...)
	p.tried = p.options.Now()
	switch {
	case next.stale == nil:
		p.staleSince = time.Time{}
	case p.stale == nil:
		p.staleSince = p.tried
	}
	if next.rootErr == nil {
		p.ended = time.Time{}
	}
	p.state = next
	p.newGeneration(changes...)
}

// reloadSet loads the keys of a registry again. If the registry does not answer,
// the keys from before hold for [keysKept].
func (p *Provider) reloadSet(ctx context.Context, next *state, before keySet) keySet {
	set := p.loadSet(ctx, next, before.registry)
	age := p.options.Now().Sub(before.loaded) // negative if the clock was set back: nobody knows how old they are
	if away := new(unanswered); before.err == nil && errors.As(set.err, away) && !errors.Is(set.err, registry.ErrNotFound) &&
		0 <= age && age < keysKept {
		next.stale = set.err
		return before.prepare(next.root)
	}
	return set
}

// newGeneration counts a new generation of trust unless all changes are "".
func (p *Provider) newGeneration(changes ...string) {
	if changes = slices.DeleteFunc(changes, func(s string) bool { return s == "" }); len(changes) > 0 {
		p.generation++
		p.change = strings.Join(changes, "; ")
	}
}

// changedRoot words how the trust root of next differs, or returns "".
func (p *Provider) changedRoot(next *state) string {
	switch {
	case p.root == nil && next.root == nil, bytes.Equal(p.rootData, next.rootData):
		return ""
	case next.root == nil:
		return "nothing can be verified any more: " + untrusted.Message(next.rootErr)
	case p.root == nil:
		return "the trust root could be loaded"
	}
	return fmt.Sprintf("the trust root was replaced: SHA-256 %.12s, before %.12s", next.rootSum, p.rootSum)
}

// changedKeys words how the keys of a registry differ, or returns "".
func changedKeys(base string, before, now keySet) string {
	of := "of every registry"
	if base != "" {
		of = "of " + string(untrusted.Text(untrusted.Shorten(strings.TrimPrefix(base, "https://"), 64)))
	}
	switch {
	case before.err != nil && now.err != nil:
		return ""
	case now.err != nil:
		return fmt.Sprintf("the keys %s can no longer be fetched: %s", of, untrusted.Message(now.err))
	case before.err != nil:
		return fmt.Sprintf("the keys %s could be loaded", of)
	}
	gone, added := countMissing(before.keys, now.keys), countMissing(now.keys, before.keys)
	if gone+added == 0 {
		return ""
	}
	return fmt.Sprintf("the keys %s changed: %d no longer hold as before, %d are new", of, gone, added)
}

// countMissing counts the keys that are not among others with the same usage and
// period.
func countMissing(keys, others []verify.RegistryKey) (n int) {
	for _, k := range keys {
		if !slices.ContainsFunc(others, func(o verify.RegistryKey) bool {
			return k.ID == o.ID && k.Usage == o.Usage && k.Start.Equal(o.Start) && k.End.Equal(o.End) && k.Weak == o.Weak && k.Public.Equal(o.Public)
		}) {
			n++
		}
	}
	return n
}
