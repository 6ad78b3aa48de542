package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// realBumps is how many changes of the real catalog's history raise a version.
const realBumps = 309

// TestRealBumps reviews every bump of the real catalog's history. What its
// registries offered then is not known, so the forge makes it: releases that keep
// what those before had, lose it, gain it, and that somebody else published, or
// otherwise. The verdict that each must get is computed here from what was made
// and the two specs alone.
func TestRealBumps(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("hundreds of releases are made")
	}
	changes := bumpsOf(t, testfiles.Shared(t, "catalogs", "history.bundle"))
	if len(changes) != realBumps {
		t.Errorf("expected %d bumps in the history, found %d", realBumps, len(changes))
	}
	f := newForge()
	plans := planned(changes)
	var specs []catalog.Spec
	for _, c := range changes {
		specs = append(specs, c.Before.Spec, c.After.Spec)
	}
	from := loopback(t, f, plans)
	began := time.Now()
	reports := lab.Check(t, specs, from, false)
	took := time.Since(began)
	alone := plans.sigstoreAlone(t, f, specs)
	t.Logf("%d releases for %d bumps; both sides of each fetched from loopback and verified in %v: %.2f of sigstore-go alone, %v",
		len(plans), len(changes), took, float64(took)/float64(alone), alone)
	seen, turned := map[string]int{}, map[string]bool{}
	for i := range changes {
		c := &changes[i]
		c.Before.Report, c.After.Report = reports[2*i], reports[2*i+1]
		c.Judge(nil)
		before, after := plans.of(c.Before.Spec), plans.of(c.After.Spec)
		want := expected(c, before, after)
		got := verdict{c.Kind.String(), c.Verdict.String(), c.Publisher.Name(), c.Evidence.String(), nil, nil}
		for _, finding := range c.Findings {
			switch {
			case !strings.HasPrefix(finding.Rule, "review."):
			case finding.Severity == verify.SeverityError:
				got.errors = append(got.errors, finding.Rule)
			case finding.Severity == verify.Warning:
				got.warnings = append(got.warnings, finding.Rule)
			}
		}
		got.sort()
		turned[after.what] = true
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s %s → %s (%+v → %+v):\nexpected %v\nfound    %v: %s", c.Path, c.Before.Spec.Version, c.After.Spec.Version,
				*before, *after, want, got, c.Summary())
			continue
		}
		seen[after.what+": "+got.verdict]++
	}
	for _, turn := range turns {
		if !turned[turn.what] {
			t.Errorf("no bump is made %q", turn.what)
		}
	}
	t.Logf("as expected: %v", seen)
}

// bumpsOf returns the changes that raise a version, of every commit.
func bumpsOf(t *testing.T, bundle string) (bumps []review.Change) {
	t.Helper()
	git := gitIn(t, filepath.Join(t.TempDir(), "history.git"))
	git("", "clone", "-q", "--bare", "-b", "main", bundle, ".")
	log := git("", "log", "--reverse", "--first-parent", "-m", "-r", "--raw", "--no-renames", "--no-abbrev", "-z", "--format=commit %H", "--", "npx", "uvx")
	var ids []string
	type trees struct{ base, head map[string]string }
	var commits []trees
	fields := strings.Split(log, "\x00")
	for i := 0; i < len(fields); i++ {
		raw := strings.Fields(strings.TrimPrefix(fields[i], "\n"))
		switch {
		case len(raw) == 2 && raw[0] == "commit":
			commits = append(commits, trees{map[string]string{}, map[string]string{}})
		case len(raw) == 5 && i+1 < len(fields):
			i++
			c := commits[len(commits)-1]
			c.base[fields[i]], c.head[fields[i]] = raw[2], raw[3]
			ids = append(ids, raw[2], raw[3])
		}
	}
	blobs := readBlobs(t, git, ids)
	for _, c := range commits {
		changes := review.Pair(specsOf(t, c.base, blobs), specsOf(t, c.head, blobs))
		for _, change := range changes {
			if change.Kind == review.Bumped {
				bumps = append(bumps, change)
			}
		}
	}
	return bumps
}

func gitIn(t *testing.T, dir string) func(input string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return func(input string, args ...string) string {
		t.Helper()
		c := exec.Command("git", args...)
		c.Dir, c.Stdin = dir, strings.NewReader(input)
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "HOME="+dir)
		out, err := c.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(out)
	}
}

// readBlobs returns the contents of blobs by their ids.
func readBlobs(t *testing.T, git func(string, ...string) string, ids []string) map[string][]byte {
	t.Helper()
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return strings.Trim(id, "0") == "" })
	out := []byte(git(strings.Join(ids, "\n")+"\n", "cat-file", "--batch"))
	blobs := map[string][]byte{}
	for len(out) > 0 {
		head, rest, _ := bytes.Cut(out, []byte("\n"))
		fields := strings.Fields(string(head))
		size, err := strconv.Atoi(fields[len(fields)-1])
		if err != nil {
			t.Fatalf("git cat-file: %q", head)
		}
		blobs[fields[0]], out = rest[:size], rest[size+1:]
	}
	return blobs
}

// specsOf loads the specs of one side of a commit.
func specsOf(t *testing.T, files map[string]string, blobs map[string][]byte) []catalog.Spec {
	t.Helper()
	fsys := fstest.MapFS{"npx": {Mode: fs.ModeDir | 0o755}}
	for name, id := range files {
		if data, ok := blobs[id]; ok {
			fsys[name] = &fstest.MapFile{Data: data}
		}
	}
	specs, err := catalog.Load(t.Context(), catalog.Source{FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	return specs
}
