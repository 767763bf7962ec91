import {
  array,
  type InferOutput,
  minValue,
  nullish,
  number,
  object,
  optional,
  pipe,
  record,
  regex,
  safeInteger,
  string,
  union,
} from 'valibot'

/** Digests that can be verified here; others are refused and not passed over. */
const digest = pipe(
  string(),
  regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, 'is no sha256 or sha512 digest'),
)

const platform = object({ os: string(), architecture: string(), variant: optional(string()) })

/** image-spec, descriptor.md. */
const descriptor = object({
  mediaType: string(),
  digest,
  size: pipe(number(), safeInteger(), minValue(0)),
  platform: optional(platform),
  annotations: optional(record(string(), string())),
})

/** image-spec, image-index.md; also Docker's manifest list. */
export const indexSchema = object({ manifests: array(descriptor) })

/** image-spec, manifest.md; also Docker's image manifest, version 2. */
export const manifestSchema = object({ config: descriptor, layers: array(descriptor) })

export const indexOrManifestSchema = union([manifestSchema, indexSchema])

/** image-spec, config.md. */
export const configSchema = object({
  os: optional(string(), 'linux'),
  architecture: string(),
  variant: optional(string()),
  rootfs: object({ diff_ids: array(digest) }),
})

/** manifest.json of `docker save`, see docker image spec v1.2. */
export const savedManifestSchema = array(
  object({
    Config: string(),
    RepoTags: nullish(array(string()), []),
    Layers: array(string()),
  }),
)

export type Descriptor = InferOutput<typeof descriptor>
