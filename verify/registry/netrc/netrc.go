// Package netrc reads logins from ~/.netrc as the programs do whose registries are
// asked. They agree on little: what is quoted, what default means, which of two entries
// counts, whether a machine is a host or the beginning of an address.
package netrc

import "plimsoll/verify/registry"

// Login is a user name and a password.
type Login struct{ User, Password string }

// Basic returns the header's value (RFC 7617).
func (l Login) Basic() string { return registry.Basic(l.User + ":" + l.Password) }
