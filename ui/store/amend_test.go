package store

import (
	"testing"

	"plimsoll/catalog"
	"plimsoll/ui/layout"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

func TestAmendKeepsStatusAndPlace(t *testing.T) {
	t.Parallel()
	s := New(func(spec catalog.Spec, _ *verify.Report) Texts { return Texts{layout.Package: string(spec.Package)} })
	s.Load([]catalog.Spec{{Package: "a"}, {Package: "b"}})
	first := &verify.Report{Status: verify.Mismatch}
	s.Amend(1, first)
	if s.Row(1).Report != nil {
		t.Fatal("a row without an answer was amended")
	}
	s.Apply([]scan.Event{{ID: 1, Generation: s.Ask(1)[0].Generation, Kind: scan.Finished, Report: first}})
	s.Arrange()
	version := s.Version()
	s.Amend(1, &verify.Report{Status: verify.Verified})
	s.Amend(7, first)
	s.Amend(1, nil)
	if s.Row(1).Report != first {
		t.Error("another status was taken for the same answer")
	}
	reviewed := &verify.Report{Status: verify.Mismatch, Findings: []verify.Finding{{Known: true}}}
	s.Amend(1, reviewed)
	if s.Row(1).Report != reviewed || s.Count(verify.Mismatch) != 1 || s.Version() != version {
		t.Error("the amended answer changed more than itself")
	}
}

func TestSetSpecAndPoint(t *testing.T) {
	t.Parallel()
	s := New(func(spec catalog.Spec, _ *verify.Report) Texts { return Texts{layout.Package: string(spec.Package)} })
	s.Load([]catalog.Spec{{Package: "a"}, {Package: "b"}})
	s.SetSpec(1, catalog.Spec{Package: "other"})
	s.SetSpec(9, catalog.Spec{})
	if s.Row(1).Name() != "other" || !s.OutOfOrder() {
		t.Error("the row does not show its new spec")
	}
	if s.Point(1); s.Cursor().ID != 1 {
		t.Error("the cursor is not on the row")
	}
	s.SetFilter("a")
	s.Point(1)
	s.Point(-1)
	s.Point(9)
	if s.Cursor().ID != 0 {
		t.Error("the cursor was put on a row that is not shown")
	}
}
