package history

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/pyname"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
)

// Offer ranks what a registry offers for a version. A greater one is better.
type Offer uint8

// The offers. Unknown cannot be compared with the others.
const (
	Unknown      Offer = iota // the registry's entry cannot be read
	Nothing                   // no evidence
	Signature                 // npm: a registry signature
	SomeFiles                 // PyPI: attestations of some files
	Attestations              // attestations, of every file
)

// String returns a few plain words.
func (o Offer) String() string {
	switch o {
	case Nothing:
		return "nothing"
	case Signature:
		return "registry signature only"
	case SomeFiles:
		return "attestations of some files"
	case Attestations:
		return "attestations"
	default:
		return "unknown"
	}
}

// Version is one version of a package and what is offered for it.
type Version struct {
	Version       untrusted.Text
	Line          string // the major line: "1"; for PyPI with the epoch: "1!2"; "" for what is no version
	Prerelease    bool
	Time          time.Time // of publishing, as the registry says; zero if it does not
	TimeProblem   string    // why that cannot be read, cleaned
	Offer         Offer
	PredicateType untrusted.Text // npm: of the advertised provenance
	Claimed       verify.NPMUser // npm: who published, as nothing proves
	Files         int            // PyPI: wheels and source distributions
	Attested      int            // PyPI: of them, those with attestations
	Withdrawn     bool           // deprecated or yanked
	Reason        untrusted.Text // why it was withdrawn, "" if none is given
	Problem       string         // why the offer is not known, cleaned
	Current       bool           // the version that was asked about
	// Lost says that an earlier version of the line offered more than this
	// one; Before is the nearest that did.
	Lost   bool
	Before untrusted.Text
	// Publisher is who a verified certificate names, if that version was
	// verified; nil elsewhere.
	Publisher *verify.Publisher
}

// History is what was offered for a package over time.
type History struct {
	Release  verify.Release
	Versions []Version // the newest first; what is no version last
	Source   verify.Source
	Findings []verify.Finding
}

// Known maps versions, as the registry spells them, to the publisher that a
// verified report of them names. The current version may be spelt as in the
// release.
type Known map[untrusted.Text]*verify.Publisher

// NPM gets the history of an npm package: one request, for the whole document
// of the package.
func NPM(ctx context.Context, r *npm.Registry, release verify.Release) (History, error) {
	offered, source, err := r.Versions(ctx, release.Name, nil)
	if err != nil {
		return History{}, err
	}
	h := History{Release: release, Source: source}
	for _, o := range offered {
		v := Version{
			Version: o.Version, Time: o.Published, TimeProblem: o.TimeProblem, Offer: npmOffer(o), PredicateType: o.PredicateType, Claimed: o.User,
			Withdrawn: o.Deprecated != "", Reason: o.Deprecated, Problem: o.Problem, Current: o.Version == release.Version,
		}
		if canonical := "v" + string(o.Version); semver.IsValid(canonical) {
			v.Line, v.Prerelease = strings.TrimPrefix(semver.Major(canonical), "v"), semver.Prerelease(canonical) != ""
		}
		h.Versions = append(h.Versions, v)
	}
	slices.SortStableFunc(h.Versions, func(a, b Version) int {
		return newestFirst(a, b, semver.Compare("v"+string(a.Version), "v"+string(b.Version)))
	})
	h.Compare(nil)
	return h, nil
}

func npmOffer(v npm.Version) Offer {
	switch {
	case v.Problem != "":
		return Unknown
	case v.Attested:
		return Attestations
	case v.Signatures > 0:
		return Signature
	default:
		return Nothing
	}
}

// PyPI gets the history of a PyPI project: one request, for its page of the
// simple index.
func PyPI(ctx context.Context, r *pypi.Registry, release verify.Release) (History, error) {
	offered, source, err := r.Versions(ctx, release.Name, nil)
	if err != nil {
		return History{}, err
	}
	h := History{Release: release, Source: source}
	for _, o := range offered {
		v := Version{
			Version: o.Version, Time: o.Uploaded, Offer: pypiOffer(o), Files: o.Files, Attested: o.Attested,
			Withdrawn: o.Yanked == o.Files, Reason: o.Reason,
		}
		v.Current, _ = pyname.EqualVersions(string(o.Version), string(release.Version))
		if v.Line, v.Prerelease, err = pyname.Major(string(o.Version)); err != nil {
			v.Problem = untrusted.Message(err) // its file name was read, so it is a version
		}
		h.Versions = append(h.Versions, v)
	}
	slices.Reverse(h.Versions)
	h.Compare(nil)
	return h, nil
}

func pypiOffer(v pypi.Version) Offer {
	switch {
	case v.Attested == 0:
		return Nothing
	case v.Attested < v.Files:
		return SomeFiles
	default:
		return Attestations
	}
}

// newestFirst orders two versions by order, which compares them, and by their
// text where that is equal: npm's build metadata. What is no version is last.
func newestFirst(a, b Version, order int) int {
	switch {
	case (a.Line == "") != (b.Line == ""):
		if a.Line == "" {
			return 1
		}
		return -1
	case a.Line != "" && order != 0:
		return -order
	default:
		return strings.Compare(string(b.Version), string(a.Version))
	}
}

// Current returns the version that was asked about, nil if the registry
// does not list it.
func (h *History) Current() *Version {
	for i := range h.Versions {
		if h.Versions[i].Current {
			return &h.Versions[i]
		}
	}
	return nil
}

// Summary is one sentence about the current version's line.
func (h *History) Summary() string {
	current := h.Current()
	if current == nil {
		return "the registry does not list the version"
	}
	attested, total := 0, 0
	for _, v := range h.Versions {
		if v.Line == current.Line {
			total++
			if v.Offer == Attestations || v.Offer == SomeFiles {
				attested++
			}
		}
	}
	return fmt.Sprintf("%d of the %d versions of line %s offer attestations", attested, total, current.Line)
}
