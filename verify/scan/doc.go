// Package scan is the engine: it verifies the packages of a catalog
// concurrently and reports what happens as one stream of events, the same for
// the screen, the reports and the build gate.
//
//	specs ─► queue ─► fetch (bounded, network) ─► verify (bounded, cores) ─► handler
//
// What the screen shows goes first ([Scan.Promote]), and a package that somebody
// opens is checked beside the queue ([Scan.Examine]); cancelling the context
// stops both stages. A panic in one package makes that package unchecked.
// The handler is never called from two goroutines at once.
package scan
