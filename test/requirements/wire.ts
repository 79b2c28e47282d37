/** The codec, validation, idempotency and pagination: issue "main path", Wire. */
export const wire = {
} as const;
