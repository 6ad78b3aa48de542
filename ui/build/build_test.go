package build

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
)

func npmSpec() catalog.Spec {
	return catalog.Spec{
		Path: "npx/http/spec.yaml", Protocol: catalog.NPX, Server: "http", Package: "@acme/http-client", Version: "2.4.1",
		Install: catalog.Install{
			Args:      []untrusted.Text{"start", "--port", "80 80"},
			Env:       []catalog.EnvVar{{Name: "MODE", Value: "a b=c"}},
			Overrides: []catalog.Override{{Package: "@modelcontextprotocol/sdk", Version: "1.26.0"}, {Package: "minimatch", Version: ">=10.2.3 <11"}},
		},
	}
}

func npmReport() *verify.Report {
	return &verify.Report{
		Registry: "https://npm.example/", Status: verify.Verified, SLSA: verify.SLSA{Level: 2},
		Publisher: &verify.Publisher{
			Repository: "https://github.com/acme/http", Commit: untrusted.Text(strings.Repeat("3f", 20)), Ref: "refs/tags/v2.4.1",
			Workflow: ".github/workflows/release.yml", Issuer: "https://token.actions.example",
		},
		Artifacts: []verify.ArtifactReport{{Status: verify.Verified, Digest: verify.Digest{Algorithm: "sha512", Hex: strings.Repeat("ab", 64)}}},
	}
}

func pypiSpec() catalog.Spec {
	return catalog.Spec{
		Path: "uvx/chroma/spec.yaml", Protocol: catalog.UVX, Server: "chroma", Package: "chroma-mcp", Version: "0.2.6",
		Install: catalog.Install{Constraints: []catalog.Constraint{{Requirement: "mcp[cli]>=1.28.1,<2"}, {Requirement: "cryptography>=50.0.0"}}},
	}
}

func pypiReport() *verify.Report {
	file := func(status verify.Status, digit string) verify.ArtifactReport {
		return verify.ArtifactReport{Status: status, Digest: verify.Digest{Algorithm: "sha256", Hex: strings.Repeat(digit, 64)}}
	}
	return &verify.Report{Registry: "https://pypi.example/simple/", Status: verify.Partial, Artifacts: []verify.ArtifactReport{file(verify.Verified, "a"), file(verify.None, "b"), file(verify.Verified, "c")}}
}

// unproven is a report on a release that carries no evidence.
func unproven(report *verify.Report) *verify.Report {
	report.Status, report.Publisher, report.SLSA = verify.None, nil, verify.SLSA{}
	for i := range report.Artifacts {
		report.Artifacts[i].Status = verify.None
	}
	return report
}

func generate(t *testing.T, spec catalog.Spec, report *verify.Report, o Options) string {
	t.Helper()
	out, err := Generate(spec, report, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var update = os.Getenv("UPDATE_GOLDEN") != ""

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file string
		got  string
	}{
		{"testdata/npm.Dockerfile", generate(t, npmSpec(), npmReport(), Options{Tag: "registry.example/acme/http:2.4.1"})},
		{"testdata/pypi.Dockerfile", generate(t, pypiSpec(), pypiReport(), Options{Registries: []Registry{{Address: "https://pypi.example/simple/", Credentials: true}}})},
		{"testdata/go.Dockerfile", generate(t, goSpec(), goReport(), Options{SumDB: goKey, Registries: []Registry{{Address: "https://modules.example/", Credentials: true}}})},
		{"testdata/unproven.Dockerfile", generate(t, pypiSpec(), unproven(pypiReport()), Options{})},
	} {
		if update {
			if err := os.WriteFile(tt.file, []byte(tt.got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want := testfiles.Read(t, tt.file)
		if tt.got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.file, tt.got, want)
		}
	}
}

func TestWhatWasVerifiedIsPinned(t *testing.T) {
	t.Parallel()
	out := generate(t, npmSpec(), npmReport(), Options{})
	if !strings.Contains(out, `"/app/package.tgz","`+strings.Repeat("ab", 64)+`"]`) || !strings.Contains(out, `"file:/app/package.tgz"`) {
		t.Errorf("the tarball is not compared:\n%s", out)
	}
	out = generate(t, pypiSpec(), pypiReport(), Options{})
	if !strings.Contains(out, "--hash=sha256:"+strings.Repeat("a", 64)) || !strings.Contains(out, "--hash=sha256:"+strings.Repeat("c", 64)) ||
		strings.Contains(out, "--hash=sha256:"+strings.Repeat("b", 64)) || !strings.Contains(out, `"--no-deps","--require-hashes"`) {
		t.Errorf("not exactly the verified files are pinned:\n%s", out)
	}
	for _, out := range []string{generate(t, npmSpec(), unproven(npmReport()), Options{}), generate(t, pypiSpec(), unproven(pypiReport()), Options{})} {
		if !strings.Contains(out, `LABEL plimsoll.status="none"`) || strings.Contains(out, "image.source") || !strings.Contains(out, strings.Repeat("a", 32)) && !strings.Contains(out, "abab") {
			t.Errorf("what was not proven looks as if it was:\n%s", out)
		}
	}
	for _, tt := range []struct {
		spec   catalog.Spec
		report *verify.Report
	}{{npmSpec(), npmReport()}, {pypiSpec(), pypiReport()}} {
		for i := range tt.report.Artifacts {
			tt.report.Artifacts[i].Digest.Hex = ""
		}
		if out, err := Generate(tt.spec, tt.report, Options{}); !errors.Is(err, ErrRefused) || out != "" {
			t.Errorf("nothing to pin: %v", err)
		}
	}
}

// What was not checked is never built.
func TestUncheckedIsRefused(t *testing.T) {
	t.Parallel()
	pending, unchecked := npmReport(), npmReport()
	pending.Status, unchecked.Status = verify.Pending, verify.Unchecked
	for _, report := range []*verify.Report{nil, {}, pending, unchecked} {
		if out, err := Generate(npmSpec(), report, Options{}); !errors.Is(err, ErrRefused) || out != "" {
			t.Errorf("%+v: %v", report, err)
		}
	}
}

func TestSourceLabelsNeedProof(t *testing.T) {
	t.Parallel()
	for _, status := range verify.Statuses() {
		report := npmReport()
		report.Status = status
		out, err := Generate(npmSpec(), report, Options{})
		if verdict, _ := verify.Judge(report, verify.Pending); verdict != verify.VerdictPass {
			if !errors.Is(err, ErrRefused) || out != "" {
				t.Errorf("%v: %v", status, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		proven := status == verify.Verified || status == verify.Partial
		if strings.Contains(out, "org.opencontainers.image.source") != proven || strings.Contains(out, "WARNING") != (status != verify.Verified) {
			t.Errorf("%v:\n%s", status, out)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	digest := "@sha256:" + strings.Repeat("0", 64)
	out := generate(t, npmSpec(), npmReport(), Options{NodeImage: "images.example:5000/node:22" + digest, Scripts: true})
	if strings.Count(out, "FROM images.example:5000/node:22"+digest) != 2 || strings.Contains(out, `"--no-fund","--ignore-scripts"`) {
		t.Errorf("%s", out)
	}
	to := func(scope, address string) Options {
		return Options{Registries: []Registry{{Scope: scope, Address: address}}}
	}
	for name, o := range map[string]Options{
		"an image with a flag": {NodeImage: "--platform=x node"}, "two lines": {NodeImage: "node\nRUN id"}, "a variable": {PythonImage: "$BASE"},
		"upper case": {UVImage: "UV"}, "a tag": {Tag: "x y"}, "a tag with quotes": {Tag: `x"`},
		"credentials": to("", "https://user:secret@other.example/"), "another scheme": to("", "file:///etc"), "a path": to("", "/etc"),
		"a token": to("", "https://other.example/?token=secret"), "a fragment": to("", "https://other.example/#secret"), "an empty query": to("", "https://other.example/?"),
		"a variable in an address": to("", "https://other.example/$HOME/"), "two lines in an address": to("", "https://other.example/\nRUN"),
		"no scope": to("other", "https://other.example/"), "a flag in a scope": to("@a=b --x", "https://other.example/"),
		"a stage": {NodeImage: "install"}, "another stage": {PythonImage: "uv"}, "nothing": {UVImage: "scratch"},
		"a short digest": {NodeImage: "node@sha256:00"}, "another digest": {NodeImage: "node@md5:" + strings.Repeat("0", 32)}, "an empty component": {NodeImage: "a//b"},
		"a parent": {NodeImage: "../node"}, "dots": {NodeImage: "a/../b"}, "a slash at its end": {NodeImage: "node/"}, "two tags": {NodeImage: "node:1:2"},
		"an option in a tag": {NodeImage: "node:-x"}, "a stage's name behind an image": {NodeImage: "node AS x"}, "a line's end": {NodeImage: "node\n"},
	} {
		if out, err := Generate(npmSpec(), npmReport(), o); err == nil {
			t.Errorf("%s: accepted: %s", name, out)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The registry that was verified against is the one that is installed from, and
// every other scope keeps its own: a private name is not looked for elsewhere.
func TestInstallsFromTheRegistryThatWasVerified(t *testing.T) {
	t.Parallel()
	unscoped := npmSpec()
	unscoped.Package = "http-client"
	all := []Registry{{Address: "https://all.example/"}, {Scope: "@acme", Address: "https://old.example/"}, {Scope: "@other", Address: "https://other.example/"}}
	for _, tt := range []struct {
		name string
		spec catalog.Spec
		o    Options
		want string // of both npm commands
	}{
		{"nothing configured", unscoped, Options{}, `"--registry=https://npm.example/"`},
		{"another one configured", unscoped, Options{Registries: all[:1]}, `"--registry=https://npm.example/"`},
		{"scopes", unscoped, Options{Registries: all}, `"--registry=https://npm.example/","--@acme:registry=https://old.example/","--@other:registry=https://other.example/"`},
		{"scoped, nothing configured", npmSpec(), Options{}, `"--registry=https://npm.example/","--@acme:registry=https://npm.example/"`},
		{"scoped", npmSpec(), Options{Registries: all}, `"--registry=https://all.example/","--@acme:registry=https://npm.example/","--@other:registry=https://other.example/"`},
	} {
		out := generate(t, tt.spec, npmReport(), tt.o)
		if n := strings.Count(out, tt.want+`,"`) + strings.Count(out, tt.want+`]`); n != 2 || strings.Count(out, "registry=https") != 2*strings.Count(tt.want, "registry=https") {
			t.Errorf("%s: %d times in\n%s", tt.name, n, out)
		}
		if !strings.Contains(out, "# registry: https://npm.example/\n") || !strings.Contains(out, `LABEL plimsoll.registry="https://npm.example/"`) {
			t.Errorf("%s: not named:\n%s", tt.name, out)
		}
	}
	out := generate(t, pypiSpec(), pypiReport(), Options{Registries: []Registry{{Address: "https://other.example/"}}})
	if strings.Count(out, `"uv","pip","install","--no-config","--python","/app/bin/python","--default-index","https://pypi.example/simple/","--index-strategy","first-index"`) != 2 ||
		strings.Contains(out, "other.example") || !strings.Contains(out, "ENV UV_INDEX=\"\"\nENV UV_EXTRA_INDEX_URL=\"\"\nENV UV_FIND_LINKS=\"\"\n") {
		t.Errorf("%s", out)
	}
	for _, bad := range []untrusted.Text{"", "https://user:secret@npm.example/", "npm.example"} {
		report := npmReport()
		report.Registry = bad
		if _, err := Generate(npmSpec(), report, Options{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Credentials are taken out with a sentence, for the package's registry and for
// its dependencies' alike.
func TestCredentialsAreNamedAndNotWritten(t *testing.T) {
	t.Parallel()
	const sentence = " was asked with credentials, which are not in this file"
	out := generate(t, npmSpec(), npmReport(), Options{Registries: []Registry{{Address: "https://all.example/"}, {Scope: "@acme", Address: "https://npm.example/", Credentials: true}}})
	if !strings.Contains(out, "# https://npm.example/"+sentence) || strings.Count(out, sentence) != 1 {
		t.Errorf("%s", out)
	}
	out = generate(t, pypiSpec(), pypiReport(), Options{Registries: []Registry{{Address: "https://pypi.example/simple/", Credentials: true}}})
	if !strings.Contains(out, "# https://pypi.example/simple/"+sentence) {
		t.Errorf("%s", out)
	}
}

// Every command that may install the package names the digests of the files that
// were verified, so that the second cannot replace what the first installed.
func TestSecondInstallCannotReplaceTheFirst(t *testing.T) {
	t.Parallel()
	out := generate(t, pypiSpec(), pypiReport(), Options{})
	installs := 0
	for line := range strings.SplitSeq(out, "\n") {
		if !strings.Contains(line, `"pip","install"`) {
			continue
		}
		installs++
		if !strings.Contains(line, `"-r","/tmp/pinned.txt"`) || strings.Contains(line, "chroma-mcp") {
			t.Errorf("%s", line)
		}
		if strict, checked := strings.Contains(line, `"--no-deps","--require-hashes"`), strings.Contains(line, `"--verify-hashes"`); strict == checked {
			t.Errorf("%s", line)
		}
	}
	pin := `"/tmp/pinned.txt","chroma-mcp==0.2.6 --hash=sha256:` + strings.Repeat("a", 64) + " --hash=sha256:" + strings.Repeat("c", 64) + `"]`
	if installs != 2 || strings.Count(out, pin) != 1 {
		t.Errorf("%d installs in\n%s", installs, out)
	}
}

// What of the spec is not obeyed stands in the file.
func TestUnknownKeysAreWarnings(t *testing.T) {
	t.Parallel()
	spec := npmSpec()
	spec.Unknown = []untrusted.Text{"spec.build_with", "provenance.x"}
	out := generate(t, spec, npmReport(), Options{})
	if !strings.Contains(out, "# WARNING: spec.build_with is not obeyed") || strings.Contains(out, "provenance.x") {
		t.Errorf("%s", out)
	}
}

// hostile values try to leave the place that they are put in.
var hostile = []string{
	"a\nRUN id", "a\r\nRUN id", "a\\", "a\\\nRUN id", `a"`, `a" b="c`, "a'", "a`id`", "$HOME", "${HOME}", "$(id)", "<<EOF", "a <<-EOF",
	"\x00", "\x1b[2J", "\u2028RUN id", "\u202e", "\xff", "a\tb", strings.Repeat("a", maxValue+1),
}

func TestHostileValuesAreRefused(t *testing.T) {
	t.Parallel()
	places := map[string]func(*catalog.Spec, *verify.Report, string){
		"path":     func(s *catalog.Spec, _ *verify.Report, v string) { s.Path = untrusted.Text(v) },
		"server":   func(s *catalog.Spec, _ *verify.Report, v string) { s.Server = untrusted.Text(v) },
		"package":  func(s *catalog.Spec, _ *verify.Report, v string) { s.Package = untrusted.Text(v) },
		"version":  func(s *catalog.Spec, _ *verify.Report, v string) { s.Version = untrusted.Text(v) },
		"argument": func(s *catalog.Spec, _ *verify.Report, v string) { s.Install.Args[0] = untrusted.Text(v) },
		"variable": func(s *catalog.Spec, _ *verify.Report, v string) { s.Install.Env[0].Name = untrusted.Text(v) },
		"value":    func(s *catalog.Spec, _ *verify.Report, v string) { s.Install.Env[0].Value = untrusted.Text(v) },
		"override": func(s *catalog.Spec, _ *verify.Report, v string) { s.Install.Overrides[0].Package = untrusted.Text(v) },
		"range":    func(s *catalog.Spec, _ *verify.Report, v string) { s.Install.Overrides[0].Version = untrusted.Text(v) },
		"source":   func(_ *catalog.Spec, r *verify.Report, v string) { r.Publisher.Repository = untrusted.Text(v) },
		"commit":   func(_ *catalog.Spec, r *verify.Report, v string) { r.Publisher.Commit = untrusted.Text(v) },
		"workflow": func(_ *catalog.Spec, r *verify.Report, v string) { r.Publisher.Workflow = untrusted.Text(v) },
		"registry": func(_ *catalog.Spec, r *verify.Report, v string) {
			r.Registry = untrusted.Text("https://npm.example/" + v)
		},
		"key": func(s *catalog.Spec, _ *verify.Report, v string) {
			s.Unknown = []untrusted.Text{untrusted.Text("spec." + v)}
		},
		"constraint": func(s *catalog.Spec, _ *verify.Report, v string) {
			*s = pypiSpec()
			s.Install.Constraints[0].Requirement = untrusted.Text(v)
		},
	}
	for place, put := range places {
		for _, value := range hostile {
			spec, report := npmSpec(), npmReport()
			put(&spec, report, value)
			out, err := Generate(spec, report, Options{})
			if err == nil || out != "" {
				t.Errorf("%s: %.40q was accepted", place, value)
				continue
			}
			if strings.ContainsAny(err.Error(), "\x1b\x00\r\u202e") || len(err.Error()) > 2*maxValue {
				t.Errorf("%s: raw bytes in %.200q", place, err)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*catalog.Spec)
		want   string
	}{
		{"an option as a package", func(s *catalog.Spec) { s.Package = "--registry" }, "spec.package"},
		{"a path as a package", func(s *catalog.Spec) { s.Package = "../x" }, "spec.package"},
		{"a range as a version", func(s *catalog.Spec) { s.Version = "^1.0.0" }, "spec.version"},
		{"no version", func(s *catalog.Spec) { s.Version = "" }, "spec.version"},
		{"the package overridden", func(s *catalog.Spec) { s.Install.Overrides[1].Package = s.Package }, "cannot be overridden"},
		{"the package overridden in another case", func(s *catalog.Spec) { s.Install.Overrides[1].Package = "@ACME/http-client" }, "cannot be overridden"},
		{"the package constrained", func(s *catalog.Spec) {
			*s = pypiSpec()
			s.Install.Constraints[1].Requirement = "Chroma._MCP[x]<0.2"
		}, "cannot be constrained"},
		{"the package constrained to nothing", func(s *catalog.Spec) {
			*s = pypiSpec()
			s.Install.Constraints[1].Requirement = "chroma_mcp"
		}, "cannot be constrained"},
		{"an override by an address", func(s *catalog.Spec) { s.Install.Overrides[0].Version = "https://evil.test/x.tgz" }, "overrides[0].version"},
		{"constraints of npm", func(s *catalog.Spec) { s.Install.Constraints = pypiSpec().Install.Constraints }, "only PyPI"},
		{"overrides of PyPI", func(s *catalog.Spec) { s.Protocol = catalog.UVX }, "only npm"},
		{"another protocol", func(s *catalog.Spec) { s.Protocol, s.Install = "oci", catalog.Install{} }, "protocol"},
		{"a broken spec", func(s *catalog.Spec) { s.Err = &catalog.SpecError{Path: s.Path, Message: "broken"} }, "broken"},
		{"a requirement from an address", func(s *catalog.Spec) {
			*s = pypiSpec()
			s.Install.Constraints[0].Requirement = "x @ https://evil.test/x.whl"
		}, "constraints[0]"},
		{"an option as a requirement", func(s *catalog.Spec) {
			*s = pypiSpec()
			s.Install.Constraints[0].Requirement = "--index-url=https://evil.test"
		}, "constraints[0]"},
	} {
		spec := npmSpec()
		tt.change(&spec)
		if _, err := Generate(spec, npmReport(), Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

var instruction = regexp.MustCompile(`^(FROM|WORKDIR|ENV|RUN|COPY|LABEL|USER|ENTRYPOINT) `)

// shape checks a Dockerfile line by line: known instructions alone, commands
// as JSON alone, the user before the command that it starts. It returns the
// instructions' names.
func shape(t *testing.T, out string) (names []string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		if !instruction.MatchString(line) || strings.HasSuffix(line, "\\") || strings.Contains(line, "<<") || strings.Contains(line, "$") {
			t.Fatalf("not an instruction of ours: %q", line)
		}
		names = append(names, name)
		if name == "RUN" || name == "ENTRYPOINT" {
			var command []string
			if err := json.Unmarshal([]byte(rest), &command); err != nil || len(command) == 0 {
				t.Fatalf("not a JSON array: %q", line)
			}
		}
	}
	if n := len(names); n < 8 || names[n-2] != "USER" || names[n-1] != "ENTRYPOINT" || !strings.HasPrefix(out, "# This Dockerfile was made by plimsoll.\n") {
		t.Fatalf("the instructions are %v", names)
	}
	return names
}

func TestShape(t *testing.T) {
	t.Parallel()
	for _, out := range []string{
		generate(t, npmSpec(), npmReport(), Options{}), generate(t, npmSpec(), unproven(npmReport()), Options{}),
		generate(t, pypiSpec(), pypiReport(), Options{}), generate(t, pypiSpec(), unproven(pypiReport()), Options{}),
		generate(t, goSpec(), goReport(), Options{SumDB: goKey}),
	} {
		shape(t, out)
		if !strings.Contains(out, "\nUSER 65532:65532\n") {
			t.Error("it runs as root")
		}
	}
	out := generate(t, npmSpec(), npmReport(), Options{})
	if !strings.HasSuffix(out, `ENTRYPOINT ["/app/server","start","--port","80 80"]`+"\n") || !strings.Contains(out, `ENV MODE="a b=c"`) {
		t.Errorf("%s", out)
	}
}

// Whatever the values are, the Dockerfile is refused or has its shape.
func FuzzGenerate(f *testing.F) {
	f.Add("@acme/x", "1.0.0", "start", "A", "b", ">=1", "mcp[cli]>=1", "https://github.com/acme/x", false)
	f.Add("x", "1.0", "<<EOF", "PATH", "a\\", "1\n", "x;y", "\"", true)
	f.Fuzz(func(t *testing.T, name, version, arg, variable, value, override, constraint, source string, python bool) {
		spec, report := npmSpec(), npmReport()
		if python {
			spec, report = pypiSpec(), pypiReport()
			spec.Install.Constraints[0].Requirement = untrusted.Text(constraint)
		} else {
			spec.Install.Overrides[0].Version = untrusted.Text(override)
		}
		spec.Package, spec.Version, spec.Server = untrusted.Text(name), untrusted.Text(version), untrusted.Text(arg)
		spec.Install.Args = []untrusted.Text{untrusted.Text(arg)}
		spec.Install.Env = []catalog.EnvVar{{Name: untrusted.Text(variable), Value: untrusted.Text(value)}}
		report.Publisher = &verify.Publisher{Repository: untrusted.Text(source)}
		out, err := Generate(spec, report, Options{})
		if err != nil {
			if out != "" {
				t.Fatal("an error and a Dockerfile")
			}
			return
		}
		shape(t, out)
		last := strings.TrimPrefix(out[strings.LastIndex(out, "\nENTRYPOINT "):], "\nENTRYPOINT ")
		var command []string
		if err := json.Unmarshal([]byte(last), &command); err != nil || len(command) != 2 || command[1] != arg {
			t.Fatalf("the argument %q became %q", arg, command)
		}
	})
}
