/** What is read of a schema of Mongoose's. */
export interface AnySchema {
  paths: Record<string, AnyType>;
  discriminators?: Record<string, AnySchema> | undefined;
}

interface AnyType {
  options?: { select?: unknown } | undefined;
  /** Of an embedded document, and of an array of them. */
  schema?: AnySchema | undefined;
  /** Of a map. */
  $__schemaType?: AnyType | undefined;
}

/** The paths that queries leave out unless they are asked for: `select: false`, also in what is embedded. */
export function hiddenPaths(schemas: readonly AnySchema[]): string[] {
  const hidden = new Set<string>();
  const visit = (
    { paths, discriminators = {} }: AnySchema,
    prefix: string,
    within: readonly AnySchema[],
  ): void => {
    for (const [name, type] of Object.entries(paths)) {
      const path = prefix + name;
      if (type.options?.select === false) hidden.add(path);
      for (const [embedded, at] of [
        [type.schema, path],
        [type.$__schemaType?.schema, `${path}.$*`],
      ] as const) {
        if (embedded && !within.includes(embedded)) visit(embedded, `${at}.`, [...within, embedded]);
      }
    }
    for (const other of Object.values(discriminators))
      if (!within.includes(other)) visit(other, prefix, [...within, other]);
  };
  for (const schema of schemas) visit(schema, '', [schema]);
  return [...hidden];
}
