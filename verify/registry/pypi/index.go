package pypi

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/pyname"
	"plimsoll/verify/registry"
)

// page is a project's page of the simple index.
type page struct {
	files  []file // of the release that was asked for, in the page's order
	others int    // files of other releases
	listed bool   // the page names the version, with files or without
	// unplaced are the first maxUnplaced names of files that belong to no release
	// (eggs, installers, files of other projects), moreUnplaced how many came after
	// them.
	unplaced     []untrusted.Text
	moreUnplaced int
	at           map[untrusted.Text]int // where in files each name is
	findings     []verify.Finding       // about the project's status
}

// maxUnplaced is how many files that belong to no release are named.
const maxUnplaced = 50

// file is one file of the release.
type file struct {
	name       untrusted.Text
	digest     verify.Digest
	yanked     bool
	reason     untrusted.Text // why it was yanked
	provenance untrusted.Text // the address that is advertised, "" for none
}

// indexPage is a project's page as it is served.
type indexPage struct {
	Meta     jsontext.Value   `json:"meta"`
	Name     jsontext.Value   `json:"name"`
	Status   jsontext.Value   `json:"project-status"`
	Versions jsontext.Value   `json:"versions"`
	Files    []jsontext.Value `json:"files"`
}

// readPage reads a project's page as installers do: neither its version nor its
// name need be there, but if they are, they must be right.
func readPage(data []byte, project string) (raw indexPage, err error) {
	if err := untrusted.DecodeJSON(data, untrusted.IndexShape, &raw, registry.Tolerant); err != nil {
		return raw, fmt.Errorf("expected a project's page of the simple index: %w", untrusted.JSONError(err))
	}
	if err := checkAPIVersion(raw.Meta); err != nil {
		return raw, err
	}
	name := registry.Text(raw.Name)
	if name == "" && raw.Files == nil {
		return raw, errors.New("expected a project's page of the simple index (PEP 691), found JSON without its name and its files")
	}
	if name != "" && pyname.NormalizeName(string(name)) != project {
		return raw, fmt.Errorf("expected the index page of %q, found the one of %q", project, untrusted.Excerpt(string(name)))
	}
	return raw, nil
}

func checkAPIVersion(meta jsontext.Value) error {
	var raw struct {
		Version jsontext.Value `json:"api-version"`
	}
	if json.Unmarshal(meta, &raw, registry.Tolerant) != nil || raw.Version.Kind() == 0 || raw.Version.Kind() == 'n' {
		return nil
	}
	version := string(registry.Text(raw.Version))
	if version == "" {
		version = string(raw.Version) // a number, and else wrong
	}
	if major, _, _ := strings.Cut(version, "."); major != "1" {
		return fmt.Errorf("expected version 1 of the simple index (meta.api-version), found %q", untrusted.Excerpt(version))
	}
	return nil
}

// decodePage reads a project's page and takes out the files of one version.
// Files of other versions are not looked into, so that one broken entry of
// 2009 does not hide a release of today.
func decodePage(data []byte, project, version string) (page, error) {
	raw, err := readPage(data, project)
	if err != nil {
		return page{}, err
	}
	p := page{at: map[untrusted.Text]int{}}
	if p.findings, err = projectStatus(raw.Status); err != nil {
		return page{}, err
	}
	for i, entry := range raw.Files {
		if err := p.add(entry, project, version); err != nil {
			return page{}, fmt.Errorf("file %d of the index page: %w", i+1, err)
		}
	}
	if len(p.files) == 0 { // only then it matters
		p.listed = lists(raw.Versions, version)
	}
	return p, nil
}

// projectStatus reads the status that the index gives a project (PEP 792). It is
// an error if the project is quarantined: it is not to be installed, whatever files
// are still listed. Any other status is a finding, active none.
func projectStatus(raw jsontext.Value) ([]verify.Finding, error) {
	var marker struct {
		Status jsontext.Value `json:"status"`
		Reason jsontext.Value `json:"reason"`
	}
	switch raw.Kind() {
	case 0, 'n':
		return nil, nil
	case '"':
		marker.Status = raw
	default:
		_ = json.Unmarshal(raw, &marker, registry.Tolerant) // what cannot be read is said below
	}
	status, why := registry.Text(marker.Status), ""
	if reason := registry.Text(marker.Reason); reason != "" {
		why = fmt.Sprintf(": %q", untrusted.Shorten(string(reason), untrusted.MaxMessage))
	}
	f := verify.Finding{Rule: "project.status", Severity: verify.Info}
	switch word := untrusted.LowerASCII(strings.TrimSpace(string(status))); word {
	case "active":
		return nil, nil
	case "quarantined":
		return nil, errors.New("the index has quarantined the project" + why)
	case "archived":
		f.Severity, f.Message = verify.Warning, "the index calls the project archived: no more releases are to be expected"+why
	case "deprecated":
		f.Message = "the index calls the project deprecated: another may have taken its place" + why
	case "":
		f.Message = "the index gives the project a status that cannot be read: expected a word (PEP 792), found " + registry.Found(raw)
	default:
		f.Message = fmt.Sprintf("the index gives the project a status that is not known, %q%s", untrusted.Excerpt(string(status)), why)
	}
	return []verify.Finding{f}, nil
}

// simplePage matches what the HTML form of a project's page (PEP 503) has and a
// login page does not.
var simplePage = regexp.MustCompile(`(?i)<meta\s+name=["']?pypi:|<title>\s*(?:links for|simple index)\b|<a\s[^<]*\.(?:whl|tar\.gz)\b`)

// errHTML is the error of an index that does not speak PEP 691.
var errHTML = errors.New("the index answers with HTML (PEP 503) only; plimsoll reads the JSON form (PEP 691)")

// speaksHTML reports whether err, of asking for a project's page, holds one in
// HTML.
func speaksHTML(err error) bool {
	web, ok := errors.AsType[*registry.WebPage](err)
	return ok && (strings.Contains(untrusted.LowerASCII(web.ContentType), "vnd.pypi.simple") || simplePage.Match(web.Body))
}

// lists reports whether a page's list of versions has one. Whatever form the list
// is of, it stops nothing.
func lists(versions jsontext.Value, version string) bool {
	var list []untrusted.Text
	if json.Unmarshal(versions, &list, registry.Tolerant) != nil {
		return false
	}
	return slices.ContainsFunc(list, func(v untrusted.Text) bool {
		same, err := pyname.Satisfies(string(v), version)
		return err == nil && same
	})
}

// add puts an entry where it belongs: to the release that was asked for, to
// another, or to none. Nothing is dropped.
func (p *page) add(entry jsontext.Value, project, version string) error {
	var named struct {
		Filename untrusted.Text `json:"filename"`
		URL      jsontext.Value `json:"url"`
	}
	if err := json.Unmarshal(entry, &named, registry.Tolerant); err != nil {
		return untrusted.JSONError(err)
	}
	address := string(registry.Text(named.URL))
	name, where, err := place(string(named.Filename), address, project, version)
	switch {
	case err != nil:
		return err
	case where == nowhere && len(p.unplaced) == maxUnplaced:
		p.moreUnplaced++
		return nil
	case where == nowhere:
		p.unplaced = append(p.unplaced, untrusted.Text(name))
		return nil
	case where == another:
		p.others++
		return nil
	}
	f, err := decodeFile(entry)
	if err == nil {
		err = checkFragment(address, f.digest.Hex)
	}
	if err != nil {
		return fmt.Errorf("%q: %w", untrusted.Text(name), err)
	}
	f.name = untrusted.Text(name)
	if i, ok := p.at[f.name]; ok {
		return p.files[i].merge(f)
	}
	if len(p.files) == untrusted.MaxFilesPerRelease {
		return fmt.Errorf("expected at most %d files in a release", untrusted.MaxFilesPerRelease)
	}
	p.at[f.name] = len(p.files)
	p.files = append(p.files, f)
	return nil
}

// merge takes another entry of the same file. Entries that name different bytes,
// or do not name them, contradict each other: which of them an installer gets is
// not known, and so nothing can be said of the release.
func (f *file) merge(other file) error {
	if f.digest.Hex == "" && other.digest.Hex == "" {
		return fmt.Errorf("%q is listed twice, without a SHA-256: expected the same file", f.name)
	}
	if f.digest != other.digest {
		return fmt.Errorf("%q is listed twice, with the SHA-256 %q and %q: expected the same file", f.name, f.digest.Hex, other.digest.Hex)
	}
	switch {
	case f.provenance == "":
		f.provenance = other.provenance
	case other.provenance != "" && f.provenance != other.provenance:
		return fmt.Errorf("%q is listed twice, with two addresses of its provenance", f.name)
	}
	f.yanked = f.yanked || other.yanked
	f.reason = cmp.Or(f.reason, other.reason)
	return nil
}

func decodeFile(entry jsontext.Value) (file, error) {
	var raw struct {
		Hashes     jsontext.Value  `json:"hashes"`
		Yanked     jsontext.Value  `json:"yanked"`
		Provenance *untrusted.Text `json:"provenance"`
	}
	if err := json.Unmarshal(entry, &raw, registry.Tolerant); err != nil {
		return file{}, untrusted.JSONError(err)
	}
	var hashes struct {
		SHA256 jsontext.Value `json:"sha256"`
	}
	_ = json.Unmarshal(raw.Hashes, &hashes, registry.Tolerant) // of another form, it has none
	f := file{digest: verify.Digest{Algorithm: "sha256", Hex: sha256Hex(registry.Text(hashes.SHA256))}}
	if raw.Provenance != nil {
		if f.provenance = *raw.Provenance; f.provenance == "" {
			return file{}, errors.New("expected the address of the provenance or null, found an empty string")
		}
	}
	if kind := raw.Yanked.Kind(); kind != 0 && kind != 'n' && kind != 'f' { // true or a reason; a mark of any other form is one, too
		f.yanked, f.reason = true, registry.Text(raw.Yanked)
	}
	return f, nil
}

// sha256Hex returns the digest in lower case, or "" if it is not 64 hex digits.
func sha256Hex(s untrusted.Text) string {
	if raw, err := hex.DecodeString(string(s)); err != nil || len(raw) != 32 {
		return ""
	}
	return strings.ToLower(string(s))
}
