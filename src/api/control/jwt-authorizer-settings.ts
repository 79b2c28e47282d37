import { invalidField } from '../../shared/errors.ts';
import type { ClaimRule, JwtAuthorizer } from '../../shared/jwt-authorizer.ts';
import type {
  AuthorizerConfiguration,
  CustomClaimValidationType,
  CustomJWTAuthorizerConfiguration,
} from '../model/generated/types.ts';

/** Why Berth would never go to a discovery URL, or undefined. */
export type IssuerProblem = (discoveryUrl: string) => string | undefined;

const member = 'authorizerConfiguration.customJWTAuthorizer';

/** Members whose meaning is not built; without them other callers would be let in than the owner has said. */
const unbuilt = {
  privateEndpoint:
    'Private endpoints (VPC Lattice) are not built. Leave privateEndpoint out; issuers in private networks are named in the server setting BERTH_PRIVATE_ISSUERS.',
  privateEndpointOverrides:
    'Private endpoints (VPC Lattice) are not built. Leave privateEndpointOverrides out; issuers in private networks are named in the server setting BERTH_PRIVATE_ISSUERS.',
  certificateConfigurations:
    'Certificates from S3 or Secrets Manager are not built. Leave certificateConfigurations out; the server trusts what its NODE_EXTRA_CA_CERTS names.',
  allowedWorkloadConfiguration:
    'Restricting the workloads in a request’s identity chain is not built. Leave allowedWorkloadConfiguration out.',
} as const;

/** Throws `validation` for what could not be held to. */
export function requestedAuthorizer(
  configuration: AuthorizerConfiguration | undefined,
  issuerProblem: IssuerProblem,
): JwtAuthorizer | undefined {
  const given = configuration?.customJWTAuthorizer;
  if (given === undefined) return undefined;
  refuseUnbuilt(given);
  const { discoveryUrl, allowedAudience, allowedClients, allowedScopes, advertisedScopeMapping } = given;
  const problem = issuerProblem(discoveryUrl);
  if (problem !== undefined) throw invalidField(`${member}.discoveryUrl`, problem);
  const customClaims = given.customClaims?.map(requestedRule);
  if ([allowedAudience, allowedClients, allowedScopes, customClaims].every((list) => list === undefined)) {
    throw invalidField(
      member,
      'Without any of allowedAudience, allowedClients, allowedScopes and customClaims every token of the issuer would be let in, also those made for other applications. Give at least one.',
    );
  }
  for (const scope of Object.keys(advertisedScopeMapping ?? {})) {
    if (allowedScopes?.includes(scope) === true) continue;
    throw invalidField(
      `${member}.advertisedScopeMapping`,
      `The scope '${scope}' is mapped but is not one of allowedScopes.`,
    );
  }
  return {
    discoveryUrl,
    allowedAudience,
    allowedClients,
    allowedScopes,
    advertisedScopeMapping,
    customClaims,
  };
}

/** As it was given. */
export function shownAuthorizer(authorizer: JwtAuthorizer | undefined): AuthorizerConfiguration | undefined {
  if (authorizer === undefined) return undefined;
  const customClaims = authorizer.customClaims?.map(shownRule);
  return { customJWTAuthorizer: { ...authorizer, customClaims } };
}

function refuseUnbuilt(given: CustomJWTAuthorizerConfiguration): void {
  for (const [name, message] of Object.entries(unbuilt)) {
    const value: unknown = given[name as keyof typeof unbuilt];
    const isEmptyList = Array.isArray(value) && value.length === 0;
    if (value !== undefined && !isEmptyList) throw invalidField(`${member}.${name}`, message);
  }
}

/** The forms that the service model's documentation gives a meaning. */
function requestedRule(
  {
    inboundTokenClaimName: claim,
    inboundTokenClaimValueType: type,
    authorizingClaimMatchValue: match,
  }: CustomClaimValidationType,
  index: number,
): ClaimRule {
  const { matchValueString: value, matchValueStringList: values } = match.claimMatchValue;
  const form = `${type} ${match.claimMatchOperator}`;
  if (form === 'STRING EQUALS' && value !== undefined) return { kind: 'is', claim, value };
  if (form === 'STRING CONTAINS' && values !== undefined) return { kind: 'is-one-of', claim, values };
  if (form === 'STRING_ARRAY CONTAINS' && value !== undefined) return { kind: 'has', claim, value };
  if (form === 'STRING_ARRAY CONTAINS_ANY' && values !== undefined) return { kind: 'has-any', claim, values };
  throw invalidField(
    `${member}.customClaims.${index}`,
    `The rule for the claim '${claim}' has no meaning. Use STRING with EQUALS and matchValueString, STRING with CONTAINS and matchValueStringList (one of them), STRING_ARRAY with CONTAINS and matchValueString, or STRING_ARRAY with CONTAINS_ANY and matchValueStringList.`,
  );
}

function shownRule(rule: ClaimRule): CustomClaimValidationType {
  const type = rule.kind === 'is' || rule.kind === 'is-one-of' ? 'STRING' : 'STRING_ARRAY';
  const operator = {
    is: 'EQUALS',
    'is-one-of': 'CONTAINS',
    has: 'CONTAINS',
    'has-any': 'CONTAINS_ANY',
  } as const;
  return {
    inboundTokenClaimName: rule.claim,
    inboundTokenClaimValueType: type,
    authorizingClaimMatchValue: {
      claimMatchOperator: operator[rule.kind],
      claimMatchValue:
        'value' in rule ? { matchValueString: rule.value } : { matchValueStringList: rule.values },
    },
  };
}
