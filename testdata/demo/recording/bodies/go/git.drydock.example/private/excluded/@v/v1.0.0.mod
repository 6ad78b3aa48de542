module git.drydock.example/private/excluded

go 1.24
