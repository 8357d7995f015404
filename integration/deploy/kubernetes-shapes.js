// @ts-check
/** @typedef {import('./shapes.js').Shape} Shape */

const RBAC = 'rbac.authorization.k8s.io/v1'
const labels = { '*': 'string' }
const metadata = { name: 'string', 'labels?': labels }
const header = { apiVersion: 'string', kind: 'string', metadata }
const selector = { matchLabels: labels }
const quantities = { 'cpu?': 'text or number', 'memory?': 'string' }
const probe = {
  'httpGet?': { path: 'string', port: 'text or number' },
  'tcpSocket?': { port: 'text or number' },
  'periodSeconds?': 'number',
  'timeoutSeconds?': 'number',
  'failureThreshold?': 'number',
}
const container = {
  name: 'string',
  image: 'string',
  'imagePullPolicy?': 'string',
  'command?': ['string'],
  'args?': ['string'],
  'env?': [{ name: 'string', 'value?': 'string', 'valueFrom?': { fieldRef: { fieldPath: 'string' } } }],
  ports: [{ name: 'string', containerPort: 'number' }],
  'startupProbe?': probe,
  'livenessProbe?': probe,
  readinessProbe: probe,
  resources: { requests: quantities, 'limits?': quantities },
  'securityContext?': {
    allowPrivilegeEscalation: 'boolean',
    readOnlyRootFilesystem: 'boolean',
    capabilities: { drop: ['string'] },
  },
  volumeMounts: [{ name: 'string', mountPath: 'string', 'readOnly?': 'boolean' }],
}
const pod = {
  'serviceAccountName?': 'string',
  'terminationGracePeriodSeconds?': 'number',
  'securityContext?': { runAsNonRoot: 'boolean', runAsUser: 'number', seccompProfile: { type: 'string' } },
  'affinity?': {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 'number', podAffinityTerm: { topologyKey: 'string', labelSelector: selector } },
      ],
    },
  },
  containers: [container],
  'volumes?': [
    {
      name: 'string',
      'configMap?': { name: 'string' },
      'secret?': { secretName: 'string', 'optional?': 'boolean' },
      'emptyDir?': {},
    },
  ],
}

/**
 * The fields of Kubernetes' API that the manifests use, by kind, as its reference has them.
 * @type {Readonly<Record<string, { apiVersion: string, shape: Shape }>>}
 */
export const KUBERNETES_SHAPES = {
  ServiceAccount: { apiVersion: 'v1', shape: { ...header, automountServiceAccountToken: 'boolean' } },
  Role: {
    apiVersion: RBAC,
    shape: { ...header, rules: [{ apiGroups: ['string'], resources: ['string'], verbs: ['string'] }] },
  },
  RoleBinding: {
    apiVersion: RBAC,
    shape: {
      ...header,
      roleRef: { apiGroup: 'string', kind: 'string', name: 'string' },
      subjects: [{ kind: 'string', name: 'string' }],
    },
  },
  ConfigMap: { apiVersion: 'v1', shape: { ...header, data: { '*': 'string' } } },
  Service: {
    apiVersion: 'v1',
    shape: {
      ...header,
      spec: {
        'clusterIP?': 'string',
        'publishNotReadyAddresses?': 'boolean',
        selector: labels,
        ports: [{ name: 'string', port: 'number', targetPort: 'text or number' }],
      },
    },
  },
  StatefulSet: {
    apiVersion: 'apps/v1',
    shape: {
      ...header,
      spec: {
        serviceName: 'string',
        replicas: 'number',
        podManagementPolicy: 'string',
        selector,
        template: { metadata: { labels }, spec: pod },
        'volumeClaimTemplates?': [
          {
            metadata: { name: 'string' },
            spec: { accessModes: ['string'], resources: { requests: { storage: 'string' } } },
          },
        ],
      },
    },
  },
  PodDisruptionBudget: {
    apiVersion: 'policy/v1',
    shape: { ...header, spec: { maxUnavailable: 'number', selector } },
  },
}
