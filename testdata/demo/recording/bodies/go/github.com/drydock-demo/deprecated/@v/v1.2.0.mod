// Deprecated: use github.com/drydock-demo/honest-module instead.
module github.com/drydock-demo/deprecated

go 1.24
