package report

import (
	"io"
	"runtime"
	"testing"

	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// meter counts what is written, and looks now and then at the memory in use.
type meter struct {
	written, largest, seen int
	most                   uint64
}

func (m *meter) Write(p []byte) (int, error) {
	m.written += len(p)
	m.largest = max(m.largest, len(p))
	if m.written-m.seen > 256<<10 {
		m.seen = m.written
		m.most = max(m.most, inUse())
	}
	return len(p), nil
}

func inUse() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// A report is written as it is made: beside the results, which are there, it takes
// a part of the memory that its own text would. Nothing may run beside this test.
func TestReportsAreWrittenAsTheyAreMade(t *testing.T) {
	var packages []Package
	most := 5000
	if testing.Short() {
		most = 1000
	}
	for len(packages) < most {
		packages = append(packages, demoPackages(t)...)
	}
	trust := Trust{Origin: "demo"}
	for name, write := range map[string]func(io.Writer) error{
		"json":  func(w io.Writer) error { return WriteCatalogJSON(w, packages, trust, evening) },
		"sarif": func(w io.Writer) error { return SARIF{Version: "v1"}.Write(w, packages, trust, evening) },
		"csv":   func(w io.Writer) error { return WriteCSV(w, packages, verify.Pending) },
		"vsa": func(w io.Writer) error {
			_, err := VSA{VerifierID: "https://ci.example"}.Write(w, packages, evening)
			return err
		},
		"text": func(w io.Writer) error {
			return Text{Theme: theme.New(theme.Options{Plain: true})}.Table(w, packages, trust)
		},
	} {
		before, m := inUse(), meter{}
		if err := write(&m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		took := int(m.most) - int(before)
		if m.most == 0 || m.largest > 256<<10 || took > 1<<20+m.written/16 {
			t.Errorf("%s: %d bytes were written, %d at once at most, with %d bytes of memory", name, m.written, m.largest, took)
		}
	}
}
