// @ts-check
/** What is in deploy/: its files have the shapes that their readers expect, and refer to what is there. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { describeSchema, loadConfig } from '@orbit-ts/base'
import { configSchema, startServer } from '@orbit-ts/server'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { parse, parseAllDocuments } from 'yaml'
import { root } from '../../tools/source-files.js'
import { KUBERNETES_SHAPES } from './kubernetes-shapes.js'
import { shapeProblems } from './shapes.js'

const DEPLOY = join(root, 'deploy')
/** @param {string} path @returns {any} */
const yaml = (path) => parse(readFileSync(join(DEPLOY, path), 'utf8'), { merge: true, uniqueKeys: true })

/** Patterns of the names that settings have in the environment. */
const VARIABLES = describeSchema(configSchema).map(
  ({ env }) => new RegExp(`^${env.replaceAll(/<\w+>/g, '\\w+')}$`),
)
const ALIASES = ['ORBIT_TIKV_ENDPOINTS']

/** That rules may group by or ask for. */
const LABELS = [
  ...['instance', 'job', 'le'],
  ...['provider', 'method', 'fact', 'status', 'store', 'trouble', 'kind', 'cache'],
]

/** What docs/server.md says is watched of a cluster and of actors. */
const WATCHED = [
  'orbit_actor_region_mappings',
  'orbit_cache_hit_ratio',
  'orbit_cluster_region_count',
  'orbit_cluster_store_available_bytes',
  'orbit_cluster_store_capacity_bytes',
  'orbit_cluster_store_leaders',
  'orbit_cluster_store_regions',
  'orbit_cluster_store_used_bytes',
  'orbit_cross_model_transactions_total',
  'orbit_data_locality_score',
  'orbit_migration_operations_total',
  'orbit_tikv_request_seconds',
]

describe('the rules for Prometheus', () => {
  const rule = /** @type {const} */ ({ expr: 'string' })
  const rules = yaml('prometheus/orbit-rules.yaml')
  /** @type {any[]} */
  const all = rules.groups.flatMap((/** @type {any} */ group) => group.rules)

  test('have its shape', () => {
    const alert = { summary: 'string', description: 'string' }
    const problems = all.flatMap((one) =>
      'record' in one
        ? shapeProblems({ ...rule, record: 'string' }, one, one.record)
        : shapeProblems(
            {
              ...rule,
              alert: 'string',
              'for?': 'string',
              labels: { severity: 'string' },
              annotations: alert,
            },
            one,
            one.alert,
          ),
    )
    assert.deepEqual(problems, [])
    const names = all.map(({ record, alert: name }) => record ?? name)
    assert.equal(new Set(names).size, names.length)
    for (const { labels } of all.filter(({ alert: name }) => name !== undefined))
      assert.ok(['warning', 'critical'].includes(labels.severity))
    for (const { for: time } of all) assert.match(time ?? '1m', /^\d+[smh]$/)
  })

  test('speak of metrics that a server on TiKV has, and of figures that are recorded', async (context) => {
    const cluster = await TestCluster.start({ transport: 'sockets' })
    const { value: config } = loadConfig(configSchema, {
      flags: { 'http-port': '0', 'tikv-pd-endpoints': cluster.pdEndpoints.join(','), 'log-level': 'silent' },
    })
    const server = await startServer(config)
    context.after(async () => {
      await server.close()
      await cluster.close()
    })
    const [url] = server.urls
    await fetch(`${url}/health/ready`)
    const scraped = await (await fetch(`${url}/metrics`)).text()
    const types = new Map(
      [...scraped.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
    )
    const recorded = new Set(all.flatMap(({ record }) => record ?? []))
    /** @param {string} name */
    const isKnown = (name) => {
      if (name.startsWith('orbit:')) return recorded.has(name)
      if (types.get(name) === 'counter' || types.get(name) === 'gauge') return true
      const [, base, part] = /^(.*)_(bucket|count|sum)$/.exec(name) ?? []
      return part !== undefined && types.get(base) === 'histogram'
    }
    const named = all.flatMap(({ expr }) => expr.match(/\borbit[_:][a-z0-9_:]+/g) ?? [])
    assert.ok(named.length >= 34)
    assert.deepEqual(
      named.filter((name) => !isKnown(name)),
      [],
    )
    assert.deepEqual(
      WATCHED.filter((name) => !types.has(name)),
      [],
    )
    assert.match(scraped, /^orbit_provider_health\{provider="tikv"\} 0$/m)
    for (const [, fact] of all.flatMap(({ expr }) => [...expr.matchAll(/fact="(\w+)"/g)]))
      assert.ok(scraped.includes(`fact="${fact}"`), fact)
  })

  test('have balanced brackets, and labels that there are', () => {
    const known = new Set(LABELS)
    for (const { expr } of all) {
      for (const [open, close] of ['()', '{}', '[]'].map((pair) => [...pair]))
        assert.equal(expr.split(open).length, expr.split(close).length, expr)
      for (const [, list = ''] of expr.matchAll(/ by \(([^)]*)\)/g))
        for (const label of list.split(',')) assert.ok(known.has(label.trim()), label)
      for (const [, label = ''] of expr.matchAll(/[{,](\w+)=/g)) assert.ok(known.has(label), label)
    }
  })

  test('are read by the configuration beside them', () => {
    const { rule_files: files, scrape_configs: jobs } = yaml('prometheus/prometheus.yaml')
    assert.deepEqual(files, ['orbit-rules.yaml'])
    const { services } = yaml('compose.yaml')
    for (const { static_configs: targets } of jobs)
      for (const target of targets[0].targets)
        assert.ok(Object.hasOwn(services, target.split(':')[0]), target)
    assert.ok(jobs.some((/** @type {any} */ { job_name: name }) => name === 'orbit'))
  })
})

describe('the containers', () => {
  const compose = yaml('compose.yaml')
  const service = {
    image: 'string',
    'build?': { context: 'string', dockerfile: 'string' },
    'command?': ['string'],
    'environment?': { '*': 'string' },
    'volumes?': ['string'],
    'secrets?': ['string'],
    'ports?': ['string'],
    'depends_on?': ['string'],
    'profiles?': ['string'],
    'restart?': 'string',
    'stop_grace_period?': 'string',
    'healthcheck?': { test: ['string'], interval: 'string', timeout: 'string', start_period: 'string' },
  }

  test('have the shape of Compose, and name services, volumes, secrets and files that there are', () => {
    const { services, volumes, secrets } = compose
    assert.deepEqual(shapeProblems({ '*': service }, services, 'services'), [])
    const problems = Object.entries(services).flatMap(([name, one]) => [
      ...(one.depends_on ?? []).filter((/** @type {string} */ other) => !Object.hasOwn(services, other)),
      ...(one.secrets ?? []).filter((/** @type {string} */ secret) => !Object.hasOwn(secrets, secret)),
      ...(one.volumes ?? [])
        .map((/** @type {string} */ volume) => volume.split(':')[0] ?? '')
        .filter((/** @type {string} */ source) =>
          source.startsWith('.') ? !existsSync(join(DEPLOY, source)) : !Object.hasOwn(volumes, source),
        )
        .map((/** @type {string} */ source) => `${name}: ${source}`),
    ])
    assert.deepEqual(problems, [])
    assert.ok(existsSync(join(root, services['orbit-1'].build.dockerfile)))
  })

  test('publish ports on this machine alone, each once', () => {
    /** @type {string[]} */
    const ports = Object.values(compose.services).flatMap((one) => one.ports ?? [])
    assert.ok(ports.every((port) => port.startsWith('127.0.0.1:')))
    assert.equal(new Set(ports.map((port) => port.split(':')[1])).size, ports.length)
  })

  test('set what Orbit has settings for', () => {
    const names = Object.keys(compose.services['orbit-1'].environment)
    const unknown = names.filter(
      (name) => !ALIASES.includes(name) && !VARIABLES.some((variable) => variable.test(name)),
    )
    assert.deepEqual(unknown, [])
    const { environment: env, command, volumes } = compose.services['orbit-1']
    const [source = '', target] = volumes[0].split(':')
    assert.deepEqual(command, ['serve', '--config', target])
    /** @type {string[]} */
    const secrets = []
    const { value } = loadConfig(configSchema, {
      env,
      file: { path: target, text: readFileSync(join(DEPLOY, source), 'utf8') },
      readTextFile: (path) => {
        secrets.push(path)
        return 'secret'
      },
    })
    assert.deepEqual([value.server.host, value.providers['tikv']?.type], ['0.0.0.0', 'tikv'])
    assert.deepEqual([value.postgres.host, value.postgres.auth], ['0.0.0.0', 'scram-sha-256'])
    const named = [value.server.authTokensFile, ...secrets]
    assert.deepEqual(
      named,
      compose.services['orbit-1'].secrets.map((/** @type {string} */ name) => `/run/secrets/${name}`),
    )
    for (const name of ['orbit-1', 'orbit-2'])
      assert.deepEqual(
        compose.services[name].ports.map((/** @type {string} */ port) => Number(port.split(':')[2])),
        [value.server.httpPort, value.postgres.port],
      )
  })

  test('are built from what the tree has', () => {
    const dockerfile = readFileSync(join(DEPLOY, 'Dockerfile'), 'utf8')
    const [, program = ''] = /ENTRYPOINT \["node", "([^"]+)"\]/.exec(dockerfile) ?? []
    assert.ok(existsSync(join(root, program)), program)
    assert.match(dockerfile, /^USER node$/m)
    const { server, postgres } = loadConfig(configSchema, {}).value
    assert.match(dockerfile, new RegExp(`^EXPOSE ${server.httpPort} ${postgres.port}$`, 'm'))
  })

  test('are built without the data, the secrets and the packages that lie in a checkout', () => {
    const left = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
    const made = readFileSync(join(root, '.gitignore'), 'utf8').match(/^\/.*\/$/gm) ?? []
    assert.ok(made.includes('/deploy/secrets/'))
    const wanted = ['.git', '**/node_modules', '**/dist', ...made.map((path) => path.slice(0, -1))]
    assert.deepEqual(
      wanted.filter((path) => !left.includes(path)),
      [],
    )
  })
})

describe('the Kubernetes manifests', () => {
  /** @type {any[]} */
  const objects = ['orbit.yaml', 'tikv.yaml'].flatMap((name) => {
    const documents = parseAllDocuments(readFileSync(join(DEPLOY, 'kubernetes', name), 'utf8'))
    for (const document of documents) assert.deepEqual(document.errors, [])
    return documents.map((document) => document.toJS())
  })
  /** @param {string} kind */
  const ofKind = (kind) => objects.filter((object) => object.kind === kind)
  const sets = ofKind('StatefulSet')

  test('have the shapes of their kinds', () => {
    for (const object of objects) {
      const known = KUBERNETES_SHAPES[object.kind]
      assert.ok(known !== undefined, object.kind)
      assert.equal(object.apiVersion, known.apiVersion)
      assert.deepEqual(shapeProblems(known.shape, object, `${object.kind} ${object.metadata.name}`), [])
    }
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    assert.equal(new Set(names).size, names.length)
    assert.deepEqual(sets.map(({ metadata }) => metadata.name).sort(), ['orbit', 'pd', 'tikv'])
  })

  test('select the pods that they make: sets, services and disruption budgets', () => {
    const podLabels = sets.map(({ spec }) => spec.template.metadata.labels)
    for (const { spec, metadata } of sets) {
      assert.deepEqual(spec.selector.matchLabels, spec.template.metadata.labels, metadata.name)
      assert.ok(ofKind('Service').some((service) => service.metadata.name === spec.serviceName))
      assert.ok(ofKind('PodDisruptionBudget').some((budget) => budget.metadata.name === metadata.name))
    }
    const selected = [
      ...ofKind('Service').map(({ spec }) => spec.selector),
      ...ofKind('PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels),
    ]
    for (const labels of selected)
      assert.ok(
        podLabels.some((pod) => JSON.stringify(pod) === JSON.stringify(labels)),
        JSON.stringify(labels),
      )
  })

  test('name ports, volumes, accounts and configuration that there are', () => {
    for (const { spec, metadata } of sets) {
      const { containers, volumes = [], serviceAccountName } = spec.template.spec
      const [{ ports, volumeMounts, ...container }] = containers
      const portNames = ports.map((/** @type {any} */ port) => port.name)
      const service = ofKind('Service').find((one) => one.metadata.name === spec.serviceName)
      for (const { targetPort } of service.spec.ports) assert.ok(portNames.includes(targetPort), targetPort)
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'].flatMap(
        (p) => container[p] ?? [],
      ))
        assert.ok(portNames.includes((probe.httpGet ?? probe.tcpSocket).port))
      const claims = spec.volumeClaimTemplates ?? []
      const known = [
        ...volumes.map((/** @type {any} */ volume) => volume.name),
        ...claims.map((/** @type {any} */ claim) => claim.metadata.name),
      ]
      assert.deepEqual(volumeMounts.map((/** @type {any} */ mount) => mount.name).sort(), known.sort())
      for (const { configMap } of volumes.filter((/** @type {any} */ volume) => volume.configMap))
        assert.ok(ofKind('ConfigMap').some((map) => map.metadata.name === configMap.name))
      if (serviceAccountName !== undefined)
        assert.ok(ofKind('ServiceAccount').some((account) => account.metadata.name === serviceAccountName))
      // Of the tag "latest", or of none, Kubernetes asks a registry each time.
      assert.match(container.image, /^[^:]+:v?\d+\.\d+\.\d+$/, metadata.name)
      assert.ok(spec.template.spec.affinity !== undefined, metadata.name)
    }
  })

  test('allow Orbit nothing of the Kubernetes API, of which it asks nothing', () => {
    const accounts = ofKind('ServiceAccount').map(({ metadata }) => metadata.name)
    const roles = ofKind('Role')
    assert.deepEqual([accounts, roles.map(({ metadata }) => metadata.name)], [['orbit'], ['orbit']])
    assert.deepEqual(roles[0].rules, [])
    assert.ok(ofKind('ServiceAccount').every((account) => account.automountServiceAccountToken === false))
    for (const { roleRef, subjects, apiVersion } of ofKind('RoleBinding')) {
      assert.ok(apiVersion.startsWith(`${roleRef.apiGroup}/`))
      assert.ok(roles.some(({ kind, metadata }) => kind === roleRef.kind && metadata.name === roleRef.name))
      for (const { kind, name } of subjects)
        assert.ok(ofKind(kind).some(({ metadata }) => metadata.name === name))
    }
    assert.equal(ofKind('RoleBinding').length, 1)
  })

  test('configure Orbit as it is run, and find the members of PD where they are', () => {
    const [map] = ofKind('ConfigMap')
    /** @type {string[]} */
    const files = []
    /** @param {string} text */
    const load = (text) =>
      loadConfig(configSchema, {
        file: { path: 'orbit.toml', text },
        readTextFile: (path) => {
          files.push(path)
          return 'secret'
        },
      }).value
    const value = load(map.data['orbit.toml'])
    const { tikv } = value.providers
    assert.ok(tikv?.type === 'tikv')
    const pd = sets.find(({ metadata }) => metadata.name === 'pd')
    const members = Array.from(
      { length: pd.spec.replicas },
      (_, at) => `pd-${at}.${pd.spec.serviceName}:2379`,
    )
    assert.deepEqual(tikv.pdEndpoints, members)
    const orbit = sets.find(({ metadata }) => metadata.name === 'orbit').spec.template.spec
    const [container] = orbit.containers
    const served = { http: value.server.httpPort, postgres: value.postgres.port }
    assert.deepEqual(
      Object.fromEntries(container.ports.map((/** @type {any} */ port) => [port.name, port.containerPort])),
      served,
    )
    const service = ofKind('Service').find(({ metadata }) => metadata.name === 'orbit')
    assert.deepEqual(
      Object.fromEntries(service.spec.ports.map((/** @type {any} */ port) => [port.targetPort, port.port])),
      served,
    )
    assert.deepEqual([value.server.host, value.postgres.host], ['0.0.0.0', '0.0.0.0'])
    assert.deepEqual([value.postgres.auth, value.postgres.tlsRequired], ['scram-sha-256', true])
    const withTls = load(map.data['orbit.toml'].replaceAll(/^# (?=\[providers\.tikv\.tls\]|\w+_file)/gm, ''))
    const { tikv: secured } = withTls.providers
    assert.ok(secured?.type === 'tikv' && tikv.tls === undefined)
    files.push(...[secured.tls?.caFile, secured.tls?.certFile, secured.tls?.keyFile].map(String))
    files.push(
      ...[value.server.authTokensFile, value.postgres.tlsCertFile, value.postgres.tlsKeyFile].map(String),
    )
    const volumes = new Map(orbit.volumes.map((/** @type {any} */ volume) => [volume.name, volume]))
    const mounted = container.volumeMounts.filter(
      (/** @type {any} */ mount) => volumes.get(mount.name).secret,
    )
    assert.deepEqual(
      files.filter(
        (file) => !mounted.some((/** @type {any} */ mount) => file.startsWith(`${mount.mountPath}/`)),
      ),
      [],
    )
    // Each secret is told of where it is made.
    const text = readFileSync(join(DEPLOY, 'kubernetes/orbit.yaml'), 'utf8')
    for (const { name } of mounted) {
      const { secretName } = volumes.get(name).secret
      assert.match(text, new RegExp(`^#   kubectl create secret (generic|tls) ${secretName} `, 'm'))
    }
    assert.ok(orbit.terminationGracePeriodSeconds * 1000 > value.server.shutdownTimeoutMs)
    const tikvSet = sets.find(({ metadata }) => metadata.name === 'tikv').spec.template.spec
    assert.ok(tikvSet.containers[0].args.includes(`--pd-endpoints=${members.join(',')}`))
    const [, cluster] =
      /--initial-cluster=(.*)/.exec(pd.spec.template.spec.containers[0].args.join('\n')) ?? []
    assert.equal(cluster?.split(',').length, pd.spec.replicas)
  })
})
