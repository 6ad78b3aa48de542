// Package goproxy gets what module proxies and the checksum database offer for a
// version of a Go module (https://go.dev/ref/mod): the database's record with the
// tiles that lead to its signed tree, the module's .info, go.mod and zip, and its
// other versions. It decides nothing; see [verify.Verify].
//
//	[Load]      the settings that the go command obeys → Config
//	[Registry]  a release → its module → verify.Evidence
//	database    lookups and tiles, through a proxy or direct
package goproxy
