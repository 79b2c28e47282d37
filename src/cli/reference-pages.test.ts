import type { Command } from 'commander';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { Setting } from '../config/setting.ts';
import { otherVariables, settingNames, settings } from '../config/settings.ts';
import { exitCodes } from './cli-error.ts';
import { createProgram } from './program.ts';
import { fakeContext } from './testing/fake-context.ts';

const readPage = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('docs/cli.md', async () => {
  const page = await readPage('cli.md');
  await using user = await fakeContext();
  const program = createProgram(user.context, { exitCode: 0 });

  it('has a section for every command, which names every flag and argument and no other flag', () => {
    verifies('cli:page');
    for (const { path, command } of commandsUnder(program, 'berth')) {
      const section = page.split(/^#{2,4} /m).find((text) => text.startsWith(`${path}\n`));
      assert.ok(section !== undefined, `docs/cli.md has no section '${path}'`);
      assert.ok(
        section.includes(command.description()),
        `${path}: the description is '${command.description()}'`,
      );
      for (const argument of command.registeredArguments) {
        assert.ok(section.includes(argument.description), `${path}: '${argument.name()}' is missing`);
      }
      const documented = [...section.matchAll(/^\| `(-[^`]+)` \| (.*) \|$/gm)].map(([, flags = '']) => flags);
      assert.deepEqual(documented.toSorted(), command.options.map((option) => option.flags).toSorted(), path);
      for (const option of command.options)
        assert.ok(section.includes(option.description), `${path} ${option.flags}`);
    }
    const sections = [...page.matchAll(/^#{3,4} (berth .*)$/gm)].map(([, path]) => path);
    assert.deepEqual(
      sections,
      commandsUnder(program, 'berth').map(({ path }) => path),
    );
  });

  it('lists every exit code', () => {
    for (const code of Object.values(exitCodes)) assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});

describe('docs/configuration.md', () => {
  it('has a row for every variable with its flag, default and meaning, and none for others', async () => {
    verifies('cli:config-page');
    const page = await readPage('configuration.md');
    const rows = settingNames().map((name) => rowOf(settings[name]));

    const documented = page.split('\n').filter((line) => /^\| `(BERTH|OTEL)_/.test(line));

    const others = Object.entries(otherVariables).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
    assert.deepEqual(documented, [...rows, ...others]);
  });
});

function rowOf(setting: Setting): string {
  const code = (text: string | undefined) => (text === undefined || text === '' ? '' : `\`${text}\``);
  return `| ${code(setting.variable)} | ${code(setting.flag)} | ${code(setting.default)} | ${setting.meaning}: ${setting.type.expected} |`;
}

function commandsUnder(parent: Command, path: string): { path: string; command: Command }[] {
  return parent.commands.flatMap((command) => {
    const own = `${path} ${command.name()}`;
    return [{ path: own, command }, ...commandsUnder(command, own)];
  });
}
