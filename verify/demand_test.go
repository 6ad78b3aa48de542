package verify

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// demands returns, for every field of an expectation, one that names nothing
// else. A field of a kind that this does not know fails the test.
func demands(t *testing.T) map[string]catalog.Provenance {
	t.Helper()
	out := map[string]catalog.Provenance{}
	var visit func(typ reflect.Type, path string, at func(*catalog.Provenance) reflect.Value)
	visit = func(typ reflect.Type, path string, at func(*catalog.Provenance) reflect.Value) {
		for i := range typ.NumField() {
			name := strings.TrimPrefix(path+"."+typ.Field(i).Name, ".")
			if name == "SigstoreURL" { // which Sigstore vouches is the operator's choice, not the spec's
				continue
			}
			field := func(e *catalog.Provenance) reflect.Value { return at(e).Field(i) }
			var e catalog.Provenance
			switch kind := typ.Field(i).Type.Kind(); kind {
			case reflect.Pointer:
				visit(typ.Field(i).Type.Elem(), name, func(e *catalog.Provenance) reflect.Value {
					if field(e).IsNil() {
						field(e).Set(reflect.New(field(e).Type().Elem()))
					}
					return field(e).Elem()
				})
				continue
			case reflect.Bool:
				field(&e).SetBool(true)
			case reflect.String:
				field(&e).SetString("acme/demanded-v0.5.0")
			default:
				t.Fatalf("%s: a field of kind %v, which this test cannot set", name, kind)
			}
			out[name] = e
		}
	}
	visit(reflect.TypeFor[catalog.Provenance](), "", func(e *catalog.Provenance) reflect.Value { return reflect.ValueOf(e).Elem() })
	return out
}

// Whatever a spec can name is demanded: a new field of [catalog.Provenance] that is
// not in the table of the comparison fails here.
func TestWhatASpecNamesMustBeProven(t *testing.T) {
	t.Parallel()
	bare := &Publisher{} // a certificate that says nothing at all
	full := publisher(t, release, modern(nil))
	provenance := func(p *Publisher) []ArtifactReport { return provenBy(p, "").Artifacts }
	signed := []ArtifactReport{{Filename: "http-1.0.0.tgz", Status: Signed}}
	for name, want := range demands(t) {
		flag := name == "Attestations.Available" || name == "Attestations.Verified"
		for _, tc := range []struct {
			what   string
			arts   []ArtifactReport
			status Status
		}{
			{"a certificate that does not say", provenance(bare), map[bool]Status{false: Mismatch, true: Verified}[flag]},
			{"a certificate that says otherwise", provenance(full), map[bool]Status{false: Mismatch, true: Verified}[flag]},
			{"no evidence", []ArtifactReport{{Status: None}}, Mismatch},
			{"a registry signature", signed, Mismatch},
			{"a publish attestation", []ArtifactReport{{Status: Signed, Attestations: []Attestation{{Kind: KindPublish, Status: Verified}}}}, Mismatch},
			{"a statement of another type", []ArtifactReport{{Status: None, Attestations: []Attestation{{Kind: KindStatement, Status: Verified}}}}, Mismatch},
			{"one file of two", append(provenance(full), signed...), Mismatch},
		} {
			t.Run(name+"/"+tc.what, func(t *testing.T) {
				r := dossierOf(Report{Release: Release{Version: "1.0.0"}, Artifacts: tc.arts})
				compare(r, want)
				decide(r)
				expected := tc.status
				switch hasEvidence := hasProvenance(tc.arts); {
				case name == "RepositoryRef": // a tag is a hint: a warning, whatever the evidence
					expected = worstOf(tc.arts)
					checkRule(t, r.Findings, "provenance.repository_ref")
				case name == "RepositoryURI" && !hasEvidence: // demands nothing then
					expected = worstOf(tc.arts)
				}
				if r.Status != expected {
					t.Errorf("got %v (%s), want %v", r.Status, r.Reason, expected)
				}
				for _, c := range r.Comparison {
					if c.Spec != "" && c.Result == ResultMatch {
						t.Errorf("nothing proves it, and the row says match: %+v", c)
					}
				}
			})
		}
	}
}

// worstOf is the status of a release that nothing contradicts.
func worstOf(arts []ArtifactReport) Status {
	r := dossierOf(Report{Artifacts: arts})
	decide(r)
	return r.Status
}

// What a certificate does not carry is not proven: Google's names no
// repository, an old one no runner.
func TestNothingProvesIt(t *testing.T) {
	t.Parallel()
	google := publisher(t, "build@acme.example", extensions{8: issuerGoogle})
	old := publisher(t, release, extensions{1: issuerGitHub, 2: "push", 3: "c0ffee", 4: "Release", 5: "acme/http", 6: "refs/tags/v1.0.0"})
	for _, tc := range []struct {
		name string
		p    *Publisher
		want catalog.Provenance
		rule string
	}{
		{"a repository of a person", google, catalog.Provenance{RepositoryURI: acme}, "provenance.repository_uri"},
		{"a workflow of a person", google, catalog.Provenance{Attestations: &catalog.Attestations{Publisher: &catalog.Publisher{Workflow: "release.yml"}}}, "publisher.workflow"},
		{"the runner of an old certificate", old, catalog.Provenance{RunnerEnvironment: "github-hosted"}, "provenance.runner_environment"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := provenBy(tc.p, "")
			compare(r, tc.want)
			decide(r)
			if r.Status != Mismatch || !strings.Contains(r.Reason, "nothing proves") {
				t.Errorf("got %v (%s)", r.Status, r.Reason)
			}
			checkRule(t, r.Findings, tc.rule)
		})
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	documents := catalog.Provenance{RepositoryURI: acme, CertIssuer: issuerGitHub, Attestations: &catalog.Attestations{Available: true}}
	proven := provenBy(publisher(t, release, modern(nil)), "").Artifacts[0]
	for _, tc := range []struct {
		name     string
		arts     []ArtifactReport
		want     Status
		observed string // of the finding; "" for none
	}{
		{"every file proven", []ArtifactReport{proven, proven}, Verified, ""},
		{"one of two has none", []ArtifactReport{proven, {Filename: "x.whl", Status: None}}, Mismatch, "no provenance for x.whl"},
		{"none of many has", []ArtifactReport{{Status: None}, {Status: Signed}}, Mismatch, "no provenance"},
		{"advertised and missing is not gone", []ArtifactReport{{Status: Unchecked}}, Unchecked, ""},
		{"another file is missing", []ArtifactReport{{Status: Unchecked}, {Filename: "x.whl", Status: None}}, Unchecked, "no provenance for x.whl"},
		{"what does not verify is not gone", []ArtifactReport{{Status: Invalid}}, Invalid, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := dossierOf(Report{Artifacts: tc.arts})
			compare(r, documents)
			decide(r)
			if r.Status != tc.want {
				t.Errorf("got %v (%s), want %v", r.Status, r.Reason, tc.want)
			}
			i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Rule == "attestations.gone" })
			for _, c := range r.Comparison {
				if c.Field == "issuer" && c.Certificate == "" && (c.Result == ResultMismatch) != (i >= 0) {
					t.Errorf("the row of what has gone: %+v", c)
				}
			}
			if found := i >= 0; found != (tc.observed != "") || found && r.Findings[i].Observed != tc.observed {
				t.Errorf("findings %+v", r.Findings)
			}
		})
	}
}

// A repository that cannot be read is named, also where nothing is offered.
func TestUnreadableRepository(t *testing.T) {
	t.Parallel()
	for _, want := range []catalog.Provenance{
		{RepositoryURI: "see the website"},
		{RepositoryURI: "github.com/acme"},
		{Attestations: &catalog.Attestations{Publisher: &catalog.Publisher{Repository: "acme"}}},
	} {
		for _, arts := range [][]ArtifactReport{{{Status: Signed}}, provenBy(publisher(t, release, modern(nil)), "").Artifacts} {
			r := dossierOf(Report{Artifacts: arts})
			compare(r, want)
			decide(r)
			if r.Status != Mismatch || !strings.Contains(r.Reason, "cannot be read as a repository") {
				t.Errorf("%+v: got %v (%s)", want, r.Status, r.Reason)
			}
		}
	}
}

// A tag of another version is found without any certificate.
func TestStaleTag(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		ref, version string
		stale        bool
	}{
		{"refs/tags/v1.0.17", "4.0.0", true},
		{"refs/tags/mcp-neo4j-memory-v0.2.0", "0.4.5", true},
		{"v1.1.2", "1.1.30", true},
		{"@acme/http@1.2.0", "1.2.1", true},
		{"refs/tags/v1.0.0-rc.1", "1.0.0", true},
		{"refs/tags/v1.0.0", "1.0.0rc1", true},
		{"refs/tags/v1.0.0-rc.1", "1.0.0rc1", false},
		{"refs/tags/v1.0.0-rc.1", "1.0.0-rc.1", false},
		{"refs/tags/v1.0", "1.0.0", false},
		{"refs/tags/2026.07.04", "2026.7.4", false},
		{"refs/tags/v1.2.3-python", "1.2.3", false},
		{"refs/tags/python3.11-v1.2.3", "1.2.3", false},
		{"refs/tags/v1.2.3-py3.11", "1.2.3", false},
		{"refs/tags/stable", "1.2.3", false},
		{"refs/tags/v4", "4.1.0", false},
		{"refs/heads/release-1.0", "2.0.0", false},
		{"main", "2.0.0", false},
		{"c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00", "2.0.0", false},
	} {
		r := dossierOf(Report{Release: Release{Version: untrusted.Text(tc.version)}, Artifacts: []ArtifactReport{{Status: Signed}}})
		compare(r, catalog.Provenance{RepositoryRef: untrusted.Text(tc.ref)})
		decide(r)
		stale := slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Rule == "provenance.repository_ref" && f.Severity == Warning })
		if stale != tc.stale || r.Status != Signed {
			t.Errorf("%s for %s: stale %v, status %v", tc.ref, tc.version, stale, r.Status)
		}
	}
}

// Two witnesses that say different things are never a match, in any row and
// any two columns, whether a certificate decides or not.
func TestDifferentValuesNeverMatch(t *testing.T) {
	t.Parallel()
	columns := []string{"Spec", "Certificate", "Statement", "Registry"}
	for _, r := range (witnesses{}).table() {
		if r.equal == nil {
			continue // a flag
		}
		for _, proven := range []bool{true, false} {
			for i, a := range columns {
				check(t, r, proven, map[string]string{a: "github.com/acme/one"}, ResultMismatch, ResultDiffers, ResultOnly)
				for _, b := range columns[i+1:] {
					if !proven && (a == "Certificate" || b == "Certificate") || r.demand == nothing && a == "Spec" {
						continue
					}
					check(t, r, proven, map[string]string{a: "github.com/acme/one", b: "github.com/acme/two"}, ResultMismatch, ResultDiffers)
					match := ResultOnly
					if b == "Certificate" || a == "Certificate" {
						match = ResultMatch
					} else if proven && a == "Spec" {
						match = map[bool]Result{true: ResultMismatch, false: ResultDiffers}[r.demand >= ifProven]
					}
					check(t, r, proven, map[string]string{a: "github.com/acme/one", b: "github.com/acme/one"}, match)
				}
			}
		}
	}
}

func check(t *testing.T, r row, proven bool, says map[string]string, allowed ...Result) {
	t.Helper()
	for column, value := range says {
		reflect.ValueOf(&r.Comparison).Elem().FieldByName(column).SetString(value)
	}
	w := witnesses{}
	if proven {
		w.publisher = &Publisher{}
	}
	c, _ := w.judge(r)
	if !slices.Contains(allowed, c.Result) {
		t.Errorf("%s, %s: %q, want %v", r.Field, fmt.Sprint(says), c.Result, allowed)
	}
	if (c.Result == ResultMismatch || c.Result == ResultDiffers) && c.Reason == "" {
		t.Errorf("%s, %s: %q without a reason", r.Field, fmt.Sprint(says), c.Result)
	}
}

// The rows are fed from the right places: where all witnesses contradict the
// certificate, no row is a match.
func TestWitnessesThatAllDiffer(t *testing.T) {
	t.Parallel()
	all := func(v reflect.Value, value string) {
		for i := range v.NumField() {
			if v.Field(i).Kind() == reflect.String {
				v.Field(i).SetString(value)
			}
		}
	}
	w := witnesses{publisher: &Publisher{}, statement: &statement.Provenance{}, claimed: &ClaimedPublisher{}, metadata: "https://github.com/acme/four"}
	all(reflect.ValueOf(w.publisher).Elem(), "https://github.com/acme/two")
	all(reflect.ValueOf(w.statement).Elem(), "https://github.com/acme/three")
	all(reflect.ValueOf(w.claimed).Elem(), "https://github.com/acme/four")
	for _, spec := range []string{"", "https://github.com/acme/one"} {
		w.want = catalog.Provenance{Attestations: &catalog.Attestations{Publisher: &catalog.Publisher{}}}
		all(reflect.ValueOf(&w.want).Elem(), spec)
		all(reflect.ValueOf(w.want.Attestations.Publisher).Elem(), spec)
		rows, _ := w.rows()
		if len(rows) != 14 {
			t.Errorf("expected 14 rows, found %d", len(rows))
		}
		for _, c := range rows {
			compared := c.Spec != "" || c.Statement != "" || c.Registry != ""
			if differs := c.Result == ResultDiffers || c.Result == ResultMismatch; differs != compared {
				t.Errorf("%s: %+v", c.Field, c)
			}
		}
	}
}
