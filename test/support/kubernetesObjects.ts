/**
 * The kinds of Kubernetes objects that deploy/kubernetes uses, with those of their fields that it uses, as the API
 * reference has them: a field that is spelled wrong or stands in the wrong place is refused, as `kubectl --validate` does.
 */
import * as v from "valibot";

const dnsLabel = v.pipe(v.string(), v.regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/));
const metadata = v.strictObject({ name: dnsLabel, namespace: v.optional(dnsLabel) });
const labels = v.record(v.string(), v.string());
const portNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
/** An IANA_SVC_NAME. */
const portName = v.pipe(v.string(), v.regex(/^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/));
const quantity = v.pipe(v.string(), v.regex(/^\d+(m|Ki|Mi|Gi)?$/));
const id = v.pipe(v.number(), v.integer(), v.minValue(1));

const configMap = v.strictObject({
  apiVersion: v.literal("v1"),
  kind: v.literal("ConfigMap"),
  metadata,
  data: v.record(v.string(), v.string()),
});

const service = v.strictObject({
  apiVersion: v.literal("v1"),
  kind: v.literal("Service"),
  metadata,
  spec: v.strictObject({
    type: v.optional(v.picklist(["ClusterIP", "LoadBalancer", "NodePort"])),
    clusterIP: v.optional(v.literal("None")),
    selector: labels,
    ports: v.optional(
      v.array(
        v.strictObject({
          name: dnsLabel,
          protocol: v.picklist(["TCP", "UDP", "SCTP"]),
          port: portNumber,
          targetPort: v.union([portNumber, portName]),
        }),
      ),
    ),
  }),
});

const probe = v.strictObject({
  httpGet: v.strictObject({ path: v.pipe(v.string(), v.startsWith("/")), port: portName }),
  periodSeconds: id,
  timeoutSeconds: id,
  failureThreshold: id,
});

const container = v.strictObject({
  name: dnsLabel,
  image: v.string(),
  command: v.array(v.string()),
  env: v.array(v.strictObject({ name: v.string(), value: v.string() })),
  securityContext: v.strictObject({
    allowPrivilegeEscalation: v.boolean(),
    readOnlyRootFilesystem: v.boolean(),
    capabilities: v.strictObject({ drop: v.array(v.string()) }),
  }),
  ports: v.array(v.strictObject({ name: portName, containerPort: portNumber })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: v.strictObject({ requests: v.strictObject({ cpu: quantity, memory: quantity }) }),
  volumeMounts: v.array(
    v.strictObject({
      name: dnsLabel,
      mountPath: v.pipe(v.string(), v.startsWith("/")),
      readOnly: v.optional(v.boolean()),
    }),
  ),
});

const volume = v.strictObject({
  name: dnsLabel,
  emptyDir: v.optional(v.strictObject({})),
  secret: v.optional(v.strictObject({ secretName: dnsLabel, defaultMode: v.number(), optional: v.boolean() })),
  configMap: v.optional(v.strictObject({ name: dnsLabel })),
});

const statefulSet = v.strictObject({
  apiVersion: v.literal("apps/v1"),
  kind: v.literal("StatefulSet"),
  metadata,
  spec: v.strictObject({
    serviceName: dnsLabel,
    replicas: id,
    selector: v.strictObject({ matchLabels: labels }),
    template: v.strictObject({
      metadata: v.strictObject({ labels }),
      spec: v.strictObject({
        automountServiceAccountToken: v.boolean(),
        enableServiceLinks: v.boolean(),
        securityContext: v.strictObject({
          seccompProfile: v.strictObject({ type: v.picklist(["RuntimeDefault", "Unconfined", "Localhost"]) }),
          runAsNonRoot: v.boolean(),
          runAsUser: id,
          runAsGroup: id,
          fsGroup: id,
          fsGroupChangePolicy: v.picklist(["Always", "OnRootMismatch"]),
        }),
        containers: v.array(container),
        volumes: v.array(volume),
      }),
    }),
    volumeClaimTemplates: v.array(
      v.strictObject({
        metadata,
        spec: v.strictObject({
          accessModes: v.array(v.picklist(["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"])),
          resources: v.strictObject({ requests: v.strictObject({ storage: quantity }) }),
        }),
      }),
    ),
  }),
});

export const kubernetesObject = v.variant("kind", [configMap, service, statefulSet]);

/** What the kustomizations of deploy/kubernetes use of kustomize. */
export const kustomization = v.strictObject({
  apiVersion: v.literal("kustomize.config.k8s.io/v1beta1"),
  kind: v.literal("Kustomization"),
  namespace: v.optional(dnsLabel),
  resources: v.array(v.string()),
  images: v.optional(v.array(v.strictObject({ name: v.string(), newName: v.string(), newTag: v.string() })), []),
  replicas: v.optional(v.array(v.strictObject({ name: dnsLabel, count: id })), []),
  configMapGenerator: v.array(
    v.strictObject({
      name: dnsLabel,
      literals: v.optional(v.array(v.string())),
      files: v.optional(v.array(v.string())),
    }),
  ),
  patches: v.optional(
    v.array(v.strictObject({ target: v.strictObject({ kind: v.string(), name: dnsLabel }), patch: v.string() })),
    [],
  ),
  replacements: v.optional(v.array(v.looseObject({}))),
});
