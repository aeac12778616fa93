/** Python's json writes NaN and Infinity as they are (Mamba's time_step_limit), which JSON does not know. They become null. */
export function withoutPythonNumbers(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) => (token.startsWith('"') ? token : "null"));
}
