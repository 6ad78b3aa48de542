module github.com/drydock-demo/honest-major/v2

go 1.24
