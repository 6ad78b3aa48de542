# This Dockerfile was made by plimsoll.
# spec: npx/http/spec.yaml
# package: @acme/http-client 2.4.1
# registry: https://npm.example/
# provenance: verified
# to build: docker build -t registry.example/acme/http:2.4.1 -f FILE .

FROM node:22-slim AS install
WORKDIR /app
ENV npm_config_update_notifier="false"
RUN ["npm","pack","--ignore-scripts","--pack-destination","/app","--registry=https://npm.example/","--@acme:registry=https://npm.example/","@acme/http-client@2.4.1"]
RUN ["mv","/app/acme-http-client-2.4.1.tgz","/app/package.tgz"]
RUN ["node","-e","const fs = require('fs'), crypto = require('crypto'); const [file, want] = process.argv.slice(1); const got = crypto.createHash('sha512').update(fs.readFileSync(file)).digest('hex'); if (got !== want) { console.error('plimsoll: expected sha512 ' + want + ', found ' + got); process.exit(1); }","--","/app/package.tgz","abababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababab"]
RUN ["node","-e","const [name, where, ...rest] = process.argv.slice(1); const m = {private: true, dependencies: {[name]: where}, overrides: {}}; for (let i = 0; i + 1 < rest.length; i += 2) m.overrides[rest[i]] = rest[i + 1]; require('fs').writeFileSync('package.json', JSON.stringify(m));","--","@acme/http-client","file:/app/package.tgz","@modelcontextprotocol/sdk","1.26.0","minimatch",">=10.2.3 <11"]
RUN ["npm","install","--omit=dev","--no-audit","--no-fund","--ignore-scripts","--registry=https://npm.example/","--@acme:registry=https://npm.example/"]
RUN ["node","-e","const fs = require('fs'), path = require('path'); const [name, version] = process.argv.slice(1); const dir = path.join('node_modules', name), m = JSON.parse(fs.readFileSync(path.join(dir, 'package.json'))); const fail = (text) => { console.error('plimsoll: ' + text); process.exit(1); }; if (m.name !== name || m.version !== version) fail('expected ' + name + ' ' + version + ', found ' + m.name + ' ' + m.version); const bins = typeof m.bin === 'string' ? {[path.basename(name)]: m.bin} : m.bin || {}; const names = Object.keys(bins); const bin = names.length === 1 ? names[0] : path.basename(name); if (!Object.hasOwn(bins, bin)) fail('expected a program called ' + bin + ', found ' + (names.join(', ') || 'none')); const target = path.resolve(dir, bins[bin]); if (!target.startsWith(path.resolve(dir) + path.sep)) fail('the program lies outside the package'); fs.chmodSync(target, 0o755); fs.symlinkSync(target, 'server');","--","@acme/http-client","2.4.1"]
RUN ["rm","/app/package.tgz"]

FROM node:22-slim
WORKDIR /app
COPY --from=install ["/app", "/app"]
ENV NODE_ENV="production"
ENV npm_config_cache="/tmp/.npm"
LABEL org.opencontainers.image.title="http"
LABEL org.opencontainers.image.version="2.4.1"
LABEL org.opencontainers.image.ref.name="registry.example/acme/http:2.4.1"
LABEL org.opencontainers.image.source="https://github.com/acme/http"
LABEL org.opencontainers.image.revision="3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f"
LABEL plimsoll.source.ref="refs/tags/v2.4.1"
LABEL plimsoll.source.workflow=".github/workflows/release.yml"
LABEL plimsoll.issuer="https://token.actions.example"
LABEL plimsoll.package="@acme/http-client@2.4.1"
LABEL plimsoll.protocol="npx"
LABEL plimsoll.spec="npx/http/spec.yaml"
LABEL plimsoll.status="verified"
LABEL plimsoll.slsa.build-level="2"
LABEL plimsoll.artifacts="sha512:abababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababababab"
LABEL plimsoll.registry="https://npm.example/"
LABEL plimsoll.dependencies="not pinned: their newest fitting versions were resolved when the image was built, and their provenance was not checked"
ENV HOME="/tmp"
ENV MODE="a b=c"
USER 65532:65532
ENTRYPOINT ["/app/server","start","--port","80 80"]
