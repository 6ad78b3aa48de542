package cli

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func versionCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the Go version it was built with",
		Example: `  # which program this is
  plimsoll version`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			return env.writeText(fmt.Sprintf("plimsoll %s\n", thisVersion()))
		},
	}
}

// thisVersion is the version of the running program.
func thisVersion() string {
	info, _ := debug.ReadBuildInfo()
	return version(info)
}

// version is "v1.2.3 (commit 0123456789ab, modified) go1.26.3": what the build
// recorded.
func version(info *debug.BuildInfo) string {
	if info == nil {
		return "(unknown version)"
	}
	v := info.Main.Version
	if v == "" {
		v = "(devel)"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if commit := settings["vcs.revision"]; commit != "" {
		v += " (commit " + commit[:min(12, len(commit))]
		if settings["vcs.modified"] == "true" {
			v += ", modified"
		}
		v += ")"
	}
	return v + " " + info.GoVersion
}
