# This Dockerfile was made by plimsoll.
# spec: uvx/chroma/spec.yaml
# package: chroma-mcp 0.2.6
# registry: https://pypi.example/simple/
# provenance: partial
# WARNING: where this package was built is not proven for every file.
# https://pypi.example/simple/ was asked with credentials, which are not in this file: mount them as a secret of the build.

FROM ghcr.io/astral-sh/uv:0.8 AS uv

FROM python:3.13-slim AS install
COPY --from=uv ["/uv", "/usr/local/bin/uv"]
ENV UV_PYTHON_DOWNLOADS="never"
ENV UV_LINK_MODE="copy"
ENV UV_NO_CACHE="1"
ENV UV_INDEX=""
ENV UV_EXTRA_INDEX_URL=""
ENV UV_FIND_LINKS=""
RUN ["uv","venv","--no-config","/app"]
RUN ["python","-c","import sys; print(*sys.argv[2:], sep=chr(10), file=open(sys.argv[1], 'w'))","/tmp/pinned.txt","chroma-mcp==0.2.6 --hash=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa --hash=sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"]
RUN ["uv","pip","install","--no-config","--python","/app/bin/python","--default-index","https://pypi.example/simple/","--index-strategy","first-index","-r","/tmp/pinned.txt","--no-deps","--require-hashes"]
RUN ["python","-c","import sys; print(*sys.argv[2:], sep=chr(10), file=open(sys.argv[1], 'w'))","/tmp/overrides.txt","mcp[cli]>=1.28.1,<2","cryptography>=50.0.0"]
RUN ["uv","pip","install","--no-config","--python","/app/bin/python","--default-index","https://pypi.example/simple/","--index-strategy","first-index","-r","/tmp/pinned.txt","--verify-hashes","--override","/tmp/overrides.txt"]
RUN ["python","-c","import os, sys; p = '/app/bin/' + sys.argv[1]; os.access(p, os.X_OK) or sys.exit('plimsoll: expected a program called ' + sys.argv[1] + ', found none'); os.symlink(p, '/app/server')","chroma-mcp"]

FROM python:3.13-slim
WORKDIR /app
COPY --from=install ["/app", "/app"]
ENV PYTHONDONTWRITEBYTECODE="1"
ENV PYTHONUNBUFFERED="1"
LABEL org.opencontainers.image.title="chroma"
LABEL org.opencontainers.image.version="0.2.6"
LABEL plimsoll.package="chroma-mcp@0.2.6"
LABEL plimsoll.protocol="uvx"
LABEL plimsoll.spec="uvx/chroma/spec.yaml"
LABEL plimsoll.status="partial"
LABEL plimsoll.slsa.build-level="0"
LABEL plimsoll.artifacts="sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
LABEL plimsoll.registry="https://pypi.example/simple/"
LABEL plimsoll.dependencies="not pinned: their newest fitting versions were resolved when the image was built, and their provenance was not checked"
ENV HOME="/tmp"
USER 65532:65532
ENTRYPOINT ["/app/server"]
