// Made by scripts/update-service-model.ts from botocore 1.44.5 (Apache-2.0). Do not edit.

/** Exactly one of the members. */
type OneOf<Members> = {
  [Name in keyof Members]: { readonly [Only in Name]: Members[Name] } & {
    readonly [Other in Exclude<keyof Members, Name>]?: undefined;
  };
}[keyof Members];

export interface A2aDescriptor {
  readonly agentCard?: AgentCardDefinition | undefined;
}

export interface AccessDeniedException {
  readonly message?: string | undefined;
}

export type Action = OneOf<{
  configurationBundle: ConfigurationBundleAction;
  routeToTarget: RouteToTargetAction;
}>;

export type ActorTokenContentType = "NONE" | "M2M" | "AWS_IAM_ID_TOKEN_JWT";

export interface AddDatasetExamplesRequest {
  readonly datasetId: string;
  readonly clientToken?: string | undefined;
  readonly source: DataSourceType;
}

export interface AddDatasetExamplesResponse {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly status: DatasetStatus;
  readonly addedCount: number;
  readonly updatedAt: Date;
  readonly exampleIds: readonly string[];
}

export interface AgentCardDefinition {
  readonly schemaVersion?: string | undefined;
  readonly inlineContent?: string | undefined;
}

export type AgentInsightStoreEnablementStatus = "ENABLED" | "DISABLED";

export interface AgentInsightStoreEncryptionConfiguration {
  readonly mode: AgentInsightStoreEncryptionMode;
  readonly kmsKeyArn?: string | undefined;
}

export type AgentInsightStoreEncryptionMode = "AWS_OWNED_KMS_KEY" | "CUSTOMER_MANAGED_KMS";

export type AgentInsightStoreStatus = "ACTIVE" | "UPDATING" | "INACTIVE" | "ERROR";

export interface AgentInsightStoreSummary {
  readonly agentInsightStoreArn: string;
  readonly agentInsightStoreId: string;
  readonly status: AgentInsightStoreStatus;
  readonly enablementStatus: AgentInsightStoreEnablementStatus;
  readonly encryptionConfiguration: AgentInsightStoreEncryptionConfiguration;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type AgentManagedRuntimeType = "PYTHON_3_10" | "PYTHON_3_11" | "PYTHON_3_12" | "PYTHON_3_13" | "PYTHON_3_14" | "NODE_22";

export interface AgentRuntime {
  readonly agentRuntimeArn: string;
  readonly agentRuntimeId: string;
  readonly agentRuntimeVersion: string;
  readonly agentRuntimeName: string;
  readonly description: string;
  readonly lastUpdatedAt: Date;
  readonly status: AgentRuntimeStatus;
}

export type AgentRuntimeArtifact = OneOf<{
  containerConfiguration: ContainerConfiguration;
  codeConfiguration: CodeConfiguration;
}>;

export interface AgentRuntimeEndpoint {
  readonly name: string;
  readonly liveVersion?: string | undefined;
  readonly targetVersion?: string | undefined;
  readonly agentRuntimeEndpointArn: string;
  readonly agentRuntimeArn: string;
  readonly status: AgentRuntimeEndpointStatus;
  readonly id: string;
  readonly description?: string | undefined;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
}

export type AgentRuntimeEndpointStatus = "CREATING" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "READY" | "DELETING" | "DELETE_FAILED";

export type AgentRuntimeStatus = "CREATING" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "READY" | "DELETING" | "DELETE_FAILED";

export interface AgentRuntimeVersionSummary {
  readonly agentRuntimeArn: string;
  readonly agentRuntimeVersion: string;
  readonly status: AgentRuntimeStatus;
}

export interface AgentSkillsDescriptor {
  readonly skillMd?: SkillMdDefinition | undefined;
  readonly skillDefinition?: SkillDefinition | undefined;
}

export type AllowedPort = OneOf<{
  port: number;
  portRange: PortRange;
}>;

export interface AllowedWorkloadConfiguration {
  readonly hostingEnvironments?: readonly HostingEnvironment[] | undefined;
  readonly workloadIdentities?: readonly string[] | undefined;
}

export interface ApiGatewayTargetConfiguration {
  readonly restApiId: string;
  readonly stage: string;
  readonly apiGatewayToolConfiguration: ApiGatewayToolConfiguration;
}

export interface ApiGatewayToolConfiguration {
  readonly toolOverrides?: readonly ApiGatewayToolOverride[] | undefined;
  readonly toolFilters: readonly ApiGatewayToolFilter[];
}

export interface ApiGatewayToolFilter {
  readonly filterPath: string;
  readonly methods: readonly RestApiMethod[];
}

export interface ApiGatewayToolOverride {
  readonly name: string;
  readonly description?: string | undefined;
  readonly path: string;
  readonly method: RestApiMethod;
}

export type ApiKeyCredentialLocation = "HEADER" | "QUERY_PARAMETER";

export interface ApiKeyCredentialProvider {
  readonly providerArn: string;
  readonly credentialParameterName?: string | undefined;
  readonly credentialPrefix?: string | undefined;
  readonly credentialLocation?: ApiKeyCredentialLocation | undefined;
}

export interface ApiKeyCredentialProviderItem {
  readonly name: string;
  readonly credentialProviderArn: string;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
}

export type ApiSchemaConfiguration = OneOf<{
  s3: S3Configuration;
  inlinePayload: string;
}>;

export interface ApprovalConfiguration {
  readonly autoApproval?: boolean | undefined;
}

export interface AtlassianOauth2ProviderConfigInput {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientSecretConfig?: SecretReference | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
}

export interface AtlassianOauth2ProviderConfigOutput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
}

export type AuthorizationData = OneOf<{
  oauth2: OAuth2AuthorizationData;
}>;

export type AuthorizerConfiguration = OneOf<{
  customJWTAuthorizer: CustomJWTAuthorizerConfiguration;
}>;

export type AuthorizerType = "CUSTOM_JWT" | "AWS_IAM" | "NONE" | "AUTHENTICATE_ONLY";

export interface AuthorizingClaimMatchValueType {
  readonly claimMatchValue: ClaimMatchValueType;
  readonly claimMatchOperator: ClaimMatchOperatorType;
}

export interface BatchPutGatewayRateLimitsRequest {
  readonly gatewayIdentifier: string;
  readonly clientToken?: string | undefined;
  readonly rateLimits: readonly BatchPutLimitEntry[];
}

export interface BatchPutGatewayRateLimitsResponse {
  readonly rateLimits: readonly GatewayRateLimitDetail[];
}

export interface BatchPutLimitEntry {
  readonly rateLimitId?: string | undefined;
  readonly description?: string | undefined;
  readonly dimensionKeys: readonly string[];
  readonly entries: readonly LimitEntry[];
}

export interface BedrockEvaluatorModelConfig {
  readonly modelId: string;
  readonly inferenceConfig?: InferenceConfiguration | undefined;
  readonly additionalModelRequestFields?: unknown | undefined;
}

export interface BrowserEnterprisePolicy {
  readonly location: ResourceLocation;
  readonly type?: BrowserEnterprisePolicyType | undefined;
}

export type BrowserEnterprisePolicyType = "MANAGED" | "RECOMMENDED";

export interface BrowserNetworkConfiguration {
  readonly networkMode: BrowserNetworkMode;
  readonly vpcConfig?: VpcConfig | undefined;
}

export type BrowserNetworkMode = "PUBLIC" | "VPC";

export type BrowserProfileStatus = "READY" | "DELETING" | "DELETED" | "SAVING";

export interface BrowserProfileSummary {
  readonly profileId: string;
  readonly profileArn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly status: BrowserProfileStatus;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
  readonly lastSavedAt?: Date | undefined;
  readonly lastSavedBrowserSessionId?: string | undefined;
  readonly lastSavedBrowserId?: string | undefined;
}

export interface BrowserSigningConfigInput {
  readonly enabled: boolean;
}

export interface BrowserSigningConfigOutput {
  readonly enabled: boolean;
}

export type BrowserStatus = "CREATING" | "CREATE_FAILED" | "READY" | "DELETING" | "DELETE_FAILED" | "DELETED";

export interface BrowserSummary {
  readonly browserId: string;
  readonly browserArn: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly status: BrowserStatus;
  readonly createdAt: Date;
  readonly lastUpdatedAt?: Date | undefined;
}

export interface BuildLifecycleHooks {
  readonly warmup?: LifecycleHook | undefined;
}

export interface CapacityProviderConfiguration {
  readonly capacityProviderArn: string;
}

export type CapacityProviderStatus = "CREATING" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "READY" | "DELETING" | "DELETE_FAILED";

export type CapacityProviderStatusCode = "VALIDATION_ERROR" | "QUOTA_EXCEEDED" | "THROTTLED" | "INTERNAL_SERVER_EXCEPTION";

export interface CapacityProviderSummary {
  readonly capacityProviderId: string;
  readonly capacityProviderArn: string;
  readonly name: string;
  readonly status: CapacityProviderStatus;
  readonly lastUpdatedAt: Date;
}

export interface CapacityProviderVolumeConfiguration {
  readonly volumeName: string;
  readonly mountPath: string;
}

export type CapacityReservationPreference = "capacity-reservations-only" | "open" | "none";

export interface CapacityReservationSpecification {
  readonly capacityReservationPreference?: CapacityReservationPreference | undefined;
  readonly capacityReservationTarget?: CapacityReservationTarget | undefined;
}

export interface CapacityReservationTarget {
  readonly capacityReservationId?: string | undefined;
  readonly capacityReservationResourceGroupArn?: string | undefined;
}

export interface CategoricalScaleDefinition {
  readonly definition: string;
  readonly label: string;
}

export interface CedarPolicy {
  readonly statement: string;
}

export interface Certificate {
  readonly location: CertificateLocation;
}

export type CertificateConfiguration = OneOf<{
  s3: S3CertificateConfiguration;
  secretsManager: SecretsManagerCertificateConfiguration;
}>;

export type CertificateLocation = OneOf<{
  secretsManager: SecretsManagerLocation;
}>;

export interface CircuitBreakerConfiguration {
  readonly mode?: CircuitBreakerMode | undefined;
}

export type CircuitBreakerMode = "ENABLED" | "DISABLED";

export type ClaimMatchOperatorType = "EQUALS" | "CONTAINS" | "CONTAINS_ANY";

export type ClaimMatchValueType = OneOf<{
  matchValueString: string;
  matchValueStringList: readonly string[];
}>;

export type ClientAuthenticationMethodType = "CLIENT_SECRET_BASIC" | "CLIENT_SECRET_POST" | "AWS_IAM_ID_TOKEN_JWT" | "PRIVATE_KEY_JWT";

export interface CloudWatchLogsInputConfig {
  readonly logGroupNames?: readonly string[] | undefined;
  readonly logGroupNamePrefixes?: readonly string[] | undefined;
  readonly serviceNames: readonly string[];
}

export interface CloudWatchOutputConfig {
  readonly logGroupName?: string | undefined;
  readonly metricsNamespace?: string | undefined;
  readonly resultDestination?: ResultDestination | undefined;
}

export interface ClusteringConfig {
  readonly frequencies: readonly ClusteringFrequency[];
}

export type ClusteringFrequency = "DAILY" | "WEEKLY" | "MONTHLY";

export type Code = OneOf<{
  s3: S3Location;
}>;

export type CodeBasedEvaluatorConfig = OneOf<{
  lambdaConfig: LambdaEvaluatorConfig;
}>;

export interface CodeConfiguration {
  readonly code: Code;
  readonly runtime: AgentManagedRuntimeType;
  readonly entryPoint: readonly string[];
}

export interface CodeInterpreterNetworkConfiguration {
  readonly networkMode: CodeInterpreterNetworkMode;
  readonly vpcConfig?: VpcConfig | undefined;
}

export type CodeInterpreterNetworkMode = "PUBLIC" | "SANDBOX" | "VPC";

export type CodeInterpreterStatus = "CREATING" | "CREATE_FAILED" | "READY" | "DELETING" | "DELETE_FAILED" | "DELETED";

export interface CodeInterpreterSummary {
  readonly codeInterpreterId: string;
  readonly codeInterpreterArn: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly status: CodeInterpreterStatus;
  readonly createdAt: Date;
  readonly lastUpdatedAt?: Date | undefined;
}

export interface CoinbaseCdpConfigurationInput {
  readonly apiKeyId: string;
  readonly apiKeySecret?: string | undefined;
  readonly apiKeySecretSource?: SecretSourceType | undefined;
  readonly apiKeySecretConfig?: SecretReference | undefined;
  readonly walletSecret?: string | undefined;
  readonly walletSecretSource?: SecretSourceType | undefined;
  readonly walletSecretConfig?: SecretReference | undefined;
}

export interface CoinbaseCdpConfigurationOutput {
  readonly apiKeyId: string;
  readonly apiKeySecretArn: Secret;
  readonly apiKeySecretJsonKey?: string | undefined;
  readonly apiKeySecretSource?: SecretSourceType | undefined;
  readonly walletSecretArn: Secret;
  readonly walletSecretJsonKey?: string | undefined;
  readonly walletSecretSource?: SecretSourceType | undefined;
}

export interface CoinbaseCdpRotationTargets {
  readonly secrets: readonly CoinbaseCdpSecret[];
}

export type CoinbaseCdpSecret = "API_KEY" | "WALLET_SECRET";

export interface ComponentConfiguration {
  readonly configuration: unknown;
}

export type ComputeConfiguration = OneOf<{
  ec2Configuration: Ec2Configuration;
}>;

export interface ConcurrentModificationException {
  readonly message: string;
}

export type Condition = OneOf<{
  matchPrincipals: MatchPrincipals;
  matchPaths: MatchPaths;
  matchModels: MatchModels;
}>;

export type ConfigurationBundleAction = OneOf<{
  staticOverride: StaticOverride;
  weightedOverride: WeightedOverride;
}>;

export interface ConfigurationBundleReference {
  readonly bundleArn: string;
  readonly bundleVersion: string;
}

export type ConfigurationBundleStatus = "ACTIVE" | "CREATING" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "DELETING" | "DELETE_FAILED";

export interface ConfigurationBundleSummary {
  readonly bundleArn: string;
  readonly bundleId: string;
  readonly bundleName: string;
  readonly description?: string | undefined;
  readonly createdAt?: Date | undefined;
}

export interface ConfigurationBundleVersionSummary {
  readonly bundleArn: string;
  readonly bundleId: string;
  readonly versionId: string;
  readonly lineageMetadata?: VersionLineageMetadata | undefined;
  readonly versionCreatedAt: Date;
}

export interface ConflictException {
  readonly message?: string | undefined;
}

export interface ConnectorConfiguration {
  readonly name: string;
  readonly description?: string | undefined;
  readonly parameterValues?: unknown | undefined;
  readonly parameterOverrides?: readonly ConnectorParameterOverride[] | undefined;
}

export interface ConnectorParameterOverride {
  readonly path: string;
  readonly description?: string | undefined;
  readonly visible?: boolean | undefined;
}

export interface ConnectorSource {
  readonly connectorId: string;
  readonly version?: string | undefined;
}

export interface ConnectorTargetConfiguration {
  readonly source: ConnectorSource;
  readonly enabled?: readonly string[] | undefined;
  readonly configurations?: readonly ConnectorConfiguration[] | undefined;
}

export interface ConsentPortalIdpConfig {
  readonly credentialProviderArn: string;
  readonly scopes: readonly string[];
  readonly audience?: string | undefined;
}

export interface ConsentPortalSource {
  readonly identifier: string;
  readonly type: ConsentPortalSourceType;
}

export type ConsentPortalSourceType = "agentcore-gateway";

export type ConsentPortalStatus = "CREATING" | "ACTIVE" | "UPDATING" | "UPDATE_FAILED" | "DELETING" | "FAILED";

export interface ConsentPortalSummary {
  readonly sources: readonly ConsentPortalSource[];
  readonly consentPortalArn: string;
  readonly consentPortalId: string;
  readonly createdAt: Date;
  readonly description?: string | undefined;
  readonly name: string;
  readonly portalUrl?: string | undefined;
  readonly status: ConsentPortalStatus;
  readonly updatedAt: Date;
}

export type ConsolidationConfiguration = OneOf<{
  customConsolidationConfiguration: CustomConsolidationConfiguration;
}>;

export interface ContainerConfiguration {
  readonly containerUri: string;
}

export type Content = OneOf<{
  rawText: string;
}>;

export interface ContentConfiguration {
  readonly type: ContentType;
  readonly level?: ContentLevel | undefined;
}

export type ContentLevel = "METADATA_ONLY" | "FULL_CONTENT";

export type ContentType = "MEMORY_RECORDS";

export interface CreateAgentRuntimeEndpointRequest {
  readonly agentRuntimeId: string;
  readonly name: string;
  readonly agentRuntimeVersion?: string | undefined;
  readonly description?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateAgentRuntimeEndpointResponse {
  readonly targetVersion: string;
  readonly agentRuntimeEndpointArn: string;
  readonly agentRuntimeArn: string;
  readonly agentRuntimeId?: string | undefined;
  readonly endpointName?: string | undefined;
  readonly status: AgentRuntimeEndpointStatus;
  readonly createdAt: Date;
}

export interface CreateAgentRuntimeRequest {
  readonly agentRuntimeName: string;
  readonly agentRuntimeArtifact: AgentRuntimeArtifact;
  readonly roleArn: string;
  readonly networkConfiguration?: NetworkConfiguration | undefined;
  readonly clientToken?: string | undefined;
  readonly description?: string | undefined;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly requestHeaderConfiguration?: RequestHeaderConfiguration | undefined;
  readonly protocolConfiguration?: ProtocolConfiguration | undefined;
  readonly lifecycleConfiguration?: LifecycleConfiguration | undefined;
  readonly hooksConfiguration?: RuntimeHooksConfiguration | undefined;
  readonly environmentVariables?: Readonly<Record<string, string>> | undefined;
  readonly filesystemConfigurations?: readonly FilesystemConfiguration[] | undefined;
  readonly capacityProviderConfiguration?: CapacityProviderConfiguration | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly platformVersion?: string | undefined;
  readonly allowedPorts?: readonly AllowedPort[] | undefined;
  readonly resourceConfigurations?: readonly ResourceConfiguration[] | undefined;
}

export interface CreateAgentRuntimeResponse {
  readonly agentRuntimeArn: string;
  readonly workloadIdentityDetails?: WorkloadIdentityDetails | undefined;
  readonly agentRuntimeId: string;
  readonly agentRuntimeVersion: string;
  readonly createdAt: Date;
  readonly status: AgentRuntimeStatus;
}

export interface CreateApiKeyCredentialProviderRequest {
  readonly name: string;
  readonly apiKey?: string | undefined;
  readonly apiKeySecretConfig?: SecretReference | undefined;
  readonly apiKeySecretSource?: SecretSourceType | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateApiKeyCredentialProviderResponse {
  readonly apiKeySecretArn: Secret;
  readonly apiKeySecretJsonKey?: string | undefined;
  readonly apiKeySecretSource?: SecretSourceType | undefined;
  readonly name: string;
  readonly credentialProviderArn: string;
}

export interface CreateBrowserProfileRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateBrowserProfileResponse {
  readonly profileId: string;
  readonly profileArn: string;
  readonly createdAt: Date;
  readonly status: BrowserProfileStatus;
}

export interface CreateBrowserRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly networkConfiguration: BrowserNetworkConfiguration;
  readonly recording?: RecordingConfig | undefined;
  readonly browserSigning?: BrowserSigningConfigInput | undefined;
  readonly enterprisePolicies?: readonly BrowserEnterprisePolicy[] | undefined;
  readonly certificates?: readonly Certificate[] | undefined;
  readonly filesystemConfigurations?: readonly ToolsFileSystemConfiguration[] | undefined;
  readonly clientToken?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateBrowserResponse {
  readonly browserId: string;
  readonly browserArn: string;
  readonly createdAt: Date;
  readonly status: BrowserStatus;
}

export interface CreateCapacityProviderInput {
  readonly name: string;
  readonly description?: string | undefined;
  readonly permissionsConfiguration: PermissionsConfiguration;
  readonly clientToken?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly computeConfiguration: ComputeConfiguration;
}

export interface CreateCapacityProviderOutput {
  readonly capacityProviderId: string;
  readonly capacityProviderArn: string;
  readonly name: string;
  readonly status: CapacityProviderStatus;
}

export interface CreateCodeInterpreterRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly networkConfiguration: CodeInterpreterNetworkConfiguration;
  readonly certificates?: readonly Certificate[] | undefined;
  readonly filesystemConfigurations?: readonly ToolsFileSystemConfiguration[] | undefined;
  readonly clientToken?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateCodeInterpreterResponse {
  readonly codeInterpreterId: string;
  readonly codeInterpreterArn: string;
  readonly createdAt: Date;
  readonly status: CodeInterpreterStatus;
}

export interface CreateConfigurationBundleRequest {
  readonly clientToken?: string | undefined;
  readonly bundleName: string;
  readonly description?: string | undefined;
  readonly components: Readonly<Record<string, ComponentConfiguration>>;
  readonly branchName?: string | undefined;
  readonly commitMessage?: string | undefined;
  readonly createdBy?: VersionCreatedBySource | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateConfigurationBundleResponse {
  readonly bundleArn: string;
  readonly bundleId: string;
  readonly versionId: string;
  readonly createdAt: Date;
}

export interface CreateConsentPortalRequest {
  readonly executionRoleArn: string;
  readonly idpConfig: ConsentPortalIdpConfig;
  readonly name: string;
  readonly sources: readonly ConsentPortalSource[];
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateConsentPortalResponse {
  readonly sources: readonly ConsentPortalSource[];
  readonly consentPortalArn: string;
  readonly consentPortalId: string;
  readonly createdAt: Date;
  readonly description?: string | undefined;
  readonly executionRoleArn: string;
  readonly idpConfig: ConsentPortalIdpConfig;
  readonly name: string;
  readonly portalUrl?: string | undefined;
  readonly status: ConsentPortalStatus;
  readonly statusReason?: string | undefined;
  readonly updatedAt: Date;
}

export interface CreateDatasetRequest {
  readonly clientToken?: string | undefined;
  readonly datasetName: string;
  readonly description?: string | undefined;
  readonly source?: DataSourceType | undefined;
  readonly schemaType?: DatasetSchemaType | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateDatasetResponse {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly status: DatasetStatus;
  readonly createdAt: Date;
}

export interface CreateDatasetVersionRequest {
  readonly datasetId: string;
  readonly clientToken?: string | undefined;
}

export interface CreateDatasetVersionResponse {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly status: DatasetStatus;
  readonly datasetVersion: string;
  readonly createdAt: Date;
}

export interface CreateEvaluatorRequest {
  readonly clientToken?: string | undefined;
  readonly evaluatorName: string;
  readonly description?: string | undefined;
  readonly evaluatorConfig: EvaluatorConfig;
  readonly level: EvaluatorLevel;
  readonly kmsKeyArn?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateEvaluatorResponse {
  readonly evaluatorArn: string;
  readonly evaluatorId: string;
  readonly createdAt: Date;
  readonly status: EvaluatorStatus;
}

export interface CreateGatewayRateLimitRequest {
  readonly gatewayIdentifier: string;
  readonly clientToken?: string | undefined;
  readonly rateLimitId?: string | undefined;
  readonly description?: string | undefined;
  readonly dimensionKeys: readonly string[];
  readonly entries: readonly LimitEntry[];
}

export interface CreateGatewayRateLimitResponse {
  readonly rateLimitId: string;
  readonly gatewayIdentifier: string;
  readonly description?: string | undefined;
  readonly dimensionKeys: readonly string[];
  readonly entries: readonly LimitEntry[];
  readonly status: GatewayRateLimitStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface CreateGatewayRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly roleArn: string;
  readonly protocolType?: GatewayProtocolType | undefined;
  readonly protocolConfiguration?: GatewayProtocolConfiguration | undefined;
  readonly authorizerType: AuthorizerType;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly interceptorConfigurations?: readonly GatewayInterceptorConfiguration[] | undefined;
  readonly policyEngineConfiguration?: GatewayPolicyEngineConfiguration | undefined;
  readonly exceptionLevel?: ExceptionLevel | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly domainOverride?: DomainOverride | undefined;
}

export interface CreateGatewayResponse {
  readonly gatewayArn: string;
  readonly gatewayId: string;
  readonly gatewayUrl?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: GatewayStatus;
  readonly statusReasons?: readonly string[] | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly protocolType?: GatewayProtocolType | undefined;
  readonly protocolConfiguration?: GatewayProtocolConfiguration | undefined;
  readonly authorizerType: AuthorizerType;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly customTransformConfiguration?: CustomTransformConfiguration | undefined;
  readonly interceptorConfigurations?: readonly GatewayInterceptorConfiguration[] | undefined;
  readonly policyEngineConfiguration?: GatewayPolicyEngineConfiguration | undefined;
  readonly workloadIdentityDetails?: WorkloadIdentityDetails | undefined;
  readonly exceptionLevel?: ExceptionLevel | undefined;
  readonly webAclArn?: string | undefined;
  readonly wafConfiguration?: WafConfiguration | undefined;
  readonly domainOverride?: DomainOverride | undefined;
}

export interface CreateGatewayRuleRequest {
  readonly gatewayIdentifier: string;
  readonly clientToken?: string | undefined;
  readonly priority: number;
  readonly conditions?: readonly Condition[] | undefined;
  readonly actions: readonly Action[];
  readonly description?: string | undefined;
}

export interface CreateGatewayRuleResponse {
  readonly ruleId: string;
  readonly gatewayArn: string;
  readonly priority: number;
  readonly conditions?: readonly Condition[] | undefined;
  readonly actions: readonly Action[];
  readonly description?: string | undefined;
  readonly createdAt: Date;
  readonly status: GatewayRuleStatus;
  readonly system?: SystemManagedBlock | undefined;
}

export interface CreateGatewayTargetRequest {
  readonly gatewayIdentifier: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly targetConfiguration: TargetConfiguration;
  readonly credentialProviderConfigurations?: readonly CredentialProviderConfiguration[] | undefined;
  readonly metadataConfiguration?: MetadataConfiguration | undefined;
  readonly privateEndpoint?: PrivateEndpoint | undefined;
  readonly certificateConfigurations?: readonly CertificateConfiguration[] | undefined;
}

export interface CreateGatewayTargetResponse {
  readonly gatewayArn: string;
  readonly targetId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: TargetStatus;
  readonly statusReasons?: readonly string[] | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly targetConfiguration: TargetConfiguration;
  readonly credentialProviderConfigurations: readonly CredentialProviderConfiguration[];
  readonly lastSynchronizedAt?: Date | undefined;
  readonly metadataConfiguration?: MetadataConfiguration | undefined;
  readonly privateEndpoint?: PrivateEndpoint | undefined;
  readonly privateEndpointManagedResources?: readonly ManagedResourceDetails[] | undefined;
  readonly authorizationData?: AuthorizationData | undefined;
  readonly protocolType?: TargetProtocolType | undefined;
  readonly certificateConfigurations?: readonly CertificateConfiguration[] | undefined;
}

export interface CreateHarnessEndpointRequest {
  readonly harnessId: string;
  readonly endpointName: string;
  readonly targetVersion?: string | undefined;
  readonly description?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateHarnessEndpointResponse {
  readonly endpoint: HarnessEndpoint;
}

export interface CreateHarnessRequest {
  readonly harnessName: string;
  readonly clientToken?: string | undefined;
  readonly executionRoleArn: string;
  readonly environment?: HarnessEnvironmentProviderRequest | undefined;
  readonly environmentArtifact?: HarnessEnvironmentArtifact | undefined;
  readonly environmentVariables?: Readonly<Record<string, string>> | undefined;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly model?: HarnessModelConfiguration | undefined;
  readonly systemPrompt?: readonly HarnessSystemContentBlock[] | undefined;
  readonly tools?: readonly HarnessTool[] | undefined;
  readonly skills?: readonly HarnessSkill[] | undefined;
  readonly allowedTools?: readonly string[] | undefined;
  readonly memory?: HarnessMemoryConfiguration | undefined;
  readonly truncation?: HarnessTruncationConfiguration | undefined;
  readonly hooks?: readonly HarnessHook[] | undefined;
  readonly maxIterations?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateHarnessResponse {
  readonly harness: Harness;
}

export interface CreateMemoryInput {
  readonly clientToken?: string | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly encryptionKeyArn?: string | undefined;
  readonly memoryExecutionRoleArn?: string | undefined;
  readonly eventExpiryDuration: number;
  readonly memoryStrategies?: readonly MemoryStrategyInput[] | undefined;
  readonly indexedKeys?: readonly IndexedKey[] | undefined;
  readonly namespaceKeys?: readonly NamespaceKeyEntry[] | undefined;
  readonly streamDeliveryResources?: StreamDeliveryResources | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateMemoryOutput {
  readonly memory?: Memory | undefined;
}

export interface CreateOauth2CredentialProviderRequest {
  readonly name: string;
  readonly credentialProviderVendor: CredentialProviderVendorType;
  readonly oauth2ProviderConfigInput: Oauth2ProviderConfigInput;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateOauth2CredentialProviderResponse {
  readonly clientSecretArn: Secret;
  readonly clientSecretJsonKey?: string | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
  readonly name: string;
  readonly credentialProviderArn: string;
  readonly callbackUrl?: string | undefined;
  readonly oauth2ProviderConfigOutput?: Oauth2ProviderConfigOutput | undefined;
  readonly status?: Status | undefined;
}

export interface CreateOnlineEvaluationConfigRequest {
  readonly clientToken?: string | undefined;
  readonly onlineEvaluationConfigName: string;
  readonly description?: string | undefined;
  readonly rule: Rule;
  readonly dataSourceConfig: DataSourceConfig;
  readonly evaluators?: readonly EvaluatorReference[] | undefined;
  readonly insights?: readonly Insight[] | undefined;
  readonly clusteringConfig?: ClusteringConfig | undefined;
  readonly outputConfig?: OutputConfig | undefined;
  readonly evaluationExecutionRoleArn: string;
  readonly enableOnCreate: boolean;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateOnlineEvaluationConfigResponse {
  readonly onlineEvaluationConfigArn: string;
  readonly onlineEvaluationConfigId: string;
  readonly createdAt: Date;
  readonly outputConfig?: OutputConfig | undefined;
  readonly status: OnlineEvaluationConfigStatus;
  readonly executionStatus: OnlineEvaluationExecutionStatus;
  readonly failureReason?: string | undefined;
}

export interface CreatePaymentConnectorRequest {
  readonly paymentManagerId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly type: PaymentConnectorType;
  readonly credentialProviderConfigurations: readonly CredentialsProviderConfiguration[];
  readonly provisionMode?: PaymentConnectorProvisionMode | undefined;
  readonly clientToken?: string | undefined;
}

export interface CreatePaymentConnectorResponse {
  readonly paymentConnectorId: string;
  readonly paymentManagerId: string;
  readonly name: string;
  readonly type: PaymentConnectorType;
  readonly credentialProviderConfigurations: readonly CredentialsProviderConfiguration[];
  readonly createdAt: Date;
  readonly status: PaymentConnectorStatus;
  readonly authorizationUrl?: string | undefined;
}

export interface CreatePaymentCredentialProviderRequest {
  readonly name: string;
  readonly credentialProviderVendor: PaymentCredentialProviderVendorType;
  readonly providerConfigurationInput: PaymentProviderConfigurationInput;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreatePaymentCredentialProviderResponse {
  readonly name: string;
  readonly credentialProviderVendor: PaymentCredentialProviderVendorType;
  readonly credentialProviderArn: string;
  readonly providerConfigurationOutput: PaymentProviderConfigurationOutput;
}

export interface CreatePaymentManagerRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly authorizerType: PaymentsAuthorizerType;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly roleArn: string;
  readonly clientToken?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly kmsKeyArn?: string | undefined;
}

export interface CreatePaymentManagerResponse {
  readonly paymentManagerArn: string;
  readonly paymentManagerId: string;
  readonly name: string;
  readonly authorizerType: PaymentsAuthorizerType;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly roleArn: string;
  readonly workloadIdentityDetails?: WorkloadIdentityDetails | undefined;
  readonly createdAt: Date;
  readonly status: PaymentManagerStatus;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly kmsKeyArn?: string | undefined;
}

export interface CreatePolicyEngineRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly encryptionKeyArn?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreatePolicyEngineResponse {
  readonly policyEngineId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyEngineArn: string;
  readonly status: PolicyEngineStatus;
  readonly encryptionKeyArn?: string | undefined;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface CreatePolicyRequest {
  readonly name: string;
  readonly definition: PolicyDefinition;
  readonly description?: string | undefined;
  readonly validationMode?: PolicyValidationMode | undefined;
  readonly enforcementMode?: EnforcementMode | undefined;
  readonly policyEngineId: string;
  readonly clientToken?: string | undefined;
}

export interface CreatePolicyResponse {
  readonly policyId: string;
  readonly name: string;
  readonly policyEngineId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyArn: string;
  readonly status: PolicyStatus;
  readonly enforcementMode?: EnforcementMode | undefined;
  readonly definition: PolicyDefinition;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface CreateRegistryRecordRequest {
  readonly registryId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly descriptorType: DescriptorType;
  readonly descriptors?: Descriptors | undefined;
  readonly recordVersion?: string | undefined;
  readonly synchronizationType?: SynchronizationType | undefined;
  readonly synchronizationConfiguration?: SynchronizationConfiguration | undefined;
  readonly clientToken?: string | undefined;
}

export interface CreateRegistryRecordResponse {
  readonly recordArn: string;
  readonly status: RegistryRecordStatus;
}

export interface CreateRegistryRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly authorizerType?: RegistryAuthorizerType | undefined;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly clientToken?: string | undefined;
  readonly approvalConfiguration?: ApprovalConfiguration | undefined;
}

export interface CreateRegistryResponse {
  readonly registryArn: string;
}

export interface CreateWorkloadIdentityRequest {
  readonly name: string;
  readonly allowedResourceOauth2ReturnUrls?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateWorkloadIdentityResponse {
  readonly name: string;
  readonly workloadIdentityArn: string;
  readonly allowedResourceOauth2ReturnUrls?: readonly string[] | undefined;
}

export type CredentialProvider = OneOf<{
  oauthCredentialProvider: OAuthCredentialProvider;
  apiKeyCredentialProvider: ApiKeyCredentialProvider;
  iamCredentialProvider: IamCredentialProvider;
}>;

export interface CredentialProviderConfiguration {
  readonly credentialProviderType: CredentialProviderType;
  readonly credentialProvider?: CredentialProvider | undefined;
}

export type CredentialProviderType = "GATEWAY_IAM_ROLE" | "OAUTH" | "API_KEY" | "CALLER_IAM_CREDENTIALS" | "JWT_PASSTHROUGH";

export type CredentialProviderVendorType = "GoogleOauth2" | "GithubOauth2" | "SlackOauth2" | "SalesforceOauth2" | "MicrosoftOauth2" | "CustomOauth2" | "AtlassianOauth2" | "LinkedinOauth2" | "XOauth2" | "OktaOauth2" | "OneLoginOauth2" | "PingOneOauth2" | "FacebookOauth2" | "YandexOauth2" | "RedditOauth2" | "ZoomOauth2" | "TwitchOauth2" | "SpotifyOauth2" | "DropboxOauth2" | "NotionOauth2" | "HubspotOauth2" | "CyberArkOauth2" | "FusionAuthOauth2" | "Auth0Oauth2" | "CognitoOauth2";

export type CredentialRotationConfig = OneOf<{
  coinbaseCDP: CoinbaseCdpRotationTargets;
}>;

export type CredentialsProviderConfiguration = OneOf<{
  coinbaseCDP: PaymentCredentialProviderConfiguration;
  stripePrivy: PaymentCredentialProviderConfiguration;
}>;

export interface CustomClaimValidationType {
  readonly inboundTokenClaimName: string;
  readonly inboundTokenClaimValueType: InboundTokenClaimValueType;
  readonly authorizingClaimMatchValue: AuthorizingClaimMatchValueType;
}

export type CustomConfigurationInput = OneOf<{
  semanticOverride: SemanticOverrideConfigurationInput;
  summaryOverride: SummaryOverrideConfigurationInput;
  userPreferenceOverride: UserPreferenceOverrideConfigurationInput;
  episodicOverride: EpisodicOverrideConfigurationInput;
  selfManagedConfiguration: SelfManagedConfigurationInput;
}>;

export type CustomConsolidationConfiguration = OneOf<{
  semanticConsolidationOverride: SemanticConsolidationOverride;
  summaryConsolidationOverride: SummaryConsolidationOverride;
  userPreferenceConsolidationOverride: UserPreferenceConsolidationOverride;
  episodicConsolidationOverride: EpisodicConsolidationOverride;
}>;

export type CustomConsolidationConfigurationInput = OneOf<{
  semanticConsolidationOverride: SemanticOverrideConsolidationConfigurationInput;
  summaryConsolidationOverride: SummaryOverrideConsolidationConfigurationInput;
  userPreferenceConsolidationOverride: UserPreferenceOverrideConsolidationConfigurationInput;
  episodicConsolidationOverride: EpisodicOverrideConsolidationConfigurationInput;
}>;

export interface CustomDescriptor {
  readonly inlineContent?: string | undefined;
}

export type CustomExtractionConfiguration = OneOf<{
  semanticExtractionOverride: SemanticExtractionOverride;
  userPreferenceExtractionOverride: UserPreferenceExtractionOverride;
  episodicExtractionOverride: EpisodicExtractionOverride;
}>;

export type CustomExtractionConfigurationInput = OneOf<{
  semanticExtractionOverride: SemanticOverrideExtractionConfigurationInput;
  userPreferenceExtractionOverride: UserPreferenceOverrideExtractionConfigurationInput;
  episodicExtractionOverride: EpisodicOverrideExtractionConfigurationInput;
}>;

export interface CustomJWTAuthorizerConfiguration {
  readonly discoveryUrl: string;
  readonly allowedAudience?: readonly string[] | undefined;
  readonly allowedClients?: readonly string[] | undefined;
  readonly allowedScopes?: readonly string[] | undefined;
  readonly advertisedScopeMapping?: Readonly<Record<string, string>> | undefined;
  readonly customClaims?: readonly CustomClaimValidationType[] | undefined;
  readonly privateEndpoint?: PrivateEndpoint | undefined;
  readonly privateEndpointOverrides?: readonly PrivateEndpointOverride[] | undefined;
  readonly certificateConfigurations?: readonly CertificateConfiguration[] | undefined;
  readonly allowedWorkloadConfiguration?: AllowedWorkloadConfiguration | undefined;
}

export interface CustomMemoryStrategyInput {
  readonly name: string;
  readonly description?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly configuration?: CustomConfigurationInput | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
  readonly recordExpirySpecification?: RecordExpirySpecification | undefined;
}

export interface CustomOauth2ProviderConfigInput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly clientSecretConfig?: SecretReference | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
  readonly onBehalfOfTokenExchangeConfig?: OnBehalfOfTokenExchangeConfigType | undefined;
  readonly clientAuthenticationMethod?: ClientAuthenticationMethodType | undefined;
  readonly privateKeyJwtConfig?: PrivateKeyJwtConfig | undefined;
  readonly privateEndpoint?: PrivateEndpoint | undefined;
  readonly privateEndpointOverrides?: readonly PrivateEndpointOverride[] | undefined;
  readonly certificateConfigurations?: readonly CertificateConfiguration[] | undefined;
}

export interface CustomOauth2ProviderConfigOutput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
  readonly onBehalfOfTokenExchangeConfig?: OnBehalfOfTokenExchangeConfigType | undefined;
  readonly clientAuthenticationMethod?: ClientAuthenticationMethodType | undefined;
  readonly privateEndpoint?: PrivateEndpoint | undefined;
  readonly privateEndpointOverrides?: readonly PrivateEndpointOverride[] | undefined;
  readonly certificateConfigurations?: readonly CertificateConfiguration[] | undefined;
  readonly privateKeyJwtConfig?: PrivateKeyJwtConfig | undefined;
}

export type CustomReflectionConfiguration = OneOf<{
  episodicReflectionOverride: EpisodicReflectionOverride;
}>;

export type CustomReflectionConfigurationInput = OneOf<{
  episodicReflectionOverride: EpisodicOverrideReflectionConfigurationInput;
}>;

export interface CustomTransformConfiguration {
  readonly lambda?: LambdaTransformConfiguration | undefined;
}

export type DataSourceConfig = OneOf<{
  cloudWatchLogs: CloudWatchLogsInputConfig;
}>;

export type DataSourceType = OneOf<{
  inlineExamples: InlineExamplesSource;
  s3Source: S3Source;
}>;

export type DatasetSchemaType = "AGENTCORE_EVALUATION_PREDEFINED_V1" | "AGENTCORE_EVALUATION_SIMULATED_V1" | "THIRD_PARTY_EVALUATION_V1";

export type DatasetStatus = "CREATING" | "UPDATING" | "DELETING" | "ACTIVE" | "CREATE_FAILED" | "UPDATE_FAILED" | "DELETE_FAILED";

export interface DatasetSummary {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly datasetName: string;
  readonly description?: string | undefined;
  readonly status: DatasetStatus;
  readonly draftStatus?: DraftStatus | undefined;
  readonly schemaType?: DatasetSchemaType | undefined;
  readonly exampleCount: number;
  readonly exampleCountByField?: ExampleCountByField | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface DatasetVersionSummary {
  readonly datasetVersion: string;
  readonly exampleCount: number;
  readonly exampleCountByField?: ExampleCountByField | undefined;
  readonly createdAt: Date;
}

export interface DecryptionFailure {
  readonly message: string;
}

export interface DeleteAgentRuntimeEndpointRequest {
  readonly agentRuntimeId: string;
  readonly endpointName: string;
  readonly clientToken?: string | undefined;
}

export interface DeleteAgentRuntimeEndpointResponse {
  readonly status: AgentRuntimeEndpointStatus;
  readonly agentRuntimeId?: string | undefined;
  readonly endpointName?: string | undefined;
}

export interface DeleteAgentRuntimeRequest {
  readonly agentRuntimeId: string;
  readonly agentRuntimeVersion?: string | undefined;
  readonly clientToken?: string | undefined;
}

export interface DeleteAgentRuntimeResponse {
  readonly status: AgentRuntimeStatus;
  readonly agentRuntimeId?: string | undefined;
  readonly agentRuntimeVersion?: string | undefined;
}

export interface DeleteApiKeyCredentialProviderRequest {
  readonly name: string;
}

export type DeleteApiKeyCredentialProviderResponse = Readonly<Record<string, never>>;

export interface DeleteBrowserProfileRequest {
  readonly profileId: string;
  readonly clientToken?: string | undefined;
}

export interface DeleteBrowserProfileResponse {
  readonly profileId: string;
  readonly profileArn: string;
  readonly status: BrowserProfileStatus;
  readonly lastUpdatedAt: Date;
  readonly lastSavedAt?: Date | undefined;
}

export interface DeleteBrowserRequest {
  readonly browserId: string;
  readonly clientToken?: string | undefined;
}

export interface DeleteBrowserResponse {
  readonly browserId: string;
  readonly status: BrowserStatus;
  readonly lastUpdatedAt: Date;
}

export interface DeleteCapacityProviderInput {
  readonly capacityProviderId: string;
  readonly clientToken?: string | undefined;
}

export interface DeleteCapacityProviderOutput {
  readonly capacityProviderId: string;
  readonly status: CapacityProviderStatus;
}

export interface DeleteCodeInterpreterRequest {
  readonly codeInterpreterId: string;
  readonly clientToken?: string | undefined;
}

export interface DeleteCodeInterpreterResponse {
  readonly codeInterpreterId: string;
  readonly status: CodeInterpreterStatus;
  readonly lastUpdatedAt: Date;
}

export interface DeleteConfigurationBundleRequest {
  readonly bundleId: string;
}

export interface DeleteConfigurationBundleResponse {
  readonly bundleArn: string;
  readonly bundleId: string;
  readonly status: ConfigurationBundleStatus;
}

export interface DeleteConsentPortalRequest {
  readonly consentPortalIdentifier: string;
}

export type DeleteConsentPortalResponse = Readonly<Record<string, never>>;

export interface DeleteDatasetExamplesRequest {
  readonly datasetId: string;
  readonly clientToken?: string | undefined;
  readonly exampleIds: readonly string[];
}

export interface DeleteDatasetExamplesResponse {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly status: DatasetStatus;
  readonly deletedCount: number;
  readonly updatedAt: Date;
}

export interface DeleteDatasetRequest {
  readonly datasetId: string;
  readonly datasetVersion?: string | undefined;
}

export interface DeleteDatasetResponse {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly status: DatasetStatus;
  readonly datasetVersion: string;
  readonly updatedAt: Date;
}

export interface DeleteEvaluatorRequest {
  readonly evaluatorId: string;
}

export interface DeleteEvaluatorResponse {
  readonly evaluatorArn: string;
  readonly evaluatorId: string;
  readonly status: EvaluatorStatus;
}

export interface DeleteGatewayRateLimitRequest {
  readonly gatewayIdentifier: string;
  readonly rateLimitId: string;
}

export interface DeleteGatewayRateLimitResponse {
  readonly rateLimitId: string;
  readonly status: GatewayRateLimitStatus;
}

export interface DeleteGatewayRequest {
  readonly gatewayIdentifier: string;
}

export interface DeleteGatewayResponse {
  readonly gatewayId: string;
  readonly status: GatewayStatus;
  readonly statusReasons?: readonly string[] | undefined;
}

export interface DeleteGatewayRuleRequest {
  readonly gatewayIdentifier: string;
  readonly ruleId: string;
}

export interface DeleteGatewayRuleResponse {
  readonly ruleId: string;
  readonly status: GatewayRuleStatus;
}

export interface DeleteGatewayTargetRequest {
  readonly gatewayIdentifier: string;
  readonly targetId: string;
}

export interface DeleteGatewayTargetResponse {
  readonly gatewayArn: string;
  readonly targetId: string;
  readonly status: TargetStatus;
  readonly statusReasons?: readonly string[] | undefined;
}

export interface DeleteHarnessEndpointRequest {
  readonly harnessId: string;
  readonly endpointName: string;
  readonly clientToken?: string | undefined;
}

export interface DeleteHarnessEndpointResponse {
  readonly endpoint: HarnessEndpoint;
}

export interface DeleteHarnessRequest {
  readonly harnessId: string;
  readonly clientToken?: string | undefined;
  readonly deleteManagedMemory?: boolean | undefined;
}

export interface DeleteHarnessResponse {
  readonly harness?: Harness | undefined;
}

export interface DeleteMemoryInput {
  readonly clientToken?: string | undefined;
  readonly memoryId: string;
}

export interface DeleteMemoryOutput {
  readonly memoryId: string;
  readonly status?: MemoryStatus | undefined;
}

export interface DeleteMemoryStrategyInput {
  readonly memoryStrategyId: string;
}

export interface DeleteOauth2CredentialProviderRequest {
  readonly name: string;
}

export type DeleteOauth2CredentialProviderResponse = Readonly<Record<string, never>>;

export interface DeleteOnlineEvaluationConfigRequest {
  readonly onlineEvaluationConfigId: string;
}

export interface DeleteOnlineEvaluationConfigResponse {
  readonly onlineEvaluationConfigArn: string;
  readonly onlineEvaluationConfigId: string;
  readonly status: OnlineEvaluationConfigStatus;
}

export interface DeletePaymentConnectorRequest {
  readonly paymentManagerId: string;
  readonly paymentConnectorId: string;
  readonly clientToken?: string | undefined;
}

export interface DeletePaymentConnectorResponse {
  readonly status: PaymentConnectorStatus;
  readonly paymentConnectorId?: string | undefined;
}

export interface DeletePaymentCredentialProviderRequest {
  readonly name: string;
}

export type DeletePaymentCredentialProviderResponse = Readonly<Record<string, never>>;

export interface DeletePaymentManagerRequest {
  readonly paymentManagerId: string;
  readonly clientToken?: string | undefined;
}

export interface DeletePaymentManagerResponse {
  readonly status: PaymentManagerStatus;
  readonly paymentManagerId?: string | undefined;
}

export interface DeletePolicyEngineRequest {
  readonly policyEngineId: string;
}

export interface DeletePolicyEngineResponse {
  readonly policyEngineId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyEngineArn: string;
  readonly status: PolicyEngineStatus;
  readonly encryptionKeyArn?: string | undefined;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface DeletePolicyRequest {
  readonly policyEngineId: string;
  readonly policyId: string;
}

export interface DeletePolicyResponse {
  readonly policyId: string;
  readonly name: string;
  readonly policyEngineId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyArn: string;
  readonly status: PolicyStatus;
  readonly enforcementMode?: EnforcementMode | undefined;
  readonly definition: PolicyDefinition;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface DeleteRegistryRecordRequest {
  readonly registryId: string;
  readonly recordId: string;
}

export type DeleteRegistryRecordResponse = Readonly<Record<string, never>>;

export interface DeleteRegistryRequest {
  readonly registryId: string;
}

export interface DeleteRegistryResponse {
  readonly status: RegistryStatus;
}

export interface DeleteResourcePolicyRequest {
  readonly resourceArn: string;
}

export type DeleteResourcePolicyResponse = Readonly<Record<string, never>>;

export interface DeleteWorkloadIdentityRequest {
  readonly name: string;
}

export type DeleteWorkloadIdentityResponse = Readonly<Record<string, never>>;

export interface DerivedEvaluatorConfig {
  readonly baseEvaluatorId: string;
  readonly modelConfig: EvaluatorModelConfig;
}

export type DescriptorType = "MCP" | "A2A" | "CUSTOM" | "AGENT_SKILLS";

export interface Descriptors {
  readonly mcp?: McpDescriptor | undefined;
  readonly a2a?: A2aDescriptor | undefined;
  readonly custom?: CustomDescriptor | undefined;
  readonly agentSkills?: AgentSkillsDescriptor | undefined;
}

export type DimensionRatingScale = OneOf<{
  numerical: readonly NumericalScaleDefinition[];
  categorical: readonly CategoricalScaleDefinition[];
}>;

export interface DomainOverride {
  readonly defaultDomain: string;
  readonly alternateDomains?: readonly string[] | undefined;
}

export type DraftStatus = "MODIFIED" | "UNMODIFIED";

export interface EbsVolumeConfiguration {
  readonly name: string;
  readonly sizeGiB: number;
  readonly volumeType?: EbsVolumeType | undefined;
  readonly iops?: number | undefined;
  readonly throughput?: number | undefined;
  readonly encrypted?: boolean | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly snapshotId?: string | undefined;
}

export type EbsVolumeType = "standard" | "io1" | "io2" | "gp2" | "sc1" | "st1" | "gp3";

export interface Ec2Configuration {
  readonly launchTemplateSource: LaunchTemplateSource;
  readonly vpcConfiguration: VpcConfiguration;
  readonly volumes?: readonly VolumeConfiguration[] | undefined;
  readonly lifecycleConfiguration?: InstanceLifecycleConfiguration | undefined;
  readonly rootVolume?: RootVolumeConfiguration | undefined;
}

export interface EfsAccessPointConfiguration {
  readonly accessPointArn: string;
  readonly mountPath: string;
}

export interface EfsConfiguration {
  readonly accessPointArn: string;
  readonly mountPath: string;
  readonly fileSystemArn: string;
}

export interface EncryptionFailure {
  readonly message: string;
}

export type EndpointIpAddressType = "IPV4" | "IPV6";

export type EnforcementMode = "ACTIVE" | "LOG_ONLY";

export interface EphemeralBlockDeviceMapping {
  readonly deviceName?: string | undefined;
  readonly virtualName?: string | undefined;
  readonly ebs?: EphemeralEBSVolumeConfiguration | undefined;
}

export interface EphemeralEBSVolumeConfiguration {
  readonly volumeType?: EbsVolumeType | undefined;
  readonly iops?: number | undefined;
  readonly throughput?: number | undefined;
  readonly encrypted?: boolean | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly snapshotId?: string | undefined;
  readonly volumeSize?: number | undefined;
  readonly volumeInitializationRate?: number | undefined;
  readonly ebsCardIndex?: number | undefined;
}

export interface EpisodicConsolidationOverride {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface EpisodicExtractionOverride {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface EpisodicMemoryStrategyInput {
  readonly name: string;
  readonly description?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly reflectionConfiguration?: EpisodicReflectionConfigurationInput | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
  readonly recordExpirySpecification?: RecordExpirySpecification | undefined;
}

export interface EpisodicOverrideConfigurationInput {
  readonly extraction?: EpisodicOverrideExtractionConfigurationInput | undefined;
  readonly consolidation?: EpisodicOverrideConsolidationConfigurationInput | undefined;
  readonly reflection?: EpisodicOverrideReflectionConfigurationInput | undefined;
}

export interface EpisodicOverrideConsolidationConfigurationInput {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface EpisodicOverrideExtractionConfigurationInput {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface EpisodicOverrideReflectionConfigurationInput {
  readonly appendToPrompt: string;
  readonly modelId: string;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
}

export interface EpisodicReflectionConfiguration {
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
}

export interface EpisodicReflectionConfigurationInput {
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
}

export interface EpisodicReflectionOverride {
  readonly appendToPrompt: string;
  readonly modelId: string;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
}

export interface EvaluationDimension {
  readonly dimensionName: string;
  readonly dimensionInstruction: string;
  readonly dimensionRatingScale: DimensionRatingScale;
}

export type EvaluatorConfig = OneOf<{
  llmAsAJudge: LlmAsAJudgeEvaluatorConfig;
  codeBased: CodeBasedEvaluatorConfig;
  derived: DerivedEvaluatorConfig;
}>;

export type EvaluatorLevel = "TOOL_CALL" | "TRACE" | "SESSION";

export type EvaluatorModelConfig = OneOf<{
  bedrockEvaluatorModelConfig: BedrockEvaluatorModelConfig;
  responsesEvaluatorModelConfig: OpenResponsesEvaluatorModelConfig;
}>;

export type EvaluatorReference = OneOf<{
  evaluatorId: string;
}>;

export type EvaluatorStatus = "ACTIVE" | "CREATING" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "DELETING";

export interface EvaluatorSummary {
  readonly evaluatorArn: string;
  readonly evaluatorId: string;
  readonly evaluatorName: string;
  readonly description?: string | undefined;
  readonly evaluatorType: EvaluatorType;
  readonly provider?: Provider | undefined;
  readonly level?: EvaluatorLevel | undefined;
  readonly status: EvaluatorStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lockedForModification?: boolean | undefined;
  readonly kmsKeyArn?: string | undefined;
}

export type EvaluatorType = "Builtin" | "ThirdParty" | "Custom" | "CustomCode" | "CustomDerived";

export interface ExampleCountByField {
  readonly turns: number;
  readonly input: number;
  readonly actorProfile: number;
}

export interface ExampleCountByFieldCondition {
  readonly anyOf?: readonly ExampleField[] | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export type ExampleField = "TURNS" | "INPUT" | "ACTOR_PROFILE";

export interface ExampleFieldCondition {
  readonly anyOf?: readonly ExampleField[] | undefined;
}

export type ExceptionLevel = "DEBUG";

export type ExtractionConfig = OneOf<{
  llmExtractionConfig: LlmExtractionConfig;
}>;

export type ExtractionConfiguration = OneOf<{
  customExtractionConfiguration: CustomExtractionConfiguration;
}>;

export type ExtractionType = "LLM_INFERRED" | "STRICTLY_CONSISTENT";

export interface Fallback {
  readonly triggerOn?: FallbackTriggers | undefined;
  readonly firstByteTimeoutMilliseconds?: number | undefined;
  readonly circuitBreaker?: CircuitBreakerConfiguration | undefined;
  readonly targetFallback: readonly FallbackTarget[];
}

export type FallbackError = "CONNECTION_ERROR" | "FIRST_BYTE_TIMEOUT" | "UNROUTABLE";

export interface FallbackTarget {
  readonly targetName: string;
  readonly model?: string | undefined;
  readonly triggerOn?: FallbackTriggers | undefined;
  readonly firstByteTimeoutMilliseconds?: number | undefined;
}

export interface FallbackTriggers {
  readonly statusCodes?: readonly string[] | undefined;
  readonly errors?: readonly FallbackError[] | undefined;
}

export type FilesystemConfiguration = OneOf<{
  sessionStorage: SessionStorageConfiguration;
  s3FilesAccessPoint: S3FilesAccessPointConfiguration;
  efsAccessPoint: EfsAccessPointConfiguration;
  capacityProviderVolume: CapacityProviderVolumeConfiguration;
}>;

export interface Filter {
  readonly key: string;
  readonly operator: FilterOperator;
  readonly value: FilterValue;
}

export type FilterOperator = "Equals" | "NotEquals" | "GreaterThan" | "LessThan" | "GreaterThanOrEqual" | "LessThanOrEqual" | "Contains" | "NotContains";

export type FilterValue = OneOf<{
  stringValue: string;
  doubleValue: number;
  booleanValue: boolean;
}>;

export interface Finding {
  readonly type?: FindingType | undefined;
  readonly description?: string | undefined;
}

export type FindingType = "VALID" | "INVALID" | "NOT_TRANSLATABLE" | "ALLOW_ALL" | "ALLOW_NONE" | "DENY_ALL" | "DENY_NONE";

export interface FromUrlSynchronizationConfiguration {
  readonly url: string;
  readonly credentialProviderConfigurations?: readonly RegistryRecordCredentialProviderConfiguration[] | undefined;
}

export type GatewayInterceptionPoint = "REQUEST" | "RESPONSE";

export interface GatewayInterceptorConfiguration {
  readonly interceptor: InterceptorConfiguration;
  readonly interceptionPoints: readonly GatewayInterceptionPoint[];
  readonly inputConfiguration?: InterceptorInputConfiguration | undefined;
}

export interface GatewayPolicyEngineConfiguration {
  readonly arn: string;
  readonly mode: GatewayPolicyEngineMode;
}

export type GatewayPolicyEngineMode = "LOG_ONLY" | "ENFORCE";

export type GatewayProtocolConfiguration = OneOf<{
  mcp: MCPGatewayConfiguration;
}>;

export type GatewayProtocolType = "MCP";

export interface GatewayRateLimitDetail {
  readonly rateLimitId: string;
  readonly gatewayIdentifier: string;
  readonly description?: string | undefined;
  readonly dimensionKeys: readonly string[];
  readonly entries: readonly LimitEntry[];
  readonly status: GatewayRateLimitStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type GatewayRateLimitStatus = "CREATING" | "ACTIVE" | "UPDATING" | "DELETING";

export interface GatewayRuleDetail {
  readonly ruleId: string;
  readonly gatewayArn: string;
  readonly priority: number;
  readonly conditions?: readonly Condition[] | undefined;
  readonly actions: readonly Action[];
  readonly description?: string | undefined;
  readonly createdAt: Date;
  readonly status: GatewayRuleStatus;
  readonly system?: SystemManagedBlock | undefined;
  readonly updatedAt?: Date | undefined;
}

export type GatewayRuleStatus = "CREATING" | "ACTIVE" | "UPDATING" | "DELETING";

export type GatewayStatus = "CREATING" | "UPDATING" | "UPDATE_UNSUCCESSFUL" | "DELETING" | "READY" | "FAILED";

export interface GatewaySummary {
  readonly gatewayId: string;
  readonly name: string;
  readonly status: GatewayStatus;
  readonly description?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly authorizerType: AuthorizerType;
  readonly protocolType?: GatewayProtocolType | undefined;
}

export interface GatewayTarget {
  readonly gatewayArn: string;
  readonly targetId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: TargetStatus;
  readonly statusReasons?: readonly string[] | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly targetConfiguration: TargetConfiguration;
  readonly credentialProviderConfigurations: readonly CredentialProviderConfiguration[];
  readonly lastSynchronizedAt?: Date | undefined;
  readonly metadataConfiguration?: MetadataConfiguration | undefined;
  readonly privateEndpoint?: PrivateEndpoint | undefined;
  readonly privateEndpointManagedResources?: readonly ManagedResourceDetails[] | undefined;
  readonly authorizationData?: AuthorizationData | undefined;
  readonly protocolType?: TargetProtocolType | undefined;
  readonly certificateConfigurations?: readonly CertificateConfiguration[] | undefined;
}

export interface GetAgentInsightStoreRequest {
  readonly agentInsightStoreId: string;
}

export interface GetAgentInsightStoreResponse {
  readonly agentInsightStoreArn: string;
  readonly agentInsightStoreId: string;
  readonly status: AgentInsightStoreStatus;
  readonly enablementStatus: AgentInsightStoreEnablementStatus;
  readonly encryptionConfiguration: AgentInsightStoreEncryptionConfiguration;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly failureReason?: string | undefined;
}

export interface GetAgentRuntimeEndpointRequest {
  readonly agentRuntimeId: string;
  readonly endpointName: string;
}

export interface GetAgentRuntimeEndpointResponse {
  readonly liveVersion?: string | undefined;
  readonly targetVersion?: string | undefined;
  readonly agentRuntimeEndpointArn: string;
  readonly agentRuntimeArn: string;
  readonly description?: string | undefined;
  readonly status: AgentRuntimeEndpointStatus;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
  readonly failureReason?: string | undefined;
  readonly name: string;
  readonly id: string;
}

export interface GetAgentRuntimeRequest {
  readonly agentRuntimeId: string;
  readonly agentRuntimeVersion?: string | undefined;
}

export interface GetAgentRuntimeResponse {
  readonly agentRuntimeArn: string;
  readonly agentRuntimeName: string;
  readonly agentRuntimeId: string;
  readonly agentRuntimeVersion: string;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
  readonly roleArn: string;
  readonly networkConfiguration?: NetworkConfiguration | undefined;
  readonly status: AgentRuntimeStatus;
  readonly lifecycleConfiguration: LifecycleConfiguration;
  readonly hooksConfiguration?: RuntimeHooksConfiguration | undefined;
  readonly failureReason?: string | undefined;
  readonly description?: string | undefined;
  readonly workloadIdentityDetails?: WorkloadIdentityDetails | undefined;
  readonly agentRuntimeArtifact?: AgentRuntimeArtifact | undefined;
  readonly protocolConfiguration?: ProtocolConfiguration | undefined;
  readonly environmentVariables?: Readonly<Record<string, string>> | undefined;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly requestHeaderConfiguration?: RequestHeaderConfiguration | undefined;
  readonly metadataConfiguration?: RuntimeMetadataConfiguration | undefined;
  readonly filesystemConfigurations?: readonly FilesystemConfiguration[] | undefined;
  readonly capacityProviderConfiguration?: CapacityProviderConfiguration | undefined;
  readonly platformVersion?: string | undefined;
  readonly allowedPorts?: readonly AllowedPort[] | undefined;
  readonly resourceConfigurations?: readonly ResourceConfiguration[] | undefined;
}

export interface GetApiKeyCredentialProviderRequest {
  readonly name: string;
}

export interface GetApiKeyCredentialProviderResponse {
  readonly apiKeySecretArn: Secret;
  readonly apiKeySecretJsonKey?: string | undefined;
  readonly apiKeySecretSource?: SecretSourceType | undefined;
  readonly name: string;
  readonly credentialProviderArn: string;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
}

export interface GetBrowserProfileRequest {
  readonly profileId: string;
}

export interface GetBrowserProfileResponse {
  readonly profileId: string;
  readonly profileArn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly status: BrowserProfileStatus;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
  readonly lastSavedAt?: Date | undefined;
  readonly lastSavedBrowserSessionId?: string | undefined;
  readonly lastSavedBrowserId?: string | undefined;
}

export interface GetBrowserRequest {
  readonly browserId: string;
}

export interface GetBrowserResponse {
  readonly browserId: string;
  readonly browserArn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly networkConfiguration: BrowserNetworkConfiguration;
  readonly recording?: RecordingConfig | undefined;
  readonly browserSigning?: BrowserSigningConfigOutput | undefined;
  readonly enterprisePolicies?: readonly BrowserEnterprisePolicy[] | undefined;
  readonly certificates?: readonly Certificate[] | undefined;
  readonly filesystemConfigurations?: readonly ToolsFileSystemConfiguration[] | undefined;
  readonly status: BrowserStatus;
  readonly failureReason?: string | undefined;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
}

export interface GetCapacityProviderInput {
  readonly capacityProviderId: string;
}

export interface GetCapacityProviderOutput {
  readonly capacityProviderId: string;
  readonly capacityProviderArn: string;
  readonly name: string;
  readonly status: CapacityProviderStatus;
  readonly description?: string | undefined;
  readonly statusCode?: CapacityProviderStatusCode | undefined;
  readonly statusReason?: string | undefined;
  readonly permissionsConfiguration: PermissionsConfiguration;
  readonly computeConfiguration: ComputeConfiguration;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
}

export interface GetCodeInterpreterRequest {
  readonly codeInterpreterId: string;
}

export interface GetCodeInterpreterResponse {
  readonly codeInterpreterId: string;
  readonly codeInterpreterArn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly networkConfiguration: CodeInterpreterNetworkConfiguration;
  readonly status: CodeInterpreterStatus;
  readonly certificates?: readonly Certificate[] | undefined;
  readonly filesystemConfigurations?: readonly ToolsFileSystemConfiguration[] | undefined;
  readonly failureReason?: string | undefined;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
}

export interface GetConfigurationBundleRequest {
  readonly bundleId: string;
  readonly branchName?: string | undefined;
}

export interface GetConfigurationBundleResponse {
  readonly bundleArn: string;
  readonly bundleId: string;
  readonly bundleName: string;
  readonly description?: string | undefined;
  readonly versionId: string;
  readonly components: Readonly<Record<string, ComponentConfiguration>>;
  readonly lineageMetadata?: VersionLineageMetadata | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly kmsKeyArn?: string | undefined;
}

export interface GetConfigurationBundleVersionRequest {
  readonly bundleId: string;
  readonly versionId: string;
}

export interface GetConfigurationBundleVersionResponse {
  readonly bundleArn: string;
  readonly bundleId: string;
  readonly bundleName: string;
  readonly description?: string | undefined;
  readonly versionId: string;
  readonly components: Readonly<Record<string, ComponentConfiguration>>;
  readonly lineageMetadata?: VersionLineageMetadata | undefined;
  readonly createdAt: Date;
  readonly versionCreatedAt: Date;
  readonly kmsKeyArn?: string | undefined;
}

export interface GetConsentPortalRequest {
  readonly consentPortalIdentifier: string;
}

export interface GetConsentPortalResponse {
  readonly sources: readonly ConsentPortalSource[];
  readonly consentPortalArn: string;
  readonly consentPortalId: string;
  readonly createdAt: Date;
  readonly description?: string | undefined;
  readonly executionRoleArn: string;
  readonly idpConfig: ConsentPortalIdpConfig;
  readonly name: string;
  readonly portalUrl?: string | undefined;
  readonly status: ConsentPortalStatus;
  readonly statusReason?: string | undefined;
  readonly updatedAt: Date;
}

export interface GetDatasetRequest {
  readonly datasetId: string;
  readonly datasetVersion?: string | undefined;
}

export interface GetDatasetResponse {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly datasetVersion: string;
  readonly datasetName: string;
  readonly description?: string | undefined;
  readonly status: DatasetStatus;
  readonly draftStatus?: DraftStatus | undefined;
  readonly failureReason?: string | undefined;
  readonly schemaType?: DatasetSchemaType | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly exampleCount: number;
  readonly exampleCountByField?: ExampleCountByField | undefined;
  readonly downloadUrl?: string | undefined;
  readonly downloadUrlExpiresAt?: Date | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface GetEvaluatorRequest {
  readonly evaluatorId: string;
  readonly includedData?: IncludedData | undefined;
}

export interface GetEvaluatorResponse {
  readonly evaluatorArn: string;
  readonly evaluatorId: string;
  readonly evaluatorName: string;
  readonly description?: string | undefined;
  readonly evaluatorConfig: EvaluatorConfig;
  readonly evaluatorType?: EvaluatorType | undefined;
  readonly provider?: Provider | undefined;
  readonly level: EvaluatorLevel;
  readonly status: EvaluatorStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lockedForModification?: boolean | undefined;
  readonly kmsKeyArn?: string | undefined;
}

export interface GetGatewayRateLimitRequest {
  readonly gatewayIdentifier: string;
  readonly rateLimitId: string;
}

export interface GetGatewayRateLimitResponse {
  readonly rateLimitId: string;
  readonly gatewayIdentifier: string;
  readonly description?: string | undefined;
  readonly dimensionKeys: readonly string[];
  readonly entries: readonly LimitEntry[];
  readonly status: GatewayRateLimitStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface GetGatewayRequest {
  readonly gatewayIdentifier: string;
}

export interface GetGatewayResponse {
  readonly gatewayArn: string;
  readonly gatewayId: string;
  readonly gatewayUrl?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: GatewayStatus;
  readonly statusReasons?: readonly string[] | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly protocolType?: GatewayProtocolType | undefined;
  readonly protocolConfiguration?: GatewayProtocolConfiguration | undefined;
  readonly authorizerType: AuthorizerType;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly customTransformConfiguration?: CustomTransformConfiguration | undefined;
  readonly interceptorConfigurations?: readonly GatewayInterceptorConfiguration[] | undefined;
  readonly policyEngineConfiguration?: GatewayPolicyEngineConfiguration | undefined;
  readonly workloadIdentityDetails?: WorkloadIdentityDetails | undefined;
  readonly exceptionLevel?: ExceptionLevel | undefined;
  readonly webAclArn?: string | undefined;
  readonly wafConfiguration?: WafConfiguration | undefined;
  readonly domainOverride?: DomainOverride | undefined;
}

export interface GetGatewayRuleRequest {
  readonly gatewayIdentifier: string;
  readonly ruleId: string;
}

export interface GetGatewayRuleResponse {
  readonly ruleId: string;
  readonly gatewayArn: string;
  readonly priority: number;
  readonly conditions?: readonly Condition[] | undefined;
  readonly actions: readonly Action[];
  readonly description?: string | undefined;
  readonly createdAt: Date;
  readonly status: GatewayRuleStatus;
  readonly system?: SystemManagedBlock | undefined;
  readonly updatedAt?: Date | undefined;
}

export interface GetGatewayTargetRequest {
  readonly gatewayIdentifier: string;
  readonly targetId: string;
}

export interface GetGatewayTargetResponse {
  readonly gatewayArn: string;
  readonly targetId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: TargetStatus;
  readonly statusReasons?: readonly string[] | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly targetConfiguration: TargetConfiguration;
  readonly credentialProviderConfigurations: readonly CredentialProviderConfiguration[];
  readonly lastSynchronizedAt?: Date | undefined;
  readonly metadataConfiguration?: MetadataConfiguration | undefined;
  readonly privateEndpoint?: PrivateEndpoint | undefined;
  readonly privateEndpointManagedResources?: readonly ManagedResourceDetails[] | undefined;
  readonly authorizationData?: AuthorizationData | undefined;
  readonly protocolType?: TargetProtocolType | undefined;
  readonly certificateConfigurations?: readonly CertificateConfiguration[] | undefined;
}

export interface GetHarnessEndpointRequest {
  readonly harnessId: string;
  readonly endpointName: string;
}

export interface GetHarnessEndpointResponse {
  readonly endpoint: HarnessEndpoint;
}

export interface GetHarnessRequest {
  readonly harnessId: string;
  readonly harnessVersion?: string | undefined;
}

export interface GetHarnessResponse {
  readonly harness: Harness;
}

export interface GetMemoryInput {
  readonly memoryId: string;
  readonly view?: MemoryView | undefined;
}

export interface GetMemoryOutput {
  readonly memory: Memory;
}

export interface GetOauth2CredentialProviderRequest {
  readonly name: string;
}

export interface GetOauth2CredentialProviderResponse {
  readonly clientSecretArn: Secret;
  readonly clientSecretJsonKey?: string | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
  readonly name: string;
  readonly credentialProviderArn: string;
  readonly credentialProviderVendor: CredentialProviderVendorType;
  readonly callbackUrl?: string | undefined;
  readonly oauth2ProviderConfigOutput: Oauth2ProviderConfigOutput;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
  readonly status?: Status | undefined;
  readonly failureReason?: string | undefined;
}

export interface GetOnlineEvaluationConfigRequest {
  readonly onlineEvaluationConfigId: string;
}

export interface GetOnlineEvaluationConfigResponse {
  readonly onlineEvaluationConfigArn: string;
  readonly onlineEvaluationConfigId: string;
  readonly onlineEvaluationConfigName: string;
  readonly description?: string | undefined;
  readonly rule: Rule;
  readonly dataSourceConfig: DataSourceConfig;
  readonly evaluators?: readonly EvaluatorReference[] | undefined;
  readonly insights?: readonly Insight[] | undefined;
  readonly clusteringConfig?: ClusteringConfig | undefined;
  readonly outputConfig?: OutputConfig | undefined;
  readonly evaluationExecutionRoleArn?: string | undefined;
  readonly status: OnlineEvaluationConfigStatus;
  readonly executionStatus: OnlineEvaluationExecutionStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly failureReason?: string | undefined;
}

export interface GetPaymentConnectorRequest {
  readonly paymentManagerId: string;
  readonly paymentConnectorId: string;
}

export interface GetPaymentConnectorResponse {
  readonly paymentConnectorId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly type: PaymentConnectorType;
  readonly provisionMode?: PaymentConnectorProvisionMode | undefined;
  readonly credentialProviderConfigurations: readonly CredentialsProviderConfiguration[];
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
  readonly status: PaymentConnectorStatus;
  readonly authorizationUrl?: string | undefined;
  readonly credentialsUpdatedAt?: Date | undefined;
}

export interface GetPaymentCredentialProviderRequest {
  readonly name: string;
}

export interface GetPaymentCredentialProviderResponse {
  readonly name: string;
  readonly credentialProviderArn: string;
  readonly credentialProviderVendor: PaymentCredentialProviderVendorType;
  readonly providerConfigurationOutput: PaymentProviderConfigurationOutput;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface GetPaymentManagerRequest {
  readonly paymentManagerId: string;
}

export interface GetPaymentManagerResponse {
  readonly paymentManagerArn: string;
  readonly paymentManagerId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly authorizerType: PaymentsAuthorizerType;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly roleArn: string;
  readonly workloadIdentityDetails?: WorkloadIdentityDetails | undefined;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
  readonly status: PaymentManagerStatus;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly kmsKeyArn?: string | undefined;
}

export interface GetPolicyEngineRequest {
  readonly policyEngineId: string;
}

export interface GetPolicyEngineResponse {
  readonly policyEngineId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyEngineArn: string;
  readonly status: PolicyEngineStatus;
  readonly encryptionKeyArn?: string | undefined;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface GetPolicyEngineSummaryRequest {
  readonly policyEngineId: string;
}

export interface GetPolicyEngineSummaryResponse {
  readonly policyEngineId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyEngineArn: string;
  readonly status: PolicyEngineStatus;
  readonly encryptionKeyArn?: string | undefined;
}

export interface GetPolicyGenerationRequest {
  readonly policyGenerationId: string;
  readonly policyEngineId: string;
}

export interface GetPolicyGenerationResponse {
  readonly policyEngineId: string;
  readonly policyGenerationId: string;
  readonly name: string;
  readonly policyGenerationArn: string;
  readonly resource: Resource;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: PolicyGenerationStatus;
  readonly findings?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface GetPolicyGenerationSummaryRequest {
  readonly policyGenerationId: string;
  readonly policyEngineId: string;
}

export interface GetPolicyGenerationSummaryResponse {
  readonly policyEngineId: string;
  readonly policyGenerationId: string;
  readonly name: string;
  readonly policyGenerationArn: string;
  readonly resource: Resource;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: PolicyGenerationStatus;
  readonly findings?: string | undefined;
}

export interface GetPolicyRequest {
  readonly policyEngineId: string;
  readonly policyId: string;
}

export interface GetPolicyResponse {
  readonly policyId: string;
  readonly name: string;
  readonly policyEngineId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyArn: string;
  readonly status: PolicyStatus;
  readonly enforcementMode?: EnforcementMode | undefined;
  readonly definition: PolicyDefinition;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface GetPolicySummaryRequest {
  readonly policyEngineId: string;
  readonly policyId: string;
}

export interface GetPolicySummaryResponse {
  readonly policyId: string;
  readonly name: string;
  readonly policyEngineId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyArn: string;
  readonly status: PolicyStatus;
  readonly enforcementMode?: EnforcementMode | undefined;
}

export interface GetRegistryRecordRequest {
  readonly registryId: string;
  readonly recordId: string;
}

export interface GetRegistryRecordResponse {
  readonly registryArn: string;
  readonly recordArn: string;
  readonly recordId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly descriptorType: DescriptorType;
  readonly descriptors: Descriptors;
  readonly recordVersion?: string | undefined;
  readonly status: RegistryRecordStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly statusReason?: string | undefined;
  readonly synchronizationType?: SynchronizationType | undefined;
  readonly synchronizationConfiguration?: SynchronizationConfiguration | undefined;
}

export interface GetRegistryRequest {
  readonly registryId: string;
}

export interface GetRegistryResponse {
  readonly name: string;
  readonly description?: string | undefined;
  readonly registryId: string;
  readonly registryArn: string;
  readonly authorizerType?: RegistryAuthorizerType | undefined;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly approvalConfiguration?: ApprovalConfiguration | undefined;
  readonly status: RegistryStatus;
  readonly statusReason?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface GetResourcePolicyRequest {
  readonly resourceArn: string;
}

export interface GetResourcePolicyResponse {
  readonly policy?: string | undefined;
}

export interface GetTokenVaultRequest {
  readonly tokenVaultId?: string | undefined;
}

export interface GetTokenVaultResponse {
  readonly tokenVaultId: string;
  readonly kmsConfiguration: KmsConfiguration;
  readonly lastModifiedDate: Date;
}

export interface GetWorkloadIdentityRequest {
  readonly name: string;
}

export interface GetWorkloadIdentityResponse {
  readonly name: string;
  readonly workloadIdentityArn: string;
  readonly allowedResourceOauth2ReturnUrls?: readonly string[] | undefined;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
}

export interface GithubOauth2ProviderConfigInput {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientSecretConfig?: SecretReference | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
}

export interface GithubOauth2ProviderConfigOutput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
}

export interface GoogleOauth2ProviderConfigInput {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientSecretConfig?: SecretReference | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
}

export interface GoogleOauth2ProviderConfigOutput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
}

export interface Harness {
  readonly harnessId: string;
  readonly harnessName: string;
  readonly arn: string;
  readonly status: HarnessStatus;
  readonly harnessVersion?: string | undefined;
  readonly executionRoleArn: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly model: HarnessModelConfiguration;
  readonly systemPrompt: readonly HarnessSystemContentBlock[];
  readonly tools: readonly HarnessTool[];
  readonly skills: readonly HarnessSkill[];
  readonly allowedTools: readonly string[];
  readonly truncation: HarnessTruncationConfiguration;
  readonly environment: HarnessEnvironmentProvider;
  readonly environmentArtifact?: HarnessEnvironmentArtifact | undefined;
  readonly environmentVariables?: Readonly<Record<string, string>> | undefined;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly memory?: HarnessMemoryConfiguration | undefined;
  readonly hooks?: readonly HarnessHook[] | undefined;
  readonly maxIterations?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly failureReason?: string | undefined;
}

export interface HarnessAfterInvocationHook {
  readonly name: string;
  readonly target: HarnessHookTarget;
}

export interface HarnessAfterToolCallHook {
  readonly name: string;
  readonly target: HarnessHookTarget;
}

export interface HarnessAgentCoreBrowserConfig {
  readonly browserArn?: string | undefined;
}

export interface HarnessAgentCoreCodeInterpreterConfig {
  readonly codeInterpreterArn?: string | undefined;
}

export interface HarnessAgentCoreGatewayConfig {
  readonly gatewayArn: string;
  readonly outboundAuth?: HarnessGatewayOutboundAuth | undefined;
}

export interface HarnessAgentCoreMemoryConfiguration {
  readonly arn: string;
  readonly actorId?: string | undefined;
  readonly messagesCount?: number | undefined;
  readonly retrievalConfig?: Readonly<Record<string, HarnessAgentCoreMemoryRetrievalConfig>> | undefined;
}

export interface HarnessAgentCoreMemoryRetrievalConfig {
  readonly topK?: number | undefined;
  readonly relevanceScore?: number | undefined;
  readonly strategyId?: string | undefined;
}

export interface HarnessAgentCoreRuntimeEnvironment {
  readonly agentRuntimeArn: string;
  readonly agentRuntimeName: string;
  readonly agentRuntimeId: string;
  readonly lifecycleConfiguration: LifecycleConfiguration;
  readonly networkConfiguration: NetworkConfiguration;
  readonly filesystemConfigurations?: readonly FilesystemConfiguration[] | undefined;
}

export interface HarnessAgentCoreRuntimeEnvironmentRequest {
  readonly lifecycleConfiguration?: LifecycleConfiguration | undefined;
  readonly networkConfiguration?: NetworkConfiguration | undefined;
  readonly filesystemConfigurations?: readonly FilesystemConfiguration[] | undefined;
}

export type HarnessBedrockApiFormat = "converse_stream" | "responses" | "chat_completions";

export interface HarnessBedrockModelConfig {
  readonly modelId: string;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly apiFormat?: HarnessBedrockApiFormat | undefined;
  readonly additionalParams?: unknown | undefined;
}

export interface HarnessBeforeInvocationHook {
  readonly name: string;
  readonly target: HarnessHookTarget;
}

export interface HarnessBeforeToolCallHook {
  readonly name: string;
  readonly target: HarnessHookTarget;
}

export type HarnessDisabledMemoryConfiguration = Readonly<Record<string, never>>;

export interface HarnessEndpoint {
  readonly harnessId: string;
  readonly harnessName: string;
  readonly endpointName: string;
  readonly arn: string;
  readonly status: HarnessEndpointStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly liveVersion?: string | undefined;
  readonly targetVersion?: string | undefined;
  readonly description?: string | undefined;
  readonly failureReason?: string | undefined;
}

export type HarnessEndpointStatus = "CREATING" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "READY" | "DELETING" | "DELETE_FAILED";

export type HarnessEnvironmentArtifact = OneOf<{
  containerConfiguration: ContainerConfiguration;
}>;

export type HarnessEnvironmentProvider = OneOf<{
  agentCoreRuntimeEnvironment: HarnessAgentCoreRuntimeEnvironment;
}>;

export type HarnessEnvironmentProviderRequest = OneOf<{
  agentCoreRuntimeEnvironment: HarnessAgentCoreRuntimeEnvironmentRequest;
}>;

export type HarnessGatewayOutboundAuth = OneOf<{
  awsIam: Unit;
  none: Unit;
  oauth: OAuthCredentialProvider;
}>;

export interface HarnessGeminiModelConfig {
  readonly modelId: string;
  readonly apiKeyArn: string;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly additionalParams?: unknown | undefined;
}

export type HarnessHook = OneOf<{
  beforeInvocation: HarnessBeforeInvocationHook;
  afterInvocation: HarnessAfterInvocationHook;
  beforeToolCall: HarnessBeforeToolCallHook;
  afterToolCall: HarnessAfterToolCallHook;
}>;

export interface HarnessHookEventBridgeTarget {
  readonly arn: string;
}

export type HarnessHookFailureMode = "allow" | "deny";

export interface HarnessHookLambdaTarget {
  readonly arn: string;
  readonly timeoutSeconds?: number | undefined;
  readonly failureMode?: HarnessHookFailureMode | undefined;
}

export interface HarnessHookSnsTarget {
  readonly arn: string;
}

export type HarnessHookTarget = OneOf<{
  lambda: HarnessHookLambdaTarget;
  sns: HarnessHookSnsTarget;
  eventBridge: HarnessHookEventBridgeTarget;
}>;

export interface HarnessInlineFunctionConfig {
  readonly description: string;
  readonly inputSchema: unknown;
}

export interface HarnessLiteLlmModelConfig {
  readonly modelId: string;
  readonly apiKeyArn?: string | undefined;
  readonly apiBase?: string | undefined;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly additionalParams?: unknown | undefined;
}

export interface HarnessManagedMemoryConfiguration {
  readonly arn?: string | undefined;
  readonly strategies?: readonly HarnessManagedMemoryStrategyType[] | undefined;
  readonly eventExpiryDuration?: number | undefined;
  readonly encryptionKeyArn?: string | undefined;
}

export type HarnessManagedMemoryStrategyType = "SEMANTIC" | "SUMMARIZATION" | "USER_PREFERENCE" | "EPISODIC";

export type HarnessMemoryConfiguration = OneOf<{
  agentCoreMemoryConfiguration: HarnessAgentCoreMemoryConfiguration;
  managedMemoryConfiguration: HarnessManagedMemoryConfiguration;
  disabled: HarnessDisabledMemoryConfiguration;
}>;

export type HarnessModelConfiguration = OneOf<{
  bedrockModelConfig: HarnessBedrockModelConfig;
  openAiModelConfig: HarnessOpenAiModelConfig;
  geminiModelConfig: HarnessGeminiModelConfig;
  liteLlmModelConfig: HarnessLiteLlmModelConfig;
}>;

export type HarnessOpenAiApiFormat = "chat_completions" | "responses";

export interface HarnessOpenAiModelConfig {
  readonly modelId: string;
  readonly apiKeyArn: string;
  readonly apiBase?: string | undefined;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly apiFormat?: HarnessOpenAiApiFormat | undefined;
  readonly additionalParams?: unknown | undefined;
}

export interface HarnessRemoteMcpConfig {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly outboundAuth?: HarnessRemoteMcpOutboundAuth | undefined;
}

export type HarnessRemoteMcpOutboundAuth = OneOf<{
  awsIam: IamCredentialProvider;
  none: Unit;
}>;

export type HarnessSkill = OneOf<{
  path: string;
  s3: HarnessSkillS3Source;
  git: HarnessSkillGitSource;
  awsSkills: HarnessSkillAwsSkillsSource;
}>;

export interface HarnessSkillAwsSkillsSource {
  readonly paths?: readonly string[] | undefined;
}

export interface HarnessSkillGitAuth {
  readonly credentialArn: string;
  readonly username?: string | undefined;
}

export interface HarnessSkillGitSource {
  readonly url: string;
  readonly path?: string | undefined;
  readonly auth?: HarnessSkillGitAuth | undefined;
}

export interface HarnessSkillS3Source {
  readonly uri: string;
}

export interface HarnessSlidingWindowConfiguration {
  readonly messagesCount?: number | undefined;
}

export type HarnessStatus = "CREATING" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "READY" | "DELETING" | "DELETE_FAILED";

export interface HarnessSummarizationConfiguration {
  readonly summaryRatio?: number | undefined;
  readonly preserveRecentMessages?: number | undefined;
  readonly summarizationSystemPrompt?: string | undefined;
}

export interface HarnessSummary {
  readonly harnessId: string;
  readonly harnessName: string;
  readonly arn: string;
  readonly status: HarnessStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly harnessVersion?: string | undefined;
}

export type HarnessSystemContentBlock = OneOf<{
  text: string;
}>;

export interface HarnessTool {
  readonly type: HarnessToolType;
  readonly name?: string | undefined;
  readonly config?: HarnessToolConfiguration | undefined;
}

export type HarnessToolConfiguration = OneOf<{
  remoteMcp: HarnessRemoteMcpConfig;
  agentCoreBrowser: HarnessAgentCoreBrowserConfig;
  agentCoreGateway: HarnessAgentCoreGatewayConfig;
  inlineFunction: HarnessInlineFunctionConfig;
  agentCoreCodeInterpreter: HarnessAgentCoreCodeInterpreterConfig;
}>;

export type HarnessToolType = "remote_mcp" | "agentcore_browser" | "agentcore_gateway" | "inline_function" | "agentcore_code_interpreter";

export interface HarnessTruncationConfiguration {
  readonly strategy: HarnessTruncationStrategy;
  readonly config?: HarnessTruncationStrategyConfiguration | undefined;
}

export type HarnessTruncationStrategy = "sliding_window" | "summarization" | "none";

export type HarnessTruncationStrategyConfiguration = OneOf<{
  slidingWindow: HarnessSlidingWindowConfiguration;
  summarization: HarnessSummarizationConfiguration;
}>;

export interface HarnessVersionSummary {
  readonly harnessId: string;
  readonly harnessName: string;
  readonly arn: string;
  readonly harnessVersion: string;
  readonly status: HarnessStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly failureReason?: string | undefined;
}

export interface HostingEnvironment {
  readonly arn: string;
}

export interface HttpApiSchemaConfiguration {
  readonly source: ApiSchemaConfiguration;
}

export interface HttpConnectorSource {
  readonly connectorId: string;
}

export interface HttpConnectorTargetConfiguration {
  readonly source: HttpConnectorSource;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

export interface HttpPostLifecycleHookAction {
  readonly path: string;
  readonly port?: number | undefined;
}

export type HttpTargetConfiguration = OneOf<{
  agentcoreRuntime: RuntimeTargetConfiguration;
  passthrough: PassthroughTargetConfiguration;
  connector: HttpConnectorTargetConfiguration;
}>;

export interface IamCredentialProvider {
  readonly service: string;
  readonly region?: string | undefined;
}

export interface IamPrincipal {
  readonly arn: string;
  readonly operator?: PrincipalMatchOperator | undefined;
}

export type InboundTokenClaimValueType = "STRING" | "STRING_ARRAY";

export type IncludedData = "ALL_DATA" | "METADATA_ONLY";

export interface IncludedOauth2ProviderConfigInput {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientSecretConfig?: SecretReference | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
  readonly issuer?: string | undefined;
  readonly authorizationEndpoint?: string | undefined;
  readonly tokenEndpoint?: string | undefined;
}

export interface IncludedOauth2ProviderConfigOutput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
}

export interface IndexedKey {
  readonly key: string;
  readonly type: MetadataValueType;
}

export interface InferenceConfiguration {
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
}

export interface InferenceConnectorSource {
  readonly connectorId: string;
}

export interface InferenceConnectorTargetConfiguration {
  readonly source: InferenceConnectorSource;
}

export interface InferenceOperationConfiguration {
  readonly path: string;
  readonly providerPath?: string | undefined;
  readonly models?: readonly ModelEntry[] | undefined;
}

export interface InferenceProviderTargetConfiguration {
  readonly endpoint: string;
  readonly modelMapping?: ModelMapping | undefined;
  readonly operations?: readonly InferenceOperationConfiguration[] | undefined;
}

export type InferenceTargetConfiguration = OneOf<{
  connector: InferenceConnectorTargetConfiguration;
  provider: InferenceProviderTargetConfiguration;
}>;

export interface InlineExamplesSource {
  readonly examples: readonly unknown[];
}

export interface Insight {
  readonly insightId: string;
}

export interface InstanceLifecycleConfiguration {
  readonly idleInstanceTimeout?: number | undefined;
  readonly maxLifetime?: number | undefined;
}

export interface InstanceRequirements {
  readonly allowedInstanceTypes: readonly string[];
}

export type InterceptorConfiguration = OneOf<{
  lambda: LambdaInterceptorConfiguration;
}>;

export interface InterceptorInputConfiguration {
  readonly passRequestHeaders: boolean;
  readonly payloadFilter?: InterceptorPayloadFilter | undefined;
}

export type InterceptorPayloadExclusion = "RESPONSE_BODY";

export type InterceptorPayloadExclusionSelector = OneOf<{
  field: InterceptorPayloadExclusion;
}>;

export interface InterceptorPayloadFilter {
  readonly exclude: readonly InterceptorPayloadExclusionSelector[];
}

export interface InternalServerException {
  readonly message?: string | undefined;
}

export interface InvocationConfiguration {
  readonly topicArn: string;
  readonly payloadDeliveryBucketName: string;
}

export interface InvocationConfigurationInput {
  readonly topicArn: string;
  readonly payloadDeliveryBucketName: string;
}

export type KeyType = "CustomerManagedKey" | "ServiceManagedKey";

export interface KinesisResource {
  readonly dataStreamArn: string;
  readonly contentConfigurations: readonly ContentConfiguration[];
}

export interface KmsConfiguration {
  readonly keyType: KeyType;
  readonly kmsKeyArn?: string | undefined;
}

export interface KmsKeySourceType {
  readonly kmsKeyArn: string;
}

export interface LambdaEvaluatorConfig {
  readonly lambdaArn: string;
  readonly lambdaTimeoutInSeconds?: number | undefined;
}

export interface LambdaInterceptorConfiguration {
  readonly arn: string;
}

export interface LambdaTransformConfiguration {
  readonly arn?: string | undefined;
}

export interface LaunchParameters {
  readonly operatingSystem: OperatingSystem;
  readonly instanceRequirements: InstanceRequirements;
  readonly ephemeralVolumes?: readonly EphemeralBlockDeviceMapping[] | undefined;
  readonly monitoring?: Monitoring | undefined;
  readonly licenseSpecifications?: readonly LicenseSpecification[] | undefined;
  readonly capacityReservationSpecification?: CapacityReservationSpecification | undefined;
  readonly sshKeyName?: string | undefined;
  readonly instanceProfileArn?: string | undefined;
  readonly propagatedTags?: Readonly<Record<string, string>> | undefined;
}

export type LaunchTemplateSource = OneOf<{
  launchParameters: LaunchParameters;
}>;

export interface LicenseSpecification {
  readonly licenseConfigurationArn: string;
}

export interface LifecycleConfiguration {
  readonly idleRuntimeSessionTimeout?: number | undefined;
  readonly maxLifetime?: number | undefined;
}

export interface LifecycleHook {
  readonly action: LifecycleHookAction;
}

export type LifecycleHookAction = OneOf<{
  httpPost: HttpPostLifecycleHookAction;
}>;

export interface LimitEntry {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly requests?: readonly RateConfig[] | undefined;
  readonly tokens?: readonly RateConfig[] | undefined;
  readonly connections?: readonly RateConfig[] | undefined;
}

export interface LinkedinOauth2ProviderConfigInput {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientSecretConfig?: SecretReference | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
}

export interface LinkedinOauth2ProviderConfigOutput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
}

export interface ListAgentInsightStoresRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListAgentInsightStoresResponse {
  readonly agentInsightStores: readonly AgentInsightStoreSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListAgentRuntimeEndpointsRequest {
  readonly agentRuntimeId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListAgentRuntimeEndpointsResponse {
  readonly runtimeEndpoints: readonly AgentRuntimeEndpoint[];
  readonly nextToken?: string | undefined;
}

export interface ListAgentRuntimeVersionsByCapacityProviderInput {
  readonly capacityProviderId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListAgentRuntimeVersionsByCapacityProviderOutput {
  readonly agentRuntimes: readonly AgentRuntimeVersionSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListAgentRuntimeVersionsRequest {
  readonly agentRuntimeId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListAgentRuntimeVersionsResponse {
  readonly agentRuntimes: readonly AgentRuntime[];
  readonly nextToken?: string | undefined;
}

export interface ListAgentRuntimesRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListAgentRuntimesResponse {
  readonly agentRuntimes: readonly AgentRuntime[];
  readonly nextToken?: string | undefined;
}

export interface ListApiKeyCredentialProvidersRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListApiKeyCredentialProvidersResponse {
  readonly credentialProviders: readonly ApiKeyCredentialProviderItem[];
  readonly nextToken?: string | undefined;
}

export interface ListBrowserProfilesRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly name?: string | undefined;
}

export interface ListBrowserProfilesResponse {
  readonly profileSummaries: readonly BrowserProfileSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListBrowsersRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly type?: ResourceType | undefined;
}

export interface ListBrowsersResponse {
  readonly browserSummaries: readonly BrowserSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListCapacityProvidersInput {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListCapacityProvidersOutput {
  readonly capacityProviders: readonly CapacityProviderSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListCodeInterpretersRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly type?: ResourceType | undefined;
}

export interface ListCodeInterpretersResponse {
  readonly codeInterpreterSummaries: readonly CodeInterpreterSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListConfigurationBundleVersionsRequest {
  readonly bundleId: string;
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
  readonly filter?: VersionFilter | undefined;
}

export interface ListConfigurationBundleVersionsResponse {
  readonly versions: readonly ConfigurationBundleVersionSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListConfigurationBundlesRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListConfigurationBundlesResponse {
  readonly bundles: readonly ConfigurationBundleSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListConsentPortalsRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListConsentPortalsResponse {
  readonly consentPortals: readonly ConsentPortalSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListDatasetExamplesFilter {
  readonly generationIds?: readonly string[] | undefined;
  readonly exampleFields?: readonly ExampleFieldCondition[] | undefined;
}

export interface ListDatasetExamplesRequest {
  readonly datasetId: string;
  readonly datasetVersion?: string | undefined;
  readonly filter?: ListDatasetExamplesFilter | undefined;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListDatasetExamplesResponse {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly datasetVersion: string;
  readonly examples: readonly unknown[];
  readonly nextToken?: string | undefined;
}

export interface ListDatasetVersionsFilter {
  readonly exampleCountByField?: readonly ExampleCountByFieldCondition[] | undefined;
}

export interface ListDatasetVersionsRequest {
  readonly datasetId: string;
  readonly filter?: ListDatasetVersionsFilter | undefined;
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListDatasetVersionsResponse {
  readonly versions: readonly DatasetVersionSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListDatasetsFilter {
  readonly exampleCountByField?: readonly ExampleCountByFieldCondition[] | undefined;
}

export interface ListDatasetsRequest {
  readonly filter?: ListDatasetsFilter | undefined;
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListDatasetsResponse {
  readonly datasets: readonly DatasetSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListEvaluatorsRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListEvaluatorsResponse {
  readonly evaluators: readonly EvaluatorSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListGatewayRateLimitsRequest {
  readonly gatewayIdentifier: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListGatewayRateLimitsResponse {
  readonly rateLimits: readonly GatewayRateLimitDetail[];
  readonly nextToken?: string | undefined;
}

export interface ListGatewayRulesRequest {
  readonly gatewayIdentifier: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListGatewayRulesResponse {
  readonly gatewayRules: readonly GatewayRuleDetail[];
  readonly nextToken?: string | undefined;
}

export interface ListGatewayTargetsRequest {
  readonly gatewayIdentifier: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListGatewayTargetsResponse {
  readonly items: readonly TargetSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListGatewaysRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListGatewaysResponse {
  readonly items: readonly GatewaySummary[];
  readonly nextToken?: string | undefined;
}

export interface ListHarnessEndpointsRequest {
  readonly harnessId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListHarnessEndpointsResponse {
  readonly endpoints: readonly HarnessEndpoint[];
  readonly nextToken?: string | undefined;
}

export interface ListHarnessVersionsRequest {
  readonly harnessId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListHarnessVersionsResponse {
  readonly harnessVersions: readonly HarnessVersionSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListHarnessesRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListHarnessesResponse {
  readonly harnesses: readonly HarnessSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListMemoriesInput {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListMemoriesOutput {
  readonly memories: readonly MemorySummary[];
  readonly nextToken?: string | undefined;
}

export interface ListOauth2CredentialProvidersRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListOauth2CredentialProvidersResponse {
  readonly credentialProviders: readonly Oauth2CredentialProviderItem[];
  readonly nextToken?: string | undefined;
}

export interface ListOnlineEvaluationConfigsRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListOnlineEvaluationConfigsResponse {
  readonly onlineEvaluationConfigs: readonly OnlineEvaluationConfigSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListPaymentConnectorsRequest {
  readonly paymentManagerId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListPaymentConnectorsResponse {
  readonly paymentConnectors: readonly PaymentConnectorSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListPaymentCredentialProvidersRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListPaymentCredentialProvidersResponse {
  readonly credentialProviders: readonly PaymentCredentialProviderItem[];
  readonly nextToken?: string | undefined;
}

export interface ListPaymentManagersRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListPaymentManagersResponse {
  readonly paymentManagers: readonly PaymentManagerSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListPoliciesRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
  readonly policyEngineId: string;
  readonly targetResourceScope?: string | undefined;
}

export interface ListPoliciesResponse {
  readonly policies: readonly Policy[];
  readonly nextToken?: string | undefined;
}

export interface ListPolicyEngineSummariesRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListPolicyEngineSummariesResponse {
  readonly policyEngines: readonly PolicyEngineSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListPolicyEnginesRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListPolicyEnginesResponse {
  readonly policyEngines: readonly PolicyEngine[];
  readonly nextToken?: string | undefined;
}

export interface ListPolicyGenerationAssetsRequest {
  readonly policyGenerationId: string;
  readonly policyEngineId: string;
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListPolicyGenerationAssetsResponse {
  readonly policyGenerationAssets?: readonly PolicyGenerationAsset[] | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListPolicyGenerationSummariesRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
  readonly policyEngineId: string;
}

export interface ListPolicyGenerationSummariesResponse {
  readonly policyGenerations: readonly PolicyGenerationSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListPolicyGenerationsRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
  readonly policyEngineId: string;
}

export interface ListPolicyGenerationsResponse {
  readonly policyGenerations: readonly PolicyGeneration[];
  readonly nextToken?: string | undefined;
}

export interface ListPolicySummariesRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
  readonly policyEngineId: string;
  readonly targetResourceScope?: string | undefined;
}

export interface ListPolicySummariesResponse {
  readonly policies: readonly PolicySummary[];
  readonly nextToken?: string | undefined;
}

export interface ListRegistriesRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly status?: RegistryStatus | undefined;
  readonly authorizerType?: RegistryAuthorizerType | undefined;
}

export interface ListRegistriesResponse {
  readonly registries: readonly RegistrySummary[];
  readonly nextToken?: string | undefined;
}

export interface ListRegistryRecordsRequest {
  readonly registryId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly name?: string | undefined;
  readonly status?: RegistryRecordStatus | undefined;
  readonly descriptorType?: DescriptorType | undefined;
}

export interface ListRegistryRecordsResponse {
  readonly registryRecords: readonly RegistryRecordSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListTagsForResourceRequest {
  readonly resourceArn: string;
}

export interface ListTagsForResourceResponse {
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface ListWorkloadIdentitiesRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListWorkloadIdentitiesResponse {
  readonly workloadIdentities: readonly WorkloadIdentityType[];
  readonly nextToken?: string | undefined;
}

export type ListingMode = "DEFAULT" | "DYNAMIC";

export interface LlmAsAJudgeEvaluatorConfig {
  readonly instructions: string;
  readonly ratingScale: RatingScale;
  readonly modelConfig: EvaluatorModelConfig;
}

export interface LlmExtractionConfig {
  readonly llmExtractionInstruction?: string | undefined;
  readonly definition: string;
  readonly validation?: Validation | undefined;
}

export interface MCPGatewayConfiguration {
  readonly supportedVersions?: readonly string[] | undefined;
  readonly instructions?: string | undefined;
  readonly searchType?: SearchType | undefined;
  readonly sessionConfiguration?: SessionConfiguration | undefined;
  readonly streamingConfiguration?: StreamingConfiguration | undefined;
  readonly disableMcpListToolsPagination?: boolean | undefined;
}

export interface ManagedResourceDetails {
  readonly domain?: string | undefined;
  readonly resourceGatewayArn?: string | undefined;
  readonly resourceAssociationArn?: string | undefined;
}

export interface ManagedVpcResource {
  readonly vpcIdentifier: string;
  readonly subnetIds: readonly string[];
  readonly endpointIpAddressType: EndpointIpAddressType;
  readonly securityGroupIds?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly routingDomain?: string | undefined;
}

export interface MatchModelEntry {
  readonly value: string;
  readonly operator?: MatchOperator | undefined;
}

export interface MatchModels {
  readonly anyOf: readonly MatchModelEntry[];
}

export type MatchOperator = "StringEquals" | "StringLike";

export interface MatchPaths {
  readonly anyOf: readonly string[];
}

export type MatchPrincipalEntry = OneOf<{
  iamPrincipal: IamPrincipal;
}>;

export interface MatchPrincipals {
  readonly anyOf: readonly MatchPrincipalEntry[];
}

export interface McpDescriptor {
  readonly server?: ServerDefinition | undefined;
  readonly tools?: ToolsDefinition | undefined;
}

export interface McpLambdaTargetConfiguration {
  readonly lambdaArn: string;
  readonly toolSchema: ToolSchema;
}

export interface McpServerTargetConfiguration {
  readonly endpoint: string;
  readonly mcpToolSchema?: McpToolSchemaConfiguration | undefined;
  readonly listingMode?: ListingMode | undefined;
  readonly resourcePriority?: number | undefined;
}

export type McpTargetConfiguration = OneOf<{
  openApiSchema: ApiSchemaConfiguration;
  smithyModel: ApiSchemaConfiguration;
  lambda: McpLambdaTargetConfiguration;
  mcpServer: McpServerTargetConfiguration;
  apiGateway: ApiGatewayTargetConfiguration;
  connector: ConnectorTargetConfiguration;
}>;

export type McpToolSchemaConfiguration = OneOf<{
  s3: S3Configuration;
  inlinePayload: string;
}>;

export interface Memory {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly encryptionKeyArn?: string | undefined;
  readonly memoryExecutionRoleArn?: string | undefined;
  readonly eventExpiryDuration: number;
  readonly status: MemoryStatus;
  readonly failureReason?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly strategies?: readonly MemoryStrategy[] | undefined;
  readonly indexedKeys?: readonly IndexedKey[] | undefined;
  readonly namespaceKeys?: readonly NamespaceKeyEntry[] | undefined;
  readonly streamDeliveryResources?: StreamDeliveryResources | undefined;
  readonly managedByResourceArn?: string | undefined;
}

export interface MemoryRecordSchema {
  readonly metadataSchema?: readonly MetadataSchemaEntry[] | undefined;
}

export type MemoryStatus = "CREATING" | "ACTIVE" | "FAILED" | "DELETING" | "UPDATING";

export interface MemoryStrategy {
  readonly strategyId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly configuration?: StrategyConfiguration | undefined;
  readonly type: MemoryStrategyType;
  readonly namespaces: readonly string[];
  readonly namespaceTemplates: readonly string[];
  readonly createdAt?: Date | undefined;
  readonly updatedAt?: Date | undefined;
  readonly status?: MemoryStrategyStatus | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
  readonly recordExpiryDurationDays?: number | undefined;
}

export type MemoryStrategyInput = OneOf<{
  semanticMemoryStrategy: SemanticMemoryStrategyInput;
  summaryMemoryStrategy: SummaryMemoryStrategyInput;
  userPreferenceMemoryStrategy: UserPreferenceMemoryStrategyInput;
  customMemoryStrategy: CustomMemoryStrategyInput;
  episodicMemoryStrategy: EpisodicMemoryStrategyInput;
}>;

export type MemoryStrategyStatus = "CREATING" | "ACTIVE" | "DELETING" | "FAILED";

export type MemoryStrategyType = "SEMANTIC" | "SUMMARIZATION" | "USER_PREFERENCE" | "CUSTOM" | "EPISODIC";

export interface MemorySummary {
  readonly arn?: string | undefined;
  readonly id?: string | undefined;
  readonly status?: MemoryStatus | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly managedByResourceArn?: string | undefined;
}

export type MemoryView = "full" | "without_decryption";

export interface MessageBasedTrigger {
  readonly messageCount?: number | undefined;
}

export interface MessageBasedTriggerInput {
  readonly messageCount?: number | undefined;
}

export interface MetadataConfiguration {
  readonly allowedRequestHeaders?: readonly string[] | undefined;
  readonly allowedQueryParameters?: readonly string[] | undefined;
  readonly allowedResponseHeaders?: readonly string[] | undefined;
}

export interface MetadataSchemaEntry {
  readonly key: string;
  readonly type?: MetadataValueType | undefined;
  readonly extractionType?: ExtractionType | undefined;
  readonly extractionConfig?: ExtractionConfig | undefined;
}

export type MetadataValueType = "STRING" | "STRINGLIST" | "NUMBER";

export interface MicrosoftOauth2ProviderConfigInput {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientSecretConfig?: SecretReference | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
  readonly tenantId?: string | undefined;
}

export interface MicrosoftOauth2ProviderConfigOutput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
}

export interface ModelEntry {
  readonly model: string;
}

export interface ModelMapping {
  readonly providerPrefix?: ProviderPrefix | undefined;
}

export type ModifyConsolidationConfiguration = OneOf<{
  customConsolidationConfiguration: CustomConsolidationConfigurationInput;
}>;

export type ModifyExtractionConfiguration = OneOf<{
  customExtractionConfiguration: CustomExtractionConfigurationInput;
}>;

export interface ModifyInvocationConfigurationInput {
  readonly topicArn?: string | undefined;
  readonly payloadDeliveryBucketName?: string | undefined;
}

export interface ModifyMemoryStrategies {
  readonly addMemoryStrategies?: readonly MemoryStrategyInput[] | undefined;
  readonly modifyMemoryStrategies?: readonly ModifyMemoryStrategyInput[] | undefined;
  readonly deleteMemoryStrategies?: readonly DeleteMemoryStrategyInput[] | undefined;
}

export interface ModifyMemoryStrategyInput {
  readonly memoryStrategyId: string;
  readonly description?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly configuration?: ModifyStrategyConfiguration | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
  readonly recordExpirySpecification?: RecordExpirySpecification | undefined;
}

export type ModifyReflectionConfiguration = OneOf<{
  episodicReflectionConfiguration: EpisodicReflectionConfigurationInput;
  customReflectionConfiguration: CustomReflectionConfigurationInput;
}>;

export interface ModifySelfManagedConfiguration {
  readonly triggerConditions?: readonly TriggerConditionInput[] | undefined;
  readonly invocationConfiguration?: ModifyInvocationConfigurationInput | undefined;
  readonly historicalContextWindowSize?: number | undefined;
}

export interface ModifyStrategyConfiguration {
  readonly extraction?: ModifyExtractionConfiguration | undefined;
  readonly consolidation?: ModifyConsolidationConfiguration | undefined;
  readonly reflection?: ModifyReflectionConfiguration | undefined;
  readonly selfManagedConfiguration?: ModifySelfManagedConfiguration | undefined;
}

export type Monitoring = "BASIC" | "DETAILED";

export interface NamespaceKeyEntry {
  readonly key: string;
  readonly validation?: NamespaceKeyValidation | undefined;
}

export interface NamespaceKeyValidation {
  readonly allowedValues?: readonly string[] | undefined;
  readonly regexPattern?: string | undefined;
}

export interface NetworkConfiguration {
  readonly networkMode: NetworkMode;
  readonly networkModeConfig?: VpcConfig | undefined;
}

export type NetworkMode = "PUBLIC" | "VPC";

export interface NumberValidation {
  readonly minValue?: number | undefined;
  readonly maxValue?: number | undefined;
}

export interface NumericalScaleDefinition {
  readonly definition: string;
  readonly value: number;
  readonly label: string;
}

export interface OAuth2AuthorizationData {
  readonly authorizationUrl: string;
  readonly userId?: string | undefined;
}

export interface OAuthCredentialProvider {
  readonly providerArn: string;
  readonly scopes: readonly string[];
  readonly customParameters?: Readonly<Record<string, string>> | undefined;
  readonly grantType?: OAuthGrantType | undefined;
  readonly defaultReturnUrl?: string | undefined;
}

export type OAuthGrantType = "CLIENT_CREDENTIALS" | "AUTHORIZATION_CODE" | "TOKEN_EXCHANGE";

export interface Oauth2AuthorizationServerMetadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly responseTypes?: readonly string[] | undefined;
  readonly tokenEndpointAuthMethods?: readonly string[] | undefined;
}

export interface Oauth2CredentialProviderItem {
  readonly name: string;
  readonly credentialProviderVendor: CredentialProviderVendorType;
  readonly credentialProviderArn: string;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
}

export type Oauth2Discovery = OneOf<{
  discoveryUrl: string;
  authorizationServerMetadata: Oauth2AuthorizationServerMetadata;
}>;

export type Oauth2ProviderConfigInput = OneOf<{
  customOauth2ProviderConfig: CustomOauth2ProviderConfigInput;
  googleOauth2ProviderConfig: GoogleOauth2ProviderConfigInput;
  githubOauth2ProviderConfig: GithubOauth2ProviderConfigInput;
  slackOauth2ProviderConfig: SlackOauth2ProviderConfigInput;
  salesforceOauth2ProviderConfig: SalesforceOauth2ProviderConfigInput;
  microsoftOauth2ProviderConfig: MicrosoftOauth2ProviderConfigInput;
  atlassianOauth2ProviderConfig: AtlassianOauth2ProviderConfigInput;
  linkedinOauth2ProviderConfig: LinkedinOauth2ProviderConfigInput;
  includedOauth2ProviderConfig: IncludedOauth2ProviderConfigInput;
}>;

export type Oauth2ProviderConfigOutput = OneOf<{
  customOauth2ProviderConfig: CustomOauth2ProviderConfigOutput;
  googleOauth2ProviderConfig: GoogleOauth2ProviderConfigOutput;
  githubOauth2ProviderConfig: GithubOauth2ProviderConfigOutput;
  slackOauth2ProviderConfig: SlackOauth2ProviderConfigOutput;
  salesforceOauth2ProviderConfig: SalesforceOauth2ProviderConfigOutput;
  microsoftOauth2ProviderConfig: MicrosoftOauth2ProviderConfigOutput;
  atlassianOauth2ProviderConfig: AtlassianOauth2ProviderConfigOutput;
  linkedinOauth2ProviderConfig: LinkedinOauth2ProviderConfigOutput;
  includedOauth2ProviderConfig: IncludedOauth2ProviderConfigOutput;
}>;

export interface OnBehalfOfAuthenticationConfig {
  readonly clientAuthenticationMethod: OnBehalfOfClientAuthenticationMethod;
}

export type OnBehalfOfClientAuthenticationMethod = "NO_CLIENT";

export interface OnBehalfOfTokenExchangeConfigType {
  readonly grantType: OnBehalfOfTokenExchangeGrantTypeType;
  readonly tokenExchangeGrantTypeConfig?: TokenExchangeGrantTypeConfigType | undefined;
  readonly onBehalfOfAuthenticationConfig?: OnBehalfOfAuthenticationConfig | undefined;
}

export type OnBehalfOfTokenExchangeGrantTypeType = "TOKEN_EXCHANGE" | "JWT_AUTHORIZATION_GRANT";

export type OnlineEvaluationConfigStatus = "ACTIVE" | "CREATING" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "DELETING" | "ERROR";

export interface OnlineEvaluationConfigSummary {
  readonly onlineEvaluationConfigArn: string;
  readonly onlineEvaluationConfigId: string;
  readonly onlineEvaluationConfigName: string;
  readonly description?: string | undefined;
  readonly status: OnlineEvaluationConfigStatus;
  readonly executionStatus: OnlineEvaluationExecutionStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly failureReason?: string | undefined;
  readonly insights?: readonly Insight[] | undefined;
  readonly clusteringConfig?: ClusteringConfig | undefined;
}

export type OnlineEvaluationExecutionStatus = "ENABLED" | "DISABLED";

export interface OpenResponsesEvaluatorModelConfig {
  readonly modelId: string;
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly reasoning?: ReasoningConfiguration | undefined;
}

export type OperatingSystem = "LINUX_X86_64" | "LINUX_ARM64";

export interface OutputConfig {
  readonly cloudWatchConfig: CloudWatchOutputConfig;
}

export type OverrideType = "SEMANTIC_OVERRIDE" | "SUMMARY_OVERRIDE" | "USER_PREFERENCE_OVERRIDE" | "SELF_MANAGED" | "EPISODIC_OVERRIDE";

export type PassthroughProtocolType = "MCP" | "A2A" | "INFERENCE" | "CUSTOM";

export interface PassthroughTargetConfiguration {
  readonly endpoint: string;
  readonly protocolType: PassthroughProtocolType;
  readonly schema?: HttpApiSchemaConfiguration | undefined;
  readonly stickinessConfiguration?: StickinessConfiguration | undefined;
  readonly staticQueryParameters?: Readonly<Record<string, string>> | undefined;
  readonly staticQueryParameterConflictResolution?: StaticQueryParameterConflictResolution | undefined;
}

export type PaymentConnectorProvisionMode = "MANUAL" | "QUICK_CREATE";

export type PaymentConnectorStatus = "CREATING" | "UPDATING" | "DELETING" | "READY" | "CREATE_FAILED" | "UPDATE_FAILED" | "DELETE_FAILED" | "AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED" | "PENDING_AUTHENTICATION" | "PROVISIONING" | "AUTHENTICATION_EXPIRED" | "AUTHENTICATION_FAILED";

export interface PaymentConnectorSummary {
  readonly paymentConnectorId: string;
  readonly name: string;
  readonly type: PaymentConnectorType;
  readonly provisionMode?: PaymentConnectorProvisionMode | undefined;
  readonly status: PaymentConnectorStatus;
  readonly lastUpdatedAt: Date;
}

export type PaymentConnectorType = "CoinbaseCDP" | "StripePrivy";

export interface PaymentCredentialProviderConfiguration {
  readonly credentialProviderArn: string;
}

export interface PaymentCredentialProviderItem {
  readonly name: string;
  readonly credentialProviderVendor: PaymentCredentialProviderVendorType;
  readonly credentialProviderArn: string;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
}

export type PaymentCredentialProviderVendorType = "CoinbaseCDP" | "StripePrivy";

export type PaymentManagerStatus = "CREATING" | "UPDATING" | "DELETING" | "READY" | "CREATE_FAILED" | "UPDATE_FAILED" | "DELETE_FAILED";

export interface PaymentManagerSummary {
  readonly paymentManagerArn: string;
  readonly paymentManagerId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly authorizerType: PaymentsAuthorizerType;
  readonly roleArn: string;
  readonly status: PaymentManagerStatus;
  readonly createdAt?: Date | undefined;
  readonly lastUpdatedAt: Date;
  readonly kmsKeyArn?: string | undefined;
}

export type PaymentProviderConfigurationInput = OneOf<{
  coinbaseCdpConfiguration: CoinbaseCdpConfigurationInput;
  stripePrivyConfiguration: StripePrivyConfigurationInput;
}>;

export type PaymentProviderConfigurationOutput = OneOf<{
  coinbaseCdpConfiguration: CoinbaseCdpConfigurationOutput;
  stripePrivyConfiguration: StripePrivyConfigurationOutput;
}>;

export type PaymentsAuthorizerType = "CUSTOM_JWT" | "AWS_IAM";

export type Period = "second" | "minute";

export interface PermissionsConfiguration {
  readonly capacityProviderOperatorRoleArn: string;
}

export interface Policy {
  readonly policyId: string;
  readonly name: string;
  readonly policyEngineId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyArn: string;
  readonly status: PolicyStatus;
  readonly enforcementMode?: EnforcementMode | undefined;
  readonly definition: PolicyDefinition;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export type PolicyDefinition = OneOf<{
  cedar: CedarPolicy;
  policyGeneration: PolicyGenerationDetails;
  policy: PolicyStatement;
}>;

export interface PolicyEngine {
  readonly policyEngineId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyEngineArn: string;
  readonly status: PolicyEngineStatus;
  readonly encryptionKeyArn?: string | undefined;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export type PolicyEngineStatus = "CREATING" | "ACTIVE" | "UPDATING" | "DELETING" | "CREATE_FAILED" | "UPDATE_FAILED" | "DELETE_FAILED";

export interface PolicyEngineSummary {
  readonly policyEngineId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyEngineArn: string;
  readonly status: PolicyEngineStatus;
  readonly encryptionKeyArn?: string | undefined;
}

export interface PolicyGeneration {
  readonly policyEngineId: string;
  readonly policyGenerationId: string;
  readonly name: string;
  readonly policyGenerationArn: string;
  readonly resource: Resource;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: PolicyGenerationStatus;
  readonly findings?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface PolicyGenerationAsset {
  readonly policyGenerationAssetId: string;
  readonly definition?: PolicyDefinition | undefined;
  readonly rawTextFragment: string;
  readonly findings: readonly Finding[];
}

export interface PolicyGenerationDetails {
  readonly policyGenerationId: string;
  readonly policyGenerationAssetId: string;
}

export type PolicyGenerationStatus = "GENERATING" | "GENERATED" | "GENERATE_FAILED" | "DELETE_FAILED";

export interface PolicyGenerationSummary {
  readonly policyEngineId: string;
  readonly policyGenerationId: string;
  readonly name: string;
  readonly policyGenerationArn: string;
  readonly resource: Resource;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: PolicyGenerationStatus;
  readonly findings?: string | undefined;
}

export interface PolicyStatement {
  readonly statement: string;
}

export type PolicyStatus = "CREATING" | "ACTIVE" | "UPDATING" | "DELETING" | "CREATE_FAILED" | "UPDATE_FAILED" | "DELETE_FAILED";

export interface PolicySummary {
  readonly policyId: string;
  readonly name: string;
  readonly policyEngineId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyArn: string;
  readonly status: PolicyStatus;
  readonly enforcementMode?: EnforcementMode | undefined;
}

export type PolicyValidationMode = "FAIL_ON_ANY_FINDINGS" | "IGNORE_ALL_FINDINGS";

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export type PrincipalMatchOperator = "StringEquals" | "StringLike";

export type PrivateEndpoint = OneOf<{
  selfManagedLatticeResource: SelfManagedLatticeResource;
  managedVpcResource: ManagedVpcResource;
}>;

export interface PrivateEndpointOverride {
  readonly domain: string;
  readonly privateEndpoint: PrivateEndpoint;
}

export interface PrivateKeyJwtConfig {
  readonly privateKeySource?: PrivateKeySource | undefined;
  readonly signingAlgorithm?: SigningAlgorithm | undefined;
  readonly additionalHeaderClaims?: Readonly<Record<string, string>> | undefined;
  readonly additionalPayloadClaims?: Readonly<Record<string, string>> | undefined;
}

export type PrivateKeySource = OneOf<{
  kmsKeySource: KmsKeySourceType;
}>;

export interface ProtocolConfiguration {
  readonly serverProtocol: ServerProtocol;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
}

export type Provider = "AWS" | "DeepEval" | "AutoEval" | "Custom";

export interface ProviderPrefix {
  readonly strip?: boolean | undefined;
  readonly separator?: string | undefined;
}

export interface PutResourcePolicyRequest {
  readonly resourceArn: string;
  readonly policy: string;
}

export interface PutResourcePolicyResponse {
  readonly policy: string;
}

export interface RateConfig {
  readonly rate: number;
  readonly period: Period;
}

export type RatingScale = OneOf<{
  numerical: readonly NumericalScaleDefinition[];
  categorical: readonly CategoricalScaleDefinition[];
  multiDimensional: readonly EvaluationDimension[];
}>;

export interface ReasoningConfiguration {
  readonly effort?: string | undefined;
}

export type RecordExpiryAction = "REMOVE";

export type RecordExpirySpecification = OneOf<{
  recordExpiryDurationDays: number;
  action: RecordExpiryAction;
}>;

export interface RecordingConfig {
  readonly enabled?: boolean | undefined;
  readonly s3Location?: S3Location | undefined;
}

export type ReflectionConfiguration = OneOf<{
  customReflectionConfiguration: CustomReflectionConfiguration;
  episodicReflectionConfiguration: EpisodicReflectionConfiguration;
}>;

export type RegistryAuthorizerType = "CUSTOM_JWT" | "AWS_IAM";

export interface RegistryRecordCredentialProviderConfiguration {
  readonly credentialProviderType: RegistryRecordCredentialProviderType;
  readonly credentialProvider: RegistryRecordCredentialProviderUnion;
}

export type RegistryRecordCredentialProviderType = "OAUTH" | "IAM";

export type RegistryRecordCredentialProviderUnion = OneOf<{
  oauthCredentialProvider: RegistryRecordOAuthCredentialProvider;
  iamCredentialProvider: RegistryRecordIamCredentialProvider;
}>;

export interface RegistryRecordIamCredentialProvider {
  readonly roleArn?: string | undefined;
  readonly service?: string | undefined;
  readonly region?: string | undefined;
}

export interface RegistryRecordOAuthCredentialProvider {
  readonly providerArn: string;
  readonly grantType?: RegistryRecordOAuthGrantType | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly customParameters?: Readonly<Record<string, string>> | undefined;
}

export type RegistryRecordOAuthGrantType = "CLIENT_CREDENTIALS";

export type RegistryRecordStatus = "DRAFT" | "PENDING_APPROVAL" | "APPROVED" | "REJECTED" | "DEPRECATED" | "CREATING" | "UPDATING" | "CREATE_FAILED" | "UPDATE_FAILED";

export interface RegistryRecordSummary {
  readonly registryArn: string;
  readonly recordArn: string;
  readonly recordId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly descriptorType: DescriptorType;
  readonly recordVersion: string;
  readonly status: RegistryRecordStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type RegistryStatus = "CREATING" | "READY" | "UPDATING" | "CREATE_FAILED" | "UPDATE_FAILED" | "DELETING" | "DELETE_FAILED";

export interface RegistrySummary {
  readonly name: string;
  readonly description?: string | undefined;
  readonly registryId: string;
  readonly registryArn: string;
  readonly authorizerType?: RegistryAuthorizerType | undefined;
  readonly status: RegistryStatus;
  readonly statusReason?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type RequestHeaderConfiguration = OneOf<{
  requestHeaderAllowlist: readonly string[];
}>;

export interface ResetTokenVaultKeyMaterialRequest {
  readonly tokenVaultId: string;
}

export interface ResetTokenVaultKeyMaterialResponse {
  readonly tokenVaultId: string;
  readonly kmsConfiguration: KmsConfiguration;
  readonly lastModifiedDate: Date;
}

export type Resource = OneOf<{
  arn: string;
}>;

export interface ResourceConfiguration {
  readonly minimumMemoryInMiB: number;
}

export interface ResourceLimitExceededException {
  readonly message?: string | undefined;
}

export type ResourceLocation = OneOf<{
  s3: S3Location;
}>;

export interface ResourceNotFoundException {
  readonly message?: string | undefined;
}

export type ResourceType = "SYSTEM" | "CUSTOM";

export type RestApiMethod = "GET" | "DELETE" | "HEAD" | "OPTIONS" | "PATCH" | "PUT" | "POST";

export type ResultDestination = "DEDICATED_LOG_GROUP" | "SOURCE_LOG_GROUP";

export interface RetryableConflictException {
  readonly message: string;
}

export interface RootVolumeConfiguration {
  readonly volumeType?: EbsVolumeType | undefined;
  readonly iops?: number | undefined;
  readonly throughput?: number | undefined;
  readonly encrypted?: boolean | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly freeSpaceGiB?: number | undefined;
}

export interface RotatePaymentConnectorCredentialsRequest {
  readonly paymentManagerId: string;
  readonly paymentConnectorId: string;
  readonly credentialsToRotate: CredentialRotationConfig;
  readonly clientToken?: string | undefined;
}

export interface RotatePaymentConnectorCredentialsResponse {
  readonly paymentConnectorId: string;
  readonly paymentManagerId: string;
  readonly lastUpdatedAt: Date;
  readonly status: PaymentConnectorStatus;
}

export type RouteToTargetAction = OneOf<{
  staticRoute: StaticRoute;
  weightedRoute: WeightedRoute;
}>;

export interface Rule {
  readonly samplingConfig: SamplingConfig;
  readonly filters?: readonly Filter[] | undefined;
  readonly sessionConfig?: SessionConfig | undefined;
}

export interface RuntimeHooksConfiguration {
  readonly build?: BuildLifecycleHooks | undefined;
}

export interface RuntimeMetadataConfiguration {
  readonly requireMMDSV2: boolean;
}

export interface RuntimeTargetConfiguration {
  readonly arn: string;
  readonly qualifier?: string | undefined;
  readonly schema?: HttpApiSchemaConfiguration | undefined;
}

export interface S3CertificateConfiguration {
  readonly uri: string;
  readonly bucketOwnerAccountId?: string | undefined;
}

export interface S3Configuration {
  readonly uri?: string | undefined;
  readonly bucketOwnerAccountId?: string | undefined;
}

export interface S3FilesAccessPointConfiguration {
  readonly accessPointArn: string;
  readonly mountPath: string;
}

export interface S3FilesConfiguration {
  readonly accessPointArn: string;
  readonly mountPath: string;
  readonly fileSystemArn: string;
}

export interface S3Location {
  readonly bucket: string;
  readonly prefix: string;
  readonly versionId?: string | undefined;
}

export interface S3Source {
  readonly s3Uri: string;
}

export interface SalesforceOauth2ProviderConfigInput {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientSecretConfig?: SecretReference | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
}

export interface SalesforceOauth2ProviderConfigOutput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
}

export interface SamplingConfig {
  readonly samplingPercentage: number;
}

export interface SchemaDefinition {
  readonly type: SchemaType;
  readonly properties?: Readonly<Record<string, SchemaDefinition>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: SchemaDefinition | undefined;
  readonly description?: string | undefined;
}

export type SchemaType = "string" | "number" | "object" | "array" | "boolean" | "integer";

export type SearchType = "SEMANTIC";

export interface Secret {
  readonly secretArn: string;
}

export interface SecretReference {
  readonly secretId: string;
  readonly jsonKey: string;
}

export type SecretSourceType = "MANAGED" | "EXTERNAL";

export interface SecretsManagerCertificateConfiguration {
  readonly secretArn: string;
}

export interface SecretsManagerLocation {
  readonly secretArn: string;
}

export interface SelfManagedConfiguration {
  readonly triggerConditions: readonly TriggerCondition[];
  readonly invocationConfiguration: InvocationConfiguration;
  readonly historicalContextWindowSize: number;
}

export interface SelfManagedConfigurationInput {
  readonly triggerConditions?: readonly TriggerConditionInput[] | undefined;
  readonly invocationConfiguration: InvocationConfigurationInput;
  readonly historicalContextWindowSize?: number | undefined;
}

export type SelfManagedLatticeResource = OneOf<{
  resourceConfigurationIdentifier: string;
}>;

export interface SemanticConsolidationOverride {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface SemanticExtractionOverride {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface SemanticMemoryStrategyInput {
  readonly name: string;
  readonly description?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
  readonly recordExpirySpecification?: RecordExpirySpecification | undefined;
}

export interface SemanticOverrideConfigurationInput {
  readonly extraction?: SemanticOverrideExtractionConfigurationInput | undefined;
  readonly consolidation?: SemanticOverrideConsolidationConfigurationInput | undefined;
}

export interface SemanticOverrideConsolidationConfigurationInput {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface SemanticOverrideExtractionConfigurationInput {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface ServerDefinition {
  readonly schemaVersion?: string | undefined;
  readonly inlineContent?: string | undefined;
}

export type ServerProtocol = "MCP" | "HTTP" | "A2A" | "AGUI";

export interface ServiceException {
  readonly message?: string | undefined;
}

export interface ServiceQuotaExceededException {
  readonly message?: string | undefined;
}

export interface SessionConfig {
  readonly sessionTimeoutMinutes: number;
}

export interface SessionConfiguration {
  readonly sessionTimeoutInSeconds?: number | undefined;
}

export interface SessionStorageConfiguration {
  readonly mountPath: string;
}

export interface SetTokenVaultCMKRequest {
  readonly tokenVaultId?: string | undefined;
  readonly kmsConfiguration: KmsConfiguration;
}

export interface SetTokenVaultCMKResponse {
  readonly tokenVaultId: string;
  readonly kmsConfiguration: KmsConfiguration;
  readonly lastModifiedDate: Date;
}

export type SigningAlgorithm = "RS256" | "PS256" | "ES256";

export interface SkillDefinition {
  readonly schemaVersion?: string | undefined;
  readonly inlineContent?: string | undefined;
}

export interface SkillMdDefinition {
  readonly inlineContent?: string | undefined;
}

export interface SlackOauth2ProviderConfigInput {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientSecretConfig?: SecretReference | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
}

export interface SlackOauth2ProviderConfigOutput {
  readonly oauthDiscovery: Oauth2Discovery;
  readonly clientId?: string | undefined;
}

export interface StartPolicyGenerationRequest {
  readonly policyEngineId: string;
  readonly resource: Resource;
  readonly content: Content;
  readonly name: string;
  readonly clientToken?: string | undefined;
}

export interface StartPolicyGenerationResponse {
  readonly policyEngineId: string;
  readonly policyGenerationId: string;
  readonly name: string;
  readonly policyGenerationArn: string;
  readonly resource: Resource;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: PolicyGenerationStatus;
  readonly findings?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface StaticOverride {
  readonly bundleArn: string;
  readonly bundleVersion: string;
}

export type StaticQueryParameterConflictResolution = "CLIENT_OVERRIDE" | "STATIC_OVERRIDE";

export interface StaticRoute {
  readonly targetName: string;
  readonly model?: string | undefined;
  readonly fallback?: Fallback | undefined;
}

export type Status = "CREATING" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "READY" | "DELETING" | "DELETE_FAILED";

export interface StickinessConfiguration {
  readonly identifier: string;
  readonly timeout?: number | undefined;
  readonly compositeIdentifier?: readonly string[] | undefined;
}

export interface StrategyConfiguration {
  readonly type?: OverrideType | undefined;
  readonly extraction?: ExtractionConfiguration | undefined;
  readonly consolidation?: ConsolidationConfiguration | undefined;
  readonly reflection?: ReflectionConfiguration | undefined;
  readonly selfManagedConfiguration?: SelfManagedConfiguration | undefined;
}

export type StreamDeliveryResource = OneOf<{
  kinesis: KinesisResource;
}>;

export interface StreamDeliveryResources {
  readonly resources: readonly StreamDeliveryResource[];
}

export interface StreamingConfiguration {
  readonly enableResponseStreaming?: boolean | undefined;
}

export interface StringListValidation {
  readonly allowedValues?: readonly string[] | undefined;
  readonly maxItems?: number | undefined;
}

export interface StringValidation {
  readonly allowedValues: readonly string[];
}

export interface StripePrivyConfigurationInput {
  readonly appId: string;
  readonly appSecret?: string | undefined;
  readonly appSecretSource?: SecretSourceType | undefined;
  readonly appSecretConfig?: SecretReference | undefined;
  readonly authorizationPrivateKey?: string | undefined;
  readonly authorizationPrivateKeySource?: SecretSourceType | undefined;
  readonly authorizationPrivateKeyConfig?: SecretReference | undefined;
  readonly authorizationId: string;
}

export interface StripePrivyConfigurationOutput {
  readonly appId: string;
  readonly appSecretArn: Secret;
  readonly appSecretJsonKey?: string | undefined;
  readonly appSecretSource?: SecretSourceType | undefined;
  readonly authorizationPrivateKeyArn: Secret;
  readonly authorizationPrivateKeyJsonKey?: string | undefined;
  readonly authorizationPrivateKeySource?: SecretSourceType | undefined;
  readonly authorizationId: string;
}

export interface SubmitRegistryRecordForApprovalRequest {
  readonly registryId: string;
  readonly recordId: string;
}

export interface SubmitRegistryRecordForApprovalResponse {
  readonly registryArn: string;
  readonly recordArn: string;
  readonly recordId: string;
  readonly status: RegistryRecordStatus;
  readonly updatedAt: Date;
}

export interface SubscriptionRequiredException {
  readonly message: string;
  readonly subscriptionUrl?: string | undefined;
  readonly productName?: string | undefined;
}

export interface SummaryConsolidationOverride {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface SummaryMemoryStrategyInput {
  readonly name: string;
  readonly description?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
  readonly recordExpirySpecification?: RecordExpirySpecification | undefined;
}

export interface SummaryOverrideConfigurationInput {
  readonly consolidation?: SummaryOverrideConsolidationConfigurationInput | undefined;
}

export interface SummaryOverrideConsolidationConfigurationInput {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface SynchronizationConfiguration {
  readonly fromUrl?: FromUrlSynchronizationConfiguration | undefined;
}

export type SynchronizationType = "URL";

export interface SynchronizeGatewayTargetsRequest {
  readonly gatewayIdentifier: string;
  readonly targetIdList: readonly string[];
}

export interface SynchronizeGatewayTargetsResponse {
  readonly targets?: readonly GatewayTarget[] | undefined;
}

export interface SystemManagedBlock {
  readonly managedBy: string;
}

export interface TagResourceRequest {
  readonly resourceArn: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type TagResourceResponse = Readonly<Record<string, never>>;

export type TargetConfiguration = OneOf<{
  mcp: McpTargetConfiguration;
  http: HttpTargetConfiguration;
  inference: InferenceTargetConfiguration;
}>;

export type TargetProtocolType = "MCP" | "HTTP";

export type TargetStatus = "CREATING" | "UPDATING" | "UPDATE_UNSUCCESSFUL" | "DELETING" | "READY" | "FAILED" | "SYNCHRONIZING" | "SYNCHRONIZE_UNSUCCESSFUL" | "CREATE_PENDING_AUTH" | "UPDATE_PENDING_AUTH" | "SYNCHRONIZE_PENDING_AUTH";

export interface TargetSummary {
  readonly targetId: string;
  readonly name: string;
  readonly status: TargetStatus;
  readonly description?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly resourcePriority?: number | undefined;
  readonly lastSynchronizedAt?: Date | undefined;
  readonly authorizationData?: AuthorizationData | undefined;
  readonly targetType?: TargetType | undefined;
  readonly listingMode?: ListingMode | undefined;
}

export interface TargetTrafficSplitEntry {
  readonly targetName: string;
  readonly model?: string | undefined;
  readonly fallback?: Fallback | undefined;
  readonly name: string;
  readonly weight: number;
  readonly description?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export type TargetType = "OPEN_API_SCHEMA" | "SMITHY_MODEL" | "MCP_SERVER" | "LAMBDA" | "API_GATEWAY" | "CONNECTOR" | "AGENTCORE_RUNTIME" | "PASSTHROUGH" | "PROVIDER" | "HTTP_CONNECTOR";

export interface ThrottledException {
  readonly message?: string | undefined;
}

export interface ThrottlingException {
  readonly message?: string | undefined;
}

export interface TimeBasedTrigger {
  readonly idleSessionTimeout?: number | undefined;
}

export interface TimeBasedTriggerInput {
  readonly idleSessionTimeout?: number | undefined;
}

export interface TokenBasedTrigger {
  readonly tokenCount?: number | undefined;
}

export interface TokenBasedTriggerInput {
  readonly tokenCount?: number | undefined;
}

export interface TokenExchangeGrantTypeConfigType {
  readonly actorTokenContent: ActorTokenContentType;
  readonly actorTokenScopes?: readonly string[] | undefined;
}

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: SchemaDefinition;
  readonly outputSchema?: SchemaDefinition | undefined;
}

export type ToolSchema = OneOf<{
  s3: S3Configuration;
  inlinePayload: readonly ToolDefinition[];
}>;

export interface ToolsDefinition {
  readonly protocolVersion?: string | undefined;
  readonly inlineContent?: string | undefined;
}

export type ToolsFileSystemConfiguration = OneOf<{
  s3FilesConfiguration: S3FilesConfiguration;
  efsConfiguration: EfsConfiguration;
}>;

export interface TrafficSplitEntry {
  readonly name: string;
  readonly weight: number;
  readonly configurationBundle: ConfigurationBundleReference;
  readonly description?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export type TriggerCondition = OneOf<{
  messageBasedTrigger: MessageBasedTrigger;
  tokenBasedTrigger: TokenBasedTrigger;
  timeBasedTrigger: TimeBasedTrigger;
}>;

export type TriggerConditionInput = OneOf<{
  messageBasedTrigger: MessageBasedTriggerInput;
  tokenBasedTrigger: TokenBasedTriggerInput;
  timeBasedTrigger: TimeBasedTriggerInput;
}>;

export interface UnauthorizedException {
  readonly message?: string | undefined;
}

export type Unit = Readonly<Record<string, never>>;

export interface UntagResourceRequest {
  readonly resourceArn: string;
  readonly tagKeys: readonly string[];
}

export type UntagResourceResponse = Readonly<Record<string, never>>;

export interface UpdateAgentInsightStoreRequest {
  readonly clientToken?: string | undefined;
  readonly agentInsightStoreId: string;
  readonly enablementStatus?: AgentInsightStoreEnablementStatus | undefined;
  readonly encryptionConfiguration?: AgentInsightStoreEncryptionConfiguration | undefined;
}

export interface UpdateAgentInsightStoreResponse {
  readonly agentInsightStoreArn: string;
  readonly agentInsightStoreId: string;
  readonly status: AgentInsightStoreStatus;
  readonly enablementStatus: AgentInsightStoreEnablementStatus;
  readonly updatedAt: Date;
  readonly failureReason?: string | undefined;
}

export interface UpdateAgentRuntimeEndpointRequest {
  readonly agentRuntimeId: string;
  readonly endpointName: string;
  readonly agentRuntimeVersion?: string | undefined;
  readonly description?: string | undefined;
  readonly clientToken?: string | undefined;
}

export interface UpdateAgentRuntimeEndpointResponse {
  readonly liveVersion?: string | undefined;
  readonly targetVersion?: string | undefined;
  readonly agentRuntimeEndpointArn: string;
  readonly agentRuntimeArn: string;
  readonly status: AgentRuntimeEndpointStatus;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
}

export interface UpdateAgentRuntimeRequest {
  readonly agentRuntimeId: string;
  readonly agentRuntimeArtifact: AgentRuntimeArtifact;
  readonly roleArn: string;
  readonly networkConfiguration?: NetworkConfiguration | undefined;
  readonly description?: string | undefined;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly requestHeaderConfiguration?: RequestHeaderConfiguration | undefined;
  readonly protocolConfiguration?: ProtocolConfiguration | undefined;
  readonly lifecycleConfiguration?: LifecycleConfiguration | undefined;
  readonly hooksConfiguration?: RuntimeHooksConfiguration | undefined;
  readonly metadataConfiguration?: RuntimeMetadataConfiguration | undefined;
  readonly environmentVariables?: Readonly<Record<string, string>> | undefined;
  readonly filesystemConfigurations?: readonly FilesystemConfiguration[] | undefined;
  readonly capacityProviderConfiguration?: CapacityProviderConfiguration | undefined;
  readonly platformVersion?: string | undefined;
  readonly allowedPorts?: readonly AllowedPort[] | undefined;
  readonly resourceConfigurations?: readonly ResourceConfiguration[] | undefined;
  readonly clientToken?: string | undefined;
}

export interface UpdateAgentRuntimeResponse {
  readonly agentRuntimeArn: string;
  readonly agentRuntimeId: string;
  readonly workloadIdentityDetails?: WorkloadIdentityDetails | undefined;
  readonly agentRuntimeVersion: string;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
  readonly status: AgentRuntimeStatus;
}

export interface UpdateApiKeyCredentialProviderRequest {
  readonly name: string;
  readonly apiKey?: string | undefined;
  readonly apiKeySecretConfig?: SecretReference | undefined;
  readonly apiKeySecretSource?: SecretSourceType | undefined;
}

export interface UpdateApiKeyCredentialProviderResponse {
  readonly apiKeySecretArn: Secret;
  readonly apiKeySecretJsonKey?: string | undefined;
  readonly apiKeySecretSource?: SecretSourceType | undefined;
  readonly name: string;
  readonly credentialProviderArn: string;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
}

export interface UpdateCapacityProviderInput {
  readonly capacityProviderId: string;
  readonly description?: UpdatedDescription | undefined;
  readonly clientToken?: string | undefined;
}

export interface UpdateCapacityProviderOutput {
  readonly capacityProviderId: string;
  readonly capacityProviderArn: string;
  readonly name: string;
  readonly status: CapacityProviderStatus;
  readonly createdAt: Date;
  readonly lastUpdatedAt: Date;
}

export interface UpdateConfigurationBundleRequest {
  readonly clientToken?: string | undefined;
  readonly bundleId: string;
  readonly bundleName?: string | undefined;
  readonly description?: string | undefined;
  readonly components?: Readonly<Record<string, ComponentConfiguration>> | undefined;
  readonly parentVersionIds: readonly string[];
  readonly branchName?: string | undefined;
  readonly commitMessage: string;
  readonly createdBy?: VersionCreatedBySource | undefined;
  readonly kmsKeyArn?: string | undefined;
}

export interface UpdateConfigurationBundleResponse {
  readonly bundleArn: string;
  readonly bundleId: string;
  readonly versionId: string;
  readonly updatedAt: Date;
}

export interface UpdateConsentPortalRequest {
  readonly consentPortalIdentifier: string;
  readonly executionRoleArn?: string | undefined;
  readonly idpConfig?: ConsentPortalIdpConfig | undefined;
  readonly description?: string | undefined;
}

export interface UpdateConsentPortalResponse {
  readonly sources: readonly ConsentPortalSource[];
  readonly consentPortalArn: string;
  readonly consentPortalId: string;
  readonly createdAt: Date;
  readonly description?: string | undefined;
  readonly executionRoleArn: string;
  readonly idpConfig: ConsentPortalIdpConfig;
  readonly name: string;
  readonly portalUrl?: string | undefined;
  readonly status: ConsentPortalStatus;
  readonly statusReason?: string | undefined;
  readonly updatedAt: Date;
}

export interface UpdateDatasetExamplesRequest {
  readonly datasetId: string;
  readonly clientToken?: string | undefined;
  readonly examples: readonly unknown[];
}

export interface UpdateDatasetExamplesResponse {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly status: DatasetStatus;
  readonly updatedCount: number;
  readonly updatedAt: Date;
}

export interface UpdateDatasetRequest {
  readonly datasetId: string;
  readonly clientToken?: string | undefined;
  readonly description?: string | undefined;
}

export interface UpdateDatasetResponse {
  readonly datasetArn: string;
  readonly datasetId: string;
  readonly updatedAt: Date;
}

export interface UpdateEvaluatorRequest {
  readonly clientToken?: string | undefined;
  readonly evaluatorId: string;
  readonly description?: string | undefined;
  readonly evaluatorConfig?: EvaluatorConfig | undefined;
  readonly level?: EvaluatorLevel | undefined;
  readonly kmsKeyArn?: string | undefined;
}

export interface UpdateEvaluatorResponse {
  readonly evaluatorArn: string;
  readonly evaluatorId: string;
  readonly updatedAt: Date;
  readonly status: EvaluatorStatus;
}

export interface UpdateGatewayRateLimitRequest {
  readonly gatewayIdentifier: string;
  readonly rateLimitId: string;
  readonly description?: string | undefined;
  readonly entries: readonly LimitEntry[];
}

export interface UpdateGatewayRateLimitResponse {
  readonly rateLimitId: string;
  readonly gatewayIdentifier: string;
  readonly description?: string | undefined;
  readonly dimensionKeys: readonly string[];
  readonly entries: readonly LimitEntry[];
  readonly status: GatewayRateLimitStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface UpdateGatewayRequest {
  readonly gatewayIdentifier: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly roleArn: string;
  readonly protocolType?: GatewayProtocolType | undefined;
  readonly protocolConfiguration?: GatewayProtocolConfiguration | undefined;
  readonly authorizerType: AuthorizerType;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly customTransformConfiguration?: CustomTransformConfiguration | undefined;
  readonly interceptorConfigurations?: readonly GatewayInterceptorConfiguration[] | undefined;
  readonly policyEngineConfiguration?: GatewayPolicyEngineConfiguration | undefined;
  readonly exceptionLevel?: ExceptionLevel | undefined;
  readonly wafConfiguration?: WafConfiguration | undefined;
  readonly domainOverride?: DomainOverride | undefined;
}

export interface UpdateGatewayResponse {
  readonly gatewayArn: string;
  readonly gatewayId: string;
  readonly gatewayUrl?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: GatewayStatus;
  readonly statusReasons?: readonly string[] | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly protocolType?: GatewayProtocolType | undefined;
  readonly protocolConfiguration?: GatewayProtocolConfiguration | undefined;
  readonly authorizerType: AuthorizerType;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly customTransformConfiguration?: CustomTransformConfiguration | undefined;
  readonly interceptorConfigurations?: readonly GatewayInterceptorConfiguration[] | undefined;
  readonly policyEngineConfiguration?: GatewayPolicyEngineConfiguration | undefined;
  readonly workloadIdentityDetails?: WorkloadIdentityDetails | undefined;
  readonly exceptionLevel?: ExceptionLevel | undefined;
  readonly webAclArn?: string | undefined;
  readonly wafConfiguration?: WafConfiguration | undefined;
  readonly domainOverride?: DomainOverride | undefined;
}

export interface UpdateGatewayRuleRequest {
  readonly gatewayIdentifier: string;
  readonly ruleId: string;
  readonly priority?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly actions?: readonly Action[] | undefined;
  readonly description?: string | undefined;
}

export interface UpdateGatewayRuleResponse {
  readonly ruleId: string;
  readonly gatewayArn: string;
  readonly priority: number;
  readonly conditions?: readonly Condition[] | undefined;
  readonly actions: readonly Action[];
  readonly description?: string | undefined;
  readonly createdAt: Date;
  readonly status: GatewayRuleStatus;
  readonly system?: SystemManagedBlock | undefined;
  readonly updatedAt?: Date | undefined;
}

export interface UpdateGatewayTargetRequest {
  readonly gatewayIdentifier: string;
  readonly targetId: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly targetConfiguration: TargetConfiguration;
  readonly credentialProviderConfigurations?: readonly CredentialProviderConfiguration[] | undefined;
  readonly metadataConfiguration?: MetadataConfiguration | undefined;
  readonly privateEndpoint?: PrivateEndpoint | undefined;
  readonly certificateConfigurations?: readonly CertificateConfiguration[] | undefined;
}

export interface UpdateGatewayTargetResponse {
  readonly gatewayArn: string;
  readonly targetId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: TargetStatus;
  readonly statusReasons?: readonly string[] | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly targetConfiguration: TargetConfiguration;
  readonly credentialProviderConfigurations: readonly CredentialProviderConfiguration[];
  readonly lastSynchronizedAt?: Date | undefined;
  readonly metadataConfiguration?: MetadataConfiguration | undefined;
  readonly privateEndpoint?: PrivateEndpoint | undefined;
  readonly privateEndpointManagedResources?: readonly ManagedResourceDetails[] | undefined;
  readonly authorizationData?: AuthorizationData | undefined;
  readonly protocolType?: TargetProtocolType | undefined;
  readonly certificateConfigurations?: readonly CertificateConfiguration[] | undefined;
}

export interface UpdateHarnessEndpointRequest {
  readonly harnessId: string;
  readonly endpointName: string;
  readonly targetVersion?: string | undefined;
  readonly description?: string | undefined;
  readonly clientToken?: string | undefined;
}

export interface UpdateHarnessEndpointResponse {
  readonly endpoint: HarnessEndpoint;
}

export interface UpdateHarnessRequest {
  readonly harnessId: string;
  readonly clientToken?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly environment?: HarnessEnvironmentProviderRequest | undefined;
  readonly environmentArtifact?: UpdatedHarnessEnvironmentArtifact | undefined;
  readonly environmentVariables?: Readonly<Record<string, string>> | undefined;
  readonly authorizerConfiguration?: UpdatedAuthorizerConfiguration | undefined;
  readonly model?: HarnessModelConfiguration | undefined;
  readonly systemPrompt?: readonly HarnessSystemContentBlock[] | undefined;
  readonly tools?: readonly HarnessTool[] | undefined;
  readonly skills?: readonly HarnessSkill[] | undefined;
  readonly allowedTools?: readonly string[] | undefined;
  readonly memory?: UpdatedHarnessMemoryConfiguration | undefined;
  readonly truncation?: HarnessTruncationConfiguration | undefined;
  readonly hooks?: readonly HarnessHook[] | undefined;
  readonly maxIterations?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
}

export interface UpdateHarnessResponse {
  readonly harness: Harness;
}

export interface UpdateMemoryInput {
  readonly clientToken?: string | undefined;
  readonly memoryId: string;
  readonly description?: string | undefined;
  readonly eventExpiryDuration?: number | undefined;
  readonly memoryExecutionRoleArn?: string | undefined;
  readonly memoryStrategies?: ModifyMemoryStrategies | undefined;
  readonly addIndexedKeys?: readonly IndexedKey[] | undefined;
  readonly namespaceKeys?: readonly NamespaceKeyEntry[] | undefined;
  readonly streamDeliveryResources?: StreamDeliveryResources | undefined;
}

export interface UpdateMemoryOutput {
  readonly memory?: Memory | undefined;
}

export interface UpdateOauth2CredentialProviderRequest {
  readonly name: string;
  readonly credentialProviderVendor: CredentialProviderVendorType;
  readonly oauth2ProviderConfigInput: Oauth2ProviderConfigInput;
}

export interface UpdateOauth2CredentialProviderResponse {
  readonly clientSecretArn: Secret;
  readonly clientSecretJsonKey?: string | undefined;
  readonly clientSecretSource?: SecretSourceType | undefined;
  readonly name: string;
  readonly credentialProviderVendor: CredentialProviderVendorType;
  readonly credentialProviderArn: string;
  readonly callbackUrl?: string | undefined;
  readonly oauth2ProviderConfigOutput: Oauth2ProviderConfigOutput;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
  readonly status?: Status | undefined;
}

export interface UpdateOnlineEvaluationConfigRequest {
  readonly clientToken?: string | undefined;
  readonly onlineEvaluationConfigId: string;
  readonly description?: string | undefined;
  readonly rule?: Rule | undefined;
  readonly dataSourceConfig?: DataSourceConfig | undefined;
  readonly evaluators?: readonly EvaluatorReference[] | undefined;
  readonly insights?: readonly Insight[] | undefined;
  readonly clusteringConfig?: ClusteringConfig | undefined;
  readonly outputConfig?: OutputConfig | undefined;
  readonly evaluationExecutionRoleArn?: string | undefined;
  readonly executionStatus?: OnlineEvaluationExecutionStatus | undefined;
}

export interface UpdateOnlineEvaluationConfigResponse {
  readonly onlineEvaluationConfigArn: string;
  readonly onlineEvaluationConfigId: string;
  readonly updatedAt: Date;
  readonly status: OnlineEvaluationConfigStatus;
  readonly executionStatus: OnlineEvaluationExecutionStatus;
  readonly failureReason?: string | undefined;
}

export interface UpdatePaymentConnectorRequest {
  readonly paymentManagerId: string;
  readonly paymentConnectorId: string;
  readonly description?: string | undefined;
  readonly type?: PaymentConnectorType | undefined;
  readonly credentialProviderConfigurations?: readonly CredentialsProviderConfiguration[] | undefined;
  readonly clientToken?: string | undefined;
}

export interface UpdatePaymentConnectorResponse {
  readonly paymentConnectorId: string;
  readonly paymentManagerId: string;
  readonly name: string;
  readonly type: PaymentConnectorType;
  readonly credentialProviderConfigurations: readonly CredentialsProviderConfiguration[];
  readonly lastUpdatedAt: Date;
  readonly status: PaymentConnectorStatus;
  readonly authorizationUrl?: string | undefined;
}

export interface UpdatePaymentCredentialProviderRequest {
  readonly name: string;
  readonly credentialProviderVendor: PaymentCredentialProviderVendorType;
  readonly providerConfigurationInput: PaymentProviderConfigurationInput;
}

export interface UpdatePaymentCredentialProviderResponse {
  readonly name: string;
  readonly credentialProviderVendor: PaymentCredentialProviderVendorType;
  readonly credentialProviderArn: string;
  readonly providerConfigurationOutput: PaymentProviderConfigurationOutput;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
}

export interface UpdatePaymentManagerRequest {
  readonly paymentManagerId: string;
  readonly description?: string | undefined;
  readonly authorizerType?: PaymentsAuthorizerType | undefined;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly roleArn?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly kmsKeyArn?: string | undefined;
}

export interface UpdatePaymentManagerResponse {
  readonly paymentManagerArn: string;
  readonly paymentManagerId: string;
  readonly name: string;
  readonly authorizerType: PaymentsAuthorizerType;
  readonly roleArn: string;
  readonly workloadIdentityDetails?: WorkloadIdentityDetails | undefined;
  readonly lastUpdatedAt: Date;
  readonly status: PaymentManagerStatus;
  readonly kmsKeyArn?: string | undefined;
}

export interface UpdatePolicyEngineRequest {
  readonly policyEngineId: string;
  readonly description?: UpdatedDescription | undefined;
}

export interface UpdatePolicyEngineResponse {
  readonly policyEngineId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyEngineArn: string;
  readonly status: PolicyEngineStatus;
  readonly encryptionKeyArn?: string | undefined;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface UpdatePolicyRequest {
  readonly policyEngineId: string;
  readonly policyId: string;
  readonly description?: UpdatedDescription | undefined;
  readonly definition?: PolicyDefinition | undefined;
  readonly validationMode?: PolicyValidationMode | undefined;
  readonly enforcementMode?: EnforcementMode | undefined;
}

export interface UpdatePolicyResponse {
  readonly policyId: string;
  readonly name: string;
  readonly policyEngineId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly policyArn: string;
  readonly status: PolicyStatus;
  readonly enforcementMode?: EnforcementMode | undefined;
  readonly definition: PolicyDefinition;
  readonly description?: string | undefined;
  readonly statusReasons: readonly string[];
}

export interface UpdateRegistryRecordRequest {
  readonly registryId: string;
  readonly recordId: string;
  readonly name?: string | undefined;
  readonly description?: UpdatedDescription | undefined;
  readonly descriptorType?: DescriptorType | undefined;
  readonly descriptors?: UpdatedDescriptors | undefined;
  readonly recordVersion?: string | undefined;
  readonly synchronizationType?: UpdatedSynchronizationType | undefined;
  readonly synchronizationConfiguration?: UpdatedSynchronizationConfiguration | undefined;
  readonly triggerSynchronization?: boolean | undefined;
}

export interface UpdateRegistryRecordResponse {
  readonly registryArn: string;
  readonly recordArn: string;
  readonly recordId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly descriptorType: DescriptorType;
  readonly descriptors: Descriptors;
  readonly recordVersion?: string | undefined;
  readonly status: RegistryRecordStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly statusReason?: string | undefined;
  readonly synchronizationType?: SynchronizationType | undefined;
  readonly synchronizationConfiguration?: SynchronizationConfiguration | undefined;
}

export interface UpdateRegistryRecordStatusRequest {
  readonly registryId: string;
  readonly recordId: string;
  readonly status: RegistryRecordStatus;
  readonly statusReason: string;
}

export interface UpdateRegistryRecordStatusResponse {
  readonly registryArn: string;
  readonly recordArn: string;
  readonly recordId: string;
  readonly status: RegistryRecordStatus;
  readonly statusReason: string;
  readonly updatedAt: Date;
}

export interface UpdateRegistryRequest {
  readonly registryId: string;
  readonly name?: string | undefined;
  readonly description?: UpdatedDescription | undefined;
  readonly authorizerConfiguration?: UpdatedAuthorizerConfiguration | undefined;
  readonly approvalConfiguration?: UpdatedApprovalConfiguration | undefined;
}

export interface UpdateRegistryResponse {
  readonly name: string;
  readonly description?: string | undefined;
  readonly registryId: string;
  readonly registryArn: string;
  readonly authorizerType?: RegistryAuthorizerType | undefined;
  readonly authorizerConfiguration?: AuthorizerConfiguration | undefined;
  readonly approvalConfiguration?: ApprovalConfiguration | undefined;
  readonly status: RegistryStatus;
  readonly statusReason?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface UpdateWorkloadIdentityRequest {
  readonly name: string;
  readonly allowedResourceOauth2ReturnUrls?: readonly string[] | undefined;
}

export interface UpdateWorkloadIdentityResponse {
  readonly name: string;
  readonly workloadIdentityArn: string;
  readonly allowedResourceOauth2ReturnUrls?: readonly string[] | undefined;
  readonly createdTime: Date;
  readonly lastUpdatedTime: Date;
}

export interface UpdatedA2aDescriptor {
  readonly optionalValue?: A2aDescriptor | undefined;
}

export interface UpdatedAgentSkillsDescriptor {
  readonly optionalValue?: UpdatedAgentSkillsDescriptorFields | undefined;
}

export interface UpdatedAgentSkillsDescriptorFields {
  readonly skillMd?: UpdatedSkillMdDefinition | undefined;
  readonly skillDefinition?: UpdatedSkillDefinition | undefined;
}

export interface UpdatedApprovalConfiguration {
  readonly optionalValue?: ApprovalConfiguration | undefined;
}

export interface UpdatedAuthorizerConfiguration {
  readonly optionalValue?: AuthorizerConfiguration | undefined;
}

export interface UpdatedCustomDescriptor {
  readonly optionalValue?: CustomDescriptor | undefined;
}

export interface UpdatedDescription {
  readonly optionalValue?: string | undefined;
}

export interface UpdatedDescriptors {
  readonly optionalValue?: UpdatedDescriptorsUnion | undefined;
}

export interface UpdatedDescriptorsUnion {
  readonly mcp?: UpdatedMcpDescriptor | undefined;
  readonly a2a?: UpdatedA2aDescriptor | undefined;
  readonly custom?: UpdatedCustomDescriptor | undefined;
  readonly agentSkills?: UpdatedAgentSkillsDescriptor | undefined;
}

export interface UpdatedHarnessEnvironmentArtifact {
  readonly optionalValue?: HarnessEnvironmentArtifact | undefined;
}

export interface UpdatedHarnessMemoryConfiguration {
  readonly optionalValue?: HarnessMemoryConfiguration | undefined;
}

export interface UpdatedMcpDescriptor {
  readonly optionalValue?: UpdatedMcpDescriptorFields | undefined;
}

export interface UpdatedMcpDescriptorFields {
  readonly server?: UpdatedServerDefinition | undefined;
  readonly tools?: UpdatedToolsDefinition | undefined;
}

export interface UpdatedServerDefinition {
  readonly optionalValue?: ServerDefinition | undefined;
}

export interface UpdatedSkillDefinition {
  readonly optionalValue?: SkillDefinition | undefined;
}

export interface UpdatedSkillMdDefinition {
  readonly optionalValue?: SkillMdDefinition | undefined;
}

export interface UpdatedSynchronizationConfiguration {
  readonly optionalValue?: SynchronizationConfiguration | undefined;
}

export interface UpdatedSynchronizationType {
  readonly optionalValue?: SynchronizationType | undefined;
}

export interface UpdatedToolsDefinition {
  readonly optionalValue?: ToolsDefinition | undefined;
}

export interface UserPreferenceConsolidationOverride {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface UserPreferenceExtractionOverride {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface UserPreferenceMemoryStrategyInput {
  readonly name: string;
  readonly description?: string | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly namespaceTemplates?: readonly string[] | undefined;
  readonly memoryRecordSchema?: MemoryRecordSchema | undefined;
  readonly recordExpirySpecification?: RecordExpirySpecification | undefined;
}

export interface UserPreferenceOverrideConfigurationInput {
  readonly extraction?: UserPreferenceOverrideExtractionConfigurationInput | undefined;
  readonly consolidation?: UserPreferenceOverrideConsolidationConfigurationInput | undefined;
}

export interface UserPreferenceOverrideConsolidationConfigurationInput {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export interface UserPreferenceOverrideExtractionConfigurationInput {
  readonly appendToPrompt: string;
  readonly modelId: string;
}

export type Validation = OneOf<{
  stringValidation: StringValidation;
  stringListValidation: StringListValidation;
  numberValidation: NumberValidation;
}>;

export interface ValidationException {
  readonly message: string;
  readonly reason: ValidationExceptionReason;
  readonly fieldList?: readonly ValidationExceptionField[] | undefined;
}

export interface ValidationExceptionField {
  readonly name: string;
  readonly message: string;
}

export type ValidationExceptionReason = "CannotParse" | "FieldValidationFailed" | "IdempotentParameterMismatchException" | "EventInOtherSession" | "ResourceConflict";

export interface VersionCreatedBySource {
  readonly name: string;
  readonly arn?: string | undefined;
}

export interface VersionFilter {
  readonly branchName?: string | undefined;
  readonly createdByName?: string | undefined;
  readonly latestPerBranch?: boolean | undefined;
}

export interface VersionLineageMetadata {
  readonly parentVersionIds?: readonly string[] | undefined;
  readonly branchName?: string | undefined;
  readonly createdBy?: VersionCreatedBySource | undefined;
  readonly commitMessage?: string | undefined;
}

export type VolumeConfiguration = OneOf<{
  ebsConfiguration: EbsVolumeConfiguration;
}>;

export interface VpcConfig {
  readonly securityGroups: readonly string[];
  readonly subnets: readonly string[];
  readonly requireServiceS3Endpoint?: boolean | undefined;
}

export interface VpcConfiguration {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

export interface WafConfiguration {
  readonly failureMode?: WafFailureMode | undefined;
}

export type WafFailureMode = "FAIL_CLOSE" | "FAIL_OPEN";

export interface WeightedOverride {
  readonly trafficSplit: readonly TrafficSplitEntry[];
}

export interface WeightedRoute {
  readonly trafficSplit: readonly TargetTrafficSplitEntry[];
}

export interface WorkloadIdentityDetails {
  readonly workloadIdentityArn: string;
}

export interface WorkloadIdentityType {
  readonly name: string;
  readonly workloadIdentityArn: string;
}
