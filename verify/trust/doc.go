// Package trust provides what evidence is verified against: a Sigstore trust
// root and the keys of an npm registry.
//
// They come from files that the user names, from a recording, or from a TUF
// repository; a [Provider] loads them on first use and not before, and says
// where they came from ([Provider.Describe]). When they cannot be fetched, every
// package is unchecked, its evidence can only be looked at, and nothing is
// ever verified against less; whoever asks some time later tries again. What
// TUF gave is kept and serves offline until it expires, verified anew each time;
// several programs may keep it in one folder, and a damaged file of it is fetched again.
//
// No trust outlives itself. Whoever asks after it has expired gets it anew or
// not at all, and [Provider.Refresh] loads it again as another process would. A
// repository that cannot be reached, or that offers what is older, expired or
// not signed for it, leaves what was verified before until that expires; a file,
// target or key that is gone is no longer trust. Trusts are told apart by value:
// each other one is a new generation ([verify.Trust]), and what was verified by
// an older one is to be verified again.
package trust
