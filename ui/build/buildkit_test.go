package build

import (
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// parse reads a Dockerfile as BuildKit does.
func parse(t *testing.T, out string) (*parser.Result, []instructions.Stage) {
	t.Helper()
	result, err := parser.Parse(strings.NewReader(out))
	if err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	stages, meta, err := instructions.Parse(result.AST, nil)
	if err != nil || len(meta) != 0 {
		t.Fatalf("%v, %d arguments before the first stage, in\n%s", err, len(meta), out)
	}
	return result, stages
}

// holdBuildKit checks what BuildKit makes of a Dockerfile: the instructions
// that shape counts and no others, no here-document, no directive, no shell.
func holdBuildKit(t *testing.T, out string) []instructions.Stage {
	t.Helper()
	names := shape(t, out)
	result, stages := parse(t, out)
	if len(result.Warnings) != 0 || result.EscapeToken != '\\' || len(result.AST.Children) != len(names) {
		t.Fatalf("warnings %v, escape %q, %d instructions of %d", result.Warnings, result.EscapeToken, len(result.AST.Children), len(names))
	}
	for i, node := range result.AST.Children {
		if !strings.EqualFold(node.Value, names[i]) || len(node.Heredocs) != 0 || node.StartLine != node.EndLine {
			t.Fatalf("instruction %d is %q, %d here-documents, lines %d to %d", i, node.Value, len(node.Heredocs), node.StartLine, node.EndLine)
		}
	}
	for _, stage := range stages {
		for _, command := range stage.Commands {
			switch c := command.(type) {
			case *instructions.RunCommand:
				if c.PrependShell || len(c.FlagsUsed) != 0 {
					t.Fatalf("a shell or a flag: %v", c)
				}
			case *instructions.EntrypointCommand:
				if c.PrependShell {
					t.Fatalf("a shell: %v", c)
				}
			}
		}
	}
	return stages
}

func TestBuildKitReadsWhatWasMeant(t *testing.T) {
	t.Parallel()
	stages := holdBuildKit(t, generate(t, npmSpec(), npmReport(), Options{Tag: "x:1"}))
	if len(stages) != 2 || stages[0].Name != "install" {
		t.Fatalf("%d stages", len(stages))
	}
	labels, env := map[string]string{}, map[string]string{}
	var entrypoint []string
	user := ""
	for _, command := range stages[1].Commands {
		switch c := command.(type) {
		case *instructions.LabelCommand:
			for _, l := range c.Labels {
				labels[l.Key] = strings.Trim(l.Value, `"`)
			}
		case *instructions.EnvCommand:
			for _, e := range c.Env {
				env[e.Key] = strings.Trim(e.Value, `"`)
			}
		case *instructions.UserCommand:
			user = c.User
		case *instructions.EntrypointCommand:
			entrypoint = c.CmdLine
		}
	}
	if labels["org.opencontainers.image.source"] != "https://github.com/acme/http" || labels["plimsoll.status"] != "verified" ||
		!strings.HasPrefix(labels["plimsoll.dependencies"], "not pinned") || labels["plimsoll.registry"] != "https://npm.example/" ||
		env["MODE"] != "a b=c" || user != "65532:65532" || strings.Join(entrypoint, "|") != "/app/server|start|--port|80 80" {
		t.Errorf("labels %v, env %v, user %q, entrypoint %q", labels, env, user, entrypoint)
	}
	holdBuildKit(t, generate(t, goSpec(), goReport(), Options{SumDB: goKey + " https://sum.dock.example/db"}))
	holdBuildKit(t, generate(t, pypiSpec(), pypiReport(), Options{Registries: []Registry{{Address: "https://pypi.example/simple/", Credentials: true}}}))
	holdBuildKit(t, generate(t, pypiSpec(), unproven(pypiReport()), Options{PythonImage: "images.example:5000/a/python:3.13@sha256:" + strings.Repeat("0", 64)}))
	holdBuildKit(t, generate(t, npmSpec(), unproven(npmReport()), Options{Scripts: true, Registries: []Registry{{Scope: "@other", Address: "https://other.example/"}}}))
}

func FuzzBuildKit(f *testing.F) {
	f.Add("start", "b", "https://github.com/acme/x", "npx/x/spec.yaml", false)
	f.Add("<<EOF", "a\\", "\"", "escape=`", true)
	f.Add("# x", " = ", "\\", "syntax=x", true)
	f.Fuzz(func(t *testing.T, arg, value, source, path string, python bool) {
		spec, report := npmSpec(), npmReport()
		if python {
			spec, report = pypiSpec(), pypiReport()
		}
		spec.Path, spec.Server = untrusted.Text(path), untrusted.Text(source)
		spec.Install.Args = []untrusted.Text{untrusted.Text(arg)}
		spec.Install.Env = []catalog.EnvVar{{Name: "V", Value: untrusted.Text(value)}}
		report.Publisher = &verify.Publisher{Repository: untrusted.Text(source)}
		out, err := Generate(spec, report, Options{})
		if err != nil {
			return
		}
		stages := holdBuildKit(t, out)
		last := stages[len(stages)-1].Commands
		entry, ok := last[len(last)-1].(*instructions.EntrypointCommand)
		if !ok || len(entry.CmdLine) != 2 || entry.CmdLine[1] != arg {
			t.Fatalf("the argument %q became %v", arg, last[len(last)-1])
		}
	})
}
