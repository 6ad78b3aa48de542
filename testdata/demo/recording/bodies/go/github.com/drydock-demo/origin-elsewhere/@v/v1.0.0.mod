module github.com/drydock-demo/origin-elsewhere

go 1.24
