package build

import (
	"slices"

	"plimsoll/catalog"
	"plimsoll/verify"
)

// Programs that Python runs while the image is built.
const (
	// linesScript FILE LINE...: a file of lines.
	linesScript = `import sys; print(*sys.argv[2:], sep=chr(10), file=open(sys.argv[1], 'w'))`
	// entryScript NAME: server is the program that uvx would run, the one with
	// the package's name.
	entryScript = `import os, sys; p = '/app/bin/' + sys.argv[1]; ` +
		`os.access(p, os.X_OK) or sys.exit('plimsoll: expected a program called ' + sys.argv[1] + ', found none'); ` +
		`os.symlink(p, '/app/server')`
)

const (
	pinnedFile    = "/tmp/pinned.txt"
	overridesFile = "/tmp/overrides.txt"
)

// pypi writes the stages of a PyPI package. The package itself is installed
// first, alone, from no file but those whose SHA-256 was verified; then uv
// resolves what it depends on. The second command has the same requirement with
// the same digests: if it were to install the package again, instead of the
// first, it could take no other file. The spec's constraints are uv's overrides:
// they are there to lift what a package pins, and a mere constraint cannot.
//
// One index is asked, the one that was verified against, and no configuration of
// the base image: a name that is private there is never looked for elsewhere.
func (f *file) pypi(spec catalog.Spec, report *verify.Report, o Options) error {
	digests, err := pinned(report, "sha256")
	if err != nil {
		return err
	}
	requirement := string(spec.Package) + "==" + string(spec.Version)
	for _, digest := range digests {
		requirement += " --hash=sha256:" + digest
	}
	f.line("FROM %s AS uv", o.UVImage)
	f.line("")
	f.line("FROM %s AS install", o.PythonImage)
	f.line(`COPY --from=uv ["/uv", "/usr/local/bin/uv"]`)
	f.env("UV_PYTHON_DOWNLOADS", "never")
	f.env("UV_LINK_MODE", "copy")
	f.env("UV_NO_CACHE", "1")
	for _, more := range []string{"UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"} { // empty: none, to uv
		f.env(more, "")
	}
	f.run("uv", "venv", "--no-config", "/app")
	f.run("python", "-c", linesScript, pinnedFile, requirement)
	install := []string{"uv", "pip", "install", "--no-config", "--python", "/app/bin/python",
		"--default-index", o.Registries[0].Address, "--index-strategy", "first-index", "-r", pinnedFile}
	f.run(append(slices.Clone(install), "--no-deps", "--require-hashes")...)
	install = append(install, "--verify-hashes")
	if len(spec.Install.Constraints) > 0 {
		lines := []string{"python", "-c", linesScript, overridesFile}
		for _, c := range spec.Install.Constraints {
			lines = append(lines, string(c.Requirement))
		}
		f.run(lines...)
		install = append(install, "--override", overridesFile)
	}
	f.run(install...)
	f.run("python", "-c", entryScript, string(spec.Package))
	f.image(o.PythonImage)
	f.env("PYTHONDONTWRITEBYTECODE", "1")
	f.env("PYTHONUNBUFFERED", "1")
	return nil
}
