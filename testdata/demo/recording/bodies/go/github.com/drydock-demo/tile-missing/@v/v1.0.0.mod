module github.com/drydock-demo/tile-missing

go 1.24
