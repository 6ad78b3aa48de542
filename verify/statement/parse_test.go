package statement

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/seeds"
)

const publishPredicate = `{"name":"@acme/x","version":"1.0.0","registry":"https://npm.example"}`

// build returns a statement of the given type of predicate around a predicate.
func build(predicateType, predicate string) []byte {
	return fmt.Appendf(nil, `{"_type":%q,"subject":[{"name":"pkg:npm/x@1.0.0","digest":{"sha512":"ab"}}],"predicateType":%q,"predicate":%s}`,
		TypeV1, predicateType, predicate)
}

func TestParseKeepsWhatWasSigned(t *testing.T) {
	t.Parallel()
	payload := []byte(`{
	  "unknown": {"_type": 1},
	  "_type": "https://in-toto.io/Statement/v0.1",
	  "predicateType": "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
	  "subject": [
	    {"name": "pkg:npm/%40acme/x@1.0.0", "digest": {"sha512": "AB", "sha1": "cd"}, "annotations": {}},
	    {"name": "b\u0000", "digest": {}}
	  ],
	  "predicate": {"name": "@acme/x",  "version": "1.0.0", "registry": "https://npm.example", "more": []}
	}
	`)
	s, err := Parse(payload)
	if err != nil {
		t.Fatal(err)
	}
	if s.Type != TypeV01 || s.PredicateType != NPMPublish {
		t.Errorf("type %q, predicate type %q, %d bytes", s.Type, s.PredicateType, len(payload))
	}
	if len(s.Subjects) != 2 || s.Subjects[0].Digest["sha512"] != "AB" || s.Subjects[0].Digest["sha1"] != "cd" || s.Subjects[1].Name != "b\x00" {
		t.Errorf("subjects: %#v", s.Subjects)
	}
	if want := `{"name": "@acme/x",  "version": "1.0.0", "registry": "https://npm.example", "more": []}`; string(s.Predicate) != want {
		t.Errorf("predicate %s, want it as signed", s.Predicate)
	}
	if want := (Publish{Name: "@acme/x", Version: "1.0.0", Registry: "https://npm.example"}); s.Publish == nil || *s.Publish != want {
		t.Errorf("publish %+v, want %+v", s.Publish, want)
	}
	if s.Provenance != nil {
		t.Error("a publish predicate was decoded as provenance")
	}
}

func TestParsePredicateOfPyPI(t *testing.T) {
	t.Parallel()
	head := fmt.Sprintf(`{"_type":%q,"predicateType":%q,"subject":[]`, TypeV1, PyPIPublish)
	for name, test := range map[string]struct {
		payload string
		want    string
		absent  bool
	}{
		"null":   {payload: head + `,"predicate":null}`, want: "null"},
		"empty":  {payload: head + `,"predicate":{}}`, want: "{}"},
		"other":  {payload: head + `,"predicate":[1]}`, want: "[1]"},
		"absent": {payload: head + `}`, absent: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse([]byte(test.payload))
			if err != nil {
				t.Fatal(err)
			}
			if string(s.Predicate) != test.want || (s.Predicate == nil) != test.absent {
				t.Errorf("predicate %q (nil %t), want %q (nil %t)", s.Predicate, s.Predicate == nil, test.want, test.absent)
			}
			if len(s.Subjects) != 0 || s.Publish != nil || s.Provenance != nil {
				t.Errorf("decoded too much: %+v", s)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	good := string(build(NPMPublish, publishPredicate))
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatalf("the statement that all cases vary does not parse: %v", err)
	}
	with := func(from, to string) string {
		if !strings.Contains(good, from) {
			t.Fatalf("the good statement has no %q", from)
		}
		return strings.Replace(good, from, to, 1)
	}
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for name, test := range map[string]struct{ payload, want string }{
		"nothing":                    {"", "expected an object, found no JSON value"},
		"not JSON":                   {"hello", "expected an object"},
		"array":                      {"[]", "found a list"},
		"null":                       {"null", "found null"},
		"byte order mark":            {"\ufeff" + good, "expected an object"},
		"trailing object":            {good + "{}", "no valid JSON"},
		"trailing NUL":               {good + "\x00", "no valid JSON"},
		"cut short":                  {good[:len(good)-1], "unexpected"},
		"repeated member":            {with(`"_type":`, `"_type":"https://in-toto.io/Statement/v0.1","_type":`), "the name occurs twice"},
		"repeated by escape":         {with(`"_type":`, `"\u005ftype":"https://in-toto.io/Statement/v1","_type":`), "the name occurs twice"},
		"repeated in unknown member": {with(`{"_type"`, `{"x":{"a":1,"a":2},"_type"`), "the name occurs twice"},
		"repeated digest":            {with(`{"sha512":"ab"}`, `{"sha512":"ab","sha512":"cd"}`), "the name occurs twice"},
		"repeated in predicate":      {with(`"version":"1.0.0"`, `"version":"1.0.0","version":"2.0.0"`), "the name occurs twice"},
		"name in another case":       {with(`"subject"`, `"Subject"`), "subject is missing"},
		"type in another case":       {with(`"_type"`, `"_TYPE"`), "expected _type"},
		"invalid UTF-8":              {with(`pkg:npm/x`, "pkg:npm/\xff"), "invalid UTF-8"},
		"half a surrogate":           {with(`pkg:npm/x`, `pkg:npm/\ud800`), "surrogate"},
		"raw NUL in a string":        {with(`pkg:npm/x`, "pkg:npm/\x00"), "invalid character"},
		"raw NUL between":            {with(`"subject":`, "\x00\"subject\":"), "invalid character"},
		"comment":                    {with(`"subject":`, `/* */"subject":`), "invalid character"},
		"type of another version":    {with(TypeV1, "https://in-toto.io/Statement/v2"), "expected _type"},
		"type with escape code":      {with(TypeV1, `\u001b[2J\u202e`), `"\x1b[2J\u202e"`},
		"type is a number":           {with(`"`+TypeV1+`"`, `1`), `"/_type": expected a string, found a number`},
		"type missing":               {with(`"_type":"`+TypeV1+`",`, ``), `found ""`},
		"predicate type empty":       {with(NPMPublish, ""), "predicateType is missing"},
		"predicate type null":        {with(`"`+NPMPublish+`"`, "null"), "predicateType is missing"},
		"subject missing":            {with(`"subject":`, `"subjects":`), "subject is missing"},
		"subject null":               {`{"_type":"` + TypeV1 + `","predicateType":"x","subject":null}`, "subject is missing"},
		"subject is an object":       {`{"_type":"` + TypeV1 + `","predicateType":"x","subject":{}}`, "expected a list, found an object"},
		"subject holds null":         {`{"_type":"` + TypeV1 + `","predicateType":"x","subject":[{},null]}`, "subject 1: expected an object, found null"},
		"subject holds a string":     {`{"_type":"` + TypeV1 + `","predicateType":"x","subject":["a"]}`, "found a string"},
		"digest is a string":         {with(`{"sha512":"ab"}`, `"ab"`), `"/subject/0/digest": expected an object, found a string`},
		"digest value is a number":   {with(`"ab"`, `12`), `"/subject/0/digest/sha512": expected a string, found a number`},
		"too deep":                   {with(publishPredicate, deep(untrusted.MaxJSONDepth)), "nested deeper"},
		"very deep":                  {deep(1_000_000), "nested deeper"},
		"deep behind a quote":        {with(`pkg:npm/x`, `a\"`+deep(1)) + deep(untrusted.MaxJSONDepth+1), "nested deeper"},
		"too large":                  {good + strings.Repeat(" ", untrusted.MaxStatement), "too large"},
		"too many subjects":          {`{"_type":"` + TypeV1 + `","predicateType":"x","subject":[{}` + strings.Repeat(",{}", untrusted.MaxSubjects) + `]}`, "at most 1024"},
		"publish is null":            {with(publishPredicate, "null"), "predicate: expected an object, found null"},
		"publish is a string":        {with(publishPredicate, `"a"`), "predicate: expected an object, found a string"},
		"publish without name":       {with(`"name":"@acme/x",`, ``), "name is missing"},
		"publish without version":    {with(`"version":"1.0.0",`, ``), "version is missing"},
		"publish without registry":   {with(`,"registry":"https://npm.example"`, ``), "registry is missing"},
		"publish version is number":  {with(`"version":"1.0.0"`, `"version":1`), `"/version": expected a string, found a number`},
		"publish name in upper case": {with(`"name":"@acme/x"`, `"Name":"@acme/x"`), "name is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse([]byte(test.payload))
			if err == nil {
				t.Fatalf("parsed: %+v", s)
			}
			if s != nil {
				t.Error("a statement came with the error")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
			if clean := untrusted.Clean(err.Error()); clean != err.Error() {
				t.Errorf("the error is not clean: %q", err)
			}
			if len(err.Error()) > 1000 {
				t.Errorf("the error is %d bytes long", len(err.Error()))
			}
		})
	}
}

func TestParseWithinLimits(t *testing.T) {
	t.Parallel()
	subjects := "{}" + strings.Repeat(",{}", untrusted.MaxSubjects-1)
	s, err := Parse(fmt.Appendf(nil, `{"_type":%q,"predicateType":"x","subject":[%s]}`, TypeV1, subjects))
	if err != nil || len(s.Subjects) != untrusted.MaxSubjects {
		t.Errorf("as many subjects as allowed: %v", err)
	}
	deep := strings.Repeat("[", untrusted.MaxJSONDepth-1) + strings.Repeat("]", untrusted.MaxJSONDepth-1)
	if _, err := Parse(build("x", deep)); err != nil {
		t.Errorf("as deep as allowed: %v", err)
	}
	padded := build("x", "1")
	padded = append(padded, bytes.Repeat([]byte(" "), untrusted.MaxStatement-len(padded))...)
	if _, err := Parse(padded); err != nil {
		t.Errorf("as many bytes as allowed: %v", err)
	}
	if _, err := Parse(append(padded, ' ')); !errors.Is(err, untrusted.ErrTooLarge) {
		t.Errorf("a byte more: %v", err)
	}
	dependencies := "{}" + strings.Repeat(",{}", untrusted.MaxMaterials-1)
	s, err = Parse(build(ProvenanceV1, `{"buildDefinition":{"resolvedDependencies":[`+dependencies+`]}}`))
	if err != nil || len(s.Provenance.Materials) != untrusted.MaxMaterials {
		t.Errorf("as many materials as allowed: %v", err)
	}
	_, err = Parse(bytes.Repeat([]byte(" "), untrusted.MaxStatement+1))
	if !errors.Is(err, untrusted.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

func TestLongTextsInErrors(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{120: strings.Repeat("x", 120), 121: strings.Repeat("x", 120) + "..."} {
		_, err := Parse(fmt.Appendf(nil, `{"_type":%q}`, strings.Repeat("x", n)))
		if err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf("found %q", want)) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(build(NPMPublish, publishPredicate))
	f.Add(build(PyPIPublish, "null"))
	f.Add(build(ProvenanceV02, npmGitHubV02))
	f.Add(build(ProvenanceV02, npmGitLabV02))
	f.Add(build(ProvenanceV1, workflowV1))
	f.Add([]byte(`{"_type":"a","_type":"b"}`))
	f.Add([]byte("{\"\xff\":1}"))
	f.Add([]byte(strings.Repeat("[", 200)))
	for _, payload := range seeds.Statements(f) {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		s, err := Parse(payload)
		if err != nil {
			if s != nil {
				t.Error("a statement came with the error")
			}
			if text := err.Error(); untrusted.Clean(text) != text {
				t.Errorf("the error is not clean: %q", text)
			}
			return
		}
		if s.Provenance != nil {
			for _, c := range s.Provenance.Also {
				if c.Value == "" || c.Where == "" {
					t.Errorf("empty claim %+v", c)
				}
				if *s.Provenance.field(c.Field) == "" {
					t.Errorf("%s is claimed at %s and not set", c.Field, c.Where)
				}
			}
		}
		again, err := Parse(payload)
		if err != nil || again.Type != s.Type || len(again.Subjects) != len(s.Subjects) {
			t.Errorf("parsing twice: %v", err)
		}
	})
}
