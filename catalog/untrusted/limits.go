package untrusted

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits on what is read or decoded, in bytes unless the name says otherwise.
// Each is several times the largest value seen in production.
const (
	MaxSpec         = 1 << 20   // one spec.yaml
	MaxManifest     = 4 << 20   // one version's manifest from an npm registry
	MaxPackument    = 64 << 20  // a whole npm packument
	MaxIndex        = 24 << 20  // one project's simple index page
	MaxGoMod        = 1 << 20   // a go.mod
	MaxModuleZip    = 32 << 20  // the zip of a Go module
	MaxAttestations = 8 << 20   // one attestations or provenance response
	MaxEvidenceFile = 32 << 20  // a file of evidence, of several hundred bundles
	MaxProvenance   = 16 << 20  // all provenance objects of one PyPI release
	MaxErrorBody    = 4 << 10   // what is kept of a server's error answer
	MaxTrustFile    = 8 << 20   // a trusted root or a key file
	MaxStatement    = 4 << 20   // one decoded in-toto statement
	MaxCertificate  = 64 << 10  // one certificate in DER
	MaxTimestamp    = 64 << 10  // one RFC 3161 timestamp
	MaxLogBodies    = 256 << 10 // the bodies of a bundle's log entries
	MaxCheckpoint   = 64 << 10  // a log's signed checkpoint
	MaxState        = 64 << 10  // what the screen kept of a catalog
	MaxRecording    = 16 << 20  // the index of a recording
	MaxSpecValue    = 4 << 10   // one value that is written into a spec
	MaxTriage       = 16 << 20  // the decisions made by hand
	MaxPolicy       = 1 << 20   // a policy file
	MaxReason       = 4 << 10   // a person's reason in either

	MaxSpecs               = 200_000 // specs in a catalog
	MaxFilesPerRelease     = 10_000  // files of one PyPI release
	MaxBundlesPerArtifact  = 64      // attestation bundles offered for one file
	MaxBundlesPerFile      = 1000    // attestations in a file of evidence: gh fetches no more
	MaxSignaturesPerObject = 64      // registry signatures of one release
	MaxProofHashes         = 64      // hashes of one inclusion proof: a tree of 2^64 leaves
	MaxSubjects            = 1024    // subjects of one statement
	MaxDigests             = 64      // digests of one subject or material
	MaxMaterials           = 10_000  // materials of one provenance
	MaxJSONDepth           = 100     // nesting of any JSON
	MaxFilename            = 512     // bytes of a distribution file's name
	MaxVersion             = 256     // bytes of a version
	MaxPackageName         = 256     // bytes of a package's name
)

// ErrTooLarge is the error of a reader that held more than its limit.
var ErrTooLarge = errors.New("too large")

// ReadAll reads r to its end, at most limit bytes. When there is more, it
// returns no bytes and an error that wraps [ErrTooLarge] and names what was
// read.
func ReadAll(r io.Reader, limit int64, what string) ([]byte, error) {
	return readSized(r, limit, 0, what)
}

// readSized is ReadAll of what probably holds size bytes.
func readSized(r io.Reader, limit, size int64, what string) ([]byte, error) {
	var data bytes.Buffer
	data.Grow(int(max(0, min(size, limit))) + bytes.MinRead) // it grows no more to see the end
	if _, err := data.ReadFrom(io.LimitReader(r, limit+1)); err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	if int64(data.Len()) > limit {
		return nil, fmt.Errorf("read %s: %w: more than %d bytes", what, ErrTooLarge, limit)
	}
	return data.Bytes(), nil
}
