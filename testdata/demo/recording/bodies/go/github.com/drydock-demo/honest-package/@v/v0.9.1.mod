module github.com/drydock-demo/honest-package

go 1.24
