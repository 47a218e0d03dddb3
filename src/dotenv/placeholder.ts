const wholeValue =
  /^(?:change[-_ ]?me|replace[-_ ]?me|placeholder|todo|fixme|tbd|x{3,}|<[^<>]*>|\*{3,}|(?:sk|pk|ghp|xox[abp])[-_](?:\.{3}|x{3,}|…).*|.{0,12}\.{3})$/i;
const inside = /\byour[-_][a-z0-9_-]{0,60}?(?:here|token|key|secret|password|id)\b|[-_]goes[-_]here\b/i;

/** Whether a value looks like what a template holds before somebody fills it in: `your-token-here`, `changeme`, `sk-...`. */
export function looksLikePlaceholder(value: string): boolean {
  return wholeValue.test(value.trim()) || inside.test(value);
}
