package triage

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/verify"
)

// Binding is what a decision was made for. Both are "sha256:" and hex.
type Binding struct {
	// Artifacts is over the release's name and version and the sorted digests
	// of its files: another byte in one of them, or another file, is another
	// binding.
	Artifacts string
	// Publisher is over who published, from the certificates that verified:
	// source repository and its immutable id, workflow, issuer and signer, for
	// each distinct publisher of the release. Where none verified, it is over
	// the ids of the registry's keys that did, and the names of the checksum
	// databases.
	Publisher string
}

// BindingOf returns what a report was about.
func BindingOf(r *verify.Report) Binding {
	return Binding{Artifacts: artifactsHash(r), Publisher: publisherHash(r)}
}

func artifactsHash(r *verify.Report) string {
	var digests []string
	for _, art := range r.Artifacts {
		digest := art.Hash()
		if digest == "" { // then at least the file's name and what the registry said of it
			digest = fmt.Sprintf("without digest %q %q", string(art.Filename), string(art.Integrity))
		}
		digests = append(digests, digest)
	}
	slices.Sort(digests)
	head := []string{"artifacts", string(r.Release.Ecosystem), string(r.Release.Name), string(r.Release.Version)}
	return hash(append(head, digests...))
}

func publisherHash(r *verify.Report) string {
	var publishers, keys []string
	for _, art := range r.Artifacts {
		for _, att := range art.Attestations {
			switch {
			case att.Status != verify.Verified:
			case att.Publisher != nil:
				publishers = append(publishers, identity(att.Publisher))
			case att.Kind == verify.KindPublish:
				keys = append(keys, string(att.KeyID))
			}
		}
		if art.Record != nil && art.Record.Status == verify.Signed {
			keys = append(keys, string(art.Record.Database))
		}
		for _, sig := range art.Signatures {
			if sig.Status == verify.Verified {
				keys = append(keys, string(sig.KeyID))
			}
		}
	}
	head, who := "publishers", publishers
	if len(publishers) == 0 {
		head, who = "registry keys", keys
	}
	slices.Sort(who)
	return hash(append([]string{head}, slices.Compact(who)...))
}

func identity(p *verify.Publisher) string {
	return fmt.Sprintf("%q %q %q %q %q", string(p.Repository), string(p.RepositoryID), string(p.Workflow), string(p.Issuer), signer(p))
}

// signer is the signer's name without the ref at its end, which is another one
// for each release. The @ of an e-mail address stays.
func signer(p *verify.Publisher) string {
	name := string(p.Signer)
	if address := name[:max(0, strings.LastIndexByte(name, '@'))]; strings.Contains(address, "://") {
		return address
	}
	return name
}
