package build

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/mod/module"

	"plimsoll/catalog"
	"plimsoll/verify"
)

// installedScript MODULE VERSION SUM: the only program in /app/bin was built from that
// version of that module, whose files have the hash that was verified; it is server.
// The go command writes into each program which module it built it from. Another
// module may hold the package as well, with a longer path, and be installed in its
// place. What a shell reads here is constant.
const installedScript = `BEGIN { want = ARGV[1] " " ARGV[2] " " ARGV[3]; ` +
	`while (("go version -m /app/bin" | getline line) > 0) { split(line, f, "\t"); ` +
	`if (f[2] == "mod") { found = f[3] " " f[4] " " f[5]; programs++ } } ` +
	`if (programs != 1 || found != want) { print "plimsoll: expected a program of " want ", found " (programs ? found : "none"); exit 1 } ` +
	`exit system("mv /app/bin/* /app/server") != 0 }`

// golang writes the stages of a Go package: the go command installs it from the module
// proxy that it was verified against, holds the module and all that it needs to the
// checksum database, and the module to the hash that was verified. No line of the
// package runs meanwhile: without cgo the go command only compiles. The settings stand
// here, so that none of the base image comes before them; no module is kept from the
// database, and none is fetched from its repository.
func (f *file) golang(spec catalog.Spec, report *verify.Report, o Options) error {
	path, sum, err := pinnedModule(spec, report)
	if err != nil {
		return err
	}
	f.line("FROM %s AS install", o.GoImage)
	f.line("WORKDIR /app")
	for _, v := range [][2]string{
		{"GOPROXY", string(report.Registry)}, {"GOSUMDB", o.SumDB}, {"GOFLAGS", "-mod=mod"}, {"GOBIN", "/app/bin"}, {"CGO_ENABLED", "0"},
		{"GOENV", "off"}, {"GOTOOLCHAIN", "local"}, {"GO111MODULE", "on"}, {"GOWORK", "off"}, {"GOVCS", "*:off"},
		{"GOPRIVATE", ""}, {"GONOPROXY", ""}, {"GONOSUMDB", ""}, {"GOINSECURE", ""},
	} {
		f.env(v[0], v[1])
	}
	f.run("go", "install", string(spec.Package)+"@"+string(spec.Version))
	f.run("awk", installedScript, path, string(spec.Version), sum)
	f.line("")
	f.line("FROM %s", o.StaticImage)
	f.line("WORKDIR /app")
	f.line(`COPY --from=install ["/app/server", "/app/server"]`)
	return nil
}

// pinnedModule returns the module that is installed and the hash that the checksum
// database vouches for. It is an error if there is none: nothing would hold what is
// installed to what was verified.
func pinnedModule(spec catalog.Spec, report *verify.Report) (path, sum string, err error) {
	if len(report.Artifacts) != 1 || report.Artifacts[0].Record == nil || report.Artifacts[0].Record.Status != verify.Signed {
		return "", "", fmt.Errorf("%w: no record of the checksum database holds what is installed to what was looked at", ErrRefused)
	}
	a := &report.Artifacts[0]
	path, ok := strings.CutSuffix(string(a.Filename), "@"+string(spec.Version)+".zip")
	if !ok || !strings.HasPrefix(string(spec.Package)+"/", path+"/") {
		return "", "", fmt.Errorf("expected a module that holds %v %v, found %q", spec.Package, spec.Version, a.Filename)
	}
	sum = string(a.Record.Zip)
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(sum, "h1:"))
	if err != nil || len(raw) != 32 || !strings.HasPrefix(sum, "h1:") {
		return "", "", fmt.Errorf("expected the h1: hash of a module, found %q", a.Record.Zip)
	}
	return path, sum, nil
}

// The forms of Go's names; see check.go. That a path is one, the catalog checks.
var (
	goPath    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~-]*(/[A-Za-z0-9._~-]+)*$`)
	goVersion = regexp.MustCompile(`^v[0-9][0-9A-Za-z.+-]*$`)
	sumDB     = regexp.MustCompile(`^[A-Za-z0-9.-]+(/[A-Za-z0-9._~-]+)*\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}( https?://[A-Za-z0-9.:/_~%\[\]-]+)?$`)
)

// checkGo refuses what the go command would take for more than one package, proxy or
// database.
func checkGo(spec catalog.Spec, o Options) error {
	var faults []error
	if err := module.CheckPath(string(spec.Package)); err != nil { // "..." is one of dots alone
		faults = append(faults, fmt.Errorf("spec.package: this cannot stand in a Dockerfile: %q", spec.Package))
	}
	for _, r := range o.Registries {
		if strings.ContainsAny(r.Address, ",| ") {
			faults = append(faults, errors.New("the module proxy: expected one address without comma, | and blank"))
		}
	}
	return errors.Join(append(faults, checkForm("the key of the checksum database", sumDB, o.SumDB))...)
}
