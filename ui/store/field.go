package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"plimsoll/catalog"
	"plimsoll/ui/layout"
	"plimsoll/verify"
)

// fields are the names that may stand before a colon.
var fields = map[string]struct {
	noun  string // what must come after the colon
	parse func(value string) (t term, problem string)
}{
	"st":    {"a status", statusTerm},
	"p":     {catalog.ProtocolNames, protocolTerm},
	"proto": {catalog.ProtocolNames, protocolTerm},
	"src":   {"a source", columnTerm(layout.Source)},
	"exp":   {"a source", columnTerm(layout.Expected)},
	"rule":  {"a rule", ruleTerm},
	"sev":   {"a severity", severityTerm},
	"slsa":  {"a level", levelTerm},
	"pub":   {"a publisher", publisherTerm},
}

func (w word) fieldTerm() (term, string) {
	f, ok := fields[w.field]
	switch {
	case !ok:
		return nil, "no field " + w.field + ":"
	case w.value == "":
		return nil, w.field + ": needs " + f.noun
	}
	return f.parse(w.value)
}

// fuzzyTerm holds if the letters occur in order, in the package's name or
// in the server's.
func fuzzyTerm(letters string) term {
	var folded []rune
	for _, r := range letters {
		folded = append(folded, fold(r))
	}
	return func(row *Row) bool {
		return inOrder(folded, row.Name()) || inOrder(folded, string(row.Spec.Server))
	}
}

// inOrder reports whether the runes, which are folded, occur in a text in their
// order.
func inOrder(runes []rune, text string) bool {
	for _, r := range text {
		if len(runes) == 0 {
			break
		}
		if fold(r) == runes[0] {
			runes = runes[1:]
		}
	}
	return len(runes) == 0
}

// fold is the first of the letters that are r in another case.
func fold(r rune) rune {
	switch {
	case r >= utf8.RuneSelf:
		return foldWide(r)
	case 'a' <= r && r <= 'z':
		return r - 'a' + 'A'
	default:
		return r
	}
}

func foldWide(r rune) rune {
	next := unicode.SimpleFold(r)
	for ; next > r; next = unicode.SimpleFold(r) {
		r = next
	}
	return next
}

// columnTerm makes terms that look for a word in one column.
func columnTerm(column layout.Column) func(string) (term, string) {
	return func(value string) (term, string) {
		return func(row *Row) bool { return strings.Contains(row.keys[column], value) }, ""
	}
}

func ruleTerm(value string) (term, string) {
	return func(row *Row) bool {
		return row.Report != nil && slices.ContainsFunc(row.Report.Findings, func(f verify.Finding) bool {
			return strings.Contains(strings.ToLower(f.Rule), value)
		})
	}, ""
}

// severityTerm holds for packages with a finding of a severity that nobody
// accepted.
func severityTerm(value string) (term, string) {
	names := []string{verify.Info.String(), verify.Warning.String(), verify.SeverityError.String()}
	chosen, problem := oneOf("severity", value, names)
	if len(chosen) == 0 {
		return nil, problem
	}
	return func(row *Row) bool {
		return row.Report != nil && slices.ContainsFunc(row.Report.Findings, func(f verify.Finding) bool {
			return !f.Waived() && slices.Contains(chosen, int(f.Severity))
		})
	}, problem
}

func statusTerm(value string) (term, string) {
	names := make([]string, numStatuses)
	for i := range names {
		names[i] = verify.Status(i).String()
	}
	chosen, problem := oneOf("status", value, names)
	if len(chosen) == 0 {
		return nil, problem
	}
	return func(row *Row) bool { return slices.Contains(chosen, int(row.Status)) }, problem
}

func protocolTerm(value string) (term, string) {
	of := []catalog.Protocol{catalog.NPX, catalog.NPX, catalog.UVX, catalog.UVX, catalog.Go}
	chosen, problem := oneOf("protocol", value, []string{"npx", "npm", "uvx", "pypi", "go"})
	if len(chosen) == 0 {
		return nil, problem
	}
	return func(row *Row) bool {
		return slices.ContainsFunc(chosen, func(i int) bool { return of[i] == row.Spec.Protocol })
	}, problem
}

// publisherTerm holds for packages whose proven publisher is of a kind; "none"
// for those that have none.
func publisherTerm(value string) (term, string) {
	names := []string{"github", "gitlab", "google", "unknown", "none"}
	chosen, problem := oneOf("publisher", value, names)
	if len(chosen) == 0 {
		return nil, problem
	}
	return func(row *Row) bool {
		kind := "none"
		if p := ProvenPublisher(row.Report); p != nil {
			kind = strings.ToLower(p.Kind)
		}
		return slices.ContainsFunc(chosen, func(i int) bool { return names[i] == kind })
	}, problem
}

// oneOf returns which of the names begin as one of the values does, which
// commas separate.
func oneOf(noun, value string, names []string) (chosen []int, problem string) {
	for part := range strings.SplitSeq(value, ",") {
		if part == "" { // about to be written
			continue
		}
		before := len(chosen)
		for i, name := range names {
			if strings.HasPrefix(name, part) {
				chosen = append(chosen, i)
			}
		}
		if len(chosen) == before && problem == "" {
			problem = "no " + noun + " " + part
		}
	}
	if len(chosen) == 0 && problem == "" {
		problem = noun + " is missing"
	}
	return chosen, problem
}

// levelTerm compares the SLSA build level of a package that was checked.
func levelTerm(value string) (term, string) {
	number := strings.TrimLeft(value, "<>=")
	operator := value[:len(value)-len(number)]
	if number == "" {
		return nil, "slsa:" + operator + " needs a level"
	}
	want, err := strconv.ParseUint(number, 10, 8)
	if err != nil {
		return nil, fmt.Sprintf("no level %s", number)
	}
	compare, ok := map[string]func(a, b int) bool{
		"": func(a, b int) bool { return a == b }, "=": func(a, b int) bool { return a == b },
		">": func(a, b int) bool { return a > b }, ">=": func(a, b int) bool { return a >= b },
		"<": func(a, b int) bool { return a < b }, "<=": func(a, b int) bool { return a <= b },
	}[operator]
	if !ok {
		return nil, "no comparison " + operator
	}
	return func(row *Row) bool { return row.Report != nil && compare(row.Report.SLSA.Level, int(want)) }, ""
}
