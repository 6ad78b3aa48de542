// Package store holds what the packages table shows: one row a spec, the
// filter, the order, and the cursor. It draws nothing and waits for nothing.
//
// Row IDs are catalog positions; specs added later get the next ID. The cursor
// belongs to a row, never to a line of the screen: results that arrive re-order
// the table around it. Text is cleaned once, when it arrives. Each check of a row
// has a generation, and an answer to an older question is dropped.
package store

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// Texts are the texts of a row by column, cleaned. The status has none, since it is
// drawn; if it has one all the same, rows are sorted by it and found by it.
type Texts [layout.Columns]string

// Row is one spec and what is known about it.
type Row struct {
	// An arrangement looks at every row, and first of all at what stands here: it is one
	// line of the processor's cache.
	ID      int            // the spec's place in the catalog; of later ones, when they came
	Report  *verify.Report // the answer with what was decided about its findings
	Status  verify.Status
	Waiting bool // asked, and not answered yet
	Gone    bool // its spec is no longer in the catalog: see [Store.Reload]
	proven  bool // may be shown as good, see [verify.Proven]
	fails   bool // see [verify.Judge]
	source  int  // the width of its SOURCE, if it was answered
	why     int  // that of its reason, see [reason]

	Spec       *catalog.Spec   // never changed: a row gets another one
	Answer     *verify.Report  // the last, as it came; nil while there is none
	Judged     []triage.Judged // how the findings of the answer stand; nil until somebody asks
	Message    string          // what is being done, cleaned; "" when idle
	Texts      Texts
	label      string        // the text of its package, which a twin has as well
	twin       bool          // another row is of the same package
	weighed    verify.Status // by which it was counted as proven or failing
	generation int
	haystack   string                 // what the filter looks through, in lower case
	keys       [layout.Columns]string // what the rows are sorted by, in lower case
}

// Name returns the protocol and the name of the package.
func (r *Row) Name() string { return cmp.Or(r.label, r.Texts[layout.Package]) }

// Release returns the name and, if there is one, the version.
func (r *Row) Release() string { return strings.TrimRight(r.Name()+" "+r.Texts[layout.Version], " ") }

// ProvenPublisher returns who published a package, or nil if the package did not
// verify: of a release of which one file is invalid, the certificate of
// another proves nothing that may be shown in the same row.
func ProvenPublisher(report *verify.Report) *verify.Publisher {
	if report == nil {
		return nil
	}
	switch report.Status {
	case verify.Verified, verify.Partial, verify.Mismatch, verify.Bound, verify.Unbound:
		return report.Publisher
	default:
		return nil
	}
}

// Describe turns a spec and the last answer to it into cleaned text.
type Describe func(catalog.Spec, *verify.Report) Texts

// Store is the table's data. It is not for concurrent use.
type Store struct {
	describe Describe
	rows     []*Row
	counts   [numStatuses]int
	proven   int              // rows that are
	failing  [numStatuses]int // rows of each status that fail

	query      query
	questions  []Question
	led        Question
	preset     Preset
	sort       Sort
	sorted     []int // all rows, in order
	order      []int // the rows shown, in order
	place      []int // of each row in order, -1 if it is hidden
	outOfOrder bool  // results arrived since order was made
	version    int   // counts how often order was made
	ranks      [layout.Columns]ranks
	keyed      []keyed // see rank
	next       []int   // see arrange

	cursor  int  // row under the cursor, -1 when nothing is shown
	chosen  int  // row that a person put the cursor on last
	held    bool // a person has chosen a row
	marks   []bool
	anchor  int // row where the open range began, -1 when none is open
	needs   layout.Needs
	reasons int               // the width of the longest, once all answers are in
	same    map[string][]*Row // rows of one package; rows that are no longer may be among them

	asked, answered int // since nothing was waiting for the last time
}

const numStatuses = int(verify.Bound) + 1

// New returns an empty store.
func New(describe Describe) *Store {
	return &Store{describe: describe, questions: questions, cursor: -1, chosen: -1, anchor: -1, same: map[string][]*Row{}}
}

// Load replaces the rows by those of a catalog. A spec that could not be read
// is unchecked from the start. Filter and order stay.
func (s *Store) Load(specs []catalog.Spec) {
	s.rows = nil
	s.counts, s.failing, s.proven = [numStatuses]int{}, [numStatuses]int{}, 0
	s.asked, s.answered = 0, 0
	s.cursor, s.chosen, s.held = -1, -1, false
	s.marks, s.anchor, s.needs, s.same = nil, -1, layout.Needs{}, map[string][]*Row{}
	s.Append(specs)
	s.Arrange()
}

// Append adds the rows of further specs and returns their IDs. The first
// thousand rows are in the table at once; to arrange more of them anew with
// each part would cost too much, so they come into it with the next
// [Store.Arrange].
func (s *Store) Append(specs []catalog.Spec) []int {
	const early = 1000
	ids := s.add(specs)
	s.outOfOrder = s.outOfOrder || len(specs) > 0
	if len(specs) > 0 && len(s.rows) <= early {
		s.Arrange()
	}
	return ids
}

// add adds the rows of specs, which it keeps, and returns their IDs.
func (s *Store) add(specs []catalog.Spec) []int {
	ids := make([]int, len(specs))
	block := make([]Row, len(specs)) // rows are large: growing one slice of them would take a frame's time
	for i := range specs {
		row := &block[i]
		row.ID = len(s.rows)
		s.rows = append(s.rows, row)
		s.renew(row, &specs[i])
		ids[i] = row.ID
	}
	s.marks = append(s.marks, make([]bool, len(specs))...)
	return ids
}

// renew makes a row that of a spec about which nothing is known. The row is not
// counted before.
func (s *Store) renew(row *Row, spec *catalog.Spec) {
	was := row.label
	row.Spec, row.Answer, row.Report, row.Judged, row.Status = spec, nil, nil, nil, verify.Pending
	s.weigh(row)
	if spec.Err != nil {
		row.Status = verify.Unchecked
	}
	s.counts[row.Status]++
	s.write(row)
	s.measure(row)
	twins := s.same[row.label]
	if was != row.label || !slices.Contains(twins, row) {
		s.same[row.label] = append(twins, row)
	}
	if was == "" && len(twins) > 1 { // a catalog may have one package 100,000 times
		row.twin = true
		s.name(row)
		s.measure(row)
		return
	}
	s.tellApart(row.label)
	if was != row.label {
		s.tellApart(was)
	}
}

// tellApart shows the folders of the specs of one package, if there are several.
func (s *Store) tellApart(label string) {
	twins := slices.DeleteFunc(s.same[label], func(r *Row) bool { return r.Gone || r.label != label })
	s.same[label] = twins
	for _, twin := range twins {
		if is := len(twins) > 1 && label != ""; is != twin.twin {
			twin.twin = is
			s.name(twin)
			s.measure(twin)
		}
	}
}

// folder is where the spec lies, as far as its protocol does not say it.
func folder(spec *catalog.Spec) string {
	dir := strings.TrimPrefix(path.Dir(string(spec.Path)), string(spec.Protocol)+"/")
	return untrusted.Shorten(dir, maxFolder)
}

const maxFolder = 64 // bytes

// measure notes the widths of the texts that no result changes.
func (s *Store) measure(row *Row) {
	for _, column := range []layout.Column{layout.Package, layout.Version, layout.Expected} {
		s.needs[column] = max(s.needs[column], theme.Width(row.Texts[column]))
	}
}

// reason is a WHY text without the values that were compared.
func reason(why string) string {
	for _, values := range []string{": expected ", "; without it: "} {
		if head, _, found := strings.Cut(why, values); found {
			return head
		}
	}
	return why
}

// FitWhy returns as much of a WHY text as fits in width cells: without the values
// that were compared rather than with a part of them.
func FitWhy(why string, width int) string {
	if theme.Width(why) > width {
		why = reason(why)
	}
	return theme.Cut(why, width)
}

// Reasons is how wide the longest reason of all rows is, shown or not; 0 if that is not
// known.
func (s *Store) Reasons() int { return s.reasons }

// Needs returns how wide the columns would have to be to hold every text.
func (s *Store) Needs() layout.Needs { return s.needs }

// write makes the row's texts anew.
func (s *Store) write(row *Row) {
	was := row.Texts
	row.Texts = s.describe(*row.Spec, row.Report)
	row.label, row.Texts[layout.Package] = row.Texts[layout.Package], was[layout.Package]
	row.source, row.why = 0, 0
	if row.Report != nil {
		row.source, row.why = theme.Width(row.Texts[layout.Source]), theme.Width(reason(row.Texts[layout.Why]))
	}
	for column, text := range row.Texts {
		switch {
		case text == was[column]:
			continue
		case layout.Column(column) == layout.Version:
			row.keys[column] = naturalKey(text)
		default:
			row.keys[column] = strings.ToLower(text)
		}
		s.ranks[column].n = 0
	}
	s.name(row)
}

// name makes the texts anew that hold the row's name.
func (s *Store) name(row *Row) {
	name, reasons, server := row.label, "", strings.ToLower(row.Spec.Server.String())
	if row.twin {
		name += " (" + folder(row.Spec) + ")"
	}
	if name != row.Texts[layout.Package] {
		row.Texts[layout.Package], row.keys[layout.Package] = name, strings.ToLower(name)
		s.ranks[layout.Package].n = 0
	}
	if row.Report != nil {
		reasons = strings.ToLower(row.Report.Reason)
	}
	if strings.Contains(row.keys[layout.Why], reasons) {
		reasons = ""
	}
	if strings.Contains(row.keys[layout.Package], server) {
		server = ""
	}
	row.haystack = strings.Join([]string{row.keys[layout.Package], server, row.keys[layout.Source],
		row.keys[layout.Why], row.Status.String(), row.keys[layout.Status], reasons}, "\x00")
}

// Len returns how many rows there are, shown or hidden by a filter.
func (s *Store) Len() int {
	n := 0
	for _, count := range s.counts {
		n += count
	}
	return n
}

// Row returns the row with a number, or nil if there is none. It is not to be
// changed.
func (s *Store) Row(id int) *Row {
	if id < 0 || id >= len(s.rows) {
		return nil
	}
	return s.rows[id]
}

// Count returns how many rows have a status.
func (s *Store) Count(status verify.Status) int {
	if int(status) >= numStatuses {
		return 0
	}
	return s.counts[status]
}

// Proven returns how many rows may be shown as good, see [verify.Proven].
func (s *Store) Proven() int { return s.proven }

// Failing returns how many rows with a status fail, see [verify.Judge].
func (s *Store) Failing(status verify.Status) int {
	if int(status) >= numStatuses {
		return 0
	}
	return s.failing[status]
}

// Fails reports whether the row fails, see [verify.Judge].
func (r *Row) Fails() bool { return r.fails }

// weigh counts a row anew among those that are proven, and those that fail.
func (s *Store) weigh(row *Row) {
	s.ranks[layout.Status].n = 0
	s.proven -= one(row.proven)
	s.failing[row.weighed] -= one(row.fails)
	row.proven, row.fails, row.weighed = false, false, row.Status
	if row.Report != nil && !row.Gone {
		verdict, _ := verify.Judge(row.Report, verify.Pending)
		row.proven, row.fails = verify.Proven(row.Report, verify.Pending), verdict == verify.VerdictFail
	}
	s.proven += one(row.proven)
	s.failing[row.weighed] += one(row.fails)
}

func one(counts bool) int {
	if counts {
		return 1
	}
	return 0
}

// With returns the IDs of the rows with one of the statuses, in the
// catalog's order.
func (s *Store) With(statuses ...verify.Status) []int {
	return s.present(func(row *Row) bool { return slices.Contains(statuses, row.Status) })
}

// All returns the IDs of all rows.
func (s *Store) All() []int { return s.present(func(*Row) bool { return true }) }
