const doneWhen3 = 'issue identity, Done when 3';

/** What Identity's operations answer, and how often and how much. */
export const identityErrors = {
  'identity:modelled-errors': {
    text: 'Every error that the service model lists for an operation of Identity is provoked once, or docs/identity/errors.md says why it cannot happen',
    source: `${doneWhen3} / contract 1.6, 2.4, 3.2`,
  },
  'identity:required-output': {
    text: "Every member that the model requires, nested ones included, is in the answers of Identity's operations",
    source: `${doneWhen3} / contract 2.4, 3.2`,
  },
  'identity:unauthorized': {
    text: "A bearer token is 401 UnauthorizedException with a challenge at Identity's operations, and 403 at operations whose model has no such error",
    source: `${doneWhen3} / contract 1.6`,
  },
  'identity:conflicts': {
    text: 'The name of a workload identity that is taken answers ConflictException',
    source: 'service model of botocore 1.44.5',
  },
  'identity:rates': {
    text: "Each operation of Identity has a rate of its own: the control plane's, that of reads of credentials, that of CompleteResourceTokenAuth",
    source: `${doneWhen3} / contract 5.2`,
  },
  'identity:quotas': {
    text: '11,000 workload identities and 50 providers of each kind are allowed, or what the settings say',
    source: 'contract 5.2',
  },
  'identity:bad-input': {
    text: 'Names, tags, return URLs, page sizes and page tokens that are out of bounds are refused with a ValidationException that names the member',
    source: 'contract 1.8, 2.4, 2.15',
  },
  'provider:secret-quota': {
    text: 'The vault keeps no more secrets of providers than its quota: a new provider answers ResourceLimitExceededException, an update ServiceQuotaExceededException',
    source: `${doneWhen3} / contract 2.4`,
  },
  'provider:decryptable': {
    text: 'A provider whose secret, or whose key in the vault, cannot be opened answers DecryptionFailure when it is shown, changed or made',
    source: `${doneWhen3} / contract 2.4`,
  },
} as const;
