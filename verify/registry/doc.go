// Package registry is the HTTP client that fetches evidence: bounded reads,
// time limits, host rules, and retries of what is retryable. Its
// children speak the protocols: registry/npm and registry/pypi turn a release
// into [verify.Evidence], registry/cache keeps answers in a folder, and
// registry/recording records answers and gives them back.
//
// Nothing that a registry says decides where plimsoll goes next: an address
// inside metadata is used by its path only, on the configured host, and
// redirects never leave it.
package registry
