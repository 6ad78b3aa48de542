module github.com/drydock-demo/forked-tree

go 1.24
