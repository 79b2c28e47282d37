import type { settings, SettingName } from './settings.ts';
import type { ValueType } from '../shared/value-types.ts';

export type ValueOf<Name extends SettingName> =
  (typeof settings)[Name]['type'] extends ValueType<infer Value> ? Value : never;
/** Every setting by its name, with its default where there is one. */
export type Parsed = {
  readonly [Name in SettingName]: (typeof settings)[Name] extends { readonly default: string }
    ? ValueOf<Name>
    : ValueOf<Name> | undefined;
};
