module github.com/drydock-demo/retracted

go 1.24

// Sends every answer to all clients.
retract v1.1.0
