# This Dockerfile was made by plimsoll.
# spec: go/tool/spec.yaml
# package: git.dock.example/tool/cmd/server v1.2.0
# registry: https://modules.example/
# provenance: signed
# WARNING: where this package was built is not proven for every file.
# https://modules.example/ was asked with credentials, which are not in this file: mount them as a secret of the build.

FROM golang:1.25 AS install
WORKDIR /app
ENV GOPROXY="https://modules.example/"
ENV GOSUMDB="sum.demo.example+0f2c61d3+AYjff78odZRSYgIZg37YwIiN4Pjk5H44IKndQWCeadR8"
ENV GOFLAGS="-mod=mod"
ENV GOBIN="/app/bin"
ENV CGO_ENABLED="0"
ENV GOENV="off"
ENV GOTOOLCHAIN="local"
ENV GO111MODULE="on"
ENV GOWORK="off"
ENV GOVCS="*:off"
ENV GOPRIVATE=""
ENV GONOPROXY=""
ENV GONOSUMDB=""
ENV GOINSECURE=""
RUN ["go","install","git.dock.example/tool/cmd/server@v1.2.0"]
RUN ["awk","BEGIN { want = ARGV[1] \" \" ARGV[2] \" \" ARGV[3]; while ((\"go version -m /app/bin\" | getline line) > 0) { split(line, f, \"\\t\"); if (f[2] == \"mod\") { found = f[3] \" \" f[4] \" \" f[5]; programs++ } } if (programs != 1 || found != want) { print \"plimsoll: expected a program of \" want \", found \" (programs ? found : \"none\"); exit 1 } exit system(\"mv /app/bin/* /app/server\") != 0 }","git.dock.example/tool","v1.2.0","h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]

FROM gcr.io/distroless/static-debian12
WORKDIR /app
COPY --from=install ["/app/server", "/app/server"]
LABEL org.opencontainers.image.title="tool"
LABEL org.opencontainers.image.version="v1.2.0"
LABEL plimsoll.package="git.dock.example/tool/cmd/server@v1.2.0"
LABEL plimsoll.protocol="go"
LABEL plimsoll.spec="go/tool/spec.yaml"
LABEL plimsoll.status="signed"
LABEL plimsoll.slsa.build-level="0"
LABEL plimsoll.artifacts="h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
LABEL plimsoll.registry="https://modules.example/"
LABEL plimsoll.dependencies="of the versions that the module asks for, and in the bytes that the checksum database names; their provenance was not checked"
ENV HOME="/tmp"
ENV MODE="a b=c"
USER 65532:65532
ENTRYPOINT ["/app/server","start"]
