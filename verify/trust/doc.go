// Package trust provides what evidence is verified against: a Sigstore trust
// root and the keys of an npm registry.
//
// They come from files that the user names, from a recording, or from a TUF
// repository; a [Provider] loads them once, on first use and not before, and
// says where they came from ([Provider.Describe]). When they cannot be had,
// every package is unchecked with that reason, its evidence can only be looked
// at, and nothing is ever verified against less; whoever asks some time later
// tries again. What TUF gave is kept and serves offline until it expires,
// verified anew each time.
package trust
