//go:build !unix

package ui

func newJobs() jobs { return jobs{} }

func (jobs) end() {}

func (jobs) stop(bool) error { return errNotStopped }
