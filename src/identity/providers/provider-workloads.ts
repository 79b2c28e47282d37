import { invalidField } from '../../shared/errors.ts';

type Tags = Readonly<Record<string, string>>;

/** The tag of a provider that says which workloads may use it; without it all of its account and region may. */
const workloadsTag = 'berth:workloads';

const nameForm = /^[A-Za-z0-9_.-]{1,255}$/;
/** What a runtime's id, which names its workload identity, has behind its name. */
const idSuffix = /-[A-Za-z0-9]{10}$/;

/** Throws `validation` when the tag, if there is one, names nobody. Its value is names of runtimes and of workload identities, with blanks between. */
export function checkWorkloadsTag(tags: Tags): void {
  const value = tags[workloadsTag];
  if (value === undefined) return;
  const names = namesOf(value);
  if (names.length > 0 && names.every((name) => nameForm.test(name))) return;
  throw invalidField(
    'tags',
    `The tag '${workloadsTag}' holds names of runtimes or workload identities with blanks between, such as 'weather news'. To keep everybody from a provider, delete it.`,
  );
}

/** Whether the workload may use the provider that has these tags. */
export function mayUseProvider(tags: Tags, workload: string): boolean {
  const value = tags[workloadsTag];
  if (value === undefined) return true;
  const names = namesOf(value);
  return (
    names.includes(workload) || (idSuffix.test(workload) && names.includes(workload.replace(idSuffix, '')))
  );
}

export function isProviderOption(key: string): boolean {
  return key === workloadsTag;
}

function namesOf(value: string): readonly string[] {
  return value.split(/\s+/).filter((name) => name !== '');
}
