module github.com/drydock-demo/go-mod-differs

go 1.24

require github.com/pier-nine/extra v1.0.0
