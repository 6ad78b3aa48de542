// Package e2e tests the whole way from a spec and what registries answer to
// the verdict: on the demo, on recorded evidence, on mutants of good evidence,
// and against registries that fail, lie or send too much. It holds tests only.
package e2e
