module github.com/drydock-demo/forged-tile

go 1.24
