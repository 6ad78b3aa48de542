module github.com/drydock-demo/older-tree

go 1.24
