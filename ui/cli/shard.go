package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/ui/report"
)

// checkShard reads --shard.
func (o *options) checkShard(c *cobra.Command, shard string) error {
	if !c.Flags().Changed("shard") {
		return nil
	}
	var err error
	if o.shard, err = catalog.ParseShard(shard); err != nil {
		return usagef("--shard: %w", err)
	}
	return nil
}

// finishShard writes the results of a shard. One without a spec is no failure:
// the catalog has some, and they are in the others.
func (r catalogReport) finishShard(env Env, o options, c checked) error {
	env.say("shard %v: %d of the %d specs of the catalog", o.shard, len(c.packages), len(c.catalog))
	code := report.ExitOK
	if len(c.packages) > 0 {
		code = report.ExitCode(c.packages, r.require)
	}
	return env.write(code, func() error {
		if r.format != formatJSON {
			return r.write(env, o, c.packages, c.trust, env.Now())
		}
		part := report.Part{Shard: o.shard, Catalog: c.catalog, Basis: c.basis, Packages: c.packages}
		return part.WriteJSON(env.Stdout, c.trust, env.Now())
	})
}

// mergeShards puts the JSON reports of shards together and finishes as if the
// catalog had been verified whole. Nothing is verified.
func mergeShards(c *cobra.Command, env Env, o options, files []string, r catalogReport) error {
	if err := exclusive(c, "merge", verifyFlags...); err != nil {
		return err
	}
	if r.format == formatVSA {
		return usagef("--merge verifies nothing, and a summary says that something was: write --format vsa in each --shard, all lines together are the whole catalog's")
	}
	if len(files) == 0 {
		return usagef("--merge: expected the files of all shards, got none")
	}
	shards := make([]report.ShardFile, len(files))
	found := 0
	for i, name := range files {
		results, err := readResults("merge", name)
		if err != nil {
			return unreadable(err)
		}
		if found += len(results.Packages); found > large {
			collectOften()
		}
		shards[i] = report.ShardFile{Name: name, Results: results}
	}
	merged, err := report.Merge(shards)
	if err != nil {
		return unreadable(fmt.Errorf("--merge: %w", err))
	}
	env.say("%s", notVerified(fmt.Sprintf("results of %d shards", len(files)), merged.Generated))
	return r.finish(env, o, merged.Packages, merged.Trust, merged.Generated)
}
