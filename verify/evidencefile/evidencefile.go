package evidencefile

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// expected names everything that can be opened.
const expected = "expected Sigstore bundles (v0.1, v0.2 or v0.3), attestations as npm or GitHub answers them, " +
	"output of gh attestation verify or npm audit signatures, PEP 740 provenance, or a checksum database's answer about a Go module"

// Open recognises what data is and takes its attestations out. name is for
// people. An attestation that cannot be decoded, or of which there is no bundle
// here, is offered with its problem; an error means that the file as a whole is
// nothing that can be inspected.
func Open(data []byte, name untrusted.Text) (verify.EvidenceFile, error) {
	file := verify.EvidenceFile{Name: name, Source: verify.Source{URL: name, SHA256: sha256.Sum256(data), Size: len(data)}}
	if len(data) > untrusted.MaxEvidenceFile {
		return file, fmt.Errorf("%w: more than %d bytes", untrusted.ErrTooLarge, untrusted.MaxEvidenceFile)
	}
	if isRecord(data) {
		file.Kind, file.Record = "answer of a checksum database", data
		file.Source.What = file.Kind
		if _, _, _, err := tlog.ParseRecord(data); err != nil {
			return file, fmt.Errorf("%s: expected a record and a signed tree head: %w", file.Kind, err)
		}
		return file, nil
	}
	text, err := decodeText(data)
	if err != nil {
		return file, err
	}
	parts, form, err := split(text)
	if err == nil {
		file.Kind, file.Attestations, err = openParts(parts, form)
	}
	file.Source.What = file.Kind
	for i := range file.Attestations {
		file.Attestations[i].Source = file.Source
	}
	return file, err
}

// isRecord reports whether a text is meant to be what a checksum database answers to
// /lookup: the number of a record, the record, and a signed tree head.
func isRecord(text []byte) bool {
	number, _, found := bytes.Cut(text, []byte("\n"))
	return found && len(number) > 0 && len(bytes.Trim(number, "0123456789")) == 0 &&
		bytes.Contains(text, []byte("\n\ngo.sum database tree\n"))
}

// openParts opens every part of a file. What cannot be inspected beside others
// that can is offered as missing, so that nothing is passed over in silence.
func openParts(parts []part, form string) (string, []verify.OfferedAttestation, error) {
	var all []verify.OfferedAttestation
	var names []string // of the kinds, in their order
	counts, opened := map[string]int{}, 0
	var first error
	for _, p := range parts {
		name, offered, err := p.open()
		switch {
		case err != nil && len(parts) == 1:
			return "", nil, err
		case err != nil:
			name = "what cannot be inspected"
			why := strings.TrimPrefix(untrusted.Message(err), expected+"; ")
			offered = []verify.OfferedAttestation{{Raw: p.raw, Missing: p.where + " of the file cannot be inspected: " + why}}
			if first == nil {
				first = err
			}
		default:
			opened++
		}
		if counts[name]++; counts[name] == 1 {
			names = append(names, name)
		}
		if all = append(all, offered...); len(all) > untrusted.MaxBundlesPerFile {
			return "", nil, fmt.Errorf("%w: more than %d attestations: split it", untrusted.ErrTooLarge, untrusted.MaxBundlesPerFile)
		}
	}
	if opened == 0 {
		return "", nil, fmt.Errorf("nothing of its %d parts can be inspected; %s: %w", len(parts), parts[0].where, first)
	}
	if form == "" {
		return names[0], all, nil
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%s (%d)", name, counts[name])
	}
	return form + ": " + strings.Join(names, ", "), all, nil
}
