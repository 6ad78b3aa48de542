module github.com/drydock-demo/incompatible

go 1.24
