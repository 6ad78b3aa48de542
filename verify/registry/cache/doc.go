// Package cache keeps answers of registries in a folder, as a transport around
// the network.
//
// What never changes once it is there (registry.Immutable) is used for a day
// without asking; everything else is asked for again each time, with the
// entity tag of the kept answer, and used when the server says that it has not
// changed (RFC 9110, section 13.1.2: 304). A kept answer never stands in for
// one that could not be fetched; only offline is it used without asking, and then it
// says how old it is (registry.SetFetched). Verdicts are never kept.
//
// Each entry is one file, named by the SHA-256 of the address, the Accept
// header and the hash of the credentials, so that a private answer is given to
// nobody else:
//
//	64 hex digits   SHA-256 of all that follows the line feed
//	JSON, one line  what the answer was: see meta
//	the body
//
// A file is written under another name, synchronised, and then renamed: a
// program that is killed, or two at once, leave whole entries only, and the next
// one removes what is no entry. The hash
// is verified before an entry is used; what does not verify is removed and
// fetched anew. An existing library would have had to be bent: the old HTTP
// caches neither verify what they read nor bound their size, and the one of
// the Go toolchain neither synchronises nor holds entity tags.
package cache
