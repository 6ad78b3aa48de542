package build

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"plimsoll/catalog"
	"plimsoll/verify/untrusted"
)

// maxValue bounds one value of a spec in a Dockerfile, in bytes.
const maxValue = 4096

// The forms of what is put into a command. Each begins with a letter or a
// digit (a scope with its @), so that none can be taken for an option.
var (
	npmName      = regexp.MustCompile(`^(@[A-Za-z0-9~][A-Za-z0-9._~-]*/)?[A-Za-z0-9~][A-Za-z0-9._~-]*$`)
	npmVersion   = regexp.MustCompile(`^[0-9][0-9A-Za-z.+-]*$`)
	pypiName     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	pypiVersion  = regexp.MustCompile(`^[Vv]?[0-9][0-9A-Za-z.!+_-]*$`)
	npmRange     = regexp.MustCompile(`^[0-9A-Za-z^~<>=*][0-9A-Za-z.+*^~<>=| -]*$`)
	requirement  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._, -]*\])? *[0-9A-Za-z.!+*<>=~, -]*$`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// Compiled on first use, which takes as long as all others together.
	imageName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-z0-9][a-z0-9._/-]*(:[0-9]+/[a-z0-9._/-]+)?(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$`)
	})
)

// checkText refuses what could end a quoted value, begin another instruction
// or be replaced: controls and invisible characters, quotes, the backslash, the
// dollar sign and the mark of a here-document.
func checkText(what, value string) error {
	switch {
	case len(value) > maxValue:
		return fmt.Errorf("%s: expected at most %d bytes, found %d", what, maxValue, len(value))
	case untrusted.Clean(value) != value:
		return fmt.Errorf("%s: expected plain text, found a character that does not print in %q", what, untrusted.Text(value))
	case strings.ContainsAny(value, "\"'`\\$"):
		return fmt.Errorf("%s: expected text without quotes, backslash and $, found %q", what, untrusted.Text(value))
	case strings.Contains(value, "<<"):
		return fmt.Errorf("%s: expected text without <<, found %q", what, untrusted.Text(value))
	}
	return nil
}

func checkForm(what string, form *regexp.Regexp, value string) error {
	if err := checkText(what, value); err != nil {
		return err
	}
	if !form.MatchString(value) {
		return fmt.Errorf("%s: this cannot stand in a Dockerfile: %q", what, untrusted.Text(value))
	}
	return nil
}

func checkSpec(spec catalog.Spec) error {
	name, version := npmName, npmVersion
	if spec.Protocol == catalog.UVX {
		name, version = pypiName, pypiVersion
	}
	in := spec.Install
	faults := []error{
		checkText("the path of the spec", string(spec.Path)),
		checkText("metadata.name", string(spec.Server)),
		checkForm("spec.package", name, string(spec.Package)),
		checkForm("spec.version", version, string(spec.Version)),
	}
	for i, arg := range in.Args {
		faults = append(faults, checkText(fmt.Sprintf("spec.args[%d]", i), string(arg)))
	}
	for _, v := range in.Env {
		faults = append(faults, checkForm("the name of a variable in spec.env", variableName, string(v.Name)),
			checkText("a variable in spec.env", string(v.Value)))
	}
	if spec.Protocol != catalog.NPX && len(in.Overrides) > 0 {
		faults = append(faults, errors.New("spec.overrides: only npm has overrides"))
	}
	if spec.Protocol != catalog.UVX && len(in.Constraints) > 0 {
		faults = append(faults, errors.New("spec.constraints: only PyPI has constraints"))
	}
	for i, o := range in.Overrides {
		what := fmt.Sprintf("spec.overrides[%d]", i)
		faults = append(faults, checkForm(what+".package", npmName, string(o.Package)), checkForm(what+".version", npmRange, string(o.Version)))
		if o.Package == spec.Package {
			faults = append(faults, fmt.Errorf("%s.package: the package itself cannot be overridden: its version was verified", what))
		}
	}
	for i, c := range in.Constraints {
		faults = append(faults, checkForm(fmt.Sprintf("spec.constraints[%d].spec", i), requirement, string(c.Requirement)))
	}
	return errors.Join(faults...)
}

func checkOptions(o Options) error {
	faults := []error{
		checkForm("the Node image", imageName(), o.NodeImage),
		checkForm("the Python image", imageName(), o.PythonImage),
		checkForm("the uv image", imageName(), o.UVImage),
	}
	if o.Tag != "" {
		faults = append(faults, checkForm("the tag", imageName(), o.Tag))
	}
	if o.Registry != "" {
		u, err := url.Parse(o.Registry)
		switch {
		case checkText("the registry", o.Registry) != nil:
			faults = append(faults, checkText("the registry", o.Registry))
		case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil:
			faults = append(faults, errors.New("the registry: expected an http or https address without credentials"))
		}
	}
	return errors.Join(faults...)
}
