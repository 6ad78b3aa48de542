package report

import (
	"errors"
	"fmt"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/pyname"
)

// belongs refuses results whose parts are of another package than the one that
// they stand under: one good package's results must not pass for another's. It
// proves nothing about the others. Of files without good evidence a registry may
// say what it likes, and must not make the results of all packages unreadable.
func (p Package) belongs() error {
	parts := strings.Split(string(p.Spec.Path), "/")
	if n := len(parts); !p.Spec.Named() && (n < 3 || parts[n-3] != string(p.Spec.Protocol)) {
		return fmt.Errorf("%q: expected the path of a spec below %s/, as its protocol says", p.Spec.Path, p.Spec.Protocol)
	}
	for _, a := range p.Report.Artifacts {
		if a.Status == verify.Verified && a.Digest.Hex == "" {
			return fmt.Errorf("%q: %q is %v and has no digest", p.Spec.Path, a.Filename, a.Status)
		}
		ok := !a.Status.Meets(verify.Signed)
		switch p.Spec.Protocol {
		case catalog.NPX:
			ok = ok || npmFile(p.Spec, string(a.Filename))
		case catalog.UVX:
			ok = ok || pypiFile(p.Spec, string(a.Filename))
		case catalog.Go:
			ok = ok || goFile(p.Spec, string(a.Filename))
		}
		if !ok {
			return fmt.Errorf("%q: expected a file of %v %v, found %q, which is named like another package's", p.Spec.Path, p.Spec.Package, p.Spec.Version, a.Filename)
		}
		if err := fits(p.Spec.Protocol, a); a.Status.Meets(verify.Signed) && err != nil {
			return fmt.Errorf("%q: %w", p.Spec.Path, err)
		}
	}
	return nil
}

// fits refuses evidence of another ecosystem: a module is signed by its record alone,
// and nothing else has one.
func fits(of catalog.Protocol, a verify.ArtifactReport) error {
	switch {
	case of != catalog.Go && (a.Record != nil || a.Excluded != ""):
		return fmt.Errorf("expected no word of a checksum database in a package of %s, found one", of)
	case of == catalog.Go && len(a.Attestations)+len(a.Signatures) > 0:
		return errors.New("expected no attestation and no signature of a registry in a Go module, found one")
	case a.Record != nil && a.Excluded != "":
		return errors.New("the module is kept from the checksum database, and has a record of it")
	}
	return nil
}

// npmFile reports whether a tarball can be that of a spec's release. Some
// registries name it by a hash, without any extension, or by its version alone.
func npmFile(spec catalog.Spec, file string) bool {
	name := string(spec.Package)
	name = name[strings.LastIndexByte(name, '/')+1:]
	version := string(spec.Version) + ".tgz"
	return !strings.Contains(file, ".") || file == name+"-"+version || file == version
}

// pypiFile reports whether a file can be of a spec's release.
func pypiFile(spec catalog.Spec, file string) bool {
	f, err := pyname.ParseFilename(pyname.NormalizeName(string(spec.Package)), file)
	if err != nil {
		return false
	}
	same, err := pyname.Satisfies(f.Version, string(spec.Version))
	return same && err == nil
}

// goFile reports whether a zip can be that of a module that holds a spec's package.
func goFile(spec catalog.Spec, file string) bool {
	module, ok := strings.CutSuffix(file, "@"+string(spec.Version)+".zip")
	return ok && module != "" && (module == string(spec.Package) || strings.HasPrefix(string(spec.Package), module+"/"))
}

// sameRelease reports whether two specs name one release.
func sameRelease(a, b catalog.Spec) bool {
	if a.Protocol != catalog.UVX || b.Protocol != catalog.UVX {
		return a.Protocol == b.Protocol && a.Package == b.Package && a.Version == b.Version
	}
	same, _ := pyname.EqualVersions(string(a.Version), string(b.Version))
	return pyname.NormalizeName(string(a.Package)) == pyname.NormalizeName(string(b.Package)) && (same || a.Version == b.Version)
}

// owners remembers which release each file with good evidence is of, by its hash.
type owners map[string]catalog.Spec

// add refuses such a file in the results of another release as well.
func (o owners) add(p Package) error {
	for _, a := range p.Report.Artifacts {
		of := catalog.Spec{Path: p.Spec.Path, Protocol: p.Spec.Protocol, Package: p.Spec.Package, Version: p.Spec.Version}
		if a.Record != nil { // packages of one module are of one file
			of.Package = a.Filename
		}
		digest := a.Hash()
		if digest == "" || !a.Status.Meets(verify.Signed) {
			continue
		}
		if owner, ok := o[digest]; ok && !sameRelease(owner, of) {
			return fmt.Errorf("%q and %q name different packages, %v %v and %v %v, and have the same file: %v", owner.Path, p.Spec.Path,
				owner.Package, owner.Version, of.Package, p.Spec.Version, untrusted.Shorten(digest, 40))
		}
		o[digest] = of
	}
	return nil
}
