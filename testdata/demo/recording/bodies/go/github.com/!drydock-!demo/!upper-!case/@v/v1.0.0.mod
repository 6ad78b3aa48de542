module github.com/Drydock-Demo/Upper-Case

go 1.24
