package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/policy"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
)

// rules are what people demand of a catalog's packages, and decided about them.
type rules struct {
	policy    atomic.Pointer[loadedPolicy] // nil: none; the catalog's may change while the screen is open
	decisions *triage.Decisions
	history   bool // the versions before are looked at in any case
	now       func() time.Time
}

// loadedPolicy is a policy, and the digest of its file.
type loadedPolicy struct {
	*policy.Policy
	sha256 [sha256.Size]byte
}

func parsePolicy(data []byte, name string) (*loadedPolicy, error) {
	p, err := policy.Parse(data, name)
	if err != nil {
		return nil, err
	}
	return &loadedPolicy{p, sha256.Sum256(data)}, nil
}

// loadRules reads the policy that --policy names, else the one in the catalog's
// root folder fsys, and the catalog's decisions. A file that is there and cannot be
// read is an error: a demand that is passed over in silence is none. Without a
// folder (nil) there is what --policy names.
func loadRules(env Env, o options, fsys fs.FS) (*rules, error) {
	r := &rules{now: env.Now, history: o.history}
	if o.demo != "" {
		r.now = func() time.Time { return demo.Recorded }
	}
	var err error
	if o.policy != "" {
		data, err := untrusted.ReadFile(o.policy, untrusted.MaxPolicy)
		if err != nil {
			return nil, fmt.Errorf("--policy: %w", err)
		}
		loaded, err := parsePolicy(data, o.policy)
		if err != nil {
			return nil, err
		}
		loaded.Operator = true
		r.policy.Store(loaded)
	}
	if fsys == nil {
		return r, nil
	}
	if o.policy == "" {
		if _, err = r.read(fsys); err != nil {
			return nil, err
		}
	}
	if !o.ignoreTriage {
		if r.decisions, err = triage.Load(fsys); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// reload reads the policy of the catalog at root again, if it has one. If that
// fails, the one before holds.
func (r *rules) reload(root string) (changed bool, err error) {
	source, closer, err := catalog.OpenDir(root)
	if err != nil {
		return false, err
	}
	defer closer.Close()
	return r.read(source.FS)
}

// read is reload for a catalog whose root folder is fsys.
func (r *rules) read(fsys fs.FS) (changed bool, err error) {
	var loaded *loadedPolicy
	data, err := untrusted.ReadRegular(fsys, policy.FileName, untrusted.MaxPolicy)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, fmt.Errorf("%s: %w", policy.FileName, err)
	default:
		if loaded, err = parsePolicy(data, policy.FileName); err != nil {
			return false, err
		}
	}
	if reflect.DeepEqual(loaded, r.policy.Load()) {
		return false, nil
	}
	r.policy.Store(loaded)
	return true, nil
}

// issuers returns those that the policy accepts for a package.
func (r *rules) issuers(spec catalog.Spec) []string {
	if d := r.policy.Load(); d != nil {
		return d.Issuers(spec)
	}
	return nil
}

// apply adds to a report what the policy finds, and then what was decided.
func (r *rules) apply(spec catalog.Spec, report *verify.Report) {
	r.demand(spec, report)
	r.decisions.Review(spec, report, r.now())
}

// demand is apply for the screen, which changes the decisions and applies them
// itself.
func (r *rules) demand(spec catalog.Spec, report *verify.Report) {
	if d := r.policy.Load(); d != nil {
		report.Findings = append(report.Findings, d.Check(spec, report, r.now())...)
		if why := d.Unknown(spec, report, r.now()); why != "" {
			report.Withhold(why)
		}
	}
}

// needs returns what is asked of the versions before a package's.
func (r *rules) needs(spec catalog.Spec) scan.Need {
	var versions, publisher bool
	if d := r.policy.Load(); d != nil {
		versions, publisher = d.Needs(spec)
	}
	switch {
	case publisher || r.history:
		return scan.NeedPublisher
	case versions:
		return scan.NeedVersions
	}
	return scan.NeedNothing
}

// basis is what else decides about the results of a shard.
func (r *rules) basis() report.Basis {
	b := report.Basis{Program: thisVersion()}
	if d := r.policy.Load(); d != nil {
		b.Policy = hex.EncodeToString(d.sha256[:])
		if d.Operator { // decisions do not waive it, as they do the catalog's
			b.Policy = "operator:" + b.Policy
		}
	}
	if sum, ok := r.decisions.SHA256(); ok {
		b.Decisions = hex.EncodeToString(sum[:])
	}
	return b
}

// rootOf returns the root folder of the catalog that holds a spec, whose path
// ends in PROTOCOL/NAME/spec.yaml.
func rootOf(spec string) string {
	return filepath.Dir(filepath.Dir(filepath.Dir(filepath.Clean(spec))))
}
