module github.com/drydock-demo/other-module

go 1.24
