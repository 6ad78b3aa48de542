//go:build !windows && (!unix || aix || solaris)

package untrusted

import (
	"errors"
	"os"
)

func lock(*os.File, bool) error { return errors.ErrUnsupported }
