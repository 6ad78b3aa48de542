module github.com/drydock-demo/rolled-back-tree

go 1.24
