module github.com/drydock-demo/pseudo-version

go 1.24
