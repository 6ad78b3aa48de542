package catalog

import (
	"slices"

	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
)

// Protocol is how a server is installed, and so which registry its package
// comes from.
type Protocol string

// The protocols, named as their folders are.
const (
	NPX Protocol = "npx" // npm
	UVX Protocol = "uvx" // PyPI
	Go  Protocol = "go"  // module proxies and the checksum database
)

// Protocols lists all protocols.
func Protocols() []Protocol { return []Protocol{NPX, UVX, Go} }

// Known reports whether p is one of [Protocols].
func (p Protocol) Known() bool { return slices.Contains(Protocols(), p) }

// The protocols, their folders and the paths of their specs, for a sentence.
const (
	ProtocolNames = "npx, uvx or go"
	Folders       = "npx/, uvx/ and go/"
	SpecPaths     = "npx/NAME/spec.yaml, uvx/NAME/spec.yaml or go/NAME/spec.yaml"
)

// Spec is one spec.yaml. Fields that the file does not have are zero.
type Spec struct {
	Protocol Protocol       `json:"protocol"` // from the folder
	Package  untrusted.Text `json:"name"`     // spec.package
	Version  untrusted.Text `json:"version"`  // spec.version
	Server   untrusted.Text `json:"server"`   // metadata.name, or the folder's name where that is missing
	// Path is where the spec was found, with slashes, below the catalog's
	// root: "npx/context7/spec.yaml"; in the demo with the name of the catalog
	// before it. It identifies the spec and is unique in a load.
	Path        untrusted.Text `json:"spec"`
	Description untrusted.Text `json:"-"`
	Install     Install        `json:"-"` // spec.args, spec.env, spec.overrides, spec.constraints
	Provenance  Provenance     `json:"-"`
	// Unknown are the dotted keys that the file has and plimsoll does not read
	// ("spec.build_with"), the first of them; MoreUnknown is how many came after.
	Unknown     []untrusted.Text `json:"-"`
	MoreUnknown int              `json:"-"`
	// Expect is what a spec of the demo says its status must be; "" elsewhere.
	// It is shown to nobody and decides nothing: a test holds it.
	Expect string `json:"-"`
	Lines  Lines  `json:"-"` // of its values in the file
	// SHA256 is over the bytes of the file; zero if it could not be read.
	// [Write] refuses a file that has others by now.
	SHA256 [32]byte `json:"-"`
	// Err says why the spec could not be read. Then only Path, Protocol and
	// Server are sure to be set.
	Err *SpecError `json:"-"`
}

// Provenance is the provenance section of a spec: what the maintainers expect.
type Provenance struct {
	RepositoryURI untrusted.Text
	RepositoryRef untrusted.Text
	Attestations  *Attestations // nil if the section is absent

	// Legacy fields.
	SigstoreURL       untrusted.Text
	SignerIdentity    untrusted.Text
	RunnerEnvironment untrusted.Text
	CertIssuer        untrusted.Text
}

// Attestations is provenance.attestations.
type Attestations struct {
	Available bool
	Verified  bool
	Publisher *Publisher // nil if absent
}

// Publisher is provenance.attestations.publisher.
type Publisher struct {
	Kind       untrusted.Text
	Repository untrusted.Text
	Workflow   untrusted.Text
}

// SpecError says what is wrong with a spec file, and where.
type SpecError = yamlfile.Error
