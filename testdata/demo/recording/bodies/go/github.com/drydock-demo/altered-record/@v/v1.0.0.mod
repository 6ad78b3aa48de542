module github.com/drydock-demo/altered-record

go 1.24
