package build

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/verify"
)

// Programs that node runs while the image is built. Their values come as
// arguments; none is ever put into a program's text.
const (
	// compareScript FILE HEX: the downloaded file has the digest that was
	// verified.
	compareScript = `const fs = require('fs'), crypto = require('crypto'); const [file, want] = process.argv.slice(1); ` +
		`const got = crypto.createHash('sha512').update(fs.readFileSync(file)).digest('hex'); ` +
		`if (got !== want) { console.error('plimsoll: expected sha512 ' + want + ', found ' + got); process.exit(1); }`
	// manifestScript NAME WHERE [PACKAGE VERSION]...: package.json with one
	// dependency and the overrides.
	manifestScript = `const [name, where, ...rest] = process.argv.slice(1); ` +
		`const m = {private: true, dependencies: {[name]: where}, overrides: {}}; ` +
		`for (let i = 0; i + 1 < rest.length; i += 2) m.overrides[rest[i]] = rest[i + 1]; ` +
		`require('fs').writeFileSync('package.json', JSON.stringify(m));`
	// linkScript NAME VERSION: what was installed is that version, and server
	// is its program: the only one, or the one with the package's own name.
	linkScript = `const fs = require('fs'), path = require('path'); const [name, version] = process.argv.slice(1); ` +
		`const dir = path.join('node_modules', name), m = JSON.parse(fs.readFileSync(path.join(dir, 'package.json'))); ` +
		`const fail = (text) => { console.error('plimsoll: ' + text); process.exit(1); }; ` +
		`if (m.name !== name || m.version !== version) fail('expected ' + name + ' ' + version + ', found ' + m.name + ' ' + m.version); ` +
		`const bins = typeof m.bin === 'string' ? {[path.basename(name)]: m.bin} : m.bin || {}; const names = Object.keys(bins); ` +
		`const bin = names.length === 1 ? names[0] : path.basename(name); ` +
		`if (!Object.hasOwn(bins, bin)) fail('expected a program called ' + bin + ', found ' + (names.join(', ') || 'none')); ` +
		`const target = path.resolve(dir, bins[bin]); ` +
		`if (!target.startsWith(path.resolve(dir) + path.sep)) fail('the program lies outside the package'); ` +
		`fs.chmodSync(target, 0o755); fs.symlinkSync(target, 'server');`
)

// tarball is where the package's own file lies while the image is built.
const tarball = "/app/package.tgz"

// npm writes the stages of an npm package: the tarball is fetched, compared
// with the digest that was verified, and only then installed, from that file.
// Its dependencies are resolved by npm, which holds each to the integrity that
// the registry names. The registries stand in the commands, so that no setting of
// the base image comes before them.
func (f *file) npm(spec catalog.Spec, report *verify.Report, o Options) error {
	name, version := string(spec.Package), string(spec.Version)
	digests, err := pinned(report, "sha512")
	if err != nil {
		return err
	}
	if len(digests) > 1 {
		return fmt.Errorf("expected one tarball, found %d", len(digests))
	}
	var from []string
	for _, r := range o.Registries {
		flag := "--registry="
		if r.Scope != "" {
			flag = "--" + r.Scope + ":registry="
		}
		from = append(from, flag+r.Address)
	}
	f.line("FROM %s AS install", o.NodeImage)
	f.line("WORKDIR /app")
	f.env("npm_config_update_notifier", "false")
	// npm names the file after the package; a folder of its own makes the name
	// plain.
	f.run(slices.Concat([]string{"npm", "pack", "--ignore-scripts", "--pack-destination", "/app"}, from, []string{name + "@" + version})...)
	f.run("mv", path.Join("/app", packedName(name, version)), tarball)
	f.run("node", "-e", compareScript, "--", tarball, digests[0])
	manifest := []string{"node", "-e", manifestScript, "--", name, "file:" + tarball}
	for _, override := range spec.Install.Overrides {
		manifest = append(manifest, string(override.Package), string(override.Version))
	}
	f.run(manifest...)
	install := []string{"npm", "install", "--omit=dev", "--no-audit", "--no-fund"}
	if !o.Scripts {
		install = append(install, "--ignore-scripts")
	}
	f.run(append(install, from...)...)
	f.run("node", "-e", linkScript, "--", name, version)
	f.run("rm", tarball)
	f.image(o.NodeImage)
	f.env("NODE_ENV", "production")
	f.env("npm_config_cache", "/tmp/.npm")
	return nil
}

// packedName is the name that npm pack gives the tarball: the scope without
// its @, a slash as a hyphen.
func packedName(name, version string) string {
	return strings.ReplaceAll(strings.TrimPrefix(name, "@"), "/", "-") + "-" + version + ".tgz"
}
