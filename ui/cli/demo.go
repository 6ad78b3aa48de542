package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
)

// demoFlag is the value of --demo: which part of the demo is used, "" for none.
type demoFlag string

// The values. Without one --demo stands for the honest catalog.
const (
	demoHonest  demoFlag = "dockyard"
	demoAttacks demoFlag = "attacks"
	demoBoth    demoFlag = "both"
	demoReview  demoFlag = "review"
)

var demoValues = []string{string(demoHonest), string(demoAttacks), string(demoBoth), string(demoReview)}

// reviewTitle names the change that belongs to the demo, whose packages are those of
// neither catalog; "" without the demo.
func (d demoFlag) reviewTitle() string {
	if d == "" {
		return ""
	}
	return "demo " + string(demoReview)
}

// unchanged says that the part of the demo has no change to review, or is "".
func (d demoFlag) unchanged() string {
	if d != demoAttacks {
		return ""
	}
	return fmt.Sprintf("--demo=%s is a catalog that does not change: --demo=%s has a change to review", d, demoReview)
}

// bind defines --demo.
func (d *demoFlag) bind(f *pflag.FlagSet) {
	flag := f.VarPF(d, "demo", "", "use the embedded demo, its recorded registries and its own trust root; "+
		"`CATALOG` is dockyard (the honest one, without a value), attacks, both or review (a change to be reviewed)")
	flag.NoOptDefVal = string(demoHonest)
}

// Set implements pflag.Value.
func (d *demoFlag) Set(value string) error {
	if !slices.Contains(demoValues, value) {
		return fmt.Errorf("expected %s or %s", strings.Join(demoValues[:len(demoValues)-1], ", "), demoValues[len(demoValues)-1])
	}
	*d = demoFlag(value)
	return nil
}

// String and Type implement pflag.Value.
func (d *demoFlag) String() string { return string(*d) }
func (d *demoFlag) Type() string   { return "catalog" }

// sources are the catalogs of the demo that are used. That of a review is the one
// after the change; its paths begin as in any catalog, since decisions name them.
func (d demoFlag) sources() []catalog.Source {
	if d == demoReview {
		_, head := demo.Review()
		return []catalog.Source{{FS: head}}
	}
	var sources []catalog.Source
	for _, c := range demo.Catalogs() {
		if d == demoBoth || string(d) == c.Name {
			sources = append(sources, catalog.Source{Name: c.Name, FS: c.FS})
		}
	}
	return sources
}

// named is the part in which a spec is looked for by its path, which begins with
// its catalog's name.
func (d demoFlag) named() demoFlag {
	if d == demoReview {
		return d
	}
	return demoBoth
}

// unknownPath is the error of a path that names no spec of the demo.
func (d demoFlag) unknownPath(file string) error {
	var names []string
	for _, source := range d.named().sources() {
		if source.Name != "" {
			names = append(names, source.Name+"/")
		}
	}
	if len(names) == 0 {
		for _, protocol := range catalog.Protocols() {
			names = append(names, string(protocol)+"/")
		}
	}
	return fmt.Errorf("the demo has no spec at %q: its paths begin with %s", untrusted.Text(file), strings.Join(names, " or "))
}
