module github.com/drydock-demo/other-version

go 1.24
