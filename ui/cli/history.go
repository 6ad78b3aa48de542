package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

// history fetches what the registry offers for all versions of a package, for
// whoever looks at it. A panic is this history's error.
func (e *engine) history(ctx context.Context, spec catalog.Spec, checked *verify.Report) (_ history.History, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("panic while fetching a history", "spec", spec.Path.String(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("internal error while fetching the history: %v", p)
		}
	}()
	if spec.Err != nil || checked.Release.Name == "" {
		return history.History{}, errors.New("the spec names no package")
	}
	return e.registries.Versions(ctx, checked.Release)
}
