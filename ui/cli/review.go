package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"time"

	"plimsoll/catalog"
	"plimsoll/ui/report"
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

	policySHA256 string // of the policy's file, hex; "" without a policy
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
		if err := r.demands(data, o.policy); err != nil {
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
		if err := r.catalogPolicy(source.FS); err != nil {
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

// demands reads the policy of a file.
func (r *review) demands(data []byte, name string) (err error) {
	r.policy, err = policy.Parse(data, name)
	r.policySHA256 = fmt.Sprintf("%x", sha256.Sum256(data))
	return err
}

func (r *review) catalogPolicy(root fs.FS) error {
	info, err := fs.Stat(root, policyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	// Before opening: to open a named pipe is to wait for its other end.
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: expected a regular file", policyFile)
	}
	f, err := root.Open(policyFile)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := untrusted.ReadAll(f, untrusted.MaxPolicy, policyFile)
	if err != nil {
		return err
	}
	return r.demands(data, policyFile)
}

// apply adds to a report what the policy finds, and then what was decided.
func (r *review) apply(spec catalog.Spec, report *verify.Report) {
	r.demand(spec, report)
	r.decisions.Review(spec, report, r.now())
}

// basis says what else decides about the results, for those of a shard.
func (r *review) basis() report.Basis {
	info, _ := debug.ReadBuildInfo()
	b := report.Basis{Program: version(info), Policy: r.policySHA256}
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
