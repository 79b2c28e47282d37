import { invalidField } from '../../shared/errors.ts';

/** What the flows themselves decide; `request` and its like would carry any of the others past them. */
const reserved = new Set([
  ...[
    'client_id',
    'client_secret',
    'client_assertion',
    'client_assertion_type',
    'grant_type',
    'redirect_uri',
  ],
  ...['response_type', 'response_mode', 'state', 'nonce', 'scope', 'resource', 'audience', 'code', 'iss'],
  ...['code_challenge', 'code_challenge_method', 'code_verifier', 'request', 'request_uri', 'registration'],
  ...['refresh_token', 'assertion', 'requested_token_use', 'username', 'password', 'dpop_jkt'],
  ...['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type'],
]);

/**
 * Adds what the caller wants sent beside the flow's own parameters. Throws `validation` when it would say something else than the
 * flow does.
 */
export function addCustomParameters(
  parameters: URLSearchParams,
  custom: Readonly<Record<string, string>>,
): URLSearchParams {
  for (const [name, value] of Object.entries(custom)) {
    if (parameters.getAll(name).join(' ') === value && parameters.has(name)) continue;
    if (reserved.has(name.toLowerCase())) {
      throw invalidField(
        'customParameters',
        `The parameter ${name} is the flow's own and cannot be set. Use the member of the request that it comes from, or leave it out.`,
      );
    }
    parameters.set(name, value);
  }
  return parameters;
}

interface WishMembers {
  readonly resources: readonly string[] | undefined;
  readonly audiences: readonly string[] | undefined;
  readonly customParameters: Readonly<Record<string, string>>;
}

/**
 * `audience` and `resource` among the custom parameters say what `audiences` and `resources` do: some vendors (Auth0) know only the
 * parameter. As members they also tell one token, and one grant, from another. Throws `validation` where both are given and differ.
 */
export function withWishMembers<Request extends WishMembers>(request: Request): Request {
  const { audience, resource, ...customParameters } = request.customParameters;
  return {
    ...request,
    audiences: oneOf('audience', audience, 'audiences', request.audiences),
    resources: oneOf('resource', resource, 'resources', request.resources),
    customParameters,
  };
}

function oneOf(
  name: string,
  value: string | undefined,
  member: string,
  values: readonly string[] = [],
): readonly string[] {
  if (value === undefined || values.join(' ') === value) return values;
  if (values.length === 0) return [value];
  throw invalidField(
    'customParameters',
    `The parameter ${name} is not what ${member} says. Leave one of them out.`,
  );
}
