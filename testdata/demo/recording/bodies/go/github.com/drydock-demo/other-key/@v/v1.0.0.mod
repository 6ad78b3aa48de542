module github.com/drydock-demo/other-key

go 1.24
