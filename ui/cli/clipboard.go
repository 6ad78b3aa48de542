package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/atotto/clipboard"
)

// copyTime is how long the system's clipboard may take.
const copyTime = 3 * time.Second

// systemClipboard returns the system's clipboard, or nil if there is none. On
// Unix that is a program such as xclip or wl-copy.
func systemClipboard() func(context.Context, string) error {
	if clipboard.Unsupported {
		return nil
	}
	return nativeClipboard{clipboard.WriteAll, copyTime}.Write
}

type nativeClipboard struct {
	write func(string) error
	limit time.Duration
}

// Write puts text on the clipboard. A program that does not end is left behind.
func (c nativeClipboard) Write(ctx context.Context, text string) error {
	written := make(chan error, 1)
	go func() {
		err := errors.New("it failed")
		defer func() {
			_ = recover() // nobody above this goroutine would catch it
			written <- err
		}()
		err = c.write(text)
	}()
	select {
	case err := <-written:
		if err != nil {
			return fmt.Errorf("the system's clipboard: %w", err)
		}
		return nil
	case <-time.After(c.limit):
		return errors.New("the system's clipboard does not answer")
	case <-ctx.Done():
		return ctx.Err()
	}
}
