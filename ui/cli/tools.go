//go:build tools

package cli

// The programs below testdata (the forge, the pictures, the manual pages, the
// benchmarks) need these as well. The go command leaves folders of that name
// out when it tidies go.mod, so they are named here; nothing is built from this
// file.
import (
	_ "github.com/cpuguy83/go-md2man/v2/md2man"
	_ "github.com/creack/pty"
	_ "github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"
	_ "github.com/google/certificate-transparency-go"
	_ "github.com/google/certificate-transparency-go/tls"
	_ "github.com/google/certificate-transparency-go/x509"
	_ "github.com/hinshun/vt10x"
	_ "github.com/secure-systems-lab/go-securesystemslib/dsse"
	_ "github.com/transparency-dev/merkle/proof"
	_ "github.com/transparency-dev/merkle/rfc6962"
	_ "golang.org/x/perf/benchfmt"
)
