// Package build writes the Dockerfile of a catalog's package: an image that
// holds exactly the version that the spec names, in exactly the bytes that
// were verified, and runs it as a user without rights.
//
// Everything in a spec and in a certificate is text from outside. Three rules
// keep it from becoming instructions: each value must be of the few characters
// that its kind needs, or the Dockerfile is refused; commands are JSON arrays,
// which no shell reads; and programs that the image runs while it is built are
// constants, which get their values as arguments.
//
// The package runs no container engine and opens no network.
package build
