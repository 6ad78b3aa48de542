package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/goproxy"
	"plimsoll/verify/registry/recording"
)

// goRegistry asks with client what [goSetup] says, and writes that into the recording
// that is made, if there is one.
func goRegistry(env Env, client *registry.Client, recorded *recording.Recording, recorder *recording.Recorder, dir string) *goproxy.Registry {
	return goproxy.New(client, func() goproxy.Setup {
		setup := goSetup(env, recorded, dir)
		if recorder != nil {
			recorder.SetGo(setup.Recorded(), setup.Asked()...)
		}
		return setup
	})
}

// goSetup says which module proxies and which checksum database are asked: those of
// the recording, else those of the go command's settings. The newest tree head is kept
// in the cache's folder dir, or "" for none.
func goSetup(env Env, recorded *recording.Recording, dir string) goproxy.Setup {
	if recorded != nil {
		setup := goproxy.Recorded(recorded.Go, recorded.TreeHead)
		if recorded.Forked {
			setup.Heads.Doubt()
		}
		return setup
	}
	config := goproxy.Load(goproxy.Sources{Getenv: env.Getenv, GoEnv: goEnv(env)})
	if dir != "" {
		dir = filepath.Join(dir, "sumdb")
		untrusted.RemoveTemporary(dir)
	}
	heads, err := goproxy.OpenHeads(dir, config.Key)
	if err != nil {
		config.SumFault, heads = err, &goproxy.Heads{}
	}
	return goproxy.Setup{Config: config, Heads: heads}
}

// goEnvTime bounds how long the go command may take.
const goEnvTime = 10 * time.Second

// goEnv asks the go command for its settings. It runs outside any module, whose
// go.mod could name another toolchain to be fetched.
func goEnv(env Env) func(names ...string) (map[string]string, error) {
	return func(names ...string) (map[string]string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), goEnvTime)
		defer cancel()
		c := exec.CommandContext(ctx, "go", append([]string{"env", "-json"}, names...)...)
		c.Dir = os.TempDir()
		c.Env = append(env.Environ(), "GOTOOLCHAIN=local", "GOWORK=off", "GO111MODULE=off")
		out, err := c.Output()
		if err != nil {
			return nil, errors.New(untrusted.Message(err))
		}
		var values map[string]string
		if err := json.Unmarshal(out, &values); err != nil {
			return nil, untrusted.JSONError(err)
		}
		return values, nil
	}
}
