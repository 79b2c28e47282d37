import { Option, type Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { inspectMachine } from '../../config/machine.ts';
import { parseConfig, parseConfigValue } from '../../config/parse-config.ts';
import { readEnv } from '../../config/read-env.ts';
import type { Setting } from '../../config/setting.ts';
import { settingNames, settings, type SettingName } from '../../config/settings.ts';
import type { CliContext } from '../cli-context.ts';
import { findInvokingUser } from '../credentials/invoking-user.ts';

/** Adds the flag of every setting that has one, or only of those named. */
export function addServerOptions(command: Command, only?: readonly SettingName[]): Command {
  for (const name of only ?? settingNames()) {
    const setting: Setting = settings[name];
    if (setting.flag === undefined) continue;
    const option = new Option(setting.flag, descriptionOf(setting));
    if (setting.isRepeatable === true) {
      option.argParser((value: string, before: string | undefined) =>
        before === undefined ? value : `${before},${value}`,
      );
    }
    command.addOption(option);
  }
  return command;
}

/** The texts of the flags that were given. */
export function givenFlags(command: Command): Partial<Record<SettingName, string>> {
  const flags: Partial<Record<SettingName, string>> = {};
  for (const name of settingNames()) {
    if (command.getOptionValueSource(name) !== 'cli') continue;
    const value: unknown = command.getOptionValue(name);
    if (value === false) flags[name] = 'off';
    else if (value === true) flags[name] = 'on';
    else if (typeof value === 'string') flags[name] = value;
  }
  return flags;
}

/** The given flags as a command line, for running the same command again. */
export function flagArguments(command: Command): string[] {
  const flags = givenFlags(command);
  return settingNames().flatMap((name) => {
    const setting: Setting = settings[name];
    const text = flags[name];
    const [flag, argument] = setting.flag?.split(' ') ?? [];
    if (text === undefined || flag === undefined) return [];
    return argument === undefined ? [flag] : [flag, text];
  });
}

export interface ReadConfig {
  readonly config: Config;
  readonly unknownVariables: readonly string[];
}

/** Throws `validation` for settings that are wrong. */
export async function readConfig(
  { env, userHome }: Pick<CliContext, 'env' | 'userHome'>,
  command: Command,
): Promise<ReadConfig> {
  const raw = readEnv(env, givenFlags(command));
  const user = await findInvokingUser(env);
  const machine = await inspectMachine(homeOf(env, command), user?.home ?? userHome);
  return { config: parseConfig(raw, machine), unknownVariables: raw.unknownVariables };
}

export function homeOf(env: Readonly<Record<string, string | undefined>>, command: Command): string {
  const { home } = readEnv(env, givenFlags(command)).values;
  return parseConfigValue('home', home?.text ?? settings.home.default, home?.source ?? 'default');
}

function descriptionOf(setting: Setting): string {
  if (setting.flag?.startsWith('--no-') === true)
    return `switch off: ${setting.meaning} (${setting.variable})`;
  const repeat = setting.isRepeatable === true ? '; may be repeated' : '';
  const otherwise =
    setting.default === undefined || setting.default === '' ? '' : `, default ${setting.default}`;
  return `${setting.meaning}${repeat} (${setting.variable}${otherwise})`;
}
