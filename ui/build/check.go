package build

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/pyname"
)

// maxValue bounds one value of a spec in a Dockerfile, in bytes.
const maxValue = 4096

// The forms of what is put into a command. Each begins with a letter or a
// digit (a scope with its @), so that none can be taken for an option.
var (
	npmName         = regexp.MustCompile(`^(@[A-Za-z0-9~][A-Za-z0-9._~-]*/)?[A-Za-z0-9~][A-Za-z0-9._~-]*$`)
	npmVersion      = regexp.MustCompile(`^[0-9][0-9A-Za-z.+-]*$`)
	pypiName        = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	pypiVersion     = regexp.MustCompile(`^[Vv]?[0-9][0-9A-Za-z.!+_-]*$`)
	npmRange        = regexp.MustCompile(`^[0-9A-Za-z^~<>=*][0-9A-Za-z.+*^~<>=| -]*$`)
	requirement     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._, -]*\])? *[0-9A-Za-z.!+*<>=~, -]*$`)
	requirementName = regexp.MustCompile(`^[A-Za-z0-9._-]*`)
	variableName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	scopeName       = regexp.MustCompile(`^@[A-Za-z0-9~][A-Za-z0-9._~-]*$`)
	// imageName is the grammar of an image reference, in lower case: host, path,
	// tag, digest. Compiled on first use, which takes as long as all others
	// together.
	imageName = sync.OnceValue(func() *regexp.Regexp {
		const host = `[a-z0-9]+(?:[.-]+[a-z0-9]+)*`
		const name = `[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*`
		return regexp.MustCompile(`^(?:` + host + `(?::[0-9]{1,5})?/)?` + name + `(?:/` + name + `)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`)
	})
)

// stageNames are what a Dockerfile takes for one of its own stages, or for
// nothing at all, and not for an image.
var stageNames = []string{"install", "uv", "scratch"}

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
	switch spec.Protocol {
	case catalog.UVX:
		name, version = pypiName, pypiVersion
	case catalog.Go:
		name, version = goPath, goVersion
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
		if strings.EqualFold(string(o.Package), string(spec.Package)) {
			faults = append(faults, fmt.Errorf("%s.package: the package itself cannot be overridden: its version was verified", what))
		}
	}
	for i, c := range in.Constraints {
		what := fmt.Sprintf("spec.constraints[%d].spec", i)
		faults = append(faults, checkForm(what, requirement, string(c.Requirement)))
		if name := requirementName.FindString(string(c.Requirement)); pyname.NormalizeName(name) == pyname.NormalizeName(string(spec.Package)) {
			faults = append(faults, fmt.Errorf("%s: the package itself cannot be constrained: its version was verified", what))
		}
	}
	for _, key := range spec.Unknown {
		faults = append(faults, checkText("a key of the spec", string(key)))
	}
	return errors.Join(faults...)
}

func checkOptions(spec catalog.Spec, o Options) error {
	var faults []error
	for _, image := range [][2]string{{"the Node image", o.NodeImage}, {"the Python image", o.PythonImage}, {"the uv image", o.UVImage},
		{"the Go image", o.GoImage}, {"the image for static programs", o.StaticImage}} {
		faults = append(faults, checkForm(image[0], imageName(), image[1]))
		if slices.Contains(stageNames, image[1]) {
			faults = append(faults, fmt.Errorf("%s: %q is a name that a Dockerfile has another meaning for: name it with its host or tag", image[0], image[1]))
		}
	}
	if spec.Protocol == catalog.Go {
		faults = append(faults, checkGo(spec, o))
	}
	if o.Tag != "" {
		faults = append(faults, checkForm("the tag", imageName(), o.Tag))
	}
	for _, r := range o.Registries {
		faults = append(faults, checkRegistry(r))
	}
	return errors.Join(faults...)
}

// checkRegistry refuses an address that cannot stand in a command, or that holds
// a secret, which anybody with the image can read.
func checkRegistry(r Registry) error {
	u, err := url.Parse(r.Address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return errors.New("the registry: expected an http or https address without credentials, query and fragment")
	}
	if r.Scope != "" {
		if err := checkForm("the scope of a registry", scopeName, r.Scope); err != nil {
			return err
		}
	}
	return checkText("the registry", r.Address)
}
