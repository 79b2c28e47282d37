import type { OauthVendorName } from '../../shared/oauth-vendors.ts';
import type { OauthDialect, OnBehalfOf } from './credential-provider.ts';

/** What Berth knows of a vendor; docs/identity/providers.md repeats it. */
export interface Vendor {
  readonly address: VendorAddress;
  readonly clientAuthentication: 'secret-basic' | 'secret-post';
  /** Where it strays from the standard. */
  readonly dialect: Partial<OauthDialect>;
  readonly onBehalfOf?: OnBehalfOf;
  /** Where its endpoints and ways are written down. */
  readonly documentation: string;
}

export type VendorAddress =
  /** The same for everybody: a discovery document. */
  | { readonly kind: 'document'; readonly url: string }
  /** The same for everybody, and the vendor publishes no document, or one that does not fit. */
  | {
      readonly kind: 'endpoints';
      readonly issuer: string;
      readonly authorizationEndpoint: string;
      readonly tokenEndpoint: string;
    }
  /** A discovery document with the tenant's id in its URL. */
  | { readonly kind: 'tenant'; readonly url: (tenantId: string) => string; readonly defaultTenant: string }
  /** Every customer has an issuer of their own, such as `example`. */
  | { readonly kind: 'own-issuer'; readonly example: string }
  | { readonly kind: 'custom' };

export const standardDialect: OauthDialect = {
  usesPkce: true,
  scopeSeparator: ' ',
  authorizationParameters: {},
  tokenRequestHeaders: {},
  tokenRequestBody: 'form',
  accessTokenPaths: [['access_token']],
  failsWithSuccess: false,
  isBearerWhateverItSays: false,
  refusedRefreshes: [],
  repeatsNonce: true,
  hasIssuerTemplate: false,
};

/**
 * Addresses are those of the vendors' own documentation. Parameters that make a vendor give out refresh tokens at all are among the
 * authorization parameters, since a grant without one ends after an hour; where a scope does that, the user asks for the scope.
 */
export const vendors: Readonly<Record<OauthVendorName, Vendor>> = {
  CustomOauth2: {
    address: { kind: 'custom' },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation: 'https://www.rfc-editor.org/rfc/rfc8414',
  },
  GoogleOauth2: {
    address: { kind: 'document', url: 'https://accounts.google.com/.well-known/openid-configuration' },
    clientAuthentication: 'secret-post',
    dialect: { authorizationParameters: { access_type: 'offline', prompt: 'consent' } },
    documentation: 'https://developers.google.com/identity/protocols/oauth2/web-server',
  },
  GithubOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://github.com/login/oauth',
      authorizationEndpoint: 'https://github.com/login/oauth/authorize',
      tokenEndpoint: 'https://github.com/login/oauth/access_token',
    },
    clientAuthentication: 'secret-post',
    dialect: {
      // It answers in the form of a query otherwise.
      tokenRequestHeaders: { accept: 'application/json' },
      failsWithSuccess: true,
      refusedRefreshes: ['bad_refresh_token'],
    },
    documentation: 'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps',
  },
  SlackOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://slack.com',
      authorizationEndpoint: 'https://slack.com/oauth/v2/authorize',
      tokenEndpoint: 'https://slack.com/api/oauth.v2.access',
    },
    clientAuthentication: 'secret-post',
    dialect: {
      usesPkce: false,
      scopeSeparator: ',',
      // The app's own token, or, when only `user_scope` was asked for, the user's.
      accessTokenPaths: [['access_token'], ['authed_user', 'access_token']],
      failsWithSuccess: true,
      isBearerWhateverItSays: true,
      refusedRefreshes: ['invalid_refresh_token'],
    },
    documentation: 'https://docs.slack.dev/authentication/installing-with-oauth',
  },
  SalesforceOauth2: {
    address: { kind: 'document', url: 'https://login.salesforce.com/.well-known/openid-configuration' },
    clientAuthentication: 'secret-post',
    dialect: {},
    documentation:
      'https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm',
  },
  MicrosoftOauth2: {
    address: {
      kind: 'tenant',
      url: (tenantId) =>
        `https://login.microsoftonline.com/${encodeURIComponent(tenantId)}/v2.0/.well-known/openid-configuration`,
      defaultTenant: 'common',
    },
    clientAuthentication: 'secret-post',
    dialect: { hasIssuerTemplate: true },
    onBehalfOf: { grant: 'jwt-bearer', actorToken: 'none', actorTokenScopes: [] },
    documentation: 'https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow',
  },
  AtlassianOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://auth.atlassian.com',
      authorizationEndpoint: 'https://auth.atlassian.com/authorize',
      tokenEndpoint: 'https://auth.atlassian.com/oauth/token',
    },
    clientAuthentication: 'secret-post',
    dialect: {
      authorizationParameters: { audience: 'api.atlassian.com', prompt: 'consent' },
      refusedRefreshes: ['unauthorized_client'],
    },
    documentation: 'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
  },
  LinkedinOauth2: {
    address: { kind: 'document', url: 'https://www.linkedin.com/oauth/.well-known/openid-configuration' },
    clientAuthentication: 'secret-post',
    dialect: { usesPkce: false, isBearerWhateverItSays: true, repeatsNonce: false },
    documentation: 'https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow',
  },
  Auth0Oauth2: {
    address: { kind: 'own-issuer', example: 'https://example.eu.auth0.com/' },
    clientAuthentication: 'secret-post',
    dialect: {},
    documentation: 'https://auth0.com/docs/get-started/authentication-and-authorization-flow',
  },
  CognitoOauth2: {
    address: {
      kind: 'own-issuer',
      example: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
    },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation: 'https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html',
  },
  CyberArkOauth2: {
    address: { kind: 'own-issuer', example: 'https://abc1234.id.cyberark.cloud/APP-ID/' },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation:
      'https://docs.cyberark.com/identity/latest/en/content/applications/appscustom/openidaddconfigapp.htm',
  },
  DropboxOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://www.dropbox.com',
      authorizationEndpoint: 'https://www.dropbox.com/oauth2/authorize',
      tokenEndpoint: 'https://api.dropboxapi.com/oauth2/token',
    },
    clientAuthentication: 'secret-basic',
    dialect: { authorizationParameters: { token_access_type: 'offline' } },
    documentation: 'https://developers.dropbox.com/oauth-guide',
  },
  FacebookOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://www.facebook.com',
      // Without a version in the path an app gets the oldest that it may use, and the path does not age.
      authorizationEndpoint: 'https://www.facebook.com/dialog/oauth',
      tokenEndpoint: 'https://graph.facebook.com/oauth/access_token',
    },
    clientAuthentication: 'secret-post',
    dialect: { usesPkce: false, scopeSeparator: ',', isBearerWhateverItSays: true },
    documentation: 'https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow',
  },
  FusionAuthOauth2: {
    address: { kind: 'own-issuer', example: 'https://auth.example.com' },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation: 'https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/endpoints',
  },
  HubspotOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://app.hubspot.com',
      authorizationEndpoint: 'https://app.hubspot.com/oauth/authorize',
      tokenEndpoint: 'https://api.hubapi.com/oauth/v1/token',
    },
    clientAuthentication: 'secret-post',
    dialect: { usesPkce: false, isBearerWhateverItSays: true, refusedRefreshes: ['BAD_REFRESH_TOKEN'] },
    documentation:
      'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
  },
  NotionOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://api.notion.com',
      authorizationEndpoint: 'https://api.notion.com/v1/oauth/authorize',
      tokenEndpoint: 'https://api.notion.com/v1/oauth/token',
    },
    clientAuthentication: 'secret-basic',
    dialect: {
      usesPkce: false,
      authorizationParameters: { owner: 'user' },
      tokenRequestBody: 'json',
      isBearerWhateverItSays: true,
    },
    documentation: 'https://developers.notion.com/docs/authorization',
  },
  OktaOauth2: {
    address: { kind: 'own-issuer', example: 'https://example.okta.com/oauth2/default' },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation: 'https://developer.okta.com/docs/reference/api/oidc/',
  },
  OneLoginOauth2: {
    address: { kind: 'own-issuer', example: 'https://example.onelogin.com/oidc/2' },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation: 'https://developers.onelogin.com/openid-connect',
  },
  PingOneOauth2: {
    address: { kind: 'own-issuer', example: 'https://auth.pingone.eu/ENVIRONMENT-ID/as' },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation: 'https://developer.pingidentity.com/pingone-api/auth/openid-connect-oauth-2.html',
  },
  RedditOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://www.reddit.com',
      authorizationEndpoint: 'https://www.reddit.com/api/v1/authorize',
      tokenEndpoint: 'https://www.reddit.com/api/v1/access_token',
    },
    clientAuthentication: 'secret-basic',
    dialect: {
      usesPkce: false,
      authorizationParameters: { duration: 'permanent' },
      // Requests of unnamed or well-known programs are held back.
      tokenRequestHeaders: { 'user-agent': 'linux:berth:v1 (self-hosted AgentCore)' },
      failsWithSuccess: true,
      refusedRefreshes: ['Bad Request'],
    },
    documentation: 'https://github.com/reddit-archive/reddit/wiki/OAuth2',
  },
  SpotifyOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://accounts.spotify.com',
      authorizationEndpoint: 'https://accounts.spotify.com/authorize',
      tokenEndpoint: 'https://accounts.spotify.com/api/token',
    },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation: 'https://developer.spotify.com/documentation/web-api/tutorials/code-flow',
  },
  TwitchOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://id.twitch.tv/oauth2',
      authorizationEndpoint: 'https://id.twitch.tv/oauth2/authorize',
      tokenEndpoint: 'https://id.twitch.tv/oauth2/token',
    },
    clientAuthentication: 'secret-post',
    dialect: { usesPkce: false, refusedRefreshes: ['Invalid refresh token'] },
    documentation: 'https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/',
  },
  XOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://x.com',
      authorizationEndpoint: 'https://x.com/i/oauth2/authorize',
      tokenEndpoint: 'https://api.x.com/2/oauth2/token',
    },
    clientAuthentication: 'secret-basic',
    dialect: { refusedRefreshes: ['invalid_request'] },
    documentation: 'https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code',
  },
  YandexOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://oauth.yandex.com',
      authorizationEndpoint: 'https://oauth.yandex.com/authorize',
      tokenEndpoint: 'https://oauth.yandex.com/token',
    },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation: 'https://yandex.com/dev/id/doc/en/codes/code-url',
  },
  ZoomOauth2: {
    address: {
      kind: 'endpoints',
      issuer: 'https://zoom.us',
      authorizationEndpoint: 'https://zoom.us/oauth/authorize',
      tokenEndpoint: 'https://zoom.us/oauth/token',
    },
    clientAuthentication: 'secret-basic',
    dialect: {},
    documentation: 'https://developers.zoom.us/docs/integrations/oauth/',
  },
};
