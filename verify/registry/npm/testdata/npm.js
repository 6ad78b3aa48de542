// Answers, with npm's own modules, what npm makes of files and variables.
// The file that is named: [{home, builtin, cwd, env: ["NAME=value"], asks: ["auth https://…"]}]
// stdout: [["Bearer …"]]
const [root, questions] = process.argv.slice(2)
const modules = root + '/node_modules/'
const Config = require(modules + '@npmcli/config')
const { definitions, shorthands, flatten, nerfDarts } = require(modules + '@npmcli/config/lib/definitions')
const { pickRegistry, getAuth } = require(modules + 'npm-registry-fetch')
const proxyModule = require.resolve(modules + '@npmcli/agent/lib/proxy.js')

const show = v => v === undefined ? 'undefined'
  : Array.isArray(v) ? '[' + v.map(show).join(',') + ']'
  : v && typeof v === 'object' ? '{}' : JSON.stringify(v)

const header = (uri, flat) => {
  const { token, auth } = getAuth(uri, flat)
  const own = new URL(flat.registry || 'https://none.example')
  return token ? `Bearer ${token}` : auth ? `Basic ${auth}`
    : own.host === new URL(uri).host && (own.username || own.password) ? 'Basic ' + Buffer.from(`${own.username}:${own.password}`).toString('base64') : ''
}

const proxyOf = (uri, flat, env) => {
  for (const name of Object.keys(process.env)) {
    delete process.env[name]
  }
  Object.assign(process.env, env)
  delete require.cache[proxyModule]
  const { getProxy, getProxyAgent } = require(proxyModule)
  const proxy = getProxy(uri, { proxy: flat.httpsProxy || flat.proxy, noProxy: flat.noProxy })
  if (!proxy) {
    return 'none'
  }
  getProxyAgent(proxy)
  return proxy.href
}

const answer = (ask, flat, env) => {
  const [, verb, what] = ask.match(/^(\S+) ?(.*)$/)
  switch (verb) {
    case 'get': return show(flat[what])
    case 'all': return Object.keys(flat).filter(k => /^\/\/|@.*:registry$/i.test(k)).concat(what.split(' ')).sort()
      .map(k => k + '\n' + show(flat[k])).join('\n')
    case 'registry': return String(pickRegistry(what, flat))
    case 'auth': return header(what, flat)
    case 'proxy': return proxyOf(what, flat, env)
    case 'authorities': return String(flat.ca ? flat.ca.join('\n').split('-----BEGIN CERTIFICATE-----').length - 1 : 'the system')
  }
}

const run = async ({ home, builtin, cwd, env, asks }) => {
  const vars = Object.fromEntries(env.map(v => [v.slice(0, v.indexOf('=')), v.slice(v.indexOf('=') + 1)]))
  try {
    const config = new Config({
      definitions, shorthands, flatten, nerfDarts, npmPath: builtin, env: vars, argv: ['node', 'npm'],
      execPath: home + '/node/bin/node', platform: 'linux', cwd, warn: false,
    })
    await config.load()
    const flat = config.flat
    return asks.map(ask => {
      if (ask === 'refused') {
        try {
          config.validate()
          return 'no'
        } catch (e) {
          return e.code
        }
      }
      try {
        return answer(ask, flat, vars)
      } catch (e) {
        return 'error'
      }
    })
  } catch (e) {
    return asks.map(() => 'error')
  }
}

(async () => {
  const out = []
  for (const c of JSON.parse(require('fs').readFileSync(questions, 'utf8'))) {
    out.push(await run(c))
  }
  process.stdout.write(JSON.stringify(out))
})()
