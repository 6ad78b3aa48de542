package catalog

import (
	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
)

// maxInstall bounds each list of an [Install]; real ones have a few entries.
const maxInstall = 1000

// Install is how the package is installed and started, as the spec section
// says it besides the package and its version. It decides nothing about
// provenance.
type Install struct {
	Args      []untrusted.Text // spec.args: after the server's own name
	Env       []EnvVar         // spec.env, in the order of the file
	Overrides []Override       // spec.overrides, npm only: versions forced on dependencies
	// Constraints are spec.constraints, PyPI only: requirements forced on
	// dependencies (PEP 508), also if the package pins another version.
	Constraints []Constraint
}

// EnvVar is one variable of spec.env. Its value is as written: an unquoted
// true is "true".
type EnvVar struct {
	Name  untrusted.Text
	Value untrusted.Text
}

// Override is one entry of spec.overrides.
type Override struct {
	Package untrusted.Text
	Version untrusted.Text
	Reason  untrusted.Text
}

// Constraint is one entry of spec.constraints.
type Constraint struct {
	Requirement untrusted.Text // its key spec: "mcp[cli]>=1.28.1,<2"
	Reason      untrusted.Text
}

func (s *Spec) readInstall(section yamlfile.Map) {
	in := &s.Install
	for _, arg := range few(section, "args", section.Scalars("args")) {
		in.Args = append(in.Args, untrusted.Text(arg))
	}
	env := section.Map("env")
	for _, name := range few(section, "env", env.Keys()) {
		in.Env = append(in.Env, EnvVar{untrusted.Text(name), untrusted.Text(env.Scalar(name))})
	}
	for _, item := range few(section, "overrides", section.Maps("overrides")) {
		s.known(item, "package", "version", "reason")
		in.Overrides = append(in.Overrides, Override{
			Package: required(item, "package"), Version: required(item, "version"), Reason: text(item, "reason"),
		})
	}
	for _, item := range few(section, "constraints", section.Maps("constraints")) {
		s.known(item, "spec", "reason")
		in.Constraints = append(in.Constraints, Constraint{Requirement: required(item, "spec"), Reason: text(item, "reason")})
	}
}

// few refuses a list that is longer than any real one.
func few[T any](section yamlfile.Map, key string, list []T) []T {
	if len(list) > maxInstall {
		section.Fail(key, "expected at most %d entries, found %d", maxInstall, len(list))
		return nil
	}
	return list
}
