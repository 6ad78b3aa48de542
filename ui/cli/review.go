package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/policy"
	"plimsoll/verify/triage"
	"plimsoll/verify/untrusted"
)

const policyFile = "policy.yaml"

// review is what people demand of a catalog's packages and decided about
// them.
type review struct {
	policy    *policy.Policy
	decisions *triage.Decisions
	now       func() time.Time
}

// loadReview reads the policy that --policy names, else the one in the
// catalog's root folder, and the catalog's decisions. A file that is there and cannot be read is an
// error: a demand that is passed over in silence is none.
func loadReview(env Env, o options, root string) (*review, error) {
	r := &review{now: env.Now}
	var err error
	if o.policy != "" {
		data, err := readBounded(o.policy, untrusted.MaxPolicy, "the policy")
		if err != nil {
			return nil, fmt.Errorf("--policy: %w", err)
		}
		if r.policy, err = policy.Parse(data, o.policy); err != nil {
			return nil, err
		}
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
		if r.policy, err = catalogPolicy(source.FS); err != nil {
			return nil, err
		}
	}
	if !o.ignoreTriage {
		if r.decisions, err = triage.Load(source.FS); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func catalogPolicy(root fs.FS) (*policy.Policy, error) {
	info, err := fs.Stat(root, policyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// Before opening: to open a named pipe is to wait for its other end.
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: expected a regular file", policyFile)
	}
	f, err := root.Open(policyFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := untrusted.ReadAll(f, untrusted.MaxPolicy, policyFile)
	if err != nil {
		return nil, err
	}
	return policy.Parse(data, policyFile)
}

// apply adds to a report what the policy finds, and then what was decided.
func (r *review) apply(spec catalog.Spec, report *verify.Report) {
	r.demand(spec, report)
	r.decisions.Review(spec, report, r.now())
}

// rootOf returns the root folder of the catalog that holds a spec, whose path
// ends in PROTOCOL/NAME/spec.yaml.
func rootOf(spec string) string {
	return filepath.Dir(filepath.Dir(filepath.Dir(filepath.Clean(spec))))
}
