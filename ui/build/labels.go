package build

import (
	"strconv"
	"strings"

	"plimsoll/catalog"
	"plimsoll/verify"
)

// labels carries the provenance with the image, in the annotations of the OCI
// image specification and in plimsoll's own. Source and revision are there
// only where a certificate proves them. A label is a claim of whoever built the
// image, as every other label is.
func (f *file) labels(spec catalog.Spec, report *verify.Report, o Options) error {
	values := [][2]string{
		{"org.opencontainers.image.title", string(spec.Server)},
		{"org.opencontainers.image.version", string(spec.Version)},
		{"org.opencontainers.image.ref.name", o.Tag},
	}
	if p := report.Publisher; p != nil && (report.Status == verify.Verified || report.Status == verify.Partial) {
		values = append(values,
			[2]string{"org.opencontainers.image.source", string(p.Repository)},
			[2]string{"org.opencontainers.image.revision", string(p.Commit)},
			[2]string{"plimsoll.source.ref", string(p.Ref)},
			[2]string{"plimsoll.source.workflow", string(p.Workflow)},
			[2]string{"plimsoll.signer", string(p.Signer)},
			[2]string{"plimsoll.issuer", string(p.Issuer)},
			[2]string{"plimsoll.run", string(p.Run)},
		)
	}
	var digests []string
	for _, a := range report.Artifacts {
		if s := a.Hash(); s != "" && len(digests) < maxDigestLabels {
			digests = append(digests, s)
		}
	}
	dependencies := "not pinned: their newest fitting versions were resolved when the image was built, and their provenance was not checked"
	if spec.Protocol == catalog.Go {
		dependencies = "of the versions that the module asks for, and in the bytes that the checksum database names; " +
			"their provenance was not checked"
	}
	values = append(values,
		[2]string{"plimsoll.package", string(spec.Package) + "@" + string(spec.Version)},
		[2]string{"plimsoll.protocol", string(spec.Protocol)},
		[2]string{"plimsoll.spec", string(spec.Path)},
		[2]string{"plimsoll.status", report.Status.String()},
		[2]string{"plimsoll.slsa.build-level", strconv.Itoa(report.SLSA.Level)},
		[2]string{"plimsoll.artifacts", strings.Join(digests, " ")},
		[2]string{"plimsoll.registry", string(report.Registry)},
		[2]string{"plimsoll.dependencies", dependencies},
	)
	for _, v := range values {
		if err := checkText("the label "+v[0], v[1]); err != nil {
			return err
		}
		f.label(v[0], v[1])
	}
	return nil
}

// maxDigestLabels bounds the label with the digests: a release may have
// thousands of files.
const maxDigestLabels = 32
