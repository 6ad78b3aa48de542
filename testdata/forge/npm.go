package main

import (
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

const (
	npmBase = "https://npm.demo.example/"
	npmJSON = "application/json"
)

// npmRelease is a version on the npm registry, made well unless an attack
// changes it before it is recorded.
type npmRelease struct {
	f             *forge
	name, version string
	published     time.Time
	identity      identity
	tarball       []byte // stands for the file's bytes, which nobody fetches
	repository    any    // metadata, as served
	user          object // _npmUser, if any
	deprecated    string // why, if it is
	description   string
	signatures    []npmSignature
	offered       []offer
	advertised    bool          // dist.attestations is there although nothing is offered
	evidence      string        // dist.attestations.url, where it is not the usual one
	gone          bool          // the attestations endpoint answers 404
	packument     bool          // the whole packument is recorded as well
	absent        bool          // the registry does not have the version
	attested      bool          // provenance is advertised, and not made: for an earlier version
	earlier       []*npmRelease // other versions of the packument, the oldest first; not recorded themselves
}

// offer is one element of the attestations response.
type offer struct {
	*attestation
	wrapper string // its predicateType; "": the statement's
}

// subject is what a statement must name.
func (r *npmRelease) subject() subject {
	sum := sha512.Sum512(r.tarball)
	return subject{purl(r.name, r.version), map[string]string{"sha512": hex.EncodeToString(sum[:])}}
}

// integrity is the SRI string.
func (r *npmRelease) integrity() string {
	sum := sha512.Sum512(r.tarball)
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// sign adds the registry signature of each key.
func (r *npmRelease) sign(keys ...*registryKey) *npmRelease {
	for _, k := range keys {
		r.signatures = append(r.signatures, k.signRelease(r.name, r.version, r.integrity()))
	}
	return r
}

// offer puts attestations into the attestations response.
func (r *npmRelease) offer(list ...*attestation) {
	for _, a := range list {
		r.offered = append(r.offered, offer{attestation: a})
	}
}

// statement is the provenance statement that an honest build writes.
func (r *npmRelease) statement() *statement { return provenanceV1(r.subject(), r.identity) }

// order is how an honest build orders its attestation.
func (r *npmRelease) order(s *statement) order {
	return order{identity: r.identity, payload: s.payload(), at: r.published.Add(-9 * time.Second), version: "0.3", kind: "intoto"}
}

// provenance is the attestation of an honest build.
func (r *npmRelease) provenance() *attestation { return r.f.good.attest(r.order(r.statement())) }

// publish is the registry's own attestation.
func (r *npmRelease) publish() *attestation {
	return r.f.good.attestWithKey(r.f.key, publishNPM(r.subject(), r.name, r.version).payload(), r.published, "0.2")
}

// record answers every request that a client may make for the release.
func (r *npmRelease) record() {
	escaped := strings.Replace(r.name, "/", "%2f", 1)
	at := npmBase + escaped + "/" + r.version
	folder := "npm/" + r.name + "/"
	if r.absent {
		r.f.answer(at, folder+r.version+".json", 404, npmJSON, []byte(`"version not found: `+r.version+`"`))
		return
	}
	evidence := r.evidenceAddress()
	manifest := r.manifest(evidence)
	r.f.answer(at, folder+r.version+".json", 200, npmJSON, must(json.Marshal(manifest)))
	if r.packument {
		r.f.answer(npmBase+escaped, folder+"packument.json", 200, npmJSON, must(json.Marshal(r.document(manifest))))
	}
	switch {
	case r.gone:
		r.f.answer(evidence, folder+r.version+".attestations.json", 404, npmJSON, []byte(`{"error":"Attestation not found"}`))
	case len(r.offered) > 0 || r.advertised:
		r.f.answer(evidence, folder+r.version+".attestations.json", 200, npmJSON, must(json.Marshal(object{"attestations": r.elements()})))
	}
}

func (r *npmRelease) elements() []any {
	list := []any{}
	for _, o := range r.offered {
		r.f.inspect(r.name, o.attestation)
		wrapper := o.wrapper
		if wrapper == "" {
			wrapper = o.predicateType
		}
		list = append(list, object{"predicateType": wrapper, "bundle": o.json()})
	}
	return list
}

// manifest is the answer of the version endpoint.
func (r *npmRelease) manifest(evidence string) object {
	shasum := sha1.Sum(r.tarball)
	file := r.name[strings.LastIndex(r.name, "/")+1:] + "-" + r.version + ".tgz"
	dist := object{
		"integrity": r.integrity(), "shasum": hex.EncodeToString(shasum[:]),
		"tarball":   npmBase + r.name + "/-/" + file,
		"fileCount": 12 + len(r.name), "unpackedSize": 40000 + 1000*len(r.name),
	}
	if len(r.signatures) > 0 {
		dist["signatures"] = r.signatures
	}
	if len(r.offered) > 0 || r.advertised || r.gone || r.attested {
		offered := object{"url": evidence}
		if r.evidence != "" {
			offered["url"] = r.evidence
		}
		for _, o := range r.offered {
			if o.predicateType == slsaV1 || o.predicateType == slsaV02 {
				offered["provenance"] = object{"predicateType": o.predicateType}
			}
		}
		if r.attested {
			offered["provenance"] = object{"predicateType": slsaV1}
		}
		dist["attestations"] = offered
	}
	m := object{
		"name": r.name, "version": r.version, "_id": r.name + "@" + r.version,
		"description": r.description, "license": "MIT", "dist": dist,
	}
	if r.repository != nil {
		m["repository"] = r.repository
	}
	if r.user != nil {
		m["_npmUser"] = r.user
	}
	if r.deprecated != "" {
		m["deprecated"] = r.deprecated
	}
	return m
}

// document is the packument: the release and the versions before it.
func (r *npmRelease) document(manifest object) object {
	const layout = "2006-01-02T15:04:05.000Z"
	when := r.published.Format(layout)
	versions, times := object{r.version: manifest}, object{"created": when, "modified": when, r.version: when}
	for i, e := range r.earlier {
		versions[e.version], times[e.version] = e.manifest(e.evidenceAddress()), e.published.Format(layout)
		if i == 0 {
			times["created"] = times[e.version]
		}
	}
	return object{
		"_id": r.name, "name": r.name, "dist-tags": object{"latest": r.version},
		"versions": versions, "time": times,
	}
}

// evidenceAddress is where the registry has the attestations.
func (r *npmRelease) evidenceAddress() string {
	return npmBase + "-/npm/v1/attestations/" + strings.Replace(r.name, "/", "%2f", 1) + "@" + r.version
}
