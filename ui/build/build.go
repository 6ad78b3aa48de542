package build

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// The images that are built on if the options name no others. They are tags:
// to get the same bytes tomorrow, name an image by its digest.
const (
	DefaultNodeImage   = "node:22-slim"
	DefaultPythonImage = "python:3.13-slim"
	DefaultUVImage     = "ghcr.io/astral-sh/uv:0.8"
	DefaultGoImage     = "golang:1.25"
	DefaultStaticImage = "gcr.io/distroless/static-debian12"
)

// user is a user that no image knows, and so one without any rights.
const user = "65532:65532"

// Options are the wishes for a Dockerfile.
type Options struct {
	NodeImage   string // "" means DefaultNodeImage
	PythonImage string // "" means DefaultPythonImage
	UVImage     string // holds /uv; "" means DefaultUVImage
	GoImage     string // has go and awk; "" means DefaultGoImage
	StaticImage string // what a Go program runs on, which needs nothing; "" means DefaultStaticImage
	// SumDB is GOSUMDB for Go: the key of the checksum database, and its address if
	// its name is none.
	SumDB string
	// Registries are what dependencies are installed from: npm's by scope, or the
	// one index. The package itself comes from the registry that it was verified
	// against, whatever stands here.
	Registries []Registry
	// Tag is the name that the image is meant to get; it stands in a comment
	// and in a label.
	Tag string
	// Scripts lets npm run the install scripts of the package and of all it
	// depends on, at build time.
	Scripts bool
}

// Registry is a registry that is installed from.
type Registry struct {
	Scope       string // npm: "@scope", or "" for every package without a registry of its own
	Address     string // without credentials
	Credentials bool   // it was asked with some; they are not for a Dockerfile
}

// ErrRefused: no Dockerfile is made for what is proven to be wrong or was not
// checked.
var ErrRefused = errors.New("no Dockerfile is made")

// Generate returns the Dockerfile for a spec. report is what was verified: its
// digests are pinned, and its registry is installed from. An error wraps
// [ErrRefused] unless [verify.Judge] passes the report, and otherwise names the
// value that cannot stand in a Dockerfile.
func Generate(spec catalog.Spec, report *verify.Report, o Options) (string, error) {
	if spec.Err != nil {
		return "", fmt.Errorf("the spec cannot be read: %w", spec.Err)
	}
	if err := refuse(spec, report); err != nil {
		return "", err
	}
	o = o.withDefaults()
	o.Registries = registries(spec, report, o.Registries)
	if err := errors.Join(checkSpec(spec), checkOptions(spec, o)); err != nil {
		return "", err
	}
	f := &file{}
	f.header(spec, report, o)
	var err error
	switch spec.Protocol {
	case catalog.NPX:
		err = f.npm(spec, report, o)
	case catalog.UVX:
		err = f.pypi(spec, report, o)
	case catalog.Go:
		err = f.golang(spec, report, o)
	default:
		err = fmt.Errorf("expected the protocol %s, found %q", catalog.ProtocolNames, untrusted.Text(spec.Protocol))
	}
	if err == nil {
		err = f.labels(spec, report, o)
	}
	if err != nil {
		return "", err
	}
	f.start(spec)
	return f.String(), nil
}

// refuse holds what no flag can change: what is wrong, or was not checked, is
// never built.
func refuse(spec catalog.Spec, report *verify.Report) error {
	if report == nil {
		return fmt.Errorf("%w: %v %v was not checked", ErrRefused, spec.Package, spec.Version)
	}
	if verdict, why := verify.Judge(report, verify.Pending); verdict != verify.VerdictPass {
		return fmt.Errorf("%w for %v %v, which is %v: %s", ErrRefused, spec.Package, spec.Version, report.Status, untrusted.Clean(why))
	}
	return nil
}

// registries returns where to install from, the registry for every package
// first. The one that was verified against serves the package: another one may
// have something else under a private name.
func registries(spec catalog.Spec, report *verify.Report, configured []Registry) []Registry {
	verified := Registry{Address: string(report.Registry)}
	if spec.Protocol == catalog.NPX && strings.HasPrefix(string(spec.Package), "@") {
		verified.Scope, _, _ = strings.Cut(string(spec.Package), "/")
	}
	all := Registry{Address: verified.Address}
	var scopes []Registry
	for _, r := range configured {
		if r.Address == verified.Address {
			verified.Credentials = verified.Credentials || r.Credentials
		}
		switch r.Scope {
		case verified.Scope:
		case "":
			all = r
		default:
			scopes = append(scopes, r)
		}
	}
	if verified.Scope == "" {
		return append([]Registry{verified}, scopes...)
	}
	return append([]Registry{all, verified}, scopes...)
}

func (o Options) withDefaults() Options {
	o.NodeImage = cmp.Or(o.NodeImage, DefaultNodeImage)
	o.PythonImage = cmp.Or(o.PythonImage, DefaultPythonImage)
	o.UVImage = cmp.Or(o.UVImage, DefaultUVImage)
	o.GoImage = cmp.Or(o.GoImage, DefaultGoImage)
	o.StaticImage = cmp.Or(o.StaticImage, DefaultStaticImage)
	return o
}

// file is a Dockerfile in the making. Its methods take checked values only.
type file struct{ strings.Builder }

func (f *file) line(format string, args ...any) { fmt.Fprintf(f, format+"\n", args...) }

// run writes a RUN instruction in its JSON form.
func (f *file) run(command ...string) { f.line("RUN %s", array(command)) }

// array is a JSON array for an instruction. No value and no program holds <<,
// so that no here-document can seem to begin in it.
func array(command []string) string {
	data, err := json.Marshal(command, jsontext.AllowInvalidUTF8(true)) // which a label refuses afterwards
	if err != nil {
		panic(err) // a list of texts always has a JSON form
	}
	return string(data)
}

// env writes an ENV instruction. The value holds no mark that is special
// between the quotes.
func (f *file) env(name, value string) { f.line(`ENV %s="%s"`, name, value) }

func (f *file) label(name, value string) {
	if value != "" {
		f.line(`LABEL %s="%s"`, name, value)
	}
}

// header is what a person reads first. The first line ends the part of the
// file in which a comment can be a directive.
func (f *file) header(spec catalog.Spec, report *verify.Report, o Options) {
	f.line("# This Dockerfile was made by plimsoll.")
	f.line("# spec: %s", spec.Path)
	f.line("# package: %s %s", spec.Package, spec.Version)
	f.line("# registry: %s", report.Registry)
	f.line("# provenance: %s", report.Status)
	if report.Status != verify.Verified {
		f.line("# WARNING: where this package was built is not proven for every file.")
	}
	for _, key := range spec.Unknown {
		if strings.HasPrefix(string(key), "spec.") {
			f.line("# WARNING: %s is not obeyed: plimsoll does not know this key.", key)
		}
	}
	for _, r := range o.Registries {
		if r.Credentials {
			f.line("# %s was asked with credentials, which are not in this file: mount them as a secret of the build.", r.Address)
		}
	}
	if o.Tag != "" {
		f.line("# to build: docker build -t %s -f FILE .", o.Tag)
	}
	f.line("")
}

// image begins the stage that is kept: what was installed, on the image again.
func (f *file) image(name string) {
	f.line("")
	f.line("FROM %s", name)
	f.line("WORKDIR /app")
	f.line(`COPY --from=install ["/app", "/app"]`)
}

// start ends the file: what runs, and as whom.
func (f *file) start(spec catalog.Spec) {
	f.env("HOME", "/tmp")
	for _, v := range spec.Install.Env {
		f.env(string(v.Name), string(v.Value))
	}
	command := []string{"/app/server"}
	for _, arg := range spec.Install.Args {
		command = append(command, string(arg))
	}
	f.line("USER %s", user)
	f.line("ENTRYPOINT %s", array(command))
}

// pinned returns the digests of the files that may be installed: those whose
// provenance was verified, or all of the release if none was. All of them are
// what the registry names; the status says whether they are more than that. It is
// an error if there is none: nothing would hold what is installed to what was
// verified.
func pinned(report *verify.Report, algorithm string) (digests []string, err error) {
	proven := report.Status == verify.Verified || report.Status == verify.Partial
	for _, a := range report.Artifacts {
		if a.Digest.Algorithm == algorithm && a.Digest.Hex != "" && (!proven || a.Status == verify.Verified) {
			digests = append(digests, a.Digest.Hex)
		}
	}
	if len(digests) == 0 {
		return nil, fmt.Errorf("%w: the registry gives no %s digest, so that nothing would hold what is installed to what was looked at", ErrRefused, algorithm)
	}
	return digests, nil
}
