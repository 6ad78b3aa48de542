module github.com/drydock-demo/info-of-another-version

go 1.24
