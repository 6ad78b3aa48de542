package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/verify"
)

const demanding = `version: 1
rules:
  - no_downgrade: true
    min_age: 7d
  - match: {package: "@acme/*"}
    same_publisher: true
exceptions:
  - {package: old, rule: policy.no_downgrade, reason: built by hand}
  - {package: young, rule: policy.min_age, reason: urgent, until: 2026-06-30}
`

func TestPast(t *testing.T) {
	t.Parallel()
	now := day("2026-06-10")
	old := day("2026-06-01")
	loss := &verify.Finding{Rule: "history.lost", Severity: verify.Warning, Message: "less than 1.0.0", Expected: "provenance", Observed: "registry signature only"}
	other := &verify.Finding{Rule: "history.repository", Severity: verify.Warning, Message: "another place than 1.0.0", Expected: "a", Observed: "b"}
	for name, test := range map[string]struct {
		pkg     string
		past    *verify.Past
		want    []string
		unknown string // begins the reason, after the demand
	}{
		"all is well":           {"@acme/x", &verify.Past{Published: old, Asked: true}, nil, ""},
		"less":                  {"x", &verify.Past{Published: old, Loss: loss}, []string{"policy.no_downgrade: provenance / registry signature only"}, ""},
		"less, and excepted":    {"old", &verify.Past{Published: old, Loss: loss}, []string{"policy.exception: provenance / registry signature only"}, ""},
		"another publisher":     {"@acme/x", &verify.Past{Published: old, Asked: true, Publisher: other}, []string{"policy.same_publisher: a / b"}, ""},
		"not asked for":         {"x", &verify.Past{Published: old, Publisher: other}, nil, ""},
		"seven days to a blink": {"x", &verify.Past{Published: now.Add(-7 * 24 * time.Hour)}, nil, ""},
		"a second too young":    {"x", &verify.Past{Published: now.Add(-7*24*time.Hour + time.Second)}, []string{"policy.min_age: published at least 7d ago / published 2026-06-03 00:00 UTC"}, ""},
		"a date to come":        {"x", &verify.Past{Published: now.AddDate(5, 0, 0)}, []string{"policy.min_age: published at least 7d ago / published 2031-06-10 00:00 UTC"}, ""},
		"young, and excepted":   {"young", &verify.Past{Published: now}, []string{"policy.exception: published at least 7d ago / published 2026-06-10 00:00 UTC"}, ""},

		"nobody looked": {"x", nil, nil, "that the release has no less evidence than those before (policy.yaml:3), and that could not be checked: the versions before could not be looked at: nobody asked"},
		"no versions":   {"x", &verify.Past{Problem: "503"}, nil, "that the release has no less evidence than those before (policy.yaml:3), and that could not be checked: the versions before could not be looked at: 503; try again"},
		"no versions, half excepted": {"old", &verify.Past{Problem: "503"},
			[]string{"policy.exception: that the release has no less evidence than those before / the versions before could not be looked at: 503"}, "that the release was published at least 7d ago (policy.yaml:3)"},
		"an entry cannot be read": {"x", &verify.Past{Published: old, LossProblem: "1.0.0 cannot be read"}, nil, "that the release has no less evidence than those before (policy.yaml:3), and that could not be checked: 1.0.0 cannot be read"},
		"no date":                 {"x", &verify.Past{PublishedProblem: "no date"}, nil, "that the release was published at least 7d ago (policy.yaml:3), and that could not be checked: no date"},
		"no date, and excepted": {"young", &verify.Past{PublishedProblem: "no date"},
			[]string{"policy.exception: that the release was published at least 7d ago / no date"}, ""},
		"the publisher was not asked":    {"@acme/x", &verify.Past{Published: old}, nil, "the publisher of the release before (policy.yaml:5), and that could not be checked: nobody asked"},
		"the one before is not verified": {"@acme/x", &verify.Past{Published: old, Asked: true, PublisherProblem: "1.0.0 is gone"}, nil, "the publisher of the release before (policy.yaml:5), and that could not be checked: 1.0.0 is gone"},
		"less, and no date":              {"x", &verify.Past{Loss: loss, PublishedProblem: "no date"}, []string{"policy.no_downgrade: provenance / registry signature only"}, "that the release was published"},
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, demanding)
			r := &verify.Report{Status: verify.Signed, Past: test.past}
			if got := rules(p.Check(npx(test.pkg), r, now)); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			got, ok := strings.CutPrefix(p.Unknown(npx(test.pkg), r, now), "the policy demands ")
			if ok != (test.unknown != "") || !strings.HasPrefix(got, test.unknown) {
				t.Errorf("unknown: got  %q\nwant %q", got, test.unknown)
			}
		})
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	p := parse(t, "version: 1\nrules:\n- {match: {package: a}, min_age: 2h}\n- {match: {package: b}, same_publisher: true}\n- {match: {package: c}, status: signed, no_downgrade: false}\n")
	for pkg, want := range map[string]string{"a": "true false", "b": "true true", "c": "false false", "d": "false false"} {
		versions, publisher := p.Needs(npx(pkg))
		if got := fmt.Sprint(versions, publisher); got != want {
			t.Errorf("%s: got %s, want %s", pkg, got, want)
		}
	}
	var none *Policy
	if versions, _ := none.Needs(npx("a")); versions || none.Unknown(npx("a"), &verify.Report{}, time.Time{}) != "" {
		t.Error("no policy demands something")
	}
	// What does not match is not known to lack anything.
	if got := p.Unknown(npx("d"), &verify.Report{}, day("2026-06-10")); got != "" {
		t.Error(got)
	}
}

func TestMinAge(t *testing.T) {
	t.Parallel()
	const form = "p.yaml:3: rules[0].min_age: expected a number of days or hours, as 7d or 72h, found "
	for text, want := range map[string]string{
		"7d": "168h0m0s", "72h": "72h0m0s", "1h": "1h0m0s", "99999d": "2399976h0m0s",
		"7": form, "0d": form, "07d": form, "7 days": form, "1w": form, "-7d": form, "7d12h": form, "1.5d": form, "100000d": form, "7D": form, "168h0m0s": form,
	} {
		p, err := Parse([]byte("version: 1\nrules:\n  - min_age: "+text+"\n"), "p.yaml")
		switch {
		case err != nil:
			if !strings.HasPrefix(err.Error(), want) || want != form {
				t.Errorf("%q: %v, want %s", text, err, want)
			}
		case p.Rules[0].MinAge.String() != want:
			t.Errorf("%q: %v, want %s", text, p.Rules[0].MinAge, want)
		}
	}
	for _, text := range []string{"min_age: [7d]", "min_age:", "min_age: ''", "no_downgrade: maybe", "no_downgrade: yes", "same_publisher: 1", "no_downgrade: false"} {
		if p, err := Parse([]byte("version: 1\nrules:\n  - "+text+"\n"), "p.yaml"); err == nil {
			t.Errorf("%q: %+v", text, p)
		}
	}
}
