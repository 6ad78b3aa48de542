module github.com/drydock-demo/record-missing

go 1.24
