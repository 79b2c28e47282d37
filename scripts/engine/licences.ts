import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { UsedModule } from './bill-of-materials.ts';

const licenceFile = /^(licen[cs]e|copying|notice|patents|unlicense)/i;

/**
 * Copies the licence files of a module into `LICENSES/<module>@<version>`; returns the identifier of the licence when its text is
 * one of the usual ones. Throws when the module has no licence file.
 */
export async function copyLicences(
  moduleCache: string,
  module: UsedModule,
  licences: string,
): Promise<string | undefined> {
  const source = join(moduleCache, `${escaped(module.path)}@${escaped(module.version)}`);
  const files = (await readdir(source)).filter((name) => licenceFile.test(name));
  const target = join(licences, `${module.path}@${module.version}`);
  await mkdir(target, { recursive: true });
  let licence: string | undefined;
  let copied = 0;
  for (const name of files) {
    if (!(await stat(join(source, name))).isFile()) continue;
    await copyFile(join(source, name), join(target, name));
    copied += 1;
    licence ??= licenceOf(await readFile(join(source, name), 'utf8'));
  }
  if (copied === 0) throw new Error(`${module.path}@${module.version} has no licence file in ${source}.`);
  return licence;
}

/** The SPDX identifier of a usual text; undefined for any other. */
export function licenceOf(text: string): string | undefined {
  const words = text.replace(/\s+/g, ' ');
  if (/Apache License,? Version 2\.0/i.test(words)) return 'Apache-2.0';
  if (/Mozilla Public License,? (v\. 2\.0|version 2\.0)/i.test(words)) return 'MPL-2.0';
  if (/Permission to use, copy, modify, and\/?(or)? ?distribute this software/i.test(words)) return 'ISC';
  if (/Permission is hereby granted, free of charge/i.test(words)) return 'MIT';
  if (/Redistribution and use in source and binary forms/i.test(words))
    return /Neither the name|names? of (its|the) (contributors|copyright)/i.test(words)
      ? 'BSD-3-Clause'
      : 'BSD-2-Clause';
  return undefined;
}

/** As Go names folders of its cache: a capital letter is an exclamation mark and the small one. */
function escaped(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}
