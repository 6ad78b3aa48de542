module github.com/drydock-demo/another-owner

go 1.24
