module github.com/drydock-demo/retracted

go 1.24
