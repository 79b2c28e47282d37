/** An answer of the server that is not a success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** The exception's name, as in `ValidationException`. */
  readonly type: string;
  readonly requestId: string | undefined;

  constructor(answer: { status: number; type: string; message: string; requestId: string | undefined }) {
    super(answer.message);
    this.status = answer.status;
    this.type = answer.type;
    this.requestId = answer.requestId;
  }
}

/** Reads the error form of AWS (contract 1.6); anything else, as a proxy would send it, is shown as it is. */
export function parseApiError(
  status: number,
  headers: Readonly<Record<string, string | undefined>>,
  body: string,
): ApiError {
  const fields = parseObject(body);
  const message = fields['message'] ?? fields['Message'];
  const type = headers['x-amzn-errortype'] ?? fields['__type'] ?? `HTTP ${status}`;
  return new ApiError({
    status,
    type: (typeof type === 'string' ? type : '').split(':')[0]?.split('#').at(-1) || `HTTP ${status}`,
    message:
      typeof message === 'string' ? message : body.trim().slice(0, 500) || `The server answered ${status}.`,
    requestId: headers['x-amzn-requestid'],
  });
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
