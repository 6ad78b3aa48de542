package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/trust"
)

// trustSetting is what verdicts rest on; of a TUF repository, what is kept of
// it: nothing is fetched.
func trustSetting(ctx context.Context, env Env, o options) setting {
	s := setting{Name: "trust"}
	recording, closer, err := openRecording(o)
	if err == nil {
		defer closer.Close()
		var options trust.Options
		if options, err = trustOptions(o, recording); err == nil {
			s.Value, s.Source = describeTrust(ctx, env, o, options)
			return s
		}
	}
	s.Value, s.Source = untrusted.Message(err), "none"
	return s
}

func describeTrust(ctx context.Context, env Env, o options, options trust.Options) (value, source string) {
	options.Now = env.Now
	kept := true
	if options.TUF != nil {
		web := &network{dir: cacheDir(env, o), base: registry.Offline{}}
		o.offline = true
		web.configure(options.TUF, o)
		_, err := os.Stat(options.TUF.CachePath)
		kept = err == nil
	}
	provider := trust.New(options)
	info := provider.Describe()
	source = string(info.Origin)
	if info.Origin == trust.OriginTUF && !kept {
		return info.Root + ": nothing is kept of it yet", source
	}
	if _, err := provider.For(ctx, verify.PyPI, nil); err != nil {
		return untrusted.Message(err), source
	}
	return trustText(provider.Describe()), source
}

// trustText describes a trust root that was loaded.
func trustText(info trust.Info) string {
	if info.Origin == trust.OriginTUF {
		return fmt.Sprintf("%s: root %d, version %d, expires %s, confirmed %s (%s), SHA-256 %s", info.Root, info.RootVersion, info.Version,
			info.Expires.UTC().Format(time.RFC3339), info.Checked.UTC().Format(time.RFC3339), age(info.Age), info.RootSHA256)
	}
	return info.Root + ": SHA-256 " + info.RootSHA256
}
