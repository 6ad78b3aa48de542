module github.com/drydock-demo/just-published

go 1.24
