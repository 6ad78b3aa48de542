package pypi

import (
	"cmp"
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"plimsoll/verify/registry"
	"plimsoll/verify/registry/netrc"
)

// stored is a credential that "uv auth login" keeps for a service and what is
// below it.
type stored struct {
	Service  string `toml:"service"`
	Username string `toml:"username"`
	Scheme   string `toml:"scheme"` // basic, which is the default, or bearer
	Password string `toml:"password"`
	Token    string `toml:"token"`
}

// loadStored reads what uv keeps, in the file of that name. The error quotes nothing of it.
func loadStored(getenv func(string) string) (list []stored, name string, err error) {
	dir := getenv("UV_CREDENTIALS_DIR")
	if dir == "" {
		data := getenv("XDG_DATA_HOME")
		if !filepath.IsAbs(data) {
			data = filepath.Join(getenv("HOME"), ".local/share")
		}
		dir = filepath.Join(data, "uv/credentials")
	}
	if !filepath.IsAbs(dir) { // one of the working directory never counts
		return nil, "", nil
	}
	name = filepath.Join(dir, "credentials.toml")
	data, err := readSettings(getenv, "", name)
	var file struct {
		Credentials []stored `toml:"credential"`
	}
	if err == nil {
		_, err = toml.Decode(string(data), &file)
	}
	if err != nil {
		return nil, name, errors.New("it cannot be read")
	}
	return file.Credentials, name, nil
}

// storedFor returns the header's value of the credential for an address, and that
// of user if it is not "": of the longest service that the address is below, and ""
// if two are as long.
func storedFor(all []stored, at *url.URL, user string) (header string) {
	longest := -1
	for _, s := range all {
		service, err := url.Parse(s.Service)
		if err != nil || service.Scheme == "" {
			service, err = url.Parse("https://" + s.Service)
		}
		if err != nil {
			continue
		}
		path := strings.TrimSuffix(service.Path, "/")
		if !registry.SameHost(service, at) || !strings.HasPrefix(at.Path, path+"/") || user != "" && user != s.Username {
			continue
		}
		switch {
		case len(path) == longest:
			header = ""
		case len(path) > longest:
			longest = len(path)
			if header = "Bearer " + s.Token; cmp.Or(s.Scheme, "basic") == "basic" {
				header = netrc.Login{User: s.Username, Password: s.Password}.Basic()
			}
		}
	}
	return header
}
