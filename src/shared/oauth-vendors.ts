/**
 * The vendors of OAuth2 credential providers by their names in the service model, each with the member of
 * `oauth2ProviderConfigInput` and `oauth2ProviderConfigOutput` that holds its settings.
 */
export const oauthVendorMembers = {
  CustomOauth2: 'customOauth2ProviderConfig',
  GoogleOauth2: 'googleOauth2ProviderConfig',
  GithubOauth2: 'githubOauth2ProviderConfig',
  SlackOauth2: 'slackOauth2ProviderConfig',
  SalesforceOauth2: 'salesforceOauth2ProviderConfig',
  MicrosoftOauth2: 'microsoftOauth2ProviderConfig',
  AtlassianOauth2: 'atlassianOauth2ProviderConfig',
  LinkedinOauth2: 'linkedinOauth2ProviderConfig',
  Auth0Oauth2: 'includedOauth2ProviderConfig',
  CognitoOauth2: 'includedOauth2ProviderConfig',
  CyberArkOauth2: 'includedOauth2ProviderConfig',
  DropboxOauth2: 'includedOauth2ProviderConfig',
  FacebookOauth2: 'includedOauth2ProviderConfig',
  FusionAuthOauth2: 'includedOauth2ProviderConfig',
  HubspotOauth2: 'includedOauth2ProviderConfig',
  NotionOauth2: 'includedOauth2ProviderConfig',
  OktaOauth2: 'includedOauth2ProviderConfig',
  OneLoginOauth2: 'includedOauth2ProviderConfig',
  PingOneOauth2: 'includedOauth2ProviderConfig',
  RedditOauth2: 'includedOauth2ProviderConfig',
  SpotifyOauth2: 'includedOauth2ProviderConfig',
  TwitchOauth2: 'includedOauth2ProviderConfig',
  XOauth2: 'includedOauth2ProviderConfig',
  YandexOauth2: 'includedOauth2ProviderConfig',
  ZoomOauth2: 'includedOauth2ProviderConfig',
} as const;

export type OauthVendorName = keyof typeof oauthVendorMembers;
