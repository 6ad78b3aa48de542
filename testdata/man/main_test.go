package main

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"plimsoll/testdata/testfiles"
	"plimsoll/ui/cli"
)

func TestPages(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := write(folder); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string][]string{
		"plimsoll.1": {".SH EXIT STATUS", ".SH KEYS", "(recheck-failed)", ".SH FILES", ".SH ENVIRONMENT", ".SH EXAMPLES", "--demo",
			`plimsoll-report\fP(1)`, `plimsoll.yaml\fP(5)`},
		"plimsoll-report.1":            {`.TH "PLIMSOLL-REPORT" "1" ""`, "--require\\fR \\fISTATUS", "(default: text)", ".SS Trust"},
		"plimsoll-verify-provenance.1": {`\fB-c\fR`, "--json"},
		"plimsoll-cache-clear.1":       {`plimsoll-cache\fP(1)`, "--cache-dir"},
		"plimsoll.yaml.5":              {`.TH "PLIMSOLL.YAML" "5"`, "npm-registry", "no-color", "keys", "views", "found"},
	} {
		text := string(testfiles.Read(t, folder, page))
		plain := strings.ReplaceAll(text, `\-`, "-")
		for _, w := range want {
			if !strings.Contains(plain, w) {
				t.Errorf("%s does not say %q", page, w)
			}
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "Exit codes:") {
			t.Errorf("%s says something twice, or leaves a place empty:\n%s", page, text)
		}
	}
}

// The manual names every variable that the product reads by a name.
func TestManualNamesTheVariables(t *testing.T) {
	t.Parallel()
	read := regexp.MustCompile(`(?i:getenv|e\.get|lookup|xdgDir)\((?:env, )?"([A-Z][A-Z0-9_]+)"`)
	root, found := testfiles.Root(t), 0
	for _, room := range []string{"ui", "verify", "catalog"} {
		err := filepath.WalkDir(filepath.Join(root, room), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			for _, match := range read.FindAllSubmatch(testfiles.Read(t, path), -1) {
				if found++; !strings.Contains(sections, "`"+string(match[1])+"`") {
					t.Errorf("%s reads %s, which testdata/man/plimsoll.md does not name", path, match[1])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 30 {
		t.Errorf("only %d variables were found", found)
	}
}

// The example of plimsoll.yaml is one that plimsoll takes.
func TestExampleOfSettings(t *testing.T) {
	t.Parallel()
	_, example, _ := strings.Cut(settings, "# EXAMPLE\n\n```\n")
	example, _, _ = strings.Cut(example, "```")
	folder := t.TempDir()
	testfiles.Write(t, filepath.Join(folder, "plimsoll", "plimsoll.yaml"), example)
	testfiles.Write(t, filepath.Join(folder, "plimsoll", "authorities.pem"), "")
	var out, errs bytes.Buffer
	code := cli.Main([]string{"config", "--offline"}, cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: time.Now,
		Getenv:     func(name string) string { return map[string]string{"XDG_CONFIG_HOME": folder, "HOME": folder}[name] },
		Environ:    func() []string { return []string{"HOME=" + folder} },
		IsTerminal: func(any) bool { return false },
	})
	if code != 0 || !strings.Contains(out.String(), "view renamed") || !strings.Contains(out.String(), "https://npm.example/") {
		t.Errorf("exit code %d, %s\n%s", code, errs.String(), out.String())
	}
}
