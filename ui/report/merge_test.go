package report

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/statement"
	"plimsoll/verify/trust"
)

var shardTrust = Trust{Origin: "demo", Root: "the demo's", RootSHA256: strings.Repeat("ab", 32), Keys: "the demo's keys", Demo: true}

// part is the results of a shard of packages, whose specs are the catalog.
func part(packages []Package, shard catalog.Shard) Part {
	p := Part{Shard: shard, Basis: Basis{Program: "v1.2.3", Policy: "aa", Decisions: "bb"}}
	for _, one := range packages {
		p.Catalog = append(p.Catalog, one.Spec)
		if shard.Holds(one.Spec.Path) {
			p.Packages = append(p.Packages, one)
		}
	}
	return p
}

// split writes packages as shards and reads them back.
func split(t *testing.T, packages []Package, n int) []ShardFile {
	t.Helper()
	var files []ShardFile
	for i := range n {
		files = append(files, readPart(t, fmt.Sprintf("%d.json", i+1), part(packages, catalog.Shard{Index: i + 1, Count: n})))
	}
	return files
}

func readPart(t *testing.T, name string, p Part) ShardFile {
	t.Helper()
	trust := shardTrust
	if len(p.Packages) == 0 {
		trust.RootSHA256 = "" // it was not needed
	}
	var b bytes.Buffer
	if err := p.WriteJSON(&b, trust, evening); err != nil {
		t.Fatal(err)
	}
	results, err := ReadJSON(&b)
	if err != nil {
		t.Fatalf("shard %v: %v", p.Shard, err)
	}
	return ShardFile{name, results}
}

// everyFormat is what each format says of the results.
func everyFormat(t *testing.T, packages []Package, trust Trust) map[string]string {
	t.Helper()
	out := map[string]string{"exit code": fmt.Sprint(ExitCode(packages, verify.Pending), ExitCode(packages, verify.Signed))}
	for name, write := range map[string]func(io.Writer) error{
		"json":     func(w io.Writer) error { return WriteCatalogJSON(w, packages, trust, evening) },
		"markdown": func(w io.Writer) error { return WriteMarkdown(w, packages, verify.Pending, trust, evening) },
		"sarif":    func(w io.Writer) error { return SARIF{Version: "v1"}.Write(w, packages, trust, evening) },
		"csv":      func(w io.Writer) error { return WriteCSV(w, packages, verify.Pending) },
		"text": func(w io.Writer) error {
			return Text{Theme: theme.New(theme.Options{Plain: true})}.Table(w, packages, trust)
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.String()
	}
	return out
}

// asReadBack is packages that are said to come from a file.
func asReadBack(packages []Package) []Package {
	packages = slices.Clone(packages)
	for i := range packages {
		packages[i].Report.ReadBack = true
	}
	return packages
}

func sameLines(t *testing.T, format, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s, line %d: whole\n%.600s\nmerged\n%.600s", format, i+1, a[i], b[i])
		}
	}
	t.Fatalf("%s: %d lines whole, %d merged", format, len(a), len(b))
}

// Shards of any count, empty ones among them, merge into what a run over the
// whole catalog writes, byte for byte and in every format.
func TestMergedShardsEqualTheWhole(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	whole := everyFormat(t, asReadBack(packages), shardTrust)
	for _, n := range []int{1, 2, 3, 7, len(packages) + 100} {
		files := split(t, packages, n)
		slices.Reverse(files) // the order of the files says nothing
		merged, err := Merge(files)
		if err != nil {
			t.Fatalf("%d shards: %v", n, err)
		}
		if !merged.Generated.Equal(evening) {
			t.Errorf("%d shards: generated %v", n, merged.Generated)
		}
		for format, got := range everyFormat(t, merged.Packages, merged.Trust) {
			sameLines(t, fmt.Sprintf("%d shards, %s", n, format), whole[format], got)
		}
	}
}

// Evidence that nothing could be verified against is in the shards as well.
func TestMergedShardsWithoutTrust(t *testing.T) {
	t.Parallel()
	from := lab.Registries(t)
	from.Trust = trust.New(trust.Options{})
	packages := verifyDemo(t, from)
	if !slices.ContainsFunc(packages, func(p Package) bool { return p.Report.Unverified != "" }) {
		t.Fatal("everything was verified against nothing")
	}
	merged, err := Merge(split(t, packages, 3))
	if err != nil {
		t.Fatal(err)
	}
	whole := everyFormat(t, asReadBack(packages), shardTrust)
	for format, got := range everyFormat(t, merged.Packages, merged.Trust) {
		sameLines(t, format, whole[format], got)
	}
}

// randomCatalog draws packages of the demo under other names, sorted as a
// catalog is. Names that are not UTF-8 survive no JSON: valid says that there
// is none.
func randomCatalog(r *rand.Rand, pool []Package) (packages []Package, valid bool) {
	names := []string{"a", "B", "ä", "日本", "e\u0301", "x y", "\u202e", "%2f", `"`, "\\", "🚀", "\x1b[31m", "-"}
	if r.IntN(4) == 0 {
		names = append(names, "\xff")
	}
	valid = true
	taken := map[untrusted.Text]bool{}
	for range r.IntN(30) {
		p := pool[r.IntN(len(pool))]
		name := fmt.Sprint(r.IntN(100))
		for range 1 + r.IntN(3) {
			name += names[r.IntN(len(names))]
		}
		p.Spec.Path = untrusted.Text(string(p.Spec.Protocol) + "/" + name + "/spec.yaml")
		json := untrusted.Text([]rune(string(p.Spec.Path)))
		if taken[json] || json != p.Spec.Path && p.Spec.Err != nil { // its message quotes the path
			continue
		}
		taken[json] = true
		valid = valid && json == p.Spec.Path
		p.Spec.Server = untrusted.Text(name)
		p.Spec.SHA256 = [32]byte{byte(r.IntN(256)), 1}
		if err := p.Spec.Err; err != nil {
			p.Spec.Err = &catalog.SpecError{Path: p.Spec.Path, Line: r.IntN(9), Message: err.Message}
		}
		p.Report.Findings = slices.Clone(p.Report.Findings)
		for i := range p.Report.Findings {
			if f := &p.Report.Findings[i]; r.IntN(4) == 0 {
				f.Known, f.Decision = true, "known: it was renamed"
			}
		}
		packages = append(packages, p)
	}
	slices.SortFunc(packages, func(a, b Package) int { return strings.Compare(string(a.Spec.Path), string(b.Spec.Path)) })
	return packages, valid
}

func TestRandomCatalogsSplitAndMerged(t *testing.T) {
	t.Parallel()
	runs := 25
	if hostile.Sample(t) {
		runs = 5
	}
	pool, all := demoPackages(t), 0
	for seed := range runs {
		r := rand.New(rand.NewPCG(uint64(seed), 8))
		packages, valid := randomCatalog(r, pool)
		n := 1 + r.IntN(1+r.IntN(2*len(packages)+10))
		files := split(t, packages, n)
		r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		merged, err := Merge(files)
		if err != nil {
			t.Fatalf("seed %d, %d packages, %d shards: %v", seed, len(packages), n, err)
		}
		trust := shardTrust
		if len(packages) == 0 {
			trust.RootSHA256 = ""
		}
		whole, got := everyFormat(t, asReadBack(packages), trust), everyFormat(t, merged.Packages, merged.Trust)
		for format := range whole {
			if valid || format == "json" || format == "exit code" {
				all++
				sameLines(t, fmt.Sprintf("seed %d, %d shards, %s", seed, n, format), whole[format], got[format])
			}
		}
	}
	if all < runs*3 {
		t.Errorf("only %d results were compared", all)
	}
}

func TestMergeTakesTheEarliestTime(t *testing.T) {
	t.Parallel()
	files := split(t, demoPackages(t), 3)
	files[1].Results.Generated = evening.Add(-time.Hour)
	files[2].Results.Generated = evening.Add(time.Hour)
	merged, err := Merge(files)
	if err != nil || !merged.Generated.Equal(evening.Add(-time.Hour)) {
		t.Errorf("generated %v, %v", merged.Generated, err)
	}
	for i := range files { // of one nobody knows how old it is
		before := files[i].Results.Generated
		files[i].Results.Generated = time.Time{}
		if merged, err := Merge(files); err != nil || !merged.Generated.IsZero() {
			t.Errorf("shard %d has no time: generated %v, %v", i+1, merged.Generated, err)
		}
		files[i].Results.Generated = before
	}
}

// A shard without an npm package asked for no keys, and differs in none.
func TestMergeTakesShardsThatNeededNoKeys(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		files := split(t, demoPackages(t)[:40], 3)
		files[i].Results.Trust.Keys = ""
		if merged, err := Merge(files); err != nil || merged.Trust.Keys != "the demo's keys" {
			t.Errorf("%d: keys %q, %v", i, merged.Trust.Keys, err)
		}
	}
}

// What one shard could not have of the trust, the whole could not.
func TestMergeTakesTheProblemOfAnyShard(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		files := split(t, demoPackages(t)[:40], 3)
		files[i].Results.Trust.Problem = "the keys could not be fetched"
		if merged, err := Merge(files); err != nil || merged.Trust.Problem != "the keys could not be fetched" {
			t.Errorf("shard %d: problem %q, %v", i+1, merged.Trust.Problem, err)
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)[:40]
	other := slices.Clone(packages)
	other[3].Spec.SHA256 = [32]byte{1}
	whole, err := ReadJSON(bytes.NewReader(catalogJSON(t, packages)))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(f []ShardFile) []ShardFile
		want   string
	}{
		{"nothing", func([]ShardFile) []ShardFile { return nil }, "found none"},
		{"a whole report", func(f []ShardFile) []ShardFile { return append(f, ShardFile{"whole.json", whole}) }, `"whole.json" holds no shard`},
		{"missing", func(f []ShardFile) []ShardFile { return f[1:] }, "missing: shard 1/3"},
		{"most missing", func([]ShardFile) []ShardFile { return split(t, packages, 40)[:20] }, "30/40 and 10 more"},
		{"twice", func(f []ShardFile) []ShardFile { return append(f, ShardFile{"again.json", f[1].Results}) }, `shard 2/3 is there twice: in "2.json" and in "again.json"`},
		{"another count", func(f []ShardFile) []ShardFile { return append(f[:2], split(t, packages, 4)[2]) }, `"1.json" is one of 3 shards, "3.json" one of 4`},
		{"another catalog", func(f []ShardFile) []ShardFile { return append(f[:2], split(t, other, 3)[2]) }, `"1.json" and "3.json" differ in the catalog: "`},
		{"another number of specs", func(f []ShardFile) []ShardFile { return append(f[:2], split(t, packages[:30], 3)[2]) }, `the number of specs of the catalog: "40" and "30"`},
		{"another program", func(f []ShardFile) []ShardFile { f[1].Results.Shard.Program = "v2"; return f }, `the version of plimsoll: "v1.2.3" and "v2"`},
		{"another policy", func(f []ShardFile) []ShardFile { f[1].Results.Shard.Policy = ""; return f }, `the policy: "aa" and ""`},
		{"other decisions", func(f []ShardFile) []ShardFile { f[1].Results.Shard.Decisions = ""; return f }, `the decisions (triage.yaml): "bb" and ""`},
		{"other checks", func(f []ShardFile) []ShardFile { f[1].Results.Shard.Explained = true; return f }, `(--verbose): "false" and "true"`},
		{"another trust root", func(f []ShardFile) []ShardFile { f[2].Results.Trust.RootSHA256 = strings.Repeat("cd", 32); return f }, `"1.json" and "3.json" differ in the hash of the trust root: "abab`},
		{"another origin", func(f []ShardFile) []ShardFile {
			f[2].Results.Trust.Origin, f[2].Results.Trust.Demo = "TUF", false
			return f
		}, `the origin of the trust: "demo" and "TUF"; the demo: "true" and "false"`},
		{"other keys", func(f []ShardFile) []ShardFile { f[2].Results.Trust.Keys = "\x1b[2J"; return f }, `the npm keys: "the demo's keys" and "\x1b[2J"`},
		{"a spec twice", func(f []ShardFile) []ShardFile {
			f[1].Results.Packages = append(slices.Clone(f[1].Results.Packages), f[0].Results.Packages[0])
			f[1].Results.Shard.Specs = append(slices.Clone(f[1].Results.Shard.Specs), f[0].Results.Shard.Specs[0])
			return f
		}, "is there twice: in "},
		{"a place twice", func(f []ShardFile) []ShardFile {
			f[1].Results.Shard.Specs[0].Place = f[0].Results.Shard.Specs[0].Place
			return f
		}, "are at one place"},
		{"a spec left out", func(f []ShardFile) []ShardFile {
			f[1].Results.Packages = f[1].Results.Packages[1:]
			f[1].Results.Shard.Specs = f[1].Results.Shard.Specs[1:]
			return f
		}, "1 of the 40 specs of the catalog are in no shard"},
		{"a spec of other bytes", func(f []ShardFile) []ShardFile {
			f[1].Results.Packages[0].Spec.SHA256[0] ^= 1
			return f
		}, "its hash is another"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			results, err := Merge(tt.change(split(t, packages, 3)))
			if err == nil {
				t.Fatalf("merged %d packages", len(results.Packages))
			}
			if !strings.Contains(err.Error(), tt.want) || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if len(results.Packages) != 0 {
				t.Error("an error and packages")
			}
		})
	}
}

// What a shard says of itself must fit what it holds.
func TestReadJSONRefusesShards(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	var b bytes.Buffer
	if err := part(packages, catalog.Shard{Index: 2, Count: 3}).WriteJSON(&b, shardTrust, evening); err != nil {
		t.Fatal(err)
	}
	text, specs := b.String(), fmt.Sprintf(`"specs": %d`, len(packages))
	for _, tt := range []struct {
		times          int // that the text is replaced, -1 for all
		name, old, new string
		want           string
	}{
		{1, "another index", `"index": 2`, `"index": 1`, "does not belong to shard 1/3"},
		{1, "no index", `"index": 2`, `"index": 4`, "found 4/3"},
		{1, "a huge count", `"count": 3`, `"count": 1000000000`, "expected a shard"},
		{1, "fewer specs than packages", specs, `"specs": 12`, "found 12"},
		{1, "too many specs", specs, `"specs": 1000000000`, "found 1000000000"},
		{1, "no hash of the catalog", `"catalog": {`, `"catalog": {"x": 1,` + "\n", ""},
		{1, "a hash of nothing", `"program": "v1.2.3"`, `"program": "v1.2.3", "index": 2`, "index"},
		{1, "no hash at all", specs + ",\n      \"sha256\": \"", specs + ",\n      \"sha256\": \"\", \"was\": \"", "expected the SHA-256 of the catalog"},
		{1, "one spec more", `"specs": [`, `"specs": [{"place": 1},`, "the shard describes"},
		{1, "another case", `"place"`, `"Place"`, "at place 0"},
		{1, "a place too far", `"place": `, `"place": 999`, "at place 999"},
		{1, "a spec's hash", `"sha256": "`, `"sha256": "zz`, "SHA-256"},
		{-1, "no such problem", `"place": `, `"problem": "none", "place": `, "could not be read, and its package is"},
		{1, "no shard", `"shard": {`, `"shard": {}, "x": {`, "found 0/0"},
		{1, "a list", `"shard": {`, `"shard": [], "x": {`, "shard"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(text, tt.old) {
				t.Fatalf("the shard does not hold %s", tt.old)
			}
			_, err := ReadJSON(strings.NewReader(strings.Replace(text, tt.old, tt.new, tt.times)))
			if tt.want == "" {
				if err != nil {
					t.Errorf("what a later version adds: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// A part must hold exactly what its shard does.
func TestPartRefusesOthers(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	good := part(packages, catalog.Shard{Index: 1, Count: 2})
	for name, change := range map[string]func(p *Part){
		"one missing": func(p *Part) { p.Packages = p.Packages[1:] },
		"all missing": func(p *Part) { p.Packages = nil },
		"one more":    func(p *Part) { p.Packages = append(slices.Clone(p.Packages), packages[0]) },
		"the other":   func(p *Part) { p.Shard.Index = 2 },
	} {
		p := good
		change(&p)
		if err := p.WriteJSON(io.Discard, shardTrust, evening); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

// What an attestation states of itself is read as strictly as the rest, and
// only of one that nothing was verified against.
func TestReadJSONRefusesWhatNothingSays(t *testing.T) {
	t.Parallel()
	good := string(packageJSON(t, unverified()))
	for _, tt := range []struct{ old, new, want string }{
		{`"kind": "provenance"`, `"kind": "strange"`, "strange"},
		{`"not_before": "`, `"not_before": "yesterday`, `/not_before": expected a time`},
		{`"extensions": {`, `"extensions": {"a": "b",`, "extensions"},
	} {
		if !strings.Contains(good, tt.old) {
			t.Fatalf("the document does not hold %s", tt.old)
		}
		if _, err := ReadJSON(strings.NewReader(strings.Replace(good, tt.old, tt.new, 1))); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.new, err, tt.want)
		}
	}
}

// What an attestation states of itself is read back, within bounds, if nothing
// was verified; else it is proven, or refuted, and a file cannot add to it.
func TestReadJSONTakesWhatIsSaid(t *testing.T) {
	t.Parallel()
	said := &verify.Says{Kind: verify.KindStatement, KeyID: "key", Subjects: []statement.Subject{{Name: "a"}, {Name: "b"}},
		Certificate: &verify.SaidCertificate{Names: []untrusted.Text{"x"}, Leaf: verify.Leaf{Issuer: "CN=x", NotBefore: evening}}}
	read := func(p Package) (verify.Attestation, error) {
		p.Report.Artifacts[0].Attestations[0].Says = said
		results, err := ReadJSON(bytes.NewReader(packageJSON(t, p)))
		if err != nil {
			return verify.Attestation{}, err
		}
		return results.Packages[0].Report.Artifacts[0].Attestations[0], nil
	}
	a, err := read(unverified())
	if err != nil || a.Kind != verify.KindStatement || a.KeyID != "key" || len(a.Subjects) != 2 || a.Subjects[1] != "b" ||
		a.Leaf == nil || a.Leaf.Issuer != "CN=x" || !a.Leaf.NotBefore.Equal(evening) || a.Says.Certificate.Names[0] != "x" {
		t.Errorf("read %+v, %v", a, err)
	}
	if a, err = read(full()); err != nil || a.Says != nil || a.Leaf != nil || a.KeyID != "" || a.Kind != verify.KindProvenance {
		t.Errorf("of a verified one: %+v, %v", a, err)
	}
	said.Subjects = make([]statement.Subject, untrusted.MaxSubjects+1)
	if _, err = read(unverified()); err == nil || !strings.Contains(err.Error(), "subjects, found") {
		t.Errorf("too many subjects: %v", err)
	}
}
