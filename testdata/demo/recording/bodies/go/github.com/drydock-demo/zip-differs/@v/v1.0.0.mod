module github.com/drydock-demo/zip-differs

go 1.24
