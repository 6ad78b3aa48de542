package trust

import "github.com/sigstore/sigstore-go/pkg/tuf"

// Staging returns Sigstore's staging instance, whose trust root is for tests
// of clients.
func Staging() *TUF { return &TUF{Mirror: tuf.StagingMirror, Root: tuf.StagingRoot()} }
