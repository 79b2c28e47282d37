import type { Setting } from './setting.ts';
import { otherVariables, settingNames, settings, type SettingName } from './settings.ts';

/** A setting as somebody wrote it, and where, for messages. */
export interface RawSetting {
  readonly text: string;
  readonly source: string;
}

export interface RawSettings {
  readonly values: Readonly<Partial<Record<SettingName, RawSetting>>>;
  /** Variables that begin with BERTH_ and mean nothing: most often a slip of the pen. */
  readonly unknownVariables: readonly string[];
}

/** Gathers what the flags and the environment say; a flag wins over its variable, and an empty variable is an unset one. */
export function readEnv(
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Partial<Record<SettingName, string>>> = {},
): RawSettings {
  const values: Partial<Record<SettingName, RawSetting>> = {};
  for (const name of settingNames()) {
    const setting: Setting = settings[name];
    const fromFlag = flags[name];
    const fromEnv = env[setting.variable];
    if (fromFlag !== undefined) values[name] = { text: fromFlag, source: flagName(setting) };
    else if (fromEnv !== undefined && fromEnv !== '')
      values[name] = { text: fromEnv, source: setting.variable };
  }
  const known = new Set([
    ...settingNames().map((name) => settings[name].variable),
    ...Object.keys(otherVariables),
  ]);
  const unknownVariables = Object.keys(env)
    .filter((variable) => variable.startsWith('BERTH_') && !known.has(variable))
    .toSorted();
  return { values, unknownVariables };
}

function flagName(setting: Setting): string {
  return setting.flag?.split(' ')[0] ?? setting.variable;
}
