package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"sync/atomic"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/policy"
	"plimsoll/verify/triage"
)

const policyFile = "policy.yaml"

// review is what people demand of a catalog's packages and decided about
// them.
type review struct {
	policy    atomic.Pointer[demands] // nil: none; the catalog's may change while the screen is open
	decisions *triage.Decisions
	now       func() time.Time
}

// demands is a policy, and the file that it was read from.
type demands struct {
	policy *policy.Policy
	sha256 [sha256.Size]byte
}

func parsePolicy(data []byte, name string) (*demands, error) {
	p, err := policy.Parse(data, name)
	if err != nil {
		return nil, err
	}
	return &demands{p, sha256.Sum256(data)}, nil
}

// loadReview reads the policy that --policy names, else the one in the catalog's
// root folder, and the catalog's decisions. A file that is there and cannot be
// read is an error: a demand that is passed over in silence is none.
func loadReview(env Env, o options, root string) (*review, error) {
	r := &review{now: env.Now}
	var err error
	if o.policy != "" {
		data, err := untrusted.ReadFile(o.policy, untrusted.MaxPolicy)
		if err != nil {
			return nil, fmt.Errorf("--policy: %w", err)
		}
		demands, err := parsePolicy(data, o.policy)
		if err != nil {
			return nil, err
		}
		demands.policy.Operator = true
		r.policy.Store(demands)
	}
	if o.demo {
		return r, nil
	}
	source, closer, err := catalog.OpenDir(root)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	if o.policy == "" {
		demands, err := catalogPolicy(source.FS)
		if err != nil {
			return nil, err
		}
		r.policy.Store(demands)
	}
	if !o.ignoreTriage {
		if r.decisions, err = triage.Load(source.FS); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// catalogPolicy reads the policy in a catalog's root folder; nil where there is
// none.
func catalogPolicy(root fs.FS) (*demands, error) {
	data, err := untrusted.ReadRegular(root, policyFile, untrusted.MaxPolicy)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", policyFile, err)
	}
	return parsePolicy(data, policyFile)
}

// reload reads the policy of the catalog at root again. Where that fails, the
// one before holds.
func (r *review) reload(root string) (changed bool, err error) {
	source, closer, err := catalog.OpenDir(root)
	if err != nil {
		return false, err
	}
	defer closer.Close()
	demands, err := catalogPolicy(source.FS)
	if err != nil || reflect.DeepEqual(demands, r.policy.Load()) {
		return false, err
	}
	r.policy.Store(demands)
	return true, nil
}

// apply adds to a report what the policy finds, and then what was decided.
func (r *review) apply(spec catalog.Spec, report *verify.Report) {
	r.demand(spec, report)
	r.decisions.Review(spec, report, r.now())
}

// basis says what else decides about the results, for those of a shard.
func (r *review) basis() report.Basis {
	info, _ := debug.ReadBuildInfo()
	b := report.Basis{Program: version(info)}
	if d := r.policy.Load(); d != nil {
		b.Policy = hex.EncodeToString(d.sha256[:])
		if d.policy.Operator { // decisions do not waive it, as they do the catalog's
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
