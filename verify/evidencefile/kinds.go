package evidencefile

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
)

// kind is one kind of evidence.
type kind struct {
	name string
	more string // is said behind the name of what was opened
	is   func(members) bool
	open func(data []byte, m members) ([]verify.OfferedAttestation, error)
}

var kinds = []kind{
	{"Sigstore bundle", "", members.bundle, openBundle},
	{"npm attestations response", "", func(m members) bool { return m.has("attestations") && !m.has("publisher") && !m.github() },
		func(data []byte, _ members) ([]verify.OfferedAttestation, error) {
			return npm.DecodeAttestations(data, verify.Source{})
		}},
	{"GitHub attestations response", "", func(m members) bool { return m.github() && !m.has("publisher") },
		func(_ []byte, m members) ([]verify.OfferedAttestation, error) { return offerList(m["attestations"]) }},
	{"GitHub attestations response", ", of several digests", func(m members) bool { return m.has("attestations_subject_digests") }, openBulk},
	{"attestation of npm's response", "", func(m members) bool { return m.has("bundle", "predicateType") }, openWrapper},
	{"attestation of GitHub's response", "", func(m members) bool { return m.has("bundle") && !m.has("predicateType") }, openWrapper},
	{"result of gh attestation verify", ", whose own verdict is a claim and not used",
		func(m members) bool { return m.has("attestation", "verificationResult") }, openVerified},
	{"output of npm audit signatures", ", whose own verdicts are claims and not used",
		func(m members) bool { return m.has("invalid", "missing") }, openAudit},
	{"PEP 740 provenance object", "", func(m members) bool { return m.has("attestation_bundles") }, openProvenance},
	{"PEP 740 attestation bundle", "", func(m members) bool { return m.has("publisher", "attestations") }, openPublisher},
	{"PEP 740 attestation", "", func(m members) bool { return m.has("verification_material", "envelope") }, openAttestation},
}

// open recognises what a part is, and takes its attestations out.
func (p part) open() (string, []verify.OfferedAttestation, error) {
	if p.err != nil {
		return "", nil, unreadable(p.err)
	}
	if jsontext.Value(p.raw).Kind() != '{' {
		return "", nil, fmt.Errorf("%s; found %s", expected, untrusted.JSONKind(jsontext.Value(p.raw).Kind()))
	}
	var m members
	if err := untrusted.DecodeJSON(p.raw, untrusted.EvidenceShape, &m); err != nil {
		return "", nil, fmt.Errorf("%s; found %w", expected, unreadable(err))
	}
	if is := m.foreign(); is != "" {
		return "", nil, errors.New("this is " + is)
	}
	found := slices.DeleteFunc(slices.Clone(kinds), func(k kind) bool { return !k.is(m) })
	switch len(found) {
	case 0:
		return "", nil, fmt.Errorf("%s; found %s", expected, m.describe())
	case 1:
	default:
		return "", nil, fmt.Errorf("%s; found members of more than one of them: %s", expected, m.describe())
	}
	offered, err := found[0].open(p.raw, m)
	if err == nil && len(offered) == 0 {
		err = errors.New("it holds no attestation")
	}
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", found[0].name, err)
	}
	for i := range offered {
		if fault := lineBreaks(offered[i].Bundle); fault != "" {
			offered[i].Bundle, offered[i].Problem = nil, fault
		}
	}
	return found[0].name + found[0].more + bundleVersions[m.mediaType()], offered, nil
}

// lineBreaks says which field of a bundle has base64 on several lines, which
// protobuf's decoder refuses or takes by the number of the lines; "" for none.
func lineBreaks(bundle []byte) string {
	for d := decoder(bundle); ; {
		token, err := d.ReadToken()
		if err != nil {
			return "" // the end, or what the bundle's decoder refuses
		}
		at := d.StackPointer()
		if token.Kind() == '"' && strings.ContainsAny(token.String(), "\r\n") && at.LastToken() != "envelope" { // a checkpoint is text
			return fmt.Sprintf("%q: %s", untrusted.Excerpt(string(at)), untrusted.Base64Fault(token.String()))
		}
	}
}

// members are those of an object in the file.
type members map[string]jsontext.Value

// has reports whether the object has all of these members.
func (m members) has(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { _, ok := m[name]; return !ok })
}

// text returns a member that is a string, else "".
func (m members) text(name string) (text string) {
	if json.Unmarshal(m[name], &text) != nil {
		return ""
	}
	return text
}

// bundle takes protobuf's own names as well as those of its JSON.
func (m members) bundle() bool {
	return m.has("mediaType") || m.has("media_type") || m.has("verificationMaterial") ||
		m.has("dsseEnvelope") || m.has("dsse_envelope") || m.has("messageSignature") || m.has("message_signature")
}

// github reports whether the attestations are of GitHub's API: what surrounds
// their bundles says so.
func (m members) github() bool {
	var list []members
	if json.Unmarshal(m["attestations"], &list) != nil {
		return false
	}
	return slices.ContainsFunc(list, func(m members) bool {
		return m.has("bundle_url") || m.has("repository_id")
	})
}

// describe lists the members of an object that is nothing we know.
func (m members) describe() string {
	const most = 6
	if len(m) == 0 {
		return "an empty object"
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		names = append(names, fmt.Sprintf("%q", untrusted.Excerpt(name)))
	}
	return "an object with " + untrusted.List(names, most, 0)
}

// bundleVersions are the media types of Sigstore bundles, and how the versions are
// said behind the name.
var bundleVersions = map[string]string{
	"application/vnd.dev.sigstore.bundle+json;version=0.1": " v0.1",
	"application/vnd.dev.sigstore.bundle+json;version=0.2": " v0.2",
	"application/vnd.dev.sigstore.bundle+json;version=0.3": " v0.3",
	"application/vnd.dev.sigstore.bundle.v0.3+json":        " v0.3",
}

// mediaType takes protobuf's own name as well as that of its JSON.
func (m members) mediaType() string {
	if m.has("mediaType") {
		return m.text("mediaType")
	}
	return m.text("media_type")
}

func openBundle(data []byte, m members) ([]verify.OfferedAttestation, error) {
	switch is := m.mediaType(); {
	case bundleVersions[is] != "":
		return []verify.OfferedAttestation{{Bundle: data, Raw: data}}, nil
	case is == "":
		return nil, errors.New("expected a media type of version v0.1, v0.2 or v0.3, found none")
	default:
		return nil, fmt.Errorf("expected a media type of version v0.1, v0.2 or v0.3, found %q", untrusted.Excerpt(is))
	}
}

// openBulk opens GitHub's answer about several digests: an object, or a list of
// objects, with the attestations of each.
func openBulk(_ []byte, m members) (all []verify.OfferedAttestation, err error) {
	digests := []members{{}}
	var to any = &digests
	if m["attestations_subject_digests"].Kind() == '{' {
		to = &digests[0]
	}
	if err := json.Unmarshal(m["attestations_subject_digests"], to); err != nil {
		return nil, untrusted.JSONError(err)
	}
	for _, some := range digests {
		for _, digest := range slices.Sorted(maps.Keys(some)) {
			offered, err := offerList(some[digest])
			if err != nil {
				return nil, err
			}
			all = append(all, offered...)
		}
	}
	return all, nil
}

// offerList offers the bundles in a list of wrappers.
func offerList(list jsontext.Value) (all []verify.OfferedAttestation, err error) {
	var raws []jsontext.Value
	if err := json.Unmarshal(list, &raws); err != nil {
		return nil, untrusted.JSONError(err)
	}
	for _, raw := range raws {
		all = append(all, offerWrapped(raw, raw))
	}
	return all, nil
}

// offerWrapped offers the bundle in what npm and GitHub put around one, which
// stands in raw.
func offerWrapped(wrapper, raw []byte) verify.OfferedAttestation {
	var w struct {
		PredicateType untrusted.Text `json:"predicateType"` // of npm
		Bundle        jsontext.Value `json:"bundle"`
		BundleURL     untrusted.Text `json:"bundle_url"` // of GitHub
	}
	offered := verify.OfferedAttestation{Raw: raw}
	if err := json.Unmarshal(wrapper, &w); err != nil {
		offered.Problem = "the attestation cannot be read: " + untrusted.JSONError(err).Error()
		return offered
	}
	offered.PredicateType = w.PredicateType
	switch {
	case w.Bundle.Kind() == '{':
		offered.Bundle = w.Bundle
	case w.BundleURL != "":
		offered.Missing = "there is no bundle here, only its address (bundle_url): gh attestation download ARTIFACT --repo OWNER/NAME fetches it"
	case w.PredicateType == "":
		offered.Missing = "there is no bundle here"
	default:
		offered.Problem = "expected a Sigstore bundle in the attestation, found none"
	}
	return offered
}

func openWrapper(data []byte, _ members) ([]verify.OfferedAttestation, error) {
	return []verify.OfferedAttestation{offerWrapped(data, data)}, nil
}

// openVerified takes the bundle of a result. What gh found is a claim, which is
// labelled and not used.
func openVerified(data []byte, m members) ([]verify.OfferedAttestation, error) {
	return []verify.OfferedAttestation{offerWrapped(m["attestation"], data)}, nil
}

// openAudit takes the bundles of every package. What npm found is a claim; a
// package of which it gives no bundles is offered as missing.
func openAudit(_ []byte, m members) ([]verify.OfferedAttestation, error) {
	if !m.has("verified") {
		return nil, errors.New("it holds no bundles: npm audit signatures --json --include-attestations prints them")
	}
	var all []verify.OfferedAttestation
	for _, list := range []struct{ name, why string }{
		{"verified", "npm prints no bundle of %s"},
		{"invalid", "npm calls %s invalid, and prints no bundle of it"},
		{"missing", "npm found no signature of %s, and prints no bundle of it"},
	} {
		var packages []jsontext.Value
		if err := json.Unmarshal(m[list.name], &packages); err != nil {
			return nil, fmt.Errorf("%q: %w", list.name, untrusted.JSONError(err))
		}
		for _, raw := range packages {
			var p struct {
				Name    untrusted.Text `json:"name"`
				Version untrusted.Text `json:"version"`
				Bundles jsontext.Value `json:"attestationBundles"`
			}
			if err := json.Unmarshal(raw, &p); err != nil {
				return nil, fmt.Errorf("%q: %w", list.name, untrusted.JSONError(err))
			}
			offered, err := npm.DecodeAttestations(bytes.Join([][]byte{[]byte(`{"attestations":`), p.Bundles, []byte(`}`)}, nil), verify.Source{})
			if err != nil || len(offered) == 0 {
				why := fmt.Sprintf(list.why, untrusted.Shorten(string(p.Name+"@"+p.Version), 200))
				offered = []verify.OfferedAttestation{{Raw: raw, Missing: why}}
			}
			all = append(all, offered...)
		}
	}
	return all, nil
}

func openProvenance(data []byte, m members) ([]verify.OfferedAttestation, error) {
	if err := pypi.CheckVersion(m["version"], "provenance object"); err != nil {
		return nil, err
	}
	return attestationsOf(data)
}

// attestationsOf takes the attestations out of a provenance object.
func attestationsOf(object []byte) ([]verify.OfferedAttestation, error) {
	offered, missing := pypi.DecodeProvenance(object, verify.Source{})
	switch {
	case len(offered) == 0:
		return nil, errors.New(strings.TrimPrefix(missing, "provenance is advertised, but "))
	case len(offered) == 1 && bytes.Equal(offered[0].Raw, object): // the whole of it is the problem
		return nil, errors.New(offered[0].Problem)
	}
	return offered, nil
}

// openPublisher opens one element of a provenance object.
func openPublisher(data []byte, _ members) ([]verify.OfferedAttestation, error) {
	return attestationsOf(bytes.Join([][]byte{[]byte(`{"version":1,"attestation_bundles":[`), data, []byte(`]}`)}, nil))
}

func openAttestation(data []byte, m members) ([]verify.OfferedAttestation, error) {
	if err := pypi.CheckVersion(m["version"], "attestation object"); err != nil {
		return nil, err
	}
	offered := verify.OfferedAttestation{Raw: data}
	bundle, err := pypi.Bundle(data)
	if err != nil {
		offered.Problem = err.Error()
	}
	offered.Bundle = bundle
	return []verify.OfferedAttestation{offered}, nil
}
