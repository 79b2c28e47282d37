// Made by scripts/update-service-model.ts from botocore 1.44.5 (Apache-2.0). Do not edit.

/** Exactly one of the members. */
type OneOf<Members> = {
  [Name in keyof Members]: { readonly [Only in Name]: Members[Name] } & {
    readonly [Other in Exclude<keyof Members, Name>]?: undefined;
  };
}[keyof Members];

export interface A2aDescriptor {
  readonly agentCard: AgentCardDefinition;
}

export type ABTestEvaluationConfig = OneOf<{
  onlineEvaluationConfigArn: string;
  perVariantOnlineEvaluationConfig: readonly PerVariantOnlineEvaluationConfig[];
}>;

export type ABTestExecutionStatus = "PAUSED" | "RUNNING" | "STOPPED" | "NOT_STARTED";

export interface ABTestResults {
  readonly analysisTimestamp?: Date | undefined;
  readonly evaluatorMetrics: readonly EvaluatorMetric[];
}

export type ABTestStatus = "CREATING" | "ACTIVE" | "CREATE_FAILED" | "UPDATING" | "UPDATE_FAILED" | "DELETING" | "DELETE_FAILED" | "FAILED";

export interface ABTestSummary {
  readonly abTestId: string;
  readonly abTestArn: string;
  readonly name: string;
  readonly status: ABTestStatus;
  readonly executionStatus: ABTestExecutionStatus;
  readonly description?: string | undefined;
  readonly gatewayArn?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface AccessDeniedException {
  readonly message?: string | undefined;
}

export interface ActorSummary {
  readonly actorId: string;
}

export interface AffectedSession {
  readonly sessionId: string;
  readonly explanation: string;
  readonly fixType: string;
  readonly recommendation: string;
  readonly failureSpans: readonly FailureSpanDetail[];
}

export interface AgentCardDefinition {
  readonly schemaVersion?: string | undefined;
  readonly inlineContent?: string | undefined;
}

export interface AgentCoreRuntimeInvocation {
  readonly agentRuntimeEndpointArn: string;
  readonly requestTemplate?: string | undefined;
}

export interface AgentCoreRuntimeInvocationDetails {
  readonly agentRuntimeEndpointArn: string;
  readonly agentRuntimeVersion: string;
  readonly requestTemplate?: string | undefined;
}

export type AgentInsightArchiveStatus = "ACTIVE" | "ARCHIVED";

export type AgentInsightCustomerMetadataStatus = "AVAILABLE" | "CUSTOMER_KEY_UNAVAILABLE" | "UNAVAILABLE";

export interface AgentInsightSummary {
  readonly type: InsightType;
  readonly name: string;
  readonly description: string;
  readonly createdAt: Date;
  readonly affectedSessionCount?: number | undefined;
  readonly agentInsightId: string;
  readonly applicationName: string;
  readonly batchEvaluationId?: string | undefined;
  readonly customerMetadataStatus: AgentInsightCustomerMetadataStatus;
  readonly updatedAt: Date;
  readonly archiveStatus: AgentInsightArchiveStatus;
  readonly lastSeenAt?: Date | undefined;
}

export type AgentInvocationConfig = OneOf<{
  agentCoreRuntime: AgentCoreRuntimeInvocation;
}>;

export type AgentInvocationDetails = OneOf<{
  agentCoreRuntime: AgentCoreRuntimeInvocationDetails;
}>;

export interface AgentSkillsDescriptor {
  readonly skillMd: SkillMdDefinition;
  readonly skillDefinition?: SkillDefinition | undefined;
}

export type AgentTracesConfig = OneOf<{
  sessionSpans: readonly unknown[];
  cloudwatchLogs: CloudWatchLogsTraceConfig;
  batchEvaluation: BatchEvaluationTraceConfig;
  onlineEvaluation: OnlineEvaluationTraceConfig;
}>;

export interface Amount {
  readonly value: string;
  readonly currency: Currency;
}

export interface AutomationStream {
  readonly streamEndpoint: string;
  readonly streamStatus: AutomationStreamStatus;
}

export type AutomationStreamStatus = "ENABLED" | "DISABLED";

export interface AutomationStreamUpdate {
  readonly streamStatus?: AutomationStreamStatus | undefined;
}

export interface AvailableLimits {
  readonly availableSpendAmount?: Amount | undefined;
  readonly updatedAt?: Date | undefined;
}

export interface BasicAuth {
  readonly secretArn: string;
}

export interface BatchCreateMemoryRecordsInput {
  readonly memoryId: string;
  readonly records: readonly MemoryRecordCreateInput[];
  readonly clientToken?: string | undefined;
  readonly recordExpirySpecification?: RecordExpirySpecification | undefined;
}

export interface BatchCreateMemoryRecordsOutput {
  readonly successfulRecords: readonly MemoryRecordOutput[];
  readonly failedRecords: readonly MemoryRecordOutput[];
}

export interface BatchDeleteMemoryRecordsInput {
  readonly memoryId: string;
  readonly records: readonly MemoryRecordDeleteInput[];
}

export interface BatchDeleteMemoryRecordsOutput {
  readonly successfulRecords: readonly MemoryRecordOutput[];
  readonly failedRecords: readonly MemoryRecordOutput[];
}

export interface BatchEvaluationSourceConfig {
  readonly batchEvaluationArn: string;
}

export type BatchEvaluationStatus = "PENDING" | "IN_PROGRESS" | "COMPLETED" | "COMPLETED_WITH_ERRORS" | "FAILED" | "STOPPING" | "STOPPED" | "DELETING";

export interface BatchEvaluationSummary {
  readonly batchEvaluationId: string;
  readonly batchEvaluationArn: string;
  readonly batchEvaluationName: string;
  readonly status: BatchEvaluationStatus;
  readonly createdAt: Date;
  readonly description?: string | undefined;
  readonly evaluators?: readonly Evaluator[] | undefined;
  readonly insights?: readonly Insight[] | undefined;
  readonly evaluationResults?: EvaluationJobResults | undefined;
  readonly errorDetails?: readonly string[] | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly updatedAt?: Date | undefined;
}

export interface BatchEvaluationTraceConfig {
  readonly batchEvaluationArn: string;
}

export interface BatchUpdateMemoryRecordsInput {
  readonly memoryId: string;
  readonly records: readonly MemoryRecordUpdateInput[];
  readonly recordExpirySpecification?: RecordExpirySpecification | undefined;
}

export interface BatchUpdateMemoryRecordsOutput {
  readonly successfulRecords: readonly MemoryRecordOutput[];
  readonly failedRecords: readonly MemoryRecordOutput[];
}

export type BlockchainChainId = "BASE" | "BASE_SEPOLIA" | "ETHEREUM" | "SOLANA" | "SOLANA_DEVNET";

export interface Branch {
  readonly rootEventId?: string | undefined;
  readonly name: string;
}

export interface BranchFilter {
  readonly name: string;
  readonly includeParentBranches?: boolean | undefined;
}

export type BrowserAction = OneOf<{
  mouseClick: MouseClickArguments;
  mouseMove: MouseMoveArguments;
  mouseDrag: MouseDragArguments;
  mouseScroll: MouseScrollArguments;
  keyType: KeyTypeArguments;
  keyPress: KeyPressArguments;
  keyShortcut: KeyShortcutArguments;
  screenshot: ScreenshotArguments;
}>;

export type BrowserActionResult = OneOf<{
  mouseClick: MouseClickResult;
  mouseMove: MouseMoveResult;
  mouseDrag: MouseDragResult;
  mouseScroll: MouseScrollResult;
  keyType: KeyTypeResult;
  keyPress: KeyPressResult;
  keyShortcut: KeyShortcutResult;
  screenshot: ScreenshotResult;
}>;

export type BrowserActionStatus = "SUCCESS" | "FAILED";

export interface BrowserEnterprisePolicy {
  readonly location: ResourceLocation;
  readonly type?: BrowserEnterprisePolicyType | undefined;
}

export type BrowserEnterprisePolicyType = "MANAGED" | "RECOMMENDED";

export interface BrowserExtension {
  readonly location: ResourceLocation;
}

export interface BrowserProfileConfiguration {
  readonly profileIdentifier: string;
}

export type BrowserSessionStatus = "READY" | "TERMINATED";

export interface BrowserSessionStream {
  readonly automationStream: AutomationStream;
  readonly liveViewStream?: LiveViewStream | undefined;
}

export interface BrowserSessionSummary {
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly name?: string | undefined;
  readonly status: BrowserSessionStatus;
  readonly createdAt: Date;
  readonly lastUpdatedAt?: Date | undefined;
}

export type CapacityProviderSessionStatus = "Provisioning" | "Deprovisioning" | "Active" | "Deleting" | "Deleted" | "Stopped";

export interface Certificate {
  readonly location: CertificateLocation;
}

export type CertificateLocation = OneOf<{
  secretsManager: SecretsManagerLocation;
}>;

export interface CloudWatchFilterConfig {
  readonly sessionIds?: readonly string[] | undefined;
  readonly timeRange?: SessionFilterConfig | undefined;
  readonly sessionTraceIds?: readonly SessionTraceIds[] | undefined;
}

export interface CloudWatchLogsFilter {
  readonly key: string;
  readonly operator: CloudWatchLogsFilterOperator;
  readonly value: FilterValue;
}

export type CloudWatchLogsFilterOperator = "Equals" | "NotEquals" | "GreaterThan" | "LessThan" | "GreaterThanOrEqual" | "LessThanOrEqual" | "Contains" | "NotContains";

export interface CloudWatchLogsRule {
  readonly filters?: readonly CloudWatchLogsFilter[] | undefined;
}

export interface CloudWatchLogsSource {
  readonly serviceNames: readonly string[];
  readonly logGroupNames?: readonly string[] | undefined;
  readonly logGroupNamePrefixes?: readonly string[] | undefined;
  readonly filterConfig?: CloudWatchFilterConfig | undefined;
}

export interface CloudWatchLogsSourceConfig {
  readonly logGroupNames?: readonly string[] | undefined;
  readonly logGroupNamePrefixes?: readonly string[] | undefined;
  readonly serviceNames: readonly string[];
  readonly startTime?: Date | undefined;
  readonly endTime?: Date | undefined;
}

export interface CloudWatchLogsTraceConfig {
  readonly logGroupArns: readonly string[];
  readonly serviceNames: readonly string[];
  readonly startTime: Date;
  readonly endTime: Date;
  readonly rule?: CloudWatchLogsRule | undefined;
}

export interface CloudWatchOutputConfig {
  readonly logGroupName?: string | undefined;
  readonly logStreamName?: string | undefined;
  readonly metricsNamespace?: string | undefined;
  readonly resultDestination?: ResultDestination | undefined;
}

export interface CodeInterpreterResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: ToolResultStructuredContent | undefined;
  readonly isError?: boolean | undefined;
}

export type CodeInterpreterSessionStatus = "READY" | "TERMINATED";

export interface CodeInterpreterSessionSummary {
  readonly codeInterpreterIdentifier: string;
  readonly sessionId: string;
  readonly name?: string | undefined;
  readonly status: CodeInterpreterSessionStatus;
  readonly createdAt: Date;
  readonly lastUpdatedAt?: Date | undefined;
}

export interface CodeInterpreterStreamOutput {
  readonly result?: CodeInterpreterResult | undefined;
  readonly accessDeniedException?: AccessDeniedException | undefined;
  readonly conflictException?: ConflictException | undefined;
  readonly internalServerException?: InternalServerException | undefined;
  readonly resourceNotFoundException?: ResourceNotFoundException | undefined;
  readonly serviceQuotaExceededException?: ServiceQuotaExceededException | undefined;
  readonly throttlingException?: ThrottlingException | undefined;
  readonly validationException?: ValidationException | undefined;
}

export interface CoinbaseCdpTokenRequestInput {
  readonly requestMethod: PaymentHttpMethodType;
  readonly requestHost?: string | undefined;
  readonly requestPath: string;
  readonly includeWalletAuthToken?: boolean | undefined;
  readonly requestBody?: string | undefined;
}

export interface CoinbaseCdpTokenResponseOutput {
  readonly bearerToken: string;
  readonly walletAuthToken?: string | undefined;
}

export type CommandExecutionStatus = "COMPLETED" | "TIMED_OUT";

export interface CompleteResourceTokenAuthRequest {
  readonly userIdentifier: UserIdentifier;
  readonly sessionUri: string;
}

export type CompleteResourceTokenAuthResponse = Readonly<Record<string, never>>;

export interface ConfidenceInterval {
  readonly lower?: number | undefined;
  readonly upper?: number | undefined;
}

export interface ConfigurationBundleRef {
  readonly bundleArn: string;
  readonly bundleVersion: string;
}

export interface ConfigurationBundleToolEntry {
  readonly toolName: string;
  readonly toolDescriptionJsonPath: string;
}

export interface ConflictException {
  readonly message?: string | undefined;
}

export type Content = OneOf<{
  text: string;
}>;

export interface ContentBlock {
  readonly type: ContentBlockType;
  readonly text?: string | undefined;
  readonly data?: Uint8Array | undefined;
  readonly mimeType?: string | undefined;
  readonly uri?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly size?: number | undefined;
  readonly resource?: ResourceContent | undefined;
}

export type ContentBlockType = "text" | "image" | "resource" | "resource_link";

export interface ContentDeltaEvent {
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
}

export type ContentSource = OneOf<{
  inline: InlineMemoryContent;
}>;

export type ContentStartEvent = Readonly<Record<string, never>>;

export interface ContentStopEvent {
  readonly exitCode: number;
  readonly status: CommandExecutionStatus;
}

export type Context = OneOf<{
  spanContext: SpanContext;
}>;

export interface ControlStats {
  readonly variantName: string;
  readonly sampleSize: number;
  readonly mean: number;
}

export interface Conversational {
  readonly content: Content;
  readonly role: Role;
}

export interface CreateABTestRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly gatewayArn: string;
  readonly variants: readonly Variant[];
  readonly gatewayFilter?: GatewayFilter | undefined;
  readonly evaluationConfig: ABTestEvaluationConfig;
  readonly roleArn: string;
  readonly enableOnCreate?: boolean | undefined;
  readonly clientToken?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface CreateABTestResponse {
  readonly abTestId: string;
  readonly abTestArn: string;
  readonly name?: string | undefined;
  readonly status: ABTestStatus;
  readonly executionStatus: ABTestExecutionStatus;
  readonly createdAt: Date;
}

export interface CreateEventInput {
  readonly memoryId: string;
  readonly actorId: string;
  readonly sessionId?: string | undefined;
  readonly eventTimestamp: Date;
  readonly payload: readonly PayloadType[];
  readonly branch?: Branch | undefined;
  readonly clientToken?: string | undefined;
  readonly metadata?: Readonly<Record<string, MetadataValue>> | undefined;
  readonly extractionMode?: ExtractionMode | undefined;
  readonly extractionConfig?: ExtractionConfig | undefined;
}

export interface CreateEventOutput {
  readonly event: Event;
}

export interface CreatePaymentInstrumentRequest {
  readonly userId?: string | undefined;
  readonly agentName?: string | undefined;
  readonly paymentManagerArn: string;
  readonly paymentConnectorId: string;
  readonly paymentInstrumentType: PaymentInstrumentType;
  readonly paymentInstrumentDetails: PaymentInstrumentDetails;
  readonly clientToken?: string | undefined;
}

export interface CreatePaymentInstrumentResponse {
  readonly paymentInstrument: PaymentInstrument;
}

export interface CreatePaymentSessionRequest {
  readonly userId?: string | undefined;
  readonly agentName?: string | undefined;
  readonly paymentManagerArn: string;
  readonly limits?: SessionLimits | undefined;
  readonly expiryTimeInMinutes: number;
  readonly clientToken?: string | undefined;
}

export interface CreatePaymentSessionResponse {
  readonly paymentSession: PaymentSession;
}

export type CryptoWalletNetwork = "ETHEREUM" | "SOLANA";

export interface CryptoX402PaymentInput {
  readonly version: string;
  readonly payload: unknown;
  readonly permit2AllowanceLimit?: string | undefined;
}

export interface CryptoX402PaymentOutput {
  readonly version: string;
  readonly payload: unknown;
}

export type Currency = "USD";

export interface CustomDataIdentifier {
  readonly name: string;
  readonly regex: string;
}

export interface CustomDescriptor {
  readonly inlineContent?: string | undefined;
}

export type DataSourceConfig = OneOf<{
  cloudWatchLogs: CloudWatchLogsSource;
  onlineEvaluationConfigSource: OnlineEvaluationConfigSource;
}>;

export interface DatasetDetails {
  readonly datasetId: string;
  readonly datasetVersion: string;
}

export interface DatasetExecutionConfig {
  readonly dataset: DatasetSource;
  readonly agentInvocation: AgentInvocationConfig;
}

export interface DatasetExecutionDetails {
  readonly dataset: DatasetDetails;
  readonly agentInvocation: AgentInvocationDetails;
}

export type DatasetGenerationStatus = "IN_PROGRESS" | "COMPLETED" | "COMPLETED_WITH_ERRORS" | "FAILED" | "DELETING";

export interface DatasetGenerationSummary {
  readonly generationId: string;
  readonly datasetId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly scenarioType: ScenarioType;
  readonly status: DatasetGenerationStatus;
  readonly createdAt: Date;
  readonly completedAt?: Date | undefined;
}

export interface DatasetSource {
  readonly datasetId: string;
  readonly datasetVersion?: string | undefined;
}

export interface DeleteABTestRequest {
  readonly abTestId: string;
}

export interface DeleteABTestResponse {
  readonly abTestId: string;
  readonly abTestArn: string;
  readonly status: ABTestStatus;
}

export interface DeleteBatchEvaluationRequest {
  readonly batchEvaluationId: string;
}

export interface DeleteBatchEvaluationResponse {
  readonly batchEvaluationId: string;
  readonly batchEvaluationArn: string;
  readonly status: BatchEvaluationStatus;
}

export interface DeleteCapacityProviderSessionRequest {
  readonly capacityProviderId: string;
  readonly sessionId: string;
}

export interface DeleteCapacityProviderSessionResponse {
  readonly capacityProviderArn: string;
  readonly sessionId: string;
  readonly status: CapacityProviderSessionStatus;
}

export interface DeleteDatasetGenerationRequest {
  readonly datasetId: string;
  readonly generationId: string;
}

export interface DeleteDatasetGenerationResponse {
  readonly generationId: string;
  readonly status: DatasetGenerationStatus;
}

export interface DeleteEventInput {
  readonly memoryId: string;
  readonly sessionId: string;
  readonly eventId: string;
  readonly actorId: string;
}

export interface DeleteEventOutput {
  readonly eventId: string;
}

export interface DeleteMemoryRecordInput {
  readonly memoryId: string;
  readonly memoryRecordId: string;
  readonly namespace?: string | undefined;
}

export interface DeleteMemoryRecordOutput {
  readonly memoryRecordId: string;
}

export interface DeletePaymentInstrumentRequest {
  readonly userId?: string | undefined;
  readonly paymentManagerArn: string;
  readonly paymentConnectorId: string;
  readonly paymentInstrumentId: string;
}

export interface DeletePaymentInstrumentResponse {
  readonly status: PaymentInstrumentStatus;
}

export interface DeletePaymentSessionRequest {
  readonly userId?: string | undefined;
  readonly paymentManagerArn: string;
  readonly paymentSessionId: string;
}

export interface DeletePaymentSessionResponse {
  readonly status: PaymentSessionStatus;
}

export interface DeleteRecommendationRequest {
  readonly recommendationId: string;
}

export interface DeleteRecommendationResponse {
  readonly recommendationId: string;
  readonly status: RecommendationStatus;
}

export type DescriptorType = "MCP" | "A2A" | "CUSTOM" | "AGENT_SKILLS";

export interface Descriptors {
  readonly mcp?: McpDescriptor | undefined;
  readonly a2a?: A2aDescriptor | undefined;
  readonly custom?: CustomDescriptor | undefined;
  readonly agentSkills?: AgentSkillsDescriptor | undefined;
}

export interface DomainFilter {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

export interface DuplicateIdException {
  readonly message?: string | undefined;
}

export interface EfsConfiguration {
  readonly accessPointArn: string;
  readonly mountPath: string;
  readonly fileSystemArn: string;
}

export interface EmbeddedCryptoWallet {
  readonly network: CryptoWalletNetwork;
  readonly linkedAccounts: readonly LinkedAccount[];
  readonly walletAddress?: string | undefined;
  readonly redirectUrl?: string | undefined;
}

export interface EvaluateRequest {
  readonly evaluatorId: string;
  readonly evaluationInput: EvaluationInput;
  readonly evaluationTarget?: EvaluationTarget | undefined;
  readonly evaluationReferenceInputs?: readonly EvaluationReferenceInput[] | undefined;
}

export interface EvaluateResponse {
  readonly evaluationResults: readonly EvaluationResultContent[];
}

export type EvaluationContent = OneOf<{
  text: string;
}>;

export interface EvaluationExpectedTrajectory {
  readonly toolNames?: readonly string[] | undefined;
}

export type EvaluationInput = OneOf<{
  sessionSpans: readonly unknown[];
}>;

export interface EvaluationJobResults {
  readonly numberOfSessionsCompleted?: number | undefined;
  readonly numberOfSessionsInProgress?: number | undefined;
  readonly numberOfSessionsFailed?: number | undefined;
  readonly totalNumberOfSessions?: number | undefined;
  readonly numberOfSessionsIgnored?: number | undefined;
  readonly evaluatorSummaries?: readonly EvaluatorSummary[] | undefined;
}

export type EvaluationMetadata = OneOf<{
  sessionMetadata: readonly SessionMetadataShape[];
}>;

export interface EvaluationReferenceInput {
  readonly context: Context;
  readonly expectedResponse?: EvaluationContent | undefined;
  readonly assertions?: readonly EvaluationContent[] | undefined;
  readonly expectedTrajectory?: EvaluationExpectedTrajectory | undefined;
}

export interface EvaluationResultContent {
  readonly evaluatorArn: string;
  readonly evaluatorId: string;
  readonly evaluatorName: string;
  readonly evaluationDimensionName?: string | undefined;
  readonly explanation?: string | undefined;
  readonly context: Context;
  readonly value?: number | undefined;
  readonly label?: string | undefined;
  readonly tokenUsage?: TokenUsage | undefined;
  readonly errorMessage?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly ignoredReferenceInputFields?: readonly string[] | undefined;
}

export type EvaluationTarget = OneOf<{
  spanIds: readonly string[];
  traceIds: readonly string[];
}>;

export interface Evaluator {
  readonly evaluatorId: string;
}

export interface EvaluatorFilter {
  readonly evaluatorId: string;
  readonly evaluationDimensionName?: string | undefined;
  readonly operator: GenerationFilterOperator;
  readonly value: GenerationFilterValue;
  readonly aggregation?: ResultAggregation | undefined;
}

export interface EvaluatorMetric {
  readonly evaluatorArn: string;
  readonly controlStats: ControlStats;
  readonly variantResults: readonly VariantResult[];
}

export interface EvaluatorStatistics {
  readonly averageScore?: number | undefined;
}

export interface EvaluatorSummary {
  readonly evaluatorId?: string | undefined;
  readonly evaluationDimensionName?: string | undefined;
  readonly statistics?: EvaluatorStatistics | undefined;
  readonly totalEvaluated?: number | undefined;
  readonly totalFailed?: number | undefined;
}

export interface Event {
  readonly memoryId: string;
  readonly actorId: string;
  readonly sessionId: string;
  readonly eventId: string;
  readonly eventTimestamp: Date;
  readonly payload: readonly PayloadType[];
  readonly branch?: Branch | undefined;
  readonly metadata?: Readonly<Record<string, MetadataValue>> | undefined;
}

export type EventFilterCondition = "HAS_EVENTS";

export interface EventMetadataFilterExpression {
  readonly left: LeftExpression;
  readonly operator: OperatorType;
  readonly right?: RightExpression | undefined;
}

export interface ExecutionSummaryAffectedSession {
  readonly sessionId: string;
  readonly approachTaken: string;
  readonly finalOutcome: string;
}

export interface ExecutionSummaryCluster {
  readonly clusterId: number;
  readonly name: string;
  readonly description: string;
  readonly affectedSessionCount: number;
  readonly affectedSessions: readonly ExecutionSummaryAffectedSession[];
}

export interface ExecutionSummaryClusteringResultContent {
  readonly executionSummaries: readonly ExecutionSummaryCluster[];
}

export interface ExternalProxy {
  readonly server: string;
  readonly port: number;
  readonly domainPatterns?: readonly string[] | undefined;
  readonly credentials?: ProxyCredentials | undefined;
}

export interface ExtractionConfig {
  readonly namespaceVariables?: Readonly<Record<string, string>> | undefined;
}

export interface ExtractionJob {
  readonly jobId: string;
}

export interface ExtractionJobFilterInput {
  readonly strategyId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly actorId?: string | undefined;
  readonly status?: ExtractionJobStatus | undefined;
}

export type ExtractionJobMessages = OneOf<{
  messagesList: readonly MessageMetadata[];
}>;

export interface ExtractionJobMetadata {
  readonly jobID: string;
  readonly messages: ExtractionJobMessages;
  readonly status?: ExtractionJobStatus | undefined;
  readonly failureReason?: string | undefined;
  readonly strategyId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly actorId?: string | undefined;
}

export type ExtractionJobStatus = "FAILED";

export type ExtractionMode = "SKIP";

export interface FailureAnalysisResultContent {
  readonly failures: readonly FailureCategoryCluster[];
}

export interface FailureCategoryCluster {
  readonly clusterId: number;
  readonly name: string;
  readonly description: string;
  readonly affectedSessionCount: number;
  readonly subCategories: readonly FailureSubCategoryCluster[];
}

export interface FailureSpanDetail {
  readonly spanId: string;
  readonly traceId: string;
  readonly signals: readonly InsightsFailureSignal[];
}

export interface FailureSubCategoryCluster {
  readonly clusterId: number;
  readonly name: string;
  readonly description: string;
  readonly affectedSessionCount: number;
  readonly rootCauses: readonly RootCauseCluster[];
}

export interface FilterInput {
  readonly branch?: BranchFilter | undefined;
  readonly eventMetadata?: readonly EventMetadataFilterExpression[] | undefined;
}

export type FilterValue = OneOf<{
  stringValue: string;
  doubleValue: number;
  booleanValue: boolean;
}>;

export type FindingTargetType = "SPAN_ID" | "TRACE_ID" | "SPAN_NAME";

export interface GatewayFilter {
  readonly targetPaths?: readonly string[] | undefined;
}

export interface GenerationAttributeFilter {
  readonly key: string;
  readonly operator: GenerationFilterOperator;
  readonly value: GenerationFilterValue;
}

export interface GenerationErrorDetail {
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
  readonly count?: number | undefined;
  readonly sessionIds?: readonly string[] | undefined;
}

export type GenerationFilterOperator = "Equals" | "NotEquals" | "GreaterThan" | "LessThan" | "GreaterThanOrEqual" | "LessThanOrEqual" | "Contains" | "NotContains";

export type GenerationFilterValue = OneOf<{
  stringValue: string;
  doubleValue: number;
  booleanValue: boolean;
}>;

export interface GenerationFilters {
  readonly attributeFilters?: readonly GenerationAttributeFilter[] | undefined;
  readonly turnCount?: TurnCountRange | undefined;
  readonly evaluatorFilters?: readonly EvaluatorFilter[] | undefined;
}

export interface GenerationIdentifierCounts {
  readonly sessionIdCount?: number | undefined;
  readonly traceIdCount?: number | undefined;
}

export interface GenerationIdentifiers {
  readonly sessionIds?: readonly string[] | undefined;
  readonly traceIds?: readonly string[] | undefined;
}

export interface GenerationResults {
  readonly sessionsMatched?: number | undefined;
  readonly sessionsSelected?: number | undefined;
  readonly sessionsUnscored?: number | undefined;
  readonly sessionsFailed?: number | undefined;
  readonly scenariosGenerated?: number | undefined;
  readonly scenariosDeduplicated?: number | undefined;
  readonly examplesWritten?: number | undefined;
  readonly examplesWithGroundTruth?: number | undefined;
}

export interface GenerationSamplingConfig {
  readonly maxScenarios?: number | undefined;
}

export type GenerationSelection = OneOf<{
  filters: GenerationFilters;
  identifiers: GenerationIdentifiers;
}>;

export type GenerationSelectionRecord = OneOf<{
  filters: GenerationFilters;
  identifiers: GenerationIdentifierCounts;
}>;

export type GenerationSource = OneOf<{
  traceGeneration: TraceGenerationSource;
}>;

export type GenerationSourceRecord = OneOf<{
  traceGeneration: TraceGenerationRecord;
}>;

export interface GetABTestRequest {
  readonly abTestId: string;
}

export interface GetABTestResponse {
  readonly abTestId: string;
  readonly abTestArn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly status: ABTestStatus;
  readonly executionStatus: ABTestExecutionStatus;
  readonly gatewayArn: string;
  readonly variants: readonly Variant[];
  readonly gatewayFilter?: GatewayFilter | undefined;
  readonly evaluationConfig: ABTestEvaluationConfig;
  readonly roleArn?: string | undefined;
  readonly currentRunId?: string | undefined;
  readonly errorDetails?: readonly string[] | undefined;
  readonly startedAt?: Date | undefined;
  readonly stoppedAt?: Date | undefined;
  readonly maxDurationExpiresAt?: Date | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly results?: ABTestResults | undefined;
}

export interface GetAgentCardRequest {
  readonly runtimeSessionId?: string | undefined;
  readonly agentRuntimeArn: string;
  readonly qualifier?: string | undefined;
}

export interface GetAgentCardResponse {
  readonly runtimeSessionId?: string | undefined;
  readonly agentCard: unknown;
  readonly statusCode?: number | undefined;
}

export interface GetAgentInsightRequest {
  readonly applicationName: string;
  readonly agentInsightId: string;
}

export interface GetAgentInsightResponse {
  readonly type: InsightType;
  readonly name: string;
  readonly description: string;
  readonly createdAt: Date;
  readonly affectedSessionCount?: number | undefined;
  readonly sampleSessions?: readonly SampleSession[] | undefined;
  readonly rootCauses?: readonly InsightRootCause[] | undefined;
  readonly agentInsightId: string;
  readonly applicationName: string;
  readonly batchEvaluationId?: string | undefined;
  readonly customerMetadataStatus: AgentInsightCustomerMetadataStatus;
  readonly updatedAt: Date;
  readonly archiveStatus: AgentInsightArchiveStatus;
  readonly lastSeenAt?: Date | undefined;
}

export interface GetBatchEvaluationRequest {
  readonly batchEvaluationId: string;
}

export interface GetBatchEvaluationResponse {
  readonly batchEvaluationId: string;
  readonly batchEvaluationArn: string;
  readonly batchEvaluationName: string;
  readonly status: BatchEvaluationStatus;
  readonly createdAt: Date;
  readonly evaluators?: readonly Evaluator[] | undefined;
  readonly insights?: readonly Insight[] | undefined;
  readonly dataSourceConfig?: DataSourceConfig | undefined;
  readonly outputConfig?: OutputConfig | undefined;
  readonly evaluationResults?: EvaluationJobResults | undefined;
  readonly insightResults?: readonly InsightResult[] | undefined;
  readonly failureAnalysisResult?: FailureAnalysisResultContent | undefined;
  readonly userIntentResult?: UserIntentClusteringResultContent | undefined;
  readonly executionSummaryResult?: ExecutionSummaryClusteringResultContent | undefined;
  readonly errorDetails?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly updatedAt?: Date | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly datasetExecutionDetails?: DatasetExecutionDetails | undefined;
}

export interface GetBrowserSessionRequest {
  readonly browserIdentifier: string;
  readonly sessionId: string;
}

export interface GetBrowserSessionResponse {
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly name?: string | undefined;
  readonly createdAt: Date;
  readonly viewPort?: ViewPort | undefined;
  readonly extensions?: readonly BrowserExtension[] | undefined;
  readonly enterprisePolicies?: readonly BrowserEnterprisePolicy[] | undefined;
  readonly profileConfiguration?: BrowserProfileConfiguration | undefined;
  readonly sessionTimeoutSeconds?: number | undefined;
  readonly status?: BrowserSessionStatus | undefined;
  readonly streams?: BrowserSessionStream | undefined;
  readonly proxyConfiguration?: ProxyConfiguration | undefined;
  readonly certificates?: readonly Certificate[] | undefined;
  readonly filesystemConfigurations?: readonly ToolsFileSystemConfiguration[] | undefined;
  readonly sessionReplayArtifact?: string | undefined;
  readonly lastUpdatedAt?: Date | undefined;
}

export interface GetCodeInterpreterSessionRequest {
  readonly codeInterpreterIdentifier: string;
  readonly sessionId: string;
}

export interface GetCodeInterpreterSessionResponse {
  readonly codeInterpreterIdentifier: string;
  readonly sessionId: string;
  readonly name?: string | undefined;
  readonly createdAt: Date;
  readonly sessionTimeoutSeconds?: number | undefined;
  readonly status?: CodeInterpreterSessionStatus | undefined;
  readonly certificates?: readonly Certificate[] | undefined;
  readonly filesystemConfigurations?: readonly ToolsFileSystemConfiguration[] | undefined;
}

export interface GetDatasetGenerationRequest {
  readonly datasetId: string;
  readonly generationId: string;
}

export interface GetDatasetGenerationResponse {
  readonly generationId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly datasetId: string;
  readonly scenarioType: ScenarioType;
  readonly status: DatasetGenerationStatus;
  readonly failureReason?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt?: Date | undefined;
  readonly completedAt?: Date | undefined;
  readonly source?: GenerationSourceRecord | undefined;
  readonly generationResults?: GenerationResults | undefined;
  readonly redactionSummary?: RedactionSummary | undefined;
  readonly errorDetails?: readonly GenerationErrorDetail[] | undefined;
}

export interface GetEventInput {
  readonly memoryId: string;
  readonly sessionId: string;
  readonly actorId: string;
  readonly eventId: string;
}

export interface GetEventOutput {
  readonly event: Event;
}

export interface GetMemoryRecordInput {
  readonly memoryId: string;
  readonly memoryRecordId: string;
  readonly namespace?: string | undefined;
}

export interface GetMemoryRecordOutput {
  readonly memoryRecord: MemoryRecord;
}

export interface GetPaymentInstrumentBalanceRequest {
  readonly userId?: string | undefined;
  readonly agentName?: string | undefined;
  readonly paymentManagerArn: string;
  readonly paymentConnectorId: string;
  readonly paymentInstrumentId: string;
  readonly chain: BlockchainChainId;
  readonly token: InstrumentBalanceToken;
}

export interface GetPaymentInstrumentBalanceResponse {
  readonly paymentInstrumentId: string;
  readonly tokenBalance: TokenBalance;
}

export interface GetPaymentInstrumentRequest {
  readonly userId?: string | undefined;
  readonly agentName?: string | undefined;
  readonly paymentManagerArn: string;
  readonly paymentConnectorId?: string | undefined;
  readonly paymentInstrumentId: string;
}

export interface GetPaymentInstrumentResponse {
  readonly paymentInstrument: PaymentInstrument;
}

export interface GetPaymentSessionRequest {
  readonly userId?: string | undefined;
  readonly agentName?: string | undefined;
  readonly paymentManagerArn: string;
  readonly paymentSessionId: string;
}

export interface GetPaymentSessionResponse {
  readonly paymentSession: PaymentSession;
}

export interface GetRecommendationRequest {
  readonly recommendationId: string;
}

export interface GetRecommendationResponse {
  readonly recommendationId: string;
  readonly recommendationArn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly type: RecommendationType;
  readonly recommendationConfig: RecommendationConfig;
  readonly status: RecommendationStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly recommendationResult?: RecommendationResult | undefined;
  readonly kmsKeyArn?: string | undefined;
}

export interface GetResourceApiKeyRequest {
  readonly workloadIdentityToken: string;
  readonly resourceCredentialProviderName: string;
}

export interface GetResourceApiKeyResponse {
  readonly apiKey: string;
}

export interface GetResourceOauth2TokenRequest {
  readonly workloadIdentityToken: string;
  readonly resourceCredentialProviderName: string;
  readonly scopes: readonly string[];
  readonly oauth2Flow: Oauth2FlowType;
  readonly sessionUri?: string | undefined;
  readonly resourceOauth2ReturnUrl?: string | undefined;
  readonly forceAuthentication?: boolean | undefined;
  readonly customParameters?: Readonly<Record<string, string>> | undefined;
  readonly customState?: string | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly audiences?: readonly string[] | undefined;
}

export interface GetResourceOauth2TokenResponse {
  readonly authorizationUrl?: string | undefined;
  readonly accessToken?: string | undefined;
  readonly sessionUri?: string | undefined;
  readonly sessionStatus?: SessionStatus | undefined;
}

export interface GetResourcePaymentTokenRequest {
  readonly workloadIdentityToken: string;
  readonly resourceCredentialProviderName: string;
  readonly paymentTokenRequest: PaymentTokenRequestInput;
}

export interface GetResourcePaymentTokenResponse {
  readonly paymentTokenResponse: PaymentTokenResponseOutput;
}

export interface GetWorkloadAccessTokenForJWTRequest {
  readonly workloadName: string;
  readonly userToken: string;
}

export interface GetWorkloadAccessTokenForJWTResponse {
  readonly workloadAccessToken: string;
}

export interface GetWorkloadAccessTokenForUserIdRequest {
  readonly workloadName: string;
  readonly userId: string;
}

export interface GetWorkloadAccessTokenForUserIdResponse {
  readonly workloadAccessToken: string;
}

export interface GetWorkloadAccessTokenRequest {
  readonly workloadName: string;
}

export interface GetWorkloadAccessTokenResponse {
  readonly workloadAccessToken: string;
}

export interface GroundTruthConfig {
  readonly fields: readonly GroundTruthField[];
  readonly qualityFilters?: readonly EvaluatorFilter[] | undefined;
}

export type GroundTruthField = "expected_response" | "expected_trajectory";

export type GroundTruthSource = OneOf<{
  inline: InlineGroundTruth;
}>;

export interface GroundTruthTurn {
  readonly input?: GroundTruthTurnInput | undefined;
  readonly expectedResponse?: EvaluationContent | undefined;
}

export type GroundTruthTurnInput = OneOf<{
  prompt: string;
}>;

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

export type HarnessBedrockApiFormat = "converse_stream" | "responses" | "chat_completions";

export interface HarnessBedrockModelConfig {
  readonly modelId: string;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly apiFormat?: HarnessBedrockApiFormat | undefined;
  readonly additionalParams?: unknown | undefined;
}

export type HarnessContentBlock = OneOf<{
  text: string;
  toolUse: HarnessToolUseBlock;
  toolResult: HarnessToolResultBlock;
  reasoningContent: HarnessReasoningContentBlock;
}>;

export type HarnessContentBlockDelta = OneOf<{
  text: string;
  toolUse: HarnessToolUseBlockDelta;
  toolResult: readonly HarnessToolResultBlockDelta[];
  reasoningContent: HarnessReasoningContentBlockDelta;
  toolResultMetadata: HarnessToolResultMetadataBlockDelta;
}>;

export interface HarnessContentBlockDeltaEvent {
  readonly contentBlockIndex: number;
  readonly delta: HarnessContentBlockDelta;
}

export type HarnessContentBlockStart = OneOf<{
  toolUse: HarnessToolUseBlockStart;
  toolResult: HarnessToolResultBlockStart;
}>;

export interface HarnessContentBlockStartEvent {
  readonly contentBlockIndex: number;
  readonly start: HarnessContentBlockStart;
}

export interface HarnessContentBlockStopEvent {
  readonly contentBlockIndex: number;
}

export type HarnessConversationRole = "user" | "assistant";

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

export type HarnessHookDecision = "allow" | "deny";

export interface HarnessHookEvent {
  readonly hookEventId: string;
  readonly name: string;
  readonly type: HarnessHookEventType;
  readonly decision?: HarnessHookDecision | undefined;
  readonly reason?: string | undefined;
}

export type HarnessHookEventType = "before_tool_call" | "after_tool_call" | "before_invocation" | "after_invocation";

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

export interface HarnessMessage {
  readonly role: HarnessConversationRole;
  readonly content: readonly HarnessContentBlock[];
}

export interface HarnessMessageStartEvent {
  readonly role: HarnessConversationRole;
}

export interface HarnessMessageStopEvent {
  readonly stopReason: HarnessStopReason;
}

export interface HarnessMetadataEvent {
  readonly usage: HarnessTokenUsage;
  readonly metrics: HarnessStreamMetrics;
}

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

export type HarnessReasoningContentBlock = OneOf<{
  reasoningText: HarnessReasoningTextBlock;
  redactedContent: Uint8Array;
}>;

export type HarnessReasoningContentBlockDelta = OneOf<{
  text: string;
  redactedContent: Uint8Array;
  signature: string;
}>;

export interface HarnessReasoningTextBlock {
  readonly text: string;
  readonly signature?: string | undefined;
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

export type HarnessStopReason = "end_turn" | "tool_use" | "tool_result" | "max_tokens" | "stop_sequence" | "content_filtered" | "malformed_model_output" | "malformed_tool_use" | "interrupted" | "partial_turn" | "model_context_window_exceeded" | "max_iterations_exceeded" | "max_output_tokens_exceeded" | "timeout_exceeded" | "hook_stopped";

export interface HarnessStreamMetrics {
  readonly latencyMs: number;
}

export type HarnessSystemContentBlock = OneOf<{
  text: string;
}>;

export interface HarnessTokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly cacheReadInputTokens?: number | undefined;
  readonly cacheWriteInputTokens?: number | undefined;
}

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

export interface HarnessToolResultBlock {
  readonly toolUseId: string;
  readonly content: readonly HarnessToolResultContentBlock[];
  readonly status?: HarnessToolUseStatus | undefined;
  readonly type?: HarnessToolUseType | undefined;
}

export type HarnessToolResultBlockDelta = OneOf<{
  text: string;
  json: unknown;
}>;

export interface HarnessToolResultBlockStart {
  readonly toolUseId: string;
  readonly status?: HarnessToolUseStatus | undefined;
}

export type HarnessToolResultContentBlock = OneOf<{
  text: string;
  json: unknown;
}>;

export interface HarnessToolResultMetadataBlockDelta {
  readonly metadata: string;
}

export type HarnessToolType = "remote_mcp" | "agentcore_browser" | "agentcore_gateway" | "inline_function" | "agentcore_code_interpreter";

export interface HarnessToolUseBlock {
  readonly name: string;
  readonly toolUseId: string;
  readonly input: unknown;
  readonly type?: HarnessToolUseType | undefined;
  readonly serverName?: string | undefined;
}

export interface HarnessToolUseBlockDelta {
  readonly input: string;
}

export interface HarnessToolUseBlockStart {
  readonly toolUseId: string;
  readonly name: string;
  readonly type?: HarnessToolUseType | undefined;
  readonly serverName?: string | undefined;
}

export type HarnessToolUseStatus = "success" | "error";

export type HarnessToolUseType = "tool_use" | "server_tool_use" | "mcp_tool_use";

export interface IamCredentialProvider {
  readonly service: string;
  readonly region?: string | undefined;
}

export interface IngestDataInput {
  readonly memoryId: string;
  readonly source: ContentSource;
  readonly contentTimestamp: Date;
  readonly actorId: string;
  readonly sessionId?: string | undefined;
  readonly extractionConfig?: ExtractionConfig | undefined;
  readonly metadata?: Readonly<Record<string, MetadataValue>> | undefined;
  readonly clientToken?: string | undefined;
}

export interface IngestDataOutput {
  readonly sessionId: string;
}

export type IngestPayloadType = OneOf<{
  conversational: Conversational;
  json: MemoryJsonData;
}>;

export interface InlineGroundTruth {
  readonly assertions?: readonly EvaluationContent[] | undefined;
  readonly expectedTrajectory?: EvaluationExpectedTrajectory | undefined;
  readonly turns?: readonly GroundTruthTurn[] | undefined;
}

export interface InlineMemoryContent {
  readonly payload: readonly IngestPayloadType[];
}

export interface InputContentBlock {
  readonly path: string;
  readonly text?: string | undefined;
  readonly blob?: Uint8Array | undefined;
}

export interface Insight {
  readonly insightId: string;
}

export interface InsightResult {
  readonly type: InsightType;
  readonly name: string;
  readonly description: string;
  readonly createdAt: Date;
  readonly affectedSessionCount?: number | undefined;
  readonly sampleSessions?: readonly SampleSession[] | undefined;
  readonly rootCauses?: readonly InsightRootCause[] | undefined;
}

export interface InsightRootCause {
  readonly name: string;
  readonly explanation: string;
  readonly affectedSessionCount?: number | undefined;
  readonly suggestedFix?: string | undefined;
  readonly sampleSessions?: readonly SampleSession[] | undefined;
}

export type InsightType = "FAILURE";

export type InsightsFailureCategory = "execution-error-category-authentication" | "execution-error-category-resource-not-found" | "execution-error-category-service-errors" | "execution-error-category-rate-limiting" | "execution-error-category-formatting" | "execution-error-category-timeout" | "execution-error-category-resource-exhaustion" | "execution-error-category-environment" | "execution-error-category-tool-schema" | "task-instruction-category-non-compliance" | "task-instruction-category-problem-id" | "incorrect-actions-category-tool-selection" | "incorrect-actions-category-poor-information-retrieval" | "incorrect-actions-category-clarification" | "incorrect-actions-category-inappropriate-info-request" | "context-handling-error-category-context-handling-failures" | "hallucination-category-hall-capabilities" | "hallucination-category-hall-misunderstand" | "hallucination-category-hall-usage" | "hallucination-category-hall-history" | "hallucination-category-hall-params" | "hallucination-category-fabricate-tool-outputs" | "repetitive-behavior-category-repetition-tool" | "repetitive-behavior-category-repetition-info" | "repetitive-behavior-category-step-repetition" | "orchestration-related-errors-category-reasoning-mismatch" | "orchestration-related-errors-category-goal-deviation" | "orchestration-related-errors-category-premature-termination" | "orchestration-related-errors-category-unaware-termination" | "llm-output-category-nonsensical" | "configuration-mismatch-category-tool-definition" | "coding-use-case-specific-failure-types-category-edge-case-oversights" | "coding-use-case-specific-failure-types-category-dependency-issues" | "other";

export interface InsightsFailureSignal {
  readonly category: InsightsFailureCategory;
  readonly evidence: string;
  readonly confidence: number;
}

export type InstrumentBalanceToken = "USDC";

export interface InternalServerException {
  readonly message?: string | undefined;
}

export interface InvalidInputException {
  readonly message: string;
}

export interface InvokeAgentRuntimeCommandRequest {
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly runtimeSessionId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
  readonly baggage?: string | undefined;
  readonly agentRuntimeArn: string;
  readonly qualifier?: string | undefined;
  readonly accountId?: string | undefined;
  readonly body: InvokeAgentRuntimeCommandRequestBody;
}

export interface InvokeAgentRuntimeCommandRequestBody {
  readonly command: string;
  readonly timeout?: number | undefined;
}

export interface InvokeAgentRuntimeCommandResponse {
  readonly runtimeSessionId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
  readonly baggage?: string | undefined;
  readonly contentType: string;
  readonly statusCode?: number | undefined;
  readonly stream: AsyncIterable<InvokeAgentRuntimeCommandStreamOutput>;
}

export interface InvokeAgentRuntimeCommandStreamOutput {
  readonly chunk?: ResponseChunk | undefined;
  readonly accessDeniedException?: AccessDeniedException | undefined;
  readonly internalServerException?: InternalServerException | undefined;
  readonly resourceNotFoundException?: ResourceNotFoundException | undefined;
  readonly serviceQuotaExceededException?: ServiceQuotaExceededException | undefined;
  readonly throttlingException?: ThrottlingException | undefined;
  readonly validationException?: ValidationException | undefined;
  readonly runtimeClientError?: RuntimeClientError | undefined;
}

export interface InvokeAgentRuntimeRequest {
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly mcpSessionId?: string | undefined;
  readonly runtimeSessionId?: string | undefined;
  readonly mcpProtocolVersion?: string | undefined;
  readonly mcpMethod?: string | undefined;
  readonly mcpName?: string | undefined;
  readonly runtimeUserId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
  readonly baggage?: string | undefined;
  readonly agentRuntimeArn: string;
  readonly qualifier?: string | undefined;
  readonly accountId?: string | undefined;
  readonly payload: Uint8Array;
}

export interface InvokeAgentRuntimeResponse {
  readonly runtimeSessionId?: string | undefined;
  readonly sessionEndpointUrl?: string | undefined;
  readonly mcpSessionId?: string | undefined;
  readonly mcpProtocolVersion?: string | undefined;
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
  readonly baggage?: string | undefined;
  readonly contentType: string;
  readonly response?: Uint8Array | undefined;
  readonly statusCode?: number | undefined;
}

export interface InvokeBrowserRequest {
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly action: BrowserAction;
}

export interface InvokeBrowserResponse {
  readonly result: BrowserActionResult;
  readonly sessionId: string;
}

export interface InvokeCodeInterpreterRequest {
  readonly codeInterpreterIdentifier: string;
  readonly sessionId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly name: ToolName;
  readonly arguments?: ToolArguments | undefined;
}

export interface InvokeCodeInterpreterResponse {
  readonly sessionId?: string | undefined;
  readonly stream: AsyncIterable<CodeInterpreterStreamOutput>;
}

export interface InvokeHarnessRequest {
  readonly harnessArn: string;
  readonly qualifier?: string | undefined;
  readonly runtimeSessionId: string;
  readonly runtimeUserId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
  readonly traceId?: string | undefined;
  readonly baggage?: string | undefined;
  readonly messages: readonly HarnessMessage[];
  readonly model?: HarnessModelConfiguration | undefined;
  readonly systemPrompt?: readonly HarnessSystemContentBlock[] | undefined;
  readonly tools?: readonly HarnessTool[] | undefined;
  readonly skills?: readonly HarnessSkill[] | undefined;
  readonly allowedTools?: readonly string[] | undefined;
  readonly maxIterations?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly actorId?: string | undefined;
}

export interface InvokeHarnessResponse {
  readonly stream: AsyncIterable<InvokeHarnessStreamOutput>;
}

export interface InvokeHarnessStreamOutput {
  readonly messageStart?: HarnessMessageStartEvent | undefined;
  readonly contentBlockStart?: HarnessContentBlockStartEvent | undefined;
  readonly contentBlockDelta?: HarnessContentBlockDeltaEvent | undefined;
  readonly contentBlockStop?: HarnessContentBlockStopEvent | undefined;
  readonly messageStop?: HarnessMessageStopEvent | undefined;
  readonly metadata?: HarnessMetadataEvent | undefined;
  readonly internalServerException?: InternalServerException | undefined;
  readonly validationException?: ValidationException | undefined;
  readonly runtimeClientError?: RuntimeClientError | undefined;
  readonly hookEvent?: HarnessHookEvent | undefined;
}

export interface InvokeWebSearchInput {
  readonly webSearchId: string;
  readonly searchQuery: string;
  readonly maxResults?: number | undefined;
  readonly filters?: WebSearchFilters | undefined;
}

export interface InvokeWebSearchOutput {
  readonly results: readonly WebSearchResult[];
}

export interface KeyPressArguments {
  readonly key: string;
  readonly presses?: number | undefined;
}

export interface KeyPressResult {
  readonly status: BrowserActionStatus;
  readonly error?: string | undefined;
}

export interface KeyShortcutArguments {
  readonly keys: readonly string[];
}

export interface KeyShortcutResult {
  readonly status: BrowserActionStatus;
  readonly error?: string | undefined;
}

export interface KeyTypeArguments {
  readonly text: string;
}

export interface KeyTypeResult {
  readonly status: BrowserActionStatus;
  readonly error?: string | undefined;
}

export type LanguageRuntime = "nodejs" | "deno" | "python";

export type LeftExpression = OneOf<{
  metadataKey: string;
}>;

export type LinkedAccount = OneOf<{
  email: LinkedAccountEmail;
  sms: LinkedAccountSms;
  developerJwt: LinkedAccountDeveloperJwt;
  oAuth2: LinkedAccountOAuth2;
}>;

export interface LinkedAccountDeveloperJwt {
  readonly kid: string;
  readonly sub: string;
}

export interface LinkedAccountEmail {
  readonly emailAddress: string;
}

export type LinkedAccountOAuth2 = OneOf<{
  google: OAuth2Authentication;
  apple: OAuth2Authentication;
  x: OAuth2Authentication;
  telegram: OAuth2Authentication;
  github: OAuth2Authentication;
}>;

export interface LinkedAccountSms {
  readonly phoneNumber: string;
}

export interface ListABTestsRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListABTestsResponse {
  readonly abTests: readonly ABTestSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListActorsInput {
  readonly memoryId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListActorsOutput {
  readonly actorSummaries: readonly ActorSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListAgentInsightsRequest {
  readonly applicationName?: string | undefined;
  readonly batchEvaluationId?: string | undefined;
  readonly archiveStatus?: AgentInsightArchiveStatus | undefined;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListAgentInsightsResponse {
  readonly agentInsights: readonly AgentInsightSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListBatchEvaluationsRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListBatchEvaluationsResponse {
  readonly batchEvaluations: readonly BatchEvaluationSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListBrowserSessionsRequest {
  readonly browserIdentifier: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly status?: BrowserSessionStatus | undefined;
}

export interface ListBrowserSessionsResponse {
  readonly items: readonly BrowserSessionSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListCodeInterpreterSessionsRequest {
  readonly codeInterpreterIdentifier: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly status?: CodeInterpreterSessionStatus | undefined;
}

export interface ListCodeInterpreterSessionsResponse {
  readonly items: readonly CodeInterpreterSessionSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListDatasetGenerationsRequest {
  readonly datasetId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListDatasetGenerationsResponse {
  readonly datasetGenerations: readonly DatasetGenerationSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListEventsInput {
  readonly memoryId: string;
  readonly sessionId: string;
  readonly actorId: string;
  readonly includePayloads?: boolean | undefined;
  readonly filter?: FilterInput | undefined;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListEventsOutput {
  readonly events: readonly Event[];
  readonly nextToken?: string | undefined;
}

export interface ListMemoryExtractionJobsInput {
  readonly memoryId: string;
  readonly maxResults?: number | undefined;
  readonly filter?: ExtractionJobFilterInput | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListMemoryExtractionJobsOutput {
  readonly jobs: readonly ExtractionJobMetadata[];
  readonly nextToken?: string | undefined;
}

export interface ListMemoryRecordsInput {
  readonly memoryId: string;
  readonly namespace?: string | undefined;
  readonly namespacePath?: string | undefined;
  readonly memoryStrategyId?: string | undefined;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly metadataFilters?: readonly MemoryMetadataFilterExpression[] | undefined;
}

export interface ListMemoryRecordsOutput {
  readonly memoryRecordSummaries: readonly MemoryRecordSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListPaymentInstrumentsRequest {
  readonly userId?: string | undefined;
  readonly agentName?: string | undefined;
  readonly paymentManagerArn: string;
  readonly paymentConnectorId?: string | undefined;
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListPaymentInstrumentsResponse {
  readonly paymentInstruments: readonly PaymentInstrumentSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListPaymentSessionsRequest {
  readonly userId?: string | undefined;
  readonly agentName?: string | undefined;
  readonly paymentManagerArn: string;
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface ListPaymentSessionsResponse {
  readonly paymentSessions: readonly PaymentSessionSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListRecommendationsRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly statusFilter?: RecommendationStatus | undefined;
}

export interface ListRecommendationsResponse {
  readonly recommendationSummaries: readonly RecommendationSummary[];
  readonly nextToken?: string | undefined;
}

export interface ListSessionsInput {
  readonly memoryId: string;
  readonly actorId: string;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly filter?: SessionFilter | undefined;
}

export interface ListSessionsOutput {
  readonly sessionSummaries: readonly SessionSummary[];
  readonly nextToken?: string | undefined;
}

export interface LiveViewStream {
  readonly streamEndpoint?: string | undefined;
}

export interface McpDescriptor {
  readonly server: ServerDefinition;
  readonly tools: ToolsDefinition;
}

export type MemoryContent = OneOf<{
  text: string;
}>;

export interface MemoryJsonData {
  readonly content: unknown;
}

export interface MemoryMetadataFilterExpression {
  readonly left: MemoryRecordLeftExpression;
  readonly operator: MemoryRecordOperatorType;
  readonly right?: MemoryRecordRightExpression | undefined;
}

export interface MemoryRecord {
  readonly memoryRecordId: string;
  readonly content: MemoryContent;
  readonly memoryStrategyId: string;
  readonly namespaces: readonly string[];
  readonly createdAt: Date;
  readonly timestamp?: Date | undefined;
  readonly metadata?: Readonly<Record<string, MemoryRecordMetadataValue>> | undefined;
  readonly expiresAt?: Date | undefined;
}

export interface MemoryRecordCreateInput {
  readonly requestIdentifier: string;
  readonly namespaces: readonly string[];
  readonly content: MemoryContent;
  readonly timestamp: Date;
  readonly memoryStrategyId?: string | undefined;
  readonly metadata?: Readonly<Record<string, MemoryRecordMetadataValue>> | undefined;
}

export interface MemoryRecordDeleteInput {
  readonly memoryRecordId: string;
  readonly namespace?: string | undefined;
}

export type MemoryRecordLeftExpression = OneOf<{
  metadataKey: string;
}>;

export type MemoryRecordMetadataValue = OneOf<{
  stringValue: string;
  stringListValue: readonly string[];
  numberValue: number;
  dateTimeValue: Date;
}>;

export type MemoryRecordOperatorType = "EQUALS_TO" | "EXISTS" | "NOT_EXISTS" | "BEFORE" | "AFTER" | "CONTAINS" | "GREATER_THAN" | "GREATER_THAN_OR_EQUALS" | "LESS_THAN" | "LESS_THAN_OR_EQUALS";

export interface MemoryRecordOutput {
  readonly memoryRecordId: string;
  readonly status: MemoryRecordStatus;
  readonly requestIdentifier?: string | undefined;
  readonly errorCode?: number | undefined;
  readonly errorMessage?: string | undefined;
}

export type MemoryRecordRightExpression = OneOf<{
  metadataValue: MemoryRecordMetadataValue;
}>;

export type MemoryRecordStatus = "SUCCEEDED" | "FAILED";

export interface MemoryRecordSummary {
  readonly memoryRecordId: string;
  readonly content: MemoryContent;
  readonly memoryStrategyId: string;
  readonly namespaces: readonly string[];
  readonly createdAt: Date;
  readonly score?: number | undefined;
  readonly timestamp?: Date | undefined;
  readonly metadata?: Readonly<Record<string, MemoryRecordMetadataValue>> | undefined;
}

export interface MemoryRecordUpdateInput {
  readonly memoryRecordId: string;
  readonly timestamp: Date;
  readonly content?: MemoryContent | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly sourceNamespaces?: readonly string[] | undefined;
  readonly memoryStrategyId?: string | undefined;
  readonly metadata?: Readonly<Record<string, MemoryRecordMetadataValue>> | undefined;
}

export interface MessageMetadata {
  readonly eventId: string;
  readonly messageIndex: number;
}

export type MetadataValue = OneOf<{
  stringValue: string;
}>;

export type MouseButton = "LEFT" | "RIGHT" | "MIDDLE";

export interface MouseClickArguments {
  readonly x: number;
  readonly y: number;
  readonly button?: MouseButton | undefined;
  readonly clickCount?: number | undefined;
}

export interface MouseClickResult {
  readonly status: BrowserActionStatus;
  readonly error?: string | undefined;
}

export interface MouseDragArguments {
  readonly endX: number;
  readonly endY: number;
  readonly startX: number;
  readonly startY: number;
  readonly button?: MouseButton | undefined;
}

export interface MouseDragResult {
  readonly status: BrowserActionStatus;
  readonly error?: string | undefined;
}

export interface MouseMoveArguments {
  readonly x: number;
  readonly y: number;
}

export interface MouseMoveResult {
  readonly status: BrowserActionStatus;
  readonly error?: string | undefined;
}

export interface MouseScrollArguments {
  readonly x: number;
  readonly y: number;
  readonly deltaX?: number | undefined;
  readonly deltaY?: number | undefined;
}

export interface MouseScrollResult {
  readonly status: BrowserActionStatus;
  readonly error?: string | undefined;
}

export interface MppPaymentInput {
  readonly version: string;
  readonly wwwAuthenticateHeaders: readonly string[];
  readonly buyerPaysGasFees?: boolean | undefined;
}

export interface MppPaymentOutput {
  readonly version: string;
  readonly selectedPaymentId: string;
  readonly paymentCredential: string;
}

export interface OAuth2Authentication {
  readonly sub: string;
  readonly emailAddress?: string | undefined;
  readonly name?: string | undefined;
  readonly username?: string | undefined;
}

export interface OAuthCredentialProvider {
  readonly providerArn: string;
  readonly scopes: readonly string[];
  readonly customParameters?: Readonly<Record<string, string>> | undefined;
  readonly grantType?: OAuthGrantType | undefined;
  readonly defaultReturnUrl?: string | undefined;
}

export type OAuthGrantType = "CLIENT_CREDENTIALS" | "AUTHORIZATION_CODE" | "TOKEN_EXCHANGE";

export type Oauth2FlowType = "USER_FEDERATION" | "M2M" | "ON_BEHALF_OF_TOKEN_EXCHANGE";

export interface OnlineEvaluationConfigSource {
  readonly onlineEvaluationConfigArn: string;
  readonly timeRange?: SessionFilterConfig | undefined;
}

export interface OnlineEvaluationSourceConfig {
  readonly onlineEvaluationConfigArn: string;
  readonly startTime?: Date | undefined;
  readonly endTime?: Date | undefined;
}

export interface OnlineEvaluationTraceConfig {
  readonly onlineEvaluationConfigArn: string;
  readonly startTime: Date;
  readonly endTime: Date;
}

export type OperatorType = "EQUALS_TO" | "EXISTS" | "NOT_EXISTS";

export type OutputConfig = OneOf<{
  cloudWatchConfig: CloudWatchOutputConfig;
}>;

export type PayloadType = OneOf<{
  conversational: Conversational;
  blob: unknown;
  json: MemoryJsonData;
}>;

export type PaymentHttpMethodType = "GET" | "POST" | "PUT" | "DELETE" | "PATCH";

export type PaymentInput = OneOf<{
  cryptoX402: CryptoX402PaymentInput;
  mpp: MppPaymentInput;
}>;

export interface PaymentInstrument {
  readonly paymentInstrumentId: string;
  readonly paymentManagerArn: string;
  readonly paymentConnectorId: string;
  readonly userId: string;
  readonly paymentInstrumentType: PaymentInstrumentType;
  readonly paymentInstrumentDetails: PaymentInstrumentDetails;
  readonly createdAt: Date;
  readonly status: PaymentInstrumentStatus;
  readonly updatedAt: Date;
}

export type PaymentInstrumentDetails = OneOf<{
  embeddedCryptoWallet: EmbeddedCryptoWallet;
}>;

export type PaymentInstrumentStatus = "INITIATED" | "ACTIVE" | "FAILED" | "DELETED" | "BLOCKED";

export interface PaymentInstrumentSummary {
  readonly paymentInstrumentId: string;
  readonly paymentManagerArn: string;
  readonly paymentConnectorId: string;
  readonly userId: string;
  readonly paymentInstrumentType: PaymentInstrumentType;
  readonly status: PaymentInstrumentStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type PaymentInstrumentType = "EMBEDDED_CRYPTO_WALLET";

export type PaymentOutput = OneOf<{
  cryptoX402: CryptoX402PaymentOutput;
  mpp: MppPaymentOutput;
}>;

export interface PaymentSession {
  readonly paymentSessionId: string;
  readonly paymentManagerArn: string;
  readonly limits?: SessionLimits | undefined;
  readonly userId: string;
  readonly expiryTimeInMinutes: number;
  readonly createdAt: Date;
  readonly availableLimits?: AvailableLimits | undefined;
  readonly updatedAt: Date;
}

export type PaymentSessionStatus = "ACTIVE" | "EXPIRED" | "DELETED";

export interface PaymentSessionSummary {
  readonly paymentSessionId: string;
  readonly paymentManagerArn: string;
  readonly userId: string;
  readonly expiryTimeInMinutes: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type PaymentStatus = "PROOF_GENERATED";

export type PaymentTokenRequestInput = OneOf<{
  coinbaseCdpTokenRequest: CoinbaseCdpTokenRequestInput;
  stripePrivyTokenRequest: StripePrivyTokenRequestInput;
}>;

export type PaymentTokenResponseOutput = OneOf<{
  coinbaseCdpTokenResponse: CoinbaseCdpTokenResponseOutput;
  stripePrivyTokenResponse: StripePrivyTokenResponseOutput;
}>;

export type PaymentType = "CRYPTO_X402" | "MPP";

export interface PerVariantOnlineEvaluationConfig {
  readonly name: string;
  readonly onlineEvaluationConfigArn: string;
}

export interface ProcessPaymentRequest {
  readonly userId?: string | undefined;
  readonly agentName?: string | undefined;
  readonly paymentManagerArn: string;
  readonly paymentSessionId: string;
  readonly paymentInstrumentId: string;
  readonly paymentType: PaymentType;
  readonly paymentInput: PaymentInput;
  readonly clientToken?: string | undefined;
}

export interface ProcessPaymentResponse {
  readonly processPaymentId: string;
  readonly paymentManagerArn: string;
  readonly paymentSessionId: string;
  readonly paymentInstrumentId: string;
  readonly paymentType: PaymentType;
  readonly status: PaymentStatus;
  readonly paymentOutput: PaymentOutput;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type ProgrammingLanguage = "python" | "javascript" | "typescript";

export type Proxy = OneOf<{
  externalProxy: ExternalProxy;
}>;

export interface ProxyBypass {
  readonly domainPatterns?: readonly string[] | undefined;
}

export interface ProxyConfiguration {
  readonly proxies: readonly Proxy[];
  readonly bypass?: ProxyBypass | undefined;
}

export type ProxyCredentials = OneOf<{
  basicAuth: BasicAuth;
}>;

export interface PublishedDateFilter {
  readonly publishedAfter?: Date | undefined;
  readonly publishedBefore?: Date | undefined;
}

export type RecommendationConfig = OneOf<{
  systemPromptRecommendationConfig: SystemPromptRecommendationConfig;
  toolDescriptionRecommendationConfig: ToolDescriptionRecommendationConfig;
}>;

export interface RecommendationEvaluationConfig {
  readonly evaluators: readonly RecommendationEvaluatorReference[];
}

export interface RecommendationEvaluatorReference {
  readonly evaluatorArn: string;
}

export type RecommendationResult = OneOf<{
  systemPromptRecommendationResult: SystemPromptRecommendationResult;
  toolDescriptionRecommendationResult: ToolDescriptionRecommendationResult;
}>;

export interface RecommendationResultConfigurationBundle {
  readonly bundleArn: string;
  readonly versionId: string;
}

export type RecommendationStatus = "PENDING" | "IN_PROGRESS" | "COMPLETED" | "FAILED" | "DELETING";

export interface RecommendationSummary {
  readonly recommendationId: string;
  readonly recommendationArn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly type: RecommendationType;
  readonly status: RecommendationStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type RecommendationType = "SYSTEM_PROMPT_RECOMMENDATION" | "TOOL_DESCRIPTION_RECOMMENDATION";

export type RecordExpiryAction = "REMOVE";

export type RecordExpirySpecification = OneOf<{
  recordExpiryDurationDays: number;
  action: RecordExpiryAction;
}>;

export interface RedactionConfiguration {
  readonly identifiers?: readonly RedactionIdentifier[] | undefined;
  readonly customDataIdentifiers?: readonly CustomDataIdentifier[] | undefined;
}

export type RedactionIdentifier = "ADDRESS" | "AWS_SECRET_KEY" | "BANK_ACCOUNT_NUMBER_DE" | "BANK_ACCOUNT_NUMBER_ES" | "BANK_ACCOUNT_NUMBER_FR" | "BANK_ACCOUNT_NUMBER_GB" | "BANK_ACCOUNT_NUMBER_IT" | "BANK_ACCOUNT_NUMBER_US" | "CEP_CODE_BR" | "CNPJ_BR" | "CPF_CODE_BR" | "CREDIT_CARD_EXPIRATION" | "CREDIT_CARD_MAGNETIC_STRIPE" | "CREDIT_CARD_NUMBER" | "CREDIT_CARD_SECURITY_CODE" | "DATE_OF_BIRTH" | "DRIVERS_LICENSE_AT" | "DRIVERS_LICENSE_AU" | "DRIVERS_LICENSE_BE" | "DRIVERS_LICENSE_BG" | "DRIVERS_LICENSE_CA" | "DRIVERS_LICENSE_CY" | "DRIVERS_LICENSE_CZ" | "DRIVERS_LICENSE_DE" | "DRIVERS_LICENSE_DK" | "DRIVERS_LICENSE_EE" | "DRIVERS_LICENSE_ES" | "DRIVERS_LICENSE_FI" | "DRIVERS_LICENSE_FR" | "DRIVERS_LICENSE_GB" | "DRIVERS_LICENSE_GR" | "DRIVERS_LICENSE_HR" | "DRIVERS_LICENSE_HU" | "DRIVERS_LICENSE_IE" | "DRIVERS_LICENSE_IT" | "DRIVERS_LICENSE_LT" | "DRIVERS_LICENSE_LU" | "DRIVERS_LICENSE_LV" | "DRIVERS_LICENSE_MT" | "DRIVERS_LICENSE_NL" | "DRIVERS_LICENSE_PL" | "DRIVERS_LICENSE_PT" | "DRIVERS_LICENSE_RO" | "DRIVERS_LICENSE_SE" | "DRIVERS_LICENSE_SI" | "DRIVERS_LICENSE_SK" | "DRIVERS_LICENSE_US" | "DRUG_ENFORCEMENT_AGENCY_NUMBER_US" | "ELECTORAL_ROLL_NUMBER_GB" | "EMAIL_ADDRESS" | "HEALTH_INSURANCE_CARD_NUMBER_EU" | "HEALTH_INSURANCE_CLAIM_NUMBER_US" | "HEALTH_INSURANCE_NUMBER_FR" | "HEALTHCARE_PROCEDURE_CODE_US" | "INDIVIDUAL_TAX_IDENTIFICATION_NUMBER_US" | "INSEE_CODE_FR" | "IP_ADDRESS" | "LAT_LONG" | "MEDICARE_BENEFICIARY_NUMBER_US" | "NAME" | "NATIONAL_DRUG_CODE_US" | "NATIONAL_IDENTIFICATION_NUMBER_DE" | "NATIONAL_IDENTIFICATION_NUMBER_ES" | "NATIONAL_IDENTIFICATION_NUMBER_IT" | "NATIONAL_INSURANCE_NUMBER_GB" | "NATIONAL_PROVIDER_ID_US" | "NHS_NUMBER_GB" | "NIE_NUMBER_ES" | "NIF_NUMBER_ES" | "OPEN_SSH_PRIVATE_KEY" | "PASSPORT_NUMBER_CA" | "PASSPORT_NUMBER_DE" | "PASSPORT_NUMBER_ES" | "PASSPORT_NUMBER_FR" | "PASSPORT_NUMBER_GB" | "PASSPORT_NUMBER_IT" | "PASSPORT_NUMBER_US" | "PERMANENT_RESIDENCE_NUMBER_CA" | "PERSONAL_HEALTH_NUMBER_CA" | "PGP_PRIVATE_KEY" | "PHONE_NUMBER_BR" | "PHONE_NUMBER_DE" | "PHONE_NUMBER_ES" | "PHONE_NUMBER_FR" | "PHONE_NUMBER_GB" | "PHONE_NUMBER_IT" | "PHONE_NUMBER_US" | "PKCS_PRIVATE_KEY" | "POSTAL_CODE_CA" | "PUTTY_PRIVATE_KEY" | "RG_NUMBER_BR" | "SOCIAL_INSURANCE_NUMBER_CA" | "SSN_ES" | "SSN_US" | "TAX_ID_DE" | "TAX_ID_ES" | "TAX_ID_FR" | "TAX_ID_GB" | "VEHICLE_IDENTIFICATION_NUMBER" | "ZIP_CODE_US";

export interface RedactionSummary {
  readonly scenariosScanned?: number | undefined;
  readonly findingCounts?: Readonly<Record<string, number>> | undefined;
}

export type RegistryRecordStatus = "DRAFT" | "PENDING_APPROVAL" | "APPROVED" | "REJECTED" | "DEPRECATED";

export interface RegistryRecordSummary {
  readonly registryArn: string;
  readonly recordArn: string;
  readonly recordId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly descriptorType: DescriptorType;
  readonly descriptors: Descriptors;
  readonly version: string;
  readonly status: RegistryRecordStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ResourceContent {
  readonly type: ResourceContentType;
  readonly uri?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly text?: string | undefined;
  readonly blob?: Uint8Array | undefined;
}

export type ResourceContentType = "text" | "blob";

export type ResourceLocation = OneOf<{
  s3: S3Location;
}>;

export interface ResourceNotFoundException {
  readonly message?: string | undefined;
}

export interface ResponseChunk {
  readonly contentStart?: ContentStartEvent | undefined;
  readonly contentDelta?: ContentDeltaEvent | undefined;
  readonly contentStop?: ContentStopEvent | undefined;
}

export type ResultAggregation = "Min" | "Max" | "Mean" | "AllMatch" | "AnyMatch";

export type ResultDestination = "DEDICATED_LOG_GROUP" | "SOURCE_LOG_GROUP";

export interface RetrieveMemoryRecordsInput {
  readonly memoryId: string;
  readonly namespace?: string | undefined;
  readonly namespacePath?: string | undefined;
  readonly searchCriteria: SearchCriteria;
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface RetrieveMemoryRecordsOutput {
  readonly memoryRecordSummaries: readonly MemoryRecordSummary[];
  readonly nextToken?: string | undefined;
}

export interface RetryableConflictException {
  readonly message: string;
}

export type RightExpression = OneOf<{
  metadataValue: MetadataValue;
}>;

export type Role = "ASSISTANT" | "USER" | "TOOL" | "OTHER";

export interface RootCauseCluster {
  readonly clusterId: number;
  readonly name: string;
  readonly rootCause: string;
  readonly recommendation: string;
  readonly affectedSessionCount: number;
  readonly affectedSessions: readonly AffectedSession[];
}

export interface RuntimeClientError {
  readonly message?: string | undefined;
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

export interface SampleSession {
  readonly sessionId: string;
  readonly lastSeenAt?: Date | undefined;
  readonly findings?: readonly SessionFinding[] | undefined;
}

export interface SaveBrowserSessionProfileRequest {
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly profileIdentifier: string;
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly clientToken?: string | undefined;
}

export interface SaveBrowserSessionProfileResponse {
  readonly profileIdentifier: string;
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly lastUpdatedAt: Date;
}

export type ScenarioType = "FIXED" | "DYNAMIC";

export interface ScreenshotArguments {
  readonly format?: ScreenshotFormat | undefined;
}

export type ScreenshotFormat = "PNG";

export interface ScreenshotResult {
  readonly status: BrowserActionStatus;
  readonly error?: string | undefined;
  readonly data?: Uint8Array | undefined;
}

export interface SearchCriteria {
  readonly searchQuery: string;
  readonly memoryStrategyId?: string | undefined;
  readonly topK?: number | undefined;
  readonly metadataFilters?: readonly MemoryMetadataFilterExpression[] | undefined;
}

export interface SearchRegistryRecordsRequest {
  readonly searchQuery: string;
  readonly registryIds: readonly string[];
  readonly maxResults?: number | undefined;
  readonly filters?: unknown | undefined;
}

export interface SearchRegistryRecordsResponse {
  readonly registryRecords: readonly RegistryRecordSummary[];
}

export interface SecretsManagerLocation {
  readonly secretArn: string;
}

export interface ServerDefinition {
  readonly schemaVersion?: string | undefined;
  readonly inlineContent?: string | undefined;
}

export interface ServiceException {
  readonly message: string;
}

export interface ServiceQuotaExceededException {
  readonly message?: string | undefined;
}

export interface ServiceUnavailableException {
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
}

export interface SessionFilter {
  readonly eventFilter?: EventFilterCondition | undefined;
}

export interface SessionFilterConfig {
  readonly startTime?: Date | undefined;
  readonly endTime?: Date | undefined;
}

export interface SessionFinding {
  readonly targetId?: string | undefined;
  readonly targetType?: FindingTargetType | undefined;
  readonly description: string;
  readonly category?: string | undefined;
  readonly confidence?: number | undefined;
}

export interface SessionLimits {
  readonly maxSpendAmount: Amount;
}

export interface SessionMetadataShape {
  readonly sessionId: string;
  readonly testScenarioId?: string | undefined;
  readonly groundTruth?: GroundTruthSource | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export type SessionStatus = "IN_PROGRESS" | "FAILED";

export interface SessionSummary {
  readonly sessionId: string;
  readonly actorId: string;
  readonly createdAt: Date;
}

export interface SessionTraceIds {
  readonly sessionId: string;
  readonly traceIds: readonly string[];
}

export interface SkillDefinition {
  readonly schemaVersion?: string | undefined;
  readonly inlineContent?: string | undefined;
}

export interface SkillMdDefinition {
  readonly inlineContent?: string | undefined;
}

export interface SpanContext {
  readonly sessionId: string;
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
}

export interface StartBatchEvaluationRequest {
  readonly batchEvaluationName: string;
  readonly evaluators?: readonly Evaluator[] | undefined;
  readonly insights?: readonly Insight[] | undefined;
  readonly dataSourceConfig: DataSourceConfig;
  readonly clientToken?: string | undefined;
  readonly evaluationMetadata?: EvaluationMetadata | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly description?: string | undefined;
  readonly outputConfig?: OutputConfig | undefined;
  readonly datasetExecutionConfig?: DatasetExecutionConfig | undefined;
}

export interface StartBatchEvaluationResponse {
  readonly batchEvaluationId: string;
  readonly batchEvaluationArn: string;
  readonly batchEvaluationName: string;
  readonly evaluators?: readonly Evaluator[] | undefined;
  readonly insights?: readonly Insight[] | undefined;
  readonly status: BatchEvaluationStatus;
  readonly createdAt: Date;
  readonly outputConfig?: OutputConfig | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly description?: string | undefined;
}

export interface StartBrowserSessionRequest {
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly browserIdentifier: string;
  readonly name?: string | undefined;
  readonly sessionTimeoutSeconds?: number | undefined;
  readonly viewPort?: ViewPort | undefined;
  readonly extensions?: readonly BrowserExtension[] | undefined;
  readonly profileConfiguration?: BrowserProfileConfiguration | undefined;
  readonly proxyConfiguration?: ProxyConfiguration | undefined;
  readonly enterprisePolicies?: readonly BrowserEnterprisePolicy[] | undefined;
  readonly certificates?: readonly Certificate[] | undefined;
  readonly filesystemConfigurations?: readonly ToolsFileSystemConfiguration[] | undefined;
  readonly clientToken?: string | undefined;
}

export interface StartBrowserSessionResponse {
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly createdAt: Date;
  readonly streams?: BrowserSessionStream | undefined;
}

export interface StartCodeInterpreterSessionRequest {
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly codeInterpreterIdentifier: string;
  readonly name?: string | undefined;
  readonly sessionTimeoutSeconds?: number | undefined;
  readonly certificates?: readonly Certificate[] | undefined;
  readonly filesystemConfigurations?: readonly ToolsFileSystemConfiguration[] | undefined;
  readonly clientToken?: string | undefined;
}

export interface StartCodeInterpreterSessionResponse {
  readonly codeInterpreterIdentifier: string;
  readonly sessionId: string;
  readonly createdAt: Date;
}

export interface StartDatasetGenerationRequest {
  readonly datasetId: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly scenarioType?: ScenarioType | undefined;
  readonly source: GenerationSource;
  readonly clientToken?: string | undefined;
}

export interface StartDatasetGenerationResponse {
  readonly generationId: string;
  readonly name: string;
  readonly datasetId: string;
  readonly status: DatasetGenerationStatus;
  readonly createdAt: Date;
}

export interface StartMemoryExtractionJobInput {
  readonly memoryId: string;
  readonly extractionJob: ExtractionJob;
  readonly clientToken?: string | undefined;
}

export interface StartMemoryExtractionJobOutput {
  readonly jobId: string;
}

export interface StartRecommendationRequest {
  readonly name: string;
  readonly description?: string | undefined;
  readonly type: RecommendationType;
  readonly recommendationConfig: RecommendationConfig;
  readonly kmsKeyArn?: string | undefined;
  readonly clientToken?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface StartRecommendationResponse {
  readonly recommendationId: string;
  readonly recommendationArn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly type: RecommendationType;
  readonly recommendationConfig: RecommendationConfig;
  readonly status: RecommendationStatus;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface StopBatchEvaluationRequest {
  readonly batchEvaluationId: string;
}

export interface StopBatchEvaluationResponse {
  readonly batchEvaluationId: string;
  readonly batchEvaluationArn: string;
  readonly status: BatchEvaluationStatus;
  readonly description?: string | undefined;
}

export interface StopBrowserSessionRequest {
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly clientToken?: string | undefined;
}

export interface StopBrowserSessionResponse {
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly lastUpdatedAt: Date;
}

export interface StopCodeInterpreterSessionRequest {
  readonly traceId?: string | undefined;
  readonly traceParent?: string | undefined;
  readonly codeInterpreterIdentifier: string;
  readonly sessionId: string;
  readonly clientToken?: string | undefined;
}

export interface StopCodeInterpreterSessionResponse {
  readonly codeInterpreterIdentifier: string;
  readonly sessionId: string;
  readonly lastUpdatedAt: Date;
}

export interface StopRuntimeSessionRequest {
  readonly runtimeSessionId: string;
  readonly agentRuntimeArn: string;
  readonly qualifier?: string | undefined;
  readonly clientToken?: string | undefined;
}

export interface StopRuntimeSessionResponse {
  readonly runtimeSessionId?: string | undefined;
  readonly statusCode?: number | undefined;
}

export type StreamUpdate = OneOf<{
  automationStreamUpdate: AutomationStreamUpdate;
}>;

export interface StripePrivyTokenRequestInput {
  readonly requestHost?: string | undefined;
  readonly requestPath: string;
  readonly requestBody: string;
  readonly includeAuthorizationSignature?: boolean | undefined;
}

export interface StripePrivyTokenResponseOutput {
  readonly authorizationSignature?: string | undefined;
  readonly requestExpiry?: number | undefined;
  readonly appId: string;
  readonly basicAuthToken: string;
}

export interface SubscriptionRequiredException {
  readonly message: string;
  readonly subscriptionUrl?: string | undefined;
  readonly productName?: string | undefined;
}

export type SystemPromptConfig = OneOf<{
  text: string;
  configurationBundle: SystemPromptConfigurationBundle;
}>;

export interface SystemPromptConfigurationBundle {
  readonly bundleArn: string;
  readonly versionId: string;
  readonly systemPromptJsonPath: string;
}

export interface SystemPromptRecommendationConfig {
  readonly systemPrompt: SystemPromptConfig;
  readonly agentTraces: AgentTracesConfig;
  readonly evaluationConfig?: RecommendationEvaluationConfig | undefined;
}

export interface SystemPromptRecommendationResult {
  readonly recommendedSystemPrompt?: string | undefined;
  readonly configurationBundle?: RecommendationResultConfigurationBundle | undefined;
  readonly explanation?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

export interface TargetRef {
  readonly name: string;
}

export type TaskStatus = "submitted" | "working" | "completed" | "canceled" | "failed";

export interface ThrottledException {
  readonly message: string;
}

export interface ThrottlingException {
  readonly message?: string | undefined;
}

export interface TokenBalance {
  readonly amount: string;
  readonly decimals: number;
  readonly token: InstrumentBalanceToken;
  readonly network: CryptoWalletNetwork;
  readonly chain: BlockchainChainId;
}

export interface TokenUsage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly totalTokens?: number | undefined;
}

export interface ToolArguments {
  readonly code?: string | undefined;
  readonly language?: ProgrammingLanguage | undefined;
  readonly clearContext?: boolean | undefined;
  readonly command?: string | undefined;
  readonly path?: string | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly content?: readonly InputContentBlock[] | undefined;
  readonly directoryPath?: string | undefined;
  readonly taskId?: string | undefined;
  readonly runtime?: LanguageRuntime | undefined;
}

export type ToolDescriptionConfig = OneOf<{
  text: string;
}>;

export interface ToolDescriptionConfigurationBundle {
  readonly bundleArn: string;
  readonly versionId: string;
  readonly tools: readonly ConfigurationBundleToolEntry[];
}

export interface ToolDescriptionInput {
  readonly toolName: string;
  readonly toolDescription: ToolDescriptionConfig;
}

export interface ToolDescriptionOutput {
  readonly toolName: string;
  readonly recommendedToolDescription?: string | undefined;
  readonly explanation?: string | undefined;
}

export interface ToolDescriptionRecommendationConfig {
  readonly toolDescription: ToolDescriptionSource;
  readonly agentTraces: AgentTracesConfig;
}

export interface ToolDescriptionRecommendationResult {
  readonly tools?: readonly ToolDescriptionOutput[] | undefined;
  readonly configurationBundle?: RecommendationResultConfigurationBundle | undefined;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

export type ToolDescriptionSource = OneOf<{
  toolDescriptionText: ToolDescriptionTextInput;
  configurationBundle: ToolDescriptionConfigurationBundle;
}>;

export interface ToolDescriptionTextInput {
  readonly tools: readonly ToolDescriptionInput[];
}

export type ToolName = "executeCode" | "executeCommand" | "readFiles" | "listFiles" | "removeFiles" | "writeFiles" | "startCommandExecution" | "getTask" | "stopTask";

export interface ToolResultStructuredContent {
  readonly taskId?: string | undefined;
  readonly taskStatus?: TaskStatus | undefined;
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly executionTime?: number | undefined;
}

export interface ToolsDefinition {
  readonly protocolVersion?: string | undefined;
  readonly inlineContent?: string | undefined;
}

export type ToolsFileSystemConfiguration = OneOf<{
  s3FilesConfiguration: S3FilesConfiguration;
  efsConfiguration: EfsConfiguration;
}>;

export interface TraceGenerationRecord {
  readonly sourceConfig?: TraceSourceConfig | undefined;
  readonly selection?: GenerationSelectionRecord | undefined;
  readonly sampling?: GenerationSamplingConfig | undefined;
  readonly groundTruth?: GroundTruthConfig | undefined;
  readonly redactionConfiguration?: RedactionConfiguration | undefined;
}

export interface TraceGenerationSource {
  readonly sourceConfig: TraceSourceConfig;
  readonly selection?: GenerationSelection | undefined;
  readonly sampling?: GenerationSamplingConfig | undefined;
  readonly groundTruth?: GroundTruthConfig | undefined;
  readonly redactionConfiguration?: RedactionConfiguration | undefined;
}

export type TraceSourceConfig = OneOf<{
  cloudWatchLogs: CloudWatchLogsSourceConfig;
  onlineEvaluation: OnlineEvaluationSourceConfig;
  batchEvaluation: BatchEvaluationSourceConfig;
}>;

export interface TurnCountRange {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface UnauthorizedException {
  readonly message?: string | undefined;
}

export type Unit = Readonly<Record<string, never>>;

export interface UpdateABTestRequest {
  readonly abTestId: string;
  readonly clientToken?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly variants?: readonly Variant[] | undefined;
  readonly gatewayFilter?: GatewayFilter | undefined;
  readonly evaluationConfig?: ABTestEvaluationConfig | undefined;
  readonly roleArn?: string | undefined;
  readonly executionStatus?: ABTestExecutionStatus | undefined;
}

export interface UpdateABTestResponse {
  readonly abTestId: string;
  readonly abTestArn: string;
  readonly status: ABTestStatus;
  readonly executionStatus: ABTestExecutionStatus;
  readonly updatedAt: Date;
}

export interface UpdateAgentInsightRequest {
  readonly applicationName: string;
  readonly agentInsightId: string;
  readonly archiveStatus: AgentInsightArchiveStatus;
}

export interface UpdateAgentInsightResponse {
  readonly agentInsightId: string;
  readonly archiveStatus: AgentInsightArchiveStatus;
  readonly updatedAt: Date;
}

export interface UpdateBrowserStreamRequest {
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly streamUpdate: StreamUpdate;
  readonly clientToken?: string | undefined;
}

export interface UpdateBrowserStreamResponse {
  readonly browserIdentifier: string;
  readonly sessionId: string;
  readonly streams: BrowserSessionStream;
  readonly updatedAt: Date;
}

export type UserIdentifier = OneOf<{
  userToken: string;
  userId: string;
}>;

export interface UserIntentAffectedSession {
  readonly sessionId: string;
  readonly userMessages: readonly string[];
}

export interface UserIntentCluster {
  readonly clusterId: number;
  readonly name: string;
  readonly description: string;
  readonly affectedSessionCount: number;
  readonly affectedSessions: readonly UserIntentAffectedSession[];
}

export interface UserIntentClusteringResultContent {
  readonly userIntents: readonly UserIntentCluster[];
}

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

export interface Variant {
  readonly name: string;
  readonly weight: number;
  readonly variantConfiguration: VariantConfiguration;
}

export interface VariantConfiguration {
  readonly configurationBundle?: ConfigurationBundleRef | undefined;
  readonly target?: TargetRef | undefined;
}

export interface VariantResult {
  readonly variantName: string;
  readonly sampleSize: number;
  readonly mean: number;
  readonly absoluteChange?: number | undefined;
  readonly percentChange?: number | undefined;
  readonly pValue?: number | undefined;
  readonly confidenceInterval?: ConfidenceInterval | undefined;
  readonly isSignificant: boolean;
}

export interface ViewPort {
  readonly width: number;
  readonly height: number;
}

export interface WebSearchFilters {
  readonly domainFilter?: DomainFilter | undefined;
  readonly publishedDateFilter?: PublishedDateFilter | undefined;
}

export interface WebSearchResult {
  readonly title?: string | undefined;
  readonly url?: string | undefined;
  readonly text: string;
  readonly publishedAt?: Date | undefined;
}
