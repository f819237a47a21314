/** The search of an address with one parameter changed, or taken out. */
export function changed<S extends object, K extends keyof S>(search: S, name: K, value: S[K] | undefined): S {
  const next: Partial<S> = { ...search };
  if (value === undefined) delete next[name];
  else next[name] = value;
  return next as S;
}
