import type { ValueType } from '../shared/value-types.ts';

/** One thing a server can be told. docs/configuration.md has a row for each; a test compares. */
export interface Setting<Value = unknown> {
  readonly variable: string;
  /** As commander writes it; only settings that people change by hand have one. */
  readonly flag?: string;
  /** The flag may be given several times; its values are joined by commas. */
  readonly isRepeatable?: boolean;
  /** Absent: the setting is optional and unset. */
  readonly default?: string;
  readonly meaning: string;
  readonly type: ValueType<Value>;
  /** What was written is never shown. */
  readonly isSecret?: boolean;
}
