module github.com/drydock-demo/honest-module

go 1.24
