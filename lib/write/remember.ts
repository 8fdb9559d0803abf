/** Stores a value for a tenant, or removes it when null, and drops the tenant that was stored longest ago beyond a bound. */
export function remember<T>(values: Map<string, T>, tenantId: string, value: T | null, most: number): void {
  values.delete(tenantId);
  if (value !== null) values.set(tenantId, value);
  if (values.size <= most) return;
  const [oldest] = values.keys();
  if (oldest !== undefined) values.delete(oldest);
}
