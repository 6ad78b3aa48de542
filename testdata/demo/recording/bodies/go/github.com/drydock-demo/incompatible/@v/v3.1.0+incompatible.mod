module github.com/drydock-demo/incompatible
