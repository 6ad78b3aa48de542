package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/pyname"
	"plimsoll/verify/registry/goproxy"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
)

// Version is one version of a package and what is offered for it.
type Version struct {
	Version       untrusted.Text
	Line          string // the major line: "1"; for PyPI with the epoch: "1!2"; "" for what is no version
	Prerelease    bool
	Time          time.Time // of publishing, of PyPI's first file, as the registry says; zero if it does not
	TimeProblem   string    // why that cannot be read, cleaned
	Newest        time.Time // of publishing the last file, zero if the registry does not say it of every file
	Offered       Rung
	Proven        Rung           // RungUnknown unless the version was verified
	PredicateType untrusted.Text // npm: of the advertised provenance
	Claimed       verify.NPMUser // npm: who published, as nothing proves
	Files         int            // PyPI: wheels and source distributions
	Attested      int            // PyPI: of them, those with attestations
	Withdrawn     bool           // deprecated or yanked
	Reason        untrusted.Text // why it was withdrawn, "" if none is given
	Problem       string         // why the offer is not known, cleaned
	Current       bool           // the version that was asked about
	// Lost is set if a release before this one offered more: of its line, or of the
	// current version that of the line before. Before is the nearest that did.
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

	known   map[untrusted.Text]*verify.Report // by version, see Compare
	rank    []int                             // of each version: its place by time, the oldest first
	current int                               // of Versions, or -1
	before  []int                             // what the current version is held against, the newest first
}

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
			Version: o.Version, Time: o.Published, TimeProblem: o.TimeProblem, Newest: o.Published,
			Offered: npmOffer(o), PredicateType: o.PredicateType, Claimed: o.User,
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
	h.Compare()
	return h, nil
}

func npmOffer(v npm.Version) Rung {
	switch {
	case v.Problem != "":
		return RungUnknown
	case v.Attested && v.PredicateType != "":
		return RungProvenance
	case v.Attested:
		return RungPublish
	case v.Signatures > 0:
		return RungSignature
	default:
		return RungNone
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
			Version: o.Version, Time: o.Uploaded, Newest: o.Newest, Offered: pypiOffer(o), Files: o.Files, Attested: o.Attested,
			Withdrawn: o.Yanked == o.Files, Reason: o.Reason,
		}
		v.Current, _ = pyname.EqualVersions(string(o.Version), string(release.Version))
		if v.Line, v.Prerelease, err = pyname.Major(string(o.Version)); err != nil {
			v.Problem = untrusted.Message(err) // its file name was read, so it is a version
		}
		h.Versions = append(h.Versions, v)
	}
	slices.Reverse(h.Versions)
	h.Compare()
	return h, nil
}

// pypiOffer ranks what the index lists, which is not of what kind an attestation
// is.
func pypiOffer(v pypi.Version) Rung {
	switch {
	case v.Attested == 0:
		return RungNone
	case v.Attested < v.Files:
		return RungSome
	default:
		return RungPublish
	}
}

// Go gets the history of the module that holds a package: what a proxy lists, which the
// checksum database has of all of it or of nothing, and when it says that the nearest
// were published.
func Go(ctx context.Context, r *goproxy.Registry, release verify.Release) (History, error) {
	offered, source, err := r.Versions(ctx, release, nil)
	if err != nil {
		return History{}, err
	}
	h := History{Release: release, Source: source}
	for _, o := range offered {
		v := Version{
			Version: o.Version, Time: o.Published, TimeProblem: o.TimeProblem, Newest: o.Published, Offered: RungSignature,
			Line: strings.TrimPrefix(semver.Major(string(o.Version)), "v"), Prerelease: semver.Prerelease(string(o.Version)) != "",
			Withdrawn: o.Retracted != "", Reason: o.Retracted, Current: o.Version == release.Version,
		}
		if o.Excluded != "" {
			v.Offered = RungNone
		}
		h.Versions = append(h.Versions, v)
	}
	h.Compare()
	return h, nil
}

// attested reports whether a version offers what names who published.
func (h *History) attested(v *Version) bool {
	if h.Release.Ecosystem == verify.PyPI {
		return v.Offered >= RungSome
	}
	return v.Offered >= RungProvenance
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

// ErrNotRecorded means that a recording has no history of a package: to ask again is
// of no use.
var ErrNotRecorded = errors.New("the recording does not have the list of this package's versions: it was made without asking for them")

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
			if v.Offered >= RungSome {
				attested++
			}
		}
	}
	line := "of major line " + current.Line
	if h.Release.Ecosystem == verify.Go {
		return untrusted.Plural(total, "version") + " " + line + ", and no more than a record of the checksum database can be had of any"
	}
	switch {
	case total == 1 && current.Offered == RungUnknown:
		return "what the only version " + line + " offers is not known"
	case total == 1 && attested == 0:
		return "the only version " + line + " offers no attestations"
	case total == 1:
		return "the only version " + line + " offers attestations"
	case attested == 1:
		return fmt.Sprintf("1 of the %d versions %s offers attestations", total, line)
	}
	return fmt.Sprintf("%d of the %d versions %s offer attestations", attested, total, line)
}
