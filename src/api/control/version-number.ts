/** Versions travel as numeric strings, `1` to `99999`; the model has checked the form. */
export function versionNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
