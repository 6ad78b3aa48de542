// Package registry is the HTTP client that fetches evidence: bounded reads,
// time limits, host rules. Its children speak the protocols: registry/npm and
// registry/pypi turn a release into [verify.Evidence], and registry/replay is
// an http.RoundTripper over recorded responses.
//
// Nothing that a registry says decides where plimsoll goes next: an address
// inside metadata is used by its path only, on the configured host, and
// redirects never leave it.
package registry
